from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID019",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Close other programs and record again in one take, with the device's own camera app.",
    prevents=("video_editing_detected", "quality_issue_detected"),
    passing={
        "a scene": pictures(every_frame=True),
        "unchanged for four seconds": pictures(*[{"held": 1}] * 99, every_frame=True),
        "hardly anything changes from frame to frame": pictures(*[{"changed": 0.0}] * 250, every_frame=True),
        "black, which VID018 speaks of": pictures(*[{"held": 1, "dark": 1.0}] * 250, every_frame=True),
        "two key frames alike": pictures({"held": 1}),
    },
    failing={
        "unchanged for ten seconds": pictures(*[{"held": 1}] * 250, every_frame=True),
        "unchanged for five seconds, suspected": pictures(*[{"held": 1}] * 125, every_frame=True),
        "four key frames alike, suspected": pictures(*[{"held": 1}] * 3),
    },
)
def picture_frozen(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """For a while the picture stands still: one frame after the other is the same.

    A frame is compared with the first of its stretch, so that the small movements of a person who sits still
    add up and the coarseness of an encoder, which codes a picture anew now and then, does not. Certain only
    where every frame was looked at; key frames that are alike, three or more in a row, are suspicious.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    still = [frame.held > 0 and 100 * frame.dark < limits.black.value for frame in picture.frames]
    found = [(end - start, start, end) for start, end in picture.stretches(still)]
    seconds, start, end = max(found, default=(0.0, 0.0, 0.0))
    alike = sum(start <= frame.time_s < end for frame in picture.frames)
    if seconds > limits.frozen_suspected.value and alike >= 2:
        certain = picture.every_frame and seconds > limits.frozen_certain.value
        yield Violation(
            f"the picture does not change for {rounded_up(seconds, 1):g} s",
            measured=rounded_up(seconds, 2),
            limit=limits.frozen_certain if certain else limits.frozen_suspected,
            at=(start, end),
            suspected=not certain,
        )
