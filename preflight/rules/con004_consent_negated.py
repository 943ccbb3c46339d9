from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, found


@rule(
    "CON004",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Only a person who consents may be cloned; do not submit this recording.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={
        "do not": Heard(STATEMENT.replace("and consent", "and do not consent")),
        "cannot": Heard(STATEMENT.replace("can be", "cannot be")),
    },
)
def consent_negated(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The statement was spoken with a negation in it.

    A refusal differs from a consent by one short word. Similarity scores rate "do not consent" higher than an
    honest reading with a slip, so no score is asked: any negation inside the statement refuses it, whatever
    the recogniser's confidence.
    """
    yield from found(match, "consent-negated")
