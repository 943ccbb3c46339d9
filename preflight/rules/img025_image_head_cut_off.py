from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG025",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy=(
        "Leave room around your whole head, hair included. "
        "Or let the service reframe it: --auto-fix-training-image."
    ),
    prevents=("HeadNotFullyInFrameError",),
    passing={
        "room above": portrait(sitter()),
        "no room above": portrait(sitter(0.6, y=0.35)),
        "just a little is cut off": portrait(sitter(0.6, y=0.321)),
        "nobody, which IMG020 speaks of": portrait(),
    },
    failing={
        "just too much": portrait(sitter(0.6, y=0.319)),
        "just enough to be certain": portrait(sitter(0.6, y=0.229)),
        "an ear": portrait(sitter(x=0.05)),
        "the chin": portrait(sitter(y=0.95)),
        "half of the face, and one eye with it": portrait(sitter(x=0.0, eyes=1)),
    },
)
def image_head_cut_off(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """The edge of the photo cuts off a part of the head.

    Where crown, chin and ears are is estimated from the place of the face, by the proportions of the one
    person on whom that was measured. Certain is what would be cut off without any hair. A face that is cut
    off at the eyes is not found at all, which IMG020 speaks of.
    """
    limits, room = policy.portrait, portrait.room
    if room is not None and portrait.is_cut(limits.cut_suspected.value / 100):
        certain = portrait.is_sure and portrait.is_cut(limits.cut_certain.value / 100)
        yield Violation(
            f"about {rounded_up(-100 * room, 0):g} % of the head seems cut off by the edge",
            measured=rounded_up(-100 * room, 1),
            limit=limits.cut_certain if certain else limits.cut_suspected,
            suspected=not certain,
        )
