from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID015",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export with square pixels (sample aspect ratio 1:1).",
    prevents=("improper_distance",),
    mends=Mend.SQUARE_PIXELS,
    passing={
        "square": media(video(sample_aspect_ratio=Fraction(1))),
        "not said, which means square": media(video()),
        "square but for a rounding": media(video(sample_aspect_ratio=Fraction(4000, 4001))),
    },
    failing={"1440 x 1080 shown as 1920 x 1080": media(video(1440, sample_aspect_ratio=Fraction(4, 3)))},
)
def pixels_not_square(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is stored squeezed and stretched when it is shown.

    A program that does not stretch it sees a face that is too narrow or too wide.
    """
    track = media.first_video
    if not track.has_square_pixels:
        yield Violation(
            f"is stored as {track.coded_width} x {track.coded_height} pixels and shown as "
            f"{track.width} x {track.height}",
            measured=str(track.sample_aspect_ratio),
        )
