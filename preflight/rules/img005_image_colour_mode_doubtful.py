from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import image
from preflight.submission import Role

_COLOURS = {"RGBA": "RGB", "LA": "L", "I;16": "L"}


@rule(
    "IMG005",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export the photo in RGB colour with 8 bits a channel, without transparency.",
    mends=Mend.CLEAN_COPY,
    passing={
        "RGB": image(),
        "greyscale": image(mode="L"),
        "an alpha channel that hides nothing": image(format="PNG", mode="RGBA"),
        "8 bits": image(format="PNG", bits=8),
    },
    failing={
        "CMYK, made for print": image(mode="CMYK"),
        "a palette": image(format="PNG", mode="P"),
        "transparent PNG": image(format="PNG", mode="RGBA", transparent=True),
        "16 bits a channel": image(format="PNG", bits=16),
        "16 bits of grey": image(format="PNG", mode="I;16", bits=16),
    },
)
def image_colour_mode_doubtful(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The colours are stored in a way that programs show differently.

    CMYK is made for print, transparency needs a background, palettes and 16-bit channels are rare in
    photos. The service does not say what it does with them. An alpha channel in which every pixel is
    opaque is no fault.
    """
    mode, modes, bits = known(image.mode, "colour mode"), policy.image.colour_modes, policy.image.max_bits
    if _COLOURS.get(mode, mode) not in modes.value:
        yield Violation(
            f"the colour mode is {mode}; {' or '.join(modes.value)} is safe", measured=mode, limit=modes
        )
    if image.transparent:
        yield Violation("is transparent in places; programs differ in what they put behind", measured=mode)
    if image.bits > bits.value:
        yield Violation(
            f"has {image.bits} bits a channel; {bits.value} are safe", measured=image.bits, limit=bits
        )
