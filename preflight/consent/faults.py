"""What is wrong with one attempt, read off its alignment: the words, the brand and the name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import OSA, LCSseq

from preflight.consent.align import Attempt, Step, is_close_to_brand
from preflight.consent.fold import Stream
from preflight.consent.lexicon import Kind, Slot, lexicon
from preflight.consent.name import is_placeholder, is_plausible, is_possessive, name_tokens, same_parts
from preflight.consent.result import NameVerdict, WordStatus

__all__ = ["Fault", "body_faults", "coverage", "name_faults", "spoken", "veto_faults"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason, before its tokens are given times. ``lo`` and ``hi`` are token positions, or None.

    ``misheard`` says that it may be the recogniser's fault alone: a word lost, or written as another one of
    the same sound. Another decode that hears the word makes it good.
    """

    reason: str
    message: str
    review: bool = False
    lo: int | None = None
    hi: int | None = None
    timed: bool = False  # the message tells the time itself
    misheard: bool = False


_GOOD = (WordStatus.MATCH, WordStatus.ALIAS)
_CLEAN = (WordStatus.MATCH, WordStatus.ALIAS, WordStatus.FILLER)
_HELPERS = frozenset({"do", "does", "did", "will", "would", "shall", "should", "could", "may", "am", "is"})
_NEARBY = 4  # steps of the alignment
_SLIP_MIN_LETTERS = 4  # clown for clone; me and my, I and it are words that somebody says
_SHOWN_WORDS = 12  # of a long run of words in a message


def spoken(stream: Stream, lo: int, hi: int) -> str:
    """The words of a stretch as they were written, each contraction once."""
    if hi - lo == 1:
        return stream.tokens[lo].raw
    raws = [t.raw for at, t in enumerate(stream.tokens[lo:hi]) if t.first or at == 0]
    shown = " ".join(raws[:_SHOWN_WORDS])
    return f"{shown} …" if len(raws) > _SHOWN_WORDS else shown


def coverage(attempt: Attempt) -> float:
    """The share of the critical words and the brand that were heard in place."""
    heard = sum(
        attempt.template.slots[step.slot].critical
        for step in attempt.steps
        if step.slot is not None and step.status in _GOOD
    )
    return (heard + (attempt.i_at is not None)) / attempt.template.critical_count


