from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID005",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=MediaFacts,
    remedy="Set the camera to 1080p (1920 x 1080) and record again; enlarging a small video does not help.",
    prevents=("quality_issue_detected",),
    passing={
        "1080p": media(video()),
        "720p": media(video(1280, 720)),
        "a phone held upright": media(video(1080, 1920)),
    },
    failing={"480p": media(video(854, 480)), "718 lines": media(video(1280, 718))},
)
def resolution_too_low(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is smaller than the service takes.

    The shorter side is judged, as it is shown: after rotation and with the pixels' own aspect ratio.
    """
    track, limit = media.first_video, policy.video.min_short_side
    if track.short_side < limit.value:
        yield Violation(
            f"the picture is {track.width} x {track.height}; "
            f"its shorter side must have at least {limit.value} px",
            measured=track.short_side,
            limit=limit,
        )
