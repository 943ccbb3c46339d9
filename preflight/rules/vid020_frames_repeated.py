from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role

_AROUND = 3  # frames to either side: one picture in three is the poorest rate that a recorder makes up for
_NEW = 0.05  # of the pixels: with less, nothing moves by which new and repeated frames could be told apart


def _repeated(every: int, *, of: int = 1) -> list[dict[str, Any]]:
    """Frames of which ``of`` in ``every`` are coded anew from the one before."""
    return [{"changed": 0.07} if at % every < of else {"changed": 0.54} for at in range(500)]


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
        "one in twenty is repeated": pictures(*_repeated(20), every_frame=True),
        "calm, with key frames that differ": pictures(
            *[{"changed": 0.5 if at % 10 == 0 else 0.001} for at in range(500)], usual=0, every_frame=True
        ),
        "frozen, which VID019 speaks of": pictures(*[{"changed": 0.0}] * 250, usual=0, every_frame=True),
    },
    failing={
        "every other frame is repeated": pictures(*_repeated(2), every_frame=True),
        "two of three are": pictures(*_repeated(3, of=2), every_frame=True),
    },
)
def frames_repeated(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """Many frames repeat the one before: fewer pictures a second than the frame rate says.

    A webcam in dim light delivers 15 pictures a second and the recorder writes each of them twice. What is
    judged is the usual second; a frame is taken for a repetition where far less changes than around it. They
    are only seen where every frame is looked at.
    """
    limit, share = policy.video.min_frame_rate, policy.picture.repeated.value / 100
    changes = [frame.changed or 0.0 for frame in picture.frames]
    seconds: dict[int, int] = defaultdict(int)
    for at, frame in enumerate(picture.frames):
        around = sorted(changes[max(0, at - _AROUND) : at + _AROUND + 1])[-2:][0]  # not a lone key frame
        seconds[int(frame.time_s)] += around < _NEW or changes[at] >= share * around
    usual = sorted(list(seconds.values())[1:-1])
    if usual and usual[len(usual) // 2] < limit.value:
        yield Violation(
            f"only {usual[len(usual) // 2]} different pictures a second; "
            f"at least {limit.value:g} are required",
            measured=usual[len(usual) // 2],
            limit=limit,
        )
