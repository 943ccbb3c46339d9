from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID009",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export the recording as 8-bit H.264 with 4:2:0 chroma (pixel format yuv420p).",
    prevents=("video_codec", "video_processing_file"),
    mends=Mend.PIXEL_FORMAT,
    passing={
        "8-bit 4:2:0": media(video()),
        "the same in full range": media(video(pixel_format="yuvj420p")),
        "not declared": media(video(pixel_format=None)),
    },
    failing={
        "10-bit": media(video(pixel_format="yuv420p10le")),
        "4:2:2": media(video(pixel_format="yuv422p")),
    },
)
def pixel_format_doubtful(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is stored with more bits or more colour than H.264 players expect.

    Ten-bit and 4:2:2 recordings are H.264 too, and many decoders do not play them.
    """
    known = policy.video.pixel_formats
    for track in media.video[:1]:
        if track.pixel_format is not None and track.pixel_format not in known.value:
            yield Violation(
                f"the pixel format is {track.pixel_format}; usual is {', '.join(known.value)}",
                measured=track.pixel_format,
                limit=known,
            )
