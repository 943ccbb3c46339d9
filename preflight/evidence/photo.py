"""What a photo looks like: light, contrast, sharpness, compression, measured on the face or on the whole.

Where a measure corresponds to one of ISO/IEC 29794-5 it bears its name; the figures are not comparable with
those of a conforming implementation, which finds the outline of a face first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.evidence.faces import Face
from preflight.evidence.picture import blockiness, edge_width

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

__all__ = ["PhotoFacts", "Region", "photo_facts"]


class Region(StrEnum):
    """Where something was measured."""

    FACE = "face"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Measures of one photo; brightness is between 0 (black) and 1 (white).

    ``region`` says where they were taken. ``edge_width_px`` is how wide the sharpest edges are, in pixels of
    the copy that is looked at (shorter side at most 1080); ``None`` where there are none above the noise.
    ``blockiness`` is how much larger steps at the borders of coded blocks are than within them; ``None``
    where the picture had to be reduced.
    """

    region: Region
    luminance_mean: float
    edge_width_px: float | None = None
    blockiness: float | None = None


def photo_facts(pixels: Gray, face: Face | None, *, full_size: bool) -> PhotoFacts:
    """Measure a grey picture of shape (height, width), 0 to 255; on the face, where it is known."""
    region = Region.PICTURE if face is None else Region.FACE
    return PhotoFacts(
        region,
        float(pixels.mean()) / 255,
        edge_width(pixels),
        blockiness(pixels) if full_size else None,
    )
