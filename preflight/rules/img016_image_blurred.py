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
from preflight.rules.img015_image_contrast_low import image_contrast_low
from preflight.rules.img017_image_noisy import image_noisy
from preflight.submission import Role
from preflight.text import rounded_up

_NO_FACE: dict[str, Any] = {"region": Region.PICTURE, "edges_in": Region.PICTURE}
_EXPLAINED = (image_too_dark, image_overexposed, image_contrast_low, image_noisy)


@rule(
    "IMG016",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Clean the lens, focus on your face, hold still, and do not enlarge a smaller photo.",
    prevents=("ImageQualityError",),
    passing={
        "sharp": photo(),
        "a little soft": photo(edge_width_px=3.0),
        "a little soft, no face known": photo(**_NO_FACE, edge_width_px=4.5),
        "too dark to tell, which IMG013 speaks of": photo(
            bright_end=0.1, picture_bright_end=0.1, edge_width_px=9.0
        ),
        "white, which IMG014 speaks of": photo(over_exposure=0.9, edge_width_px=None),
        "fog, which IMG015 speaks of": photo(contrast=0.05, edge_width_px=None),
        "noise, which IMG017 speaks of": photo(noise=30.0, edge_width_px=None),
    },
    failing={
        "out of focus": photo(edge_width_px=4.6),
        "soft, suspected": photo(edge_width_px=3.1),
        "no face known": photo(**_NO_FACE, edge_width_px=8.1),
        "no face known, suspected": photo(**_NO_FACE, edge_width_px=4.6),
    },
)
def image_blurred(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """Nothing in the face is sharp: out of focus, moved, or enlarged from a smaller photo.

    Judged by the sharpest edges of the face, so that a soft background is fine, and one that is sharp does
    not hide a face that is not. Where the face is small, or not known, the sharpest edges of the picture
    count, of larger parts, which are never as sharp. A photo that is taken with too little light or contrast,
    or is full of noise, has that fault alone.
    """
    limits = policy.photo
    if any(any(rule.judge(photo, policy)) for rule in _EXPLAINED):
        return
    if photo.edge_width_px is None:
        where = photo.edges_in
        raise Unavailable(f"the {where} shows no edges above its noise by which its sharpness could be told")
    on_face = photo.edges_in is Region.FACE
    suspected = limits.edge_width_suspected if on_face else limits.edge_width_picture_suspected
    sure = limits.edge_width_certain if on_face else limits.edge_width_picture_certain
    width = photo.edge_width_px
    if width > suspected.value:
        certain = width > sure.value
        yield Violation(
            f"even the sharpest edges of the {photo.edges_in} are {rounded_up(width, 1):g} pixels wide",
            measured=rounded_up(width, 2),
            limit=sure if certain else suspected,
            suspected=not certain,
        )
