"""Evidence gates: words that no sound carries are no consent."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from preflight.consent import ConsentMatch, Hearing, Limits, Placement, Verdict, Word, judge

C1 = (
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone of me by using the audio "
    "and video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)
LIMITS = Limits(
    max_start_s=10.0,
    min_rate_wps=0.8,
    max_rate_wps=5.0,
    max_gap_s=3.0,
    min_word_probability=0.3,
    language="en",
)
Regions = tuple[tuple[float, float], ...]


def words(text: str = C1, start: float = 1.0, step: float = 0.4) -> list[Word]:
    """One word every ``step`` seconds, as a recogniser writes them."""
    return [
        Word(f" {word}", start + at * step, start + at * step + 0.8 * step, 0.95)
        for at, word in enumerate(text.split())
    ]


def judged(
    heard: Sequence[Word],
    speech: Regions | None = ((0.8, 60.0),),
    placement: Placement = Placement.OPENING,
    language: str | None = "en",
    probability: float | None = 0.99,
) -> ConsentMatch:
    """The verdict on timed words."""
    hearing = Hearing(tuple(heard), speech, language, probability)
    return judge(hearing, full_name="Maria Lopez", placement=placement, limits=LIMITS)


def test_a_timed_reading_passes_with_its_times() -> None:
    """The span runs from the first "I" to the last "me", and each word keeps its own times."""
    match = judged(words())

    assert (Verdict.PASS, ()) == (match.verdict, match.reasons)
    assert pytest.approx([1.0, 18.12]) == [match.start_s, match.end_s]
    assert pytest.approx([3.4, 0.95]) == [match.words[5].start_s, match.words[5].probability]


@pytest.mark.parametrize(
    ("heard", "speech"),
    [
        (words(), ()),
        (words(), ((5.0, 5.0),)),
        ([], ((0.0, 10.0),)),
        ([], ()),
        (words(), ((30.0, 60.0),)),
        (words(), ((0.8, 9.0),)),
        ([replace(word, start_s=None, end_s=None) for word in words()], ((0.0, 60.0),)),
        ([replace(word, end_s=None) if "consent" in word.text else word for word in words()], ((0.0, 60.0),)),
        ([replace(word, start_s=math.nan) for word in words()], ((0.0, 60.0),)),
        ([replace(word, start_s=math.inf, end_s=math.inf) for word in words()], ((0.0, 60.0),)),
        ([replace(word, start_s=-5.0, end_s=-4.0) for word in words()], ((0.0, 60.0),)),
        ([replace(word, end_s=word.start_s) for word in words()], ((0.0, 60.0),)),
        ([replace(word, start_s=2.98, end_s=2.98) for word in words()], ((0.0, 3.0),)),
        (words(step=0.05), ((0.0, 4.0),)),
        (words(), tuple((float(s), s + 0.01) for s in range(0, 20, 5))),
    ],
    ids=[
        "no regions",
        "an empty region",
        "no words",
        "neither",
        "speech elsewhere",
        "speech in half of it",
        "no times",
        "no time for consent",
        "times that are no numbers",
        "endless times",
        "times before the beginning",
        "no durations",
        "all words at one moment",
        "forty-three words in two seconds",
        "clicks",
    ],
)
def test_words_without_sound_are_no_evidence(heard: list[Word], speech: Regions) -> None:
    """A recogniser can recite over silence; times and regions it cannot make up together."""
    match = judged(heard, speech)

    assert (Verdict.FAIL, "consent-speech-missing") == (match.verdict, match.reasons[0])


def test_a_few_squeezed_words_do_not_fail_a_reading() -> None:
    """Small recognisers give the last words of a segment no duration."""
    heard = words()
    end = heard[-5].end_s or 0.0
    squeezed = heard[:-4] + [replace(word, start_s=end, end_s=end) for word in heard[-4:]]

    assert Verdict.PASS == judged(squeezed).verdict


def test_one_word_outside_the_speech_needs_a_person() -> None:
    """A single stray time is no invention, but nobody heard that word."""
    heard = [replace(w, start_s=70.0, end_s=70.3) if "consent" in w.text else w for w in words()]
    match = judged(heard, ((0.8, 60.0),))

    assert Verdict.REVIEW == match.verdict
    assert "consent-uncertain" in match.reasons


def test_a_word_at_the_rim_of_a_region_is_inside() -> None:
    """Word times and region borders are no more exact than a few tenths of a second."""
    assert Verdict.PASS == judged(words(), ((1.3, 18.0),)).verdict


@pytest.mark.parametrize(
    ("language", "probability", "verdict"),
    [
        ("en", 0.2, Verdict.PASS),
        ("en-US", 0.9, Verdict.PASS),
        (None, None, Verdict.PASS),
        ("de", 0.97, Verdict.FAIL),
        ("de", None, Verdict.FAIL),
        ("de", 0.3, Verdict.REVIEW),
    ],
)
def test_the_language_is_a_verdict_of_its_own(
    language: str | None, probability: float | None, verdict: Verdict
) -> None:
    """English words are not enough where the speech was another language; a recogniser may translate."""
    match = judged(words(), language=language, probability=probability)

    assert verdict == match.verdict
    assert (() if verdict is Verdict.PASS else ("consent-language",)) == match.reasons


def test_without_speech_there_is_no_language() -> None:
    """A detector names a language for silence as well."""
    assert ("consent-speech-missing",) == judged(words(), (), language="de").reasons


def test_a_late_statement_fails_a_recording_and_not_a_clip() -> None:
    """The limit is on the first word of the statement, in seconds."""
    late = words(start=10.1)

    assert (Verdict.FAIL, ("consent-late",)) == (judged(late).verdict, judged(late).reasons)
    assert Verdict.PASS == judged(words(start=10.0)).verdict
    assert Verdict.PASS == judged(late, placement=Placement.ALONE).verdict


def test_a_repeated_statement_is_not_late() -> None:
    """The first complete reading opens the recording; another one after it is no fault."""
    assert Verdict.PASS == judged(words(f"{C1} {C1}")).verdict


def test_an_unsure_critical_word_needs_a_person() -> None:
    """Probability may veto; it never approves."""
    unsure = [replace(w, probability=0.29) if "clone" in w.text else w for w in words()]
    odd = [replace(w, probability=math.nan) if "clone" in w.text else w for w in words()]

    assert (Verdict.REVIEW, ("consent-uncertain",)) == (judged(unsure).verdict, judged(unsure).reasons)
    assert Verdict.REVIEW == judged(odd).verdict
    assert Verdict.PASS == judged([replace(w, probability=None) for w in words()]).verdict


@pytest.mark.parametrize("word", [" the", " Lopez,"])
def test_an_unsure_function_word_or_name_is_no_matter(word: str) -> None:
    """Function words may be lost anyway, and a name is compared letter by letter."""
    assert (
        Verdict.PASS
        == judged([replace(w, probability=0.1) if w.text == word else w for w in words()]).verdict
    )


def test_a_gap_between_words_needs_a_person() -> None:
    """Three seconds of nothing inside the statement may be a cut."""

    def shifted(by: float) -> list[Word]:
        heard = words()
        return heard[:20] + [
            replace(w, start_s=(w.start_s or 0) + by, end_s=(w.end_s or 0) + by) for w in heard[20:]
        ]

    assert (Verdict.REVIEW, ("consent-spliced",)) == (
        judged(shifted(3.1)).verdict,
        judged(shifted(3.1)).reasons,
    )
    assert Verdict.PASS == judged(shifted(2.8)).verdict


@pytest.mark.parametrize(
    ("step", "verdict"), [(0.22, Verdict.PASS), (0.15, Verdict.REVIEW), (1.5, Verdict.REVIEW)]
)
def test_an_implausible_rate_needs_a_person(step: float, verdict: Verdict) -> None:
    """Nobody reads six words a second, or one in one and a half."""
    end = 1.0 + 44 * step

    assert verdict == judged(words(step=step), ((1.0, end),)).verdict


def test_words_timed_backwards_need_a_person() -> None:
    """Speech runs forward."""
    heard = words()
    late = heard[20].start_s or 0.0
    heard[20] = replace(heard[20], start_s=late + 1.0, end_s=late + 1.3)

    assert (Verdict.REVIEW, ("consent-spliced",)) == (judged(heard).verdict, judged(heard).reasons)


def test_a_negation_counts_outside_the_speech_too() -> None:
    """What a detector missed may still have been said."""
    heard = words(C1.replace("and consent", "and not consent"))
    heard = [replace(w, start_s=70.0, end_s=70.0) if "not" in w.text else w for w in heard]

    assert (Verdict.FAIL, "consent-negated") == (judged(heard).verdict, judged(heard).reasons[0])


def test_a_message_tells_the_second() -> None:
    """A person finds the word in the recording."""
    (cause,) = judged(words(C1.replace("and consent", "and not consent"))).causes

    assert 'heard "not" before "consent" at 3.8 s' == cause.message
    assert cause.at is not None
    assert pytest.approx([3.8, 4.12]) == list(cause.at)


def test_words_alone_have_no_gates() -> None:
    """Speech that was not measured is neither present nor absent."""
    bare = [Word(word) for word in C1.split()]

    assert Verdict.PASS == judged(bare, None).verdict


def test_one_word_may_hold_several() -> None:
    """Some recognisers join words with a hyphen or leave a space inside."""
    heard = words(C1.replace("AI clone", "AI-clone"))

    assert Verdict.PASS == judged(heard).verdict


def test_a_missing_word_is_placed_between_its_neighbours() -> None:
    """Nothing was heard of it, but a person knows where to listen."""
    (cause,) = judged(words(C1.replace("can be used", "be used"))).causes

    assert '"can" was not heard in "clone can be" at 13.0 s' == cause.message
    assert cause.at is not None
    assert pytest.approx([13.0, 13.72]) == list(cause.at)
