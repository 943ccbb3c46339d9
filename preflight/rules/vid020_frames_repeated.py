from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role

_LEAST_SHARE = 0.3  # of the frames of a second: with less, nothing moves, or the picture is frozen
_OUTDONE = 4  # times: what encoders add to a repeated frame, beside what moves in a new one
_AROUND = 3  # frames before and after
_NEW = 5.0  # % of the pixels: with less, nothing moves by which new and repeated frames could be told apart
_REPEATED = {
    every: [{"changed": 0.0 if at % every == repeated else 0.15} for at in range(500)]
    for every, repeated in ((2, 1), (20, 0))
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
        "one in twenty is repeated": pictures(*_REPEATED[20], usual=0, every_frame=True),
        "frozen, which VID019 speaks of": pictures(*[{"changed": 0.0}] * 250, every_frame=True),
        "calm, with key frames that differ": pictures(
            *[{"changed": 0.12 if at % 10 == 0 else 0.001} for at in range(500)], usual=0, every_frame=True
        ),
    },
    failing={
        "every other frame is repeated": pictures(*_REPEATED[2], usual=0, every_frame=True),
        "repeated, and refined by the encoder": pictures(
            *[{"changed": 0.01 if at % 2 else 0.15} for at in range(500)], usual=0, every_frame=True
        ),
    },
)
def frames_repeated(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Many frames repeat the one before: fewer pictures a second than the frame rate says.

    A webcam in dim light delivers 15 pictures a second and the recorder writes each of them twice. What is
    judged is the usual second in which something moves; repeated frames are only seen where every frame is.
    A frame repeats the one before if far less changes in it than in some of its neighbours: encoders change
    repeated frames a little, and in a calm scene they leave all frames nearly as they are.
    """
    limits, limit = policy.picture, policy.video.min_frame_rate
    changed = [100 * (frame.changed or 0.0) for frame in picture.frames]
    seconds: dict[int, list[int]] = defaultdict(list)
    for at, frame in enumerate(picture.frames):
        if frame.changed is not None:
            seconds[int(frame.time_s)].append(at)
    still = limits.unchanged.value
    moving = sorted(
        sum(not _repeated(changed, at) for at in second)
        for second in list(seconds.values())[:-1]
        if sum(changed[at] > still for at in second) >= _LEAST_SHARE * len(second)
    )
    if moving and moving[len(moving) // 2] < limit.value:
        yield Violation(
            f"only {moving[len(moving) // 2]} different pictures a second; "
            f"at least {limit.value:g} are required",
            measured=moving[len(moving) // 2],
            limit=limit,
        )


def _repeated(changed: Sequence[float], at: int) -> bool:
    """Whether two frames nearby, which a single key frame is not, change much more than this one."""
    nearby = sorted(changed[max(0, at - _AROUND) : at + _AROUND + 1])
    return len(nearby) > 1 and nearby[-2] > max(_NEW, _OUTDONE * changed[at])
