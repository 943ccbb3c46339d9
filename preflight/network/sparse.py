"""Which bytes of a file to ask for, given which are wanted, which are here, and what asking costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["CONNECTIONS", "MAX_REQUESTS", "Line", "Span", "missing", "plan", "total", "union"]

CONNECTIONS = 16
MAX_REQUESTS = 8_000  # of one plan; half an hour of sound in chunks of its own takes about as many as that
_ROUND_TRIP_S = (0.005, 1.0)
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
        return self._round_trip * self._rate / CONNECTIONS

    def seconds(self, spans: Sequence[Span]) -> float:
        """How long it takes to read these: rounds of requests at once, and the bytes one after the other."""
        return math.ceil(len(spans) / CONNECTIONS) * self._round_trip + total(spans) / self._rate

    @property
    def _round_trip(self) -> float:
        return _within(self.round_trip_s, _ROUND_TRIP_S)

    @property
    def _rate(self) -> float:
        return _within(self.bytes_per_s, _BYTES_PER_S)


def plan(wanted: Iterable[Span], held: Sequence[Span], size: int, line: Line) -> list[Span]:
    """What to ask for, in the order of the file, so that what is wanted is here.

    Ranges that lie close together are one. Where these are so many that all of the file takes no longer,
    it is all that is not here yet, read in order.
    """
    lacking = missing(((start, min(end, size)) for start, end in wanted), held)
    if not lacking:
        return []
    ranges = union(lacking, gap=line.gap)
    rest = missing([(0, size)], held)
    in_order = [(rest[0][0], rest[-1][1])]
    if len(ranges) > MAX_REQUESTS or line.seconds(in_order) <= line.seconds(ranges):
        return in_order
    return ranges


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
