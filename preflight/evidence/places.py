"""Where the packets of a file are that ffmpeg is going to decode, by its own account.

Which parts of a file are fetched, our reader of sample tables says; ffmpeg reads the same tables with a mind
of its own. Where the two differ, ffmpeg would decode what was never fetched: zeros, which are silence in some
codecs. So what it is about to take is held against what is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preflight.evidence.samples import FRAME_HEAD, PROBED_BYTES, Spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Places"]

_SEEKS_EARLIER_S = 0.2  # ffmpeg does, by 3/23 s, where frames are not stored in the order of their times
_LATER = 16  # frames that a decoder may have taken before it gives one


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Every packet, in the order in which they are read: its stream, its time in seconds, its bytes.

    ``times_s`` are those of decoding or of showing, whichever is earlier, and minus infinity where there is
    none. ``starts`` are negative where ffmpeg does not say.
    """

    streams: NDArray[np.int64]
    times_s: NDArray[np.float64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    keys: NDArray[np.bool_]

    @classmethod
    def from_ffprobe(cls, rows: Iterable[Sequence[str]]) -> Places:
        """Read the rows of ``Ffmpeg.places``."""
        import numpy as np

        read = [_place(row) for row in rows if len(row) > 5 and row[0].isdigit()]
        streams, times, starts, sizes, keys = zip(*read, strict=True) if read else ((), (), (), (), ())
        begin = np.array(starts, np.int64)
        return cls(
            np.array(streams, np.int64),
            np.array(times, np.float64),
            begin,
            begin + np.array(sizes, np.int64),
            np.array(keys, bool),
        )

    def first(self) -> Spans:
        """What is looked at to know what the streams are."""
        import numpy as np

        found: Spans = []
        for stream in np.unique(self.streams).tolist():
            own = np.flatnonzero(self.streams == stream)
            start, end = int(self.starts[own[0]]), int(self.ends[own[0]])
            found.append((start, min(end, start + FRAME_HEAD)))
        return found

    def sound(self, stream: int, until_s: float | None) -> Spans:
        """The sound, to its end or to a time of the file."""
        import numpy as np

        own = np.flatnonzero(self.streams == stream)
        if until_s is not None:
            early = np.flatnonzero(self.times_s[own] < until_s)
            own = own[: int(early[-1]) + 1] if len(early) else own[:0]
        return self._spans(own)

    def pictures(self, stream: int, *, keys_only: bool) -> Spans:
        """All of a picture, or its key frames and what is decoded to know what it is."""
        import numpy as np

        own = self.streams == stream
        if keys_only:
            own &= self.keys | (np.cumsum(self.ends - self.starts) < PROBED_BYTES)
        return self._spans(np.flatnonzero(own))

    def stretch(self, stream: int, start_s: float, end_s: float) -> Spans:
        """A picture from one time of the file to another, with the key frame before."""
        import numpy as np

        own = np.flatnonzero(self.streams == stream)
        times = self.times_s[own]
        before = np.flatnonzero(self.keys[own] & (times <= start_s - _SEEKS_EARLIER_S))
        within = np.flatnonzero(times < end_s)
        first = int(before[-1]) if len(before) else 0
        return self._spans(own[first : int(within[-1]) + 1 + _LATER]) if len(within) else []

    def _spans(self, chosen: NDArray[np.int64]) -> Spans:
        return list(zip(self.starts[chosen].tolist(), self.ends[chosen].tolist(), strict=True))


def _place(row: Sequence[str]) -> tuple[int, float, int, int, bool]:
    stream, pts, dts, size, position, flags = row[:6]
    times = [float(text) for text in (pts, dts) if text != "N/A"]
    start = int(position) if position.isdigit() else -1
    return int(stream), min(times, default=float("-inf")), start, int(size), "K" in flags
