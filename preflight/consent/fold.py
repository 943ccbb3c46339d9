"""Folding: what was heard, as plain tokens that keep their word of origin.

The order matters and is fixed: look-alike quotes and invisible characters go first, then compatibility
forms, case, contractions and marks. Numbers are never rewritten. A negation is never lost: ``don't``,
``don’t``, ``dont`` and ``don t`` all end in the token ``not``, and so does a ``not`` written with letters
of another script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from preflight.consent.lexicon import ANNOTATION, lexicon

__all__ = ["Stream", "Token", "pieces", "plain", "read"]

_QUOTES: dict[int, str | None] = {ord(c): "'" for c in "’‘‛ʼʹʻ´`＇′ꞌ"} | {ord(c): None for c in "™®©℠"}
_QUOTES |= {
    first + at: chr(ord("a") + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)
}  # letters in black circles, black squares and flags, which no compatibility form resolves
_QUOTES |= {ord(c): "-" for c in "‐‑‒–−﹣－"}
_MUSIC = "♩♪♫♬"
_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_MARKS_AFTER = tuple(
    (mark, re.compile(rf"[{chars}][^\w]*$"))
    for mark, chars in (("?", "?？"), (".", ".!…。！"), (":", ":：;；"), (",", ",，、"))
)
_LONGEST_TAIL = 8  # characters of a word in which its punctuation is looked for
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS = frozenset({"Mn", "Me"})
_MAX_MARKS = 3  # in a row: no orthography uses more, and long runs take quadratic time to normalise
_MAX_WORD = 64  # letters: longer than any word of any list; such a word is noise and is not kept in a cache
_T_STEMS = frozenset({
    "don", "can", "won", "isn", "aren", "wasn", "weren", "doesn", "didn", "hasn", "haven", "hadn", "wouldn",
    "couldn", "shouldn", "mustn", "mightn", "needn", "ain", "shan", "do", "is", "are", "was", "did", "does",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One comparable word.

    ``key`` is compared with the statement. ``skeleton`` is the key with look-alike letters made Latin and
    is compared with the lists that refuse. ``raw`` is the piece as it was written; the tokens of one
    contraction share it, and all but the first of them carry ``first=False``.
    """

    key: str
    skeleton: str
    raw: str
    first: bool = True


@dataclass(frozen=True, slots=True)
class Stream:
    """All tokens of one hearing, with the index of the word that each came from.

    ``texts`` are those words as they were heard, with their punctuation.
    """

    texts: Sequence[str]
    tokens: tuple[Token, ...]
    words: tuple[int, ...]
    keys: tuple[str, ...]
    skeletons: tuple[str, ...]
    cut: bool

    def mark_after(self, at: int) -> str:
        """What ends at a token: ``.`` or ``?`` a sentence, ``:`` or ``,`` a part of one, "" nothing."""
        last = at + 1 == len(self.tokens)
        if not last and self.words[at] == self.words[at + 1]:
            return ""
        word = self.words[at]
        mark = _mark_at_end(self.texts[word][-_LONGEST_TAIL:])
        if not mark:  # a mark may stand alone, as in "like me ."
            following = self.texts[word + 1 : None if last else self.words[at + 1]]
            mark = next((m for m in (_mark_at_end(text[-_LONGEST_TAIL:]) for text in following[:3]) if m), "")
        return "" if mark == "." and self._abbreviates(at) else mark

    def _abbreviates(self, at: int) -> bool:
        """``Dr.`` and ``F.`` end no sentence."""
        token = self.tokens[at]
        return token.key in lexicon().aliases.names.same or (len(token.raw) == 1 and token.key not in "iu")


@lru_cache(maxsize=8192)
def _mark_at_end(text: str) -> str:
    if text.isalnum():
        return ""
    return next((mark for mark, pattern in _MARKS_AFTER if pattern.search(text)), "")


@cache
def _symbols() -> dict[int, str]:
    return {ord(symbol): " not " for symbol in lexicon().aliases.veto.symbols}


def _visible(text: str) -> str:
    """The text without characters that show nothing, and without endless stacks of marks."""
    kept: list[str] = []
    run = 0
    for char in text:
        category = unicodedata.category(char)
        if category in _INVISIBLE and char not in "\t\n\v\f\r":
            continue
        run = run + 1 if category in _MARKS else 0
        if category == "So" and char not in _MUSIC and unicodedata.normalize("NFKC", char) == char:
            kept.append(f" symbol{ord(char):x} ")  # a picture among the words is a word that nobody expects
        elif run <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def plain(text: str) -> str:
    """Compatibility forms unified, quotes straight, invisible characters gone; case and marks still there."""
    text = _CONTROL.sub("", text)
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFKC", _visible(text.translate(_QUOTES).translate(_symbols()))).translate(
        _QUOTES
    )


