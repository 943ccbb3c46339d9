from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON007",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again exactly as it is shown.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"another person": Heard(STATEMENT.replace("clone of me", "clone of him"))},
)
def consent_word_changed(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """A word of the statement was replaced by another.

    Spellings of the same sound are accepted ("to", "two"), and so are a few slips of unstressed words; the
    lists are closed, and kept as data.
    """
    yield from heard_or_refused(match, "consent-word-changed")
