from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON009",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again exactly as it is shown, with nothing added.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard(), "a filler": Heard(STATEMENT.replace("and consent", "and um consent"))},
    failing={"a condition": Heard(STATEMENT.replace("and consent", "and maybe consent"))},
)
def consent_words_added(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """Words with a meaning of their own were added inside the statement.

    Fillers, stutters and repeated words are no additions.
    """
    yield from heard_or_refused(match, "consent-words-added")
