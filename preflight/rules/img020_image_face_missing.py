from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceKind
from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role


@rule(
    "IMG020",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy="Look into the camera, in good light, with nothing before your face.",
    prevents=(
        "Phx4CenterFaceNotVisibleError",
        "Phx4NonHumanLikeSubjectError",
        "Phx4FaceObscuredError",
    ),
    passing={
        "one face": portrait(sitter()),
        "from the side, which IMG027 speaks of": portrait(sitter(kind=FaceKind.PROFILE)),
    },
    failing={
        "nobody": portrait(),
    },
)
def image_face_missing(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """No face is found in the photo.

    Nobody is there, or the face is very small, covered, or cut off at the eyes. Or somebody is there and the
    detector does not see them: it was tried on one person, so that this is never more than a warning.
    """
    if not portrait.faces:
        yield Violation("no face found; please check")
