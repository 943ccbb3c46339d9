"""What the two frame rate rules share."""

from __future__ import annotations

from preflight.errors import Unavailable
from preflight.evidence.media import Timeline
from preflight.text import rounded_down

__all__ = ["measured_frame_rate", "shown"]


def measured_frame_rate(timeline: Timeline) -> float:
    """Frames per second over the whole track. Raises Unavailable for a single frame, which has no rate."""
    if timeline.mean_frame_rate is None:
        raise Unavailable("the video track is too short to measure a frame rate")
    return float(timeline.mean_frame_rate)


def shown(rate: float) -> str:
    """For messages: two decimals, and never rounded up to the limit."""
    return f"{rounded_down(rate, 2):g}"
