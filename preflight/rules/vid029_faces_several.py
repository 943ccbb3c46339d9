from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID029",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Record alone, without people, posters, pictures or screens with faces behind you.",
    prevents=(
        "second_person_detected",
        "face_or_obstruction_detected",
    ),
    passing={
        "one face": faces(face()),
        "nobody": faces(),
    },
    failing={
        "two people": faces(face(x=0.3), face(x=0.7)),
        "somebody looks in for a moment": faces(face(), but={6: (face(), face(0.2, x=0.9))}),
    },
)
def faces_several(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """More than one face is in the picture.

    A picture on the wall counts as well; of training images the service says so. A second face has to show
    eyes before it is believed, since patterns are sometimes taken for faces and rarely have them.
    """
    limit = policy.face.max_several
    share = 100 * faces.share(faces.several)
    if faces.several and share > limit.value:
        count, of = len(faces.several), len(faces.frames)
        yield Violation(
            f"more than one face found in {count} of {of} pictures; please check",
            measured=rounded_up(share, 1),
            limit=limit,
            at=faces.longest(faces.several),
        )
