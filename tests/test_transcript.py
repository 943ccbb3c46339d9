"""The recogniser: one decode profile, nothing that leads it, nothing heard where nobody speaks."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from preflight.errors import RecogniserError
from preflight.evidence import transcript
from preflight.evidence.model import find_model
from preflight.evidence.sound import SAMPLE_RATE, Opening, detect_speech, from_pcm, stretches
from preflight.evidence.transcript import DECODE_PROFILE, SECOND_PROFILE, FasterWhisper, load_recogniser
from preflight.rules.consent_words import STATEMENT
from tests.conftest import ROOT
from tests.scripted_whisper import build, speech_like

pytestmark = pytest.mark.asr

LEADING = {"initial_prompt", "prefix", "hotwords"}


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> FasterWhisper:
    """The real engine with a model that says the statement whatever it hears."""
    return FasterWhisper(find_model(build(tmp_path_factory.mktemp("scripted") / "model", STATEMENT)))


def test_decode_profile_is_the_documented_one() -> None:
    """Temperature 0, no fallback, no conditioning, word times, explicit voice activity detection."""
    assert {
        "language": None,
        "task": "transcribe",
        "temperature": 0.0,
        "beam_size": 5,
        "condition_on_previous_text": False,
        "word_timestamps": True,
        "vad_filter": True,
        "vad_parameters": {"threshold": 0.5, "min_silence_duration_ms": 2000, "speech_pad_ms": 400},
    } == DECODE_PROFILE


def test_second_profile_cuts_and_searches_another_way_and_leads_no_more() -> None:
    """The filter in front and the beam are off; everything else stays."""
    assert {**DECODE_PROFILE, "beam_size": 1, "vad_filter": False} == SECOND_PROFILE


@pytest.mark.parametrize(
    "more",
    [
        {"initial_prompt": STATEMENT},
        {"hotwords": "Tavus"},
        {"prefix": "I,"},
        {"temperature": 0.2},
        {"temperature": [0.0, 0.2]},
        {"condition_on_previous_text": True},
        {"clip_timestamps": [0.0]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_leading_settings_are_refused(scripted: FasterWhisper, more: dict[str, Any]) -> None:
    """Not even a caller inside this package can lead the recogniser, or let it guess."""
    with pytest.raises(ValueError, match="decode profile"):
        scripted.transcribe(speech_like(1.0), {**DECODE_PROFILE, **more})


def test_the_model_card_is_measured_with_the_same_profile() -> None:
    """The training scripts run without this package and write the profile down again: word for word."""
    tree = ast.parse((ROOT / "fixtures" / "recogniser" / "training" / "evaluate.py").read_text())

    (measured,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and ast.unparse(node.target) == "PROFILE"
        and node.value is not None
    ]

    assert DECODE_PROFILE == measured


@pytest.mark.parametrize("profile", [DECODE_PROFILE, SECOND_PROFILE], ids=["first", "second"])
def test_the_engine_is_called_with_the_profile_and_nothing_else(
    scripted: FasterWhisper, profile: dict[str, Any]
) -> None:
    """Whatever reaches the recogniser is the sound and the profile: no prompt, no hot words, no prefix."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    real = scripted._model.transcribe

    def spy(*args: Any, **kwargs: Any) -> Any:
        calls.append((args, kwargs))
        return real(*args, **kwargs)

    scripted._model.transcribe = spy
    try:
        samples = speech_like(13.0)
        scripted.transcribe(samples, profile)
    finally:
        scripted._model.transcribe = real

    assert [((samples,), profile)] == calls


