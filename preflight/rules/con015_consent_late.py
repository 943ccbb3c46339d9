from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, Heard, heard_or_refused


@rule(
    "CON015",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Record again with the statement at the very start, or send it as a clip of its own.",
    prevents=("consent_phrase_mismatch",),
    passing={"within the first seconds": Heard()},
    failing={"after half a minute": Heard(start_s=31.0)},
)
def consent_late(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The statement was heard, but not at the opening.

    The service looks for it at the very start of the training video.
    """
    yield from heard_or_refused(match, "consent-late")
