from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.evidence.picture import PictureFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import pictures
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "VID022",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=PictureFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Turn off automatic exposure, draw the curtains, keep lamps as they are, and record again.",
    prevents=("lighting_change_detected",),
    passing={
        "the same light": pictures(),
        "a little brighter": pictures(*[{"gain": 1.15}] * 5),
        "a single key frame": pictures({"gain": 1.5}),
        "a camera that settles": pictures(
            *[{"gain": 1.0}] * 9, *[{"gain": 1.5}] * 600, usual=0, every_frame=True
        ),
        "another scene, which VID021 speaks of": pictures({"gain": None}),
    },
    failing={
        "a lamp is turned on": pictures(*[{"gain": 1.5}] * 5),
        "a lamp is turned on, every frame seen": pictures(
            *[{"gain": 1.5}] * 100, usual=200, every_frame=True
        ),
        "a cloud, suspected": pictures(*[{"gain": 0.85}] * 5),
        "it grows lighter, suspected": pictures(*[{"gain": 1 + at / 100} for at in range(20)]),
    },
)
def lighting_changes(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """The light on the scene changes during the recording.

    The brightness of each part of the picture beside the same part at the start; what most parts agree on
    counts, so that a person who moves changes nothing. Moments are passed over: the median of three key
    frames counts, or of two seconds, so that a camera that takes a moment to settle is fine.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    lit = [(frame.gain, frame.time_s) for frame in picture.frames if frame.gain]
    lasting = list(_lasting(lit, _AROUND_S if picture.every_frame else None))
    if not lasting:
        return
    (darkest, dark_at), (brightest, bright_at) = min(lasting), max(lasting)
    ratio = brightest / darkest
    if ratio > limits.gain_suspected.value:
        certain = ratio > limits.gain_certain.value
        yield Violation(
            f"the light changes by {rounded_up(100 * (ratio - 1), 0):g} %",
            measured=rounded_up(ratio, 3),
            limit=limits.gain_certain if certain else limits.gain_suspected,
            at=(min(dark_at, bright_at), max(dark_at, bright_at)),
            suspected=not certain,
        )


_AROUND_S = 1.0
_EVERY = 5  # frames: often enough to see what lasts
_MOST_AROUND = 300  # frames


def _lasting(lit: Sequence[tuple[float, float]], around_s: float | None) -> Iterator[tuple[float, float]]:
    """The median brightness around each time; of three neighbours where no time is given."""
    for at in range(0, len(lit), _EVERY if around_s else 1):
        time = lit[at][1]
        if around_s is None:
            near = lit[max(0, min(at - 1, len(lit) - 3)) :][:3]
        else:
            span = lit[max(0, at - _MOST_AROUND) : at + _MOST_AROUND]
            near = [one for one in span if abs(one[1] - time) <= around_s]
        gains = sorted(gain for gain, _ in near)
        yield gains[len(gains) // 2], time
