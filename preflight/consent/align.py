"""Attempts at the statement: where each begins and ends, its name, and its words beside the text.

The decision is read off a word alignment (``Levenshtein.opcodes`` on rows of tokens), never off a score.
Distances only choose which stretch of speech, and which accepted statement, to align.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from preflight.consent.fold import Stream
from preflight.consent.lexicon import Kind, Template, lexicon
from preflight.consent.name import Declared, compare, is_exact
from preflight.consent.result import NameVerdict, WordStatus

__all__ = ["Attempt", "NameSlot", "Step", "attempts", "is_close_to_brand"]

_LOOK_BACK = 14  # words between "I" and "am": names have up to eight parts, and fillers stand between
_OVERSHOOT = 60  # words looked at beyond the length of the statement: restarts, fillers, inserted speech
_LONGEST_REPEAT = 24  # words: a reader who starts again goes back to the start of the sentence
_FRAGMENT_REACH = 4  # words by which a reader is ahead when breaking off a word
_MAX_ANCHORS = 48  # places looked at as a beginning; a text with more of them is not a reading
_FALLBACK_PAIRS = 5  # neighbouring word pairs of the statement, for speech without its beginning


@dataclass(frozen=True, slots=True)
class Item:
    """One or more tokens that stand for one word of the statement (``a i`` for ``ai``)."""

    key: str
    lo: int
    hi: int
    status: WordStatus


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the alignment: a slot of the statement, a stretch of tokens, or both side by side."""

    slot: int | None
    lo: int
    hi: int
    status: WordStatus


@dataclass(frozen=True, slots=True)
class NameSlot:
    """What stands between "I" and "am", without fillers and repeats."""

    lo: int
    hi: int
    raw: tuple[str, ...]
    verdict: NameVerdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """One reading of a statement, from its "I" to its last word."""

    template: Template
    i_at: int | None
    name: NameSlot
    body_at: int
    start: int
    end: int
    steps: tuple[Step, ...]

    def heard(self) -> set[str]:
        """The words of the statement that were heard in their places, or aliases of them."""
        heard = (step.slot for step in self.steps if step.status in (WordStatus.MATCH, WordStatus.ALIAS))
        return {self.template.slots[slot].key for slot in heard if slot is not None}


