from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, Heard, found


@rule(
    "CON002",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement in English, word for word.",
    prevents=("consent_phrase_mismatch",),
    passing={"English": Heard(), "a recogniser that knows English alone": Heard(language=None)},
    failing={"French": Heard(language="fr")},
)
def consent_language(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The spoken language is not the language of the statement.

    Some recognisers translate while they listen, so that a statement spoken in another language reads like
    the right one. The language is therefore judged on its own, from the sound. A recogniser that knows one
    language only cannot tell; then the words alone decide.
    """
    yield from found(match, "consent-language")
