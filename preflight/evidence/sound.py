"""Sound as samples, and where in it somebody speaks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preflight.consent import LEVEL_STEP_S

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SAMPLE_RATE", "Opening", "SpeechFacts", "detect_speech", "from_pcm", "stretches"]

SAMPLE_RATE = 16_000
"""Hz. What Whisper and Silero were made for."""

# Silero's own threshold. Shorter silences than the recogniser's two seconds end a region here, because these
# regions are evidence that a given word was spoken, not a filter in front of the recogniser.
_VAD = {"threshold": 0.5, "min_silence_duration_ms": 300, "min_speech_duration_ms": 100, "speech_pad_ms": 150}


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The part of an asset's sound that is listened to.

    ``samples`` is mono float32 in -1 to 1 at ``SAMPLE_RATE``, shape (n,); position 0 is time 0 of the file.
    ``asked_s`` is how much was asked for; ``whole`` says that the sound ended before that.
    """

    samples: NDArray[np.float32]
    asked_s: float

    @property
    def heard_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def whole(self) -> bool:
        return self.heard_s < self.asked_s - 0.05


_AROUND_SPEECH_S = 0.3  # breath and the end of a word; no background
_LEAST_NOISE_S = 0.5


@dataclass(frozen=True, slots=True)
class SpeechFacts:
    """Regions in which a voice activity detector hears speech, as (start, end) in seconds of the file.

    ``levels`` is the level of each ``LEVEL_STEP_S`` of the sound, in dB relative to full scale (RMS).
    """

    regions: tuple[tuple[float, float], ...]
    heard_s: float
    levels: tuple[float, ...] = ()

    @property
    def speech_s(self) -> float:
        return sum(end - start for start, end in self.regions)

    @property
    def speech_dbfs(self) -> float | None:
        """RMS level of the sound where somebody speaks; ``None`` where nobody does."""
        return _mean_level(self._inside(margin_s=0.0))

    @property
    def noise_dbfs(self) -> float | None:
        """RMS level between the speech; ``None`` where that is less than half a second."""
        spoken = set(self._steps(margin_s=_AROUND_SPEECH_S))
        quiet = [level for at, level in enumerate(self.levels) if at not in spoken]
        return _mean_level(quiet) if len(quiet) * LEVEL_STEP_S >= _LEAST_NOISE_S else None

    def _inside(self, margin_s: float) -> list[float]:
        return [self.levels[at] for at in self._steps(margin_s) if at < len(self.levels)]

    def _steps(self, margin_s: float) -> Iterator[int]:
        for start, end in self.regions:
            yield from range(
                max(0, round((start - margin_s) / LEVEL_STEP_S)), round((end + margin_s) / LEVEL_STEP_S)
            )


_LONGEST_STRETCH_S = 28.0  # a window of the recogniser is 30 s
_SHORTEST_STRETCH_S = 8.0
_PAUSE_S = 2.0


def stretches(regions: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Runs of speech regions that a recogniser can take in at once: up to 28 s, cut at a long pause.

    Stretches of less than 8 s go on over pauses, or a recording with many would take a decode for each. A
    single region that is longer than 28 s is one stretch.
    """
    begin: float | None = None
    last = 0.0
    for start, end in regions:
        paused = begin is not None and start - last >= _PAUSE_S and last - begin >= _SHORTEST_STRETCH_S
        if begin is not None and (paused or end - begin > _LONGEST_STRETCH_S):
            yield begin, last
            begin = None
        begin, last = (start if begin is None else begin), end
    if begin is not None:
        yield begin, last


def from_pcm(pcm: bytes) -> NDArray[np.float32]:
    """Signed 16-bit little-endian mono PCM as float32 in -1 to 1. A trailing odd byte is dropped."""
    import numpy as np

    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32768)


def _mean_level(levels: Sequence[float]) -> float | None:
    """The level of the mean power of some steps, in dB."""
    if not levels:
        return None
    return 10 * math.log10(math.fsum(10 ** (level / 10) for level in levels) / len(levels))


def detect_speech(opening: Opening) -> SpeechFacts:
    """Run the Silero detector that faster-whisper bundles."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(opening.samples, VadOptions(**_VAD)) if len(opening.samples) else []
    regions = tuple((f["start"] / SAMPLE_RATE, f["end"] / SAMPLE_RATE) for f in found)
    return SpeechFacts(regions, opening.heard_s, _levels(opening.samples))


def _levels(samples: NDArray[np.float32]) -> tuple[float, ...]:
    """The level of each step, in dB; digital silence is -100 dB."""
    import numpy as np

    step = round(SAMPLE_RATE * LEVEL_STEP_S)
    power = np.square(samples[: len(samples) // step * step].astype(np.float64)).reshape(-1, step).mean(1)
    return tuple((10 * np.log10(power + 1e-10)).tolist())
