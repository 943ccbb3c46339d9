"""Heard words and what the engine makes of them: one long table, and the shape of the answer."""

import json

import pytest

from preflight.consent import (
    REASONS,
    ConsentMatch,
    Hearing,
    Limits,
    NameVerdict,
    Placement,
    Verdict,
    WordStatus,
    judge,
    match_consent,
)

LIMITS = Limits(10.0, 0.8, 5.0, 3.0, 0.3, "en")

C1 = (
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone of me by using the audio "
    "and video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)
C2 = C1.replace("consent Tavus", "give consent to Tavus")
C3 = (
    "I, Maria Lopez, consent to the creation of a digital replica of my likeness for use with Tavus "
    "technology."
)
PREAMBLE = "today we look at the kitchen and at the bread that my mother used to make " * 3


def heard(text: str, placement: str = "opening") -> ConsentMatch:
    """The verdict on a text in which Maria Lopez should have spoken."""
    return match_consent(text, full_name="Maria Lopez", placement=placement)


def swap(old: str, new: str, text: str = C1) -> str:
    """The statement with one stretch replaced."""
    assert old in text
    return text.replace(old, new)


PASSING = {
    "C1 word for word": C1,
    "C2 word for word": C2,
    "lower case": C1.lower(),
    "upper case": C1.upper(),
    "no punctuation": C1.replace(",", "").replace(".", ""),
    "curly quotes around it": f"“{C1}”",
    "full-width letters": swap("AI", "ＡＩ"),
    "non-breaking spaces": C1.replace(" ", "\u00a0"),
    "a soft hyphen inside a word": swap("clone", "cl\u00adone"),
    "notes of music around it": f"♪ {C1} ♪",
    "a trade mark sign": swap("Tavus", "Tavus™"),
    "a byte order mark": "\ufeff" + C1,
    "A.I. with dots": swap("AI", "A.I."),
    "A I as letters": swap("AI", "A I"),
    "A-I with a hyphen": swap("AI", "A-I"),
    "AI-clone with a hyphen": swap("AI clone", "AI-clone"),
    "a eye": swap("an AI", "an a eye").replace("this AI", "this a eye"),
    "hey I": swap("this AI", "this hey I"),
    "two for to": swap("Tavus to", "Tavus two"),
    "eye for I": swap("I understand", "eye understand"),
    "cloan": swap("clone", "cloan"),
    "Tavis": swap("Tavus", "Tavis"),
    "Tabas": swap("Tavus", "Tabas"),
    "Tabus": swap("Tavus", "Tabus"),
    "Tavus's": swap("Tavus", "Tavus's"),
    "Tavus’s with a curly quote": swap("Tavus", "Tavus’s"),
    "an accent on a word": swap("consent", "cónsent"),
    "in for and": swap("and consent", "in consent"),
    "I'm before currently": swap("Lopez, am", "Lopez, I'm"),
    "Tavus in two pieces": swap("Tavus", "ta vus"),
    "to have us create": swap("Tavus to", "to have us"),
    "to have us to create": swap("Tavus to", "to have us to"),
    "give consent to have us to create": swap("to Tavus to", "to have us to", C2),
    "fillers": "Um, "
    + swap("I, Maria Lopez, am", "I, uh, Maria Lopez, am er").replace("consent", "hmm, consent"),
    "a bracketed remark": swap("consent", "[laughs] consent"),
    "a word said twice": swap("consent", "consent consent"),
    "a few words said again": swap("to create an", "to create, to create an"),
    "a restart after a cut": swap("create an AI", "create a, to create an AI"),
    "a stutter": swap("understand", "under- understand"),
    "a cut word and a step back": swap("the audio", "the vid- the audio"),
    "a step back to the name": swap("and consent", "Maria Lopez, am currently speaking and consent"),
    "a broken-off attempt before it": "I, Maria Lopez, am currently speaking and consent, sorry. " + C1,
    "the last words said again": C1 + " Sound like me.",
    "said twice": f"{C1} {C1}",
    "C2 after C1": f"{C1} {C2}",
    "one function word lost": swap("by using", "using"),
    "two function words lost": swap("by using", "using").replace("that this", "this"),
    "a for an": swap("an AI", "a AI"),
    "sample for samples": swap("samples", "sample"),
    "provide lost": swap("I provide. I", "I. I"),
    "I am before the name": swap("I, Maria", "I am Maria"),
    "I before am": swap("am currently", "I am currently"),
    "a preamble of forty-eight harmless words": PREAMBLE + C1,
    "everyday speech after it": C1
    + " Hi everyone, today I want to talk about my favourite recipes from home.",
    "a negation far behind it": C1
    + " Today I talk about the sea."
    + " It is blue." * 8
    + " I do not like rain.",
    "And between the sentences": swap(". I understand", ". And I understand"),
    "and without a stop": swap(". I understand", " and I understand"),
    "uh-huh, which says yes": swap("and consent", "and uh-huh consent"),
    "mm-hmm, which says yes": swap("and consent", "and mm-hmm consent"),
    "uh, uh": swap("and consent", "and uh, uh consent"),
    "uh uh": swap("and consent", "and uh uh, mm mm consent"),
    "uh, uh after it": C1 + " Uh, uh, hello everyone.",
}


@pytest.mark.parametrize("text", PASSING.values(), ids=PASSING)
def test_an_honest_reading_passes(text: str) -> None:
    """What recognisers and nervous speakers do to the statement does not cost anybody an hour."""
    match = heard(text)

    assert (Verdict.PASS, ()) == (match.verdict, match.reasons)


@pytest.mark.parametrize(
    "word", ["uh-uh", "Uh‑uh,", "mm-mm", "nuh-uh", "unh-unh", "nah-ah", "uhuh", "nuh uh", "hm-mm"]
)
@pytest.mark.parametrize("placement", Placement)
def test_a_grunted_no_is_a_negation(word: str, placement: Placement) -> None:
    """ "Uh-uh" is a word; "uh, uh" is none."""
    inside = heard(swap("and consent", f"and {word} consent"), placement)
    after = heard(f"{C1} {word}.", placement)
    alone = placement is Placement.ALONE

    assert (Verdict.FAIL, "consent-negated") == (inside.verdict, inside.reasons[0])
    assert (Verdict.FAIL if alone else Verdict.REVIEW, "consent-revoked") == (after.verdict, after.reasons[0])


FAILING = {
    "do not consent": (swap("and consent", "and do not consent"), "consent-negated"),
    "don't consent": (swap("and consent", "and don't consent"), "consent-negated"),
    "don’t with a curly quote": (swap("and consent", "and don’t consent"), "consent-negated"),
    "dont without a quote": (swap("and consent", "and dont consent"), "consent-negated"),
    "don t in two pieces": (swap("and consent", "and don t consent"), "consent-negated"),
    "n o t in letters": (swap("and consent", "and n o t consent"), "consent-negated"),
    "never": (swap("and consent", "and never consent"), "consent-negated"),
    "refuse": (swap("and consent", "and refuse"), "consent-negated"),
    "withdraw consent": (swap("and consent", "and withdraw consent"), "consent-negated"),
    "cannot": (swap("can be", "cannot be"), "consent-negated"),
    "can't": (swap("can be", "can't be"), "consent-negated"),
    "can not": (swap("can be", "can not be"), "consent-negated"),
    "without": (swap("by using", "without using"), "consent-negated"),
    "not inside the name slot": (swap("Maria", "not Maria"), "consent-negated"),
    "not after the name": (swap("am currently", "am not currently"), "consent-negated"),
    "a zero-width space inside not": (swap("and consent", "and no\u200bt consent"), "consent-negated"),
    "a Cyrillic letter inside dont": (swap("and consent", "and dоnt consent"), "consent-negated"),
    "letters in circles": (swap("and consent", "and ⓝⓞⓣ consent"), "consent-negated"),
    "letters in black squares": (swap("and consent", "and 🅽🅾🆃 consent"), "consent-negated"),
    "a picture among the words": (swap("and consent", "and 😂 consent"), "consent-words-added"),
    "Braille": (swap("and consent", "and ⠝⠕⠞ consent"), "consent-words-added"),
    "an accent on not": (swap("and consent", "and ńot consent"), "consent-negated"),
    "a Cyrillic letter inside not": (swap("and consent", "and nоt consent"), "consent-negated"),
    "a digit inside not": (swap("and consent", "and n0t consent"), "consent-negated"),
    "a struck-out not": (swap("and consent", "and n\u0336o\u0336t consent"), "consent-negated"),
    "mathematical letters": (swap("and consent", "and 𝐧𝐨𝐭 consent"), "consent-negated"),
    "a null byte inside not": (swap("and consent", "and n\x00ot consent"), "consent-negated"),
    "a no-entry sign": (swap("and consent", "and 🚫 consent"), "consent-negated"),
    "a negated first attempt": (f"{swap('and consent', 'and do not consent')} {C1}", "consent-negated"),
    "a first attempt negated at its end": (
        f"{swap('that look', 'that do not look').replace('audio', 'sounds')} {C1}",
        "consent-negated",
    ),
    "just kidding": (C1 + " Just kidding!", "consent-revoked"),
    "I take it back, minutes later": (C1 + " la" * 300 + " I take it back", "consent-revoked"),
    "I changed my mind": (C1 + " Wait, I changed my mind.", "consent-revoked"),
    "I do not agree before it": ("I do not agree with the following. " + C1, "consent-revoked"),
    "under protest": (C1 + " I said this under protest.", "consent-revoked"),
    "no consent, minutes later": (C1 + " la" * 300 + " I never gave you consent", "consent-revoked"),
    "consent is not given": (C1 + " My consent is hereby not given.", "consent-revoked"),
    "only if": (C1 + " Only if you pay me.", "consent-revoked"),
    "no second sentence": (C1.split(". ")[0], "consent-clause-missing"),
    "only the beginning": (C1[:60], "consent-clause-missing"),
    "only the second sentence": (C1.split(". ")[1], "consent-clause-missing"),
    "him for me": (swap("of me", "of him"), "consent-word-changed"),
    "him at the end": (swap("like me", "like him"), "consent-word-changed"),
    "could for can": (swap("can be", "could be"), "consent-word-changed"),
    "we for I": (swap("I understand", "we understand"), "consent-word-changed"),
    "formerly": (swap("currently", "formerly"), "consent-word-changed"),
    "a Cyrillic letter inside consent": (swap("consent", "сonsent"), "consent-word-changed"),
    "no brand": (swap("Tavus ", ""), "consent-word-missing"),
    "no me": (swap("of me", "of"), "consent-word-missing"),
    "no first I": (C1[3:], "consent-word-missing"),
    "three function words lost": (
        swap("by using the", "").replace("that this", "this"),
        "consent-word-missing",
    ),
    "currently and speaking lost": (swap("am currently speaking", "am"), "consent-word-missing"),
    "my brother": (swap("of me", "of me and my brother"), "consent-words-added"),
    "maybe": (swap("and consent", "and maybe consent"), "consent-words-added"),
    "an and elsewhere": (swap("samples I", "samples and I"), "consent-words-added"),
    "and they understand": (swap("I understand", "and they understand"), "consent-word-changed"),
    "by us using": (swap("by using", "by us using"), "consent-words-added"),
    "the sentence cut by other speech": (
        swap("I provide.", "I provide. Now about the sea and the wind."),
        "consent-words-added",
    ),
    "video and audio": (swap("audio and video", "video and audio"), "consent-word-order"),
    "words swapped": (swap("currently speaking", "speaking currently"), "consent-word-order"),
    "the brand moved": (swap("Tavus to create", "to Tavus create"), "consent-word-missing"),
    "another company": (swap("Tavus", "HeyGen"), "consent-wrong-party"),
    "another company as well": (swap("Tavus", "Tavus and HeyGen"), "consent-wrong-party"),
    "anyone": (swap("Tavus", "anyone"), "consent-wrong-party"),
    "no name": (swap(" Maria Lopez,", ""), "consent-name-missing"),
    "the slot read out": (swap("Maria Lopez", "full name"), "consent-name-missing"),
    "another name": (swap("Maria Lopez", "John Smith"), "consent-name-mismatch"),
    "two names": (swap("Maria Lopez", "John Smith, Maria Lopez"), "consent-name-mismatch"),
    "a long preamble": (PREAMBLE * 2 + C1, "consent-late"),
    "the words sorted": (" ".join(sorted(C1.split())), "consent-statement-missing"),
    "an unrelated text": ("The quick brown fox jumps over the lazy dog.", "consent-statement-missing"),
    "a paraphrase": (
        "I agree that Tavus may build a digital twin of Maria Lopez.",
        "consent-statement-missing",
    ),
    "a wording that is not accepted": (C3, "consent-statement-missing"),
    "nothing": ("", "consent-speech-missing"),
    "punctuation alone": ("... !?", "consent-speech-missing"),
}


@pytest.mark.parametrize(("text", "reason"), FAILING.values(), ids=FAILING)
def test_a_reading_that_says_something_else_fails(text: str, reason: str) -> None:
    """The first reason names what is wrong."""
    match = heard(text)

    assert (Verdict.FAIL, reason) == (match.verdict, match.reasons[0])


REVIEWED = {
    "Travis": (swap("Tavus", "Travis"), "consent-uncertain"),
    "tah vus": (swap("Tavus", "tah vus"), "consent-uncertain"),
    "the clone negated much later": (C1 + " la" * 50 + " Tavus is not a camera", "consent-revoked"),
    "the brand negated close behind it": (C1 + " Tavus is not a camera.", "consent-revoked"),
    "revoked much later": (C1 + " la" * 50 + " I would like to revoke everything", "consent-revoked"),
    "psych, much later": (C1 + " la" * 50 + " psych", "consent-revoked"),
    "Davis": (swap("Tavus", "Davis"), "consent-uncertain"),
    "Status": (swap("Tavus", "Status"), "consent-uncertain"),
    "a plain negation close behind it": (C1 + " I do not like rain.", "consent-revoked"),
    "a plain negation close before it": ("No, wait. " + C1, "consent-revoked"),
    "a condition after it": (C1[:-1] + ", but I may be paid.", "consent-revoked"),
    "and somebody else": (C1[:-1] + " and my brother.", "consent-revoked"),
    "a purpose": (C1[:-1] + " for educational purposes.", "consent-revoked"),
    "a supposition before it": ("Imagine that " + C1, "consent-revoked"),
    "an if before it": ("If " + C1, "consent-revoked"),
    "a quotation": ("He said " + C1, "consent-revoked"),
    "a broken-off other name": ("I, John Smith, " + C1, "consent-name-mismatch"),
    "a statement of somebody else": (f"{C1} {swap('Maria Lopez', 'John Smith')}", "consent-name-mismatch"),
    "a statement of somebody else first": (
        f"{swap('Maria Lopez', 'John Smith')} {C1}",
        "consent-name-mismatch",
    ),
    "another company in a second attempt": (f"{C1} {swap('Tavus', 'HeyGen')}", "consent-wrong-party"),
    "another company in a first attempt": (f"{swap('Tavus', 'HeyGen')} {C1}", "consent-wrong-party"),
    "more words than are read": (f"{C1} {'la ' * 20_000}", "consent-uncertain"),
}


@pytest.mark.parametrize(("text", "reason"), REVIEWED.values(), ids=REVIEWED)
def test_a_doubtful_reading_needs_a_person(text: str, reason: str) -> None:
    """Neither passed in silence nor refused outright."""
    match = heard(text)

    assert (Verdict.REVIEW, (reason,)) == (match.verdict, match.reasons)


@pytest.mark.parametrize(
    "text",
    [
        C1,
        C2,
        f"Hello, my name is Maria Lopez. {C1} Thank you.",
        f"Okay, here we go. {C1} That's it, thanks, bye!",
        f"I, Maria Lopez, am currently speaking and, sorry. {C1}",
        f"{C1} {C1}",
        f"Today is Sunday, November 22nd, 2026. {C1} I agree.",
    ],
)
def test_a_consent_clip_may_hold_a_courtesy(text: str) -> None:
    """Greeting, thanks and another try stand beside the statement without harm."""
    assert Verdict.PASS == heard(text, "alone").verdict


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        (C1 + " Buy milk tomorrow.", Verdict.REVIEW, "consent-words-added"),
        (C1 + " I do not like rain.", Verdict.FAIL, "consent-revoked"),
        (C1 + " thank you" * 40 + " not", Verdict.FAIL, "consent-revoked"),
        ("Not really sure about this. " + C1, Verdict.FAIL, "consent-revoked"),
        (C1 + " It was a joke.", Verdict.FAIL, "consent-revoked"),
    ],
)
def test_a_consent_clip_holds_nothing_else(text: str, verdict: Verdict, reason: str) -> None:
    """In a clip for the statement alone every negation fails, and other speech needs a person."""
    match = heard(text, "alone")

    assert (verdict, reason) == (match.verdict, match.reasons[0])


