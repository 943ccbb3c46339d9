from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceKind
from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG026",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy="Hold your head upright, and the camera too; turn the photo if it lies on its side.",
    prevents=("PoseNotSuitableError",),
    passing={
        "upright": portrait(sitter()),
        "a little to the left": portrait(sitter(roll=-14.9)),
        "nobody, which IMG020 speaks of": portrait(),
        "from the side, which IMG027 speaks of": portrait(sitter(roll=40.0, kind=FaceKind.PROFILE)),
    },
    failing={
        "just too much to the left": portrait(sitter(roll=-15.1)),
        "just enough to be certain": portrait(sitter(roll=35.1)),
        "upside down": portrait(sitter(roll=180.0)),
        "on its side, and an eye was not found": portrait(sitter(roll=90.0, eyes=1)),
    },
)
def image_face_tilted(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """The face is tilted to one side, lies or is upside down.

    Measured is the line through both eyes. The service wants an upright pose; how somebody stands or leans,
    no rule sees.
    """
    limits = policy.portrait
    tilt = 0.0 if portrait.frontal is None else abs(portrait.frontal.roll)
    if tilt > limits.tilt_suspected.value:
        certain = portrait.is_sure and tilt > limits.tilt_certain.value
        yield Violation(
            f"the face is tilted by {rounded_up(tilt, 0):g} degrees; "
            f"at most {limits.tilt_suspected.value:g} is fine",
            measured=rounded_up(tilt, 1),
            limit=limits.tilt_certain if certain else limits.tilt_suspected,
            suspected=not certain,
        )
