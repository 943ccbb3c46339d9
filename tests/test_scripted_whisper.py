"""The scripted recogniser, through the real faster-whisper.

These tests hold the fixture to its promise, and record what faster-whisper does where the product
relies on it: it invents a whole statement on silence, and it notices a damaged model folder late.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from tests.scripted_whisper import NOTICE, SAMPLE_RATE, Floats, build, speech_like

pytestmark = [pytest.mark.asr, pytest.mark.timeout(30)]

STATEMENT = (
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone of me by using the audio "
    "and video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)
FRENCH = "Je m'appelle Zoé Lefèvre, et j'autorise l'entreprise à créer un clone de moi, ça me va !"

FILES = {
    "model.bin",
    "config.json",
    "vocabulary.json",
    "tokenizer.json",
    "preprocessor_config.json",
    "NOTICE",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete folder needs no network: every attempt to connect fails the test."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a model folder must not need the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def statement_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("statement"), STATEMENT)


@pytest.fixture(scope="module")
def speech() -> Floats:
    return speech_like(13)


@pytest.fixture(scope="module")
def silence() -> Floats:
    return np.zeros(10 * SAMPLE_RATE, np.float32)


def load(folder: Path) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)


def transcribe(folder: Path, audio: Floats, *, vad_filter: bool = False) -> tuple[list[Any], Any]:
    """Decode as the product does: nothing in the call leads the recogniser or lets it guess again."""
    segments, info = load(folder).transcribe(
        audio,
        language=None,
        task="transcribe",
        temperature=0.0,
        beam_size=5,
        condition_on_previous_text=False,
        word_timestamps=True,
        vad_filter=vad_filter,
    )
    return list(segments), info


def heard(segments: list[Any]) -> str:
    return "".join(segment.text for segment in segments)


def starts(segments: list[Any]) -> list[float]:
    return [float(word.start) for segment in segments for word in segment.words]


def words(segments: list[Any]) -> list[str]:
    return [word.word for segment in segments for word in segment.words]


# --- the folder ------------------------------------------------------------------------------------


def test_the_folder_holds_a_model_and_says_that_it_is_scripted(statement_folder: Path) -> None:
    assert {path.name for path in statement_folder.iterdir()} == FILES
    assert (statement_folder / "NOTICE").read_text("utf-8") == f"{NOTICE}\n"
    assert sum(path.stat().st_size for path in statement_folder.iterdir()) < 5_000_000


def test_the_same_request_writes_the_same_bytes(statement_folder: Path, tmp_path: Path) -> None:
    again = build(tmp_path, STATEMENT)

    assert {name: (again / name).read_bytes() for name in FILES} == {
        name: (statement_folder / name).read_bytes() for name in FILES
    }


# --- what it says ----------------------------------------------------------------------------------


@pytest.mark.parametrize("vad_filter", [False, True])
def test_it_says_the_statement_exactly(statement_folder: Path, speech: Floats, vad_filter: bool) -> None:
    segments, info = transcribe(statement_folder, speech, vad_filter=vad_filter)

    assert heard(segments) == f" {STATEMENT}"
    assert words(segments) == [f" {word}" for word in STATEMENT.split()]
    assert (info.language, info.language_probability) == ("en", pytest.approx(1, abs=1e-3))
    assert info.duration_after_vad == 13.0
    assert segments[0].avg_logprob == pytest.approx(0, abs=1e-3)
    assert segments[0].no_speech_prob == pytest.approx(0, abs=1e-3)


def test_word_times_lie_on_a_ramp(statement_folder: Path, speech: Floats) -> None:
    segments, _ = transcribe(statement_folder, speech)
    ends = [float(word.end) for segment in segments for word in segment.words]
    count = len(STATEMENT.split())

    assert starts(segments) == pytest.approx([0.2 * i for i in range(count)], abs=0.021)
    assert ends == pytest.approx([0.2 * (i + 1) for i in range(count)], abs=0.021)


def test_the_pace_is_a_choice(tmp_path: Path, speech: Floats) -> None:
    segments, _ = transcribe(build(tmp_path, "I do not agree.", seconds_per_token=0.5), speech)

    assert starts(segments) == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.05)


def test_word_times_are_put_back_behind_a_silence_that_vad_removed(
    statement_folder: Path, speech: Floats
) -> None:
    late = np.concatenate([np.zeros(8 * SAMPLE_RATE, np.float32), speech])
    segments, info = transcribe(statement_folder, late, vad_filter=True)

    assert heard(segments) == f" {STATEMENT}"
    assert starts(segments)[0] == pytest.approx(8, abs=0.5)
    assert info.duration_after_vad < 14


def test_words_beyond_the_end_of_the_audio_have_no_duration(statement_folder: Path) -> None:
    """The words are all "heard" in 3 s of sound; only their times give the invention away."""
    segments, _ = transcribe(statement_folder, speech_like(3))
    durations = [word.end - word.start for word in segments[0].words]

    assert heard(segments) == f" {STATEMENT}"
    assert durations[-20:] == [0] * 20


def test_each_window_of_thirty_seconds_says_it_once(tmp_path: Path) -> None:
    segments, _ = transcribe(build(tmp_path, "I agree."), speech_like(35))

    assert heard(segments) == " I agree. I agree."
    assert starts(segments) == pytest.approx([0, 0.2, 30, 30.2], abs=0.021)


@pytest.mark.parametrize(
    "text", ["yes " * 150, " ".join(f"w{number}" for number in range(221))], ids=["repeated", "longest"]
)
def test_long_texts_come_out_whole(tmp_path: Path, text: str) -> None:
    segments, _ = transcribe(build(tmp_path, text, seconds_per_token=0.12), speech_like(30))

    assert heard(segments).split() == text.split()


def test_french_is_detected_as_french(tmp_path: Path, speech: Floats) -> None:
    segments, info = transcribe(build(tmp_path, FRENCH, language="fr"), speech)

    assert heard(segments) == f" {FRENCH}"
    assert (info.language, info.language_probability) == ("fr", pytest.approx(1, abs=1e-3))
    assert len(info.all_language_probs) == 100


def test_an_english_only_model_detects_nothing_and_is_certain(tmp_path: Path, speech: Floats) -> None:
    """The probability is a constant of faster-whisper then: it says nothing about the audio."""
    segments, info = transcribe(build(tmp_path, STATEMENT, multilingual=False), speech)

    assert heard(segments) == f" {STATEMENT}"
    assert starts(segments)[:3] == pytest.approx([0, 0.2, 0.4], abs=0.021)
    assert (info.language, info.language_probability, info.all_language_probs) == ("en", 1, None)


@pytest.mark.parametrize("multilingual", [True, False])
def test_speech_is_doubted_as_asked_and_still_transcribed(
    tmp_path: Path, speech: Floats, multilingual: bool
) -> None:
    """A segment is dropped only if its words are doubted too, so "not dropped" is not "speech"."""
    folder = build(tmp_path, STATEMENT, no_speech_probability=0.95, multilingual=multilingual)
    segments, _ = transcribe(folder, speech)

    assert heard(segments) == f" {STATEMENT}"
    assert segments[0].no_speech_prob == pytest.approx(0.95, abs=0.005)


def test_an_empty_text_is_a_recogniser_that_hears_nothing(tmp_path: Path, speech: Floats) -> None:
    segments, info = transcribe(build(tmp_path, ""), speech)

    assert segments == []
    assert info.duration == 13.0


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"text": "yes - no"}, r"no model say \['-'\] as words"),
        ({"text": "say <|en|> now"}, "no model say"),
        ({"text": "yes", "language": "xx"}, "no language 'xx'"),
        ({"text": "oui", "language": "fr", "multilingual": False}, "cannot report 'fr'"),
        ({"text": "yes " * 151}, "do not fit one window of 30 s"),
        ({"text": "yes " * 222, "seconds_per_token": 0.1}, "at most 221"),
        ({"text": "yes", "no_speech_probability": 1.0}, "strictly between 0 and 1"),
    ],
)
def test_what_cannot_be_honoured_is_refused(tmp_path: Path, request_: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build(tmp_path, **request_)

    assert list(tmp_path.iterdir()) == []


# --- silence: why a gate is needed -----------------------------------------------------------------


def test_without_vad_the_whole_statement_is_heard_on_silence(statement_folder: Path, silence: Floats) -> None:
    """Confidence is perfect, word times are plausible: nothing in the transcript gives it away."""
    segments, _ = transcribe(statement_folder, silence)

    assert heard(segments) == f" {STATEMENT}"
    assert segments[0].avg_logprob == pytest.approx(0, abs=1e-3)
    assert segments[0].no_speech_prob == pytest.approx(0, abs=1e-3)
    assert min(word.probability for word in segments[0].words) > 0.99


def test_with_vad_silence_has_no_segments_but_still_a_language(
    statement_folder: Path, silence: Floats
) -> None:
    """So a language verdict needs speech as well, not only a probability."""
    segments, info = transcribe(statement_folder, silence, vad_filter=True)

    assert segments == []
    assert info.duration_after_vad == 0
    assert (info.language, info.language_probability) == ("en", pytest.approx(1, abs=1e-3))


def test_silero_hears_speech_in_the_babble_only(speech: Floats, silence: Floats) -> None:
    from faster_whisper.vad import get_speech_timestamps

    noise = np.random.default_rng(0).normal(0, 0.05, silence.size).astype(np.float32)

    assert get_speech_timestamps(speech) == [{"start": 0, "end": 13 * SAMPLE_RATE}]
    assert get_speech_timestamps(silence) == []
    assert get_speech_timestamps(noise) == []


# --- damaged folders -------------------------------------------------------------------------------
# tokenizer.json has no test here: without it faster-whisper asks the model hub for another
# model's tokenizer, so it must never be loaded. The product checks the folder first.


@pytest.fixture
def folder_without(tmp_path: Path) -> Callable[[str], Path]:
    def remove(name: str) -> Path:
        folder = build(tmp_path, STATEMENT)
        (folder / name).unlink()
        return folder

    return remove


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.bin", "Unable to open file 'model.bin'"),
        ("vocabulary.json", "Cannot load the vocabulary"),
    ],
)
def test_a_folder_without_weights_or_vocabulary_does_not_load(
    folder_without: Callable[[str], Path], name: str, message: str
) -> None:
    folder = folder_without(name)

    with pytest.raises(RuntimeError, match=message):
        load(folder)


def test_a_folder_without_config_loads_and_fails_while_decoding(
    folder_without: Callable[[str], Path], speech: Floats
) -> None:
    """The message is a JSON library's and names no file: worth a check before loading."""
    folder = folder_without("config.json")
    load(folder)

    with pytest.raises(RuntimeError, match=r"json\.exception"):
        transcribe(folder, speech)


def test_a_folder_without_preprocessor_config_is_taken_for_one_with_80_mels(
    folder_without: Callable[[str], Path], speech: Floats
) -> None:
    """Right for this model by luck: one with 128 mels would fail while decoding."""
    segments, _ = transcribe(folder_without("preprocessor_config.json"), speech)

    assert heard(segments) == f" {STATEMENT}"
