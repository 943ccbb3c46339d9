"""Everyday speech after the statement: a sentence about the world, told by how it is built.

To refuse or to limit something, a sentence has to point at it: at the speaker's will, at what was just said
("this", "it"), at those who may use it, or at rights, money, truth and force. Or it is no sentence at all and
borrows its subject from the statement ("In Germany."). So a short sentence, or one with a negation, is left
alone only if it has a subject and a plain verb of its own and none of those words. Whatever is built in
another way needs a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from preflight.consent.lexicon import lexicon

__all__ = ["is_about_the_matter", "is_everyday"]

_BE = frozenset({"is", "are", "was", "were"})
_HELPERS = frozenset({"do", "does", "did", "can"})
_ARTICLES = frozenset({"a", "an", "the", "our", "my", "some", "many", "two", "three", "four", "five", "six"})
_COUNTS = frozenset({"two", "three", "four", "five", "six", "many"})
_NEGATIONS = frozenset({"not", "never", "no", "nothing", "nobody"})
_QUESTIONS = frozenset({"what", "how", "why", "who", "where", "when", "which"})
_INVITED = frozenset(
    {"look", "talk", "dive", "jump", "begin", "start", "explore", "discover", "move", "see", "get", "go"}
)
_HEADINGS = frozenset(
    {
        "lesson",
        "chapter",
        "unit",
        "step",
        "topic",
        "module",
        "episode",
        "tip",
        "question",
        "number",
        "exercise",
    }
)
_NUMBERS = frozenset(
    {"number", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
)
_ALL = frozenset({"everyone", "everybody"})
_SEEN = frozenset({"see", "find", "visit", "buy", "eat", "grow", "swim"})
_DEGREES = frozenset({"too", "very", "get", "often", "always", "usually"})
_VENUES = frozenset({"shop", "store", "museum", "market", "bakery", "library", "restaurant", "cafe", "park"})
_ASKED = frozenset({"subscribe", "click", "visit", "join"})
_NEEDED = frozenset({"any", "much", "many", "special", "expensive"})
_PLACES = frozenset({"in", "on", "at"})
_TODAY = frozenset({"time", "today", "tonight", "yesterday"})
_UNFIT = frozenset({"good", "fine", "free", "okay", "ok", "great", "nice"})
_NO_OWN_LIFE = frozenset({"need", "know", "have", "has", "open", "make"})
_LONGEST = 20  # words; a longer sentence has room for a second thought


@cache
def _stakes() -> frozenset[str]:
    """Words by which a sentence may speak of the consent, the speaker's will, or force."""
    aliases = lexicon().aliases
    around, beside, everyday = aliases.around, aliases.beside, aliases.everyday
    words = around.consent_words | around.subjects | around.weak | around.revocations | around.doubts
    words |= around.close_doubts | beside.terms | beside.conditions | beside.companies
    return (words | everyday.stakes | everyday.pointers) - everyday.no_stakes


def _is_stake(key: str) -> bool:
    return key in _stakes() or key.startswith(_stems())


@cache
def _stems() -> tuple[str, ...]:
    return (*lexicon().aliases.everyday.stems, "symbol")


def _is_deed(key: str) -> bool:
    """A plain verb, as it is or with the ending of the third person."""
    deeds = lexicon().aliases.everyday.deeds
    return key in deeds or any(key.endswith(end) and key[: -len(end)] in deeds for end in ("s", "es"))


def is_everyday(keys: Sequence[str], *, question: bool, known: set[str]) -> bool:
    """True if these words are a plain sentence about the world. ``known`` holds the speaker's name."""
    if not 2 <= len(keys) <= _LONGEST or not known.isdisjoint(keys):
        return False
    if question and keys[:3] == ("did", "you", "know"):
        rest = keys[4:] if keys[3:4] == ("that",) else keys[3:]
        return is_everyday(rest, question=False, known=known)
    first, rest = keys[0], keys[1:]
    if question and keys[:2] == ("do", "you") and len(keys) > 2:
        first, rest = "who", keys[2:]
    negations = [key for key in keys if key in lexicon().aliases.veto.words]
    if len(negations) > 1 or not _NEGATIONS.issuperset(negations):
        return False
    if any(_is_stake(key) for key in _told(first, rest)):
        return False
    if question:
        return not negations and _asks(first, rest)
    if first in _HEADINGS and rest[0] in _NUMBERS:
        return not negations
    if first in ("i", "we"):
        return _own_life(first, rest)
    if first in _ASKED:
        return not negations
    if first in ("it", "there", "you", "let", "look", "listen"):
        return _impersonal(rest) if first == "it" else _in_a_frame(first, rest)
    if first in _ALL:
        return _is_deed(rest[0])
    subject = first == "my" or not (first in _TODAY or _is_stake(first))
    return subject and _has_own_subject(keys)