def _anchors(stream: Stream) -> list[int]:
    """Places of "currently" or "speaking" that look like a beginning; any of them if none does."""
    homophones = lexicon().aliases.homophones
    places: list[int] = []
    strict: list[int] = []
    silent = lexicon().silent
    where = [at for at, key in enumerate(stream.keys) if key not in silent]
    keys = [homophones.get(stream.keys[at], stream.keys[at]) for at in where]
    for at, key in enumerate(keys):
        if key == "currently":
            places.append(where[at])
            if keys[max(at - 1, 0) : at] == ["am"] or keys[at + 1 : at + 2] == ["speaking"]:
                strict.append(where[at])
        elif key == "speaking" and not (places and where[at] - places[-1] <= 3):
            places.append(where[at])
            if keys[max(at - 1, 0) : at] == ["am"] or keys[at + 1 : at + 2] == ["and"]:
                strict.append(where[at])
    found = strict or places
    if len(found) > _MAX_ANCHORS:
        found = found[: _MAX_ANCHORS // 2] + found[-_MAX_ANCHORS // 2 :]
    return found


def _body_start(stream: Stream, anchor: int) -> int:
    """The "am" before an anchor, looking past fillers and negations; else the anchor itself."""
    at = anchor - 1
    between = lexicon().silent | lexicon().aliases.veto.words
    while at >= 0 and anchor - at <= 4 and stream.keys[at] in between:
        at -= 1
    return at if at >= 0 and stream.keys[at] in ("am", "m") else anchor


def _raw(stream: Stream, lo: int, hi: int) -> tuple[str, ...]:
    """The pieces as written; a contraction counts once."""
    return tuple(token.raw for token in stream.tokens[lo:hi] if token.first)


def _name_slot(stream: Stream, lo: int, hi: int, names: tuple[Declared, ...] | None) -> NameSlot:
    """The name between two places; fillers and a repeated "I am" go, unless the declared name holds them."""
    if lo < hi and names is not None and is_exact(raw := _raw(stream, lo, hi), names):
        return NameSlot(lo, hi, raw, NameVerdict.MATCH)
    leading = lexicon().silent | ({"am", "i"} if names is None else {"am"})
    while lo < hi and stream.keys[lo] in leading:
        lo += 1
    while lo < hi and (stream.keys[hi - 1] in ("i", "am") or stream.keys[hi - 1] in lexicon().silent):
        hi -= 1
    raw = tuple(t.raw for t in stream.tokens[lo:hi] if t.first and t.key not in lexicon().silent)
    if names is not None and is_exact(full := _raw(stream, lo, hi), names):
        raw = full
    return NameSlot(lo, hi, raw, compare(raw, names))


def _is_i(key: str) -> bool:
    return lexicon().aliases.homophones.get(key, key) == "i"


def _opening(
    stream: Stream, floor: int, body_at: int, names: tuple[Declared, ...] | None
) -> tuple[int | None, NameSlot, int]:
    """The "I" and the name before the body, and where the body begins once the name is known.

    The nearest "I" with a name after it counts, unless another makes it the declared name or one like it.
    """
    found: list[tuple[int, NameSlot, int]] = []
    for at in range(body_at - 1, max(floor, body_at - _LOOK_BACK) - 1, -1):
        if not _is_i(stream.keys[at]):
            continue
        ends = [*[end for end in range(at + 2, body_at) if stream.keys[end] == "am"][:1], body_at]
        for end in ends:
            slot = _name_slot(stream, at + 1, end, names)
            if slot.verdict is NameVerdict.MATCH:
                return at, slot, end
            if slot.raw:
                found.append((at, slot, end))
    if found:
        return next((one for one in found if one[1].verdict is NameVerdict.ALIKE), found[0])
    near = [at for at in range(max(floor, body_at - 4), body_at) if _is_i(stream.keys[at])]
    for lo in range(max(floor, body_at - 8), body_at if names is not None and not near else 0):
        slot = _name_slot(stream, lo, body_at, names)
        if slot.verdict is NameVerdict.MATCH:
            return None, slot, body_at
    return (near[-1] if near else None), NameSlot(body_at, body_at, (), NameVerdict.MISSING), body_at


@cache
def _brand_phrases() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in lexicon().aliases.brand_phrases)


def _first_two(keys: Sequence[str]) -> Sequence[str]:
    """The word that follows the brand, and the one after it if the first is "to"."""
    return keys if keys[:1] == ("to",) else keys[:1]


def _brand_item(keys: Sequence[str], at: int, before: Sequence[Item]) -> Item | None:
    """The brand in its slot, right after "consent" or "consent to", under any accepted spelling."""
    if before[-1].key != "consent" and [item.key for item in before[-2:]] != ["consent", "to"]:
        return None
    for phrase in _brand_phrases():
        after = at + len(phrase)
        if tuple(keys[at:after]) == phrase and "create" in _first_two(keys[after : after + 2]):
            return Item(lexicon().classes.brand, at, after, WordStatus.ALIAS)
    brands = lexicon().aliases.brand
    if keys[at] in brands and keys[at] != lexicon().classes.brand:
        return Item(lexicon().classes.brand, at, at + 1, WordStatus.ALIAS)
    joined = "".join(keys[at : at + 2])
    if joined in brands and keys[at] not in brands:
        return Item(lexicon().classes.brand, at, at + 2, WordStatus.ALIAS)
    if is_close_to_brand(joined) and lexicon().vocabulary.isdisjoint(keys[at : at + 2]):
        return Item(joined, at, at + 2, WordStatus.MATCH)  # "tah vus": one word, to be judged as one
    return None


def is_close_to_brand(key: str) -> bool:
    """Within the edits that need a person: it may be the brand badly heard, or another name."""
    close = lexicon().aliases.brand_close_edits
    distance = Levenshtein.distance(lexicon().classes.brand, key, score_cutoff=close)
    return key not in lexicon().vocabulary and distance <= close


