from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission

_SHOWN = 5  # characters that are named, of many


@rule(
    "SUB010",
    severity=Severity.WARNING,
    needs=Submission,
    remedy="Choose a short --replica-name of unaccented letters, digits, blanks, hyphens and full stops.",
    prevents=("audio_processing",),
    passing={
        "no name": Submission(train_video="a.mp4"),
        "a plain one": Submission(replica_name="Maria Lopez v1.2_final-A"),
        "60 characters": Submission(replica_name="m" * 60),
    },
    failing={
        "61 characters": Submission(replica_name="m" * 61),
        "an accent": Submission(replica_name="Mar\xeda"),
        "another script": Submission(replica_name="\u041c\u0430\u0440\u0438\u044f"),
        "a slash": Submission(replica_name="maria/v2"),
        "a line break": Submission(replica_name="Maria\nLopez"),
        "half of a pair": Submission(replica_name="Mar\udceda"),
        "61 characters, and an accent": Submission(replica_name="\xed" * 61),
    },
)
def replica_name_unsafe(request: Submission, policy: Policy) -> Iterator[Violation]:
    """The replica's name is long, or has characters that are not in plain English words.

    The service publishes no limits for names, and ties some failures of the audio to their length or
    characters. A label is not worth that.
    """
    name = request.replica_name or ""
    longest, marks = policy.request.max_name_length, policy.request.name_marks
    if len(name) > longest.value:
        yield Violation(
            f"the name has {len(name)} characters; at most {longest.value} are safe",
            measured=len(name),
            limit=longest,
        )
    odd = [c for c in dict.fromkeys(name) if not (c.isascii() and c.isalnum()) and c not in f" {marks.value}"]
    if odd:
        named = ", ".join(map(_named, odd[:_SHOWN])) + (
            ", \N{HORIZONTAL ELLIPSIS}" if len(odd) > _SHOWN else ""
        )
        yield Violation(
            f"the name has {named}; ASCII letters, digits, blanks and {marks.value} are safe", measured=named
        )


def _named(character: str) -> str:
    """By itself where it can be seen, and always by its number."""
    number = f"U+{ord(character):04X}"
    seen = unicodedata.category(character)[0] in "LNPS"
    return f"{character} ({number})" if seen else number
