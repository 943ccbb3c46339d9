"""What the two frame rate rules share."""

from __future__ import annotations

from preflight.errors import Unavailable
from preflight.evidence.media import Timeline
from preflight.text import rounded_down

__all__ = ["measured_frame_rate", "shown"]

_FASTEST = 1000  # frames per second; beyond the slow motion of any phone


def measured_frame_rate(timeline: Timeline) -> float:
    """Frames per second over the whole track. Raises Unavailable where the times of the frames give none."""
    if timeline.mean_frame_rate is None:
        raise Unavailable("the video track is too short to measure a frame rate")
    if timeline.mean_frame_rate > _FASTEST:
        raise Unavailable("the times of the frames are not those of a recording")
    return float(timeline.mean_frame_rate)


def shown(rate: float) -> str:
    """For messages: two decimals, and never rounded up to the limit."""
    return f"{rounded_down(rate, 2):g}"
