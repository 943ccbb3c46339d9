from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID011",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Set the camera to a progressive mode, such as 1080p30, and record again; or deinterlace it.",
    prevents=("quality_issue_detected",),
    mends=Mend.DEINTERLACE,
    passing={"progressive": media(video()), "not declared": media(video(field_order=None))},
    failing={
        "top field first": media(video(field_order="tt")),
        "bottom field first": media(video(field_order="bb")),
    },
)
def video_interlaced(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is interlaced.

    Each frame holds two moments; what moves, such as a mouth, looks combed.
    """
    for track in media.video[:1]:
        if track.field_order in ("tt", "bb", "tb", "bt"):
            yield Violation("is interlaced video", measured=track.field_order)
