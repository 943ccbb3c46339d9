"""Evidence gates: words that no sound carries are no consent."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from preflight.consent import ConsentMatch, Hearing, Limits, Placement, Verdict, Word, judge
from preflight.policy import load_policy

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
    levels: tuple[float, ...] = (),
) -> ConsentMatch:
    """The verdict on timed words."""
    hearing = Hearing(tuple(heard), speech, language, probability, levels)
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
    before = words()[19].end_s or 0.0

    def shifted(by: float) -> list[Word]:
        heard = words()
        return heard[:20] + [
            replace(w, start_s=(w.start_s or 0) + by, end_s=(w.end_s or 0) + by) for w in heard[20:]
        ]

    def silent(by: float) -> Regions:
        return ((0.8, before + 0.15), (before + by, 60.0))

    too_long = judged(shifted(3.1), silent(3.0))
    assert (Verdict.REVIEW, ("consent-spliced",)) == (too_long.verdict, too_long.reasons)
    assert Verdict.PASS == judged(shifted(2.8), silent(2.7)).verdict


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


@pytest.mark.parametrize("heard", [words(), [Word(word) for word in C1.split()]], ids=["timed", "bare"])
def test_unmeasured_speech_needs_a_person(heard: list[Word]) -> None:
    """Speech that was not measured is neither present nor absent, and what is wrong is reported beside it."""
    match = judged(heard, None)
    negated = judged([Word("not") if "consent" in word.text else word for word in heard], None)

    assert (Verdict.REVIEW, ("consent-uncertain",)) == (match.verdict, match.reasons)
    assert (Verdict.FAIL, "consent-negated") == (negated.verdict, negated.reasons[0])


def spread(before: str, by: float) -> list[Word]:
    """The timed words, with a pause before one of them."""
    heard = words()
    at = next(at for at, word in enumerate(heard) if word.text.strip() == before)
    return heard[:at] + [
        replace(word, start_s=(word.start_s or 0) + by, end_s=(word.end_s or 0) + by) for word in heard[at:]
    ]


@pytest.mark.parametrize(
    ("by", "verdict"),
    [(0.3, Verdict.PASS), (0.6, Verdict.PASS), (0.8, Verdict.REVIEW), (2.0, Verdict.REVIEW)],
)
@pytest.mark.parametrize("before", ["consent", "I", "be", "me."])
def test_speech_that_is_no_word_needs_a_person(before: str, by: float, verdict: Verdict) -> None:
    """Somebody spoke between two words of the statement, and nobody knows what was said."""
    match = judged(spread(before, by))

    assert verdict == match.verdict
    assert (() if verdict is Verdict.PASS else ("consent-uncertain",)) == match.reasons


def test_a_pause_is_no_speech() -> None:
    """A silence between two sentences is nobody's word, nor is a filler that was heard."""
    heard = spread("understand", 2.5)
    at = next(at for at, word in enumerate(heard) if word.text == " understand")
    start = heard[at].start_s or 0.0
    filled = [*heard[:at], Word(" um,", start - 2.4, start - 0.7), *heard[at:]]

    assert Verdict.PASS == judged(heard, ((0.8, start - 2.4), (start - 0.15, 60.0))).verdict
    assert Verdict.REVIEW == judged(heard).verdict
    assert Verdict.PASS == judged(filled).verdict


def test_a_word_as_long_as_a_sentence_needs_a_person() -> None:
    """A recogniser may stretch one word over others that it did not write; over a pause it may as well."""
    heard = spread("understand", 2.4)
    at = next(at for at, word in enumerate(heard) if word.text == " understand")
    end = heard[at].end_s or 0.0
    heard[at] = replace(heard[at], start_s=end - 2.6)
    match = judged(heard)

    assert (Verdict.REVIEW, ("consent-uncertain",)) == (match.verdict, match.reasons)
    assert '"understand" lasts 2.6 s' in match.causes[0].message
    assert Verdict.PASS == judged(heard, ((0.8, end - 2.1), (end - 1.5, 60.0))).verdict


