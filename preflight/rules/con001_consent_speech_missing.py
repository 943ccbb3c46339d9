from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, Heard, found


@rule(
    "CON001",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Record the statement again, closer to the microphone, in a quiet room.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"silence": Heard(""), "words that a recogniser made up without speech": Heard(speech=False)},
)
def consent_speech_missing(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """No speech was heard, or words without any sign of speech.

    Speech recognisers write fluent sentences over silence and noise. Words count only where an independent
    voice activity detector hears somebody speak.
    """
    yield from found(match, "consent-speech-missing")
