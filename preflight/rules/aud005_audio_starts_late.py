from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "AUD005",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Export the recording again with picture and sound starting together.",
    prevents=("audio_processing",),
    passing={
        "together": packets(30, sound_from=0.0),
        "as encoders do": packets(30, sound_from=0.046),
        "half a second": packets(30, sound_from=0.5),
        "no sound, which AUD001 speaks of": packets(30),
    },
    failing={"late": packets(30, sound_from=0.51), "early": packets(30, sound_from=-0.6)},
)
def audio_starts_late(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """Picture and sound start at different times.

    A sound track that starts later, or earlier, than the picture is out of step in players that do not honour
    its start time: lips and voice drift apart.
    """
    if packets.audio is None:
        return
    offset, limit = packets.audio.start_s - packets.picture.start_s, policy.audio.max_start_offset
    if abs(offset) > limit.value:
        side = "after" if offset > 0 else "before"
        yield Violation(
            f"the sound starts {rounded_up(abs(offset), 2):g} s {side} the picture",
            measured=rounded_up(abs(offset), 3),
            limit=limit,
        )
