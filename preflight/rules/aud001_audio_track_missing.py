from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "AUD001",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Record again with the microphone on; the sound of the clip becomes the voice.",
    prevents=("audio_processing",),
    passing={"a sound track": media(video())},
    failing={"picture alone": media(video(), audio=())},
)
def audio_track_missing(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The file holds no sound, so there is neither a voice to train nor a consent to hear."""
    if not media.audio:
        yield Violation("has no audio track", measured=0, unit="tracks")
