"""The sentences right beside the statement: do they limit it, take it back, or name somebody else?

A list of refusals is never complete. So right beside the statement it is turned round: a fragment that hangs
on to it, and a short sentence that is not known to be harmless, need a person. Longer sentences with a verb
of their own are everyday speech. Recognisers choose the punctuation, so nothing here fails a hearing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from preflight.consent.align import Attempt
from preflight.consent.everyday import is_about_the_matter, is_everyday
from preflight.consent.faults import Fault, spoken
from preflight.consent.fold import Stream
from preflight.consent.lexicon import lexicon
from preflight.consent.name import name_tokens

__all__ = ["beside_faults", "everyday_places", "goes_its_own_way", "leads_in_quietly", "stranger_faults"]

_LEAD = 8  # words before the statement that may lead into it
_SHORT = 4  # words: a sentence that says little, but "Stop." is enough
_FRAGMENT = 6  # words: "With prior written approval", "When I have signed the paper"
_STOPS = frozenset(".?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of speech up to a mark; fillers left out of its keys."""

    lo: int
    hi: int
    keys: tuple[str, ...]
    mark: str

    def starts(self, phrases: tuple[str, ...]) -> bool:
        """True if it begins with one of these phrases, word for word."""
        return f"{' '.join(self.keys)} ".startswith(_prefixes(phrases))


