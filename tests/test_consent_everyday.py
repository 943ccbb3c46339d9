"""Everyday speech and what only looks like it: told apart by how a sentence is built."""

import pytest

from preflight.consent import Placement, Verdict, match_consent
from preflight.consent.everyday import is_about_the_matter, is_everyday
from preflight.consent.lexicon import lexicon

C1 = lexicon().templates[0].text.replace("[FULL NAME]", "Maria Lopez")

EVERYDAY = [
    "Cats sleep a lot.", "Today's topic is onboarding.", "It does not rain much here in summer.",
    "Snow is white.", "The lake never freezes.", "Our office is in Madrid.", "We do not eat meat.",
    "I have never been to Japan.", "I teach math.", "I have two sons.", "Not every bird can fly.",
    "There is no school on Saturday.", "You do not need any experience.", "Let's bake bread.",
    "How do airplanes fly?", "Do you like music?", "Did you know that honey never spoils?",
    "Chapter one is about sharks.", "Lesson two: verbs.", "Everybody loves pizza.",
    "The shop is not open on Sundays.", "No two snowflakes are the same.",
]  # fmt: skip
NOT_EVERYDAY = [
    "Germany has no access.", "The project does not start.", "Religion is taboo.", "Terms may change.",
    "The cheque has not arrived.", "My wife decides.", "My sister is here.", "I have two conditions.",
    "I do not eat my words.", "We do not have a deal.", "It does not count.",
    "It is never too late to withdraw.", "You do not need my consent.", "There is no contract in place.",
    "Let's undo this.", "What is consent?", "Did you know that this is fake?", "Step two: revoke.",
    "Everybody lies.", "Adverts are not okay.", "Nobody may clone me.", "I do not like rain.",
    "The answer is not yes.", "Only on Sundays.", "No animals.", "Not today, not tomorrow.",
    "Maria does not eat meat.", "Today is not good.", "I play roles.", "Do you?", "Not everyone.",
]  # fmt: skip
ABOUT_THE_MATTER = [
    "Treat my words as a comedy sketch.", "The last sentence is a mistake.",
    "Ask Anna, she does it for me.", "Please blur my face in all videos.",
    "I expect a payment of two hundred euros.", "The woman who said that is sitting next to me.",
    "That will be ten thousand dollars.", "A judge has to approve it first.",
    "My daughter signs such things for me.", "Try it and you will regret it.",
]  # fmt: skip


def verdict(text: str, placement: Placement = Placement.OPENING) -> Verdict:
    """The verdict on a text in which Maria Lopez should have spoken."""
    return match_consent(text, full_name="Maria Lopez", placement=placement).verdict


@pytest.mark.parametrize("text", EVERYDAY)
def test_a_plain_sentence_about_the_world_takes_nothing_back(text: str) -> None:
    """It has a subject and a verb of its own and points at nothing that a refusal needs."""
    assert Verdict.PASS == verdict(f"{C1} {text}")
    assert Verdict.PASS == verdict(f"{C1} Thank you. {text} See you soon.")


@pytest.mark.parametrize("text", NOT_EVERYDAY)
def test_what_only_looks_like_it_needs_a_person(text: str) -> None:
    """Rights, money, the speaker's will, those who decide, or no verb of its own."""
    assert Verdict.PASS != verdict(f"{C1} {text}")
    assert Verdict.PASS != verdict(f"{C1} {text}".lower())
    assert Verdict.PASS != verdict(f"{C1} {text.rstrip('.?')}")


@pytest.mark.parametrize("text", ABOUT_THE_MATTER)
def test_a_sentence_of_any_length_about_the_statement_needs_a_person(text: str) -> None:
    """On no list of refusals, and yet it points at what was said, or at somebody behind it."""
    assert Verdict.PASS != verdict(f"{C1} {text}")
    assert Verdict.PASS != verdict(f"{text} {C1}")


def test_a_sentence_without_its_stops_is_not_everyday() -> None:
    """Where it begins and ends is not known, and it may belong to the statement."""
    assert Verdict.PASS == verdict(f"{C1} Penguins cannot fly.")
    assert Verdict.PASS != verdict(f"{C1} Penguins cannot fly")
    assert Verdict.PASS != verdict(f"{C1[:-1]} penguins cannot fly.")


def test_before_the_statement_a_short_remark_has_to_be_small_talk() -> None:
    """As after it; long sentences pass unless they are about the statement."""
    for text in (
        "Can you hear me?",
        "Let's do this.",
        "I'm a bit nervous.",
        "Cats sleep a lot.",
        "Sound check.",
    ):
        assert Verdict.PASS == verdict(f"{text} {C1}")
    for text in ("Weekends are excluded.", "The money first.", "A friend wrote it.", "Returned unsigned."):
        assert Verdict.REVIEW == verdict(f"{text} {C1}")


@pytest.mark.parametrize("name", ["Dr. Wei Zhang", "Anna Maria Kowalska", "Jean-Luc Picard"])
def test_names_and_here_introduce_somebody_else(name: str) -> None:
    """Of however many parts; the speaker's own name, or the spring, may be here."""
    for text in (f"{name} here.", f"Hello, {name} here, and welcome to our kitchen."):
        match = match_consent(f"{text} {C1}", full_name="Maria Lopez")
        assert (Verdict.REVIEW, True) == (match.verdict, "consent-name-mismatch" in match.reasons)
    assert Verdict.PASS == verdict(f"Maria Lopez here. {C1}")
    assert Verdict.PASS == verdict(f"{C1} Spring is here.")


def test_in_a_clip_nothing_is_everyday() -> None:
    """There the statement stands alone, and a negation beside it fails."""
    assert Verdict.FAIL == verdict(f"{C1} Penguins cannot fly.", Placement.ALONE)
    assert Verdict.REVIEW == verdict(f"{C1} Cats sleep a lot.", Placement.ALONE)


def test_the_speaker_is_nobody_in_the_world() -> None:
    """A sentence about the speaker, by name, is about the speaker."""
    words = ("maria", "never", "eats", "meat")

    assert is_everyday(words, question=False, known=set())
    assert not is_everyday(words, question=False, known={"maria"})


def test_an_announcement_is_no_doubt() -> None:
    """ "Let me read it" comes before the statement, not after it."""
    words = ("let", "me", "just", "read", "it")

    assert not is_about_the_matter(words, before=True)
    assert is_about_the_matter(words, before=False)


def test_no_verb_of_will_is_a_plain_verb() -> None:
    """A word that a refusal needs would open the door that it guards."""
    everyday, around = lexicon().aliases.everyday, lexicon().aliases.around
    guarded = around.consent_words | around.weak | around.revocations | everyday.stakes | everyday.pointers

    assert set() == (everyday.deeds | everyday.habits) & (guarded | lexicon().aliases.veto.words)


@pytest.mark.parametrize("text", ["John Smith.", "Anna Kowalska.", "John Paul Smith."])
def test_a_name_alone_is_told_as_a_name(text: str) -> None:
    """It is a short remark as well; a person is told that it may be another speaker."""
    for whole in (f"{text} {C1}", f"{C1} {text}"):
        assert "consent-name-mismatch" in match_consent(whole, full_name="Maria Lopez").reasons


def test_a_long_sentence_in_other_letters_needs_a_person() -> None:
    """Nobody knows what it says, however much like small talk its length is."""
    for text in (
        "Сегодня я хочу рассказать вам о нашем новом городе.",
        "今天 我 想 和 大家 谈谈 我们 的 花园。",
    ):
        assert Verdict.REVIEW == verdict(f"{C1} {text}")
        assert Verdict.REVIEW == verdict(f"{text} {C1}")
