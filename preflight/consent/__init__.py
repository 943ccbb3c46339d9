"""The consent engine: from heard words to a verdict that can be explained, word by word.

Pure: it reads nothing but its own data files. The verdict comes from a word alignment and from closed
lists; no similarity score takes part in it.
"""

from preflight.consent.judge import judge, match_consent
from preflight.consent.result import (
    REASONS,
    Cause,
    ConsentMatch,
    Hearing,
    Limits,
    NameMatch,
    NameVerdict,
    Placement,
    Word,
    WordMatch,
    WordStatus,
)
from preflight.verdict import Verdict

__all__ = [
    "REASONS",
    "Cause",
    "ConsentMatch",
    "Hearing",
    "Limits",
    "NameMatch",
    "NameVerdict",
    "Placement",
    "Verdict",
    "Word",
    "WordMatch",
    "WordStatus",
    "judge",
    "match_consent",
]
