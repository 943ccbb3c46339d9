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
    "VID004",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Set the camera to 30 frames per second and record again, to be safe.",
    prevents=("video_fps",),
    passing={
        "25 fps": packets(25),
        "24.98 fps, a drifting clock": packets(24.98),
        "20 fps, an error": packets(20),
    },
    failing={"24 fps": packets(24), "23.976 fps": packets(23.976), "23 fps": packets(23)},
)
def frame_rate_doubtful(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """The frame rate lies between the documented minimum and the one the service was seen to refuse.

    The documentation asks for at least 25 frames per second; a refusal seen in mid-2026 asked for 23.
    Film cameras record 23.976 or 24.
    """
    rate = measured_frame_rate(packets.picture)
    limits = policy.video
    tolerance = limits.frame_rate_tolerance.value
    if limits.min_frame_rate.value - tolerance <= rate < limits.documented_frame_rate.value - tolerance:
        yield Violation(
            f"{shown(rate)} frames per second on average; "
            f"{limits.documented_frame_rate.value:g} are documented",
            measured=rounded_down(rate, 3),
            limit=limits.documented_frame_rate,
        )
