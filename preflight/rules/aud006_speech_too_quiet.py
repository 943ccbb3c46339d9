from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.sound import SpeechFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import speech
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "AUD006",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=SpeechFacts,
    remedy="Move closer to the microphone or raise its level, and record again.",
    prevents=("audio_processing",),
    passing={
        "as usual": speech((1.0, 20.0)),
        "just loud enough": speech((1.0, 20.0), level=-45.0),
        "nobody speaks, which AUD003 speaks of": speech(),
    },
    failing={"a whisper far away": speech((1.0, 20.0), level=-46.0, noise=-80.0)},
)
def speech_too_quiet(speech: SpeechFacts, policy: Policy) -> Iterator[Violation]:
    """The voice is so quiet that the recording's own noise will be heard with it.

    Measured as the RMS level where a voice activity detector hears speech, in what is listened to.
    """
    level, limit = speech.speech_dbfs, policy.audio.min_speech_level
    if level is not None and level < limit.value - 0.05:
        yield Violation(
            f"the speech has a level of {rounded_down(level, 1):g} dBFS; at least {limit.value:g} dBFS",
            measured=rounded_down(level, 1),
            limit=limit,
        )
