"""Properties that hold for every text, searched for counterexamples."""

import contextlib
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.consent import Placement, Verdict, match_consent
from preflight.consent.lexicon import Kind, lexicon

NAME = "Maria Lopez"
TEXTS = [template.text.replace("[FULL NAME]", NAME) for template in lexicon().templates]
CRITICAL = {
    slot.key for template in lexicon().templates for slot in template.slots if slot.kind is not Kind.FUNCTION
} | {"maria", "lopez"}
RANK = {Verdict.FAIL: 0, Verdict.REVIEW: 1, Verdict.PASS: 2}

texts = st.sampled_from(TEXTS)
placements = st.sampled_from(Placement)
quick = settings(max_examples=60, deadline=None, derandomize=True)


def verdict(text: str, placement: Placement = Placement.OPENING) -> Verdict:
    """The verdict on a text in which Maria Lopez should have spoken."""
    return match_consent(text, full_name=NAME, placement=placement).verdict


def key(word: str) -> str:
    """A word without case and punctuation."""
    return word.strip(string.punctuation).lower()


@quick
@given(texts, st.sampled_from(sorted(lexicon().aliases.veto.words)), st.integers(1, 40), placements)
def test_a_veto_word_inside_never_passes(text: str, veto: str, at: int, placement: Placement) -> None:
    """Wherever it stands, and whichever it is."""
    words = text.split()

    assert Verdict.FAIL == verdict(" ".join([*words[:at], veto, *words[at:]]), placement)


@quick
@given(texts, st.sampled_from(sorted(lexicon().aliases.contractions)), st.integers(1, 40), placements)
def test_a_contracted_negation_inside_never_passes(
    text: str, contraction: str, at: int, placement: Placement
) -> None:
    """Whatever way of writing stands for a negation is one."""
    words = text.split()
    spoken = lexicon().aliases.contractions[contraction]
    dressed = " ".join([*words[:at], contraction, *words[at:]])

    if not lexicon().aliases.veto.words.isdisjoint(spoken):
        assert Verdict.FAIL == verdict(dressed, placement)


@quick
@given(texts, st.data(), placements)
def test_without_a_critical_word_it_never_passes(
    text: str, data: st.DataObject, placement: Placement
) -> None:
    """Alone or with others, a critical word that is missing is missed."""
    words = text.split()
    places = [at for at, word in enumerate(words) if key(word) in CRITICAL]
    gone = {
        data.draw(st.sampled_from(places)),
        *data.draw(st.sets(st.integers(0, len(words) - 1), max_size=5)),
    }

    assert Verdict.PASS != verdict(" ".join(w for at, w in enumerate(words) if at not in gone), placement)


@quick
@given(texts, st.lists(st.integers(0, 43), min_size=1, max_size=8, unique=True), placements)
def test_losing_words_never_helps(text: str, order: list[int], placement: Placement) -> None:
    """Word after word taken away from a statement, the verdict only falls."""
    words = dict(enumerate(text.split()))
    ranks = [RANK[verdict(" ".join(words.values()), placement)]]
    for at in order:
        words.pop(at, None)
        ranks.append(RANK[verdict(" ".join(words.values()), placement)])

    assert sorted(ranks, reverse=True) == ranks


@quick
@given(texts, st.data())
def test_case_punctuation_and_quotes_never_matter(text: str, data: st.DataObject) -> None:
    """They are a recogniser's choice, not the speaker's."""
    marks = st.text(alphabet=',.;:!?…-–—"“”‘’«»()', max_size=3)
    cases = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])
    dressed = [
        data.draw(marks) + data.draw(cases)(word.strip(".,")) + data.draw(marks) for word in text.split()
    ]

    assert Verdict.PASS == verdict(" ".join(dressed))


@quick
@given(texts, st.data(), placements)
def test_dress_never_improves_a_verdict(text: str, data: st.DataObject, placement: Placement) -> None:
    """A statement with a critical word left out or replaced stays one in any case and with any marks."""
    words = text.split()
    at = data.draw(st.sampled_from([at for at, word in enumerate(words) if key(word) in CRITICAL]))
    words[at : at + 1] = data.draw(st.sampled_from([[], ["him"], ["banana"], ["not"], ["us", "all"]]))
    cases = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])
    dressed = [
        data.draw(cases)(word) + data.draw(st.sampled_from(["", ".", ",", "!", "”"])) for word in words
    ]

    assert Verdict.PASS != verdict(" ".join(dressed), placement)


@quick
@given(texts, st.lists(st.sampled_from(["consent", "can", "used", "look"]), min_size=1), st.data())
def test_dress_never_hides_a_negation(text: str, verbs: list[str], data: st.DataObject) -> None:
    """Invisible characters, look-alike letters and quotes leave a "not" a "not"."""
    invisible = st.text(alphabet="\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u0336\u0000\u0007", max_size=2)
    letters = ["nｎ𝐧ո", "oоοｏ𝐨0", "tｔ𝐭τ"]
    disguised = "".join(data.draw(st.sampled_from(look)) + data.draw(invisible) for look in letters)

    assert Verdict.FAIL == verdict(text.replace(f" {verbs[0]} ", f" {disguised} {verbs[0]} "))


@quick
@given(texts, st.sampled_from(sorted(lexicon().aliases.veto.words)), placements)
def test_a_veto_word_right_after_never_passes(text: str, veto: str, placement: Placement) -> None:
    """Alone, right behind the statement, it is neither small talk nor everyday speech."""
    assert Verdict.PASS != verdict(f"{text} {veto}", placement)
    assert Verdict.PASS != verdict(f"{text} {veto.title()}.", placement)


@quick
@given(st.text(max_size=300), placements)
def test_any_text_has_a_verdict_and_noise_never_passes(text: str, placement: Placement) -> None:
    """No text crashes the engine, and none passes by chance."""
    assert Verdict.PASS != verdict(text, placement)


EVERYDAY = lexicon().aliases.everyday
small_talk = st.lists(
    st.sampled_from(sorted(EVERYDAY.deeds | EVERYDAY.plain | EVERYDAY.pointers | {"do", "not", "let", "is"})),
    max_size=5,
).map(" ".join)


@quick
@given(texts, small_talk, small_talk, st.sampled_from([".", "?", ",", ""]))
def test_any_words_beside_a_statement_have_a_verdict(text: str, one: str, other: str, mark: str) -> None:
    """However a remark breaks off."""
    for whole in (f"{one}{mark} {other}. {text}", f"{text} {one}{mark} {other}."):
        assert match_consent(whole, full_name=NAME).verdict in Verdict


@quick
@given(texts, st.text(min_size=1, max_size=20), st.integers(1, 40))
def test_any_text_inside_a_statement_has_a_verdict(text: str, noise: str, at: int) -> None:
    """What passes although something was added said nothing by it: a filler, a stutter, a repeat."""
    words = text.split()
    match = match_consent(" ".join([*words[:at], noise, *words[at:]]), full_name=NAME)

    assert match.verdict in Verdict
    assert all(word.status != "inserted" for word in match.words) or match.verdict is not Verdict.PASS


@quick
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_name_can_be_declared_and_heard(declared: str, heard: str) -> None:
    """A name is a usage error or gets a verdict; nothing else can happen."""
    text = TEXTS[0].replace(NAME, heard)
    with contextlib.suppress(ValueError):
        assert match_consent(text, full_name=declared).verdict in Verdict
