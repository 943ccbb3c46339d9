"""The ffmpeg command that mends a video. Opens no file.

It copies whatever need not be encoded again, the sound above all, and cuts nothing. What a new recording
alone can mend it leaves: no small picture is enlarged, no frame made up where the rate is too low.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from preflight.evidence.media import MediaFacts, PacketFacts, VideoTrack
from preflight.mend import Mend, Mending, argument
from preflight.policy import Policy

__all__ = ["EXTENSION", "VideoMending", "plan"]

EXTENSION = ".mp4"
_RATE = frozenset({Mend.HALVE_RATE, Mend.CONSTANT_RATE})
_PICTURE = _RATE | {
    Mend.EDIT_LIST,
    Mend.TRANSCODE_VIDEO,
    Mend.PIXEL_FORMAT,
    Mend.DEINTERLACE,
    Mend.TONE_MAP,
    Mend.SQUARE_PIXELS,
    Mend.UPRIGHT,
}
_SOUND = frozenset({Mend.EDIT_LIST, Mend.TRANSCODE_AUDIO})
# Other sound does not fit into an MP4 file, or not into one that players read.
_SOUND_IN_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"})
_RATES = (Fraction(25), Fraction(30_000, 1001), Fraction(30))
_FAST = 40  # frames per second; above it, whole frames can be left out
_NEAR = 3  # frames per second; further away, one frame in ten would be repeated or left out
_MAX_ASPECT = 3  # of a pixel; DV and HDV stay below 1.5, and a made-up one must not ask for a huge picture
# White at 203 cd/m2 (ITU-R BT.2408), and mobius, which leaves darker tones alone: a face keeps its light.
# Measured on the fixture portrait, mean grey 140: hable at 100 cd/m2, the usual recipe, gives 109, this 128.
# The facts hold the transfer alone; both kinds of HDR are BT.2020 in every camera that records them.
_TONE_MAP = (
    "zscale=transferin={transfer}:primariesin=bt2020:matrixin=bt2020nc:transfer=linear:npl=203,"
    "format=gbrpf32le,zscale=primaries=bt709,tonemap=tonemap=mobius:desat=0,"
    "zscale=transfer=bt709:matrix=bt709:range=limited,format=yuv420p"
)
_BT709 = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709")
_H264 = ("-c:v", "libx264", "-preset", "medium", "-crf", "18", "-pix_fmt", "yuv420p")
# Every frame at its own time: left to itself, ffmpeg repeats and drops frames to make the rate even. With
# such a clock, x264 would leave out the usual duration of a frame, and readers would miss the last one.
_SAME_TIMES = ("-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-x264-params", "force-cfr=1")
_AAC = ("-c:a", "aac", "-b:a", "192k", "-ar", "48000")


@dataclass(frozen=True, slots=True)
class VideoMending(Mending):
    """One ffmpeg command, by its options.

    ``same_frames`` says that every frame of the original is in the result, ``encodes`` that the picture is
    not copied.
    """

    arguments: tuple[str, ...]
    encodes: bool
    same_frames: bool

    def command(self, source: str) -> str:
        """A line for a shell, which never overwrites a file."""
        names = argument(source), argument(self.result(source))
        source_alone = ("-protocol_whitelist", "file")  # what a file refers to is not opened
        return shlex.join(("ffmpeg", "-n", *source_alone, "-i", names[0], *self.arguments, names[1]))


def plan(
    faults: Mapping[str, Mend], media: MediaFacts, packets: PacketFacts | None, policy: Policy
) -> VideoMending | None:
    """What mends these faults, by the codes of their rules; ``None`` where nothing does."""
    if not media.video or Mend.LEAVE_ALONE in faults.values():
        return None
    rate = None if packets is None else _even_rate(packets, policy)
    done = {code: mend for code, mend in faults.items() if _is_possible(mend, media.first_video, rate)}
    if not done:
        return None
    mends = set(done.values())
    encodes = bool(mends & _PICTURE)
    if encodes and media.first_video.rotation % 360:
        mends.add(Mend.UPRIGHT)  # which ffmpeg does whenever it decodes
    codec = media.audio[0].codec if media.audio else None
    if codec is not None and codec not in _SOUND_IN_MP4:
        mends.add(Mend.TRANSCODE_AUDIO)
    return VideoMending(
        mends=tuple(sorted(done)),
        steps=tuple(_steps(mends, media, rate)),
        extension=EXTENSION,
        arguments=tuple(_arguments(mends, media, rate)),
        encodes=encodes,
        same_frames=not mends & (_RATE | {Mend.DEINTERLACE}),
    )


def _is_possible(mend: Mend, track: VideoTrack, rate: Fraction | None) -> bool:
    if mend in _PICTURE and not _can_encode(track):
        return False
    if mend in _RATE:
        return rate is not None
    if mend is Mend.SQUARE_PIXELS:
        aspect = track.sample_aspect_ratio or Fraction(0)
        return Fraction(1, _MAX_ASPECT) <= aspect <= _MAX_ASPECT
    return True


def _can_encode(track: VideoTrack) -> bool:
    """Whether ffmpeg turns the picture rightly: by quarters, and not before its fields are woven together."""
    interlaced = track.field_order in ("tt", "bb", "tb", "bt")
    return track.rotation % 90 == 0 and not (interlaced and track.rotation % 360)


def _even_rate(packets: PacketFacts, policy: Policy) -> Fraction | None:
    """The usual rate that needs no frames made up; ``None`` where some second has too few.

    From a high rate it is the one that leaves out whole frames, such as 30 from 60.
    """
    timeline = packets.video
    if timeline is None or timeline.mean_frame_rate is None or timeline.slowest_frame_rate is None:
        return None
    mean, least = timeline.mean_frame_rate, policy.video.documented_frame_rate.value
    if mean < least - policy.video.frame_rate_tolerance.value:
        return None
    if timeline.slowest_frame_rate < least - 1:  # a second holds a whole number of frames
        return None
    usable = [rate for rate in _RATES if rate >= Fraction(least).limit_denominator(1001)]
    if mean <= _FAST:
        near = [rate for rate in usable if abs(mean - rate) <= _NEAR]
        return min(near, key=lambda rate: abs(mean - rate), default=None)
    even = [(abs(mean / rate - round(mean / rate)), rate) for rate in usable]
    off, rate = min(even, default=(Fraction(1), Fraction(0)))
    return rate if off <= Fraction(1, 50) else None


def _arguments(mends: set[Mend], media: MediaFacts, rate: Fraction | None) -> Iterator[str]:
    yield from ("-map", "0:V:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1")
    yield from _picture(mends, media.first_video, rate) if mends & _PICTURE else ("-c:v", "copy")
    if media.audio:
        yield from _AAC if mends & _SOUND else ("-c:a", "copy")
    yield from ("-movflags", "+faststart")


def _picture(mends: set[Mend], track: VideoTrack, rate: Fraction | None) -> Iterator[str]:
    filters = list(_filters(mends, track, rate))
    if filters:
        yield from ("-vf", ",".join(filters))
    yield from _H264
    if Mend.TONE_MAP in mends or track.matrix is None:
        yield from _BT709
    if not mends & _RATE:
        yield from _SAME_TIMES


def _filters(mends: set[Mend], track: VideoTrack, rate: Fraction | None) -> Iterator[str]:
    """Fields before everything that moves lines; light before size; the rate last, on finished frames."""
    if Mend.DEINTERLACE in mends:
        yield "bwdif=mode=send_frame"
    if Mend.TONE_MAP in mends:
        yield _TONE_MAP.format(transfer=track.transfer)
    if Mend.SQUARE_PIXELS in mends:
        yield f"scale={track.width // 2 * 2}:{track.height // 2 * 2},setsar=1"
    elif track.coded_width % 2 or track.coded_height % 2:
        yield "crop=trunc(iw/2)*2:trunc(ih/2)*2"  # 4:2:0 has no odd sizes
    if mends & _RATE and rate is not None:
        yield f"fps={rate}"


def _steps(mends: set[Mend], media: MediaFacts, rate: Fraction | None) -> Iterator[str]:
    track = media.first_video
    sound = media.audio[0].codec if media.audio else ""
    shown_rate = "" if rate is None else f"{float(rate):.6g}"
    said = {
        Mend.REMUX: "the tracks are written into an MP4 file named .mp4",
        Mend.FASTSTART: "the index is moved before the media",
        Mend.FIRST_TRACKS: "cover art, subtitles and data tracks are left out",
        Mend.EDIT_LIST: "what is shown is encoded again, and what the edit list hides is left out",
        Mend.TRANSCODE_VIDEO: f"the picture is converted from {track.codec} to H.264",
        Mend.PIXEL_FORMAT: "the picture is stored with 8 bits and 4:2:0 chroma (yuv420p)",
        Mend.DEINTERLACE: "the picture is deinterlaced (bwdif)",
        Mend.TONE_MAP: f"HDR ({track.transfer}) is tone-mapped to SDR (BT.709)",
        Mend.SQUARE_PIXELS: f"the picture is scaled to square pixels, {track.width} x {track.height}",
        Mend.UPRIGHT: "the picture is turned upright for good",
        Mend.HALVE_RATE: f"frames are left out evenly, down to {shown_rate} a second",
        Mend.CONSTANT_RATE: f"frames are spread evenly, {shown_rate} a second",
        Mend.TRANSCODE_AUDIO: f"the sound is converted from {sound} to AAC",
    }
    yield from (said[mend] for mend in Mend if mend in mends)
    if mends & _PICTURE:
        yield "the picture is encoded with hardly any loss (x264, crf 18)"
    else:
        yield "the picture is copied as it is"
    if media.audio and not mends & _SOUND:
        yield "the sound is copied as it is"
    yield "metadata, such as place and time of the recording, are left out"
