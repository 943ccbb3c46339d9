"""A file behind an address, of which as little is read as is needed, into a local file of the same length."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preflight.errors import SourceError, Unavailable
from preflight.evidence.boxes import boxes
from preflight.evidence.download import DownloadFacts
from preflight.evidence.file import BOXED, Container, recognise
from preflight.evidence.samples import Index, read_index
from preflight.network.cache import Cache, place_of
from preflight.network.door import Door
from preflight.network.link import read_link
from preflight.network.parts import HEAD, Parts, Progress
from preflight.network.sparse import Span, missing
from preflight.network.url import Url

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

__all__ = ["Progress", "RemoteFile"]

_TOLD_BY = 4096  # bytes by which a file is recognised
_MAX_INDEX = 64 << 20
_MAX_HOPS = 64  # boxes at the top of a file; a recording has half a dozen
_HEADER, _LONG_HEADER = 8, 16
_MEDIA = {b"mdat", b"free", b"skip"}  # what is in these no reader of boxes looks at
_FRAGMENT = b"moof"
_HASHED_AT_ONCE = 1 << 20


class RemoteFile:
    """A file behind an address, as a local one at ``path``. Everything it is asked for it does in time.

    What was not read reads as zeros. ``max_bytes`` is the most that is ever read: what claims to be larger
    is read no further than its start. Every ``need`` raises SourceError where the file cannot be had, and
    Unavailable where it is too large to be read.
    """

    def __init__(
        self,
        portal: BlockingPortal,
        door: Door,
        url: Url,
        path: Path,
        *,
        max_bytes: int,
        progress: Progress,
        cache: Cache | None = None,
    ) -> None:
        self.path = path
        self._portal, self._url, self._max_bytes = portal, url, max_bytes
        self._parts = Parts(door, url, path, max_bytes=max_bytes, progress=progress)
        self._index: Index | None = None
        self._started = False
        self._sha256: str | None = None
        self._cache = cache
        self.link = read_link(url, dt.datetime.now(dt.UTC))

    @property
    def facts(self) -> DownloadFacts:
        """What is known so far. Asks the server if it was not asked yet; raises SourceError."""
        self.need_start()
        parts, answer = self._parts, self._parts.answer
        assert answer is not None  # noqa: S101 - the start is here
        container, kind, _ = recognise(self._head())
        return DownloadFacts(
            url=str(answer.url),
            redirects=len(answer.hops),
            hosts=(self._url.host, *(hop.host for hop in answer.hops)),
            target=read_link(answer.url, dt.datetime.now(dt.UTC)) if answer.hops else None,
            content_type=answer.headers.get("content-type"),
            size_bytes=parts.size,
            etag=parts.etag,
            ranges=parts.ranges,
            container=container,
            kind=kind,
            read_bytes=parts.read_bytes,
            requests=parts.requests,
            whole=parts.whole,
            sha256=self._digest() if parts.whole else None,
        )

    def need_start(self) -> None:
        """Have the first bytes, and whatever says what the file is."""
        if self._started:
            return
        if self._parts.answer is None:
            self._call(self._parts.begin, _is_enough)
            self._take_from_cache()
        container = recognise(self._head())[0]
        if not self._too_large and container is not Container.OTHER:
            if container in BOXED and self._parts.sparse:
                self._index = self._read_index()
            else:
                self.need_all()
        self._started = True

    def need_index(self) -> None:
        """Have what says what is in a video and when."""
        self.need_start()
        self._require_small()

    def need_sound(self, until_s: float | None = None) -> None:
        """Have the sound, to its end or for so many seconds."""
        self._need(lambda index: index.sound(until_s))

    def need_key_frames(self) -> None:
        """Have the key frames of the picture."""
        self._need(Index.key_frames)

    def need_stretch(self, start_s: float, end_s: float) -> None:
        """Have everything from one time to another."""
        self._need(lambda index: index.stretch(start_s, end_s))

    def need_all(self) -> None:
        """Have the whole file."""
        parts = self._parts
        if parts.answer is None:
            self.need_start()
        self._require_small()
        if parts.whole:
            return
        if parts.sparse:
            self._have([(0, parts.size or 0)])
        else:
            self._call(parts.fetch_in_order)
        self._put_into_cache()

    @property
    def whole(self) -> bool:
        """Whether every byte is here."""
        return self._parts.whole

    def lacks(self, spans: Iterable[Span]) -> bool:
        """Whether any byte of these is not here that the file has. So it is where one is not known."""
        wanted, size = list(spans), self._parts.size or 0
        within = ((start, min(end, size)) for start, end in wanted)
        return any(start < 0 for start, _ in wanted) or bool(missing(within, self._parts.held))

    def _take_from_cache(self) -> None:
        parts = self._parts
        if self._cache is None or not parts.sparse or parts.whole or self._too_large:
            return
        place = place_of(self._url, self.link)
        self._sha256 = self._cache.find(place, parts.etag or "", parts.size or 0, self.path)
        if self._sha256 is not None:
            parts.take_as_whole()

    def _put_into_cache(self) -> None:
        parts = self._parts
        if self._cache is not None and parts.sparse:
            place = place_of(self._url, self.link)
            self._cache.keep(place, parts.etag or "", parts.size or 0, self.path, self._digest())

    @property
    def _too_large(self) -> bool:
        return (self._parts.size or 0) > self._max_bytes

    def _require_small(self) -> None:
        if self._too_large:
            raise Unavailable(
                f"the file has {self._parts.size:,} bytes; no more than {self._max_bytes:,} are read"
            )

    def _need(self, spans: Callable[[Index], Iterable[Span] | None]) -> None:
        self.need_index()
        wanted = None if self._index is None else spans(self._index)
        self.need_all() if wanted is None else self._have(wanted)

    def _have(self, wanted: Iterable[Span]) -> None:
        self._call(self._parts.fetch, wanted)

    def _read_index(self) -> Index | None:
        """The index, once all beside the media is here. ``None`` where all of the file is read instead, and
        where it has no index, which is a fault of its own."""
        size = self._parts.size or 0
        kinds = self._read_boxes()
        if kinds is None:
            self.need_all()
            return None
        if b"moov" not in kinds:
            return None
        with self.path.open("rb") as file:
            moov = next(box for box in boxes(file, 0, size) if box.kind == b"moov")
            try:
                fragmented = any(box.kind == b"mvex" for box in boxes(file, moov.start, moov.end))
                index = None if fragmented else read_index(file, size)
            except Unavailable:
                index = None
        if index is None:
            self.need_all()
        else:
            self._have(index.first_samples())
        return index

    def _read_boxes(self) -> set[bytes] | None:
        """The kinds of the boxes at the top, once all but the media is here.

        ``None`` for fragments, and for what makes no sense.
        """
        size, at = self._parts.size or 0, 0
        kinds: set[bytes] = set()
        beside: list[Span] = []
        for _ in range(_MAX_HOPS):
            if at + _HEADER > size:
                self._have(beside)
                return kinds
            self._have_header(at)
            with self.path.open("rb") as file:
                box = next(boxes(file, at, size), None)
            if box is None or box.kind == _FRAGMENT:
                return None
            kinds.add(box.kind)
            if box.kind not in _MEDIA:
                beside.append((at, min(box.end, size)))
                if sum(end - start for start, end in beside) > _MAX_INDEX:
                    return None
            at = box.end
        return None

    def _have_header(self, at: int) -> None:
        """The header of a box, and, so as not to ask for each, as much of what comes after it as at first."""
        held, end = self._parts.held, min(at + _LONG_HEADER, self._parts.size or 0)
        if not any(start <= at and end <= stop for start, stop in held):
            self._have([(at, at + HEAD)])

    def _head(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(_TOLD_BY)

    def _digest(self) -> str:
        if self._sha256 is None:
            digest = hashlib.sha256()
            with self.path.open("rb") as file:
                while chunk := file.read(_HASHED_AT_ONCE):
                    digest.update(chunk)
            self._sha256 = digest.hexdigest()
        return self._sha256

    def _call(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        try:
            self._portal.call(self._parts.in_time, work(*arguments))
        except OSError as exc:
            raise SourceError(f"{self._url}: cannot be kept here: {exc.strerror or exc}") from exc


def _is_enough(head: bytes) -> bool:
    """Whether what comes after the first bytes does not matter: the format is none that is checked."""
    return recognise(head)[0] is Container.OTHER
