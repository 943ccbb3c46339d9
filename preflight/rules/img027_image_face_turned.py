from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceKind
from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role


@rule(
    "IMG027",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy="Use a photo in which you look straight into the camera.",
    prevents=("LookingStraightAtCameraError",),
    passing={
        "looking ahead": portrait(sitter()),
        "nobody, which IMG020 speaks of": portrait(),
    },
    failing={
        "from the side": portrait(sitter(kind=FaceKind.PROFILE)),
    },
)
def image_face_turned(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """The face is seen from the side.

    Seen is a profile, and no face that looks ahead. A head turned by less than about half a right angle still
    counts as looking ahead, and where the eyes look is not seen at all. A face half covered may look like a
    profile; so this is never more than a warning.
    """
    if portrait.face is not None and portrait.frontal is None:
        yield Violation("the face seems turned away or half covered; please check")
