"""Files behind addresses, for as long as a check takes."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Self

from preflight.errors import SourceError
from preflight.network.cache import Cache
from preflight.network.door import Door
from preflight.network.remote import Progress, RemoteFile
from preflight.network.url import Url, read_url

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

__all__ = ["Fetching"]

_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]+")


class Fetching:
    """Opens files behind addresses; a context manager that leaves nothing behind.

    Nothing is asked of anybody, and no thread started, before a file is opened. ``max_bytes`` is the most
    that is read of each, ``cache`` keeps what was read whole. ``door`` replaces the way to the network, for
    tests.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        allow_hosts: Iterable[str] = (),
        progress: Progress | None = None,
        door: Callable[[], Door] | None = None,
        cache: Cache | None = None,
    ) -> None:
        self._door = door or (lambda: Door(allow_hosts=allow_hosts))
        self._max_bytes = max_bytes
        self._progress = progress or _unseen
        self._cache = cache
        self._stack = contextlib.ExitStack()
        self._opened: tuple[BlockingPortal, Door, Path] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, exc, trace)

    def open(self, address: str) -> RemoteFile:
        """The file behind an address, of which nothing is read yet. Raises UsageError for no address."""
        url = read_url(address)
        portal, door, folder = self._opened or self._begin()
        self._count += 1
        path = folder / f"{self._count}-{_file_name(url)}"
        return RemoteFile(
            portal,
            door,
            url,
            path,
            max_bytes=self._max_bytes,
            progress=self._progress,
            cache=self._cache,
        )

    def _begin(self) -> tuple[BlockingPortal, Door, Path]:
        from anyio.from_thread import start_blocking_portal

        try:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(None, "preflight-")))
        except OSError as exc:
            raise SourceError(f"no folder for downloads could be made: {exc.strerror or exc}") from exc
        portal = self._stack.enter_context(start_blocking_portal())
        door = self._stack.enter_context(portal.wrap_async_context_manager(_opened(self._door)))
        self._opened = portal, door, folder
        return self._opened


@contextlib.asynccontextmanager
async def _opened(door: Callable[[], Door]) -> AsyncIterator[Door]:
    async with door() as opened:
        yield opened


def _unseen(name: str, received: int, size: int | None) -> None:
    """Progress that nobody looks at."""


def _file_name(url: Url) -> str:
    """The last part of the path, as far as it is plain: rules look at the extension."""
    return _UNUSUAL.sub("-", PurePosixPath(url.path).name)[-100:] or "file"
