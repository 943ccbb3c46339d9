from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID031",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Move back until head, shoulders and upper chest are in the picture, about 1 m away.",
    prevents=("improper_distance",),
    passing={
        "half of the height": faces(face(0.5)),
        "just small enough": faces(face(0.799)),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "just too large": faces(face(0.801)),
        "nothing but face": faces(face(1.3)),
    },
)
def face_too_large(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """The face is large: the person is so near that the shoulders cannot be in the picture.

    The height of the head is estimated from the face.
    """
    head, limit = faces.head, policy.face.max_head
    if head is not None and 100 * head > limit.value:
        yield Violation(
            f"the head is about {rounded_up(100 * head, 0):g} % of the picture's shorter side; "
            f"at most {limit.value:g} % leaves room for the shoulders",
            measured=rounded_up(100 * head, 1),
            limit=limit,
        )
