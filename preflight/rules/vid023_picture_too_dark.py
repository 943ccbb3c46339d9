from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_down


def _lit(bright_end: float, **facts: Any) -> list[dict[str, Any]]:
    return [{"bright_end": bright_end, **facts}] * 20


@rule(
    "VID023",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Put a lamp or a window in front of you, so that your face is lit from both sides.",
    prevents=("poor_lighting", "teeth_not_visible"),
    passing={
        "a lit scene": pictures(),
        "a lit face before a dark wall": pictures(*_lit(0.4), usual=0),
        "black, which VID018 speaks of": pictures(*_lit(0.02, dark=1.0), usual=0),
    },
    failing={
        "a dark room": pictures(*_lit(0.2), usual=0),
        "dim light, suspected": pictures(*_lit(0.39), usual=0),
    },
)
def picture_too_dark(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Even the lightest parts of the picture are dark.

    Judged by the brightness that only a twentieth of the pixels exceed, in the usual frame: a lit face before
    a dark wall is fine.
    """
    limits = policy.picture
    if picture.is_black(limits.black.value / 100):
        return
    light = 100 * picture.usual("bright_end")
    if light < limits.dim_suspected.value:
        certain = light < limits.dim_certain.value
        yield Violation(
            f"only a twentieth of the picture is brighter than {rounded_down(light, 0):g} % of white",
            measured=rounded_down(light, 1),
            limit=limits.dim_certain if certain else limits.dim_suspected,
            suspected=not certain,
        )
