"""The consent engine: from heard words to a verdict that can be explained, word by word.

Pure: it reads nothing but its own data files. The verdict comes from a word alignment and from closed
lists; no similarity score takes part in it.
"""

from preflight.consent.judge import judge, match_consent
from preflight.consent.opinions import Opinion, combine, found_later, is_vetoed, needs_another, spoken_in
from preflight.consent.result import (
    LEVEL_STEP_S,
    REASONS,
    Cause,
    ConsentMatch,
    Decode,
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
    "LEVEL_STEP_S",
    "REASONS",
    "Cause",
    "ConsentMatch",
    "Decode",
    "Hearing",
    "Limits",
    "NameMatch",
    "NameVerdict",
    "Opinion",
    "Placement",
    "Verdict",
    "Word",
    "WordMatch",
    "WordStatus",
    "combine",
    "found_later",
    "is_vetoed",
    "judge",
    "match_consent",
    "needs_another",
    "spoken_in",
]