def _unmarked(text: str) -> str:
    if text.isascii():
        return text
    kept = (char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in _MARKS)
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def _compound() -> re.Pattern[str]:
    """A piece, or one of the negations that are nothing but their hyphen: ``uh-uh`` is not ``uh, uh``."""
    hyphened = (word for word in lexicon().aliases.contractions if "-" in word)
    listed = "|".join(map(re.escape, sorted(hyphened, key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:{listed})(?![\w-])|{_PIECE.pattern}", re.IGNORECASE)


def pieces(text: str) -> list[str]:
    """The words of a text as written, without punctuation: ``O’Brien-Li`` is ``O'Brien`` and ``Li``."""
    text = plain(text)
    return (_compound() if "-" in text else _PIECE).findall(text)


def _expand(word: str) -> list[str]:
    """The words that a contraction stands for; any other word is itself without apostrophes."""
    contractions = lexicon().aliases.contractions
    if word in contractions:
        return contractions[word]
    if word.endswith("n't") and len(word) > 3:
        return [word[:-3].replace("'", ""), "not"]
    return [word.replace("'", "")]


def _tokens(piece: str) -> list[Token]:
    word = _unmarked(piece.casefold())
    parts = _expand(word)
    skeleton = word if word.isascii() and word.isalpha() else word.translate(lexicon().confusable)
    if skeleton != word:
        looks = _expand(skeleton)
        if not lexicon().aliases.veto.words.isdisjoint(looks):
            parts = looks  # a negation in disguise is a negation
        elif len(parts) == 1 and len(looks) == 1:
            return [Token(parts[0], looks[0], piece)]
    return [Token(part, part, piece, index == 0) for index, part in enumerate(parts)]


def _fold_word(text: str) -> tuple[Token, ...]:
    found = pieces(text)
    stripped = text.strip(" .,;:!?*♪")
    bracketed = stripped[:1] in ("[", "(") and stripped[-1:] in ("]", ")")
    if bracketed and len(found) == 1 and found[0].casefold() in lexicon().aliases.annotations:
        return (Token(ANNOTATION, ANNOTATION, found[0]),)
    return tuple(token for piece in found for token in _tokens(piece[: 4 * _MAX_WORD]))


_fold_cached = lru_cache(maxsize=8192)(_fold_word)


def _rejoin(tokens: list[Token], words: list[int]) -> tuple[list[Token], list[int]]:
    """``don t`` and letters said one by one (``n o t``) become the negation that they spell."""
    joined: list[Token] = []
    origin: list[int] = []
    for token, word in zip(tokens, words, strict=True):
        before = tuple(earlier.key for earlier in joined[-2:])
        if token.key == "t" and (before == ("n", "o") or _T_STEMS.issuperset(before[-1:] or ("",))):
            token = Token("not", "not", token.raw)
        elif token.key == "o" and before[-1:] == ("n",) and not _next_is_t(tokens, len(joined)):
            token = Token("no", "no", token.raw)
        joined.append(token)
        origin.append(word)
    return joined, origin


def _next_is_t(tokens: list[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].key == "t"


def read(texts: Iterable[str]) -> Stream:
    """Fold words in the order in which they were heard, up to the number of words that are read at all."""
    limit = lexicon().aliases.around.max_words
    heard: list[str] = []
    tokens: list[Token] = []
    words: list[int] = []
    cut = False
    for index, text in enumerate(texts):
        if len(tokens) >= limit:
            cut = True
            break
        heard.append(text)
        folded = _fold_cached(text) if len(text) <= _MAX_WORD else _fold_word(text[:100_000])
        cut = cut or len(text) > 100_000
        tokens.extend(folded)
        words.extend([index] * len(folded))
    if len(tokens) > limit:
        cut = True
        del tokens[limit:], words[limit:]
    if any(token.key in ("t", "o") for token in tokens):
        tokens, words = _rejoin(tokens, words)
    return Stream(
        heard,
        tuple(tokens),
        tuple(words),
        tuple([t.key for t in tokens]),
        tuple([t.skeleton for t in tokens]),
        cut,
    )