@pytest.mark.parametrize(
    ("start", "shown"), [(10.04, "10.1"), (10.1, "10.1"), (13.25, "13.3"), (40.0, "40.0")]
)
def test_a_late_start_is_told_once_and_beyond_its_limit(start: float, shown: str) -> None:
    """A value that reads as its own limit explains nothing."""
    (cause,) = judged(words(start=start)).causes

    assert f"the statement was found at {shown} s; it has to start within 10 s" == cause.message
    assert cause.at is not None


def test_a_rate_and_a_gap_are_told_beyond_their_limits() -> None:
    """Rounded away from the limit, on either side of the range."""
    fast = judged(words(step=0.1999), ((1.0, 8.9),)).because("consent-spliced")
    slow = judged(words(step=1.26), ((1.0, 70.0),)).because("consent-spliced")
    gap = judged(spread("be", 2.951), ((0.8, 13.2), (16.1, 60.0))).because("consent-spliced")

    assert "words a second; at most 5 " in fast[0].message
    assert 5.0 < float(fast[0].message.split()[0]) < 6.0
    assert "0.79 words a second; at least 0.8" in slow[0].message
    assert "3.1 s pass" in gap[0].message


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_no_number_is_unknown(odd: float) -> None:
    """No message and no answer tells a second that is none."""
    heard = [
        replace(word, start_s=odd, end_s=odd) for word in words(C1.replace("and consent", "and not consent"))
    ]
    match = judged(heard)
    shown = [cause.message for cause in match.causes] + [str(match.to_dict())]

    assert Verdict.FAIL == match.verdict
    assert not any("nan" in text or "inf s" in text for text in shown)
    assert (None, None) == (match.start_s, match.end_s)


def test_limits_are_built_from_a_policy() -> None:
    """The one place where the policy's names meet the engine's."""
    policy = load_policy("tavus-replica-phoenix-4").consent

    assert replace(LIMITS, min_word_probability=policy.min_word_probability.value) == Limits.of(policy)


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


def syllables(loud: float, quiet: float, *, silent: float = 0.0, period_s: float = 0.2) -> tuple[float, ...]:
    """Sixty seconds of levels that rise and fall; a share of each period is digital silence."""
    steps = round(period_s * 100)
    cycle = [loud if at < steps // 2 else quiet for at in range(steps)]
    cycle[: round(silent * steps)] = [-100.0] * round(silent * steps)
    return tuple(cycle) * (6000 // steps)


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        (syllables(-20.0, -40.0), Verdict.PASS),
        (syllables(-20.0, -30.5), Verdict.PASS),
        (syllables(-20.0, -29.5), Verdict.REVIEW),
        (syllables(-20.0, -20.5), Verdict.REVIEW),
        (syllables(-20.0, -40.0, silent=0.2), Verdict.PASS),
        (syllables(-20.0, -40.0, silent=0.4), Verdict.REVIEW),
        (syllables(-20.0, -40.0, silent=0.5, period_s=0.4), Verdict.REVIEW),
        ((-100.0,) * 6000, Verdict.REVIEW),
        ((), Verdict.PASS),
    ],
    ids=[
        "one voice",
        "just enough",
        "just too flat",
        "noise",
        "stops",
        "cut",
        "cut up",
        "silence",
        "unknown",
    ],
)
def test_statement_needs_syllables_under_its_words(levels: tuple[float, ...], verdict: Verdict) -> None:
    """Words that stand in speech regions still need a sound that rises and falls like one voice."""
    match = judged(words(), levels=levels)

    assert verdict is match.verdict
    assert ((), ("consent-uncertain",))[verdict is not Verdict.PASS] == match.reasons


def test_what_is_loud_elsewhere_does_not_count() -> None:
    """Only the sound under the statement is looked at."""
    flat, lively = (-25.0,) * 3000, syllables(-20.0, -45.0)[:3000]

    assert Verdict.PASS is judged(words(), ((0.8, 18.5), (40.0, 50.0)), levels=lively + flat).verdict
    assert Verdict.REVIEW is judged(words(), ((0.8, 18.5), (40.0, 50.0)), levels=flat + lively).verdict
