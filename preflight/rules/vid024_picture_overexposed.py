from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID024",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Move the lamp away or turn from the window, lower the exposure of the camera, and record again.",
    prevents=("poor_lighting",),
    passing={"a lit scene": pictures(), "a bright wall": pictures(*[{"bright": 0.4}] * 20, usual=0)},
    failing={
        "hardly anything but white": pictures(*[{"bright": 0.9}] * 20, usual=0),
        "half of it white, suspected": pictures(*[{"bright": 0.5}] * 20, usual=0),
    },
)
def picture_overexposed(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Much of the picture is white and shows nothing: there was too much light for the camera.

    Judged by the share of pixels as good as white, in the usual frame. A white wall alone can look like that.
    """
    limits, white = policy.picture, 100 * picture.usual("bright")
    if white > limits.blown_suspected.value:
        certain = white > limits.blown_certain.value
        yield Violation(
            f"{rounded_up(white, 0):g} % of the picture is white",
            measured=rounded_up(white, 1),
            limit=limits.blown_certain if certain else limits.blown_suspected,
            suspected=not certain,
        )
