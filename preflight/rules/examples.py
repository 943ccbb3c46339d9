"""Evidence for the examples of rules: one fact set, the rest as in a good recording."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from preflight.evidence.boxes import BoxFacts, EditedTrack, Segment
from preflight.evidence.callback import CallbackFacts
from preflight.evidence.download import DownloadFacts
from preflight.evidence.faces import Face, FaceFacts, FaceFrame, FaceKind
from preflight.evidence.file import Container, FileFacts
from preflight.evidence.image import ImageFacts
from preflight.evidence.link import LinkFacts, Signature, SignatureKind
from preflight.evidence.media import AudioTrack, DecodeFacts, MediaFacts, PacketFacts, Timeline, VideoTrack
from preflight.evidence.photo import PhotoFacts, Region
from preflight.evidence.picture import CloserLook, Frame, PictureFacts
from preflight.evidence.portrait import PortraitFacts
from preflight.evidence.sound import SoundFacts, SpeechFacts
from preflight.network.callback import read_callback

__all__ = [
    "boxes",
    "callback",
    "decoded",
    "download",
    "dropouts",
    "face",
    "faces",
    "file",
    "frames",
    "heard",
    "image",
    "link",
    "media",
    "packets",
    "photo",
    "pictures",
    "portrait",
    "signed",
    "sitter",
    "sound",
    "speech",
    "video",
]

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
    *tracks: VideoTrack,
    audio: tuple[AudioTrack, ...] = (sound(),),
    duration: float | None = 66.0,
    **facts: Any,
) -> MediaFacts:
    return MediaFacts(duration_s=duration, video=tracks, audio=audio, **facts)


def packets(
    frame_rate: float | Fraction | None,
    *,
    seconds: float = 66.0,
    declared: float | None = None,
    gap: float | None = None,
    sound_from: float | None = None,
    sound_gap: float = 0.02,
    uneven: float = 0.0,
    crowded: int = 0,
    sound_crowded: int = 0,
    odd_steps: int = 0,
) -> PacketFacts:
    rate = None if frame_rate is None else Fraction(frame_rate).limit_denominator(100_000)
    count = round(float(rate or 0) * seconds)
    picture = Timeline(
        count,
        7,
        0.0,
        seconds,
        rate,
        gap,
        None if gap is None else 12.0,
        uneven_s=uneven,
        uneven_at_s=(20.0, 20.0 + uneven) if uneven else None,
        crowded=crowded,
        crowded_at_s=20.0 if crowded else None,
    )
    heard = None
    if sound_from is not None:
        heard = Timeline(
            3000,
            3000,
            sound_from,
            seconds,
            None,
            sound_gap,
            30.0,
            crowded=sound_crowded,
            odd_steps=odd_steps,
            odd_at_s=20.0 if odd_steps else None,
        )
    return PacketFacts(picture, heard, declared)


def boxes(*segments: tuple[float, float], media: float = 66.0, kind: str = "video", **facts: Any) -> BoxFacts:
    """A track whose edit list plays these segments of its media."""
    played = tuple(Segment(*segment) for segment in segments)
    return BoxFacts((EditedTrack(kind, media, segments=played, **facts),))


_STILL: dict[str, Any] = {
    "luma": 0.5,
    "changed": 0.4,
    "likeness": 0.999,
    "gain": 1.0,
    "shift": (0.0, 0.0),
}


def frames(*unusual: dict[str, Any], usual: int = 30, step_s: float = 2.0) -> tuple[Frame, ...]:
    """Frames of a still scene, the last of them unusual, then two usual ones again."""
    told: list[dict[str, Any]] = [{}] * usual + list(unusual) + [{}, {}]
    return tuple(Frame(at * step_s, **(_STILL | facts)) for at, facts in enumerate(told))


def pictures(
    *unusual: dict[str, Any],
    usual: int = 30,
    every_frame: bool = False,
    looked: list[dict[str, Any]] | None = None,
    **facts: Any,
) -> PictureFacts:
    """The key frames of a still scene, every two seconds; or every frame, 25 a second.

    ``looked`` are the frames of a closer look before the first unusual one.
    """
    step_s = 0.04 if every_frame else 2.0
    good: dict[str, Any] = {"edge_width_px": 1.2, "blockiness": 1.5}
    closer = () if looked is None else (CloserLook(usual, frames(*looked, usual=0, step_s=0.04)),)
    shown = frames(*unusual, usual=usual, step_s=step_s)
    return PictureFacts(shown, every_frame, closer=closer, **(good | facts))


def heard(
    *regions: tuple[float, float], seconds: float = 66.0, level: float = -65.0, **facts: Any
) -> SoundFacts:
    """A whole sound track in which somebody speaks at these times, over a room of that level."""
    return SoundFacts(seconds, regions, (level,) * round(100 * seconds), **facts)


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


def photo(**facts: Any) -> PhotoFacts:
    """A good photo in which the face is known."""
    good: dict[str, Any] = {
        "region": Region.FACE,
        "luminance_mean": 0.6,
        "luminance_variance": 0.03,
        "dynamic_range": 7.2,
        "bright_end": 0.87,
        "contrast": 0.77,
        "under_exposure": 0.01,
        "over_exposure": 0.0,
        "picture_bright_end": 0.84,
        "noise": 1.5,
        "illumination_uniformity": 0.67,
        "light_ratio": 0.9,
        "edge_width_px": 1.2,
        "edges_in": Region.FACE,
        "blockiness": 1.2,
        "jpeg_quality": 90,
    }
    return PhotoFacts(**(good | facts))


def dropouts(*silent: tuple[float, float]) -> SoundFacts:
    """A room that is digitally silent at these times."""
    levels = [-65.0] * 6600
    for start, end in silent:
        levels[round(100 * start) : round(100 * end)] = [-100.0] * (round(100 * end) - round(100 * start))
    return SoundFacts(66.0, ((1.0, 9.0),), tuple(levels))


def face(
    head: float = 0.5,
    *,
    x: float = 0.5,
    y: float = 0.4,
    kind: FaceKind = FaceKind.FRONTAL,
    light: tuple[float, float] = (130.0, 120.0),
) -> Face:
    """A face in a picture of 16:9: the head's height as a share of the picture's, and the face's middle."""
    h = head / 2
    w = h * 9 / 16
    return Face(x - w / 2, y - h / 2, w, h, kind, 2, *light)


