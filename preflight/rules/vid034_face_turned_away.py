from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts, FaceKind
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID034",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Look straight into the camera from beginning to end.",
    prevents=("face_turned_away",),
    passing={
        "looking ahead": faces(face()),
        "a glance aside": faces(face(), but={4: (face(kind=FaceKind.PROFILE),)}),
        "nobody, which VID028 speaks of": faces(),
        "not seen for a while, which VID036 speaks of": faces(face(), but={4: (), 5: ()}),
        "a profile elsewhere, which is taken for a pattern": faces(
            face(), but=dict.fromkeys((4, 5), (face(x=0.9, kind=FaceKind.PROFILE),))
        ),
    },
    failing={
        "looking aside for a while": faces(face(), but=dict.fromkeys((4, 5), (face(kind=FaceKind.PROFILE),))),
        "from the side throughout": faces(face(kind=FaceKind.PROFILE)),
    },
)
def face_turned_away(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """For a while the face is seen from the side.

    Seen is a profile where the face usually is, and no face that looks ahead. A head turned by less than
    about half a right angle still counts as looking ahead. A face half covered may look like a profile.
    """
    limit = policy.face.max_turned
    share = 100 * faces.share(faces.turned)
    if share > limit.value and 100 * faces.found >= policy.face.min_found.value:
        count, of = len(faces.turned), len(faces.frames)
        yield Violation(
            f"the face seems turned away or half covered in {count} of {of} pictures; please check",
            measured=rounded_up(share, 1),
            limit=limit,
            at=faces.longest(faces.turned),
        )
