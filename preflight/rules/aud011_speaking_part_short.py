from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.sound import SoundFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import heard
from preflight.rules.recording_parts import parts_of
from preflight.submission import Depth, Role
from preflight.text import rounded_down


@rule(
    "AUD011",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=SoundFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Speak without long pauses for the first part, then sit still and silent for the second.",
    passing={
        "30 s of speech, then silence": heard((1.0, 31.0)),
        "3 s less": heard((1.0, 28.0)),
        "nobody speaks, which AUD003 speaks of": heard(),
        "too short for both parts, which VID001 speaks of": heard((1.0, 10.0), seconds=20.0),
    },
    failing={"20 s of speech": heard((1.0, 21.0)), "a little more than 3 s less": heard((1.0, 27.9))},
)
def speaking_part_short(sound: SoundFacts, policy: Policy) -> Iterator[Violation]:
    """The speaking part is shorter than the model asks for.

    The recording has two parts: speaking, then still. The first is taken to go from the first speech to the
    longest pause; it is measured by a detector of speech.
    """
    parts = parts_of(sound, policy)
    limit = policy.video.speaking_duration
    if parts is not None and parts.speaking_s < limit.value - policy.video.structure_tolerance.value:
        yield Violation(
            f"the speaking part lasts {rounded_down(parts.speaking_s, 1):g} s; "
            f"{limit.value:g} s are asked for",
            measured=rounded_down(parts.speaking_s, 2),
            limit=limit,
            at=(parts.begins_s, parts.still_from_s),
        )
