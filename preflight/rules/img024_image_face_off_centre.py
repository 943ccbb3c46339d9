from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG024",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy=(
        "Put your face in the middle of the photo. Or let the service reframe it: --auto-fix-training-image."
    ),
    prevents=("Phx4CenterFaceNotVisibleError",),
    passing={
        "in the middle": portrait(sitter()),
        "just near enough": portrait(sitter(x=0.351)),
        "high up": portrait(sitter(0.2, y=0.15)),
        "nobody, which IMG020 speaks of": portrait(),
        "so far aside that an ear is cut off, which IMG025 speaks of": portrait(sitter(x=0.05)),
    },
    failing={
        "just too far left": portrait(sitter(x=0.349)),
        "just too far down": portrait(sitter(y=0.651)),
        "just far enough right to be certain": portrait(sitter(x=0.801)),
    },
)
def image_face_off_centre(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """The face is beside the middle of the photo, or below it.

    The service wants it in the centre and does not say how far from there it may be. Above the middle is
    where the face of a good portrait is, and is not judged. A head that the edge cuts off is the business of
    IMG025.
    """
    limits, offset = policy.portrait, portrait.offset
    if offset is None or portrait.is_cut(limits.cut_suspected.value / 100):
        return
    if 100 * offset > limits.offset_suspected.value:
        certain = portrait.is_sure and 100 * offset > limits.offset_certain.value
        yield Violation(
            f"the face is {rounded_up(100 * offset, 0):g} % of the photo's width or height from its middle; "
            f"at most {limits.offset_suspected.value:g} % is fine",
            measured=rounded_up(100 * offset, 1),
            limit=limits.offset_certain if certain else limits.offset_suspected,
            suspected=not certain,
        )