def _told(first: str, rest: Sequence[str]) -> Iterator[str]:
    """The words that must not be at stake, without those that belong to the frame of the sentence."""
    if first == "it":
        return (key for key in rest if key not in lexicon().aliases.beside.conditions)  # "until November"
    if first in _HEADINGS:
        return (key for key in rest if key not in _NUMBERS)
    if (first, rest[0]) == ("no", "two"):
        return (key for key in rest[1:] if key != "same")
    framed = (first == "let" and rest[:1] == ("us",)) or (first == "not" and rest[0] in _ALL)
    return iter(rest[framed:])


def _in_a_frame(first: str, rest: Sequence[str]) -> bool:
    """ "Let us bake bread.", "There is no school on Saturday.", "You do not need much." """
    if first == "let":
        negated = not _NEGATIONS.isdisjoint(rest)
        return (
            not negated and rest[0] == "us" and len(rest) > 1 and (_is_deed(rest[1]) or rest[1] in _INVITED)
        )
    if first == "there":
        if rest[0] not in _BE or not _NEGATIONS.intersection(rest[1:2]):
            return False
        better = rest[2:3] in (("better",), ("like",)) and len(rest) > 5
        return better or not _PLACES.isdisjoint(rest[3:-1])
    if first == "you":
        seen = rest[:2] == ("can", "not") and not _SEEN.isdisjoint(rest[2:3])
        needed = rest[:3] == ("do", "not", "need") and not _NEEDED.isdisjoint(rest[3:4])
        return seen or needed or rest[:5] == ("do", "not", "have", "to", "be")
    calm = lexicon().aliases.beside.calm | _ARTICLES
    return rest[0] == {"look": "at", "listen": "to"}[first] and len(rest) > 1 and calm.issuperset(rest[1:])


def _asks(first: str, rest: Sequence[str]) -> bool:
    """ "How do airplanes fly?", "Do you like music?" """
    return (
        first in _QUESTIONS
        and len(rest) > 1
        and (rest[0] in _BE | _HELPERS or (first == "who" and _is_deed(rest[0].removesuffix("ed"))))
    )


def _own_life(first: str, rest: Sequence[str]) -> bool:
    """ "I teach math.", "We do not eat meat.", "I have never been to Japan." """
    everyday = lexicon().aliases.everyday
    if rest[:3] == ("have", "never", "been"):
        return rest[3:4] == ("to",) and len(rest) > 4
    if rest[:2] == ("can", "not"):
        return rest[2:3] != () and rest[2] in everyday.habits
    if rest[:2] == ("do", "not") or rest[:1] == ("never",):
        verb = rest[2:] if rest[0] == "do" else rest[1:]
        owned = first == "we" and verb[:1] == ("have",)
        return len(verb) > 1 and (verb[0] in everyday.habits or owned or verb[:2] == ("learned", "to"))
    if not _NEGATIONS.isdisjoint(rest) or len(rest) < 2 or (rest[0] == "play" and rest[1] != "the"):
        return False
    return rest[0] in everyday.deeds - _NO_OWN_LIFE or (rest[0] == "have" and rest[1] in _COUNTS)


def _impersonal(rest: Sequence[str]) -> bool:
    """ "It does not rain much.", "It is never too late to learn.", "It is sunny." """
    impersonal = lexicon().aliases.everyday.impersonal
    words = [key for key in rest if key not in _BE | _HELPERS | _NEGATIONS] or [""]
    told = words[1:] if words[0] in _DEGREES else words
    return bool(told) and told[0] in impersonal and not _NEGATIONS.isdisjoint(rest)


