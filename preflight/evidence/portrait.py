"""The faces in a photo, and how the one that matters is placed in it. An estimate, like all about faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preflight.evidence.faces import Face, FaceFinder, load_finder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

__all__ = ["PortraitFacts", "portrait_facts"]


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """The faces in one photo of ``width`` x ``height`` pixels, the largest first.

    ``detector`` says what looked for them, ``box_of_head`` how much of a head, from crown to chin, the box
    of a face is high.
    """

    faces: tuple[Face, ...]
    width: int
    height: int
    detector: str
    box_of_head: float

    @property
    def face(self) -> Face | None:
        """The one face, where there is one alone."""
        return self.faces[0] if len(self.faces) == 1 else None


def portrait_facts(pixels: Gray, finder: FaceFinder | None = None) -> PortraitFacts:
    """Look for faces in a grey picture of shape (height, width), 0 to 255.

    Raises Unavailable where the extra is not installed.
    """
    finder = finder or load_finder()
    height, width = pixels.shape
    return PortraitFacts(finder.find(pixels), width, height, finder.name, finder.box_of_head)
