from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.photo import PhotoFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import photo
from preflight.rules.img013_image_too_dark import image_too_dark
from preflight.rules.img014_image_overexposed import image_overexposed
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "IMG015",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Clean the lens, keep lamps and the sun out of the picture, and take the photo again.",
    prevents=("ImageQualityError",),
    passing={
        "clear": photo(),
        "soft light": photo(contrast=0.25),
        "black, which IMG013 speaks of": photo(contrast=0.0, bright_end=0.0, picture_bright_end=0.0),
        "white, which IMG014 speaks of": photo(contrast=0.0, over_exposure=1.0),
    },
    failing={"fog on the lens": photo(contrast=0.11), "a veil of light, suspected": photo(contrast=0.24)},
)
def image_contrast_low(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """Nothing in the face is much darker than the rest: a veil of light or a dirty lens takes its contrast.

    Judged by the difference of the darkest and the brightest hundredth of the pixels beside their sum, which
    is the same for all skin and in any light: pupils and nostrils are dark in every face.
    """
    limits, contrast = policy.photo, 100 * photo.contrast
    if any(image_too_dark.judge(photo, policy)) or any(image_overexposed.judge(photo, policy)):
        return
    if contrast < limits.contrast_suspected.value:
        certain = contrast < limits.contrast_certain.value
        yield Violation(
            f"the contrast of the {photo.region} is {rounded_down(contrast, 0):g} %",
            measured=rounded_down(contrast, 1),
            limit=limits.contrast_certain if certain else limits.contrast_suspected,
            suspected=not certain,
        )