def _items(stream: Stream, lo: int, hi: int) -> tuple[list[Item], list[Item]]:
    """The tokens of a stretch as words of the statement, and apart from them the fillers."""
    words: list[Item] = []
    fillers: list[Item] = []
    data = lexicon()
    keys = stream.keys
    at = lo
    while at < hi:
        key = keys[at]
        if key in data.silent:
            fillers.append(Item(key, at, at + 1, WordStatus.FILLER))
        elif (
            key in data.ai_firsts
            and keys[at : at + 2] in data.ai_forms
            and keys[at + 2 : at + 3] == ("clone",)
        ):
            words.append(Item("ai", at, at + 2, WordStatus.ALIAS))
            at += 1
        elif words and words[-1].key in ("consent", "to") and (brand := _brand_item(keys, at, words)):
            words.append(brand)
            at = brand.hi - 1
        elif key in data.aliases.homophones:
            words.append(Item(data.aliases.homophones[key], at, at + 1, WordStatus.ALIAS))
        else:
            words.append(Item(key, at, at + 1, WordStatus.MATCH))
        at += 1
    return words, fillers


def _collapse(items: list[Item], vocabulary: frozenset[str]) -> tuple[list[Item], list[Item]]:
    """Drop the first of two equal runs that follow each other, if all their words are words of the statement.

    "to create to create an AI clone" is a restart; what is dropped is said again at once, so nothing is lost.
    """
    keys = [item.key for item in items]
    places: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    kept: list[Item] = []
    repeats: list[Item] = []
    at = 0
    while at < len(items):
        following = (place for place in places[keys[at]] if at < place <= at + _LONGEST_REPEAT)
        again = next((place for place in following if keys[at:place] == keys[place : 2 * place - at]), at)
        if again > at and vocabulary.issuperset(keys[at:again]):
            repeats += [Item(item.key, item.lo, item.hi, WordStatus.FILLER) for item in items[at:again]]
            at = again
        else:
            kept.append(items[at])
            at += 1
    return kept, repeats


def _best_end(body: tuple[str, ...], keys: list[str]) -> int:
    """How many items belong to the statement: the nearest end that makes the alignment cheapest."""
    if tuple(keys[: len(body)]) == body:
        return len(body)
    reach = min(len(keys), len(body) + _OVERSHOOT)
    ends = [end for end in range(1, reach + 1) if keys[end - 1] in body[-2:]]
    best = min(((Levenshtein.distance(body, keys[:end]), end) for end in ends), default=None)
    if best is None or best[0] > len(body) // 4:
        ends = [end for end in range(1, reach + 1) if keys[end - 1] in lexicon().vocabulary]
        best = min(((Levenshtein.distance(body, keys[:end]), end) for end in ends), default=(0, 0))
    end = best[1]
    changed_last = 0 < end < len(keys) and keys[end - 1] == body[-2] and keys[end - 2 : end - 1] != [body[-1]]
    return end + 1 if changed_last else end  # "... like him": the last word was changed, not left out


def _same(heard: str, expected: str) -> bool:
    return heard == expected or heard in lexicon().aliases.confusions.get(expected, ())


def _is_stutter(heard: str, following: str) -> bool:
    """The beginning of the next word of the statement: ``under- understand``."""
    return (
        following != heard
        and following.startswith(heard)
        and following in lexicon().vocabulary
        and heard not in lexicon().aliases.not_stutters
    )


def _is_fragment(heard: str, coming: Sequence[str]) -> bool:
    """A word of the statement broken off before it: ``the vid- the audio and video``."""
    stranger = heard not in lexicon().vocabulary and heard not in lexicon().aliases.not_stutters
    return stranger and len(heard) > 1 and any(word.startswith(heard) for word in coming)


def _is_restart(block: Sequence[str], body: tuple[str, ...], at: int) -> bool:
    """True if an inserted run only says what stands around it: words to come, then words just said."""
    for split in range(len(block) + 1):
        coming, said = block[:split], block[split:]
        before = body[at - len(said) : at] if len(said) <= at else ()
        if len(before) == len(said) and len(body[at : at + split]) == split:
            pairs = [*zip(coming, body[at:], strict=False), *zip(said, before, strict=True)]
            same = str.__eq__ if len(block) == 1 else _same  # one word alone: "this that" is not a restart
            if all(same(heard, expected) for heard, expected in pairs):
                return True
    return False


