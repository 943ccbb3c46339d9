"""Boxes of an MP4 file (ISO/IEC 14496-12) that ffprobe does not show: what edit lists hide, what was joined.

A small reader of our own, because no kept library reads boxes lazily and within bounds. It reads headers and
a handful of small boxes, never media, and gives up on what is absurd: files are untrusted.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from preflight.errors import Unavailable

__all__ = [
    "Box",
    "BoxFacts",
    "EditedTrack",
    "Segment",
    "boxes",
    "find",
    "index_comes_first",
    "inside",
    "missing_bytes",
    "read_boxes",
    "timescale_of",
]

_MAX_BOXES = 4096  # at one level; a fragmented hour has some hundreds of fragments
_MAX_TRACKS = 64
_MAX_EDITS = 10_000
_MAX_READ = 1 << 20
_SMALL_HEADER, _LARGE_HEADER = 8, 16
_KINDS = {b"vide": "video", b"soun": "audio"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a track's media that an edit list has played, in seconds of the media."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class EditedTrack:
    """One track: its media and what of it is played, in order.

    ``kind`` is ``video``, ``audio`` or ``other``. ``media_s`` is the length of all its media; ``None`` where
    the header does not say (fragments). ``delay_s`` is how long nothing is played first. ``segments`` is
    empty where there is no edit list: all is played. ``descriptions`` counts the sample descriptions; a
    recording has one, files that were joined without encoding them again may have several.
    """

    kind: str
    media_s: float | None
    delay_s: float = 0.0
    segments: tuple[Segment, ...] = ()
    descriptions: int = 1

    @property
    def hidden_start_s(self) -> float:
        """Seconds of media before the first that is played."""
        return self.segments[0].start_s if self.segments else 0.0

    @property
    def hidden_end_s(self) -> float:
        """Seconds of media after the last that is played; 0 where the length is not known."""
        if not self.segments or self.media_s is None:
            return 0.0
        return max(0.0, self.media_s - max(segment.end_s for segment in self.segments))

    @property
    def joints(self) -> tuple[tuple[float, float], ...]:
        """Where what is played jumps: (seconds of the played file, seconds of media passed over).

        Negative where it jumps back and plays something again.
        """
        found, at = [], self.delay_s
        for before, after in itertools.pairwise(self.segments):
            at += before.end_s - before.start_s
            found.append((at, round(after.start_s - before.end_s, 6)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class BoxFacts:
    """The tracks of an MP4 or QuickTime file."""

    tracks: tuple[EditedTrack, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """One box: where what it holds begins, and where it claims to end."""

    kind: bytes
    start: int
    end: int


def index_comes_first(file: BinaryIO, size: int) -> bool | None:
    """Whether ``moov`` comes before ``mdat``; ``None`` where there is no ``moov``."""
    kinds = [box.kind for box in boxes(file, 0, size)]
    if b"moov" not in kinds:
        return None
    return b"mdat" not in kinds[: kinds.index(b"moov")]


def missing_bytes(file: BinaryIO, size: int) -> int:
    """By how many bytes the last box at the top of the file is longer than the file: it was cut short."""
    end = 0
    for box in boxes(file, 0, size):
        end = box.end
    return max(0, end - size)


def read_boxes(file: BinaryIO, size: int) -> BoxFacts:
    """Read the tracks. Raises Unavailable where there is no index, or one that makes no sense."""
    moov = next((box for box in boxes(file, 0, size) if box.kind == b"moov"), None)
    if moov is None:
        raise Unavailable("the file holds no index (moov)")
    try:
        held = list(boxes(file, moov.start, moov.end))
        timescale = timescale_of(file, moov, b"mvhd")
        tracks = [box for box in held if box.kind == b"trak"]
        if len(tracks) > _MAX_TRACKS:
            raise Unavailable(f"the file holds {len(tracks)} tracks")
        fragmented = any(box.kind == b"mvex" for box in held)
        return BoxFacts(tuple(_track(file, box, timescale, fragmented) for box in tracks))
    except (struct.error, IndexError, ZeroDivisionError, OverflowError) as exc:
        raise Unavailable("the index (moov) of the file is damaged") from exc


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two positions. The last may claim to end beyond; it is the caller's to notice."""
    at = start
    for _ in range(_MAX_BOXES):
        if at + _SMALL_HEADER > end:
            return
        file.seek(at)
        header = file.read(_LARGE_HEADER) or b""
        if len(header) < _SMALL_HEADER:
            return
        length, kind, body = int.from_bytes(header[:4], "big"), header[4:8], _SMALL_HEADER
        if length == 1:
            length, body = int.from_bytes(header[8:16], "big"), _LARGE_HEADER
        elif length == 0:  # to the end of what it stands in
            length = end - at
        if length < body:
            return
        yield Box(kind, at + body, at + length)
        at += length


