from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_down


@rule(
    "VID030",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Come nearer until head, shoulders and upper chest fill the picture, about 1 m away.",
    prevents=(
        "improper_distance",
        "video_processing_face",
    ),
    passing={
        "half of the height": faces(face(0.5)),
        "just a quarter": faces(face(0.251)),
        "a quarter of the width of an upright picture": faces(face(0.15), upright=True),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "just less than a quarter": faces(face(0.249)),
        "far away": faces(face(0.18)),
        "far away in an upright picture": faces(face(0.14), upright=True),
    },
)
def face_too_small(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """The face is small: the person is far from the camera.

    The service asks for a quarter of the frame and does not say how it measures. The height of the head,
    estimated from the face, is compared with the shorter side of the picture, which is the kindest reading.
    """
    head, limit = faces.head, policy.face.min_head
    if head is not None and 100 * head < limit.value:
        yield Violation(
            f"the head is about {rounded_down(100 * head, 0):g} % of the picture's shorter side; "
            f"at least {limit.value:g} % is asked for",
            measured=rounded_down(100 * head, 1),
            limit=limit,
        )
