from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.photo import PhotoFacts, Region
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import photo
from preflight.submission import Role
from preflight.text import rounded_down, rounded_up


@rule(
    "IMG013",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Face a window or a lamp, and take the photo again.",
    prevents=("ImageQualityError",),
    passing={
        "in good light": photo(),
        "just light enough": photo(bright_end=0.3, picture_bright_end=0.3),
        "dark skin before a bright wall": photo(bright_end=0.16, under_exposure=0.2),
        "a lit face before a black wall": photo(picture_bright_end=0.05),
        "a black wall, no face known": photo(region=Region.PICTURE, under_exposure=0.9),
    },
    failing={
        "a dark room": photo(bright_end=0.14, picture_bright_end=0.14),
        "dim light, suspected": photo(bright_end=0.29, picture_bright_end=0.28),
        "a face before a window, suspected": photo(bright_end=0.12, under_exposure=0.51),
        "nothing but the outline of a face": photo(bright_end=0.08, under_exposure=0.95),
    },
)
def image_too_dark(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """Even the lightest parts of the photo are dark, or the face is black.

    Judged by the brightness that only a twentieth of the pixels exceed, of the face or of the whole picture,
    whichever has more: nobody can tell dark skin from skin in the shade, and neither is a fault where
    something else is lit. A face that is nothing but black before a bright background is one.
    """
    limits = policy.photo
    light = 100 * max(photo.bright_end, photo.picture_bright_end)
    black = 100 * photo.under_exposure
    if light < limits.dim_suspected.value:
        certain = light < limits.dim_certain.value
        yield Violation(
            f"only a twentieth of the photo is brighter than {rounded_down(light, 0):g} % of white",
            measured=rounded_down(light, 1),
            limit=limits.dim_certain if certain else limits.dim_suspected,
            suspected=not certain,
        )
    elif photo.region is Region.FACE and black > limits.black_face_suspected.value:
        certain = black > limits.black_face_certain.value
        yield Violation(
            f"{rounded_up(black, 0):g} % of the face is black",
            measured=rounded_up(black, 1),
            limit=limits.black_face_certain if certain else limits.black_face_suspected,
            suspected=not certain,
        )
