from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID016",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Nothing needs to be done; to be sure, send a copy that is stored the way it is shown.",
    mends=Mend.UPRIGHT,
    passing={"stored as shown": media(video()), "a whole turn": media(video(rotation=360))},
    failing={"a phone held upright": media(video(rotation=-90)), "upside down": media(video(rotation=180))},
)
def video_rotated(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is stored lying or upside down, with a note in the header to turn it.

    Phones do that and players heed it. A program that does not sees a person lying on their side. That the
    service turns the picture is not documented.
    """
    rotation = media.first_video.rotation
    if rotation % 360:
        yield Violation(f"is stored turned by {abs(rotation)} degrees", measured=rotation, unit="degrees")