def _track(file: BinaryIO, trak: Box, movie_timescale: int, fragmented: bool) -> EditedTrack:
    media = inside(file, trak, b"mdia")
    kind = _KINDS.get(_read(file, inside(file, media, b"hdlr"))[8:12])
    if kind is None:
        return EditedTrack("other", None)
    timescale, duration = _duration(_read(file, inside(file, media, b"mdhd")))
    return EditedTrack(
        kind=kind,
        media_s=None if fragmented or not duration else duration / timescale,
        **_edits(file, trak, movie_timescale, timescale, duration),
        descriptions=_descriptions(file, media),
    )


def _edits(file: BinaryIO, trak: Box, movie_timescale: int, timescale: int, duration: int) -> dict[str, Any]:
    """``delay_s`` and ``segments``: entries that play nothing only delay what comes after them."""
    edts = find(file, trak, b"edts")
    elst = None if edts is None else find(file, edts, b"elst")
    if elst is None:
        return {}
    data = _read(file, elst)
    count = struct.unpack_from(">I", data, 4)[0]
    entry = struct.Struct(">QqI" if data[0] == 1 else ">IiI")
    if count > _MAX_EDITS:
        raise Unavailable(f"the file holds an edit list of {count} entries")
    delay = 0.0
    segments: list[Segment] = []
    for at in range(count):
        length, begin, _rate = entry.unpack_from(data, 8 + at * entry.size)
        seconds = length / movie_timescale
        if begin < 0:
            delay += seconds if not segments else 0.0
            continue
        start = begin / timescale
        # a length of 0 plays to the end: fragmented files say so, their header knows no length
        segments.append(Segment(start, start + seconds if length else max(start, duration / timescale)))
    return {"delay_s": delay, "segments": tuple(segments)}


def _descriptions(file: BinaryIO, media: Box) -> int:
    table = inside(file, inside(file, media, b"minf"), b"stbl")
    data = _read(file, inside(file, table, b"stsd"))
    return int(struct.unpack_from(">I", data, 4)[0])


def find(file: BinaryIO, parent: Box, kind: bytes) -> Box | None:
    """The first box of that kind in another."""
    return next((box for box in boxes(file, parent.start, parent.end) if box.kind == kind), None)


def inside(file: BinaryIO, parent: Box, kind: bytes) -> Box:
    """The same. Raises Unavailable where there is none."""
    box = find(file, parent, kind)
    if box is None:
        raise Unavailable(f"a track of the file has no {kind.decode()} box")
    return box


def timescale_of(file: BinaryIO, parent: Box, kind: bytes) -> int:
    """The units a second of a movie or of a track, from its header."""
    header = find(file, parent, kind)
    if header is None:
        raise Unavailable(f"the index (moov) has no {kind.decode()} box")
    return _duration(_read(file, header))[0]


def _duration(header: bytes) -> tuple[int, int]:
    """Timescale (units a second) and duration of a movie or media header; all ones mean an unknown one."""
    wide = header[0] == 1
    timescale, duration = struct.unpack_from(">IQ" if wide else ">II", header, 20 if wide else 12)
    if timescale == 0:
        raise Unavailable("the index (moov) of the file is damaged")
    return timescale, 0 if duration == (1 << (64 if wide else 32)) - 1 else duration


def _read(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.start)
    return file.read(min(box.end - box.start, _MAX_READ)) or b""