@cache
def _prefixes(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{phrase} " for phrase in phrases)


@cache
def _introductions() -> dict[str, tuple[tuple[str, ...], ...]]:
    """The introductions by their first words."""
    listed = lexicon().aliases.beside.introductions
    return {one[0]: tuple(two for two in listed if two[0] == one[0]) for one in listed}


def _sentence(stream: Stream, lo: int, hi: int, mark: str) -> Sentence:
    silent = lexicon().silent
    looks = (
        key if key[:1].isdigit() else look
        for key, look in zip(stream.keys[lo:hi], stream.skeletons[lo:hi], strict=True)
    )
    return Sentence(lo, hi, tuple(look for look in looks if look not in silent), mark)


def _sentences(stream: Stream, lo: int, hi: int) -> Iterator[Sentence]:
    """The sentences between two places, without empty ones."""
    start = lo
    for at in range(lo, hi):
        mark = stream.mark_after(at)
        if mark in _STOPS or at + 1 == hi:
            sentence = _sentence(stream, start, at + 1, mark)
            if sentence.keys:
                yield sentence
            start = at + 1


def _without_beginning(sentence: Sentence) -> Sentence:
    """A sentence of which only the end is looked at; how it begins is not known."""
    return Sentence(sentence.lo, sentence.hi, ("...", *sentence.keys), sentence.mark)


def _without_thanks(sentence: Sentence) -> Sentence:
    """What comes after a "thank you", where no mark tells where the thanks end."""
    thanked = sentence.keys[:2] == ("thank", "you") and not sentence.mark
    if not thanked or len(sentence.keys) < 4 or sentence.keys[2] in _THANKED:
        return sentence
    return Sentence(sentence.lo, sentence.hi, sentence.keys[2:], sentence.mark)


_THANKED = frozenset({"for", "so", "very", "all", "everyone", "everybody", "again", "and", "to"})


def _plain(sentence: Sentence) -> Sentence:
    """The sentence without words such as "okay" and "so" in front."""
    polite = lexicon().aliases.beside.openers
    at = next((at for at, key in enumerate(sentence.keys) if key not in polite), len(sentence.keys))
    return Sentence(sentence.lo, sentence.hi, sentence.keys[at:], sentence.mark)


def _speaks_of_terms(keys: Sequence[str]) -> bool:
    """Of payment, permission, or the use that is made of somebody."""
    return not lexicon().aliases.beside.terms.isdisjoint(keys)


def _has_clause(keys: Sequence[str], conjunction: bool) -> bool:
    """A subject and a word after it; after a conjunction the first subject is its own."""
    subjects = lexicon().aliases.beside.subjects
    places = [
        at for at, key in enumerate(keys[:-1]) if at and key in subjects and keys[at - 1] not in _RELATIVE
    ]
    return len(places) > conjunction


_RELATIVE = frozenset({"what", "that", "which", "who", "whom", "than", "as"})


def is_complete(sentence: Sentence) -> bool:
    """An everyday sentence that only begins with a preposition or a conjunction."""
    beside = lexicon().aliases.beside
    conjunction = sentence.starts(beside.conjunctions)
    if not conjunction and not sentence.starts(beside.prepositions):
        return True
    if _speaks_of_terms(sentence.keys):
        return False
    return _has_clause(sentence.keys, conjunction) and (not conjunction or len(sentence.keys) >= _FRAGMENT)


def _is_fragment(sentence: Sentence) -> bool:
    """ "In Germany.", "When I have signed.", and "Two days.": no subject and verb of its own."""
    measure = sentence.starts(lexicon().aliases.beside.quantifiers) or sentence.keys[0][:1].isdigit()
    if len(sentence.keys) > _SHORT or not measure:
        return len(sentence.keys) <= _FRAGMENT and not is_complete(sentence)
    return not _has_clause(sentence.keys, conjunction=False)


def _is_everyday(stream: Stream, attempt: Attempt, sentence: Sentence) -> bool:
    """A plain sentence about the world, with a stop before it and after it."""
    apart = sentence.lo > attempt.end or stream.mark_after(attempt.end - 1) in _STOPS
    known = set(name_tokens(attempt.name.raw))
    keys = _plain(sentence).keys
    if not apart or sentence.mark not in _STOPS:
        return False
    calm = " ".join(keys) in lexicon().aliases.beside.calm_sentences
    return calm or is_everyday(keys, question=sentence.mark == "?", known=known)


def _is_about_the_matter(sentence: Sentence, *, before: bool) -> bool:
    """The statement itself, its use, or somebody behind it; harmless beginnings apart."""
    harmless = sentence.starts(lexicon().aliases.beside.calm_starts)
    return bool(sentence.keys) and not harmless and is_about_the_matter(sentence.keys, before=before)


def everyday_places(stream: Stream, attempt: Attempt) -> frozenset[int]:
    """Where plain sentences about the world follow the statement: nothing there takes it back."""
    end = min(len(stream.keys), attempt.end + lexicon().aliases.around.after + _LONGEST)
    if attempt.end == end:
        return frozenset()
    sentences = _sentences(stream, attempt.end, end)
    return frozenset(
        at for one in sentences if _is_everyday(stream, attempt, one) for at in range(one.lo, one.hi)
    )


def goes_its_own_way(stream: Stream, attempt: Attempt) -> bool:
    """True if a sentence of its own follows that only begins like a limit: "If it rains, we ..."

    Told by its subject: a condition speaks of the one who sets it, of those who are to keep it, or of "it".
    """
    if stream.mark_after(attempt.end - 1) not in (".", "?"):
        return False
    sentence = next(_sentences(stream, attempt.end, min(len(stream.keys), attempt.end + _LONGEST)), None)
    if sentence is not None and _is_everyday(stream, attempt, sentence):
        return True
    if sentence is None or sentence.mark != ".":
        return sentence is not None and " ".join(sentence.keys) in lexicon().aliases.beside.calm_sentences
    beside, keys = lexicon().aliases.beside, sentence.keys
    if " ".join(keys) in beside.calm_sentences or sentence.starts(beside.settled_after):
        return True
    if len(keys) < _FRAGMENT or not is_complete(sentence) or not _POINTERS.isdisjoint(keys[2:]):
        return False
    if keys[0] in _OWN_CONDITIONS:
        comma = any(stream.mark_after(at) == "," for at in range(sentence.lo + 2, sentence.hi - 2))
        own = keys[0] == "while" or keys[1] in ("it", "you")
        return comma and own and _FIRST_PERSON.isdisjoint(keys)
    return sentence.starts(beside.prepositions) and _OTHERS_ACT.isdisjoint(keys)


_LONGEST = 40  # words of a sentence that is looked at
_POINTERS = frozenset({"it", "this", "that", "these", "them"})
_OWN_CONDITIONS = frozenset({"if", "when", "while"})
_FIRST_PERSON = frozenset({"i", "me", "my", "mine"})
_OTHERS_ACT = frozenset({"you", "they", "he", "she"})


def _is_calm(stream: Stream, sentence: Sentence, known: set[str], more: frozenset[str] = frozenset()) -> bool:
    """Nothing but words of greeting, thanks and small talk, and the speaker's own name."""
    around, beside = lexicon().aliases.around, lexicon().aliases.beside
    text = " ".join(sentence.keys)
    if text in beside.calm_sentences or (sentence.starts(beside.calm_starts) and "?" != sentence.mark):
        return True
    calm = around.courtesy | beside.calm | more
    loose = [
        at
        for at in range(sentence.lo, sentence.hi)
        if stream.skeletons[at] not in calm
        and stream.keys[at] not in lexicon().silent
        and not stream.keys[at][:1].isdigit()
    ]
    return all(not known.isdisjoint(name_tokens([stream.tokens[at].raw])) for at in loose)


def _fault(stream: Stream, sentence: Sentence, what: str) -> Fault:
    heard = spoken(stream, sentence.lo, sentence.hi)
    return Fault("consent-revoked", f'heard "{heard}" {what} the statement', True, sentence.lo, sentence.hi)


def beside_faults(
    stream: Stream, attempt: Attempt, known: set[str], others: Sequence[Attempt], alone: bool
) -> Iterator[Fault]:
    """What the sentences right before and right after the statement may do to it."""
    yield from _before(stream, attempt, known, others)
    yield from _after(stream, attempt, known, others, alone)


def _before(stream: Stream, attempt: Attempt, known: set[str], others: Sequence[Attempt]) -> Iterator[Fault]:
    around, beside = lexicon().aliases.around, lexicon().aliases.beside
    start = max(0, attempt.start - around.after)
    found = list(_sentences(stream, start, attempt.start))
    if found and start and stream.mark_after(start - 1) not in (".", "?"):
        found[0] = _without_beginning(found[0])
    tried = {at for other in others if other is not attempt for at in range(other.start, other.end)}
    for sentence in found[:-1]:
        if not tried.isdisjoint(range(sentence.lo, sentence.hi)):
            continue
        if 1 < len(sentence.keys) <= _LEAD and not is_complete(_plain(sentence)):
            if not is_settled(sentence):
                yield _fault(stream, sentence, "before")
        elif _is_doubtful(sentence) or _is_strange_before(stream, sentence, known):
            yield _fault(stream, sentence, "before")
    if not found or not tried.isdisjoint(range(found[-1].lo, found[-1].hi)):
        return
    lead = found[-1]
    finished = stream.mark_after(attempt.start - 1) or "-"
    plain = _plain(lead)
    if is_settled(plain) or is_settled(lead) or not plain.keys:
        return
    if _is_doubtful(lead) or _is_doubtful(plain):
        yield _fault(stream, lead, "before")
    elif finished in _STOPS:
        fragment = len(plain.keys) <= 2 * _LEAD and not is_complete(plain)
        if fragment or _is_strange_before(stream, lead, known):
            yield _fault(stream, lead, "before")
    else:
        conditional = not beside.conditions.isdisjoint(plain.keys[-_LEAD:])
        doing = plain.keys[0].endswith("ing") and not _is_calm(stream, lead, known)
        hanging = (
            doing
            or lead.starts(beside.conjunctions)
            or plain.starts(beside.conjunctions)
            or plain.starts(beside.prepositions)
        )
        quoted = finished == ":" and not _is_calm(stream, lead, known)
        if conditional or hanging or quoted or _is_about_the_matter(plain, before=True):
            yield _fault(stream, lead, "right before")


def _is_strange_before(stream: Stream, sentence: Sentence, known: set[str]) -> bool:
    """A short remark that is no small talk, or one of any length about the statement."""
    plain = _plain(sentence)
    if not plain.keys or is_settled(plain) or is_settled(sentence):
        return False
    if _is_about_the_matter(plain, before=True):
        return not _is_calm(stream, sentence, known)
    question = sentence.mark == "?"
    studio = lexicon().aliases.everyday.studio
    short = len(sentence.keys) <= _SHORT and not _is_calm(stream, sentence, known, studio)
    return short and not is_everyday(plain.keys, question=question, known=known)


def _is_doubtful(sentence: Sentence) -> bool:
    """One of the listed sentences; some of them only as a question."""
    text = " ".join(sentence.keys)
    listed = lexicon().aliases.beside.doubt_sentences
    return text in listed or (sentence.mark == "?" and f"{text}?" in listed)


_THANKS = ("thanks for", "thank you for")


def is_settled(sentence: Sentence) -> bool:
    """ "For the record," and whatever is as harmless, followed by courtesy alone."""
    beside = lexicon().aliases.beside
    text = " ".join(sentence.keys)
    if sentence.starts(_THANKS) and not _speaks_of_terms(sentence.keys):
        return beside.conditions.isdisjoint(sentence.keys)
    for phrase in beside.settled:
        if f"{text} ".startswith(f"{phrase} "):
            rest = text[len(phrase) :].split()
            return lexicon().aliases.around.courtesy.issuperset(rest) and beside.conditions.isdisjoint(rest)
    return False


def leads_in_quietly(stream: Stream, attempt: Attempt) -> bool:
    """ "With that said," before the statement."""
    found = list(_sentences(stream, max(0, attempt.start - _LEAD), attempt.start))
    return bool(found) and (is_settled(found[-1]) or is_settled(_plain(found[-1])))


def _after(
    stream: Stream, attempt: Attempt, known: set[str], others: Sequence[Attempt], alone: bool
) -> Iterator[Fault]:
    beside = lexicon().aliases.beside
    end = min(len(stream.keys), attempt.end + lexicon().aliases.around.after)
    starts = [other.start for other in others if other.start >= attempt.end]
    reach = min([len(stream.keys), end + _LEAD, *starts])
    calm = beside.calm_sentences
    first = True
    for sentence in _sentences(stream, attempt.end, reach):
        if sentence.lo >= end or (sentence.lo > attempt.end and sentence.hi == reach < len(stream.keys)):
            break
        sentence = _without_thanks(sentence)
        plain = _plain(sentence)
        texts = (" ".join(sentence.keys), " ".join(plain.keys))
        if _is_doubtful(sentence) or _is_doubtful(plain):
            yield _fault(stream, sentence, "after")
        elif not plain.keys or sentence.starts(beside.settled_after) or texts[0] in calm or texts[1] in calm:
            continue
        elif not alone and _is_about_the_matter(plain, before=False):
            yield _fault(stream, sentence, "after")
            first = False
        elif _is_everyday(stream, attempt, sentence):
            first = False
        elif _is_fragment(plain):
            yield _fault(stream, sentence, "after")
        elif first and not alone and len(plain.keys) <= _SHORT and not _is_calm(stream, sentence, known):
            yield _fault(stream, sentence, "right after")
        elif first and _goes_on(stream, attempt, sentence):
            yield _fault(stream, sentence, "as a part of")
        else:
            if first and plain.starts(beside.conjunctions) and _speaks_of_terms(plain.keys):
                yield _fault(stream, sentence, "right after")
            first = first and lexicon().aliases.around.courtesy.issuperset(sentence.keys)


def _goes_on(stream: Stream, attempt: Attempt, sentence: Sentence) -> bool:
    """No stop after the last word although there are stops elsewhere, and no new beginning."""
    if sentence.lo != attempt.end or stream.mark_after(attempt.end - 1) in (".", "?", ":"):
        return False
    stops = any(stream.mark_after(at) == "." for at in range(attempt.start, attempt.end - 1))
    return stops and stream.tokens[sentence.lo].raw[:1].islower()


# ---- who speaks, how old, and in which language


@cache
def _minor_ages() -> frozenset[str]:
    return lexicon().aliases.beside.minor_ages | {str(age) for age in range(1, 18)}


def stranger_faults(stream: Stream, attempt: Attempt, known: set[str]) -> Iterator[Fault]:
    """Close to the statement: another name for the speaker, a child's age, another script."""
    after = lexicon().aliases.around.after
    sides = (
        (max(0, attempt.start - after), attempt.start),
        (attempt.end, min(len(stream.keys), attempt.end + after)),
    )
    for lo, hi in sides:
        yield from _other_speakers(stream, lo, hi, known)
        yield from _companies(stream, lo, hi)
        yield from _ages(stream, lo, hi)
        yield from _scripts(stream, lo, hi, known)


def _is_name(stream: Stream, at: int, known: set[str]) -> bool:
    """Written like a name, and not the speaker's; where nothing has capitals, any word that is on no list."""
    token = stream.tokens[at]
    names, beside = lexicon().aliases.names, lexicon().aliases.beside
    parts = name_tokens([token.raw.removesuffix("'s")])
    if not known.isdisjoint(parts) or any(part.startswith(parts) for part in known):
        return False
    if token.key in beside.not_a_name or token.key in names.not_names or token.key in names.after_i_am:
        return False
    if _is_cased(stream):
        return token.raw[:1].isupper()
    common = lexicon().aliases.around.courtesy | beside.calm | names.after_i | lexicon().vocabulary
    return token.key not in common


def _is_known(stream: Stream, at: int, known: set[str]) -> bool:
    return not known.isdisjoint(name_tokens([stream.tokens[at].raw]))


def _is_cased(stream: Stream) -> bool:
    return any(token.raw[:1].isupper() and token.raw[1:].islower() for token in stream.tokens)


def _other_speakers(stream: Stream, lo: int, hi: int, known: set[str]) -> Iterator[Fault]:
    beside = lexicon().aliases.beside
    keys = stream.skeletons
    for at in range(lo, hi):
        for phrase in _introductions().get(keys[at], ()):
            if tuple(keys[at : at + len(phrase)]) == phrase and at + len(phrase) < hi:
                who = at + len(phrase)
                while who + 1 < hi and keys[who] in beside.adverbs:
                    who += 1
                if _is_name(stream, who, known) or (phrase in _SPEAKER and _is_relation(stream, who, hi)):
                    yield _stranger(stream, at, min(hi, who + 2))
        if at + 1 < hi and keys[at] in beside.played and _is_known(stream, at + 1, known):
            yield _stranger(stream, at, at + 2)
        absent = at + 1 < hi and keys[at + 1] in beside.acts and not stream.mark_after(at)
        if absent and _is_known(stream, at, known):
            yield _stranger(stream, at, at + 2)
    for sentence in _sentences(stream, lo, hi):
        plain = _plain(sentence)
        if _is_name_alone(stream, sentence, known):
            yield _stranger(stream, sentence.lo, sentence.hi)
        if _introduces_itself(stream, sentence, known):
            yield _stranger(stream, sentence.lo, sentence.hi)
        elif not beside.introductions_after.isdisjoint(plain.keys[1:3]):
            who = next(
                (at for at in range(sentence.lo, sentence.hi) if keys[at] == plain.keys[0]), sentence.lo
            )
            season = plain.keys[1] == "is" and plain.keys[0] in beside.calm  # "Spring is here."
            if _is_name(stream, who, known) and not season:
                yield _stranger(stream, sentence.lo, sentence.hi)


def _introduces_itself(stream: Stream, sentence: Sentence, known: set[str]) -> bool:
    """ "Dr. Wei Zhang here.": names, not all of them the speaker's, and then a word that follows a name."""
    if not _is_cased(stream):
        return False
    beside, same = lexicon().aliases.beside, lexicon().aliases.names.same
    skipped = lexicon().silent | beside.openers | same.keys() | set(same.values())
    words = [at for at in range(sentence.lo, sentence.hi) if stream.keys[at] not in skipped]
    says = next(
        (at for at, word in enumerate(words[:6]) if stream.keys[word] in beside.introductions_after), 0
    )
    strange = [word for word in words[:says] if _is_name(stream, word, known)]
    rest = [word for word in words[:says] if word not in strange]
    return says > 1 and bool(strange) and all(_is_known(stream, word, known) for word in rest)


def _is_name_alone(stream: Stream, sentence: Sentence, known: set[str]) -> bool:
    """ "John Smith." or "John:" and nothing else."""
    words = [at for at in range(sentence.lo, sentence.hi) if stream.keys[at] not in lexicon().silent]
    if not _is_cased(stream) or not (2 <= len(words) <= 3 or stream.mark_after(sentence.hi - 1) == ":"):
        return False
    common = lexicon().aliases.around.courtesy | lexicon().aliases.beside.calm
    return all(_is_name(stream, at, known) and stream.keys[at] not in common for at in words)


_SPEAKER = frozenset({("this", "is"), ("i", "am"), ("it", "is")})
_OF_OTHERS = frozenset({"her", "his", "their"})


def _is_relation(stream: Stream, at: int, hi: int) -> bool:
    """ "Maria's sister", "her lawyer"."""
    owner = stream.tokens[at].raw.casefold().endswith("'s") or stream.skeletons[at] in _OF_OTHERS
    return owner and not lexicon().aliases.beside.relations.isdisjoint(
        stream.skeletons[at + 1 : min(hi, at + 3)]
    )


def _stranger(stream: Stream, lo: int, hi: int) -> Fault:
    said = spoken(stream, lo, hi)
    return Fault("consent-name-mismatch", f'another name may have been said as well: "{said}"', True, lo, hi)


def _companies(stream: Stream, lo: int, hi: int) -> Iterator[Fault]:
    companies = lexicon().aliases.beside.companies
    for at in range(lo, hi):
        if stream.skeletons[at] in companies or "".join(stream.skeletons[at : at + 2]) in companies:
            said = spoken(stream, max(lo, at - 3), min(hi, at + 2))
            yield Fault("consent-wrong-party", f'heard "{said}" close to the statement', True, at, at + 1)


def _ages(stream: Stream, lo: int, hi: int) -> Iterator[Fault]:
    """ "I am twelve years old": somebody who cannot consent."""
    keys, ages = stream.skeletons, _minor_ages()
    for at in range(lo, hi - 2):
        if keys[at : at + 2] in (("i", "am"), ("i", "turned"), ("i", "turn")):
            place = at + 2
            while place + 1 < hi and keys[place] in lexicon().aliases.beside.adverbs:
                place += 1
            ends = (
                place + 1 == hi
                or keys[place + 1] in ("years", "year")
                or stream.mark_after(place) in (".", "?")
            )
            if stream.keys[place] in ages and ends:
                said = spoken(stream, at, min(hi, place + 3))
                yield Fault("consent-revoked", f'heard "{said}" close to the statement', True, at, place + 1)


def _scripts(stream: Stream, lo: int, hi: int, known: set[str]) -> Iterator[Fault]:
    """Words in letters that are not Latin: on no list, so that nobody knows what they say."""
    foreign = [
        at
        for at in range(lo, hi)
        if not stream.keys[at].isascii()
        and not stream.skeletons[at].isascii()
        and any(c.isalpha() and c > "\u024f" and not "\u1e00" <= c <= "\u1eff" for c in stream.skeletons[at])
        and known.isdisjoint(name_tokens([stream.tokens[at].raw]))
    ]
    if foreign:
        said = spoken(stream, foreign[0], foreign[-1] + 1)
        yield Fault(
            "consent-revoked",
            f'heard "{said}" close to the statement, in other letters',
            True,
            foreign[0],
            foreign[-1] + 1,
        )
