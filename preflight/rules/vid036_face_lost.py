from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts, FaceKind
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID036",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Keep hands, hair and things away from your face, and stay in the picture throughout.",
    prevents=(
        "hands_obstructing_face",
        "face_or_obstruction_detected",
    ),
    passing={
        "always there": faces(face()),
        "lost in one picture of ten": faces(face(), but={4: ()}),
        "turned away, which VID034 speaks of": faces(
            face(), but=dict.fromkeys((4, 5), (face(kind=FaceKind.PROFILE),))
        ),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "lost in two pictures of ten": faces(face(), but={4: (), 5: ()}),
        "gone at the end": faces(face(), but=dict.fromkeys(range(6, 10), ())),
        "a profile elsewhere, which is no help": faces(
            face(), but=dict.fromkeys((4, 5), (face(x=0.9, kind=FaceKind.PROFILE),))
        ),
    },
)
def face_lost(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """The face is found most of the time, and not for a while.

    A hand before the face looks like this, and so does leaving the picture, bending down, and anything else
    that the detector does not take for a face. A person has to look.
    """
    limit = policy.face.max_lost
    share = 100 * faces.share(faces.empty)
    if faces.empty and share > limit.value and 100 * faces.found >= policy.face.min_found.value:
        count, of = len(faces.empty), len(faces.frames)
        yield Violation(
            f"the face is lost in {count} of {of} pictures; please check",
            measured=rounded_up(share, 1),
            limit=limit,
            at=faces.longest(faces.empty),
        )