def veto_faults(stream: Stream, attempt: Attempt) -> Iterator[Fault]:
    """Negations between the first and the last word of the statement; only a declared name may hold one."""
    veto = lexicon().aliases.veto.words
    exempt = (
        range(attempt.name.lo, attempt.name.hi) if attempt.name.verdict is NameVerdict.MATCH else range(0)
    )
    declared = set(name_tokens(attempt.name.raw[-(len(attempt.name.raw) + 1) // 2 :])) if exempt else set()
    for at in range(attempt.start, attempt.end):
        if stream.keys[at] not in veto and stream.skeletons[at] not in veto:
            continue
        if at in exempt and stream.tokens[at].raw.casefold() in declared:
            continue
        before = f' before "{spoken(stream, at + 1, at + 2)}"' if at + 1 < attempt.end else ""
        part = not stream.tokens[at].first or len(stream.tokens[at].raw) == 1
        lo = at - 1 if at and (part or stream.keys[at - 1] in _HELPERS) else at
        yield Fault("consent-negated", f'heard "{spoken(stream, lo, at + 1)}"{before}', lo=at, hi=at + 1)


def _unheard(attempt: Attempt) -> list[int]:
    """Slots of the statement (the name apart) that were filled by nothing, or by another word."""
    slots = [step.slot for step in attempt.steps if step.slot is not None and step.status in _BAD_SLOT]
    return [0, *slots] if attempt.i_at is None else slots


_BAD_SLOT = (WordStatus.MISSING, WordStatus.SUBSTITUTED)


def _unexpected(stream: Stream, attempt: Attempt) -> list[Step]:
    """Words heard that the statement does not have at that place, negations and their helpers apart."""
    bad = (WordStatus.INSERTED, WordStatus.SUBSTITUTED)
    return [step for step in attempt.steps if step.status in bad]


def _displaced(stream: Stream, attempt: Attempt) -> Counter[str]:
    """Words that are missing in one place and were said in another."""
    missing = Counter(attempt.template.slots[slot].key for slot in _unheard(attempt))
    extra = Counter(stream.keys[step.lo] for step in _unexpected(stream, attempt))
    extra.update(stream.keys[attempt.end : attempt.end + 1])
    extra.update(_repeated_nearby(stream, attempt))
    return missing & extra


def _repeated_nearby(stream: Stream, attempt: Attempt) -> Iterator[str]:
    """Words said twice close to where the same word is missing: "consent to to Tavus create" moved a word."""
    for at, step in enumerate(attempt.steps):
        if step.status is WordStatus.MISSING and step.slot is not None:
            key = attempt.template.slots[step.slot].key
            around = attempt.steps[max(0, at - _NEARBY) : at + _NEARBY + 1]
            if any(near.status is WordStatus.FILLER and stream.keys[near.lo] == key for near in around):
                yield key


def _missing_clauses(attempt: Attempt, unheard: set[int], displaced: Counter[str]) -> list[int]:
    """Clauses of which not one critical word was heard anywhere."""
    clauses: dict[int, list[int]] = {}
    for at, slot in enumerate(attempt.template.slots):
        if slot.critical and slot.kind is not Kind.NAME:
            clauses.setdefault(slot.clause, []).append(at)
    slots = attempt.template.slots
    return [
        clause
        for clause, places in clauses.items()
        if unheard.issuperset(places)
        and not any(displaced[slots[at].key] for at in places)
        and (clause or len(unheard) > 3)
    ]


def body_faults(stream: Stream, attempt: Attempt) -> list[Fault]:
    """Everything that keeps the words of one attempt from being the statement; the name and vetoes apart."""
    slots = attempt.template.slots
    if attempt.i_at is not None and all(step.status in _CLEAN for step in attempt.steps):
        return []
    unheard = _unheard(attempt)
    displaced = _displaced(stream, attempt)
    missing_clauses = _missing_clauses(attempt, set(unheard), displaced)
    faults = [_missing_clause(stream, attempt, clause) for clause in missing_clauses]
    if displaced:
        listed = ", ".join(f'"{key}"' for key in displaced)
        faults.append(Fault("consent-word-order", f"{listed} stand in another order than in the statement"))
    by_place = {step.slot: step for step in attempt.steps if step.slot is not None}
    left = displaced.copy()
    misses: list[Slot] = []
    for at in unheard:
        slot, step = slots[at], by_place.get(at)
        if left[slot.key] > 0:
            left[slot.key] -= 1
        elif slot.clause not in missing_clauses:
            if step is not None and step.status is WordStatus.SUBSTITUTED:
                faults += _changed(stream, slot, step)
            elif slot.critical:
                faults.append(_missing(attempt, at))
            else:
                misses.append(slot)
    misses += [
        slots[step.slot]
        for step in attempt.steps
        if step.status is WordStatus.TOLERATED and step.slot is not None
    ]
    return faults + list(_budget(misses)) + list(_added(stream, attempt, displaced))


def _changed(stream: Stream, slot: Slot, step: Step) -> Iterator[Fault]:
    heard = spoken(stream, step.lo, step.hi)
    message = f'heard "{heard}" where the statement says "{slot.shown}"'
    if stream.keys[step.lo] in lexicon().aliases.veto.words:
        return  # reported as a negation
    if slot.kind is not Kind.BRAND:
        same = _same_sound("".join(stream.keys[step.lo : step.hi]), slot.key)
        yield Fault("consent-word-changed", message, lo=step.lo, hi=step.hi, misheard=same)
    elif is_close_to_brand("".join(stream.keys[step.lo : step.hi])):
        message += ": close, but also a name of its own"
        yield Fault("consent-uncertain", message, True, step.lo, step.hi, misheard=True)
    else:
        yield Fault("consent-wrong-party", message, lo=step.lo, hi=step.hi)


def _same_sound(heard: str, expected: str) -> bool:
    """Whether a recogniser may have written one word for the other; short words are never taken for slips."""
    from jellyfish import metaphone  # loaded only when a word differs

    shorter = min(len(heard), len(expected))
    if not (heard + expected).isascii() or shorter < _SLIP_MIN_LETTERS:
        return False
    one_letter = shorter > _SLIP_MIN_LETTERS and OSA.distance(heard, expected, score_cutoff=1) <= 1
    # the first letters too: photos and videos have the same key
    return one_letter or (heard[0] == expected[0] and metaphone(heard) == metaphone(expected))


def _between(attempt: Attempt, first: int, last: int) -> tuple[int | None, int | None]:
    """The tokens from the heard word before some slots to the heard word after them: where to listen."""
    heard = {step.slot: step for step in attempt.steps if step.slot is not None and step.lo >= 0}
    before = [step.lo for slot, step in heard.items() if slot < first]
    after = [step.hi for slot, step in heard.items() if slot > last]
    lo = max(before, default=attempt.start)
    hi = min(after, default=attempt.end)
    return (lo, hi) if lo < hi else (None, None)


def _missing(attempt: Attempt, at: int) -> Fault:
    slots = attempt.template.slots
    around = [slots[near].shown for near in (at - 1, at, at + 1) if 0 <= near < len(slots)]
    lo, hi = _between(attempt, at, at)
    return Fault(
        "consent-word-missing",
        f'"{slots[at].shown}" was not heard in "{" ".join(around)}"',
        False,
        lo,
        hi,
        misheard=at > 0 or attempt.start == 0,  # where another word stands for the "I", that was said
    )


def _missing_clause(stream: Stream, attempt: Attempt, clause: int) -> Fault:
    places = [at for at, slot in enumerate(attempt.template.slots) if slot.clause == clause]
    lo, hi = _between(attempt, places[0], places[-1])
    return Fault(
        "consent-clause-missing",
        f'the part "{attempt.template.clauses[clause]}" was not heard',
        False,
        lo,
        hi,
        misheard=not _said_elsewhere(stream, attempt, [attempt.template.slots[at].key for at in places]),
    )


def _said_elsewhere(stream: Stream, attempt: Attempt, keys: list[str]) -> bool:
    """Whether most of these words stand, in this order, outside the attempt."""
    outside = (stream.keys[: attempt.start], stream.keys[attempt.end :])
    return any(2 * LCSseq.similarity(keys, side) > len(keys) for side in outside)


def _budget(misses: list[Slot]) -> Iterator[Fault]:
    """Function words may be lost by a recogniser, but only so many of them."""
    classes = lexicon().classes
    weighty = [slot.shown for slot in misses if slot.weighty]
    if sum(classes.costs.get(slot.key, 1) for slot in misses) > classes.max_misses:
        listed = ", ".join(f'"{slot.shown}"' for slot in misses)
        yield Fault(
            "consent-word-missing",
            f"{listed} were not heard; at most {classes.max_misses} small words may be lost",
            misheard=True,
        )
    elif len(weighty) > classes.max_weighty_misses:
        listed = ", ".join(f'"{shown}"' for shown in weighty)
        yield Fault(
            "consent-word-missing",
            f"{listed} were not heard; at most {classes.max_weighty_misses} of them may be lost",
            misheard=True,
        )


def _runs(steps: Iterable[Step]) -> Iterator[tuple[list[Step], Step | None]]:
    """Runs of inserted words, each with the step before it."""
    previous: Step | None = None
    for inserted, group in groupby(steps, key=lambda step: step.status is WordStatus.INSERTED):
        run = list(group)
        if inserted:
            yield run, previous
        previous = run[-1]


def _added(stream: Stream, attempt: Attempt, displaced: Counter[str]) -> Iterator[Fault]:
    """Words inside the statement that it does not have. Beside the brand they name another party."""
    veto = lexicon().aliases.veto.words
    left = displaced.copy()
    for run, previous in _runs(attempt.steps):
        keys = [stream.keys[step.lo] for step in run]
        moved = [key for key in keys if left[key] > 0]
        left.subtract(moved)
        if len(moved) == len(keys) or not veto.isdisjoint(keys):
            continue  # reported as word order, or as a negation
        lo, hi = run[0].lo, run[-1].hi
        if _beside_brand(attempt, previous) and not lexicon().vocabulary.issuperset(keys):
            yield Fault(
                "consent-wrong-party",
                f'heard "{spoken(stream, lo, hi)}" beside "{_brand(attempt)}"',
                lo=lo,
                hi=hi,
            )
        else:
            yield Fault(
                "consent-words-added",
                f'heard "{spoken(stream, lo, hi)}", which the statement does not say',
                lo=lo,
                hi=hi,
            )


def _brand(attempt: Attempt) -> str:
    return next(slot.shown for slot in attempt.template.slots if slot.kind is Kind.BRAND)


def _beside_brand(attempt: Attempt, previous: Step | None) -> bool:
    """Between the verb "consent" and "to create"."""
    if previous is None or previous.slot is None:
        return False
    slots = attempt.template.slots
    brand = next(at for at, slot in enumerate(slots) if slot.kind is Kind.BRAND)
    verb = next(at for at, slot in enumerate(slots) if slot.key == "consent")
    return verb <= previous.slot <= brand


def name_faults(stream: Stream, attempt: Attempt, declared: str | None) -> Iterator[Fault]:
    """What the name slot says against the statement."""
    slot = attempt.name
    heard = " ".join(slot.raw)
    lo, hi = (slot.lo, slot.hi) if slot.lo < slot.hi else (None, None)
    tokens = name_tokens(slot.raw)
    if slot.verdict is NameVerdict.MISSING:
        said = f', but "{heard}"' if tokens and is_placeholder(tokens) else ""
        message = f'no name was heard after "I"{said}'
        yield Fault("consent-name-missing", message, lo=lo, hi=hi, misheard=not heard and attempt.start == 0)
    elif slot.verdict is NameVerdict.MISMATCH:
        yield Fault(
            "consent-name-mismatch", f'heard "{heard}" where the declared name is "{declared}"', lo=lo, hi=hi
        )
    elif slot.verdict is NameVerdict.ALIKE:
        yield Fault(
            "consent-name-alike",
            f'heard "{heard}"; the declared name is "{declared}": alike, not the same',
            True,
            lo=lo,
            hi=hi,
            misheard=same_parts(tokens, name_tokens((declared or "").split())),
        )
    elif slot.verdict is NameVerdict.UNDECLARED and not is_plausible(tokens):
        yield Fault("consent-words-added", f'heard "{heard}" where only a name belongs', lo=lo, hi=hi)
    elif slot.verdict is NameVerdict.UNDECLARED and is_possessive(slot.raw):
        message = f'heard "{heard}", which names one person by another'
        yield Fault("consent-name-mismatch", message, True, lo, hi)
