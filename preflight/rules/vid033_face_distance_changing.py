from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID033",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Stay at one distance from the camera from beginning to end.",
    prevents=("inconsistent_distance",),
    passing={
        "always the same": faces(face()),
        "leaning forward a little": faces(face(0.5), but={4: (face(0.6),)}),
        "just steady enough": faces(face(0.5), but={4: (face(0.674),)}),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "just too much": faces(face(0.5), but={4: (face(0.676),)}),
        "coming nearer all the time": faces(but={n: (face(0.3 + 0.04 * n),) for n in range(10)}),
    },
)
def face_distance_changing(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """The size of the face changes: the person comes nearer or moves away.

    Compared are the largest and the smallest face of the pictures that show one face. The box that the
    detector draws is a little larger or smaller from picture to picture even when nothing moves, and
    the limit leaves room for that.
    """
    change, limit = faces.size_change, policy.face.max_size_change
    if change is not None and 100 * change > limit.value:
        yield Violation(
            f"the face is {rounded_up(100 * change, 0):g} % larger in one picture than in another; "
            f"at most {limit.value:g} % is fine",
            measured=rounded_up(100 * change, 1),
            limit=limit,
        )
