from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import image
from preflight.submission import Role


@rule(
    "IMG009",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=ImageFacts,
    remedy="Export the photo again, as a still picture, so that the file holds the picture and no more.",
    mends=Mend.CLEAN_COPY,
    passing={"nothing after the picture": image()},
    failing={
        "a motion photo of a phone": image(appended_bytes=2_500_000, appended="an MP4 file"),
        "an archive": image(format="PNG", appended_bytes=812, appended="a ZIP archive"),
        "one byte": image(appended_bytes=1, appended="plain text"),
    },
)
def image_data_appended(image: ImageFacts, policy: Policy) -> Iterator[Violation]:
    """Something follows the end of the picture in the file.

    Phones put the film of a motion photo there, with sound; some programs leave there what they cropped away.
    Viewers show none of it, and all of it is sent. A file that is two things at once may also be refused.
    """
    if not image.appended_bytes:
        return
    film = image.appended in ("an MP4 file", "a QuickTime movie")
    what = "the film of a motion photo" if film else image.appended
    size = f"{image.appended_bytes:,} {'byte' if image.appended_bytes == 1 else 'bytes'}"
    yield Violation(
        f"{size} follow the end of the picture: {what}", measured=image.appended_bytes, unit="bytes"
    )
