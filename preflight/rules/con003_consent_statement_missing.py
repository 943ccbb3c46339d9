from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, Heard, found


@rule(
    "CON003",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the whole consent statement, word for word, as it is shown.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"something else": Heard("The weather is nice today and I would like to talk about my garden.")},
)
def consent_statement_missing(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The consent statement, or a recognisable attempt at it, was not heard.

    Known but wrong wordings, such as shortened statements shown by other programs, are named in the
    message.
    """
    yield from found(match, "consent-statement-missing")
