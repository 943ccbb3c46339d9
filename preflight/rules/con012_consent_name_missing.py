from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON012",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again with your own full name in it.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"the placeholder read out": Heard(STATEMENT.replace("Maria Lopez", "full name"))},
)
def consent_name_missing(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """No name was spoken, or the placeholder was read out."""
    yield from heard_or_refused(match, "consent-name-missing")
