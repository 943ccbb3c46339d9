"""Everyday speech after the statement: a sentence about the world, told by how it is built.

To refuse or to limit something, a sentence has to point at it: at the speaker's will, at what was just said
("this", "it"), at those who may use it, or at rights, money, truth and force. Or it is no sentence at all and
borrows its subject from the statement ("In Germany."). So a short sentence, or one with a negation, is left
alone only if it has a subject and a plain verb of its own and none of those words. Whatever is built in
another way needs a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_HEADINGS = frozenset({"lesson", "chapter", "unit", "step", "topic", "module", "episode"})
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
    first, rest = keys[0], list(keys[1:])
    if question and keys[:2] == ("do", "you"):
        first, rest = "who", list(keys[2:])
    negations = [key for key in keys if key in lexicon().aliases.veto.words]
    if len(negations) > 1 or not _NEGATIONS.issuperset(negations):
        return False
    numbered = first in _HEADINGS and rest[0] == "one"
    if any(_is_stake(key) for key in rest[(first == "let" and rest[0] == "us") or numbered :]):
        return False
    if question:
        return not negations and _asks(first, rest)
    if first in ("i", "we"):
        return _own_life(first, rest)
    if first in _HEADINGS:
        return not negations and len(rest) > 1
    if first == "let":
        return (
            not negations and rest[0] == "us" and len(rest) > 1 and (_is_deed(rest[1]) or rest[1] in _INVITED)
        )
    if first == "it":
        return _impersonal(rest)
    if first == "there":
        return rest[0] in _BE and rest[1:2] in (["no"], ["nothing"]) and rest[2:3] == ["better"]
    if first == "you":
        return rest[:3] == ["do", "not", "need"] or rest[:4] == ["do", "not", "have", "to"]
    subject = first == "my" or not (first in _TODAY or _is_stake(first))
    return subject and _has_own_subject(keys)


def _asks(first: str, rest: Sequence[str]) -> bool:
    """ "How do airplanes fly?", "Do you like music?" """
    return (
        first in _QUESTIONS
        and len(rest) > 1
        and (rest[0] in _BE | _HELPERS or (first == "who" and _is_deed(rest[0].removesuffix("ed"))))
    )


def _own_life(first: str, rest: Sequence[str]) -> bool:
    """ "I teach math.", "We do not eat meat.", "I have never been to Japan." """
    habits = lexicon().aliases.everyday.habits
    if rest[:3] == ["have", "never", "been"]:
        return rest[3:4] == ["to"] and len(rest) > 4
    if rest[:2] == ["do", "not"] or rest[:1] == ["never"]:
        verb = rest[2:] if rest[0] == "do" else rest[1:]
        owned = first == "we" and verb[:1] == ["have"] and verb[1:2] in (["a"], ["any"], ["many"])
        return len(verb) > 1 and (verb[0] in habits or owned)
    if _NEGATIONS.isdisjoint(rest):
        deeds = lexicon().aliases.everyday.deeds - _NO_OWN_LIFE
        played = rest[0] != "play" or rest[1:2] == ["the"]
        return len(rest) > 1 and played and (rest[0] in deeds or (rest[0] == "have" and rest[1] in _COUNTS))
    return False


def _impersonal(rest: Sequence[str]) -> bool:
    """ "It does not rain much.", "It is never too late to learn." """
    impersonal = lexicon().aliases.everyday.impersonal
    words = [key for key in rest if key not in _BE | _HELPERS | _NEGATIONS]
    told = words[1:] if words[:1] in (["too"], ["very"], ["so"], ["get"], ["often"]) else words
    return (
        bool(told)
        and told[0] in impersonal
        and (rest[0] in _BE | _HELPERS | _NEGATIONS or told[0] == rest[0])
    )


def _has_own_subject(keys: Sequence[str]) -> bool:
    """A subject that is no pronoun, and a verb: "Cats sleep a lot.", "The lake never freezes." """
    aliases = lexicon().aliases
    text = f"{' '.join(keys)} "
    if text.startswith(_leads()):
        return False
    negated = not _NEGATIONS.isdisjoint(keys)
    kin = keys[0] == "my" and keys[1] in aliases.beside.relations
    for at, key in enumerate(keys[1:], 1):
        if key in _BE:
            named = keys[0] in _ARTICLES | _COUNTED or key in ("was", "were") or not negated
            return not kin and at + 1 < len(keys) and named and not (negated and keys[-1] in _UNFIT)
        if key in _HELPERS or key in ("has", "have"):
            told = [word for word in keys[at + 1 :] if word not in _NEGATIONS]
            return bool(told) and (_is_deed(told[0]) or told[0] in ("have", *_ARTICLES))
        if _is_deed(key):
            return True
    return False


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
    return not before and any(
        key in everyday.speech_acts and not _POINTERS.isdisjoint(keys[max(0, at - _NEAR) : at + _NEAR + 1])
        for at, key in enumerate(keys)
    )
