from __future__ import annotations

from collections.abc import Iterator

from preflight.consent import ConsentMatch
from preflight.policy import Policy
from preflight.rule import Doubt, Severity, Violation, rule
from preflight.rules.consent_words import SPOKEN, STATEMENT, Heard, heard_or_refused


@rule(
    "CON010",
    severity=Severity.ERROR,
    roles=SPOKEN,
    needs=ConsentMatch,
    remedy="Speak the statement again exactly as it is shown, in its order.",
    prevents=("consent_phrase_mismatch",),
    passing={"the statement": Heard()},
    failing={
        "two words swapped": Heard(STATEMENT.replace("audio and video", "video and audio")),
    },
)
def consent_word_order(match: ConsentMatch, policy: Policy) -> Iterator[Violation | Doubt]:
    """The words of the statement were heard in another order."""
    yield from heard_or_refused(match, "consent-word-order")
