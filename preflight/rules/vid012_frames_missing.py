from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "VID012",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Record again with the device's own camera app and do not cut the recording.",
    prevents=("video_editing_detected", "quality_issue_detected"),
    passing={
        "every frame there": packets(30, gap=0.034),
        "half a second": packets(30, gap=0.5),
        "a single frame": packets(None),
    },
    failing={"just over half a second": packets(30, gap=0.51), "two seconds": packets(30, gap=2.0)},
)
def frames_missing(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """For a while there are no frames, so that the picture stands still and then jumps.

    Read off the times of the frames, without decoding. Dropped frames and cut recordings look like this.
    """
    gap, at, limit = (
        packets.picture.longest_gap_s,
        packets.picture.longest_gap_at_s,
        policy.video.max_frame_gap,
    )
    if gap is not None and at is not None and gap > limit.value:
        yield Violation(
            f"no new frame for {rounded_up(gap, 2):g} s; at most {limit.value:g} s",
            measured=rounded_up(gap, 3),
            limit=limit,
            at=(at, at + gap),
        )
