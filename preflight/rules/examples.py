"""Evidence for the examples of rules: one fact set, the rest as in a good recording."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from preflight.evidence.file import Container, FileFacts
from preflight.evidence.image import ImageFacts
from preflight.evidence.media import AudioTrack, DecodeFacts, MediaFacts, PacketFacts, Timeline, VideoTrack
from preflight.evidence.sound import SpeechFacts

__all__ = ["decoded", "file", "image", "media", "packets", "sound", "speech", "video"]

MB = 1_000_000


def file(
    container: Container = Container.MP4,
    *,
    kind: str = "an MP4 file",
    size: int = 40 * MB,
    name: str = "clip.mp4",
    index_first: bool | None = True,
) -> FileFacts:
    identity = (0, 0, size, 0)
    return FileFacts(Path("/") / name, size, container, kind, None, None, identity, index_first)


def video(
    width: int = 1920, height: int = 1080, *, codec: str = "h264", rotation: int = 0, **facts: Any
) -> VideoTrack:
    good = {"pixel_format": "yuv420p", "transfer": "bt709", "field_order": "progressive"}
    return VideoTrack(0, codec, coded_width=width, coded_height=height, rotation=rotation, **(good | facts))


def sound(codec: str = "aac") -> AudioTrack:
    return AudioTrack(1, codec, sample_rate=48_000, channels=1)


def media(
    *tracks: VideoTrack, audio: tuple[AudioTrack, ...] = (sound(),), duration: float | None = 66.0
) -> MediaFacts:
    return MediaFacts(duration_s=duration, video=tracks, audio=audio)


def packets(
    frame_rate: float | Fraction | None,
    *,
    seconds: float = 66.0,
    declared: float | None = None,
    gap: float | None = None,
    sound_from: float | None = None,
) -> PacketFacts:
    rate = None if frame_rate is None else Fraction(frame_rate).limit_denominator(100_000)
    count = round(float(rate or 0) * seconds)
    picture = Timeline(count, 7, 0.0, seconds, rate, gap, None if gap is None else 12.0)
    heard = None if sound_from is None else Timeline(3000, 3000, sound_from, seconds, None, 0.02)
    return PacketFacts(picture, heard, declared)


def decoded(**facts: Any) -> DecodeFacts:
    return DecodeFacts(
        **({"every_frame": False, "frames_expected": 30, "frames_decoded": 30, "missing_s": 0.0} | facts)
    )


def speech(
    *regions: tuple[float, float], heard: float = 57.0, level: float = -22.0, noise: float = -65.0
) -> SpeechFacts:
    steps = [noise] * round(100 * heard)
    for start, end in regions:
        steps[round(100 * start) : round(100 * end)] = [level] * round(100 * (end - start))
    return SpeechFacts(regions, heard, tuple(steps))


def image(width: int | None = 1024, height: int | None = 1024, **facts: Any) -> ImageFacts:
    good: dict[str, Any] = {"format": "JPEG", "kind": "a JPEG image", "mode": "RGB", "decoded": True}
    return ImageFacts(width=width, height=height, **(good | facts))
