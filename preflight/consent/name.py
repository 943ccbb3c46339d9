"""The name slot: does the spoken name agree, letter for letter, with a declared one?

Letters are compared without case, marks, spaces, hyphens, dots and apostrophes, because a recogniser
chooses those. Everything looser (the same sound, another script, a middle name more or less) needs a person
and never passes.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from rapidfuzz.distance import OSA, Levenshtein

from preflight.consent.fold import pieces
from preflight.consent.lexicon import lexicon
from preflight.consent.result import NameVerdict

__all__ = [
    "Declared",
    "compare",
    "declare",
    "is_placeholder",
    "is_plausible",
    "is_possessive",
    "name_tokens",
    "same_parts",
]

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_TRANSLITERATED_LIKENESS = (
    0.5  # of letters shared by two romanisations before a person is asked instead of refusing
)
_MAX_SPELLINGS = 64
_ALIKE_MIN_LETTERS = 4  # shorter names differ as a whole when one letter differs: Lee, Lea, Leo


@dataclass(frozen=True, slots=True)
class Declared:
    """One way to write the declared name: its parts, and every joined spelling that counts as the same."""

    tokens: tuple[str, ...]
    spellings: frozenset[str]
    latin: bool
    ideographic: bool


@lru_cache(maxsize=8192)
def _letters(piece: str) -> str:
    """A piece without case, marks and apostrophes; Latin letters become plain ones, other scripts stay."""
    folded = piece.casefold().replace("'", "")
    if folded.isascii():
        return folded
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", folded) if unicodedata.category(c) not in ("Mn", "Me")
    )
    if bare.isascii():
        return bare
    if all(c.isascii() or unicodedata.name(c, "").startswith("LATIN") for c in bare):
        return _romanised(bare)
    return unicodedata.normalize("NFC", bare)


def _romanised(text: str) -> str:
    from anyascii import anyascii  # loaded only for names beyond plain Latin letters

    return "".join(c for c in anyascii(text).casefold() if c.isalnum())


def name_tokens(raw: Sequence[str]) -> tuple[str, ...]:
    """The comparable parts of a name; ``Dr.`` and ``Doctor`` are the same part."""
    same = lexicon().aliases.names.same
    folded = (_letters(piece) for piece in raw)
    return tuple(same.get(token, token) for token in folded if token)


def _spellings(raw: Sequence[str]) -> frozenset[str]:
    """The joined spellings of a name: in each part marks dropped, or written out as in Müller and Mueller."""
    parts: list[set[str]] = []
    for piece in raw:
        ways = {piece}
        if not piece.isascii():
            ways.add(unicodedata.normalize("NFC", piece.casefold()).translate(_UMLAUTS))
        parts.append({"".join(name_tokens([way])) for way in ways})
    if math.prod(map(len, parts)) > _MAX_SPELLINGS:  # no name has as many marked parts
        return frozenset({"".join(name_tokens(raw))})
    return frozenset("".join(row) for row in product(*parts))


@lru_cache(maxsize=1024)
def declare(full_name: str, accepted_names: tuple[str, ...] = ()) -> tuple[Declared, ...]:
    """The declared spellings, ready to compare. A name without a single letter is an error."""
    declared: list[Declared] = []
    for name in (full_name, *accepted_names):
        raw = pieces(name)
        tokens = name_tokens(raw)
        if not any(c.isalpha() for token in tokens for c in token):
            raise ValueError(f"not a name: {name!r}")
        joined = "".join(tokens)
        ideographic = any(unicodedata.name(c, "").startswith("CJK") for c in joined)
        declared.append(Declared(tokens, _spellings(raw), joined.isascii(), ideographic))
    return tuple(declared)


def _spoken_spellings(raw: Sequence[str], tokens: tuple[str, ...], declared: Declared) -> frozenset[str]:
    """What was heard; spelled-out initials (``jay``) are letters where the name has initials."""
    spellings = _spellings(raw)
    if "the" in tokens and any(number in declared.tokens for number in ("second", "third")):
        spellings |= {"".join(token for token in tokens if token != "the")}
    if any(len(token) == 1 for token in declared.tokens) and len(tokens) == len(declared.tokens):
        letters = lexicon().aliases.names.letters
        pairs = zip(tokens, declared.tokens, strict=True)
        spellings |= {"".join(letters.get(h, h) if len(d) == 1 else h for h, d in pairs)}
    return spellings


def _says(raw: Sequence[str], declared: Declared) -> bool:
    return not declared.spellings.isdisjoint(_spoken_spellings(raw, name_tokens(raw), declared))


def _restarted(raw: Sequence[str], declared: Declared) -> bool:
    """``Maria, Maria Lopez``: the whole name at the end, and before it only beginnings of its parts.

    Or the name with its last part said twice.
    """
    if len(raw) > 1 and name_tokens(raw[-1:]) == name_tokens(raw[-2:-1]) and _says(raw[:-1], declared):
        return True
    for start in range(1, min(len(raw), 9)):
        if _says(raw[start:], declared):
            return all(
                any(part.startswith(token) for part in declared.tokens) for token in name_tokens(raw[:start])
            )
    return False


def is_exact(raw: Sequence[str], names: tuple[Declared, ...]) -> bool:
    """True if these pieces are a declared name, letter for letter, possibly after a false start."""
    return any(_says(raw, name) for name in names) or any(_restarted(raw, name) for name in names)


def same_parts(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names have as many parts, and each may be the other's, misheard."""
    return len(one) == len(other) and all(map(_sounds_alike, one, other))


