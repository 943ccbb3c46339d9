from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role

_TURNS = {
    2: "mirrored",
    3: "turned by half",
    4: "turned by half and mirrored",
    5: "turned by a quarter and mirrored",
    6: "turned by a quarter",
    7: "turned by a quarter and mirrored",
    8: "turned by a quarter",
}


@rule(
    "IMG012",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Turn the photo in an editing program and save it, so that its pixels are upright.",
    mends=Mend.CLEAN_COPY,
    passing={"upright": image()},
    failing={"held upright": image(orientation=6), "mirrored": image(orientation=2)},
)
def image_turned_by_metadata(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The photo is upright only where a program follows its EXIF orientation.

    Phones store pictures as the sensor sees them. Viewers turn them; the service does not say whether
    it does.
    """
    turn = _TURNS.get(image.orientation)
    if turn is not None:
        yield Violation(
            f"is stored {turn}; its metadata tell programs to put it right", measured=image.orientation
        )
