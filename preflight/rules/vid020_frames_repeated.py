from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role

_LEAST_SHARE = 0.3  # of the frames of a second: with less, nothing moves, or the picture is frozen
_REPEATED = {every: [{"changed": 0.0} if at % every else {} for at in range(500)] for every in (2,)} | {
    20: [{"changed": 0.0} if at % 20 == 0 else {} for at in range(500)]
}


@rule(
    "VID020",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.DEEP,
    remedy="Set camera and recorder to the same rate, 30 frames per second, and add light if it is dim.",
    prevents=("video_fps", "quality_issue_detected"),
    passing={
        "every frame differs": pictures(usual=500, every_frame=True),
        "one in twenty is repeated": pictures(*_REPEATED[20], every_frame=True),
        "frozen, which VID019 speaks of": pictures(*[{"changed": 0.0}] * 250, every_frame=True),
    },
    failing={"every other frame is repeated": pictures(*_REPEATED[2], every_frame=True)},
)
def frames_repeated(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Many frames repeat the one before: fewer pictures a second than the frame rate says.

    A webcam in dim light delivers 15 pictures a second and the recorder writes each of them twice. What is
    judged is the usual second in which something moves; repeated frames are only seen where every frame is.
    """
    limits, limit = policy.picture, policy.video.min_frame_rate
    seconds: dict[int, list[bool]] = defaultdict(list)
    for frame in picture.frames:
        if frame.changed is not None:
            seconds[int(frame.time_s)].append(100 * frame.changed > limits.unchanged.value)
    moving = sorted(sum(new) for new in list(seconds.values())[:-1] if sum(new) >= _LEAST_SHARE * len(new))
    if moving and moving[len(moving) // 2] < limit.value:
        yield Violation(
            f"only {moving[len(moving) // 2]} different pictures a second; "
            f"at least {limit.value:g} are required",
            measured=moving[len(moving) // 2],
            limit=limit,
        )
