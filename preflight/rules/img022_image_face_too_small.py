from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "IMG022",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy=(
        "Go nearer, until head and shoulders fill the photo. "
        "Or let the service reframe it: --auto-fix-training-image."
    ),
    prevents=(
        "ImageQualityError",
        "Phx4CenterFaceNotVisibleError",
    ),
    passing={
        "head and shoulders": portrait(sitter(0.4)),
        "just large enough": portrait(sitter(0.201)),
        "large enough for the width of an upright photo": portrait(sitter(0.151), size=(750, 1000)),
        "nobody, which IMG020 speaks of": portrait(),
        "two people, of whom IMG021 speaks": portrait(sitter(0.1, x=0.3), sitter(0.1, x=0.7)),
    },
    failing={
        "just too small": portrait(sitter(0.199)),
        "just small enough to be certain": portrait(sitter(0.119)),
        "very small, and an eye was not found": portrait(sitter(0.1, eyes=1)),
    },
)
def image_face_too_small(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """The face is small: the person is far from the camera.

    The service says "too small" and not how small that is. Measured is the height of the head, estimated from
    the face, against the shorter side of the photo. A head that is much smaller still is not found at all,
    which IMG020 speaks of.
    """
    limits, head = policy.portrait, portrait.head
    if head is not None and 100 * head < limits.min_head_suspected.value:
        certain = portrait.is_sure and 100 * head < limits.min_head_certain.value
        yield Violation(
            f"the head is about {rounded_down(100 * head, 0):g} % as high as the photo's shorter side; "
            f"{limits.min_head_suspected.value:g} % or more is fine",
            measured=rounded_down(100 * head, 1),
            limit=limits.min_head_certain if certain else limits.min_head_suspected,
            suspected=not certain,
        )
