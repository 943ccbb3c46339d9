from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "VID013",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_VIDEO},
    needs=PacketFacts,
    remedy="Record at least as long as is advised.",
    prevents=("video_duration",),
    passing={
        "66 s": packets(30),
        "exactly the advised length": packets(30, seconds=63.0),
        "20 s, an error": packets(30, seconds=20.0),
    },
    failing={"exactly the minimum": packets(30, seconds=60.0), "62.9 s": packets(30, seconds=62.9)},
)
def training_video_barely_long_enough(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """The training video is hardly longer than the minimum, or shorter than the model's pages advise.

    A service that counts whole seconds, or cuts to key frames, may find less.
    """
    least, advised = policy.video.min_duration, policy.video.advised_duration
    length = packets.picture_s
    if least.value <= length < advised.value:
        yield Violation(
            f"lasts {rounded_down(length, 1):g} s; at least {advised.value:g} s are advised",
            measured=rounded_down(length, 3),
            limit=advised,
        )