def faces(
    *usual: Face, pictures: int = 10, but: Mapping[int, Iterable[Face]] | None = None, upright: bool = False
) -> FaceFacts:
    """Pictures six seconds apart with those faces in each, other faces in some."""
    size = (1080, 1920) if upright else (1920, 1080)
    others = but or {}
    shown = (tuple(others.get(number, usual)) for number in range(pictures))
    return FaceFacts(
        tuple(FaceFrame(3.0 + 6.0 * number, *size, found) for number, found in enumerate(shown)),
        "an example",
        box_of_head=0.5,
    )


_AT = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)


def callback(address: str, *, allow_hosts: tuple[str, ...] = ()) -> CallbackFacts:
    """An address as it is read; the reading is pure."""
    return read_callback(address, allow_hosts)


def link(signature: Signature | None = None, **facts: Any) -> LinkFacts:
    """An address of a file, looked at on a day in November."""
    good: dict[str, Any] = {"url": "https://media.example/clip.mp4", "scheme": "https"}
    return LinkFacts(host="media.example", at=_AT, signature=signature, **(good | facts))


def signed(hours: float | None, *, ago: float = 0.5, **facts: Any) -> Signature:
    """A signature that is valid so many hours more, made some time ago."""
    end = None if hours is None else _AT + dt.timedelta(hours=hours)
    good: dict[str, Any] = {"kind": SignatureKind.S3_V4, "expires_at": end}
    return Signature(signed_at=_AT - dt.timedelta(hours=ago), **(good | facts))


def download(container: Container = Container.MP4, **facts: Any) -> DownloadFacts:
    """A file from a server that says what it is, and of which a part was read."""
    good: dict[str, Any] = {
        "url": "https://media.example/clip.mp4",
        "redirects": 0,
        "hosts": ("media.example",),
        "target": None,
        "content_type": "video/mp4",
        "size_bytes": 40 * MB,
        "etag": '"6f1c2a"',
        "ranges": True,
        "kind": "an MP4 file",
        "read_bytes": MB,
        "requests": 12,
        "whole": False,
        "sha256": None,
    }
    return DownloadFacts(container=container, **(good | facts))


def sitter(
    head: float = 0.4,
    *,
    x: float = 0.5,
    y: float = 0.44,
    kind: FaceKind = FaceKind.FRONTAL,
    eyes: int = 2,
    roll: float = 0.0,
) -> Face:
    """A face in a photo: the head's height as a share of the photo's, and the face's middle."""
    side = head / 2
    return Face(x - side / 2, y - side / 2, side, side, kind, eyes, 130.0, 120.0, roll)


def portrait(*found: Face, size: tuple[int, int] = (1000, 1000)) -> PortraitFacts:
    """A photo with those faces in it, the largest first."""
    return PortraitFacts(found, *size, "an example", box_of_head=0.5)
