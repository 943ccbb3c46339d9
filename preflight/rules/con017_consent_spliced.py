from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, Heard, heard_or_refused


@rule(
    "CON017",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again in one go, without a cut and at a natural pace.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={
        "a long gap inside": Heard(pause_before="clone", pause_s=5.0),
        "faster than anyone speaks": Heard(seconds_per_word=0.15),
    },
)
def consent_spliced(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The pace or the pauses of the statement suggest that it was cut together."""
    yield from heard_or_refused(match, "consent-spliced")