def test_a_late_statement_is_no_fault_of_a_clip() -> None:
    """Only a recording has an opening."""
    assert "consent-late" not in heard(PREAMBLE * 2 + C1, "alone").reasons


def test_the_statement_that_matched_is_named() -> None:
    """Both accepted wordings are equals; a refused one is named and the right one shown."""
    refused = heard(C3)

    assert ("tavus-c1", "tavus-c2", "tavus-c3") == (
        heard(C1).statement,
        heard(C2).statement,
        refused.statement,
    )
    assert C1.replace("Maria Lopez", "[FULL NAME]") in refused.causes[0].message
    assert heard("good morning").statement is None


def test_every_word_is_shown_beside_the_statement() -> None:
    """The alignment covers all forty-two places in order, and keeps what was heard as it was written."""
    match = heard(C1)

    assert [WordStatus.MATCH] * 42 == [word.status for word in match.words]
    assert C1.replace(",", "").replace(".", "") == " ".join(word.heard or "" for word in match.words)
    assert match.heard == C1.replace(",", "").replace(".", "")
    assert 22 == sum(word.critical for word in match.words)


def test_a_word_that_differs_is_shown_in_its_place() -> None:
    """Missing, changed, added and filled words each have a status."""
    text = swap("of me", "of him").replace("currently", "um currently").replace("using the", "using")
    odd = [
        (word.expected, word.heard, word.status)
        for word in heard(text).words
        if word.status is not WordStatus.MATCH
    ]

    assert [
        (None, "um", WordStatus.FILLER),
        ("me", "him", WordStatus.SUBSTITUTED),
        ("the", None, WordStatus.MISSING),
    ] == odd


