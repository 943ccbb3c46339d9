from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID027",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Put the camera on a tripod or on something firm, sit still, and record again.",
    prevents=("excessive_movement_detected",),
    passing={
        "a camera on a tripod": pictures(),
        "3 % of the width": pictures(*[{"shift": (0.03, 0.0)}] * 3),
        "seen once alone": pictures({"shift": (0.2, 0.0)}),
        "another scene, which VID021 speaks of": pictures({"likeness": 0.1}, *[{"shift": (0.2, 0.0)}] * 3),
        "cannot be told": pictures(*[{"shift": None}] * 3),
    },
    failing={
        "a panning camera": pictures(*[{"shift": (0.12, 0.0)}] * 3),
        "a nudge, suspected": pictures(*[{"shift": (0.0, -0.05)}] * 3),
    },
)
def camera_moving(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """The whole picture moves: the camera is held in the hand, or somebody bumped into it.

    How far the scene has moved since the start, by what most of the picture agrees on (phase correlation).
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    cut = limits.likeness_suspected if picture.every_frame else limits.likeness_certain
    if any(step is not None and step < cut.value for _, step in picture.steps()):
        return
    moved = [
        (100 * max(map(abs, frame.shift)), frame.time_s)
        for frame in picture.frames
        if frame.shift is not None
    ]
    far = sorted(moved, reverse=True)[1:2]  # the second farthest: one outlier says nothing
    for share, at in far:
        if share > limits.shift_suspected.value:
            certain = share > limits.shift_certain.value
            yield Violation(
                f"the picture moves by {rounded_up(share, 0):g} % of its size",
                measured=rounded_up(share, 1),
                limit=limits.shift_certain if certain else limits.shift_suspected,
                at=(min(at, moved[0][1]), at),
                suspected=not certain,
            )
