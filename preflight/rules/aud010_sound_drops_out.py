from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.sound import SoundFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import dropouts, heard
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "AUD010",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=SoundFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Listen to the place; if something was cut out or muted there, record again in one take.",
    prevents=("video_editing_detected",),
    passing={
        "a room all along": heard((1.0, 30.0)),
        "a noise gate, which is at work all the time": dropouts(*[(at, at + 0.5) for at in range(10, 50, 2)]),
        "0.2 s": dropouts((20.0, 20.2)),
        "silent to the end": dropouts((40.0, 66.0)),
    },
    failing={"half a second": dropouts((20.0, 20.5)), "two of them": dropouts((20.0, 20.5), (30.0, 30.4))},
)
def sound_drops_out(sound: SoundFacts, policy: Policy) -> Iterator[Violation]:
    """The sound stops dead for a moment, with the noise of a room before and after it.

    No room is digitally silent, so somebody muted or cut there, or the recorder lost something. More than a
    few such places are the work of a noise gate and are let be.
    """
    limits = policy.audio
    found = list(sound.dropouts(below_dbfs=limits.dropout_level.value, least_s=limits.min_dropout.value))
    if 0 < len(found) <= limits.max_dropouts.value:
        start, end = max(found, key=lambda stretch: stretch[1] - stretch[0])
        yield Violation(
            f"the sound stops dead for {rounded_up(end - start, 2):g} s",
            measured=rounded_up(end - start, 2),
            limit=limits.min_dropout,
            at=(start, end),
        )
