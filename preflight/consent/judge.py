"""From heard words to a verdict, in one fixed order, so that a result has one first cause.

Speech, language, statement, vetoes, words, parties, position, certainty: everything that is wrong is
collected, the gravest kind first. Nothing approves: a hearing passes when no cause is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from preflight.consent.align import Attempt, Step, attempts
from preflight.consent.around import added_speech, refusals
from preflight.consent.beside import beside_faults, stranger_faults
from preflight.consent.faults import Fault, body_faults, coverage, name_faults, spoken, veto_faults
from preflight.consent.fold import Stream, read
from preflight.consent.gates import (
    above,
    gate_faults,
    has_speech,
    hidden_speech_faults,
    language_fault,
    sound_faults,
    uncertain_faults,
)
from preflight.consent.lexicon import NAME_SLOT, Refused, lexicon
from preflight.consent.name import Declared, declare, name_tokens
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

__all__ = ["judge", "match_consent"]

_MAX_CHARS = 2_000_000  # of a text; a two-hour talk has a tenth of that
_NO_BREAK = dict.fromkeys(map(ord, "\x1c\x1d\x1e\x1f\x85"))  # controls that str.split() takes for spaces
_FEW_WORDS = 4  # of a recording in which the rest was lost; more words were said instead of the statement
_SHOWN_CHARS = 2_000  # of speech in which no statement was found
_ORDER = {reason: at for at, reason in enumerate(REASONS)}
_TIMES = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class _Case:
    """One hearing under judgement."""

    stream: Stream
    words: Sequence[Word] | None
    names: tuple[Declared, ...] | None
    declared: str | None
    placement: Placement

    def times(self, lo: int, hi: int) -> _TIMES:
        """Start, end and lowest probability of a stretch of tokens, as far as they are known."""
        if self.words is None or not 0 <= lo < hi:
            return None, None, None
        spoken_words = [self.words[at] for at in dict.fromkeys(self.stream.words[lo:hi])]
        known = [word.probability for word in spoken_words if word.probability is not None]
        unknown = any(math.isnan(probability) for probability in known)
        lowest = math.nan if unknown else min(known, default=None)
        return _finite(spoken_words[0].start_s), _finite(spoken_words[-1].end_s), lowest

    def cause(self, fault: Fault) -> Cause:
        """A fault with its time, where the time is known."""
        start, end, _ = self.times(fault.lo or 0, fault.hi or 0)
        if start is None or end is None:
            return Cause(fault.reason, fault.message, fault.review, misheard=fault.misheard)
        message = fault.message if fault.timed else f"{fault.message} at {start:.1f} s"
        return Cause(fault.reason, message, fault.review, (start, end), fault.misheard)


def _finite(seconds: float | None) -> float | None:
    """A time, or None for what is no time."""
    return seconds if seconds is not None and math.isfinite(seconds) else None


def match_consent(
    text: str,
    *,
    full_name: str | None = None,
    accepted_names: Sequence[str] = (),
    placement: str | Placement = Placement.OPENING,
) -> ConsentMatch:
    """What the words alone say: no times, no speech evidence.

    With ``full_name=None`` the name is reported, not compared.
    """
    names = _declared(full_name, accepted_names)
    stream = read(text[:_MAX_CHARS].translate(_NO_BREAK).split())
    if len(text) > _MAX_CHARS:
        stream = replace(stream, cut=True)
    return _decide(_Case(stream, None, names, full_name, Placement(placement)), None, None)


def judge(
    hearing: Hearing,
    *,
    full_name: str | None,
    accepted_names: Sequence[str] = (),
    placement: Placement,
    limits: Limits,
) -> ConsentMatch:
    """What the words say together with their times, the speech regions and the language."""
    names = _declared(full_name, accepted_names)
    stream = read(word.text for word in hearing.words)
    return _decide(_Case(stream, hearing.words, names, full_name, Placement(placement)), hearing, limits)


def _declared(full_name: str | None, accepted_names: Sequence[str]) -> tuple[Declared, ...] | None:
    if isinstance(accepted_names, str):
        raise ValueError("accepted_names is a sequence of names, not one name")
    if full_name is None:
        if accepted_names:
            raise ValueError("accepted names without a full name to compare with")
        return None
    return declare(full_name, tuple(accepted_names))


def _decide(case: _Case, hearing: Hearing | None, limits: Limits | None) -> ConsentMatch:
    if not case.stream.tokens or (hearing is not None and not has_speech(hearing.speech)):
        silent = "words were written, but no speech was found"
        what = silent if case.stream.tokens else "nothing was heard"
        fault = Fault("consent-speech-missing", what, misheard=not case.stream.tokens)
        return _without_statement(case, [fault])
    language = None
    if hearing is not None and limits is not None:
        language = language_fault(hearing.language, hearing.language_probability, limits.language)
    found = attempts(case.stream, case.names)
    chosen = _chosen(case, found)
    faults = [] if language is None else [language]
    if chosen is None:
        return _without_statement(case, [*faults, *_statement_missing(case.stream)])
    attempt, body = chosen
    faults += _word_faults(case, attempt, body, found)
    words = _word_matches(case, attempt)
    faults += _position_faults(case, attempt, limits)
    if limits is not None and hearing is not None:
        unnamed = (*words[:1], *words[2:])
        faults += uncertain_faults(unnamed, limits.min_word_probability)
        if hearing.speech is None:
            faults.append(Fault("consent-uncertain", "it was not measured where there is speech", True))
        else:
            faults += gate_faults(words, hearing.speech, limits)
            faults += sound_faults(words, hearing.speech, hearing.levels)
            heard = hearing.words[case.stream.words[attempt.start] : case.stream.words[attempt.end - 1] + 1]
            faults += hidden_speech_faults(heard, hearing.speech)
    return _match(case, attempt, words, faults)


def _word_faults(case: _Case, attempt: Attempt, body: list[Fault], found: list[Attempt]) -> list[Fault]:
    """Everything that the words alone hold against the chosen attempt."""
    faults = [
        *(fault for one in found for fault in veto_faults(case.stream, one)),
        *refusals(case.stream, attempt, case.placement, found),
        *body,
        *name_faults(case.stream, attempt, case.declared),
        *_other_names(case, attempt, found),
        *_other_parties(case, attempt, found),
    ]
    if attempt.start > 0 or attempt.end < len(case.stream.keys):
        known = _known_parts(case, attempt)
        if all(fault.review for fault in body):
            faults += beside_faults(case.stream, attempt, known, found, case.placement is Placement.ALONE)
        faults += stranger_faults(case.stream, attempt, known)
    if case.placement is Placement.ALONE:
        faults += added_speech(case.stream, attempt, case.names)
    return faults


def _chosen(case: _Case, found: list[Attempt]) -> tuple[Attempt, list[Fault]] | None:
    """The complete attempt that counts, else the fullest one; None where nothing comes close to an attempt.

    A broken-off attempt is made good by a complete one. Of several complete ones the first opens a
    recording and the last closes a clip; one with an acceptable name goes first, and _other_names reports
    the others.
    """
    judged = [(attempt, body_faults(case.stream, attempt)) for attempt in found]
    complete = [one for one in judged if all(fault.review for fault in one[1])]
    named = [one for one in complete if one[0].name.verdict in (NameVerdict.MATCH, NameVerdict.UNDECLARED)]
    if complete:
        return (named or complete)[0 if case.placement is Placement.OPENING else -1]
    best = max(reversed(judged), key=lambda one: coverage(one[0]), default=None)
    return best if best is not None and _is_attempt(best[0]) else None


def _is_attempt(attempt: Attempt) -> bool:
    """Enough of the critical words, or its beginning down to the verb."""
    opening = {"currently", "speaking", "consent"}
    return coverage(attempt) >= lexicon().attempt_coverage or opening <= attempt.heard()


def _refused_wording(stream: Stream) -> Refused | None:
    """A wording that circulates and is not accepted, known by a phrase of its own."""
    text = f" {' '.join(stream.keys)} "
    for refused in lexicon().refused:
        if any(f" {phrase} " in text for phrase in refused.signature):
            return refused
    return None


def _statement_missing(stream: Stream) -> list[Fault]:
    right = lexicon().templates[0].text
    refused = _refused_wording(stream)
    if refused is not None:
        message = f'this is the wording "{refused.text}" ({refused.id}): {refused.why}. Say: "{right}"'
    else:
        message = f'the consent statement was not heard. Say: "{right}"'
    few = len(stream.tokens) <= _FEW_WORDS
    return [Fault("consent-statement-missing", message, misheard=few and refused is None)]


def _other_names(case: _Case, attempt: Attempt, found: list[Attempt]) -> list[Fault]:
    """Another name in another attempt, or in a broken-off "I, …" right before this one."""
    faults: list[Fault] = []
    chosen = "".join(attempt.name.raw).casefold()
    for other in found:
        if other is attempt or not other.name.raw or other.name.verdict is NameVerdict.MISSING:
            continue
        if case.names is None:
            differs = "".join(other.name.raw).casefold() != chosen
        else:
            differs = other.name.verdict is NameVerdict.MISMATCH
        if differs and coverage(other) >= lexicon().attempt_coverage:
            faults.append(_another_name(case.stream, other.name.lo, other.name.hi))
    claimed = [_broken_off_name(case, attempt), *_claimed_names(case, attempt)]
    return faults + [_another_name(case.stream, *places) for places in claimed if places is not None]


def _other_parties(case: _Case, attempt: Attempt, found: list[Attempt]) -> Iterator[Fault]:
    """Another company in another attempt."""
    for other in found:
        if other is not attempt:
            for fault in body_faults(case.stream, other):
                if fault.reason == "consent-wrong-party":
                    yield replace(fault, review=True, message=f"{fault.message}, in another attempt")


def _known_parts(case: _Case, attempt: Attempt) -> set[str]:
    """The parts of the declared names, and of the name in the slot."""
    return {part for name in case.names or () for part in name.tokens} | set(name_tokens(attempt.name.raw))


_OWN = frozenset({"my", "real", "full", "true", "legal", "actual"})  # name: the speaker's, not a neighbour's


def _claimed_names(case: _Case, attempt: Attempt) -> Iterator[tuple[int, int]]:
    """``My real name is John`` close to the statement, where John is no part of the name."""
    around = lexicon().aliases.around
    keys = case.stream.keys
    known = _known_parts(case, attempt)
    outside = [
        *range(max(0, attempt.start - around.before), attempt.start),
        *range(attempt.end, min(len(keys), attempt.end + around.after)),
    ]
    for at in outside:
        if at and keys[at - 1] in _OWN and keys[at : at + 2] == ("name", "is") and at + 2 < len(keys):
            first = next(iter(name_tokens([case.stream.tokens[at + 2].raw])), "")
            if not any(part.startswith(first) or first.startswith(part) for part in known):
                yield at + 2, at + 3


def _another_name(stream: Stream, lo: int, hi: int) -> Fault:
    return Fault(
        "consent-name-mismatch", f'another name was said as well: "{spoken(stream, lo, hi)}"', True, lo, hi
    )


def _broken_off_name(case: _Case, attempt: Attempt) -> tuple[int, int] | None:
    """``I, John Smith, I, Maria Lopez, am …``: what stands between the two "I", if it is another name."""
    keys = case.stream.keys
    names = lexicon().aliases.names
    silent = lexicon().silent | lexicon().vocabulary
    for at in range(attempt.start - 2, max(attempt.start - 6, -1), -1):
        if keys[at] != "i":
            continue
        between = [key for key in keys[at + 1 : attempt.start] if key not in silent]
        known = _known_parts(case, attempt)
        is_start = all(any(part.startswith(key) for part in known) for key in between)
        follows = [key for key in keys[at + 1 : attempt.start] if key not in lexicon().silent]
        verb = follows[:1] != ["am"] and not names.after_i.isdisjoint(follows[:1])
        if verb or (follows[:1] == ["am"] and not names.after_i_am.isdisjoint(follows[1:2])):
            return None
        if follows[:1] == ["am"] and follows[1:2] and follows[1] in known and _tells_more(follows[1:], known):
            return None
        if between and not is_start:
            return at + 1, attempt.start
        return None
    return None


def _tells_more(said: Sequence[str], known: set[str]) -> bool:
    """``I'm Maria from Lisbon``: the speaker's own name, and then no other."""
    rest = next((word for word in said if word not in known), "")
    return rest in ("", "from", "here", "speaking")


def _position_faults(case: _Case, attempt: Attempt, limits: Limits | None) -> list[Fault]:
    """The statement opens the recording; with no times known, words are counted instead of seconds."""
    faults: list[Fault] = []
    start, _, _ = case.times(attempt.start, attempt.start + 1)
    most = lexicon().aliases.around.max_preamble_words
    if case.placement is Placement.OPENING:
        if limits is not None and start is not None:
            if start > limits.max_start_s:
                late = _late(start)
                message = (
                    f"the statement was found at {late}; it has to start within {limits.max_start_s:g} s"
                )
                lo, hi = attempt.start, attempt.start + 1
                faults.append(Fault("consent-late", message, lo=lo, hi=hi, timed=True))
        elif attempt.start > most:
            faults.append(
                Fault("consent-late", f"{attempt.start} words stand before the statement; at most {most}")
            )
    return [*faults, _unread_fault()] if case.stream.cut else faults


def _late(start: float) -> str:
    return f"{above(start)} s" if start < 60 else f"{int(start // 60):02d}:{int(start % 60):02d}"


def _unread_fault() -> Fault:
    most = lexicon().aliases.around.max_words
    return Fault("consent-uncertain", f"there is more speech than the {most} words that are read", True)


def _token_match(case: _Case, step: Step, expected: str | None, critical: bool) -> WordMatch:
    start, end, probability = case.times(step.lo, step.hi)
    heard = spoken(case.stream, step.lo, step.hi) if step.lo >= 0 else None
    return WordMatch(expected, heard, step.status, critical, start, end, probability)


def _word_matches(case: _Case, attempt: Attempt) -> tuple[WordMatch, ...]:
    """The whole statement side by side with what was heard: "I", the name, and the body."""
    slots = attempt.template.slots
    at = attempt.i_at
    first = Step(0, -1, -1, WordStatus.MISSING) if at is None else Step(0, at, at + 1, WordStatus.MATCH)
    words = [_token_match(case, first, slots[0].shown, True), _name_word(case, attempt)]
    for step in attempt.steps:
        slot = None if step.slot is None else slots[step.slot]
        words.append(
            _token_match(case, step, None if slot is None else slot.shown, slot is not None and slot.critical)
        )
    return tuple(words)


_NAME_STATUS = {
    NameVerdict.MATCH: WordStatus.MATCH,
    NameVerdict.UNDECLARED: WordStatus.MATCH,
    NameVerdict.ALIKE: WordStatus.SUBSTITUTED,
    NameVerdict.MISMATCH: WordStatus.SUBSTITUTED,
    NameVerdict.MISSING: WordStatus.MISSING,
}


def _name_word(case: _Case, attempt: Attempt) -> WordMatch:
    slot = attempt.name
    start, end, probability = case.times(slot.lo, slot.hi)
    expected = case.declared or NAME_SLOT
    return WordMatch(
        expected, " ".join(slot.raw) or None, _NAME_STATUS[slot.verdict], True, start, end, probability
    )


def _causes(case: _Case, faults: Iterable[Fault]) -> tuple[Cause, ...]:
    ordered = sorted(faults, key=lambda fault: _ORDER[fault.reason])
    return tuple(dict.fromkeys(case.cause(fault) for fault in ordered))


def _match(case: _Case, attempt: Attempt, words: tuple[WordMatch, ...], faults: list[Fault]) -> ConsentMatch:
    start, end, _ = case.times(attempt.start, attempt.end)
    slot = attempt.name
    return ConsentMatch(
        statement=attempt.template.id,
        heard=_text(case, attempt.start, attempt.end),
        start_s=start,
        end_s=end,
        name=NameMatch(case.declared, " ".join(slot.raw) or None, slot.verdict),
        words=words,
        causes=_causes(case, faults),
    )


def _without_statement(case: _Case, faults: list[Fault]) -> ConsentMatch:
    refused = _refused_wording(case.stream)
    return ConsentMatch(
        statement=None if refused is None else refused.id,
        heard=_text(case, 0, len(case.stream.tokens))[:_SHOWN_CHARS],
        start_s=None,
        end_s=None,
        name=NameMatch(case.declared, None, NameVerdict.MISSING),
        words=(),
        causes=_causes(case, faults),
    )


def _text(case: _Case, lo: int, hi: int) -> str:
    """What was heard in a stretch, as it was written."""
    tokens = case.stream.tokens[lo:hi]
    return " ".join([token.raw for token in tokens if token.first])
