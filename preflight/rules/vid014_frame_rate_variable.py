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
    "VID014",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Record again with more light, no other programs running, and a camera app, not a browser.",
    prevents=("video_fps", "quality_issue_detected"),
    mends=Mend.CONSTANT_RATE,
    passing={
        "even": packets(30),
        "3.3 s of 66 s uneven": packets(30, uneven=3.3),
        "a single frame": packets(None, seconds=0.0),
    },
    failing={"3.4 s of 66 s uneven": packets(30, uneven=3.4), "half of it uneven": packets(30, uneven=33.0)},
)
def frame_rate_variable(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """Frames do not come evenly: the recorder dropped some of them, or changed its rate.

    Measured from the times of the frames: the share of the time in which the interval from one frame to the
    next is more than a quarter off the usual one. Gaps of over half a second are VID012's. The service reads
    one number for the rate, and which one is unknown.
    """
    picture, limit = packets.picture, policy.video.max_uneven
    share = 100 * picture.uneven_s / picture.span_s if picture.span_s > 0 else 0.0
    if share > limit.value:
        yield Violation(
            f"frames come unevenly for {rounded_up(share, 1):g} % of the time; "
            f"at most {limit.value:g} % is usual",
            measured=rounded_up(share, 2),
            limit=limit,
            at=picture.uneven_at_s,
        )