def test_no_code_leads_the_recogniser() -> None:
    """The one call to the engine passes the profile; nowhere is a prompt, a prefix or a hot word named."""
    named: list[str] = []
    calls = 0
    for path in [*ROOT.glob("preflight/**/*.py"), *ROOT.glob("submit/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg in LEADING:
                named.append(f"{path.name}: {node.arg}")
            if isinstance(node, ast.Constant) and node.value in LEADING:
                named.append(f"{path.name}: {node.value}")
            calls += isinstance(node, ast.Attribute) and node.attr == "transcribe" and _on_model(node)

    assert ([], 1) == (named, calls)


def _on_model(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Attribute) and node.value.attr == "_model"


def test_words_come_with_times_and_probabilities(scripted: FasterWhisper) -> None:
    """Each word has a place on the time line of the sound."""
    heard = scripted.transcribe(speech_like(13.0))

    assert STATEMENT == heard.text
    assert all(w.start_s is not None and w.end_s is not None and w.probability for w in heard.words)
    assert ("en", True) == (heard.language, (heard.language_probability or 0) > 0.9)


def test_same_sound_gives_the_same_words(scripted: FasterWhisper) -> None:
    """Nothing is sampled, so nothing differs."""
    samples = speech_like(13.0)

    assert scripted.transcribe(samples) == scripted.transcribe(samples)


def test_nothing_is_heard_in_silence(scripted: FasterWhisper) -> None:
    """A model that always recites the statement says nothing over silence, and no language is claimed."""
    heard = scripted.transcribe(np.zeros(13 * SAMPLE_RATE, np.float32))

    assert ((), None, None) == (heard.words, heard.language, heard.language_probability)


def test_description_repeats_the_verdict(scripted: FasterWhisper) -> None:
    """Model, digest, versions and settings are in the report, and so is what the model is for."""
    described = scripted.describe()

    assert {"faster_whisper", "ctranslate2", "asr_model", "asr_model_sha256", "asr_compute_type"} <= set(
        described
    )
    assert "Scripted recogniser" in str(described["asr_notice"])


def test_recogniser_is_loaded_once(tmp_path: Path) -> None:
    """The next check finds the model in memory; a changed folder is loaded again."""
    folder = build(tmp_path / "model", "Hello there.")

    first, second = load_recogniser(folder), load_recogniser(str(folder))
    build(folder, "Good morning.")

    assert first is second
    assert first is not load_recogniser(folder)


def test_damaged_weights_are_one_clear_error(tmp_path: Path) -> None:
    """Weights that are long enough but not weights are an error of the model, in words."""
    folder = build(tmp_path / "model", "Hello there.")
    (folder / "model.bin").write_bytes(b"\x07" * 2_000_000)

    with pytest.raises(RecogniserError, match="cannot be loaded"):
        load_recogniser(folder)


def noise(seconds: float, level: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    return (np.random.default_rng(0).standard_normal(int(seconds * SAMPLE_RATE)) * level).astype(np.float32)


def tone(seconds: float, hertz: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)).astype(
        np.float32
    )


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.float32),
        np.zeros(160_000, np.float32),
        noise(10, 0.05),
        noise(10, 0.0005),
        tone(10, 440),
    ],
    ids=["nothing", "silence", "noise", "room tone", "tone"],
)
def test_no_speech_is_detected_where_there_is_none(samples: Any) -> None:
    """Silence, noise and tones hold no speech."""
    assert () == detect_speech(Opening(samples, 10.0)).regions


def test_speech_is_detected_where_it_is() -> None:
    """A region begins and ends with the speech, give or take a third of a second."""
    quiet = np.zeros(3 * SAMPLE_RATE, np.float32)

    regions = detect_speech(Opening(np.concatenate([quiet, speech_like(4.0), quiet]), 10.0)).regions

    assert regions[0][0] == pytest.approx(3.0, abs=0.35)
    assert regions[-1][1] == pytest.approx(7.0, abs=0.35)


def test_pcm_is_scaled_and_a_torn_sample_dropped() -> None:
    """Sixteen bits become -1 to 1; half a sample at the end is none."""
    samples = from_pcm(b"\x00\x80\x00\x40\xff")

    assert [-1.0, 0.5] == samples.tolist()


def test_timeout_is_one_clear_error(scripted: FasterWhisper, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recogniser that takes too long is stopped between its segments."""
    monkeypatch.setattr(transcript, "_DECODE_TIMEOUT_S", -1.0)

    with pytest.raises(RecogniserError, match="did not finish"):
        scripted.transcribe(speech_like(13.0))


def test_long_recordings_are_cut_in_pauses() -> None:
    """At two seconds of silence, and before 28 s; a region that is longer stays whole."""
    regions = ((1.0, 5.0), (6.0, 9.0), (11.5, 20.0), (21.0, 39.0), (40.0, 42.0), (45.0, 90.0), (90.5, 91.0))

    assert [(1.0, 9.0), (11.5, 39.0), (40.0, 42.0), (45.0, 90.0), (90.5, 91.0)] == list(stretches(regions))
    assert [] == list(stretches(()))
