from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role

_NAMED = 3


@rule(
    "IMG010",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export the photo as a JPEG that holds one picture; preflight fix does.",
    mends=Mend.CLEAN_COPY,
    passing={"one picture": image()},
    failing={
        "a gain map for bright screens": image(format="MPO", further_pictures=("a gain map",)),
        "a stereo photo": image(format="MPO", further_pictures=("another view",)),
        "many": image(format="MPO", further_pictures=("a preview",) * 5),
    },
)
def image_further_pictures(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The JPEG holds further pictures behind the one that programs show (MPO).

    Cameras put previews, other views and gain maps for bright screens there. They do not change what is
    shown, and are sent along; a program that takes another than the first would train on the wrong one.
    """
    further = image.further_pictures
    if further:
        more = ", ..." if len(further) > _NAMED else ""
        yield Violation(
            f"holds {len(further)} more {'picture' if len(further) == 1 else 'pictures'} behind the one "
            f"that is shown: {', '.join(further[:_NAMED])}{more}",
            measured=len(further),
            unit="pictures",
        )
