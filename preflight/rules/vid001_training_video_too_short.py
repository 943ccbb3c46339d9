from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import media, video
from preflight.submission import Role
from preflight.text import rounded_down


@rule(
    "VID001",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=MediaFacts,
    remedy="Record again in one take: half a minute speaking, half a minute still, and some seconds more.",
    prevents=("video_duration",),
    passing={"exactly 60 s": media(video(), duration=60.0), "75.2 s": media(video(), duration=75.2)},
    failing={"59.9996 s": media(video(), duration=59.9996), "0 s": media(video(), duration=0.0)},
)
def training_video_too_short(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The training video is shorter than the model needs.

    Training fails late, after the upload and the queue, so it is worth refusing here. The length judged is
    the one the header declares; MED005 compares it with what is there.
    """
    duration = known(media.duration_s, "duration")
    limit = policy.video.min_duration
    if duration < limit.value:
        yield Violation(
            f"lasts {rounded_down(duration, 3):g} s; at least {limit.value:g} s is required",
            measured=rounded_down(duration, 3),
            limit=limit,
        )
