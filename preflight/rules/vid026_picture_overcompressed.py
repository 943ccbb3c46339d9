from __future__ import annotations

from collections.abc import Iterator

from preflight.errors import Unavailable
from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID026",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Record at a higher bit rate, and send the file itself, not a copy that a messenger shrank.",
    prevents=("quality_issue_detected",),
    passing={"smooth": pictures(), "as a browser records": pictures(blockiness=4.5)},
    failing={"nothing but blocks": pictures(blockiness=9.0), "blocks, suspected": pictures(blockiness=4.6)},
)
def picture_overcompressed(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """The picture falls into blocks: too few bits were spent on it.

    Judged by the steps at the borders of the 8 x 8 blocks of the codec beside those within them, and not by
    the bit rate, which a calm scene needs little of. Not measured where the picture
    has to be scaled to be looked at: above 1080p, and where its pixels are not square.
    """
    limits = policy.picture
    if picture.blockiness is None:
        raise Unavailable("blocks are only seen in a picture that is stored as it is shown, up to 1080p")
    if picture.blockiness > limits.blockiness_suspected.value:
        certain = picture.blockiness > limits.blockiness_certain.value
        yield Violation(
            f"the borders of coded blocks stand out {rounded_up(picture.blockiness, 1):g} times",
            measured=rounded_up(picture.blockiness, 2),
            limit=limits.blockiness_certain if certain else limits.blockiness_suspected,
            suspected=not certain,
        )
