from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG004",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export one single picture as JPEG or PNG.",
    prevents=("ImageQualityError",),
    mends=Mend.LEAVE_ALONE,
    passing={
        "one picture": image(),
        "a JPEG with a preview, which IMG010 speaks of": image(format="MPO", further_pictures=("a preview",)),
    },
    failing={"an animated PNG": image(format="PNG", frames=3)},
)
def image_animated(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The file is an animation, so it is unclear which of its pictures would be used."""
    if image.frames > 1:
        yield Violation(
            f"holds {image.frames} pictures; one is required", measured=image.frames, unit="pictures"
        )
