from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID035",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Sit still, with your back against the chair, and put the camera on something firm.",
    prevents=("excessive_movement_detected",),
    passing={
        "still": faces(face()),
        "swaying a little": faces(face(), but={n: (face(x=0.52),) for n in (1, 4, 8)}),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "just too far": faces(face(), but={5: (face(x=0.5 + 0.601 * 0.25 * 9 / 16),)}),
        "from one side to the other": faces(but={n: (face(x=0.4 + 0.02 * n),) for n in range(10)}),
        "up and down": faces(face(), but={3: (face(y=0.6),)}),
    },
)
def head_moving(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """The face is in one place in one picture and elsewhere in another.

    Measured is the largest distance between two places of the middle of the face, in widths of the face, so
    that it is the same movement near and far. A camera that moves looks the same as a head that does.
    Movements between the pictures looked at, some seconds apart, are not seen.
    """
    travel, limit = faces.travel, policy.face.max_travel
    if travel is not None and 100 * travel > limit.value:
        yield Violation(
            f"the face moves by {rounded_up(100 * travel, 0):g} % of its own width; "
            f"at most {limit.value:g} % is fine",
            measured=rounded_up(100 * travel, 1),
            limit=limit,
        )
