"""Sound for the proof: synthetic voices saying statements, and sound in which nobody says one.

Statements are spoken by flite and espeak-ng, as in the fixture media. What babbles or is cut to pieces is the
frozen sample of the fixture recogniser, so that it needs neither.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from faster_whisper.audio import decode_audio

from preflight.evidence.sound import SAMPLE_RATE
from tests.conftest import ROOT

sys.path[:0] = [str(ROOT / "fixtures")]

import make  # noqa: E402 - the fixtures are no package

__all__ = ["NOBODY", "SAMPLE", "Audio", "Clip", "nobody_speaks", "noisy", "say_in", "utterances"]

Audio = npt.NDArray[np.float32]

NOBODY = ("silence", "noise", "tones", "music-like", "babble", "speech cut to pieces")
SAMPLE = ROOT / "fixtures" / "recogniser" / "sample"


class Clip(NamedTuple):
    """A sound of one kind."""

    kind: str
    audio: Audio


@lru_cache(maxsize=4096)
def _spoken(voice: str, text: str) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        heard: Audio = make.speech(text, voice, Path(scratch))
    return heard.tobytes()


def say_in(voice: str, text: str, *, lead_in_s: float = 0.6, peak_dbfs: float = -3.0) -> Audio:
    """A text in one voice, sentence by sentence with pauses, over the tone of a quiet room."""
    pieces = [np.zeros(round(lead_in_s * SAMPLE_RATE), np.float32)]
    for sentence in text.replace("? ", "?\n").replace(". ", ".\n").splitlines():
        pieces += [
            np.frombuffer(_spoken(voice, sentence), np.float32),
            np.zeros(SAMPLE_RATE // 2, np.float32),
        ]
    audio = np.concatenate(pieces)
    tone: Audio = make.room_tone(len(audio) / SAMPLE_RATE)[: len(audio)]
    return _scaled(audio, peak_dbfs) + tone


def noisy(audio: Audio, snr_db: float, generator: np.random.Generator) -> Audio:
    """The sound with pink noise at a signal-to-noise ratio."""
    power = np.sqrt(np.mean(audio**2)) * 10 ** (-snr_db / 20)
    return (audio + power * _coloured(generator, len(audio), 0.5)).astype(np.float32)


def nobody_speaks(count: int, seed: int = 11) -> Iterator[Clip]:
    """So many clips of each kind, always the same ones."""
    for kind in NOBODY:
        for number in range(count):
            generator = np.random.default_rng([seed, NOBODY.index(kind), number])
            seconds = (4, 9, 16, 28)[number % 4]
            audio = _MAKERS[kind](generator, seconds * SAMPLE_RATE, number)
            if kind != "silence":
                audio = _scaled(audio, float(generator.uniform(-40, -1)))
            yield Clip(kind, audio.astype(np.float32))


def _scaled(audio: Any, peak_dbfs: float) -> Audio:
    scaled: Audio = (audio / (np.abs(audio).max() + 1e-9) * 10 ** (peak_dbfs / 20)).astype(np.float32)
    return scaled


def _coloured(g: np.random.Generator, count: int, exponent: float) -> Audio:
    """Noise of power 1 whose spectrum falls with frequency: 0 white, 0.5 pink, 1 brown."""
    spectrum = np.fft.rfft(g.standard_normal(count)) / (np.arange(count // 2 + 1) + 1.0) ** exponent
    audio = np.fft.irfft(spectrum, count)
    return (audio / audio.std()).astype(np.float32)


def _silence(g: np.random.Generator, count: int, number: int) -> Audio:
    """Digital silence, or a few steps of 16 bits of noise."""
    return (number % 3 * 2e-5 * g.standard_normal(count)).astype(np.float32)


def _noise(g: np.random.Generator, count: int, number: int) -> Audio:
    """Steady, or with a level that swells like traffic and wind."""
    audio = _coloured(g, count, (0.0, 0.5, 1.0)[number % 3])
    if number % 2:
        swell = np.interp(np.arange(count), np.linspace(0, count, 40), g.uniform(0.05, 1, 40))
        audio = (audio * swell).astype(np.float32)
    return audio


def _tones(g: np.random.Generator, count: int, number: int) -> Audio:
    """Mains hum, beeps, or a sweep."""
    time = np.arange(count) / SAMPLE_RATE
    if number % 3 == 0:
        return np.sum([np.sin(2 * np.pi * 50 * h * time) / h for h in range(1, 8)], axis=0).astype(np.float32)
    if number % 3 == 1:
        beat = np.sin(2 * np.pi * g.uniform(0.5, 4) * time) > 0
        return (np.sin(2 * np.pi * g.uniform(200, 3000) * time) * beat).astype(np.float32)
    return np.sin(2 * np.pi * (150 + 120 * np.sin(2 * np.pi * 0.7 * time)) * time).astype(np.float32)


def _music(g: np.random.Generator, count: int, _number: int) -> Audio:
    """Struck chords with overtones."""
    audio, at = np.zeros(count, np.float32), 0
    while at < count:
        length = min(int(SAMPLE_RATE * g.uniform(0.12, 0.9)), count - at)
        time = np.arange(length) / SAMPLE_RATE
        for pitch in 110 * 2 ** (g.integers(0, 37, g.integers(1, 4)) / 12):
            for overtone in range(1, int(g.integers(2, 8))):
                wave = np.sin(2 * np.pi * pitch * overtone * time) / overtone
                audio[at : at + length] += (wave * np.exp(-time * g.uniform(1, 6))).astype(np.float32)
        at += length
    return audio


@cache
def utterances() -> list[Audio]:
    """The frozen sample of the fixture recogniser: statements and other sentences in several voices."""
    return [decode_audio(str(path), sampling_rate=SAMPLE_RATE) for path in sorted(SAMPLE.glob("*.opus"))]


def _babble(g: np.random.Generator, count: int, number: int) -> Audio:
    """Five to nine voices at once, of about the same loudness."""
    total, known = np.zeros(count, np.float32), utterances()
    for _ in range(5 + number % 5):
        one = known[int(g.integers(len(known)))]
        one = np.roll(np.resize(one, count), int(g.integers(count)))
        total += (one / (one.std() + 1e-9) * g.uniform(0.6, 1)).astype(np.float32)
    return total


def _pieces(g: np.random.Generator, count: int, number: int) -> Audio:
    """Pieces of 50 to 400 ms of many utterances, with as much silence between them."""
    length = int(SAMPLE_RATE * (0.05, 0.1, 0.2, 0.4)[number // 4 % 4])
    audio, known = np.zeros(count, np.float32), utterances()
    for at in range(0, count - length, 2 * length):
        one = known[int(g.integers(len(known)))]
        start = int(g.integers(max(1, len(one) - length)))
        audio[at : at + length] = one[start : start + length]
    return audio


_MAKERS = {
    "silence": _silence,
    "noise": _noise,
    "tones": _tones,
    "music-like": _music,
    "babble": _babble,
    "speech cut to pieces": _pieces,
}
