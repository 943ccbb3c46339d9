from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG006",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export the photo at a smaller size; 2000 x 2000 pixels are plenty.",
    prevents=("ImageQualityError",),
    mends=Mend.LEAVE_ALONE,
    passing={"a large photo": image(12_000, 9_000), "exactly the limit": image(12_000, 10_000)},
    failing={
        "400 million pixels": image(20_000, 20_000, decoded=None),
        "more than is opened": image(
            width=None, height=None, decoded=None, fault="could be decompression bomb"
        ),
    },
)
def image_pixels_excessive(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The image claims more pixels than are safe to decode.

    A few kilobytes can claim a picture that fills the memory. The size is read from the header, and nothing
    above this limit is decoded. The service names no maximum of its own.
    """
    limit = policy.image.max_pixels
    if image.fault is not None and image.pixels is None and image.decoded is None:
        yield Violation(f"claims more than the {limit.value:,} pixels that are decoded here", limit=limit)
    elif known(image.pixels, "size") > limit.value:
        yield Violation(
            f"claims {image.pixels:,} pixels; at most {limit.value:,} are decoded here",
            measured=image.pixels,
            limit=limit,
        )
