from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON008",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again exactly as it is shown, a little slower.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"a word left out": Heard(STATEMENT.replace("can be used", "be used"))},
)
def consent_word_missing(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """A word that carries the meaning of the statement was not heard."""
    yield from heard_or_refused(match, "consent-word-missing")
