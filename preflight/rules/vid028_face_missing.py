from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts, FaceKind
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_down


@rule(
    "VID028",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Sit facing the camera in good light, nearer to it, with nothing before your face.",
    prevents=(
        "video_processing_face",
        "face_or_obstruction_detected",
    ),
    passing={
        "one face": faces(face()),
        "found in half of the pictures": faces(face(), but=dict.fromkeys(range(5), ())),
        "from the side throughout, which VID034 speaks of": faces(face(kind=FaceKind.PROFILE)),
    },
    failing={
        "nobody": faces(),
        "found in four pictures of ten": faces(face(), but=dict.fromkeys(range(6), ())),
    },
)
def face_missing(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """In most of the pictures looked at, no face is found.

    Nobody is there, or the face is very small, covered, in the dark, upside down. Or somebody is there and
    the detector does not see them, which it says nothing about: it is an estimate, and a person has to look.
    """
    limit = policy.face.min_found
    if 100 * faces.found < limit.value:
        count, of = len(faces.empty), len(faces.frames)
        yield Violation(
            f"no face found in {count} of {of} pictures; please check",
            measured=rounded_down(100 * faces.found, 1),
            limit=limit,
        )