def test_a_message_names_the_word_and_its_place() -> None:
    """A person reads what was heard, without knowing the engine."""
    (cause,) = heard(swap("and consent", "and do not consent")).causes

    assert 'heard "do not" before "consent"' == cause.message


def test_the_missing_part_is_named() -> None:
    """The speaker learns which part to say again."""
    match = heard(C1.split(". ")[0])

    assert [
        'the part "I understand that this AI clone can be used" was not heard',
        'the part "to create videos that look and sound like me" was not heard',
    ] == [cause.message for cause in match.because("consent-clause-missing")]


def test_all_causes_are_reported_in_the_decision_order() -> None:
    """A negation comes first, and hides nothing."""
    text = swap("and consent", "and do not consent").replace("Tavus", "HeyGen").replace("Maria Lopez", "Jo")
    reasons = heard(text).reasons

    assert ("consent-negated", "consent-wrong-party", "consent-name-mismatch") == reasons
    assert sorted(reasons, key=REASONS.index) == list(reasons)


def test_the_answer_becomes_the_consent_object() -> None:
    """The JSON is the contract's object, without the asset."""
    match = heard(C1)
    document = json.loads(json.dumps(match.to_dict()))

    assert [
        "verdict",
        "reasons",
        "statement",
        "heard",
        "start_s",
        "end_s",
        "name",
        "words",
        "decodes",
    ] == list(document)
    assert {"declared": "Maria Lopez", "heard": "Maria Lopez", "verdict": "match"} == document["name"]
    assert {
        "expected": "consent",
        "heard": "consent",
        "status": "match",
        "critical": True,
        "start_s": None,
        "end_s": None,
        "probability": None,
    } == document["words"][6]


