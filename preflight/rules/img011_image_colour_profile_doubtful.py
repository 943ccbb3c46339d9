from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG011",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export the photo in the colour space sRGB.",
    mends=Mend.CLEAN_COPY,
    passing={
        "no profile": image(),
        "sRGB": image(profile="sRGB IEC61966-2.1"),
        "greyscale": image(mode="L", profile="Gray Gamma 2.2"),
    },
    failing={
        "as iPhones write it": image(profile="Display P3"),
        "Adobe RGB": image(profile="Adobe RGB (1998)"),
        "a profile of a printer": image(profile="Coated FOGRA39", profile_fits=False),
        "one that cannot be read": image(profile=""),
    },
)
def image_colour_profile_doubtful(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """The colours may look different elsewhere: the colour profile is not sRGB, or makes no sense.

    A program that leaves the profile aside shows a wide colour space pale, skin above all. The service does
    not say whether it converts. A profile for other colours than these, or one that cannot be read, counts
    for nothing.
    """
    profile, limit = image.profile, policy.image.wide_profiles
    if profile is None:
        return
    if not profile:
        yield Violation("has a colour profile that cannot be read")
    elif not image.profile_fits:
        yield Violation(f"has a colour profile that is not for its colours: {profile}", measured=profile)
    elif any(words.lower() in profile.lower() for words in limit.value):
        yield Violation(
            f"has the colour profile {profile}; without it, colours look paler than they are",
            measured=profile,
        )
