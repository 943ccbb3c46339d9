from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG001",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Save the photo as JPEG or PNG and check again.",
    prevents=("ImageQualityError",),
    passing={"JPEG": image(), "PNG": image(format="PNG")},
    failing={"GIF": image(format=None, kind="a GIF image", width=None, height=None, decoded=None)},
)
def image_format_unsupported(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The image is neither JPEG nor PNG, whatever it is called.

    A JPEG that holds several pictures (MPO) counts as one here; IMG010 speaks of the pictures.
    """
    limit = policy.image.formats
    if image.format not in (*limit.value, "MPO"):
        yield Violation(
            f"is {image.kind}; {' or '.join(limit.value)} is required", measured=image.kind, limit=limit
        )
