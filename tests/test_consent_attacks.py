"""Generated attacks and generated honest readings, in bulk: none of the first pass, all of the second do."""

from collections.abc import Iterator

import pytest

from preflight.consent import Placement, Verdict, match_consent
from preflight.consent.lexicon import Kind, lexicon

NAME = "Maria Lopez"
STATEMENTS = {template.id: template.text.replace("[FULL NAME]", NAME) for template in lexicon().templates}
CRITICAL = {slot.key for slot in lexicon().templates[1].slots if slot.kind is not Kind.FUNCTION} | {
    "maria",
    "lopez",
}
FUNCTION = {slot.key for slot in lexicon().templates[1].slots if slot.kind is Kind.FUNCTION}
VETOES = [
    "not", "no", "never", "do not", "don't", "don’t", "dont", "did not", "cannot", "can't", "can not",
    "won't", "without", "refuse to", "decline to", "deny", "withdraw", "revoke", "neither", "nor", "hardly",
    "n't", "n-o-t", "nоt",
]  # fmt: skip
TWISTS = [
    "maybe", "only", "if paid", "pretend to", "sometimes", "possibly", "reluctantly", "us", "him", "others",
    "or", "partially", "fail to", "somebody", "temporarily", "would", "banana",
]  # fmt: skip
OTHERS = ["him", "you", "they", "my brother", "could", "banana", "photo", "not", "or"]
AFTERWARDS = [
    "just kidding", "I take it back", "but only if you pay me", "psych", "not", "unless I say so",
    "I changed my mind", "no wait I don't want this", "if I feel like it", "and my brother", "or maybe not",
    "for one day only", "yeah right", "in your dreams", "actually I refuse", "this is not true",
    "under protest", "I was forced to say this", "as if", "just for today", "except for videos",
    "that was a joke", "and I do not consent", "never mind", "is a lie", "I withdraw my consent",
    "the previous statement is false", "I lied", "ignore that", "forget what I said", "said no one ever",
    "is what I would say if I agreed", "is what they told me to say", "only kidding", "haha just joking",
    "I am being held hostage", "sike", "on second thought no", "until tomorrow", "none of this is true",
    "I revoke it", "please delete this", "this consent is void", "do not use my face",
    "Tavus may not use this", "fingers crossed", "he said", "I'm only acting", "I retract that",
    "I disagree", "I object", "hell no", "fat chance", "nope", "nah", "as long as I get paid",
    "provided you delete it", "subject to contract", "once I have signed", "after I am paid",
    "for educational purposes only", "in English only", "without sound", "other than my face",
    "at gunpoint", "you wish", "because he has a gun", "or else he will hurt me", "wrong", "false",
    "cancel that", "strike that", "correction no",
]  # fmt: skip
BEFOREHAND = [
    "I do not agree with the following.", "If", "Unless", "This is a joke.", "I never said",
    "It is false that", "Suppose", "Pretend that", "Imagine that", "I refuse to say",
    "They are forcing me to say this.", "Under duress I say", "Not", "It is not true that",
    "I would never say", "Nobody should believe this:", "He said", "For example", "As a joke",
    "Hypothetically", "I deny that", "Under no circumstances do", "Maybe", "She told me to say",
]  # fmt: skip


def _key(word: str) -> str:
    return word.lower().strip(".,")


def vetoed(words: list[str]) -> Iterator[str]:
    """A negation at every place after the first "I"."""
    for veto in VETOES:
        for at in range(1, len(words)):
            yield " ".join([*words[:at], veto, *words[at:]])


def twisted(words: list[str]) -> Iterator[str]:
    """A word that changes the meaning at every place after the first "I"."""
    for twist in TWISTS:
        for at in range(1, len(words)):
            yield " ".join([*words[:at], twist, *words[at:]])


def deleted(words: list[str]) -> Iterator[str]:
    """Each critical word left out."""
    for at, word in enumerate(words):
        if _key(word) in CRITICAL:
            yield " ".join(words[:at] + words[at + 1 :])


