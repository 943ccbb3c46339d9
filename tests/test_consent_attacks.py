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
    "cancel that", "strike that", "correction no", "Actually I take all of that back.",
    "I hereby withdraw everything I just said.", "That is what the script says but I never agreed to it.",
    "Of course I'm joking.", "Kidding!", "Haha, gotcha.", "As if I would ever do that.", "Like hell I do.",
    "My fingers were crossed.", "I say this under pressure from my boss.",
    "My employer is making me do this.", "I had no choice.", "I have no choice but to say this.",
    "They made me say it.", "They told me to say that.", "I was paid to say that.",
    "I was told to read this.", "I am reading this against my will.", "This is not voluntary.",
    "I'm not doing this voluntarily.", "I do this unwillingly.", "I reserve the right to withdraw.",
    "This consent ends tomorrow.", "This consent is valid for one day.", "Consent valid only in Germany.",
    "My consent is limited to internal use.", "My consent is conditional.",
    "My consent excludes commercial use.", "This excludes advertising.", "Not for commercial use.",
    "Not for advertising.", "But not for advertising.", "Only for training.", "Just for testing.",
    "For testing purposes.", "Only today.", "Until I say stop.", "Unless I change my mind.",
    "If my lawyer agrees.", "Provided my lawyer agrees.", "Once my lawyer agrees.",
    "Pending approval by my lawyer.", "Subject to approval.", "That was a test, please ignore it.",
    "That was only a test.", "This is only a rehearsal.", "This was a rehearsal.",
    "Please disregard the above.", "Ignore the above.", "Delete that.", "Please erase this recording.",
    "Stop. Do not use this.", "Do not use any of this.", "Don't you dare.", "You may not clone me.",
    "Nobody may clone me.", "I forbid it.", "I object to this.", "I am against this.", "I oppose this.",
    "I don't want to be cloned.", "I would rather not.", "I'd rather you didn't.", "I don't think so.",
    "No.", "Nope.", "Nah.", "Never.", "Not!", "Nay.", "No way José.", "Absolutely not.", "Certainly not.",
    "In no case.", "By no means.", "On the contrary.", "The opposite is the case.", "Quite the opposite.",
    "Said the liar.", "All lies.", "That's a lie.", "Lies, lies, lies.", "This statement is false.",
    "The above is untrue.", "None of the above applies.", "That is fake news.", "I am not Maria Lopez.",
    "My name is not Maria Lopez.", "My real name is John Smith.", "This is John Smith speaking for Maria.",
    "I speak on behalf of Maria Lopez.", "End of quote.", "Unquote.", "So I was told.", "Or so they say.",
    "According to my agent.", "Allegedly.", "Supposedly.", "Hypothetically speaking.",
    "In a parallel universe.", "In my dreams.", "April fools!", "Sarcasm off.", "Just being sarcastic.",
    "Wink wink.", "Wait, cancel.", "Cancel, cancel, cancel.", "Undo.", "Abort.",
    "Stop the recording, I refuse.", "Forget it.", "Forget everything I said.",
    "Let's pretend I never said that.", "Strike that from the record.", "I rescind my statement.",
    "I regret saying this.", "I made a mistake, I don't consent.", "I changed my mind about all of this.",
    "On second thoughts, leave me out of it.", "I want out.", "Count me out.", "Leave me out of this.",
    "I'm opting out.", "I opt out.", "I decline.", "I disagree with everything above.",
    "I can't agree to this.", "I won't allow it.", "Permission denied.", "Access denied.",
    "Consent denied.", "Consent not given.", "Consent withheld.", "I didn't sign anything.", "I was drunk.",
    "I am a minor.", "I am under eighteen.", "My mother consents for me.", "I am a computer voice.",
    "This is an AI generated voice.", "This voice is synthetic.", "Help me.",
    "Please help, I am being forced.", "He has a gun.", "Somebody call the police.",
]  # fmt: skip
BEFOREHAND = [
    "I do not agree with the following.", "If", "Unless", "This is a joke.", "I never said",
    "It is false that", "Suppose", "Pretend that", "Imagine that", "I refuse to say",
    "They are forcing me to say this.", "Under duress I say", "Not", "It is not true that",
    "I would never say", "Nobody should believe this:", "He said", "For example", "As a joke",
    "Hypothetically", "I deny that", "Under no circumstances do", "Maybe", "She told me to say",
    "The following is false.", "The following is a lie.", "The following statement is not mine.",
    "What follows is fiction.", "This is only an example of what people say.",
    "I am only reading this aloud.", "I am reading what they gave me.", "Someone wrote this for me.",
    "My boss wants me to say this.", "I am being paid to say this.", "They force me to say this.",
    "I have a gun to my head.", "Against my will I say:", "I don't mean what I say now.",
    "Don't take this seriously.", "I am not serious.", "Ignore what I say now.", "Disregard the following.",
    "Never believe this.", "In this scene my character says:", "My role is a woman who says:",
    "Line one of the script:", "Let me quote:", "And I quote:", "Question: did I say", "Did I ever say",
    "Would I ever say that", "Should I say that", "Could it be that", "I wonder whether", "I doubt that",
    "It would be wrong to say that", "It is a lie that", "Nobody thinks that", "Only a fool would say",
    "You want me to say", "Repeat after me:", "Translate this sentence:", "The opposite of",
    "I will never say the words", "I refuse the following:", "I reject this:", "Before I revoke it,",
    "Without any meaning:", "This does not count:", "This doesn't apply to me:",
    "Not me but my sister said:", "My twin sister says:", "Here is how Maria would say it:",
    "Speaking as somebody else,", "On behalf of Maria,", "In the name of my client,",
]  # fmt: skip

