"""Several decodes of one recording: one may confirm, any may veto, a contradiction goes to a person."""

from __future__ import annotations

from collections.abc import Sequence

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
    found_later,
    judge,
    needs_another,
    spoken_in,
)
from preflight.policy import load_policy
from preflight.rules.consent_words import STATEMENT
from tests.proof.attacks import attacks

LIMITS = Limits.of(load_policy("tavus-replica-phoenix-4").consent)


def decode_words(text: str, start_s: float = 1.0) -> list[Word]:
    """Words at an even pace."""
    return [
        Word(f" {word}", start_s + 0.35 * at, start_s + 0.35 * at + 0.3, 0.98)
        for at, word in enumerate(text.split())
    ]


def judged(
    words: Sequence[Word], speech: tuple[tuple[float, float], ...] | None = None, language: str = "en"
) -> ConsentMatch:
    """What timed words come to; if not told otherwise, all of them in speech."""
    end = words[-1].end_s or 0.0 if words else 5.0
    hearing = Hearing(tuple(words), ((0.0, end + 0.2),) if speech is None else speech, language, 0.98)
    return judge(hearing, full_name="Maria Lopez", placement=Placement.OPENING, limits=LIMITS)


def decode(
    text: str, name: str | None = "Maria Lopez", *, start_s: float = 1.0, language: str = "en"
) -> ConsentMatch:
    """What one decode comes to."""
    words = decode_words(text, start_s)
    speech = ((start_s - 0.2, start_s + 0.35 * len(words)),) if words else ((0.0, 5.0),)
    hearing = Hearing(tuple(words), speech, language, 0.98)
    return judge(hearing, full_name=name, placement=Placement.OPENING, limits=LIMITS)


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


OTHER_SPEECH = [
    said("clone of me", "clone of him"),
    said("clone of me", "clone of my"),
    said("I understand", "we understand"),
    said("I understand", "it understand"),
    said("consent Tavus", "consent HeyGen"),
    said("consent Tavus", "consent Tavus and HeyGen"),
    said("can be used", "can only be used"),
    said("look and sound", "look and walk"),
    said("speaking and consent", "speaking maybe consent"),
    said("currently speaking", "currently joking"),
    said("sound like me", "sound unlike me"),
    said("by using the audio", "except using the audio"),
    said("clone of me by", "clone of me but"),
    said("create an AI", "create a fake AI"),
    said("Maria Lopez", "John Smith"),
    said("Maria Lopez", "Lopez Maria"),
    said("Maria Lopez", "Maria videos Lopez"),
    said("Maria Lopez", "Anna Lopez"),
    said("Maria Lopez", "Mariel Opes"),
    said("I, Maria Lopez", "I, for Maria Lopez"),
    said("I, Maria Lopez", "I, a fake Maria Lopez"),
    said("I, Maria Lopez", "I, Maria Lopez and John"),
    said("Maria Lopez", "full name"),
    "I understand that this AI clone can be used to create videos that look and sound like me. "
    + STATEMENT.split(" I understand")[0],
    f"Hi, this is John Smith. {STATEMENT}",
    STATEMENT.replace("Tavus", "HeyGen") + " " + STATEMENT,
    "My boss told me to read a text about our project, and I really like gardening with my brother.",
    "I, Maria Lopez, consent to Tavus creating an AI clone of me.",
]


@pytest.mark.parametrize("other", OTHER_SPEECH)
def test_other_speech_in_any_decode_goes_to_a_person(other: str) -> None:
    """Whatever a recogniser does not make of the statement is not excused by a decode that heard it whole."""
    assert Verdict.PASS is not decode(other).verdict
    for texts in ((other, STATEMENT), (STATEMENT, other), (STATEMENT, STATEMENT, other)):
        found = together(*texts)

        assert Verdict.PASS is not found.verdict
        assert any("(in one of" in cause.message for cause in found.causes)


NEVER_EXCUSED = {
    "negation",
    "hidden negation",
    "limiting word",
    "clauses reordered",
    "taken back after",
    "taken back before",
    "remark after",
    "remark before",
    "quoted",
    "another speaker",
    "refused wording",
    "scattered words",
}


def test_no_attack_passes_beside_a_decode_that_heard_the_statement() -> None:
    """Attacks of the proof: only what may have been lost or misheard is made good."""
    sound = decode(STATEMENT)
    passed = []
    for attack in attacks()[::17]:
        if attack.placement is not Placement.OPENING or attack.full_name != "Maria Lopez":
            continue
        match = decode(attack.text)
        if combine([Opinion("one", match), Opinion("other", sound)]).verdict is Verdict.PASS:
            passed.append((attack, match))
    assert {True} == {cause.misheard for _, match in passed for cause in match.causes}
    assert {attack.kind for attack, _ in passed}.isdisjoint(NEVER_EXCUSED)
    assert len(passed) < 50


