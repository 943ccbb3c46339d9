"""Where in an MP4 file which moment is: the tables of its index (ISO/IEC 14496-12, 8.6 and 8.7).

What a reader needs who has not got all of the file. Tables are read as arrays, and what they claim is
bounded by their own length: a billion samples in a few bytes are refused, not listed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from preflight.errors import Unavailable
from preflight.evidence.boxes import Box, EditedTrack, boxes, find, inside, read_boxes, timescale_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FRAME_HEAD", "PROBED_BYTES", "Index", "Spans", "read_index"]

_MAX_SAMPLES = 4 << 20  # of all tracks: ten hours
_MAX_TABLE = 64 << 20
_MAX_POSITION = 1 << 60
_MORE_S = 2.0  # of sound: priming, edits to the frame, packets that overlap
_MORE_FRAMES_S = 0.5  # of pictures, which are not decoded in the order in which they are shown
FRAME_HEAD = 16 << 10  # of a frame: its parameters; more of it only has a decoder complain
_SHORT_TRACK = 256 << 10  # of text, as chapters are
_SOUND_HEAD_S = 1.0
PROBED_BYTES = 5_000_000  # which ffmpeg reads, to know what a file holds
_PROBED_MORE = 12  # packets of which it may have begun to read by then
_SKIPPED = frozenset({b"avc1", b"avc3", b"hvc1", b"hev1"})
_AFTER = 20  # frames decoded after the last that is shown, at most 16

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """One track: where its samples are, and when they are decoded, in seconds of its media.

    Sound whose samples all have one size, as PCM, has a chunk for each sample here. ``keys`` are the numbers
    of the key frames, from 0; ``None`` where all are. ``skips`` is whether a decoder leaves out all others.
    """

    played: EditedTrack
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    times_s: NDArray[np.float64]
    keys: NDArray[np.int64] | None
    skips: bool

    def spans(self, chosen: NDArray[np.bool_] | NDArray[np.int64] | slice) -> Spans:
        return list(zip(self.starts[chosen].tolist(), self.ends[chosen].tolist(), strict=True))

    def first(self, count: int) -> Spans:
        return self.spans(slice(count))

    def played_until(self, until_s: float, more_s: float) -> NDArray[np.bool_]:
        """The samples that are played up to a time of the file, and some more."""
        import numpy as np

        chosen, at = np.zeros(len(self.times_s), bool), self.played.delay_s
        if not self.played.segments:
            return self.times_s <= until_s - at + more_s
        for segment in self.played.segments:
            if at > until_s:
                break
            end = min(segment.end_s, segment.start_s + until_s - at)
            # times go up; a list of edits may be long, and so may that of samples
            first = np.searchsorted(self.times_s, segment.start_s - more_s, side="left")
            chosen[first : np.searchsorted(self.times_s, end + more_s, side="right")] = True
            at += segment.end_s - segment.start_s
        return chosen

    def stretch(self, start_s: float, end_s: float) -> Spans:
        """The samples from the key frame before a time to another time, and what a decoder reads after it."""
        import numpy as np

        more = _MORE_FRAMES_S
        chosen = self.played_until(end_s, more) & ~self.played_until(start_s - 2 * more, more)
        found = np.flatnonzero(chosen)
        if not len(found):
            return []
        first, last = int(found[0]), int(found[-1])
        if self.keys is not None:
            before = self.keys[self.keys <= first]
            first = int(before[-1]) if len(before) else 0
        return self.spans(slice(first, last + 1 + _AFTER))


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Which bytes hold what, beside the index itself. Spans may overlap, and end beyond the file."""

    tracks: tuple[_Track, ...]

    def first_samples(self) -> Spans:
        """What says how each track is encoded, and what is read of a file when it is opened."""
        found: Spans = []
        for track in self.tracks:
            if track.played.kind == "video":
                found += [(start, min(end, start + FRAME_HEAD)) for start, end in track.first(1)]
            elif track.played.kind == "audio":
                found += track.spans(track.times_s <= track.times_s[:1] + _SOUND_HEAD_S)
            else:
                short = int((track.ends - track.starts).sum()) <= _SHORT_TRACK
                found += track.first(len(track.starts) if short else 1)
        return found

    def sound(self, until_s: float | None = None) -> Spans:
        """The sound of all tracks, to its end or to a time of the file."""
        found: Spans = []
        starts = [track.played.delay_s for track in self.tracks if track.played.kind != "other"]
        for track in self._of("audio"):
            if until_s is None:
                found += track.first(len(track.starts))
            else:
                found += track.spans(track.played_until(until_s + min(starts), _MORE_S))
        return found

    def key_frames(self) -> Spans | None:
        """The key frames of the picture, and the frames by which ffmpeg tells what it is.

        ``None`` where a decoder wants the others as well.
        """
        found: Spans = []
        probed = self._probed_end()
        for track in self._of("video"):
            if track.keys is not None and not track.skips:
                return None
            found += track.spans(slice(None) if track.keys is None else track.keys)
            found += track.spans(track.starts < probed)
        return found

    def stretch(self, start_s: float, end_s: float) -> Spans:
        """Everything from one time to another, from a key frame on."""
        starts = [track.played.delay_s for track in self.tracks if track.played.kind != "other"]
        begin = min(starts, default=0.0)
        return [
            span
            for kind in ("video", "audio")
            for track in self._of(kind)
            for span in track.stretch(start_s + begin, end_s + begin)
        ]

    def _of(self, kind: str) -> Iterator[_Track]:
        return (track for track in self.tracks if track.played.kind == kind)

    def _probed_end(self) -> int:
        """Where ffmpeg has read as much as it does to know a file, in the order of the bytes."""
        import numpy as np

        if not self.tracks:
            return 0
        starts = np.concatenate([track.starts for track in self.tracks])
        sizes = np.concatenate([track.ends - track.starts for track in self.tracks])
        order = np.argsort(starts)
        read = np.cumsum(sizes[order])
        beyond = int(np.searchsorted(read, PROBED_BYTES))
        return int(starts[order[min(beyond + _PROBED_MORE, len(order) - 1)]]) + 1 if len(order) else 0


