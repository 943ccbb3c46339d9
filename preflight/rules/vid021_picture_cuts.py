from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.cuts import cuts_in
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
        "somebody leans forward": pictures({"likeness": 0.8}),
        "somebody leans aside, as a closer look shows": pictures({"likeness": 0.1}, looked=[{}, {}, {}]),
        "a quick movement": pictures(*[{"likeness": 0.96}] * 5, every_frame=True),
        "nothing to compare": pictures({"likeness": None}),
    },
    failing={
        "another scene": pictures({"likeness": 0.1}, looked=[{}, {"likeness": 0.1}, {}]),
        "another scene, every frame seen": pictures({"likeness": 0.1}, every_frame=True),
        "another scene between key frames, suspected": pictures({"likeness": 0.1}),
        "a little unlike, suspected": pictures({"likeness": 0.79}, every_frame=True),
        "a sudden jump, suspected": pictures({"likeness": 0.93}, every_frame=True),
    },
)
def picture_cuts(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """From one frame to the next the picture is another one: the recording was cut or joined.

    Compared are the patterns of light and dark, so that a change of the light alone is no cut. A small jump
    that stands alone is suspicious too; a movement takes several frames. At standard depth every frame is
    looked at only between key frames that are unlike each other: a cut that leaves them alike is not seen.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    cuts = cuts_in(picture, policy)
    if not cuts:
        return
    worst = min(cuts, key=lambda cut: (not cut.certain, cut.likeness))
    more = f", and in {len(cuts) - 1} more places" if len(cuts) > 1 else ""
    yield Violation(
        f"the picture changes to another one{more}",
        measured=rounded_up(worst.likeness, 3),
        limit=limits.likeness_certain if worst.certain else limits.likeness_suspected,
        at=worst.between,
        suspected=not worst.certain,
    )