@pytest.mark.parametrize("declared", ["me", "AI", "No"])
def test_a_name_that_is_a_word_of_the_statement_excuses_no_word(declared: str) -> None:
    honest = STATEMENT.replace("Maria Lopez", declared)
    for changed in (honest.replace("clone of me", "clone of him"), honest.replace("an AI", "an evil")):
        found = combine([Opinion("one", decode(changed, declared)), Opinion("two", decode(honest, declared))])

        assert Verdict.PASS is not found.verdict


def test_names_that_differ_where_none_was_declared_go_to_a_person() -> None:
    maria, john = (decode(said("Maria Lopez", name), None) for name in ("Maria Lopez", "John Smith"))
    alike = decode(said("Maria Lopez", "Marya Lopez"), None)

    assert Verdict.REVIEW is combine([Opinion("one", maria), Opinion("two", john)]).verdict
    assert Verdict.PASS is combine([Opinion("one", maria), Opinion("two", alike)]).verdict


def test_evidence_that_is_doubtful_in_one_decode_is_not_made_good() -> None:
    """A gap of unheard speech, and a statement that starts late, are said of the sound, not of the words."""
    good = decode(STATEMENT)
    late = decode(STATEMENT, start_s=12.0)
    words = list(good_words := decode_words(STATEMENT))
    words[10:] = [Word(w.text, (w.start_s or 0) + 1.5, (w.end_s or 0) + 1.5, 0.98) for w in good_words[10:]]
    hidden = judged(words, ((0.8, 20.0),))
    assert ("consent-uncertain",) == hidden.reasons

    for doubtful in (late, hidden):
        for pair in ((doubtful, good), (good, doubtful)):
            found = combine([Opinion(f"{at}", match) for at, match in enumerate(pair)])
            assert Verdict.REVIEW is found.verdict


def test_words_of_low_probability_are_made_good_by_a_sure_decode() -> None:
    unsure = judged([Word(w.text, w.start_s, w.end_s, 0.1) for w in decode_words(STATEMENT)])

    assert ("consent-uncertain",) == unsure.reasons
    assert needs_another(unsure)
    assert Verdict.PASS is combine([Opinion("one", unsure), Opinion("two", decode(STATEMENT))]).verdict
    assert Verdict.REVIEW is combine([Opinion("one", unsure), Opinion("two", unsure)]).verdict


def test_each_word_heard_somewhere_but_the_statement_nowhere_goes_to_a_person() -> None:
    found = together(said("the audio and video", "the and video"), said("that look and", "that and"))

    assert Verdict.REVIEW is found.verdict
    assert ("consent-word-missing", "consent-uncertain") == found.reasons


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (said("and consent", "and maybe consent"), said("and consent", "and maybe consent")),
        (said("can be used", "can only be used"), said("can be used", "can only be used")),
        (said("clone of me", "clone of him"), said("clone of me", "clone of her")),
        (said("am currently speaking and", "and"), said("am currently speaking and", "and")),
        (said("audio and", "and"), STATEMENT.replace("consent", "give consent to").replace("look", "")),
    ],
    ids=["maybe", "only", "him and her", "a clause lost twice", "two statements"],
)
def test_what_both_decodes_hear_wrong_fails(one: str, two: str) -> None:
    assert Verdict.FAIL is together(one, two).verdict


def test_the_decode_that_found_words_is_the_one_that_is_shown() -> None:
    found = together("", said("clone of me", "clone of"))

    assert Verdict.FAIL is found.verdict
    assert "consent-word-missing" in found.reasons
    assert found.words


def test_a_word_that_no_decode_heard_stays_missing() -> None:
    found = together(
        said("the audio and video", "the and video"), said("the audio and video samples", "samples")
    )

    assert Verdict.FAIL is found.verdict
    assert "consent-word-missing" in found.reasons


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
    assert Verdict.FAIL is spoken_in(spoken_in(match, "fr", 0.4, "en"), "fr", 0.9, "en").verdict
    assert spoken_in(match, "fr", 0.9, "en") == spoken_in(spoken_in(match, "fr", 0.9, "en"), "de", 0.9, "en")
    assert ("consent-language",) == spoken_in(match, "fr", 0.9, "en").reasons


def test_nothing_is_no_decode() -> None:
    with pytest.raises(ValueError, match="no decode"):
        combine([])


def test_a_late_statement_does_not_hide_a_refusal_in_the_opening() -> None:
    opening = together(f"I refuse to consent. {STATEMENT.split('. ')[0]}", "")
    later = decode(STATEMENT, start_s=70.0)

    found = found_later(opening, later)

    assert Verdict.FAIL is found.verdict
    assert {"consent-revoked", "consent-late"} <= set(found.reasons)
    assert 2 == len(found.decodes)
    assert pytest.approx(70.0) == found.start_s
