"""Several decodes of one recording: one may confirm, any may veto, a contradiction goes to a person."""

from __future__ import annotations

import pytest

from preflight.consent import (
    ConsentMatch,
    Hearing,
    Limits,
    Opinion,
    Placement,
    Verdict,
    Word,
    combine,
    judge,
    needs_another,
    spoken_in,
)
from preflight.policy import load_policy
from preflight.rules.consent_words import STATEMENT

LIMITS = Limits.of(load_policy("tavus-replica-phoenix-4").consent)


def decode(text: str, *, start_s: float = 1.0, language: str = "en") -> ConsentMatch:
    """What one decode comes to: words at an even pace, all of them in speech."""
    words = [
        Word(f" {word}", start_s + 0.35 * at, start_s + 0.35 * at + 0.3, 0.98)
        for at, word in enumerate(text.split())
    ]
    speech = ((start_s - 0.2, start_s + 0.35 * len(words)),) if words else ((0.0, 5.0),)
    hearing = Hearing(tuple(words), speech, language, 0.98)
    return judge(hearing, full_name="Maria Lopez", placement=Placement.OPENING, limits=LIMITS)


def together(*texts: str) -> ConsentMatch:
    return combine([Opinion(f"decode {number}", decode(text)) for number, text in enumerate(texts, start=1)])


def said(old: str, new: str) -> str:
    """The statement with some of its words changed."""
    assert old in STATEMENT
    return STATEMENT.replace(old, new)


def test_one_decode_is_its_own_verdict() -> None:
    alone = decode(said("clone of me", "clone of him"))

    assert alone == combine([Opinion("first", alone)])


@pytest.mark.parametrize(
    "lost",
    [
        said("the audio and video", "the and video"),
        said("consent Tavus", "consent"),
        said("I understand that", "understand"),
        said("clone of me by", "clown of me by"),
        said("consent Tavus", "consent Davis"),
        said("Maria Lopez", "Marie Lopez"),
        said("Maria Lopez", "Mariel Opes"),
        said(" by using the audio and video samples I provide", ""),
        "",
        "Good morning everybody.",
    ],
)
def test_what_one_decode_lost_or_misheard_another_may_confirm(lost: str) -> None:
    for first, second in ((lost, STATEMENT), (STATEMENT, lost)):
        found = together(first, second)

        assert Verdict.PASS is found.verdict, found.causes
        assert STATEMENT.replace(",", "").replace(".", "") == found.heard
        assert sorted([Verdict.PASS, decode(lost).verdict]) == sorted(one.verdict for one in found.decodes)


@pytest.mark.parametrize(
    "refusal",
    [
        said("and consent", "and do not consent"),
        said("can be used", "cannot be used"),
        said("can be used", "can't be used"),
        said("I provide.", "I never provide."),
        f"{STATEMENT} I take it back.",
        f"I refuse to consent. {STATEMENT}",
    ],
)
def test_a_refusal_in_any_decode_is_a_veto(refusal: str) -> None:
    for texts in ((refusal, STATEMENT), (STATEMENT, refusal), (STATEMENT, STATEMENT, refusal)):
        found = together(*texts)

        assert Verdict.FAIL is found.verdict
        assert not {"consent-negated", "consent-revoked"}.isdisjoint(found.reasons)
        assert any("in one of" in cause.message for cause in found.causes)


@pytest.mark.parametrize(
    "other",
    [
        said("clone of me", "clone of him"),
        said("I understand", "we understand"),
        said("consent Tavus", "consent HeyGen"),
        said("Maria Lopez", "John Smith"),
        said("can be used", "can only be used"),
        said("look and sound", "look and walk"),
    ],
)
def test_another_word_of_another_sound_goes_to_a_person(other: str) -> None:
    for texts in ((other, STATEMENT), (STATEMENT, other)):
        found = together(*texts)

        assert Verdict.REVIEW is found.verdict
        assert "consent-uncertain" in found.reasons
        assert any("the decodes differ" in cause.message for cause in found.causes)


def test_each_word_heard_somewhere_but_the_statement_nowhere_goes_to_a_person() -> None:
    found = together(said("the audio and video", "the and video"), said("that look and", "that and"))

    assert Verdict.REVIEW is found.verdict
    assert ("consent-uncertain",) == found.reasons


def test_a_word_that_no_decode_heard_stays_missing() -> None:
    found = together(
        said("the audio and video", "the and video"), said("the audio and video samples", "samples")
    )

    assert Verdict.FAIL is found.verdict
    assert "consent-word-missing" in found.reasons


def test_two_refusable_readings_do_not_make_a_good_one() -> None:
    found = together(said("clone of me", "clone of him"), said("clone of me", "clone of her"))

    assert Verdict.FAIL is found.verdict


def test_language_has_to_hold_in_every_decode() -> None:
    french = decode(STATEMENT, language="fr")
    for pair in ((french, decode(STATEMENT)), (decode(STATEMENT), french)):
        found = combine([Opinion(f"decode {at}", match) for at, match in enumerate(pair)])

        assert Verdict.FAIL is found.verdict
        assert "consent-language" in found.reasons


def test_words_without_speech_in_one_decode_are_not_made_good_by_another() -> None:
    words = tuple(Word(f" {word}", 3.0, 3.0, 0.9) for word in STATEMENT.split())
    piled = judge(
        Hearing(words, ((1.0, 16.0),), "en", 0.9),
        full_name="Maria Lopez",
        placement=Placement.OPENING,
        limits=LIMITS,
    )
    assert Verdict.FAIL is piled.verdict

    found = combine([Opinion("first", piled), Opinion("second", decode(STATEMENT))])

    assert Verdict.FAIL is found.verdict
    assert "consent-speech-missing" in found.reasons


def test_a_second_decode_is_worth_it_only_where_it_can_help() -> None:
    assert not needs_another(decode(STATEMENT))
    assert not needs_another(decode(said("and consent", "and do not consent")))
    assert not needs_another(decode(f"{STATEMENT} I take it back."))
    assert needs_another(decode(said("clone of me", "clone of him")))
    assert needs_another(decode(""))
    assert needs_another(decode("Good morning everybody."))


def test_the_language_of_the_statement_itself_counts() -> None:
    match = decode(STATEMENT)

    assert match == spoken_in(match, "en", 0.9, "en")
    assert Verdict.FAIL is spoken_in(match, "fr", 0.9, "en").verdict
    assert Verdict.REVIEW is spoken_in(match, "fr", 0.4, "en").verdict
    assert ("consent-language",) == spoken_in(match, "fr", 0.9, "en").reasons


def test_nothing_is_no_decode() -> None:
    with pytest.raises(ValueError, match="no decode"):
        combine([])
