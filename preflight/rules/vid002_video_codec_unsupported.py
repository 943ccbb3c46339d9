from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID002",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export with the H.264 codec (on an iPhone: Settings, Camera, Formats, Most Compatible).",
    prevents=("video_codec", "video_codec_and_format"),
    mends=Mend.TRANSCODE_VIDEO,
    passing={"H.264": media(video(codec="h264"))},
    failing={"HEVC": media(video(codec="hevc")), "VP9": media(video(codec="vp9"))},
)
def video_codec_unsupported(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is in a codec that the service does not decode."""
    codec, limit = media.first_video.codec, policy.video.codecs
    if codec not in limit.value:
        yield Violation(
            f"the video codec is {codec}; {', '.join(limit.value)} is required", measured=codec, limit=limit
        )
