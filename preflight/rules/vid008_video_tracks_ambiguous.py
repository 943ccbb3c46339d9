from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID008",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export the recording with one video track.",
    prevents=("video_processing_file",),
    mends=Mend.LEAVE_ALONE,
    passing={"one video track": media(video()), "none, which VID007 speaks of": media()},
    failing={"two video tracks": media(video(), video(640, 360))},
)
def video_tracks_ambiguous(media: MediaFacts, policy: Policy) -> Iterator[Doubt]:
    """The file holds more than one video track, and it is unknown which of them the service sees.

    The first one is judged here; a person has to decide. Cover art is no video track.
    """
    if len(media.video) > 1:
        yield Doubt(f"has {len(media.video)} video tracks; only the first was judged")