def read_index(file: BinaryIO, size: int) -> Index:
    """Read the tables. Raises Unavailable where there are none, or such that make no sense."""
    played = read_boxes(file, size).tracks
    moov = next(box for box in boxes(file, 0, size) if box.kind == b"moov")
    traks = [box for box in boxes(file, moov.start, moov.end) if box.kind == b"trak"]
    try:
        return Index(tuple(_tracks(file, traks, played)))
    except (struct.error, ValueError, IndexError, OverflowError) as exc:
        raise Unavailable("the index (moov) of the file is damaged") from exc


def _tracks(file: BinaryIO, traks: list[Box], played: tuple[EditedTrack, ...]) -> Iterator[_Track]:
    import numpy as np

    tables = []
    for trak in traks:
        media = inside(file, trak, b"mdia")
        tables.append((media, inside(file, inside(file, media, b"minf"), b"stbl")))
    chunks = [_chunks(file, table) for _, table in tables]
    every_chunk = np.unique(np.concatenate(chunks)) if chunks else np.zeros(0, np.int64)
    left = _MAX_SAMPLES
    for track, (media, table), starts in zip(played, tables, chunks, strict=True):
        one_size, count, sizes = _sizes(file, table)
        per_chunk = _per_chunk(file, table, len(starts), count)
        times = _Times.read(file, table, timescale_of(file, media, b"mdhd"))
        if one_size and track.kind == "audio":
            # what their number says of their bytes depends on the codec; the next chunk ends them in any case
            after = np.searchsorted(every_chunk, starts, side="right")
            ends = np.append(every_chunk, _MAX_POSITION)[after]
            firsts = np.cumsum(per_chunk) - per_chunk
            left -= len(starts)
            _require(left)
            yield _Track(track, starts, ends, times.at(firsts), None, skips=False)
            continue
        left -= count
        _require(left)
        if one_size:
            sizes = np.full(count, one_size, np.int64)
        where = np.repeat(np.arange(len(starts)), per_chunk)
        count = len(where)
        before = np.cumsum(sizes[:count]) - sizes[:count]
        firsts = np.minimum(np.cumsum(per_chunk) - per_chunk, max(0, count - 1))
        begin = starts[where] + before - before[firsts][where]
        ends = begin + sizes[:count]
        keys = _keys(file, table, count)
        yield _Track(track, begin, ends, times.at(np.arange(count)), keys, _skips(file, table))


