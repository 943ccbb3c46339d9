from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG008",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Run preflight fix, which leaves the metadata out, or export the photo without its location.",
    mends=Mend.CLEAN_COPY,
    passing={"no metadata": image(), "a profile and an orientation": image(profile="sRGB", orientation=6)},
    failing={
        "as phones write it": image(location=("EXIF",)),
        "as editing programs write it": image(location=("XMP", "IPTC")),
    },
)
def image_location_included(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The metadata of the photo say where it was taken, often to within a few metres.

    They go to the service with the picture, which does not need them. Reports name the kind of metadata and
    never the place.
    """
    if image.location:
        yield Violation(
            f"says where it was taken ({', '.join(image.location)}); whoever is sent the file is told",
            measured=", ".join(image.location),
        )