def replaced(words: list[str]) -> Iterator[str]:
    """Each critical word replaced."""
    for at, word in enumerate(words):
        if _key(word) in CRITICAL:
            yield from (" ".join([*words[:at], other, *words[at + 1 :]]) for other in OTHERS)


def moved(words: list[str]) -> Iterator[str]:
    """Each word changes places with the next one."""
    for at in range(len(words) - 1):
        yield " ".join([*words[:at], words[at + 1], words[at], *words[at + 2 :]])


def cut(words: list[str]) -> Iterator[str]:
    """A stretch of three words or more left out, everywhere and of every length."""
    for start in range(len(words)):
        for end in range(start + 3, len(words) + 1, 2):
            yield " ".join(words[:start] + words[end:])


def glued(words: list[str]) -> Iterator[str]:
    """The statement in pieces, with other sentences between them."""
    for at in range(1, len(words)):
        yield " ".join([*words[:at], "and that is what people say about", *words[at:]])
        yield " ".join([*words[:at], "The weather was fine. We went home.", *words[at:]])


def surrounded(words: list[str]) -> Iterator[str]:
    """Taken back, limited or put into question before or after."""
    yield from (f"{' '.join(words)} {after}" for after in AFTERWARDS)
    yield from (f"{before} {' '.join(words)}" for before in BEFOREHAND)


ATTACKS = (vetoed, twisted, deleted, replaced, moved, cut, glued, surrounded)


def passes(text: str, placement: Placement) -> bool:
    """True if the engine clears a text."""
    return Verdict.PASS == match_consent(text, full_name=NAME, placement=placement).verdict


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_attack_passes(attack: object, statement: str) -> None:
    """Not one of several thousand altered statements is cleared; alternating placements keep it quick."""
    assert callable(attack)
    texts = list(attack(STATEMENTS[statement].split()))
    through = [text for at, text in enumerate(texts) if passes(text, list(Placement)[at % 2])]

    assert [] == through


def test_the_sweep_is_not_empty() -> None:
    """A generator that yields nothing would prove nothing."""
    count = sum(len(list(attack(text.split()))) for attack in ATTACKS for text in STATEMENTS.values())

    assert count > 5_000


def filled(words: list[str]) -> Iterator[str]:
    """A filler at every place."""
    for filler in ("um", "uh,", "[coughs]"):
        for at in range(len(words) + 1):
            yield " ".join([*words[:at], filler, *words[at:]])


def repeated(words: list[str]) -> Iterator[str]:
    """Words said again, from one word to eight, from every place."""
    for at in range(len(words)):
        for length in (1, 2, 3, 5, 8):
            if at + length <= len(words):
                yield " ".join(words[: at + length] + words[at:])


def stuttered(words: list[str]) -> Iterator[str]:
    """The beginning of a word before the word; "us" is a word of its own and is no stutter."""
    for at, word in enumerate(words):
        if at > 2 and len(word) > 3 and not word.startswith("us"):
            yield " ".join([*words[:at], f"{word[:2]}-", *words[at:]])


def restarted(words: list[str]) -> Iterator[str]:
    """Broken off anywhere, and said again in full."""
    for at in range(len(words)):
        yield " ".join([*words[:at], "...", *words])


def lost(words: list[str]) -> Iterator[str]:
    """One function word lost by the recogniser."""
    for at, word in enumerate(words):
        if _key(word) in FUNCTION:
            yield " ".join(words[:at] + words[at + 1 :])


@pytest.mark.parametrize(
    "reading", [filled, repeated, stuttered, restarted, lost], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_honest_reading_passes(reading: object, statement: str) -> None:
    """What hesitation and recognisers do is no fault, wherever it happens."""
    assert callable(reading)
    texts = list(reading(STATEMENTS[statement].split()))
    stopped = [text for at, text in enumerate(texts) if not passes(text, list(Placement)[at % 2])]

    assert [] == stopped
