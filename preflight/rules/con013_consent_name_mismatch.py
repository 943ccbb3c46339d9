from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, Heard, heard_or_refused


@rule(
    "CON013",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Check the name that was declared; if it is right, the person must speak their own full name.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard(), "no name was declared": Heard(name=None)},
    failing={"another person's name": Heard(name="John Smith")},
)
def consent_name_mismatch(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The name in the statement is not the declared one.

    Case, accents, hyphens and apostrophes do not matter. Other spellings of the same name can be declared
    as accepted names.
    """
    yield from heard_or_refused(match, "consent-name-mismatch")
