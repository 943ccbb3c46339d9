"""The two parts of a training video, told apart by when somebody speaks; shared by the rules about them."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.evidence.sound import SoundFacts
from preflight.policy import Policy

__all__ = ["Parts", "parts_of"]

_LEAST_STILL_SHARE = 1 / 3  # of what is asked for: a shorter pause is one between sentences


@dataclass(frozen=True, slots=True)
class Parts:
    """The speaking part, from ``begins_s`` to ``still_from_s``, and the still part after it, in seconds."""

    begins_s: float
    still_from_s: float
    still_s: float
    still_speech_s: float

    @property
    def speaking_s(self) -> float:
        return self.still_from_s - self.begins_s


def parts_of(sound: SoundFacts, policy: Policy) -> Parts | None:
    """The parts, or ``None`` where nobody speaks and where the recording is too short to have both."""
    video = policy.video
    asked = video.speaking_duration.value + video.still_duration.value - video.structure_tolerance.value
    if not sound.regions or sound.duration_s < asked:
        return None
    begins = sound.regions[0][0]
    pause_from, pause_to = sound.longest_pause()
    if pause_to - pause_from < _LEAST_STILL_SHARE * video.still_duration.value:
        pause_from = sound.speech_end_s
    still = sound.duration_s - pause_from
    return Parts(begins, pause_from, still, sound.speech_between(pause_from, sound.duration_s))
