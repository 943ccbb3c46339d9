from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID006",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO},
    needs=MediaFacts,
    remedy="Set the camera to 1080p (1920 x 1080) and record again, to be safe.",
    prevents=("quality_issue_detected",),
    passing={"1080p": media(video()), "480p, an error": media(video(854, 480))},
    failing={"720p": media(video(1280, 720)), "1078 lines": media(video(1920, 1078))},
)
def resolution_below_documented(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is smaller than documented, though large enough not to be refused for certain.

    1080p is the documented minimum since early 2026; it was 720p before, and only "under 720p" is named as
    the cause of an error.
    """
    track, limits = media.first_video, policy.video
    if limits.min_short_side.value <= track.short_side < limits.documented_short_side.value:
        yield Violation(
            f"the picture is {track.width} x {track.height}; "
            f"a shorter side of {limits.documented_short_side.value} px is documented",
            measured=track.short_side,
            limit=limits.documented_short_side,
        )