def _require(left: int) -> None:
    if left < 0:
        raise Unavailable("the index (moov) of the file lists more than a recording holds")


def _chunks(file: BinaryIO, table: Box) -> NDArray[np.int64]:
    """The position of each chunk."""
    import numpy as np

    small = find(file, table, b"stco")
    box = small or inside(file, table, b"co64")
    found = _entries(file, box, ">u4" if small else ">u8", 1)[:, 0].astype(np.int64)
    if len(found) and not 0 <= int(found.min()) <= int(found.max()) <= _MAX_POSITION:
        raise Unavailable("the index (moov) of the file is damaged")
    return found


def _sizes(file: BinaryIO, table: Box) -> tuple[int, int, NDArray[np.int64]]:
    """The size of every sample where it is one, how many there are, and each size where they differ."""
    import numpy as np

    box = inside(file, table, b"stsz")
    file.seek(box.start)
    _, one_size, count = struct.unpack(">III", file.read(12))
    if one_size:
        return one_size, count, np.zeros(0, np.int64)
    return 0, count, _entries(file, box, ">u4", 1, skip=8)[:, 0].astype(np.int64)


def _per_chunk(file: BinaryIO, table: Box, chunks: int, samples: int) -> NDArray[np.int64]:
    """How many samples each chunk holds, not more in all than there are."""
    import numpy as np

    runs = _entries(file, inside(file, table, b"stsc"), ">u4", 3).astype(np.int64)
    firsts = np.append(np.minimum(runs[:, 0] - 1, chunks), chunks)
    lengths = np.diff(firsts)
    if (len(runs) and firsts[0] != 0) or (lengths < 0).any() or lengths.sum() != chunks:
        raise Unavailable("the index (moov) of the file is damaged")
    ends = np.minimum(np.cumsum(np.repeat(runs[:, 1], lengths)), samples)
    return np.diff(ends, prepend=0)


@dataclass(frozen=True, slots=True, eq=False)
class _Times:
    """When which sample is decoded, from runs of samples of one duration."""

    firsts: NDArray[np.float64]
    begins_s: NDArray[np.float64]
    steps_s: NDArray[np.float64]

    @classmethod
    def read(cls, file: BinaryIO, table: Box, timescale: int) -> _Times:
        import numpy as np

        runs = _entries(file, inside(file, table, b"stts"), ">u4", 2).astype(np.float64)
        counts, steps = runs[:, 0], runs[:, 1] / timescale
        return cls(np.cumsum(counts) - counts, np.cumsum(counts * steps) - counts * steps, steps)

    def at(self, samples: NDArray[np.int64]) -> NDArray[np.float64]:
        import numpy as np

        if not len(self.firsts):
            return np.zeros(len(samples))
        run = np.maximum(np.searchsorted(self.firsts, samples, side="right") - 1, 0)
        found: NDArray[np.float64] = self.begins_s[run] + (samples - self.firsts[run]) * self.steps_s[run]
        return found


def _keys(file: BinaryIO, table: Box, count: int) -> NDArray[np.int64] | None:
    import numpy as np

    box = find(file, table, b"stss")
    if box is None:
        return None
    found = _entries(file, box, ">u4", 1)[:, 0].astype(np.int64) - 1
    return np.unique(found[(found >= 0) & (found < count)])


def _skips(file: BinaryIO, table: Box) -> bool:
    """Whether everything in the track is of a codec whose decoder can leave out what is no key frame."""
    stsd = inside(file, table, b"stsd")
    kinds = {box.kind for box in boxes(file, stsd.start + 8, stsd.end)}
    return bool(kinds) and kinds <= _SKIPPED


def _entries(file: BinaryIO, box: Box, form: str, columns: int, *, skip: int = 4) -> NDArray[np.uint64]:
    """The rows of a table, as many as it says. Raises Unavailable where it holds less."""
    import numpy as np

    file.seek(box.start)
    data = file.read(min(box.end - box.start, _MAX_TABLE))
    count = struct.unpack_from(">I", data, skip)[0]
    kind = np.dtype(form)
    if skip + 4 + count * columns * kind.itemsize > len(data):
        raise Unavailable("the index (moov) of the file is damaged")
    found = np.frombuffer(data, kind, count * columns, skip + 4)
    return found.reshape(count, columns)
