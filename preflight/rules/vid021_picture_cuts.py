from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID021",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Record again in one take, without cutting anything out and without changing the camera.",
    prevents=("video_editing_detected",),
    passing={
        "one scene": pictures(),
        "somebody leans aside between two key frames": pictures({"likeness": 0.5}),
        "a quick movement": pictures(*[{"likeness": 0.96}] * 5, every_frame=True),
        "nothing to compare": pictures({"likeness": None}),
    },
    failing={
        "another scene, suspected where key frames alone are seen": pictures({"likeness": 0.1}),
        "another scene": pictures({"likeness": 0.1}, every_frame=True),
        "a little unlike, suspected": pictures({"likeness": 0.79}, every_frame=True),
        "a sudden jump, suspected": pictures({"likeness": 0.93}, every_frame=True),
    },
)
def picture_cuts(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """From one frame to the next the picture is another one: the recording was cut or joined.

    Compared are the patterns of light and dark, so that a change of the light alone is no cut. Where every
    frame is looked at, a small jump that stands alone is suspicious too; a movement takes several frames. At
    standard depth frames some seconds apart are compared, between which a person may lean aside and a camera
    pan: only what is quite another picture is suspicious then, and nothing is certain.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    unlike = [(likeness, at) for at, likeness in picture.steps() if likeness is not None]
    least = limits.likeness_suspected if picture.every_frame else limits.likeness_certain
    cuts = [pair for pair in unlike if pair[0] < least.value]
    if not cuts and picture.every_frame:
        cuts = [pair for pair in unlike if pair[0] < limits.likeness_jump.value and picture.is_alone(pair[1])]
    if not cuts:
        return
    likeness, at = min(cuts)
    certain = picture.every_frame and likeness < limits.likeness_certain.value
    more = f" and in {len(cuts) - 1} more places" if len(cuts) > 1 else ""
    yield Violation(
        f"the picture changes to another one{more}",
        measured=rounded_up(likeness, 3),
        limit=limits.likeness_certain if certain else least,
        at=picture.between(at),
        suspected=not certain,
    )
