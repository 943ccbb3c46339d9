from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "VID001",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PacketFacts,
    remedy="Record again in one take: first speaking, then still, and some seconds longer than is required.",
    prevents=("video_duration",),
    passing={"exactly 60 s": packets(30, seconds=60.0), "75.2 s": packets(30, seconds=75.2)},
    failing={
        "59.9996 s": packets(30, seconds=59.9996),
        "0 s": packets(None, seconds=0.0),
        "20 s of picture in a file that declares 66 s": packets(30, seconds=20.0, declared=66.0),
        "66 s of picture in a file that declares 20 s": packets(30, declared=20.0),
    },
)
def training_video_too_short(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """The training video is shorter than the model needs.

    Training fails late, after the upload and the queue, so it is worth refusing here. What counts is how long
    there is a picture, by the times of its frames, and no longer than the header declares: a header may
    promise a minute around a picture of 20 s.
    """
    duration = packets.picture_s
    limit = policy.video.min_duration
    if duration < limit.value:
        yield Violation(
            f"lasts {rounded_down(duration, 3):g} s; at least {limit.value:g} s is required",
            measured=rounded_down(duration, 3),
            limit=limit,
        )
