"""Bytes of one file behind an address, written to where they belong in a local one.

Whatever is asked for a second time has to be of the same file: each answer is held against the first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

from preflight.errors import SourceError
from preflight.evidence.download import strong_etag
from preflight.network.answers import require_file
from preflight.network.door import Answer, Door
from preflight.network.sparse import CONNECTIONS, Line, Span, plan, total, union
from preflight.network.url import Url
from preflight.text import printable

__all__ = ["HEAD", "Parts", "Progress"]

HEAD = 1 << 16
"""How many bytes are asked for first."""

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes received of it so far, and how many there will be, if known.

How many is what is planned so far: more may be asked for later.
"""

_TOLD_BY = 4096  # bytes by which a file is recognised
_RETRIES = 2
_MAX_REQUESTS = 40_000
_MAX_TIMES_READ = 2  # the whole file, and all of it again
_MEASURED_BYTES = 1 << 15  # a shorter answer says little of how fast a line is
_TO_CONNECT = 3  # round trips of the first request: TCP, TLS, HTTP
_LARGEST = 1 << 42
_PART = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_NOTHING = "bytes */0"


class Parts:
    """What is here of a file, and how to get more of it.

    ``answer`` is the first one, ``size`` what it says that the file has, ``None`` where it does not.
    ``ranges`` is whether parts of it are given. ``held`` are the bytes that are here.
    """

    def __init__(self, door: Door, url: Url, path: Path, *, max_bytes: int, progress: Progress) -> None:
        self._door, self._url, self._path = door, url, path
        self._max_bytes, self._progress = max_bytes, progress
        self.answer: Answer | None = None
        self.size: int | None = None
        self.ranges = False
        self.held: list[Span] = []
        self.read_bytes = self.requests = 0
        self._planned: int | None = None
        self._round_trips_s: list[float] = []
        self._bytes, self._seconds = 0, 0.0
        self._left_s = door.patience.body_s

    @property
    def etag(self) -> str | None:
        return None if self.answer is None else self.answer.headers.get("etag")

    @property
    def sparse(self) -> bool:
        """Whether parts are given, and can be told to be of one file."""
        return self.ranges and self.size is not None and strong_etag(self.etag) is not None

    @property
    def whole(self) -> bool:
        """Whether every byte is here."""
        return self.size is not None and self.size == total(self.held)

    @property
    def _line(self) -> Line:
        """What was measured so far. The first answer came after a connection was made, which takes longer."""
        first, later = self._round_trips_s[0] / _TO_CONNECT, self._round_trips_s[1:]
        return Line(min(later, default=first), self._bytes / (self._seconds or 1.0))

    def take_as_whole(self) -> None:
        """Every byte was put to its place by somebody else."""
        self.held = [(0, self.size or 0)]

    async def in_time(self, work: Awaitable[None]) -> None:
        """Some of the work below. A file may take no longer than one answer may, in however many pieces."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._left_s):
                await work
        except TimeoutError:
            longest = self._door.patience.body_s
            raise SourceError(f"{self._url}: was not read after {longest:g} s; try again later") from None
        finally:
            self._left_s -= time.monotonic() - begun

    async def begin(self, enough: Callable[[bytes], bool]) -> None:
        """Ask for the first bytes. Who sends all of the file is heard to the end, unless these are enough."""
        self._path.touch()
        async with self._asked(first=0, last=HEAD - 1) as answer:
            self.ranges = answer.status in (206, 416)
            if answer.status == 416 and answer.headers.get("content-range") == _NOTHING:
                self._settle(0, [])
            else:
                require_file(answer, self._url, part=True)
                if self.ranges:
                    await self._first_part(answer)
                else:
                    await self._in_order(answer, _length(answer), enough)
            self.answer = answer

    async def fetch(self, wanted: Iterable[Span]) -> None:
        """Have these bytes. Only for a file whose parts can be told to be of it."""
        size = self.size or 0
        ranges = plan(wanted, self.held, size, self._line)
        self._planned = self.read_bytes + total(ranges)
        if self._planned > _MAX_TIMES_READ * size + HEAD:
            raise SourceError(f"{self._url}: more than twice its {size} bytes would have to be read")
        left, received = deque(ranges), list[Span]()

        async def work() -> None:
            while left:
                await self._range(left.popleft(), received)

        workers = [asyncio.create_task(work()) for _ in range(min(CONNECTIONS, len(ranges)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            self.held = union([*self.held, *received])

    async def fetch_in_order(self) -> None:
        """Read the whole file anew, in one answer."""
        self.held = []
        async with self._asked() as answer:
            require_file(answer, self._url)
            size = _length(answer)
            if None not in (size, self.size) and size != self.size:
                raise self._changed()
            if answer.headers.get("etag") != self.etag:
                raise self._changed()
            await self._in_order(answer, size, lambda _: False)

    async def _first_part(self, answer: Answer) -> None:
        found = _PART.fullmatch(answer.headers.get("content-range", ""))
        first, last, size = found.groups() if found else ("", "", "")
        if first != "0" or (size != "*" and int(last) != min(HEAD, int(size)) - 1):
            said = printable(answer.headers.get("content-range", "nothing"), limit=80)
            raise SourceError(
                f"{self._url}: asked for its first {HEAD} bytes, the server sends others: {said}; "
                "serve the file from a server that answers range requests as HTTP wants it"
            )
        received: list[Span] = []
        end = int(last) + 1
        if await self._written(answer, 0, min(end, HEAD), received) < end:
            raise SourceError(f"{self._url}: the server ended its answer early; try again later")
        self._settle(None if size == "*" else int(size), union(received))

    async def _in_order(self, answer: Answer, size: int | None, enough: Callable[[bytes], bool]) -> None:
        """The whole file from one answer, or no more than its first bytes."""
        self._planned = None if size is None else self.read_bytes + size
        too_large = size is not None and size > self._max_bytes
        head, at, stopped = b"", 0, False
        with self._path.open("r+b") as file:
            file.truncate()
            async with contextlib.aclosing(self._chunks(answer)) as chunks:
                async for chunk in chunks:
                    file.write(chunk)
                    at += len(chunk)
                    if len(head) < _TOLD_BY:
                        head += chunk[: _TOLD_BY - len(head)]
                        stopped = len(head) == _TOLD_BY and (too_large or enough(head))
                    if stopped:
                        break
                    if at > self._max_bytes:
                        raise SourceError(f"{self._url}: goes on after {self._max_bytes} bytes")
        self._settle(size if stopped else at, [(0, at)])

    async def _range(self, span: Span, received: list[Span]) -> None:
        """The bytes of one range; where the connection breaks, those that are left are asked for again."""
        at, end = span
        for left in reversed(range(_RETRIES + 1)):
            refusal, own = None, list[Span]()
            try:
                async with self._asked(first=at, last=end - 1) as answer:
                    refusal = self._refusal(answer, at, end)
                    if refusal is None:
                        await self._written(answer, at, end, own)
            except SourceError:
                if not left:
                    raise
            finally:
                received += own
            if refusal is not None:
                raise refusal
            at = own[-1][1] if own else at
            if at == end:
                return
        raise SourceError(f"{self._url}: the server ended its answer early; try again later")

    def _refusal(self, answer: Answer, at: int, end: int) -> SourceError | None:
        """Why an answer is not the part that was asked for, of the file that the first one was of."""
        try:
            require_file(answer, self._url, part=True)
        except SourceError as exc:
            return exc
        said = answer.headers.get("content-range")
        same = answer.status == 206 and said == f"bytes {at}-{end - 1}/{self.size}"
        if not same or answer.headers.get("etag") != self.etag or _length(answer) not in (None, end - at):
            return self._changed()
        return None

    def _changed(self) -> SourceError:
        return SourceError(f"{self._url}: changed while it was being read; check it again")

    async def _written(self, answer: Answer, at: int, end: int, received: list[Span]) -> int:
        """Write the answer to its place, and say where its end is.

        What was written is in ``received``, as one span: an answer may come byte by byte.
        """
        start = at
        received.append((start, at))
        with self._path.open("r+b", buffering=0) as file:
            async with contextlib.aclosing(self._chunks(answer)) as chunks:
                async for chunk in chunks:
                    if at + len(chunk) > end:
                        raise SourceError(f"{self._url}: the server sends more than it was asked for")
                    os.pwrite(file.fileno(), chunk, at)
                    at += len(chunk)
                    received[-1] = start, at
        return at

    @contextlib.asynccontextmanager
    async def _asked(self, first: int | None = None, last: int | None = None) -> AsyncIterator[Answer]:
        """Ask where the first answer came from: a redirect is followed once."""
        if self.requests >= _MAX_REQUESTS:
            raise SourceError(f"{self._url}: takes more than {_MAX_REQUESTS} requests")
        url = self._url if self.answer is None else self.answer.url
        self.requests += 1
        asked = time.monotonic()
        async with self._door.ask(url, first=first, last=last) as answer:
            self.requests += len(answer.hops)
            self._round_trips_s.append((time.monotonic() - asked) / (1 + len(answer.hops)))
            yield answer

    async def _chunks(self, answer: Answer) -> AsyncGenerator[bytes, None]:
        begun = time.monotonic()
        async for chunk in answer.chunks():
            self.read_bytes += len(chunk)
            self._progress(str(self._url), self.read_bytes, self._planned)
            yield chunk
        if answer.received >= _MEASURED_BYTES:
            self._bytes += answer.received
            self._seconds += time.monotonic() - begun

    def _settle(self, size: int | None, held: list[Span]) -> None:
        """Make the local file as long as the one behind the address is said to be."""
        if size is not None and size > _LARGEST:
            raise SourceError(f"{self._url}: is said to have {size} bytes, more than a file has")
        self.size, self.held = size, held
        os.truncate(self._path, held[-1][1] if size is None and held else size or 0)


def _length(answer: Answer) -> int | None:
    text = answer.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
