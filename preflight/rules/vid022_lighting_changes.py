from __future__ import annotations

from collections.abc import Iterator

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
        "a little brighter": pictures({"gain": 1.15}),
        "another scene, which VID021 speaks of": pictures({"gain": None}),
    },
    failing={
        "a lamp is turned on": pictures({"gain": 1.5}),
        "a cloud, suspected": pictures({"gain": 0.85}),
        "it grows lighter, suspected": pictures({"gain": 1.1}, {"gain": 1.16}),
    },
)
def lighting_changes(picture: PictureFacts, policy: Policy) -> Iterator[Violation]:
    """The light on the scene changes during the recording.

    The brightness of each part of the picture beside the same part at the start; what most parts agree on
    counts, so that a person who moves changes nothing.
    """
    limits = policy.picture
    picture.require_close(limits.max_key_gap.value)
    lit = [(frame.gain, frame.time_s) for frame in picture.frames if frame.gain]
    if not lit:
        return
    (darkest, dark_at), (brightest, bright_at) = min(lit), max(lit)
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
