from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.photo import PhotoFacts, Region
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import photo
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG014",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Turn the flash off or move away from the lamp, and take the photo again with less exposure.",
    prevents=("ImageQualityError",),
    passing={
        "in good light": photo(),
        "light on the forehead": photo(over_exposure=0.25),
        "a white wall, no face known": photo(region=Region.PICTURE, over_exposure=0.85),
    },
    failing={
        "most of the face is white": photo(over_exposure=0.61),
        "a flash, suspected": photo(over_exposure=0.26),
        "hardly anything but white, suspected": photo(region=Region.PICTURE, over_exposure=0.9),
    },
)
def image_overexposed(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """Much of the face is white and shows nothing: there was too much light for the camera.

    Judged by the share of pixels as good as white. Where no face is known, that of the whole picture is only
    suspected: a white wall looks the same.
    """
    limits, white = policy.photo, 100 * photo.over_exposure
    on_face = photo.region is Region.FACE
    limit = limits.white_face_suspected if on_face else limits.white_picture_suspected
    if white > limit.value:
        certain = on_face and white > limits.white_face_certain.value
        yield Violation(
            f"{rounded_up(white, 0):g} % of the {photo.region} is white",
            measured=rounded_up(white, 1),
            limit=limits.white_face_certain if certain else limit,
            suspected=not certain,
        )