def _has_own_subject(keys: Sequence[str]) -> bool:
    """A subject that is no pronoun, and a verb: "Cats sleep a lot.", "The lake never freezes." """
    if f"{' '.join(keys)} ".startswith(_leads()):
        return False
    negated = not _NEGATIONS.isdisjoint(keys)
    for at, key in enumerate(keys[1:], 1):
        told = [word for word in keys[at + 1 :] if word not in _NEGATIONS | _DEGREES]
        if key in _BE:
            return bool(told) and _is_plainly(keys[:at], told[0], negated=negated)
        if key in _HELPERS:
            return bool(told) and _is_deed(told[0]) and not told[0].startswith("ha")
        if key in ("has", "have"):
            had = bool(told) and (
                told[0] in _ARTICLES | lexicon().aliases.everyday.plain or told[0].endswith("s")
            )
            return had and not negated
        if _is_deed(key):
            return True
    return False


def _is_plainly(subject: Sequence[str], what: str, *, negated: bool) -> bool:
    """ "The lake is deep.", "Our office is in Madrid.", "Today's topic is onboarding." """
    everyday, beside = lexicon().aliases.everyday, lexicon().aliases.beside
    if subject[0] == "my" and (subject[1:2] == () or subject[1] in beside.relations):
        return False
    if subject[0] == "my" and subject[1] not in beside.calm | everyday.themes:
        return False
    if negated:
        named = subject[0] in _ARTICLES | _COUNTED or len(subject) == 1
        opened = what == "open" and subject[-1] in _VENUES
        alike = subject[:2] == ("no", "two") and what == "the"
        return named and (opened or alike or what in everyday.plain - _UNFIT)
    themed = not everyday.themes.isdisjoint(subject) and not what.endswith("ed")
    placed = what in _PLACES or what in ("from", "about", "near", *_ARTICLES)
    return themed or placed or what in everyday.plain or what.endswith("ing")


_COUNTED = frozenset({"not", "no", "most", "all", "every", "some", "few"})


@cache
def _leads() -> tuple[str, ...]:
    beside = lexicon().aliases.beside
    listed = {*beside.conjunctions, *beside.prepositions} - {"not"}
    return tuple(f"{phrase} " for phrase in listed)


_POINTERS = frozenset({"this", "that", "these", "those", "it", "everything", "such"})
_NEAR = 3  # words between a verb and what it points at
_FRONT = frozenset({"please", "first", "then", "just", "now"})
_ORDERED = frozenset({"this", "that", "it", "everything", "such", "my", "me"})
_HAPPENS = frozenset(
    {
        "came",
        "comes",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "must",
        "goes",
        "ends",
        "stays",
        "means",
    }
)
_ANNOUNCED = frozenset(
    {"say", "saying", "read", "reading", "hear", "written", "recorded"}
)  # "Let me read it."
_FOR_ME = frozenset({"me", "her", "him", "us"})


@cache
def _matters() -> re.Pattern[str]:
    listed = sorted(lexicon().aliases.everyday.matters, key=len, reverse=True)
    return re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, listed)) + r")(?!\S)")


def is_about_the_matter(keys: Sequence[str], *, before: bool) -> bool:
    """True if a sentence of any length points at the statement, its use, or somebody who stands behind it."""
    everyday = lexicon().aliases.everyday
    words = frozenset(keys)
    if _matters().search(" ".join(keys)):
        return True
    if any(key.startswith(everyday.grave) for key in keys):
        return True
    told = [key for key in keys if key not in _FRONT]
    if told and told[0] in everyday.commands and not words.isdisjoint(_ORDERED):
        return True
    if keys[0] == "that" and keys[1:2] and keys[1] in _HAPPENS:
        return True
    if not words.isdisjoint(everyday.payments) and not words.isdisjoint(everyday.owed):
        return True
    for_me = any(one == "for" and two in _FOR_ME for one, two in pairwise(keys))
    if for_me and not words.isdisjoint(everyday.proxies):
        return True
    acts = everyday.speech_acts - _ANNOUNCED if before else everyday.speech_acts
    return any(
        key in acts and not _POINTERS.isdisjoint(keys[max(0, at - _NEAR) : at + _NEAR + 1])
        for at, key in enumerate(keys)
    )
