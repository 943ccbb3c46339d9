from __future__ import annotations

from collections.abc import Iterator

from preflight.errors import Unavailable
from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up

_DARK = [{"bright_end": 0.1}] * 20
_WHITE = [{"bright": 0.95}] * 20


@rule(
    "VID025",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Clean the lens, focus on your face, add light, and do not enlarge a smaller recording.",
    prevents=("quality_issue_detected",),
    passing={
        "sharp": pictures(),
        "a little soft": pictures(edge_width_px=3.0),
        "too dark to tell, which VID023 speaks of": pictures(*_DARK, usual=0, edge_width_px=9.0),
        "white, which VID024 speaks of": pictures(*_WHITE, usual=0, edge_width_px=None),
    },
    failing={"out of focus": pictures(edge_width_px=6.0), "soft, suspected": pictures(edge_width_px=3.1)},
)
def picture_blurred(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Nothing in the picture is sharp: out of focus, moved, or enlarged from a smaller one.

    Judged by the sharpest edges of some frames, so that a soft background is fine. Where noise of the sensor
    is as strong as the edges nothing can be said.
    """
    limits = policy.picture
    unlit = 100 * picture.usual("bright_end") < limits.dim_certain.value
    if unlit or 100 * picture.usual("bright") > limits.blown_certain.value:
        return
    if picture.edge_width_px is None:
        raise Unavailable("the picture shows no edges above its noise by which its sharpness could be told")
    width = picture.edge_width_px
    if width > limits.edge_width_suspected.value:
        certain = width > limits.edge_width_certain.value
        yield Violation(
            f"even the sharpest edges are {rounded_up(width, 1):g} pixels wide",
            measured=rounded_up(width, 2),
            limit=limits.edge_width_certain if certain else limits.edge_width_suspected,
            suspected=not certain,
        )
