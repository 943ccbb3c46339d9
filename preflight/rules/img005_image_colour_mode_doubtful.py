from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG005",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export the photo in RGB colour without transparency.",
    mends=Mend.CLEAN_COPY,
    passing={"RGB": image(), "greyscale": image(mode="L")},
    failing={"CMYK, made for print": image(mode="CMYK"), "transparent PNG": image(format="PNG", mode="RGBA")},
)
def image_colour_mode_doubtful(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The colours are stored in a way that programs show differently.

    CMYK is made for print, transparency needs a background, palettes and 16-bit channels are rare in
    photos. The service does not say what it does with them.
    """
    mode, limit = known(image.mode, "colour mode"), policy.image.colour_modes
    if mode not in limit.value:
        yield Violation(
            f"the colour mode is {mode}; {' or '.join(limit.value)} is safe", measured=mode, limit=limit
        )
