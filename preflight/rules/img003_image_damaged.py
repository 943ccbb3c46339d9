from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG003",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Copy or export the photo again; the file was cut short or damaged on its way.",
    prevents=("ImageQualityError",),
    mends=Mend.LEAVE_ALONE,
    passing={"every pixel decodes": image()},
    failing={
        "half a JPEG": image(decoded=False, fault="image file is truncated (12 bytes not processed)"),
        "a wrong checksum": image(
            format="PNG", decoded=False, fault="the checksum of a chunk (IDAT) is wrong"
        ),
    },
)
def image_damaged(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The image cannot be decoded to its last pixel."""
    if not known(image.decoded, "pixels: it was not decoded"):
        yield Violation(f"cannot be read to its end: {image.fault}")