def _sounds_alike(one: str, other: str) -> bool:
    """Whether two folded words may be one, heard twice: the same phonetic key, or one letter apart."""
    from jellyfish import metaphone  # loaded only when a name differs

    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True  # the second case is an initial beside the name that it may stand for
    sounds = lexicon().aliases.names.sounds
    if one in sounds.get(other, ()) or other in sounds.get(one, ()):
        return True
    if min(len(one), len(other)) >= _ALIKE_MIN_LETTERS and OSA.distance(one, other, score_cutoff=1) <= 1:
        return True
    key = metaphone(one) if one.isascii() else ""
    return bool(key) and one[:1].isalpha() and other.isascii() and key == metaphone(other)


def _shares_ends(heard: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """First and last part agree, and the longer row holds the shorter one: a middle name more or less."""
    short, long = sorted((heard, name), key=len)
    if len(short) < 2 or short[0] != long[0] or short[-1] != long[-1]:
        return False
    rest = iter(long)
    return all(part in rest for part in short)


def _untitled(tokens: tuple[str, ...]) -> tuple[str, ...]:
    titles = {*lexicon().aliases.names.same.values(), "miss", "ms", "sir", "dame", "professor"} - {"saint"}
    return tuple(token for token in tokens if token not in titles)


def _is_alike(heard: tuple[str, ...], name: Declared) -> bool:
    """Not the declared name, but close enough that a person has to listen."""
    if name.ideographic:
        return True  # the same characters are read differently in different languages
    joined = "".join(heard)
    if not name.latin or not joined.isascii():
        one, other = _romanised("".join(name.tokens)), _romanised(joined)
        return Levenshtein.normalized_similarity(one, other) >= _TRANSLITERATED_LIKENESS
    if same_parts(heard, name.tokens):
        return True
    if sorted(heard) == sorted(name.tokens) or _shares_ends(heard, name.tokens):
        return True
    if _untitled(heard) == _untitled(name.tokens) != ():
        return True
    return len(heard) != len(name.tokens) and _sounds_alike(joined, "".join(name.tokens))


def is_placeholder(tokens: Sequence[str]) -> bool:
    """The speaker read the slot instead of filling it."""
    return " ".join(tokens) in lexicon().aliases.names.placeholders


def is_plausible(tokens: Sequence[str]) -> bool:
    """With nothing declared: could these words be a name and nothing else?"""
    names = lexicon().aliases.names
    return 0 < len(tokens) <= names.max_words and names.not_names.isdisjoint(tokens)


def is_possessive(raw: Sequence[str]) -> bool:
    """``Maria Lopez's lawyer`` is somebody else."""
    return any(piece.casefold().endswith("'s") for piece in raw)


def compare(raw: Sequence[str], names: tuple[Declared, ...] | None) -> NameVerdict:
    """Judge the pieces heard in the slot. ``names`` is None where no name was declared."""
    tokens = name_tokens(raw)
    if not tokens:
        return NameVerdict.MISSING
    if names is not None and is_exact(raw, names):
        return NameVerdict.MATCH
    if is_placeholder(tokens):
        return NameVerdict.MISSING
    if names is None:
        return NameVerdict.UNDECLARED
    return NameVerdict.ALIKE if any(_is_alike(tokens, name) for name in names) else NameVerdict.MISMATCH
