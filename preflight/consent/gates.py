"""Evidence gates: words count only where there is speech to carry them.

A recogniser can write a whole statement over silence, with high confidence. These gates look at times
alone, and none of them ever lifts a verdict: they fail a hearing or send it to a person.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from preflight.consent.faults import Fault
from preflight.consent.result import LEVEL_STEP_S, Limits, Word, WordMatch, WordStatus

__all__ = [
    "above",
    "below",
    "gate_faults",
    "has_speech",
    "hidden_speech_faults",
    "language_fault",
    "sound_faults",
    "uncertain_faults",
]

REGION_PAD_S = (
    0.4  # speech regions are padded by as much by the common detectors; word times are no more exact
)
OUTSIDE_SHARE = 0.1  # of the critical words: up to here a person looks, beyond it there is no evidence
SQUEEZED_S = 0.02  # one step of the recogniser's time scale; a word this short was not timed by its sound
SQUEEZED_SHARE = (
    0.34  # of the critical words: small recognisers squeeze the last few words of a segment together
)
IMPOSSIBLE_RATE = 2.0  # times the highest plausible rate: not speech at all
BACKWARDS_S = 0.5  # by how much a word may begin before the one before it
# Speech between two neighbouring words that no word covers. Regions are padded by 0.15 s on each side and
# joined over silences of less than 0.3 s, so that a pause leaves up to 0.3 s, and a word timed too short adds
# to it: honest readings of the sample in fixtures/recogniser reach 0.69 s, at the end of the first sentence.
UNHEARD_SPEECH_S = 0.8
# Speech under one word. In the same readings no word has more than 1.3 s of it; a pause is no speech.
LONGEST_WORD_S = 2.0
SURE_LANGUAGE = 0.5  # probability from which another language fails; below it a person listens

# One voice has syllables: between its loud and its quiet moments lie 22 dB and more on clean synthetic voices
# and 13 dB with noise at 10 dB; three voices at once have 8 to 12 dB, four and more at most 9.3.
LEAST_SPREAD_DB = 10.0
LOUD, QUIET = 0.95, 0.15  # the shares of the time that are no louder
# Silence inside words is that of stops: at most 12 % of their time in the sample in fixtures/recogniser. In
# speech of which every other 50 to 400 ms were cut out, under words at an even pace, it is 35 % and more.
HOLLOW_SHARE = 0.3
HOLLOW_DB = 30.0  # below the loud moments

_SPOKEN = (WordStatus.MATCH, WordStatus.ALIAS, WordStatus.TOLERATED, WordStatus.SUBSTITUTED)


def has_speech(speech: Sequence[tuple[float, float]] | None) -> bool:
    """True where speech was not measured, or was found."""
    return speech is None or any(end > start for start, end in speech)


def language_fault(language: str | None, probability: float | None, expected: str) -> Fault | None:
    """The language that was spoken, where it is known and is not the statement's."""
    if language is None or _primary(language) == _primary(expected):
        return None
    sure = probability is None or math.isnan(probability) or probability >= SURE_LANGUAGE
    shown = "" if probability is None else f" (probability {probability:.2f})"
    return Fault("consent-language", f"the language heard is {language}{shown}, not {expected}", not sure)


def _primary(language: str) -> str:
    return language.casefold().replace("_", "-").split("-")[0]


def _is_timed(word: WordMatch) -> bool:
    times = (word.start_s, word.end_s)
    return all(t is not None and math.isfinite(t) and t >= 0 for t in times) and _start(word) <= _end(word)


def _start(word: WordMatch) -> float:
    return math.nan if word.start_s is None else word.start_s


def _end(word: WordMatch) -> float:
    return math.nan if word.end_s is None else word.end_s


def _is_inside(word: WordMatch, speech: Sequence[tuple[float, float]]) -> bool:
    middle = (_start(word) + _end(word)) / 2
    return any(start - REGION_PAD_S <= middle <= end + REGION_PAD_S for start, end in speech if end > start)


def _listed(words: Sequence[WordMatch]) -> str:
    shown = ", ".join(f'"{word.heard}"' for word in words[:6])
    return f"{shown} …" if len(words) > 6 else shown


def gate_faults(
    words: Sequence[WordMatch], speech: Sequence[tuple[float, float]], limits: Limits
) -> Iterator[Fault]:
    """What the times of the heard statement words say against them."""
    heard = [word for word in words if word.status in _SPOKEN and word.heard is not None]
    critical = [word for word in heard if word.critical]
    if not critical:
        return
    if untimed := [word for word in critical if not _is_timed(word)]:
        yield Fault("consent-speech-missing", f"no times are known for {_listed(untimed)}")
        return
    yield from _region_faults(critical, speech)
    yield from _rate_faults([word for word in heard if _is_timed(word)], speech, limits)


def sound_faults(
    words: Sequence[WordMatch], speech: Sequence[tuple[float, float]], levels: Sequence[float]
) -> Iterator[Fault]:
    """What the level of the sound says against words in speech regions: no syllables, or no sound."""
    spoken = [word for word in words if word.status in _SPOKEN and word.critical and _is_timed(word)]
    if not spoken or not levels:
        return
    first, last = min(map(_start, spoken)), max(map(_end, spoken))
    voiced = sorted(
        level
        for start, end in _joined(speech)
        for level in _stretch(levels, max(start, first), min(end, last))
    )
    if not voiced:
        return
    loud, quiet = (voiced[int(share * (len(voiced) - 1))] for share in (LOUD, QUIET))
    if loud - quiet < LEAST_SPREAD_DB:
        message = (
            f"the sound rises and falls by {below(loud - quiet)} dB only: several voices at once, or noise"
        )
        yield Fault("consent-uncertain", message, True)
    inside = [level for word in spoken for level in _stretch(levels, _start(word), _end(word))]
    hollow = sum(level < loud - HOLLOW_DB for level in inside)
    if inside and hollow > HOLLOW_SHARE * len(inside):
        share = above(100 * hollow / len(inside), 0)
        message = f"{share} % of the time of the statement's words is silence: the sound may be cut to pieces"
        yield Fault("consent-uncertain", message, True)