def test_an_undeclared_name_is_reported_not_compared() -> None:
    """With no declared name the heard one is shown and the words decide."""
    match = match_consent(C1)

    assert (Verdict.PASS, NameVerdict.UNDECLARED, "Maria Lopez") == (
        match.verdict,
        match.name.verdict,
        match.name.heard,
    )


@pytest.mark.parametrize("name", ["", "  ", "...", "\u200b", "7"])
def test_a_name_without_letters_is_a_usage_error(name: str) -> None:
    """An empty name would match anything or nothing; neither is meant."""
    with pytest.raises(ValueError, match="not a name"):
        match_consent(C1, full_name=name)


def test_an_unknown_placement_is_a_usage_error() -> None:
    """There are two placements."""
    with pytest.raises(ValueError, match="middle"):
        match_consent(C1, placement="middle")
    assert Placement.ALONE == Placement("alone")


def test_one_string_for_accepted_names_is_a_usage_error() -> None:
    """A string is a sequence of letters; each of them would count as a name."""
    with pytest.raises(ValueError, match="sequence of names"):
        match_consent(C1, full_name="Maria Lopez", accepted_names="Mary")


def test_accepted_names_need_a_name_to_stand_beside() -> None:
    """Without a full name nothing is compared, and whoever gave spellings would believe that they are."""
    with pytest.raises(ValueError, match="without a full name"):
        match_consent(C1, accepted_names=["Maria Lopez"])
    with pytest.raises(ValueError, match="without a full name"):
        judge(
            Hearing((), None),
            full_name=None,
            accepted_names=("Maria",),
            placement=Placement.ALONE,
            limits=LIMITS,
        )
    assert match_consent(C1, accepted_names=()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "text",
    [
        "\x00" * 1000,
        "\ud800\udfff",
        "a" * 1_000_000,
        "I " * 200_000,
        f"{C1} " * 5_000,
        "currently speaking and consent " * 50_000,
        "\u0301" * 100_000,
        "a" + "\u0301\u0323" * 50_000,
        "\ufdfa" * 10_000,
        "I am " * 60_000,
        "no " * 200_000,
    ],
    ids=lambda text: repr(text[:12]),
)
@pytest.mark.timeout(10)
def test_hostile_text_ends_soon_and_never_passes(text: str) -> None:
    """A megabyte of nonsense neither crashes the engine nor passes it."""
    assert Verdict.PASS != heard(text).verdict


def test_a_spelling_of_ai_counts_only_before_clone() -> None:
    """Anywhere else "a eye" is two words that do not belong there."""
    assert 'heard "a" where the statement says "AI"' in [
        cause.message for cause in heard(swap("an AI clone", "an a eye")).causes
    ]
