"""What was said: words with times, from faster-whisper under one fixed decode profile."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from preflight.consent import Word
from preflight.errors import RecogniserError
from preflight.evidence.model import ModelFolder, find_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DECODE_PROFILE", "SECOND_PROFILE", "FasterWhisper", "Recogniser", "Transcript", "load_recogniser"]

DECODE_PROFILE: dict[str, Any] = {
    "language": None,
    "task": "transcribe",
    "temperature": 0.0,
    "beam_size": 5,
    "condition_on_previous_text": False,
    "word_timestamps": True,
    "vad_filter": True,
    "vad_parameters": {"threshold": 0.5, "min_silence_duration_ms": 2000, "speech_pad_ms": 400},
}
"""How every recording is decoded. No temperature fallback, so that the same sound gives the same words; no
``initial_prompt``, ``prefix`` or ``hotwords``, because a recogniser that is told what to expect hears it."""

SECOND_PROFILE: dict[str, Any] = {**DECODE_PROFILE, "beam_size": 1, "vad_filter": False}
"""How a recording is decoded again before it is refused. Without the filter in front, which can drop the
first words and joins what it keeps, so that the windows are cut elsewhere; and without a beam, which prefers
a likely sentence. Speech regions are measured apart and count for these words too."""

_DECODE_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words heard, in order, on the time line of the file.

    ``language`` is the code the recogniser detected on the speech, with its probability; both are ``None``
    when nothing was said or when the model knows one language only.
    """

    words: tuple[Word, ...]
    language: str | None = None
    language_probability: float | None = None

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()


class Recogniser(Protocol):
    """Anything that turns sound into words, and can say what it is."""

    def transcribe(
        self, samples: NDArray[np.float32], profile: Mapping[str, Any] = DECODE_PROFILE
    ) -> Transcript:
        """Words of mono float32 sound at 16 kHz, shape (n,). Raises RecogniserError."""
        ...

    def language_of(self, samples: NDArray[np.float32]) -> tuple[str, float] | None:
        """The language of a stretch of speech with its probability; None where one language only is known."""
        ...

    def describe(self) -> dict[str, str | int | None]:
        """Model, versions and settings: enough to repeat the verdict."""
        ...


class FasterWhisper:
    """The real engine, on the processor, in 8-bit integers."""

    def __init__(self, folder: ModelFolder, *, threads: int | None = None) -> None:
        from faster_whisper import WhisperModel

        self._folder = folder
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._sha256 = folder.sha256
        try:
            self._model = WhisperModel(
                str(folder.path),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as exc:
            raise RecogniserError(
                f"recogniser model {folder.name!r} cannot be loaded: {_first_line(exc)}; "
                "copy its folder again"
            ) from exc

    def transcribe(
        self, samples: NDArray[np.float32], profile: Mapping[str, Any] = DECODE_PROFILE
    ) -> Transcript:
        _require_harmless(profile)
        deadline = time.monotonic() + _DECODE_TIMEOUT_S
        try:
            segments, info = self._model.transcribe(samples, **profile)
            words: list[Word] = []
            for segment in segments:
                words.extend(_words(segment))
                if time.monotonic() > deadline:
                    raise RecogniserError(f"the recogniser did not finish within {_DECODE_TIMEOUT_S:g} s")
        except (RuntimeError, ValueError, IndexError) as exc:
            raise self._failed(exc) from exc
        if not words or not self._model.model.is_multilingual:
            return Transcript(tuple(words))
        return Transcript(tuple(words), info.language, info.language_probability)

    def language_of(self, samples: NDArray[np.float32]) -> tuple[str, float] | None:
        if not self._model.model.is_multilingual or not len(samples):
            return None
        try:
            language, probability, _ = self._model.detect_language(samples)
        except (RuntimeError, ValueError, IndexError) as exc:
            raise self._failed(exc) from exc
        return language, float(probability)

    def _failed(self, exc: Exception) -> RecogniserError:
        name = self._folder.name
        return RecogniserError(f"recogniser model {name!r} failed while listening: {_first_line(exc)}")

    def describe(self) -> dict[str, str | int | None]:
        import ctranslate2
        import faster_whisper

        return {
            "faster_whisper": faster_whisper.__version__,
            "ctranslate2": ctranslate2.__version__,
            "asr_model": self._folder.name,
            "asr_model_sha256": self._sha256,
            "asr_notice": self._folder.notice,
            "asr_compute_type": "int8",
            "asr_threads": self._threads,
        }


def _require_harmless(profile: Mapping[str, Any]) -> None:
    """Raise ValueError for settings that lead the recogniser or let it guess."""
    free = ("language", "beam_size", "vad_filter", "vad_parameters")
    fixed = {key: value for key, value in DECODE_PROFILE.items() if key not in free}
    if {key: value for key, value in profile.items() if key not in free} != fixed:
        raise ValueError("not a decode profile: a recogniser that is told what to expect hears it")


def load_recogniser(model: str | os.PathLike[str]) -> Recogniser:
    """The recogniser for a model name or folder, kept for the next check. Raises RecogniserError."""
    folder = find_model(model)
    with _loading:
        return _load(folder, (folder.path / "model.bin").stat().st_mtime_ns)


_loading = threading.Lock()


@lru_cache(maxsize=2)
def _load(folder: ModelFolder, _modified_ns: int) -> Recogniser:
    return FasterWhisper(folder)


def _words(segment: Any) -> list[Word]:
    """The words of a segment; where the model gave no word times, its text without any."""
    if segment.words:
        return [Word(w.word, _known(w.start), _known(w.end), _known(w.probability)) for w in segment.words]
    return [Word(f" {word}") for word in segment.text.split()]


def _known(number: Any) -> float | None:
    """The number, or None where the model computed none."""
    return float(number) if math.isfinite(number) else None


def _first_line(exc: Exception) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]
