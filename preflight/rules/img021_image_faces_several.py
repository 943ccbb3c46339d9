from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.portrait import BOTH_EYES, PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "IMG021",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy="Use a photo of you alone, without people, posters or screens with faces behind you.",
    prevents=("Phx4MultipleForegroundPeopleError",),
    passing={
        "one face": portrait(sitter()),
        "nobody, which IMG020 speaks of": portrait(),
    },
    failing={
        "two people": portrait(sitter(x=0.3), sitter(x=0.7)),
        "just large enough to be certain": portrait(sitter(0.4, x=0.3), sitter(0.201, x=0.8)),
        "just too small to be certain": portrait(sitter(0.4, x=0.3), sitter(0.199, x=0.8)),
        "without eyes, suspected": portrait(sitter(x=0.3), sitter(x=0.7, eyes=1)),
    },
)
def image_faces_several(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """More than one face is in the photo.

    The service counts printed and painted faces as well. Patterns behind a person are sometimes taken for a
    face, and hardly ever show two eyes: certain are faces that do, and are not much smaller than the largest.
    """
    limit = policy.portrait.second_certain
    if portrait.second is not None:
        size = 100 * portrait.second
        certain = size >= limit.value and all(face.eyes >= BOTH_EYES for face in portrait.faces[:2])
        yield Violation(
            f"{len(portrait.faces)} faces found, where there should be one; the second largest is "
            f"{rounded_down(size, 0):g} % as high as the largest",
            measured=len(portrait.faces),
            suspected=not certain,
        )
