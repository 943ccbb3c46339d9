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
    "AUD012",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=SoundFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="After speaking, look into the camera, still and silent, for the whole second part.",
    passing={
        "30 s at the end": heard((1.0, 36.0)),
        "3 s less": heard((1.0, 39.0)),
        "a word in it, which AUD013 speaks of": heard((1.0, 33.0), (60.0, 61.0)),
        "too short for both parts, which VID001 speaks of": heard((1.0, 19.0), seconds=20.0),
    },
    failing={
        "speech to the end": heard((1.0, 65.0)),
        "20 s at the end": heard((1.0, 46.0)),
        "a little more than 3 s less": heard((1.0, 39.1)),
    },
)
def still_part_short(sound: SoundFacts, policy: Policy) -> Iterator[Violation]:
    """The still part at the end of the recording is missing or shorter than the model asks for.

    It is taken to go from the longest pause to the end, and measured by a detector of speech: that somebody
    is silent, not that they sit still.
    """
    parts = parts_of(sound, policy)
    limit = policy.video.still_duration
    if parts is not None and parts.still_s < limit.value - policy.video.structure_tolerance.value:
        yield Violation(
            f"the still part at the end lasts {rounded_down(parts.still_s, 1):g} s; "
            f"{limit.value:g} s are asked for",
            measured=rounded_down(parts.still_s, 2),
            limit=limit,
            at=(parts.still_from_s, parts.still_from_s + parts.still_s),
        )
