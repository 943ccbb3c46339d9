"""What was said around the statement: refusals, doubts, conditions, and speech that does not belong there.

A refusal in full counts wherever it stands. A plain negation counts near the statement, because "I do not
like rain" a minute later takes nothing back. In a consent clip, which holds the statement alone, everything
is near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from preflight.consent.align import Attempt
from preflight.consent.beside import everyday_places, goes_its_own_way, leads_in_quietly
from preflight.consent.faults import Fault, spoken
from preflight.consent.fold import Stream
from preflight.consent.lexicon import lexicon
from preflight.consent.name import Declared, name_tokens
from preflight.consent.result import Placement

__all__ = ["added_speech", "refusals"]

_REASON = "consent-revoked"
_REACH_FORWARD = 4  # words from a negation to what it negates: "not, in any way, consent"
_GOES_ON = 5  # words after the statement that show whether its last sentence goes on
_PURPOSE = frozenset({"only", "purpose", "purposes", "exclusively", "solely"})
_REACH_BACK = 3  # words from what is negated to its negation: "consent is hereby not given"


@cache
def _phrases(kind: str) -> re.Pattern[str]:
    listed = sorted(getattr(lexicon().aliases.around, kind), key=len, reverse=True)
    return re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, listed)) + r")(?!\S)")


def _found(kind: str, keys: Sequence[str], lo: int, hi: int) -> Iterator[tuple[int, int]]:
    """Token positions of the phrases of one list between two places."""
    text = " ".join(keys[lo:hi])
    for match in _phrases(kind).finditer(text):
        first = lo + text.count(" ", 0, match.start())
        yield first, first + match.group().count(" ") + 1


def _is_near(at: int, attempt: Attempt) -> bool:
    around = lexicon().aliases.around
    return (
        attempt.start - around.before <= at < attempt.start or attempt.end <= at < attempt.end + around.after
    )


def _casts_doubt(key: str, at: int, attempt: Attempt) -> bool:
    around = lexicon().aliases.around
    beside = attempt.start - around.beside <= at < attempt.end + around.beside
    return key in around.doubts or (beside and key in around.close_doubts)


def _refuses(keys: Sequence[str], at: int, *, near: bool) -> bool:
    """A negation of consent itself, or one near the statement that negates what the statement is about."""
    around = lexicon().aliases.around
    forward = keys[at + 1 : at + 1 + _REACH_FORWARD]
    back = keys[max(0, at - _REACH_BACK) : at]
    negated = around.consent_words | around.subjects | around.weak if near else around.consent_words
    return not negated.isdisjoint(forward) or (near and not around.consent_words.isdisjoint(back))


def _may_refuse(keys: Sequence[str], at: int) -> bool:
    """A negation beside a word of consent or beside what the statement is about, anywhere."""
    around = lexicon().aliases.around
    beside = (*keys[max(0, at - _REACH_BACK) : at], *keys[at + 1 : at + 1 + _REACH_FORWARD])
    return not (around.consent_words | around.subjects).isdisjoint(beside) or keys[at] in around.revocations


def refusals(
    stream: Stream, attempt: Attempt, placement: Placement, others: Sequence[Attempt] = ()
) -> list[Fault]:
    """Everything outside the statement that takes it back, limits it, or may do so."""
    if attempt.start == 0 and attempt.end == len(stream.keys):
        return []
    faults: list[Fault] = []
    for lo, hi in ((0, attempt.start), (attempt.end, len(stream.keys))):
        faults += _phrase_faults(stream, attempt, lo, hi)
        faults += _word_faults(stream, attempt, lo, hi, placement)
    if placement is Placement.OPENING:
        faults += _speaks_of_consent(stream, attempt, others)
    return _once(faults + list(_limits(stream, attempt)))


def _phrase_faults(stream: Stream, attempt: Attempt, lo: int, hi: int) -> Iterator[Fault]:
    for first, last in _found("refusals", stream.skeletons, lo, hi):
        yield Fault(_REASON, f'heard "{spoken(stream, first, last)}"', lo=first, hi=last)
    for first, last in _found("near_refusals", stream.skeletons, lo, hi):
        after = first >= attempt.end
        fails = after and _is_near(first, attempt)
        yield Fault(_REASON, f'heard "{spoken(stream, first, last)}"', not fails, first, last)
    for first, last in _found("doubt_phrases", stream.skeletons, lo, hi):
        if _is_near(first, attempt):
            yield Fault(
                _REASON, f'heard "{spoken(stream, first, last)}" close to the statement', True, first, last
            )


def _word_faults(stream: Stream, attempt: Attempt, lo: int, hi: int, placement: Placement) -> Iterator[Fault]:
    aliases = lexicon().aliases
    keys = stream.skeletons
    alone = placement is Placement.ALONE
    harmless: frozenset[int] | None = None
    for at in range(lo, hi):
        negates = keys[at] in aliases.veto.words
        if not negates and not _casts_doubt(keys[at], at, attempt):
            continue
        if harmless is None:  # in a clip for the statement alone, nothing that is negated is
            harmless = frozenset() if alone or lo < attempt.end else everyday_places(stream, attempt)
        if at in harmless:
            continue
        near = _is_near(at, attempt)
        message = f'heard "{spoken(stream, max(lo, at - 2), min(hi, at + 3))}"'
        if negates and _refuses(keys, at, near=near or alone):
            yield Fault(_REASON, message, lo=at, hi=at + 1)
        elif negates and not (near or alone) and _may_refuse(keys, at):
            yield Fault(_REASON, message, True, at, at + 1)
        elif near or alone:
            yield Fault(_REASON, f"{message} close to the statement", not (alone and negates), at, at + 1)


def _speaks_of_consent(stream: Stream, attempt: Attempt, others: Sequence[Attempt]) -> Iterator[Fault]:
    """ "This consent ends tomorrow": after the statement there is no more to say about it."""
    around = lexicon().aliases.around
    for at in range(attempt.end, min(len(stream.keys), attempt.end + around.after)):
        thing = not around.consent_things.isdisjoint(stream.skeletons[at + 1 : at + 2])
        if stream.skeletons[at] not in around.consent_words or thing:
            continue
        if not any(other.start <= at < other.end for other in others):
            said = spoken(stream, max(attempt.end, at - 2), min(len(stream.keys), at + 4))
            yield Fault(_REASON, f'heard "{said}" close to the statement', True, at, at + 1)


def _limits(stream: Stream, attempt: Attempt) -> Iterator[Fault]:
    """A sentence that goes on after its last word, or that begins before its "I"."""
    around = lexicon().aliases.around
    after = _next_words(stream, attempt.end)
    text = " ".join(stream.skeletons[at] for at in after)
    if after:
        first = stream.skeletons[after[0]]
        goes_on = first == "and" and not (len(after) > 1 and stream.skeletons[after[1]] in around.and_goes_on)
        phrase = any(text == p or text.startswith(p + " ") for p in around.limits_after_phrases)
        purpose = not _PURPOSE.isdisjoint(text.split())
        limit = first in around.limits_after or goes_on or phrase or purpose
        if limit and not goes_its_own_way(stream, attempt):
            yield Fault(
                _REASON,
                f'the statement goes on with "{spoken(stream, after[0], after[-1] + 1)}"',
                True,
                after[0],
                after[-1] + 1,
            )
    before = attempt.start - 1
    while before >= 0 and stream.keys[before] in lexicon().silent:
        before -= 1
    that = before > 0 and stream.skeletons[before] == "that"
    lead = stream.skeletons[before - that : before + 1] if before >= 0 else ()
    said = f" {' '.join(stream.skeletons[max(0, before - 3) : before + 1])} "
    quoted = any(f" {phrase} " in said for phrase in around.limits_before_phrases)
    if (quoted or not around.limits_before.isdisjoint(lead)) and not leads_in_quietly(stream, attempt):
        lo, hi = max(0, before - 3), before + 1
        yield Fault(_REASON, f'the statement begins after "{spoken(stream, lo, hi)}"', True, lo, hi)


def _next_words(stream: Stream, at: int) -> list[int]:
    """The next words after the statement, fillers apart."""
    words = [
        place
        for place in range(at, min(at + 12, len(stream.keys)))
        if stream.keys[place] not in lexicon().silent
    ]
    return words[:_GOES_ON]


def _once(faults: list[Fault]) -> list[Fault]:
    """One fault for one stretch of speech, the graver one."""
    kept: list[Fault] = []
    for fault in sorted(faults, key=lambda f: (f.review, -((f.hi or 0) - (f.lo or 0)))):
        taken = (set(range(k.lo or 0, k.hi or 0)) for k in kept)
        if not any(not places.isdisjoint(range(fault.lo or 0, fault.hi or 0)) for places in taken):
            kept.append(fault)
        if len(kept) >= _MAX_REPORTED:
            break
    return sorted(kept, key=lambda f: (f.review, f.lo or 0))


_MAX_REPORTED = 20


def added_speech(stream: Stream, attempt: Attempt, names: tuple[Declared, ...] | None) -> Iterator[Fault]:
    """In a consent clip only greetings, thanks and another try at the statement may stand beside it."""
    around = lexicon().aliases.around
    known = {part for name in names or () for part in name.tokens} | set(name_tokens(attempt.name.raw))
    outside = [*range(attempt.start), *range(attempt.end, len(stream.keys))]
    strange = [
        at
        for at in outside
        if stream.keys[at] not in around.courtesy
        and stream.keys[at] not in lexicon().vocabulary
        and stream.keys[at] not in lexicon().silent
        and not stream.keys[at][:1].isdigit()
        and known.isdisjoint(name_tokens([stream.tokens[at].raw]))
    ]
    repeats = [at for at in outside if stream.keys[at] in lexicon().vocabulary]
    if strange or len(outside) - len(repeats) > around.max_courtesy_words:
        first = strange[0] if strange else outside[0]
        side = "before" if first < attempt.start else "after"
        end = min(attempt.start if first < attempt.start else len(stream.keys), first + 8)
        yield Fault(
            "consent-words-added",
            f'heard "{spoken(stream, first, end)}" {side} the statement, in a clip for it alone',
            True,
            first,
            end,
        )
