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
        "unchanged for two seconds": pictures(*[{"moved": 0.0}] * 24, every_frame=True),
        "hardly anything moves": pictures(*[{"moved": 0.0006}] * 250, every_frame=True),
        "black, which VID018 speaks of": pictures(*[{"moved": 0.0, "dark": 1.0}] * 250, every_frame=True),
        "two key frames alike": pictures({"moved": 0.0}),
    },
    failing={
        "unchanged for six seconds": pictures(*[{"moved": 0.0}] * 150, every_frame=True),
        "unchanged for three seconds, suspected": pictures(*[{"moved": 0.0004}] * 50, every_frame=True),
        "four key frames alike, suspected": pictures(*[{"moved": 0.0}] * 3),
    },
)
def picture_frozen(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """For a while the picture stands still: after a second it is the same.

    A person never holds quite still, and a blink is enough to be seen. Certain only where every frame was
    looked at; key frames that are alike, three or more in a row, are suspicious.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    still = [
        frame.moved is not None
        and 100 * frame.moved <= limits.unchanged.value
        and 100 * frame.dark < limits.black.value
        for frame in picture.frames
    ]
    found = [(end - start, start, end) for start, end in picture.stretches(still)]
    seconds, start, end = max(found, default=(0.0, 0.0, 0.0))
    alike = sum(start <= frame.time_s < end for frame in picture.frames)
    if picture.every_frame and alike:  # the first of them is as the picture was a second before
        seconds, start = seconds + 1.0, start - 1.0
    if seconds > limits.frozen_suspected.value and alike >= 2:
        certain = picture.every_frame and seconds > limits.frozen_certain.value
        yield Violation(
            f"the picture does not move for {rounded_up(seconds, 1):g} s",
            measured=rounded_up(seconds, 2),
            limit=limits.frozen_certain if certain else limits.frozen_suspected,
            at=(start, end),
            suspected=not certain,
        )
