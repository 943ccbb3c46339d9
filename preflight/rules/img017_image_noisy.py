from __future__ import annotations

from collections.abc import Iterator

from preflight.errors import Unavailable
from preflight.evidence.photo import PhotoFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import photo
from preflight.rules.img013_image_too_dark import image_too_dark
from preflight.rules.img014_image_overexposed import image_overexposed
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG017",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Add light, so that the camera need not amplify, and leave filters that add grain off.",
    prevents=("ImageQualityError",),
    passing={
        "a good camera": photo(),
        "some grain": photo(noise=12.0),
        "black, which IMG013 speaks of": photo(bright_end=0.05, picture_bright_end=0.05, noise=None),
        "white, which IMG014 speaks of": photo(over_exposure=1.0, noise=None),
    },
    failing={"nothing but noise": photo(noise=26.0), "much noise, suspected": photo(noise=12.1)},
)
def image_noisy(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """The face is covered with noise, as a camera makes it that has too little light.

    Judged by the calmest parts of the face, such as a cheek, where there is hardly anything else to see; so
    a beard or freckles are no noise. Smoothing and compression take noise away, and detail with it.
    """
    limits = policy.photo
    if photo.noise is None:
        if any(image_too_dark.judge(photo, policy)) or any(image_overexposed.judge(photo, policy)):
            return
        raise Unavailable(f"the {photo.region} has no part large and grey enough to see noise in")
    if photo.noise > limits.noise_suspected.value:
        certain = photo.noise > limits.noise_certain.value
        yield Violation(
            f"noise of {rounded_up(photo.noise, 0):g} grey levels covers the {photo.region}",
            measured=rounded_up(photo.noise, 1),
            limit=limits.noise_certain if certain else limits.noise_suspected,
            suspected=not certain,
        )
