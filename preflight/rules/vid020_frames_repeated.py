from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role

_LEAST_SHARE = 0.3  # of the frames of a second: with less, nothing moves, or the picture is frozen
_USUAL = 0.8  # of the frames of a second change less than what counts as usual in it
_NEW, _AGAIN = {"changed": 0.12}, {"changed": 0.004}


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
        "one in twenty is repeated": pictures(*([*[_NEW] * 19, _AGAIN] * 25), every_frame=True),
        "uneven movement": pictures(*[_NEW, {"changed": 0.04}] * 250, every_frame=True),
        "hardly any movement": pictures(*[{"changed": 0.002}, {"changed": 0.0}] * 250, every_frame=True),
        "frozen, which VID019 speaks of": pictures(*[{"changed": 0.0}] * 250, every_frame=True),
    },
    failing={
        "every other frame is repeated": pictures(*[_NEW, _AGAIN] * 250, every_frame=True),
        "two of three are repeated": pictures(*[_NEW, _AGAIN, _AGAIN] * 160, every_frame=True),
    },
)
def frames_repeated(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Many frames repeat the one before: fewer pictures a second than the frame rate says.

    A webcam in dim light delivers 15 pictures a second and the recorder writes each of them twice. A repeated
    frame is not quite the same once it is encoded: it is one that changes far less than usual in its second.
    Judged are the seconds in which something moves. Repeated frames are only seen where every frame is.
    """
    limits, limit = policy.picture, policy.video.min_frame_rate
    seconds: dict[int, list[float]] = defaultdict(list)
    for frame in picture.frames:
        if frame.changed is not None:
            seconds[int(frame.time_s)].append(100 * frame.changed)
    moving = []
    for changes in list(seconds.values())[:-1]:
        usual = sorted(changes)[int(_USUAL * len(changes))]
        new = sum(change > usual * limits.repeated.value / 100 for change in changes)
        if usual >= limits.least_change.value and new >= _LEAST_SHARE * len(changes):
            moving.append(new)
    typical = sorted(moving)[len(moving) // 2] if moving else limit.value
    if typical < limit.value:
        yield Violation(
            f"only {typical} different pictures a second; at least {limit.value:g} are required",
            measured=typical,
            limit=limit,
        )
