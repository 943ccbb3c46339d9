from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "VID017",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Set the camera to 30 frames per second, or send a copy with every other frame.",
    mends=Mend.HALVE_RATE,
    passing={"30 fps": packets(30), "47.9 fps": packets(47.9), "a single frame": packets(None, seconds=0.0)},
    failing={"60 fps": packets(60), "50 fps": packets(50)},
)
def frame_rate_high(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """The frame rate is twice what is asked for: a larger upload, and nothing is known to be gained."""
    rate, limit = packets.picture.mean_frame_rate, policy.video.high_frame_rate
    if rate is not None and rate > limit.value:
        yield Violation(
            f"{rounded_up(float(rate), 2):g} frames per second; 25 to 30 are enough",
            measured=rounded_up(float(rate), 3),
            limit=limit,
        )
