from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG023",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy=(
        "Step back until your shoulders are in the photo too. "
        "Or let the service reframe it: --auto-fix-training-image."
    ),
    prevents=("HeadNotFullyInFrameError",),
    passing={
        "head and shoulders": portrait(sitter(0.4)),
        "just small enough": portrait(sitter(0.699, y=0.5)),
        "nobody, which IMG020 speaks of": portrait(),
        "so large that the crown is cut off, which IMG025 speaks of": portrait(sitter(1.2)),
    },
    failing={
        "just too large": portrait(sitter(0.701, y=0.5)),
        "just large enough to be certain": portrait(sitter(0.7, y=0.5), size=(666, 1000)),
    },
)
def image_face_too_large(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """The face is large: there is no room for the shoulders.

    A photo of head and shoulders is asked for. Measured is the height of the head, estimated from the face,
    against the shorter side of the photo, since shoulders need width. It is certain only beyond what the
    photos of passports have. A head that the edge cuts off is the business of IMG025.
    """
    limits, head = policy.portrait, portrait.head
    if head is None or portrait.is_cut(limits.cut_suspected.value / 100):
        return
    if 100 * head > limits.max_head_suspected.value:
        certain = portrait.is_sure and 100 * head > limits.max_head_certain.value
        yield Violation(
            f"the head is about {rounded_up(100 * head, 0):g} % as high as the photo's shorter side; "
            f"at most {limits.max_head_suspected.value:g} % leaves room for the shoulders",
            measured=rounded_up(100 * head, 1),
            limit=limits.max_head_certain if certain else limits.max_head_suspected,
            suspected=not certain,
        )
