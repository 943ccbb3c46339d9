from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON011",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again, naming the company that it names.",
    prevents=("consent_phrase_mismatch",),
    passing={
        "the statement": Heard(),
        "as recognisers mishear it": Heard(STATEMENT.replace("Tavus", "Tavis")),
    },
    failing={"another company": Heard(STATEMENT.replace("Tavus", "HeyGen"))},
)
def consent_wrong_party(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The consent was given to somebody else.

    The spellings that recognisers produce for the company's name are a closed list, accepted in its place
    alone. Anything close to it that is not on the list goes to a person.
    """
    yield from heard_or_refused(match, "consent-wrong-party")
