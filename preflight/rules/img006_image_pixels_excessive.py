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
    remedy="Export the photo at a smaller size, as a plain JPEG; 2000 x 2000 pixels are plenty.",
    prevents=("ImageQualityError",),
    mends=Mend.LEAVE_ALONE,
    passing={
        "the largest of a phone": image(8192, 6144),
        "exactly the limit": image(10_000, 5_100),
        "a progressive JPEG": image(4000, 3000, scans=10, coefficients=18_000_000),
    },
    failing={
        "400 million pixels": image(20_000, 20_000, decoded=None),
        "a few too many": image(10_000, 5_101, decoded=None),
        "3000 scans": image(1000, 1000, scans=3000, decoded=None),
        "a large JPEG for print, in several scans": image(
            8000, 6000, mode="CMYK", scans=18, coefficients=192_000_000, decoded=None
        ),
        "25 MB of scans": image(8000, 6000, scans=10, scan_bytes=25_000_000, decoded=None),
        "a large PNG of 16 bits": image(
            8000, 6000, format="PNG", bits=16, unpacked_bytes=288_006_000, decoded=None
        ),
        "a file of nothing but comments": image(width=None, height=None, decoded=None, parts=50_001),
        "a damaged one that claims too much": image(
            20_000, 20_000, decoded=False, fault="its header makes no sense"
        ),
    },
)
def image_pixels_excessive(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The image claims more pixels, or more work, than is safe to decode.

    A few kilobytes can claim a picture that fills the memory, or have a decoder go over it thousands of
    times. Sizes are read from the headers, and nothing above these limits is decoded. The service names no
    maximum of its own.
    """
    limits = policy.image
    crowded = image.parts > limits.max_parts.value  # so much so that no size was found
    pixels = image.pixels or 0 if crowded else known(image.pixels, "size")
    claims = (
        (pixels, limits.max_pixels, "claims {:,} pixels"),
        (pixels * image.scans, limits.max_scanned, "goes over its pixels again and again, {:,} in all"),
        (image.coefficients, limits.max_coefficients, "has {:,} coefficients in several scans"),
        (image.scan_bytes, limits.max_scan_bytes, "has {:,} bytes in several scans"),
        (image.unpacked_bytes, limits.max_unpacked, "unpacks to {:,} bytes"),
        (image.parts, limits.max_parts, "is made of {:,} parts or more"),
    )
    for claimed, limit, words in claims:
        if claimed > limit.value:
            yield Violation(
                f"{words.format(claimed)}; at most {limit.value:,} are decoded here",
                measured=claimed,
                limit=limit,
            )
            return
