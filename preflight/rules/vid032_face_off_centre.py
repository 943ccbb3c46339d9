from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID032",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Sit in the middle of the picture, or turn the camera until you do.",
    prevents=("excessive_movement_detected",),
    passing={
        "in the middle": faces(face()),
        "a little aside": faces(face(x=0.36)),
        "high up": faces(face(0.3, y=0.2)),
        "aside because the head moves about, which VID035 speaks of": faces(
            face(x=0.3), but={n: (face(x=0.7),) for n in range(4)}
        ),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "just too far left": faces(face(x=0.349)),
        "at the right edge": faces(face(x=0.85)),
    },
)
def face_off_centre(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """The face is beside the middle of the picture, left or right.

    The service asks for sitting still and centred, in one sentence. How high the face is in the picture is
    not judged: in a good one it is above the middle.
    """
    offset, travel, limit = faces.centre_offset, faces.travel, policy.face.max_offset
    if offset is None or travel is None or 100 * travel > policy.face.max_travel.value:
        return
    if 100 * offset > limit.value:
        yield Violation(
            f"the face is {rounded_up(100 * offset, 0):g} % of the width beside the middle; "
            f"at most {limit.value:g} % is fine",
            measured=rounded_up(100 * offset, 1),
            limit=limit,
        )
