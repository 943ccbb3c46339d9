from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON014",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Listen to the name; if it is right, declare the spelling that was heard as an accepted name.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"the same sound, another spelling": Heard(STATEMENT.replace("Maria Lopez", "Maria Lopes"))},
)
def consent_name_alike(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The name that was heard only sounds like the declared one.

    Two spellings of one sound may be one person or two, so a person has to decide.
    """
    yield from heard_or_refused(match, "consent-name-alike")
