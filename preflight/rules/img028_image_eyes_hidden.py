from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.faces import FaceKind
from preflight.evidence.portrait import PortraitFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import portrait, sitter
from preflight.submission import Role


@rule(
    "IMG028",
    severity=Severity.WARNING,
    roles={Role.TRAINING_IMAGE},
    needs=PortraitFacts,
    estimate=True,
    remedy="Keep both eyes open and free of hair, hands and dark glasses, and face the camera.",
    prevents=("Phx4FaceObscuredError",),
    passing={
        "both eyes": portrait(sitter()),
        "nobody, which IMG020 speaks of": portrait(),
        "one eye outside the photo, which IMG025 speaks of": portrait(sitter(x=0.0, eyes=1)),
        "from the side, which IMG027 speaks of": portrait(sitter(eyes=0, kind=FaceKind.PROFILE)),
    },
    failing={
        "one eye": portrait(sitter(eyes=1)),
        "none": portrait(sitter(eyes=0)),
    },
)
def image_eyes_hidden(portrait: PortraitFacts, policy: Policy) -> Iterator[Violation]:
    """A face looks ahead, and not both of its eyes are found.

    Something covers them, they are closed, the head is turned, or the photo is blurred or too small. Of the
    one person tried both eyes were found in all of 160 varied photos, and none behind dark glasses that were
    drawn on; large ones hide the whole face, which IMG020 speaks of. Of clear glasses, and of narrow or dark
    eyes, nothing is known; so this is never more than a warning.
    """
    face = portrait.frontal
    if face is None or portrait.is_cut(policy.portrait.cut_suspected.value / 100):
        return
    if not portrait.is_sure:
        found = "one eye" if face.eyes else "no eye"
        yield Violation(f"{found} found in the face; please check", measured=face.eyes)
