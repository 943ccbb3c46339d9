"""A file behind an address, of which as little is read as is needed, into a local file of the same length."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.errors import SourceError
from preflight.evidence.download import DownloadFacts
from preflight.evidence.file import recognise
from preflight.network.answers import require_file
from preflight.network.door import Answer, Door
from preflight.network.link import read_link
from preflight.network.url import Url

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

__all__ = ["Progress", "RemoteFile"]

_HEAD = 4096  # bytes by which a file is recognised

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes received of it so far, and how many there are, if known."""


class RemoteFile:
    """A file behind an address, as a local one at ``path``. Everything it is asked for it does in time.

    ``max_bytes`` is the most that is ever read: what claims to be larger is read no further than its start.
    """

    def __init__(
        self, portal: BlockingPortal, door: Door, url: Url, path: Path, *, max_bytes: int, progress: Progress
    ) -> None:
        self.path = path
        self._portal, self._door, self._url = portal, door, url
        self._max_bytes, self._progress = max_bytes, progress
        self._facts: DownloadFacts | None = None
        self.link = read_link(url, dt.datetime.now(dt.UTC))

    @property
    def facts(self) -> DownloadFacts:
        """What is known so far. Asks the server if it was not asked yet; raises SourceError."""
        if self._facts is None:
            self.need_start()
        assert self._facts is not None  # noqa: S101 - need_start raises or sets it
        return self._facts

    def need_start(self) -> None:
        """Have the first bytes, and whatever says what the file is."""
        self.need_all()

    def need_sound(self, until_s: float | None = None) -> None:
        """Have the sound, to its end or for so many seconds."""
        self.need_all()

    def need_key_frames(self) -> None:
        """Have the key frames of the picture."""
        self.need_all()

    def need_stretch(self, start_s: float, end_s: float) -> None:
        """Have everything from one time to another."""
        self.need_all()

    def need_all(self) -> None:
        """Have the whole file."""
        if self._facts is None:
            self._facts = self._portal.call(self._downloaded)

    async def _downloaded(self) -> DownloadFacts:
        async with self._door.ask(self._url) as answer:
            require_file(answer, self._url)
            size = _length(answer)
            if size is not None and size > self._max_bytes:
                raise SourceError(f"{self._url}: has {size} bytes; no more than {self._max_bytes} are read")
            digest, head = hashlib.sha256(), b""
            with self.path.open("xb") as file:
                async for chunk in answer.chunks():
                    if answer.received > self._max_bytes:
                        raise SourceError(f"{self._url}: goes on after {self._max_bytes} bytes")
                    file.write(chunk)
                    digest.update(chunk)
                    head += chunk[: _HEAD - len(head)]
                    self._progress(str(self._url), answer.received, size)
            container, kind, _ = recognise(head)
            return DownloadFacts(
                url=str(answer.url),
                redirects=len(answer.hops),
                hosts=(self._url.host, *(hop.host for hop in answer.hops)),
                target=read_link(answer.url, dt.datetime.now(dt.UTC)) if answer.hops else None,
                content_type=answer.headers.get("content-type"),
                size_bytes=size,
                etag=answer.headers.get("etag"),
                ranges=answer.headers.get("accept-ranges") == "bytes",
                container=container,
                kind=kind,
                read_bytes=answer.received,
                requests=1 + len(answer.hops),
                whole=True,
                sha256=digest.hexdigest(),
            )


def _length(answer: Answer) -> int | None:
    text = answer.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None
