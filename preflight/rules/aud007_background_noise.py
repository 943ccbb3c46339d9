from __future__ import annotations

from collections.abc import Iterator

from preflight.errors import Unavailable
from preflight.evidence.sound import SpeechFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import speech
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "AUD007",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=SpeechFacts,
    remedy="Record in a quiet room, without fans, music or other voices, with the microphone close.",
    prevents=("background_noise_detected",),
    passing={
        "a quiet room": speech((1.0, 20.0)),
        "just quiet enough": speech((1.0, 20.0), level=-20.0, noise=-35.2),
        "nobody speaks, which AUD003 speaks of": speech(),
    },
    failing={
        "a fan": speech((1.0, 20.0), level=-20.0, noise=-30.0),
        "music all along": speech((1.0, 20.0), level=-20.0, noise=-21.0),
    },
)
def background_noise(speech: SpeechFacts, policy: Policy) -> Iterator[Violation]:
    """What is heard between the words is not much quieter than the words.

    The signal-to-noise ratio: the level where speech is detected above the level elsewhere. Music and other
    voices that are themselves taken for speech are not seen this way.
    """
    level, noise, limit = speech.speech_dbfs, speech.noise_dbfs, policy.audio.min_snr
    if level is None:
        return
    if noise is None:
        raise Unavailable("there is no half second without speech to hear the background in")
    if level - noise < limit.value:
        yield Violation(
            f"the speech is {rounded_down(level - noise, 1):g} dB above the background noise",
            measured=rounded_down(level - noise, 1),
            limit=limit,
        )
