from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.sound import SpeechFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import speech
from preflight.submission import Role


@rule(
    "AUD003",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=SpeechFacts,
    remedy="Record again, speaking from the start; check that the right microphone is chosen and not muted.",
    prevents=("audio_processing",),
    passing={"somebody speaks": speech((1.2, 28.0))},
    failing={"silence, noise or music": speech()},
)
def speech_missing(speech: SpeechFacts, policy: Policy) -> Iterator[Violation]:
    """Nobody speaks in the opening of the training video.

    The voice is learned from the speech in the clip, which comes first in every documented recording
    structure. Speech is found by a voice activity detector, on its own, before any words are recognised.
    """
    if not speech.regions:
        yield Violation(
            f"no speech in the first {speech.heard_s:.1f} s", measured=0.0, unit="s", at=(0.0, speech.heard_s)
        )
