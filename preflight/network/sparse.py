"""Which bytes of a file to ask for, given which are wanted, which are here, and what asking costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["CONNECTIONS", "MAX_REQUESTS", "Line", "Span", "missing", "plan", "total", "union"]

CONNECTIONS = 16
MAX_REQUESTS = 8_000  # of one plan; half an hour of sound in chunks of its own takes about as many as that
_ROUND_TRIP_S = (0.025, 1.0)  # a request takes this program a millisecond or two, however near the server
_BYTES_PER_S = (100e3, 8e6)

Span = tuple[int, int]
"""Some bytes of a file: the position of the first, and that after the last."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured of a connection: the time until an answer begins, the bytes a second from then on.

    Both count within bounds. The upper one of the bytes is what they are worth: on a fast line it would be
    quicker to read a hundred megabytes than to ask for a thousand pieces, and somebody pays for them.
    """

    round_trip_s: float
    bytes_per_s: float

    @property
    def gap(self) -> float:
        """As many bytes as can be read in the time that another request takes, beside the others."""
        round_trip_s = _within(self.round_trip_s, _ROUND_TRIP_S)
        return round_trip_s * _within(self.bytes_per_s, _BYTES_PER_S) / CONNECTIONS


def plan(wanted: Iterable[Span], held: Sequence[Span], size: int, line: Line) -> list[Span]:
    """What to ask for, in the order of the file, so that what is wanted is here.

    Ranges are one where the bytes between them cost less than another request; where that is so of all,
    everything is read in order. So it is where there are more than can be asked for.
    """
    lacking = missing(((start, min(end, size)) for start, end in wanted), held)
    ranges = union(lacking, gap=line.gap)
    return ranges if len(ranges) <= MAX_REQUESTS else [(ranges[0][0], ranges[-1][1])]


def union(spans: Iterable[Span], *, gap: float = 0) -> list[Span]:
    """The same bytes as spans apart from each other, in order; with ``gap``, those between close ones too."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start - found[-1][1] <= gap:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def missing(wanted: Iterable[Span], held: Sequence[Span]) -> list[Span]:
    """The bytes that are wanted and not among those held, which are apart and in order."""
    found: list[Span] = []
    at = 0
    for start, end in union(wanted):
        while at < len(held) and held[at][1] <= start:
            at += 1
        here = at
        while here < len(held) and held[here][0] < end:
            if start < held[here][0]:
                found.append((start, held[here][0]))
            start = held[here][1]
            here += 1
        if start < end:
            found.append((start, end))
    return found


def total(spans: Iterable[Span]) -> int:
    """How many bytes these are."""
    return sum(end - start for start, end in spans)


def _within(value: float, bounds: tuple[float, float]) -> float:
    return max(bounds[0], min(bounds[1], value))
