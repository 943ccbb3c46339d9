from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, found


@rule(
    "CON005",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Only a person who consents may be cloned; do not submit this recording.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={"taken back": Heard(STATEMENT + " I take it back.", alone=True)},
)
def consent_revoked(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The consent was taken back, before or after the statement.

    "Just kidding", "I do not agree with this" and the like undo what was said. In a consent clip nothing of
    the kind may stand beside the statement; at the opening of a training video, a negation close by that may
    mean something else goes to a person.
    """
    yield from found(match, "consent-revoked")
