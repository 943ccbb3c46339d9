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

__all__ = [
    "SAMPLE_RATE",
    "Listening",
    "Opening",
    "SoundFacts",
    "SpeechFacts",
    "detect_speech",
    "detect_speech_in_blocks",
    "from_pcm",
    "joined",
    "stretches",
]

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


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """All of an asset's sound: where somebody speaks, and how loud it is.

    ``regions`` and ``levels`` are as in ``SpeechFacts``. ``loudness_lufs`` and ``true_peak_dbtp`` are those
    of EBU R 128, ``None`` for silence; ``full_scale_share`` is the share of samples within 1 dB of full
    scale, ``flat_share`` that of samples at the level at which the tops of the waves are cut off.
    """

    duration_s: float
    regions: tuple[tuple[float, float], ...]
    levels: tuple[float, ...] = ()
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None
    full_scale_share: float | None = None
    flat_share: float | None = None

    @property
    def speech_end_s(self) -> float:
        """The end of the last speech; 0 where nobody speaks."""
        return self.regions[-1][1] if self.regions else 0.0

    def speech_between(self, start_s: float, end_s: float) -> float:
        """Seconds of speech between two times."""
        return sum(max(0.0, min(end, end_s) - max(start, start_s)) for start, end in self.regions)

    def longest_pause(self) -> tuple[float, float]:
        """The longest time without speech after the first of it, up to the end of the sound."""
        following = [*(start for start, _ in self.regions[1:]), self.duration_s]
        pauses = [(end, max(end, start)) for (_, end), start in zip(self.regions, following, strict=False)]
        return max(pauses, key=lambda pause: pause[1] - pause[0], default=(0.0, self.duration_s))

    def dropouts(self, *, below_dbfs: float, least_s: float) -> Iterator[tuple[float, float]]:
        """Stretches in which the sound is quieter than any room, between two in which it is not."""
        begin: int | None = None
        for at, level in enumerate(self.levels):
            if level < below_dbfs:
                begin = at if begin is None else begin
                continue
            if begin and (at - begin) * LEVEL_STEP_S >= least_s:
                yield begin * LEVEL_STEP_S, at * LEVEL_STEP_S
            begin = None


_BLOCK_S = 30.0


class Listening:
    """Takes PCM as it is decoded: keeps the opening as samples, and of the rest what is heard in it.

    So a long recording takes no more memory than a short one.
    """

    def __init__(self, opening_s: float) -> None:
        self._opening_s = opening_s
        self._opening, self._block = bytearray(), bytearray()
        self._rest: list[SpeechFacts] = []

    def take(self, pcm: bytes) -> None:
        """More samples, signed 16-bit little-endian, mono at ``SAMPLE_RATE``; one may come in two parts."""
        room = round(self._opening_s * SAMPLE_RATE) * 2 - len(self._opening)
        self._opening += pcm[:room]
        self._block += pcm[room:]
        size = round(_BLOCK_S * SAMPLE_RATE) * 2
        while len(self._block) >= size:
            self._hear(bytes(self._block[:size]))
            del self._block[:size]

    def opening(self) -> Opening:
        return Opening(from_pcm(bytes(self._opening)), self._opening_s)

    def rest(self) -> tuple[SpeechFacts, ...]:
        """What was heard after the opening, block by block, each in its own time. Call it at the end."""
        if self._block:
            self._hear(bytes(self._block))
            self._block.clear()
        return tuple(self._rest)

    def _hear(self, pcm: bytes) -> None:
        self._rest.append(detect_speech(Opening(from_pcm(pcm), _BLOCK_S)))


_SEAM_S = 0.35  # what the detector lets pass within one region, and a rounding


def joined(parts: Sequence[SpeechFacts], **measured: float | None) -> SoundFacts:
    """Consecutive parts of a sound as one; a region that a seam cut in two is one again."""
    regions: list[tuple[float, float]] = []
    levels: list[float] = []
    at = 0.0
    for part in parts:
        for start, end in part.regions:
            if regions and at + start - regions[-1][1] <= _SEAM_S:
                regions[-1] = (regions[-1][0], at + end)
            else:
                regions.append((at + start, at + end))
        levels += part.levels
        at += part.heard_s
    return SoundFacts(at, tuple(regions), tuple(levels), **measured)


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


def detect_speech_in_blocks(sound: Opening) -> SpeechFacts:
    """The same for a long sound, some of it at a time: ten minutes at once take the detector 250 MiB."""
    size = round(_BLOCK_S * SAMPLE_RATE)
    blocks = (sound.samples[at : at + size] for at in range(0, len(sound.samples), size))
    whole = joined([detect_speech(Opening(block, _BLOCK_S)) for block in blocks])
    return SpeechFacts(whole.regions, sound.heard_s, whole.levels)


def _levels(samples: NDArray[np.float32]) -> tuple[float, ...]:
    """The level of each step, in dB; digital silence is -100 dB."""
    import numpy as np

    step = round(SAMPLE_RATE * LEVEL_STEP_S)
    power = np.square(samples[: len(samples) // step * step].astype(np.float64)).reshape(-1, step).mean(1)
    return tuple((10 * np.log10(power + 1e-10)).tolist())
