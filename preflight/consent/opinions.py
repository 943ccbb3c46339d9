"""Several decodes of the same sound, combined: one may confirm the statement, any may veto it.

A recogniser that loses a word costs an honest speaker an hour, so one decode is enough to confirm a word.
But no recogniser makes a refusal, or a word of another sound, out of the statement. So a negation or a
revocation counts from whichever decode heard it, and where one decode heard something else *said*, a person
listens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from preflight.consent.gates import language_fault
from preflight.consent.name import name_tokens, sounds_alike
from preflight.consent.result import (
    REASONS,
    Cause,
    ConsentMatch,
    Decode,
    NameVerdict,
    WordMatch,
    WordStatus,
)
from preflight.verdict import Verdict

__all__ = ["Opinion", "combine", "is_vetoed", "needs_another", "spoken_in"]

_VETOES = frozenset({"consent-negated", "consent-revoked"})
_EVERY = frozenset({"consent-speech-missing", "consent-language"})  # what each decode has to satisfy
_OF_WORDS = frozenset(
    {
        "consent-clause-missing",
        "consent-word-order",
        "consent-word-changed",
        "consent-word-missing",
        "consent-words-added",
        "consent-wrong-party",
        "consent-name-missing",
        "consent-name-mismatch",
    }
)
_CONFIRMED = (WordStatus.MATCH, WordStatus.ALIAS, WordStatus.TOLERATED)
_GRAVITY = {Verdict.PASS: 0, Verdict.REVIEW: 1, Verdict.FAIL: 2}
_ORDER = {reason: at for at, reason in enumerate(REASONS)}
_MISHEARD_NAME = 0.5  # share of letters from which a wrong name may be the declared one, badly heard


@dataclass(frozen=True, slots=True)
class Opinion:
    """One decode: who listened and how, and what its words alone come to."""

    listener: str
    match: ConsentMatch


def is_vetoed(match: ConsentMatch) -> bool:
    """Whether a negation or a revocation was heard: no other decode makes that good."""
    return not _VETOES.isdisjoint(match.reasons)


def needs_another(match: ConsentMatch) -> bool:
    """Whether another decode could better the verdict: it did not pass, and not for a veto."""
    return match.verdict is not Verdict.PASS and not is_vetoed(match)


def combine(opinions: Sequence[Opinion]) -> ConsentMatch:
    """The verdict over all decodes. The words, times and name shown are those of the best one.

    - A negation or revocation in any decode stays what it is there.
    - So does a fault of language or of speech evidence, in every decode that heard any words.
    - A statement that one decode heard whole is confirmed, whatever another one lost or misheard. Where the
      other heard something added, or another word of another sound, the verdict is review.
    - Where none heard it whole, but each word was heard by one or another, the verdict is review.
    """
    if not opinions:
        raise ValueError("no decode to judge by")
    best = min(opinions, key=lambda one: _GRAVITY[one.match.verdict])
    if len(opinions) == 1:
        return best.match
    others = [one for one in opinions if one is not best]
    causes = list(best.match.causes)
    if best.match.verdict is Verdict.FAIL and _confirm_each_other(opinions):
        message = "no decode heard the whole statement, but each of its words was heard in one or another"
        causes = [Cause("consent-uncertain", message, review=True)]
    for other in others:
        causes += _vetoes(other, len(opinions))
        causes += _said(other, best.match)
    decodes = tuple(
        Decode(one.listener, one.match.heard, one.match.verdict, one.match.reasons) for one in opinions
    )
    return replace(best.match, causes=_ordered(causes), decodes=decodes)


def _ordered(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    return tuple(sorted(dict.fromkeys(causes), key=lambda cause: _ORDER[cause.reason]))


def spoken_in(match: ConsentMatch, language: str, probability: float, expected: str) -> ConsentMatch:
    """The match with the language of its own stretch of speech held against it.

    A recogniser decides on one language for a recording, and some write English for speech in another one.
    """
    fault = language_fault(language, probability, expected)
    if fault is None or "consent-language" in match.reasons:
        return match
    at = None if match.start_s is None or match.end_s is None else (match.start_s, match.end_s)
    cause = Cause(fault.reason, f"{fault.message}, in the statement itself", fault.review, at)
    return replace(match, causes=_ordered([*match.causes, cause]))


def _vetoes(other: Opinion, count: int) -> Iterator[Cause]:
    """What no other decode can make good."""
    counted = _VETOES | _EVERY if other.match.heard else _VETOES
    for cause in other.match.causes:
        if cause.reason in counted:
            yield replace(cause, message=f"{cause.message} (in one of {count} decodes: {other.listener})")


def _said(other: Opinion, best: ConsentMatch) -> Iterator[Cause]:
    """Words of another sound that this decode heard where the best one heard the statement."""
    if best.verdict is Verdict.FAIL:
        return  # fails for causes of its own
    for word in other.match.words:
        if not _is_other_speech(word, other.match):
            continue
        place = f' where the statement says "{word.expected}"' if word.expected else " inside the statement"
        message = f'the decodes differ: {other.listener} heard "{word.heard}"{place}'
        at = None if word.start_s is None or word.end_s is None else (word.start_s, word.end_s)
        yield Cause("consent-uncertain", message, review=True, at=at)


def _is_other_speech(word: WordMatch, match: ConsentMatch) -> bool:
    if word.heard is None:
        return False
    if word.status is WordStatus.INSERTED:
        return True
    if word.status is not WordStatus.SUBSTITUTED or not word.critical:
        return False
    if word.expected == match.name.declared:  # the name slot
        return match.name.verdict is NameVerdict.MISMATCH and not _may_be_misheard(word.expected, word.heard)
    heard, expected = name_tokens(word.heard.split()), name_tokens((word.expected or "").split())
    return not sounds_alike("".join(heard), "".join(expected))


def _may_be_misheard(declared: str | None, heard: str) -> bool:
    one, two = ("".join(name_tokens(name.split())) for name in (declared or "", heard))
    return Levenshtein.normalized_similarity(one, two) >= _MISHEARD_NAME


def _confirm_each_other(opinions: Sequence[Opinion]) -> bool:
    """Whether only words are wrong in the decodes that found the statement, and no word in all of them."""
    found = [one.match for one in opinions if one.match.words]
    if len(found) < 2 or len({match.statement for match in found}) > 1:
        return False
    for match in found:
        if any(cause.reason not in _OF_WORDS and not cause.review for cause in match.causes):
            return False
    confirmed = [_confirmed(match) for match in found]
    every = set(range(max(sum(word.expected is not None for word in match.words) for match in found)))
    return every <= set().union(*confirmed)


def _confirmed(match: ConsentMatch) -> set[int]:
    """The places of the statement whose word was heard."""
    expected = [word for word in match.words if word.expected is not None]
    return {at for at, word in enumerate(expected) if word.status in _CONFIRMED or not word.critical}
