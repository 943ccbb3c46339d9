from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role


@rule(
    "MED014",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Send the recording as the camera made it, in one take; do not join parts.",
    prevents=("video_editing_detected", "video_processing_file"),
    mends=Mend.LEAVE_ALONE,
    passing={
        "evenly spaced": packets(30, sound_from=0.0),
        "three frames too close": packets(30, crowded=3),
    },
    failing={
        "a hundred frames at one time": packets(30, crowded=100),
        "in the sound alone": packets(30, sound_from=0.0, sound_crowded=4),
    },
)
def timestamps_crowded(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """Many frames, or much of the sound, claim to be at nearly the same time.

    Joining recordings whose times overlap leaves that behind. Players rush through the place or stumble.
    """
    limit = policy.edits.max_crowded
    for kind, track in (("video", packets.video), ("audio", packets.audio)):
        if track is not None and track.crowded > limit.value:
            at = track.crowded_at_s or 0.0
            yield Violation(
                f"{track.crowded} packets of the {kind} track are crowded together",
                measured=track.crowded,
                limit=limit,
                at=(at, at),
            )
            return
