"""The words: accepted statements and alias tables, loaded once from the data files beside this module.

Unknown keys, words without a class, and clauses that do not add up to their statement are errors: a slip in
this data would loosen or break a consent check in silence.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import msgspec

from preflight.convert import converted

__all__ = ["ANNOTATION", "NAME_SLOT", "Aliases", "Kind", "Lexicon", "Refused", "Slot", "Template", "lexicon"]

NAME_SLOT = "[FULL NAME]"
ANNOTATION = "[]"
"""The key of a bracketed remark such as ``[laughs]``: heard, shown, and without meaning."""


class Kind(StrEnum):
    """How strictly a word of the statement is held."""

    CRITICAL = "critical"
    BRAND = "brand"
    NAME = "name"
    FUNCTION = "function"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a data file; a key that it does not declare is an error."""


class _Classes(_Strict, frozen=True):
    critical: list[str]
    brand: str
    function: list[str]
    weighty: list[str]
    max_misses: int
    max_weighty_misses: int
    costs: dict[str, int]


class _Statement(_Strict, frozen=True):
    id: str
    text: str
    clauses: list[str]
    source: str
    read: dt.date


class Refused(_Strict, frozen=True):
    """A wording that circulates and is not accepted; ``signature`` phrases occur in no accepted statement."""

    id: str
    text: str
    signature: list[str]
    why: str
    source: str
    read: dt.date


class _Statements(_Strict, frozen=True):
    attempt_coverage: float
    classes: _Classes
    statement: list[_Statement]
    refused: list[Refused]


class _Veto(_Strict, frozen=True):
    words: frozenset[str]
    symbols: str


class Around(_Strict, frozen=True):
    """What may stand before and after the statement."""

    beside: int
    before: int
    after: int
    max_preamble_words: int
    max_words: int
    consent_words: frozenset[str]
    subjects: frozenset[str]
    weak: frozenset[str]
    revocations: frozenset[str]
    refusals: tuple[str, ...]
    near_refusals: tuple[str, ...]
    doubt_phrases: tuple[str, ...]
    doubts: frozenset[str]
    close_doubts: frozenset[str]
    limits_after: frozenset[str]
    limits_after_phrases: tuple[str, ...]
    and_goes_on: frozenset[str]
    limits_before: frozenset[str]
    limits_before_phrases: tuple[str, ...]
    courtesy: frozenset[str]
    max_courtesy_words: int
    consent_things: frozenset[str]


class Beside(_Strict, frozen=True):
    """What the sentences right beside the statement are judged by."""

    openers: frozenset[str]
    conjunctions: tuple[str, ...]
    prepositions: tuple[str, ...]
    quantifiers: tuple[str, ...]
    conditions: frozenset[str]
    subjects: frozenset[str]
    terms: frozenset[str]
    settled: tuple[str, ...]
    settled_after: tuple[str, ...]
    doubt_sentences: frozenset[str]
    calm_sentences: frozenset[str]
    calm_starts: tuple[str, ...]
    calm: frozenset[str]
    introductions: tuple[tuple[str, ...], ...]
    introductions_after: frozenset[str]
    adverbs: frozenset[str]
    not_a_name: frozenset[str]
    relations: frozenset[str]
    played: frozenset[str]
    acts: frozenset[str]
    companies: frozenset[str]
    minor_ages: frozenset[str]


class Everyday(_Strict, frozen=True):
    """How a sentence about the world is told from one that may take something back."""

    deeds: frozenset[str]
    habits: frozenset[str]
    impersonal: frozenset[str]
    plain: frozenset[str]
    themes: frozenset[str]
    pointers: frozenset[str]
    stakes: frozenset[str]
    stems: tuple[str, ...]
    matters: tuple[str, ...]
    grave: tuple[str, ...]
    speech_acts: frozenset[str]
    proxies: frozenset[str]
    commands: frozenset[str]
    payments: frozenset[str]
    owed: frozenset[str]
    studio: frozenset[str]
    no_stakes: frozenset[str]


class Names(_Strict, frozen=True):
    """What is known about names without knowing the name."""

    placeholders: frozenset[str]
    not_names: frozenset[str]
    max_words: int
    after_i: frozenset[str]
    after_i_am: frozenset[str]
    same: dict[str, str]
    letters: dict[str, str]
    sounds: dict[str, frozenset[str]]


