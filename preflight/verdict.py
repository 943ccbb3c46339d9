"""The three answers that a check can give."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Verdict"]


class Verdict(StrEnum):
    """What a check says: cleared, needs a person, or refused. Only ``PASS`` clears."""

    PASS = "pass"
    REVIEW = "review"
    FAIL = "fail"
