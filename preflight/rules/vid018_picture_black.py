from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID018",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Check the camera and its cover, and record again in one take.",
    prevents=("poor_lighting", "quality_issue_detected"),
    passing={"a scene": pictures(), "a dark scene": pictures({"dark": 0.97})},
    failing={
        "black for two seconds": pictures(*[{"dark": 1.0}] * 50, every_frame=True),
        "two black key frames": pictures({"dark": 0.98}, {"dark": 1.0}),
        "one black key frame, suspected": pictures({"dark": 1.0}),
        "black for half a second, suspected": pictures(*[{"dark": 1.0}] * 12, every_frame=True),
    },
)
def picture_black(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """For a while the picture is black.

    Certain from a second on, seen in at least two frames. At standard depth only key frames are seen, and one
    that is black says little about the time around it.
    """
    picture.require_close(policy.picture.max_key_gap.value)
    black, limit = policy.picture.black, policy.picture.max_black
    found = list(picture.stretches([100 * frame.dark >= black.value for frame in picture.frames]))
    if not found:
        return
    count = sum(100 * frame.dark >= black.value for frame in picture.frames)
    seconds = sum(end - start for start, end in found)
    longest = max(found, key=lambda stretch: stretch[1] - stretch[0])
    yield Violation(
        f"the picture is black for about {rounded_up(seconds, 1):g} s",
        measured=rounded_up(seconds, 2),
        limit=limit,
        at=longest,
        suspected=count < 2 or seconds <= limit.value,
    )
