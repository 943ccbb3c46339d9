from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, rule
from preflight.rules.examples import media, sound, video
from preflight.submission import Role


@rule(
    "AUD004",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export the recording with one sound track, the one that holds the voice.",
    prevents=("audio_processing", "consent_phrase_mismatch"),
    mends=Mend.LEAVE_ALONE,
    passing={"one sound track": media(video()), "none, which AUD001 speaks of": media(video(), audio=())},
    failing={"two sound tracks": media(video(), audio=(sound(), sound()))},
)
def audio_tracks_ambiguous(media: MediaFacts, policy: Policy) -> Iterator[Doubt]:
    """The file holds more than one sound track, and it is unknown which of them the service hears.

    The first one is listened to here. Players and tools choose by default flag, language or number of
    channels, so another track may say something else, such as a refusal. A person has to decide.
    """
    if len(media.audio) > 1:
        yield Doubt(f"has {len(media.audio)} audio tracks; only the first was listened to")
