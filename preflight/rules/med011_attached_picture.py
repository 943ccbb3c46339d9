from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "MED011",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export without a cover picture or thumbnail.",
    prevents=("video_processing_file",),
    mends=Mend.FIRST_TRACKS,
    passing={"picture and sound alone": media(video())},
    failing={"a cover picture": media(video(), attached_pictures=1)},
)
def attached_picture(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The file holds a still picture as a second video track: cover art or a thumbnail.

    A program that takes the first or the largest video track may take that one.
    """
    if media.attached_pictures:
        yield Violation("holds a cover picture as another video track", measured=media.attached_pictures)
