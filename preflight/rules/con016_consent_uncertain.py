from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON016",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Listen to the recording at the place given; if the words are right, speak them more clearly.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={
        "a critical word hardly recognised": Heard(unsure_of="clone"),
        "a brand close to the right one": Heard(STATEMENT.replace("Tavus", "Travis")),
    },
)
def consent_uncertain(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The recogniser is not sure of a word that matters, so a person has to listen.

    The recogniser's confidence can raise this doubt; it never approves a word.
    """
    yield from heard_or_refused(match, "consent-uncertain")
