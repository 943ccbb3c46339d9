"""The fixture recogniser hears a frozen sample of speech as well as its model card says.

The clips and what is said in them lie in fixtures/recogniser/sample. A model that was damaged, or replaced by
a worse one, fails here before it makes the end-to-end tests fail for reasons nobody can see.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from rapidfuzz.distance import Levenshtein

from preflight.evidence.transcript import DECODE_PROFILE

pytestmark = pytest.mark.asr

MODEL = Path(__file__).resolve().parent.parent / "fixtures" / "recogniser"
WORD_ERRORS = {"exact": 0.02, "altered": 0.03, "everyday": 0.10}  # at most; measured 0.000, 0.006, 0.055
FAITHFUL_ALTERED = 0.75  # share of altered statements heard word for word; measured 0.84
MODEL_BYTES = 15_000_000


@dataclass(frozen=True)
class Heard:
    """A clip of the sample and its transcript."""

    group: str
    kind: str
    name: str
    said: list[str]
    exact: list[str]
    text: str
    times: list[tuple[float, float]]
    seconds: float

    @property
    def words(self) -> list[str]:
        return spoken(self.text)


def spoken(text: str) -> list[str]:
    """The words of a text without case and punctuation."""
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def transcribe(model: WhisperModel) -> Iterable[Heard]:
    for about in json.loads((MODEL / "sample" / "sample.json").read_text("utf-8")):
        audio = decode_audio(str(MODEL / "sample" / about["file"]), sampling_rate=16_000)
        segments = list(model.transcribe(audio, **DECODE_PROFILE)[0])
        times = [(word.start, word.end) for segment in segments for word in segment.words or []]
        yield Heard(
            group=about["group"],
            kind=about["kind"],
            name=about["name"],
            said=spoken(about["text"]),
            exact=spoken(about["exact"]),
            text=" ".join(segment.text.strip() for segment in segments),
            times=times,
            seconds=len(audio) / 16_000,
        )


@pytest.fixture(scope="module")
def sample() -> list[Heard]:
    return list(transcribe(WhisperModel(str(MODEL), device="cpu", compute_type="int8", cpu_threads=2)))


def error_rate(clips: list[Heard]) -> float:
    return sum(Levenshtein.distance(c.said, c.words) for c in clips) / sum(len(c.said) for c in clips)


@pytest.mark.parametrize("group", WORD_ERRORS)
def test_few_words_are_wrong(sample: list[Heard], group: str) -> None:
    clips = [clip for clip in sample if clip.group == group]
    assert len(clips) >= 8
    assert error_rate(clips) <= WORD_ERRORS[group]


def test_names_are_heard_with_their_capitals(sample: list[Heard]) -> None:
    clips = [clip for clip in sample if clip.group == "exact"]
    wrong = [clip.text for clip in clips if f"I, {clip.name}, am" not in clip.text]
    assert len(wrong) <= 1, wrong


def test_no_altered_statement_is_read_as_the_exact_one(sample: list[Heard]) -> None:
    clips = [clip for clip in sample if clip.group == "altered"]
    assert len(clips) >= 30
    assert [clip.said for clip in clips if clip.words == clip.exact] == []


def test_most_altered_statements_are_heard_word_for_word(sample: list[Heard]) -> None:
    clips = [clip for clip in sample if clip.group == "altered"]
    faithful = [clip for clip in clips if clip.words == clip.said]
    assert len(faithful) >= FAITHFUL_ALTERED * len(clips)


def test_nothing_is_heard_where_nobody_speaks(sample: list[Heard]) -> None:
    clips = [clip for clip in sample if clip.group == "empty"]
    assert len(clips) >= 4
    assert [clip.text for clip in clips if clip.text.strip()] == []


def test_word_times_are_in_order_and_inside_the_clip(sample: list[Heard]) -> None:
    words = [(time, clip) for clip in sample for time in clip.times]
    assert all(0 <= start <= end <= clip.seconds + 0.1 for (start, end), clip in words)
    assert all(a <= b for clip in sample for (a, _), (b, _) in zip(clip.times, clip.times[1:], strict=False))
    assert sum(start == end for (start, end), _ in words) <= 0.01 * len(words)


def test_the_model_is_small() -> None:
    names = ("model.bin", "config.json", "vocabulary.json", "tokenizer.json", "preprocessor_config.json")
    assert sum((MODEL / name).stat().st_size for name in names) <= MODEL_BYTES