class Aliases(_Strict, frozen=True):
    """What recognisers write for the words of the statement, and the words that take consent back."""

    brand: frozenset[str]
    brand_phrases: list[str]
    brand_close_edits: int
    ai: list[str]
    fillers: frozenset[str]
    annotations: frozenset[str]
    not_stutters: frozenset[str]
    homophones: dict[str, str]
    confusions: dict[str, frozenset[str]]
    contractions: dict[str, list[str]]
    veto: _Veto
    around: Around
    beside: Beside
    everyday: Everyday
    names: Names
    confusables: dict[str, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """One word of a statement (or the name slot): the form to compare, the form to show, and its class."""

    key: str
    shown: str
    kind: Kind
    clause: int
    weighty: bool
    critical: bool  # critical words, the brand and the name: none of them may be missing


@dataclass(frozen=True, slots=True)
class Template:
    """An accepted statement as a row of slots: the first "I", the name, and then the body."""

    id: str
    text: str
    clauses: tuple[str, ...]
    slots: tuple[Slot, ...]
    body: tuple[str, ...]
    critical_count: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All the data of the engine, ready to use."""

    templates: tuple[Template, ...]
    refused: tuple[Refused, ...]
    classes: _Classes
    attempt_coverage: float
    aliases: Aliases
    vocabulary: frozenset[str]
    silent: frozenset[str]  # fillers and annotations: heard, but without meaning
    confusable: Mapping[int, str]
    ai_forms: frozenset[tuple[str, ...]]
    ai_firsts: frozenset[str]


_T = TypeVar("_T", bound=_Strict)
_WORD = re.compile(r"\[FULL NAME\]|[A-Za-z]+")


def _load(name: str, kind: type[_T]) -> _T:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return converted(tomllib.loads(text), kind)


def _slots(statement: _Statement, classes: _Classes) -> tuple[Slot, ...]:
    if " ".join(statement.clauses) != statement.text:
        raise ValueError(f"statement {statement.id}: the clauses do not add up to the text")
    slots: list[Slot] = []
    for clause, text in enumerate(statement.clauses):
        for shown in _WORD.findall(text):
            key = shown.lower()
            if shown == NAME_SLOT:
                kind = Kind.NAME
            else:
                kinds = [
                    kind
                    for kind, words in (
                        (Kind.CRITICAL, classes.critical),
                        (Kind.BRAND, [classes.brand]),
                        (Kind.FUNCTION, classes.function),
                    )
                    if key in words
                ]
                if len(kinds) != 1:
                    raise ValueError(f"statement {statement.id}: {shown!r} has {len(kinds)} classes, not one")
                kind = kinds[0]
            slots.append(Slot(key, shown, kind, clause, key in classes.weighty, kind is not Kind.FUNCTION))
    if [slots[0].key, slots[1].kind] != ["i", Kind.NAME]:
        raise ValueError(f"statement {statement.id}: does not begin with I and the name")
    return tuple(slots)


def _template(statement: _Statement, classes: _Classes) -> Template:
    slots = _slots(statement, classes)
    return Template(
        id=statement.id,
        text=statement.text,
        clauses=tuple(clause.rstrip(".") for clause in statement.clauses),
        slots=slots,
        body=tuple(slot.key for slot in slots[2:]),
        critical_count=sum(slot.kind in (Kind.CRITICAL, Kind.BRAND) for slot in slots),
    )


def _check(aliases: Aliases, vocabulary: frozenset[str]) -> None:
    """A table that turned a negation into a word of the statement would undo the whole engine."""
    accepted: set[Any] = {*aliases.homophones, *aliases.fillers, *aliases.annotations, *aliases.brand}
    accepted.update(word for words in aliases.confusions.values() for word in words)
    for where, words in (("an alias table", accepted), ("the statement", vocabulary)):
        if clash := sorted(words & aliases.veto.words):
            raise ValueError(f"veto words stand in {where}: {', '.join(clash)}")
    strangers = {*aliases.homophones.values(), *aliases.confusions} - vocabulary
    if strangers:
        raise ValueError(f"aliases of words that no statement holds: {', '.join(sorted(strangers))}")


@cache
def lexicon() -> Lexicon:
    """The data files, read once."""
    statements = _load("statements.toml", _Statements)
    aliases = _load("aliases.toml", Aliases)
    templates = tuple(_template(statement, statements.classes) for statement in statements.statement)
    vocabulary = frozenset(
        slot.key for template in templates for slot in template.slots if slot.kind is not Kind.NAME
    )
    _check(aliases, vocabulary)
    return Lexicon(
        templates=templates,
        refused=tuple(statements.refused),
        classes=statements.classes,
        attempt_coverage=statements.attempt_coverage,
        aliases=aliases,
        vocabulary=vocabulary,
        silent=aliases.fillers | {ANNOTATION},
        confusable={ord(look): latin for latin, looks in aliases.confusables.items() for look in looks},
        ai_forms=frozenset(tuple(form.split()) for form in aliases.ai),
        ai_firsts=frozenset(form.split()[0] for form in aliases.ai),
    )