def _inserted(block: list[Item], following: str, body: tuple[str, ...], at: int) -> list[Step]:
    """Steps for words that the statement does not have: fillers if stuttered or said again, else added."""
    keys = [item.key for item in block]
    whole = [key for key in keys if not _is_fragment(key, body[at : at + _FRAGMENT_REACH])]
    if whole and _is_restart(whole, body, at):
        return [Step(None, item.lo, item.hi, WordStatus.FILLER) for item in block]
    if keys == ["and"] and body[at : at + 2] == ("i", "understand"):
        return [Step(None, item.lo, item.hi, WordStatus.FILLER) for item in block]  # it joins the sentences
    steps = []
    for item, after in zip(block, [*keys[1:], following], strict=True):
        status = WordStatus.FILLER if _is_stutter(item.key, after) else WordStatus.INSERTED
        steps.append(Step(None, item.lo, item.hi, status))
    return steps


def _steps(template: Template, items: list[Item]) -> list[Step]:
    """The alignment of the body, slot by slot; slot numbers count from the first "I" of the statement."""
    body = template.body
    keys = [item.key for item in items]
    if len(keys) == len(body) and tuple(keys) == body:
        return [Step(slot, item.lo, item.hi, item.status) for slot, item in enumerate(items, 2)]
    steps: list[Step] = []
    for op in Levenshtein.opcodes(body, keys):
        tag, slot, slot_end, at, at_end = op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end
        if tag == "equal":
            steps += [
                Step(s + 2, i.lo, i.hi, i.status)
                for s, i in zip(range(slot, slot_end), items[at:at_end], strict=True)
            ]
        elif tag == "delete":
            steps += [Step(s + 2, -1, -1, WordStatus.MISSING) for s in range(slot, slot_end)]
        elif tag == "insert":
            steps += _inserted(items[at:at_end], keys[at_end] if at_end < len(keys) else "", body, slot)
        else:
            for s, a in zip(range(slot, slot_end), range(at, at_end), strict=True):
                steps += _replaced(template, s, items[a], keys[a + 1] if a + 1 < len(keys) else "")
    return steps


def _replaced(template: Template, at: int, item: Item, following: str) -> list[Step]:
    slot = template.slots[at + 2]
    if slot.kind is Kind.FUNCTION and item.key in lexicon().aliases.confusions.get(slot.key, ()):
        return [Step(at + 2, item.lo, item.hi, WordStatus.TOLERATED)]
    if slot.kind is Kind.FUNCTION and _is_stutter(item.key, following):
        return [Step(at + 2, -1, -1, WordStatus.MISSING), Step(None, item.lo, item.hi, WordStatus.FILLER)]
    return [Step(at + 2, item.lo, item.hi, WordStatus.SUBSTITUTED)]


def _cost(template: Template, steps: list[Step]) -> int:
    """Ranks the accepted statements for one stretch: what cannot be tolerated weighs more than what can."""
    cost = 0
    for step in steps:
        if step.status is WordStatus.INSERTED or step.status is WordStatus.SUBSTITUTED:
            cost += 10
        elif step.status is WordStatus.MISSING and step.slot is not None:
            cost += 10 if template.slots[step.slot].critical else 1
        elif step.status is WordStatus.TOLERATED:
            cost += 1
    return cost


def _readings(stream: Stream, name: NameSlot, words: list[Item]) -> list[tuple[list[Item], list[Item]]]:
    """The body as heard, and the body with restarts taken out; a reader may go back as far as the name."""
    keys = tuple(item.key for item in words)
    if any(keys[: len(template.body)] == template.body for template in lexicon().templates):
        return [(words, [])]
    spoken_name = [Item(stream.keys[at], at, at + 1, WordStatus.MATCH) for at in range(name.lo, name.hi)]
    names = frozenset(item.key for item in spoken_name) - lexicon().aliases.veto.words
    kept, repeats = _collapse([*spoken_name, *words], lexicon().vocabulary | names)
    while kept and kept[0].key in names and kept[0].key not in lexicon().vocabulary:
        kept.pop(0)
    floor = words[0].lo if words else 0
    kept = [item for item in kept if item.lo >= floor]
    repeats = [item for item in repeats if item.lo >= floor]
    return [(words, []), (kept, repeats)] if repeats else [(words, [])]


