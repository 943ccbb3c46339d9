from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from preflight.errors import Unavailable
from preflight.evidence.photo import PhotoFacts, Region
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import photo
from preflight.rules.img013_image_too_dark import image_too_dark
from preflight.rules.img014_image_overexposed import image_overexposed
from preflight.submission import Role
from preflight.text import rounded_down

_NO_FACE: dict[str, Any] = {"region": Region.PICTURE, "light_ratio": None}


@rule(
    "IMG019",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Face the light, a window or two lamps, so that both sides of your face are bright.",
    prevents=("ImageQualityError",),
    passing={
        "evenly": photo(),
        "just evenly enough": photo(light_ratio=0.45),
        "all dark, which IMG013 speaks of": photo(**_NO_FACE, bright_end=0.1, picture_bright_end=0.1),
        "half of it white, which IMG014 speaks of": photo(light_ratio=0.2, over_exposure=0.5),
    },
    failing={
        "one side in the dark": photo(light_ratio=0.27),
        "a lamp aside, suspected": photo(light_ratio=0.44),
    },
)
def image_light_uneven(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """One side of the face is much darker than the other.

    Compared are the brightest tenths on the left and on the right, so that hair over a part of one side, or a
    beard, makes no difference. Hair that covers all of one side looks like darkness. Only told
    where a face is found.
    """
    limits = policy.photo
    if any(image_too_dark.judge(photo, policy)) or any(image_overexposed.judge(photo, policy)):
        return
    if photo.light_ratio is None:
        raise Unavailable("no face is found, or it is too small, to compare the light on its sides")
    ratio = 100 * photo.light_ratio
    if ratio < limits.light_ratio_suspected.value:
        certain = ratio < limits.light_ratio_certain.value
        yield Violation(
            f"the darker side of the face is {rounded_down(ratio, 0):g} % as bright as the other",
            measured=rounded_down(ratio, 1),
            limit=limits.light_ratio_certain if certain else limits.light_ratio_suspected,
            suspected=not certain,
        )
