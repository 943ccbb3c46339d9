from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.sound import SoundFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import heard
from preflight.rules.recording_parts import parts_of
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "AUD013",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=SoundFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Record in a quiet room with nobody else in it, and stay silent to the end of the still part.",
    prevents=("background_noise_detected",),
    passing={
        "silent to the end": heard((1.0, 33.0)),
        "half a second": heard((1.0, 33.0), (50.0, 50.5)),
        "speech to the end, which AUD012 speaks of": heard((1.0, 65.0)),
    },
    failing={
        "a voice": heard((1.0, 33.0), (50.0, 52.0)),
        "a little more than half a second": heard((1.0, 33.0), (50.0, 50.6)),
    },
)
def speech_in_still_part(sound: SoundFacts, policy: Policy) -> Iterator[Violation]:
    """Somebody speaks in the still part: the person themselves, or another voice in the room."""
    parts, limit = parts_of(sound, policy), policy.audio.max_still_speech
    if parts is not None and parts.still_speech_s > limit.value:
        yield Violation(
            f"{rounded_up(parts.still_speech_s, 1):g} s of speech in the still part",
            measured=rounded_up(parts.still_speech_s, 2),
            limit=limit,
            at=next(region for region in sound.regions if region[0] >= parts.still_from_s),
        )
