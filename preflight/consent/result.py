"""What the engine says: the words as they were matched, the name, and every cause with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar

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
    "Placement",
    "Word",
    "WordMatch",
    "WordStatus",
]

REASONS = (
    "consent-speech-missing",
    "consent-language",
    "consent-statement-missing",
    "consent-negated",
    "consent-revoked",
    "consent-clause-missing",
    "consent-word-order",
    "consent-word-changed",
    "consent-word-missing",
    "consent-words-added",
    "consent-wrong-party",
    "consent-name-missing",
    "consent-name-mismatch",
    "consent-name-alike",
    "consent-late",
    "consent-uncertain",
    "consent-spliced",
)
"""Every reason, in the order in which causes are reported: evidence, vetoes, words, parties, position."""


class Placement(StrEnum):
    """Where the statement stands: at the opening of the training video, or alone in a consent clip."""

    OPENING = "opening"
    ALONE = "alone"


class WordStatus(StrEnum):
    """How one word of the statement was heard."""

    MATCH = "match"
    ALIAS = "alias"
    TOLERATED = "tolerated"
    MISSING = "missing"
    INSERTED = "inserted"
    SUBSTITUTED = "substituted"
    FILLER = "filler"


class NameVerdict(StrEnum):
    """How the spoken name compares with the declared one."""

    MATCH = "match"
    ALIKE = "alike"
    MISMATCH = "mismatch"
    UNDECLARED = "undeclared"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Word:
    """One heard word as the recogniser gave it; the text may carry punctuation and a leading space."""

    text: str
    start_s: float | None = None
    end_s: float | None = None
    probability: float | None = None

    def shifted(self, seconds: float) -> Self:
        """The same word, so much later."""
        start, end = (None if time is None else time + seconds for time in (self.start_s, self.end_s))
        return type(self)(self.text, start, end, self.probability)


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that is known about the spoken words of one asset.

    ``speech`` holds the regions in which an independent detector found speech; ``None`` means it was not
    measured, and then nothing passes. ``levels`` is the level of each ``LEVEL_STEP_S`` of the sound from its
    start, in dB; where it is empty, what it would show is not looked at.
    """

    words: tuple[Word, ...]
    speech: tuple[tuple[float, float], ...] | None
    language: str | None = None
    language_probability: float | None = None
    levels: tuple[float, ...] = ()


LEVEL_STEP_S = 0.01
"""Seconds between two levels of a hearing."""

_T = TypeVar("_T", covariant=True)


class _Limit(Protocol[_T]):
    """One value of a policy."""

    @property
    def value(self) -> _T: ...


class _PolicyLimits(Protocol):
    """What a policy says about consent, as far as it concerns the words and their times."""

    @property
    def max_start(self) -> _Limit[float]: ...
    @property
    def min_rate(self) -> _Limit[float]: ...
    @property
    def max_rate(self) -> _Limit[float]: ...
    @property
    def max_gap(self) -> _Limit[float]: ...
    @property
    def min_word_probability(self) -> _Limit[float]: ...
    @property
    def language(self) -> _Limit[str]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that a policy sets."""

    max_start_s: float
    min_rate_wps: float
    max_rate_wps: float
    max_gap_s: float
    min_word_probability: float
    language: str

    @classmethod
    def of(cls, policy: _PolicyLimits) -> Self:
        """The limits of a policy's table on consent."""
        return cls(
            max_start_s=policy.max_start.value,
            min_rate_wps=policy.min_rate.value,
            max_rate_wps=policy.max_rate.value,
            max_gap_s=policy.max_gap.value,
            min_word_probability=policy.min_word_probability.value,
            language=policy.language.value,
        )


@dataclass(frozen=True, slots=True)
class WordMatch:
    """One expected word, one heard word, or both side by side."""

    expected: str | None
    heard: str | None
    status: WordStatus
    critical: bool
    start_s: float | None = None
    end_s: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The declared name beside the one that was spoken."""

    declared: str | None
    heard: str | None
    verdict: NameVerdict


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason with its evidence. ``review`` means that a person has to look; otherwise it fails.

    ``misheard`` says that it may be the recogniser's fault alone, so that another decode can make it good.
    """

    reason: str
    message: str
    review: bool
    at: tuple[float, float] | None = None
    misheard: bool = False


@dataclass(frozen=True, slots=True)
class Decode:
    """What one of several decodes of the same sound came to on its own."""

    listener: str
    heard: str
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentMatch:
    """The verdict on one hearing, with everything that led to it.

    ``decodes`` lists what each decode came to where the sound was decoded more than once.
    """

    statement: str | None
    heard: str
    start_s: float | None
    end_s: float | None
    name: NameMatch
    words: tuple[WordMatch, ...]
    causes: tuple[Cause, ...]
    decodes: tuple[Decode, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Fail beats review beats pass."""
        if any(not cause.review for cause in self.causes):
            return Verdict.FAIL
        return Verdict.REVIEW if self.causes else Verdict.PASS

    @property
    def reasons(self) -> tuple[str, ...]:
        """The names of all reasons, each once, first cause first."""
        return tuple(dict.fromkeys(cause.reason for cause in self.causes))

    def because(self, reason: str) -> tuple[Cause, ...]:
        """The causes that carry this reason."""
        return tuple(cause for cause in self.causes if cause.reason == reason)

    def to_dict(self) -> dict[str, Any]:
        """The ``consent`` object of the JSON report, without the asset."""
        return {
            "verdict": self.verdict.value,
            "reasons": list(self.reasons),
            "statement": self.statement,
            "heard": self.heard,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "name": {
                "declared": self.name.declared,
                "heard": self.name.heard,
                "verdict": self.name.verdict.value,
            },
            "words": [
                {
                    "expected": word.expected,
                    "heard": word.heard,
                    "status": word.status.value,
                    "critical": word.critical,
                    "start_s": word.start_s,
                    "end_s": word.end_s,
                    "probability": word.probability,
                }
                for word in self.words
            ],
            "decodes": [
                {
                    "listener": decode.listener,
                    "heard": decode.heard,
                    "verdict": decode.verdict.value,
                    "reasons": list(decode.reasons),
                }
                for decode in self.decodes
            ],
        }
