from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.rules.frame_rate import measured_frame_rate, shown
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "VID003",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Set the camera to 30 frames per second, add light if it is dim, and record again.",
    prevents=("video_fps",),
    passing={"23 fps": packets(23), "30 fps": packets(30), "23.976 fps": packets(23.976)},
    failing={"20 fps": packets(20), "22.9 fps": packets(22.9)},
)
def frame_rate_too_low(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """The frame rate is below what the service was seen to refuse.

    The rate is measured from the times of the frames, not taken from the header: a webcam in dim light
    drops frames while its header still says 30. The service documents 25 and was seen to refuse with 23;
    this rule takes the lower number, VID004 warns between the two.
    """
    rate = measured_frame_rate(packets.picture)
    limit = policy.video.min_frame_rate
    if rate < limit.value - policy.video.frame_rate_tolerance.value:
        yield Violation(
            f"{shown(rate)} frames per second on average; at least {limit.value:g} are required",
            measured=rounded_down(rate, 3),
            limit=limit,
        )
