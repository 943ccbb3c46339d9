"""What the two frame rate rules share."""

from __future__ import annotations

from preflight.errors import Unavailable
from preflight.evidence.media import Timeline

__all__ = ["measured_frame_rate", "shown"]


def measured_frame_rate(timeline: Timeline) -> float:
    """Frames per second over the whole track. Raises Unavailable for a single frame, which has no rate."""
    if timeline.mean_frame_rate is None:
        raise Unavailable("the video track is too short to measure a frame rate")
    return float(timeline.mean_frame_rate)


def shown(rate: float) -> str:
    """Rounded down, so that a rate below a limit never reads like the limit."""
    return f"{int(rate * 100) / 100:g}"
