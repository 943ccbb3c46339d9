"""Several decodes of the same sound, combined: one may confirm the statement, any may speak against it.

A recogniser that loses a word costs an honest speaker an hour, so one decode is enough to confirm a word
that another one lost, or wrote as a word of the same sound. Nothing else is excused: no recogniser makes a
refusal, an added word or another name out of the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from preflight.consent.gates import language_fault
from preflight.consent.name import name_tokens, same_parts
from preflight.consent.result import (
    REASONS,
    Cause,
    ConsentMatch,
    Decode,
    NameVerdict,
    WordStatus,
)
from preflight.verdict import Verdict

__all__ = ["Opinion", "combine", "found_later", "is_vetoed", "needs_another", "spoken_in"]

_VETOES = frozenset({"consent-negated", "consent-revoked"})
_EVERY = frozenset({"consent-speech-missing", "consent-language"})  # what each decode has to satisfy
_CONFIRMED = (WordStatus.MATCH, WordStatus.ALIAS, WordStatus.TOLERATED)
_GRAVITY = {Verdict.PASS: 0, Verdict.REVIEW: 1, Verdict.FAIL: 2}
_ORDER = {reason: at for at, reason in enumerate(REASONS)}


@dataclass(frozen=True, slots=True)
class Opinion:
    """One decode: who listened and how, and what its words alone come to."""

    listener: str
    match: ConsentMatch


def is_vetoed(match: ConsentMatch) -> bool:
    """Whether a negation or a revocation was heard: no other decode makes that good."""
    return not _VETOES.isdisjoint(match.reasons)


def needs_another(match: ConsentMatch) -> bool:
    """Whether another decode could better the verdict.

    It could where this one fails for anything but a veto, and where all that speaks against it may have been
    misheard.
    """
    if match.verdict is Verdict.PASS or is_vetoed(match):
        return False
    return match.verdict is Verdict.FAIL or all(cause.misheard for cause in match.causes)


def combine(opinions: Sequence[Opinion]) -> ConsentMatch:
    """The verdict over all decodes. The words, times and name shown are those of the best one.

    - A statement that one decode heard whole is confirmed, whatever another one lost or misheard.
    - A negation or revocation in any decode stays what it is there; so does a fault of language, and words
      without speech.
    - Anything else that any decode heard, such as an added word or another name, goes to a person.
    - Where none heard it whole, but each word was heard by one or another, it goes to a person too.
    """
    if not opinions:
        raise ValueError("no decode to judge by")
    best = min(opinions, key=_badness)
    if len(opinions) == 1:
        return best.match
    causes = list(best.match.causes)
    if best.match.verdict is Verdict.FAIL and _confirm_each_other(opinions):
        message = "no decode heard the whole statement, but each of its words was heard in one or another"
        causes = [Cause("consent-uncertain", message, review=True)]
        causes += [replace(cause, review=True) for cause in best.match.causes]
    for other in opinions:
        if other is not best:
            causes += _held_against(other, best.match, len(opinions))
    decodes = tuple(
        Decode(one.listener, one.match.heard, one.match.verdict, one.match.reasons) for one in opinions
    )
    return replace(best.match, causes=_ordered(causes), decodes=decodes)


def _badness(opinion: Opinion) -> tuple[int, bool, int]:
    """How far a decode is from hearing the whole statement."""
    match = opinion.match
    heard = sum(word.status in _CONFIRMED for word in match.words)
    return _GRAVITY[match.verdict], not match.words, -heard


def _ordered(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    return tuple(sorted(dict.fromkeys(causes), key=lambda cause: _ORDER[cause.reason]))


def _held_against(other: Opinion, best: ConsentMatch, count: int) -> Iterator[Cause]:
    """What a decode heard that another one cannot make good."""
    where = f" (in one of {count} decodes: {other.listener})"
    for cause in other.match.causes:
        stays = cause.reason in _VETOES or cause.reason in _EVERY
        if not cause.misheard and (stays or best.verdict is not Verdict.FAIL):
            yield replace(cause, message=cause.message + where, review=cause.review or not stays)
    if best.verdict is not Verdict.FAIL and _names_differ(other.match, best):
        message = f'the decodes differ: heard "{other.match.name.heard}" and "{best.name.heard}"{where}'
        yield Cause("consent-uncertain", message, review=True)


def _names_differ(one: ConsentMatch, other: ConsentMatch) -> bool:
    """Two names, where none was declared that both were compared with."""
    undeclared = NameVerdict.UNDECLARED
    if not (one.name.verdict is other.name.verdict is undeclared):
        return False
    first, second = (name_tokens((match.name.heard or "").split()) for match in (one, other))
    return not same_parts(first, second)


def _confirm_each_other(opinions: Sequence[Opinion]) -> bool:
    """Whether the decodes that found the statement only misheard words, and no word in all of them."""
    found = [one.match for one in opinions if one.match.words]
    if len(found) < 2 or len({match.statement for match in found}) > 1:
        return False
    if not all(cause.misheard for match in found for cause in match.causes):
        return False
    places = [[word for word in match.words if word.expected is not None] for match in found]
    return all(any(word.status in _CONFIRMED for word in one) for one in zip(*places, strict=True))


def spoken_in(match: ConsentMatch, language: str, probability: float, expected: str) -> ConsentMatch:
    """The match with the language of its own stretch of speech held against it.

    A recogniser decides on one language for a recording, and some write English for speech in another one.
    """
    fault = language_fault(language, probability, expected)
    known = match.because("consent-language")
    if fault is None or any(not cause.review for cause in known) or (known and fault.review):
        return match
    at = None if match.start_s is None or match.end_s is None else (match.start_s, match.end_s)
    cause = Cause(fault.reason, f"{fault.message}, in the statement itself", fault.review, at)
    return replace(match, causes=_ordered([*match.causes, cause]))


def found_later(opening: ConsentMatch, later: ConsentMatch) -> ConsentMatch:
    """The statement where it stands, too late, with whatever the opening holds against it."""
    vetoes = [cause for cause in opening.causes if cause.reason in _VETOES]
    return replace(later, causes=_ordered([*vetoes, *later.causes]), decodes=opening.decodes)
