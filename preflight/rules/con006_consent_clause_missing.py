from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON006",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the whole statement again, both sentences, without leaving anything out.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"the second sentence left out": Heard(STATEMENT.split(" I understand")[0])},
)
def consent_clause_missing(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """A part of the statement was left out.

    The service asks for the statement verbatim. The message names the part.
    """
    yield from heard_or_refused(match, "consent-clause-missing")
