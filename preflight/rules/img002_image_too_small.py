from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG002",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Use the original photo, or take a new one; enlarging a small picture does not help.",
    prevents=("ImageQualityError",),
    passing={"512 x 512": image(512, 512), "3000 x 4000": image(3000, 4000)},
    failing={"511 x 800": image(511, 800), "400 x 400": image(400, 400)},
)
def image_too_small(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The image has fewer pixels than the service takes, as it is shown after its EXIF orientation."""
    limit = policy.image.min_side
    if known(image.short_side, "size") < limit.value:
        yield Violation(
            f"is {image.width} x {image.height}; at least {limit.value} x {limit.value} is required",
            measured=image.short_side,
            limit=limit,
        )