def _said_again(keys: Sequence[str], body: tuple[str, ...], end: int) -> int:
    """How many words right after the end only say its last words again."""
    longest = min(_LONGEST_REPEAT, len(keys) - end)
    return next((n for n in range(longest, 0, -1) if tuple(keys[end : end + n]) == body[-n:]), 0)


def _align(stream: Stream, name: NameSlot, lo: int, hi: int) -> tuple[Template, int, list[Step]]:
    """The accepted statement that fits a stretch best, where it ends, and its steps in spoken order."""
    words, fillers = _items(stream, lo, min(hi, lo + _OVERSHOOT * 3))
    found: list[tuple[int, Template, int, list[Step]]] = []
    for heard, repeats in _readings(stream, name, words):
        keys = [item.key for item in heard]
        for template in lexicon().templates:
            end = _best_end(template.body, keys)
            again = heard[end : end + _said_again(keys, template.body, end)]
            steps = _steps(template, heard[:end])
            last = max([lo, *(step.hi for step in steps), *(item.hi for item in again)])
            extra = [Step(None, i.lo, i.hi, WordStatus.FILLER) for i in (*repeats, *again) if i.hi <= last]
            found.append((_cost(template, steps), template, last, _in_spoken_order(steps, extra)))
            if found[-1][0] == 0:
                break
    _, template, last, steps = min(found, key=lambda one: one[0])
    extra = [Step(None, item.lo, item.hi, WordStatus.FILLER) for item in fillers if item.hi <= last]
    return template, last, _in_spoken_order(steps, extra)


def _in_spoken_order(steps: list[Step], extra: list[Step]) -> list[Step]:
    """Fillers put back between the steps; a missing word stays where the statement has it."""
    if not extra:
        return steps
    pending = sorted(extra, key=lambda step: step.lo)
    ordered: list[Step] = []
    for step in steps:
        while pending and step.lo >= 0 and pending[0].lo < step.lo:
            ordered.append(pending.pop(0))
        ordered.append(step)
    return ordered + pending


@cache
def _pairs() -> dict[tuple[str, str], tuple[int, ...]]:
    pairs: dict[tuple[str, str], list[int]] = {}
    body = lexicon().templates[0].body
    for at, pair in enumerate(pairwise(body)):
        pairs.setdefault(pair, []).append(at)
    return {pair: tuple(places) for pair, places in pairs.items()}


def _fallback_start(stream: Stream) -> int | None:
    """Where the body may begin when neither "currently" nor "speaking" was heard. Never leads to a pass."""
    hits = [
        (at, at - place) for at, pair in enumerate(pairwise(stream.keys)) for place in _pairs().get(pair, ())
    ]
    if len(hits) < _FALLBACK_PAIRS:
        return None
    offset, _ = Counter(offset // 8 for _, offset in hits).most_common(1)[0]
    return min(at for at, place in hits if abs(place // 8 - offset) <= 1)


def attempts(stream: Stream, names: tuple[Declared, ...] | None) -> list[Attempt]:
    """Every reading of a statement that was begun, in spoken order."""
    starts = list(dict.fromkeys(_body_start(stream, anchor) for anchor in _anchors(stream)))
    if not starts:
        fallback = _fallback_start(stream)
        starts = [] if fallback is None else [fallback]
    found: list[Attempt] = []
    floor = 0
    for index, start in enumerate(starts):
        i_at, name, body_at = _opening(stream, floor, start, names)
        if found and (body_at <= found[-1].body_at or (body_at < found[-1].end and i_at is None)):
            continue  # another "currently" inside the attempt before it
        limit = _next_beginning(stream, body_at, starts[index + 1 :], names)
        template, end, steps = _align(stream, name, body_at, limit)
        first = i_at if i_at is not None else min(name.lo, body_at)
        found.append(Attempt(template, i_at, name, body_at, first, max(end, body_at), tuple(steps)))
        floor = body_at + 1
    return found


def _next_beginning(
    stream: Stream, body_at: int, later: list[int], names: tuple[Declared, ...] | None
) -> int:
    """Where the next attempt's "I" stands, or the end of the words."""
    for start in later:
        if start > body_at + 1:
            i_at, _, next_body = _opening(stream, body_at + 1, start, names)
            if i_at is not None and next_body > body_at + 1:
                return i_at
    return len(stream.keys)
