from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import face, faces
from preflight.submission import Depth, Role
from preflight.text import rounded_down


@rule(
    "VID037",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=FaceFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Face the light, a window or two lamps, so that both sides of your face are bright.",
    prevents=("poor_lighting",),
    passing={
        "evenly": faces(face()),
        "just evenly enough": faces(face(light=(120.0, 66.1))),
        "nobody, which VID028 speaks of": faces(),
    },
    failing={
        "just too dark on the right": faces(face(light=(120.0, 65.9))),
        "the left in the dark": faces(face(light=(30.0, 140.0))),
    },
)
def face_lit_unevenly(faces: FaceFacts, policy: Policy) -> Iterator[Violation]:
    """One side of the face is much darker than the other.

    Compared is the mean brightness of the two halves of the face as the picture stores it, not light as a
    meter measures it. Hair and a beard can make a difference too; one person was tried, evenly lit.
    """
    ratio, limit = faces.light_ratio, policy.face.min_light_ratio
    if ratio is not None and 100 * ratio < limit.value:
        yield Violation(
            f"the darker half of the face is {rounded_down(100 * ratio, 0):g} % as bright as the other; "
            f"at least {limit.value:g} % is fine",
            measured=rounded_down(100 * ratio, 1),
            limit=limit,
        )