EVERYDAY_AFTER = [
    "Hi there, my name is Maria and I work as a product designer in Lisbon.",
    "Hello everyone and welcome to this short video about healthy breakfast.",
    "Good morning. Today I would like to tell you about my favorite place in the mountains.",
    "So, a little about me. I was born in a small town and moved to the city when I was ten.",
    "The first thing I do every morning is make coffee and look out of the window.",
    "One of the best trips I ever took was to the north of Spain with my sister.",
    "Let me tell you a story about a fox and a crow.",
    "Once upon a time there was a king who had three daughters.",
    "As you can see, the light in this room is quite bright.",
    "In this course we will learn how to bake bread at home.",
    "For the last five years I have been teaching mathematics at a school.",
    "My favorite season is autumn because the leaves turn red and gold.",
    "I love music, and I play the piano every evening after work.",
    "Since we started this company we have grown to fifty people.",
    "Our platform helps teams to work together in real time.", "Thank you for watching. See you next time.",
    "Thanks. Now I will stay still and look at the camera.",
    "Okay, now I'll keep my lips closed for thirty seconds.",
    "Alright, that was the consent part. Now the training part.", "Now I will start the training section.",
    "When I was a child, I wanted to be an astronaut.",
    "The rainbow is a division of white light into many beautiful colors.",
    "These take the shape of a long round arch, with its path high above.",
    "Please call Stella. Ask her to bring these things with her from the store.",
    "It was a bright cold day in April, and the clocks were striking thirteen.",
    "We have a great team and we are proud of what we build.",
    "At our company, we believe that every customer deserves a personal answer.",
    "I enjoy hiking, reading and cooking with friends.",
    "Technology has changed the way that we talk to each other.",
    "What I like most about my job is that I meet new people every day.",
    "This is a test of my voice at normal speed.", "You can reach me by phone or email at any time.",
    "Her name is Anna and she lives next door.", "And here is what we are going to talk about today.",
    "Well, I guess that's the first part done.",
    "Hey, I'm Maria, and I'm so excited to show you what we have been working on.",
    "With more than ten years of experience, I help people find the right home.",
    "Imagine waking up to the sound of the sea.",
    "To begin with, let us look at the numbers from last year.",
]  # fmt: skip
EVERYDAY_BEFORE = [
    "Okay.", "Okay, I'm ready.", "Right, so, here goes.", "Hi, this is Maria Lopez.",
    "Hello, my name is Maria Lopez and this is my consent video.", "Is it recording? Okay, it is.",
    "Recording now.", "Three, two, one.", "Let me just read this out.",
    "I'm going to read the statement now.", "Here we go, take two.", "Good evening.",
    "Sorry, let me try that again.", "Sorry about that, starting over.", "Can you hear me? Great.",
    "One second. Okay.", "Consent statement.", "My consent statement for Tavus.",
    "The date is the fifth of March.", "Hi Tavus!", "So I will just say it.", "I hope the sound is good.",
    "I think we are live.", "All right, statement time.", "Thank you for having me.",
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
    for after in AFTERWARDS:
        yield from [f"{' '.join(words)} {after}"] * len(Placement)
    for before in BEFOREHAND:
        yield from [f"{before} {' '.join(words)}"] * len(Placement)


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
        for length in (1, 2, 3, 4, 8):
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


@pytest.mark.parametrize("after", EVERYDAY_AFTER)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_everyday_speech_may_follow_in_a_recording(after: str, statement: str) -> None:
    """A training video goes on after its opening, and most of what people say takes nothing back."""
    assert passes(f"{STATEMENTS[statement]} {after}", Placement.OPENING)


@pytest.mark.parametrize("before", EVERYDAY_BEFORE)
@pytest.mark.parametrize("placement", Placement)
def test_everyday_speech_may_come_before(before: str, placement: Placement) -> None:
    """Nobody begins with the first word of the statement."""
    assert passes(f"{before} {STATEMENTS['tavus-c1']}", placement)
