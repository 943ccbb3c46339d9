"""The faces in a photo, and how the one that matters is placed in it. An estimate, like all about faces."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import TYPE_CHECKING

from preflight.evidence.faces import Face, FaceFinder, FaceKind, load_finder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

__all__ = ["BOTH_EYES", "PortraitFacts", "portrait_facts"]

BOTH_EYES = 2
_CROWN_OF_REST = 2 / 3
"""How much of what the box of a face leaves out of the head is above it; the rest is chin."""
_EARS = 0.6
"""How far the ears are from the middle of the face, in widths of its box."""


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """The faces in one photo of ``width`` x ``height`` pixels, the largest first.

    ``detector`` says what looked for them, ``box_of_head`` how much of a head, from crown to chin, the box
    of a face is high. Where the head is follows from the box of the face alone: nothing looks for hair or a
    chin. What is measured of a head is ``None`` where there is not one face alone that looks ahead.
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

    @property
    def frontal(self) -> Face | None:
        """The one face, where there is one alone and it looks ahead."""
        return self.face if self.face is not None and self.face.kind is FaceKind.FRONTAL else None

    @property
    def is_sure(self) -> bool:
        """Whether there is one face alone, with both eyes, which patterns hardly ever have."""
        return self.frontal is not None and self.frontal.eyes >= BOTH_EYES

    @property
    def second(self) -> float | None:
        """How high the second largest face is, as a share of the largest; ``None`` without a second one."""
        return self.faces[1].h / self.faces[0].h if len(self.faces) > 1 else None

    @property
    def head(self) -> float | None:
        """About how high the head is, as a share of the photo's shorter side.

        Shoulders need width as well as height: of an upright photo, the width decides whether they fit.
        """
        if self.frontal is None:
            return None
        return self.frontal.h * self.height / min(self.width, self.height) / self.box_of_head

    @property
    def offset(self) -> float | None:
        """How far the face is from the middle, as a share of the width or the height, whichever is more.

        Left, right and down count. Up does not: above the middle is where the face of a portrait is.
        """
        if self.frontal is None:
            return None
        x, y = self.frontal.centre
        return max(abs(x - 0.5), y - 0.5)

    @property
    def room(self) -> float | None:
        """How far crown, chin and ears are from the nearest edge, in heights of the head; negative outside.

        The crown is taken to be as high as that of the one portrait that was measured, with its hair.
        """
        face = self.frontal
        if face is None:
            return None
        box = face.h * self.height
        head = box / self.box_of_head
        crown = box / 2 + (head - box) * _CROWN_OF_REST
        reach = ((0.0, -crown), (0.0, head - crown), (-_EARS * box, 0.0), (_EARS * box, 0.0))
        turn = radians(face.roll)
        middle_x, middle_y = face.centre[0] * self.width, face.centre[1] * self.height
        rooms = []
        for across, down in reach:
            x = middle_x + across * cos(turn) - down * sin(turn)
            y = middle_y + across * sin(turn) + down * cos(turn)
            rooms += [x, self.width - x, y, self.height - y]
        return min(rooms) / head

    def is_cut(self, share: float) -> bool:
        """Whether more than that share of the head's height is outside."""
        return self.room is not None and -self.room > share


def portrait_facts(pixels: Gray, finder: FaceFinder | None = None) -> PortraitFacts:
    """Look for faces in a grey picture of shape (height, width), 0 to 255.

    Raises Unavailable where the extra is not installed.
    """
    finder = finder or load_finder()
    height, width = pixels.shape
    return PortraitFacts(finder.search(pixels), width, height, finder.name, finder.box_of_head)