def _stretch(levels: Sequence[float], start: float, end: float) -> Sequence[float]:
    """The levels between two times."""
    return levels[max(0, int(start / LEVEL_STEP_S)) : max(0, int(end / LEVEL_STEP_S))]


def _region_faults(critical: list[WordMatch], speech: Sequence[tuple[float, float]]) -> Iterator[Fault]:
    outside = [word for word in critical if not _is_inside(word, speech)]
    if len(outside) > OUTSIDE_SHARE * len(critical):
        yield Fault(
            "consent-speech-missing", f"no speech was found where {_listed(outside)} should have been said"
        )
    elif outside:
        yield Fault(
            "consent-uncertain", f"no speech was found where {_listed(outside)} should have been said", True
        )
    squeezed = [word for word in critical if _end(word) - _start(word) < SQUEEZED_S]
    if len(squeezed) > SQUEEZED_SHARE * len(critical):
        yield Fault(
            "consent-speech-missing",
            f"{len(squeezed)} of {len(critical)} words have no duration: {_listed(squeezed)}",
        )


def _rate_faults(
    words: list[WordMatch], speech: Sequence[tuple[float, float]], limits: Limits
) -> Iterator[Fault]:
    first, last = min(map(_start, words)), max(map(_end, words))
    voiced = sum(max(0.0, min(end, last) - max(start, first)) for start, end in _joined(speech, REGION_PAD_S))
    count = sum(len((word.heard or "").split()) or 1 for word in words)
    slow, fast = (count / seconds if seconds > 0 else math.inf for seconds in (last - first, voiced))
    if fast > IMPOSSIBLE_RATE * limits.max_rate_wps:
        yield Fault(
            "consent-speech-missing", f"{count} words in {voiced:.1f} s of speech cannot have been spoken"
        )
    elif fast > limits.max_rate_wps:
        yield Fault(
            "consent-spliced",
            f"{above(fast)} words a second; at most {limits.max_rate_wps:g} are plausible",
            True,
        )
    if slow < limits.min_rate_wps:
        yield Fault(
            "consent-spliced",
            f"{below(slow, 2)} words a second; at least {limits.min_rate_wps:g} are plausible",
            True,
        )
    for one, other in pairwise(words):
        gap = _start(other) - _end(one)
        if gap > limits.max_gap_s:
            where = f'between "{one.heard}" and "{other.heard}"'
            message = f"{above(gap)} s pass {where}; at most {limits.max_gap_s:g} s"
            yield Fault("consent-spliced", message, True)
        elif _start(other) < _start(one) - BACKWARDS_S:
            yield Fault("consent-spliced", f'"{other.heard}" is timed before "{one.heard}"', True)


def _joined(speech: Sequence[tuple[float, float]], pad: float = 0.0) -> list[tuple[float, float]]:
    """The regions padded and joined where they touch, so that no second counts twice."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted((s - pad, e + pad) for s, e in speech if e > s):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def above(value: float, digits: int = 1) -> str:
    """A value over its limit as it is shown: rounded up, so that it never reads as the limit itself."""
    return f"{math.ceil(round(value * 10**digits, 6)) / 10**digits:.{digits}f}"


def below(value: float, digits: int = 1) -> str:
    """A value under its limit as it is shown: rounded down."""
    return f"{math.floor(round(value * 10**digits, 6)) / 10**digits:.{digits}f}"


def hidden_speech_faults(words: Sequence[Word], speech: Sequence[tuple[float, float]]) -> Iterator[Fault]:
    """Speech inside the statement in which no word was heard, or more than one word can hold."""
    timed = [
        (word.start_s, word.end_s, word.text.strip())
        for word in words
        if word.start_s is not None and word.end_s is not None and word.start_s <= word.end_s < math.inf
    ]
    regions = _joined(speech)
    for start, end, text in timed:
        if _voiced(start, end, regions) > LONGEST_WORD_S:
            message = f'"{text}" lasts {above(end - start)} s at {start:.1f} s: more may have been said in it'
            yield Fault("consent-uncertain", message, True)
    timed.sort()
    until = timed[0][1] if timed else 0.0
    for (_, _, before), (start, end, after) in pairwise(timed):
        unheard = _voiced(until, start, regions)
        if unheard >= UNHEARD_SPEECH_S:
            where = f'between "{before}" and "{after}" at {until:.1f} s'
            message = f"{below(unheard)} s of speech {where} were not heard as words"
            yield Fault("consent-uncertain", message, True)
        until = max(until, end)


def _voiced(start: float, end: float, regions: Sequence[tuple[float, float]]) -> float:
    """How much of a stretch is speech."""
    return sum(max(0.0, min(end, e) - max(start, s)) for s, e in regions)


def uncertain_faults(words: Sequence[WordMatch], minimum: float) -> Iterator[Fault]:
    """Critical words of which the recogniser itself is not sure; a name is compared letter by letter."""
    for word in words:
        sure = word.probability is None or word.probability >= minimum
        if word.critical and not sure and word.status in (WordStatus.MATCH, WordStatus.ALIAS):
            at = "" if word.start_s is None else f" at {word.start_s:.1f} s"
            yield Fault(
                "consent-uncertain",
                f'"{word.heard}"{at} was heard with a probability below {minimum:g}',
                True,
                misheard=True,
            )
