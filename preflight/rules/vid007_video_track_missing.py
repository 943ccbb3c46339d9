from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID007",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Record picture and sound together; a sound file or a slide with sound is not a training video.",
    prevents=("video_processing_file",),
    passing={"a video track": media(video())},
    failing={"sound alone": media()},
)
def video_track_missing(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The file holds no moving picture. Cover art in a sound file is none."""
    if not media.video:
        extra = "; it holds cover art only" if media.attached_pictures else ""
        yield Violation(f"has no video track{extra}", measured=0, unit="tracks")
