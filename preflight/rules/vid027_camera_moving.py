from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.cuts import cuts_in
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID027",
    severity=Severity.WARNING,
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
        "a nudge": pictures(*[{"shift": (0.0, -0.05)}] * 3),
    },
)
def camera_moving(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """The whole picture moves: the camera is held in the hand, somebody bumped into it, or slides about.

    How far the scene has moved since the start, by what most of the picture agrees on (phase correlation).
    Before a plain wall that is the person, and not the camera; neither is to move.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    if cuts_in(picture, policy):
        return
    moved = [
        (100 * max(map(abs, frame.shift)), frame.time_s)
        for frame in picture.frames
        if frame.shift is not None
    ]
    for share, at in sorted(moved, reverse=True)[1:2]:  # the second farthest: one outlier says nothing
        if share > limits.max_shift.value:
            yield Violation(
                f"the picture moves by {rounded_up(share, 0):g} % of its size",
                measured=rounded_up(share, 1),
                limit=limits.max_shift,
                at=(min(at, moved[0][1]), at),
            )
