"""Video files: what the header declares, what the packet table shows, what a decoder makes of them.

Three kinds of evidence, because a header promises and a file delivers: ``MediaFacts`` is the promise,
``PacketFacts`` counts what is there without decoding, ``DecodeFacts`` counts what could be decoded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from preflight.errors import Unavailable

__all__ = ["AudioTrack", "DecodeFacts", "MediaFacts", "Packet", "PacketFacts", "Timeline", "VideoTrack"]


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """A video track as declared. ``index`` is the stream index; sizes are in pixels.

    ``transfer`` is the transfer characteristic (``bt709``, ``smpte2084``), ``matrix`` ffprobe's
    ``color_space``; ``field_order`` is ``progressive`` or that of the fields of interlaced video (``tt``,
    ``bb``, ``tb``, ``bt``). All in ffprobe's words.

    ``width`` and ``height`` are what a viewer sees: the coded size with the sample aspect ratio and the
    rotation of the display matrix applied. ``average_frame_rate`` and ``nominal_frame_rate`` are ffprobe's
    ``avg_frame_rate`` and ``r_frame_rate``; the frame rate that rules judge is measured (see Timeline).
    """

    index: int
    codec: str
    profile: str | None = None
    pixel_format: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    field_order: str | None = None
    coded_width: int = 0
    coded_height: int = 0
    sample_aspect_ratio: Fraction | None = None
    rotation: int = 0
    average_frame_rate: Fraction | None = None
    nominal_frame_rate: Fraction | None = None
    duration_s: float | None = None
    start_s: float | None = None

    @property
    def has_square_pixels(self) -> bool:
        """Whether the picture is shown in the size in which it is stored, to the pixel."""
        return round(self.coded_width * (self.sample_aspect_ratio or 1)) == self.coded_width

    @property
    def width(self) -> int:
        return self._shown()[0]

    @property
    def height(self) -> int:
        return self._shown()[1]

    @property
    def short_side(self) -> int:
        """The shorter side in pixels, of the picture as it is shown or as it is stored: the smaller of both.

        Pixels that are stretched when they are shown add no detail, and those that are squeezed lose it.
        """
        return min(*self._shown(), self.coded_width, self.coded_height)

    def _shown(self) -> tuple[int, int]:
        width = round(self.coded_width * (self.sample_aspect_ratio or 1))
        sideways = self.rotation % 180 == 90
        return (self.coded_height, width) if sideways else (width, self.coded_height)


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """An audio track as declared. ``sample_rate`` is in Hz."""

    index: int
    codec: str
    profile: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    duration_s: float | None = None
    start_s: float | None = None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What the container declares. ``video`` leaves out attached pictures (cover art).

    ``start_s`` is the earliest time of any track, from which ffmpeg counts when it decodes. ``software`` is
    what the tags of the file and its tracks name as the program that wrote it.
    """

    duration_s: float | None = None
    start_s: float | None = None
    bit_rate: int | None = None
    video: tuple[VideoTrack, ...] = ()
    audio: tuple[AudioTrack, ...] = ()
    attached_pictures: int = 0
    other_tracks: int = 0
    software: tuple[str, ...] = ()

    @classmethod
    def from_ffprobe(cls, document: Mapping[str, Any]) -> MediaFacts:
        """Read ffprobe's JSON. Raises Unavailable when it describes no tracks."""
        streams = document.get("streams") or []
        if not streams:
            raise Unavailable(_first_line(document.get("error")) or "the file holds no tracks")
        kinds = [s.get("codec_type") for s in streams]
        pictures = [bool((s.get("disposition") or {}).get("attached_pic")) for s in streams]
        pairs = list(zip(streams, kinds, pictures, strict=True))
        form = document.get("format") or {}
        return cls(
            duration_s=_number(form.get("duration")),
            start_s=_number(form.get("start_time")),
            bit_rate=_integer(form.get("bit_rate")),
            video=tuple(_video(s) for s, kind, picture in pairs if kind == "video" and not picture),
            audio=tuple(_audio(s) for s, kind, _ in pairs if kind == "audio"),
            attached_pictures=sum(pictures),
            other_tracks=sum(kind not in ("video", "audio") for kind in kinds),
            software=_software([form, *streams]),
        )

    @property
    def first_video(self) -> VideoTrack:
        """The track that counts. Raises Unavailable when there is none."""
        if not self.video:
            raise Unavailable("the file has no video track")
        return self.video[0]

    @property
    def first_audio(self) -> AudioTrack:
        """The track that counts. Raises Unavailable when there is none."""
        if not self.audio:
            raise Unavailable("the file has no audio track")
        return self.audio[0]


class Packet(NamedTuple):
    """One packet that is shown: its time and duration in seconds."""

    time_s: float
    duration_s: float
    is_key: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The packets of one track: how many, how many key frames, and the time they span in seconds.

    ``longest_gap_s`` is the longest time from one packet to the next, ``longest_gap_at_s`` where it begins.
    ``slowest_frame_rate`` is how many packets the poorest whole second holds; ``None`` where there is none.
    ``uneven_s`` is the time in intervals that differ by more than a quarter from the median one, those of
    more than half a second apart, which are gaps; ``uneven_at_s`` is where the longest run of them lies.
    ``crowded`` counts intervals of less than a millisecond, ``odd_steps`` others that differ by more than a
    fifth from the median and are no gaps; ``crowded_at_s`` and ``odd_at_s`` are where the first is.
    ``key_gap_s`` is the longest time from one key frame to the next, or to the end.
    """

    packets: int
    key_packets: int
    start_s: float
    end_s: float
    mean_frame_rate: Fraction | None
    longest_gap_s: float | None
    longest_gap_at_s: float | None = None
    slowest_frame_rate: int | None = None
    uneven_s: float = 0.0
    uneven_at_s: tuple[float, float] | None = None
    crowded: int = 0
    crowded_at_s: float | None = None
    odd_steps: int = 0
    odd_at_s: float | None = None
    key_gap_s: float | None = None

    @property
    def span_s(self) -> float:
        return self.end_s - self.start_s

    @classmethod
    def of(cls, rows: Sequence[Packet]) -> Timeline:
        """From each packet that is shown. Raises Unavailable without any."""
        if not rows:
            raise Unavailable("the track holds no packets")
        times = sorted(row.time_s for row in rows)
        span = times[-1] - times[0]
        gaps = [b - a for a, b in itertools.pairwise(times)]
        keys = sorted(row.time_s for row in rows if row.is_key)
        end = max(row.time_s + row.duration_s for row in rows)
        uneven_s, uneven_at_s = _uneven(times, gaps)
        return cls(
            packets=len(rows),
            key_packets=len(keys),
            start_s=times[0],
            end_s=end,
            uneven_s=uneven_s,
            uneven_at_s=uneven_at_s,
            **_odd(times, gaps),
            key_gap_s=max(b - a for a, b in itertools.pairwise([*keys, end])) if keys else None,
            mean_frame_rate=Fraction((len(times) - 1) / span).limit_denominator(100_000)
            if span > 0
            else None,
            longest_gap_s=max(gaps, default=None),
            longest_gap_at_s=times[gaps.index(max(gaps))] if gaps else None,
            slowest_frame_rate=_slowest(times),
        )


def _slowest(times: Sequence[float]) -> int | None:
    """The fewest packets in any second that begins with one, from sorted times."""
    after, counts = 0, []
    for at, time in enumerate(times):
        if times[-1] < time + 1.0:
            break
        while times[after] < time + 1.0 - 1e-6:
            after += 1
        counts.append(after - at)
    return min(counts, default=None)


@dataclass(frozen=True, slots=True)
class PacketFacts:
    """The packet tables of the first video and the first audio track; ``None`` where there is none.

    ``declared_s`` is the duration that the container declares.
    """

    video: Timeline | None
    audio: Timeline | None
    declared_s: float | None = None

    @property
    def picture(self) -> Timeline:
        """The timeline of the video track. Raises Unavailable when there is none."""
        if self.video is None:
            raise Unavailable("the file has no video track")
        return self.video

    @property
    def picture_s(self) -> float:
        """How long there is a picture: what the packets span, or less if the container declares less.

        The container's word alone does not count: it may promise a minute around a picture of 20 s.
        Raises Unavailable when there is no picture.
        """
        measured = self.picture.span_s
        return measured if self.declared_s is None else min(measured, self.declared_s)

    @classmethod
    def from_ffprobe(cls, packets: Iterable[Sequence[str]], media: MediaFacts) -> PacketFacts:
        """Read the rows of ``Ffmpeg.packets``."""
        tracks: dict[int, list[Packet]] = {}
        for row in packets:
            parsed = _packet(row)
            if parsed is not None:
                tracks.setdefault(parsed[0], []).append(parsed[1])
        video = media.video[0].index if media.video else None
        audio = media.audio[0].index if media.audio else None
        return cls(
            video=None if video is None else Timeline.of(tracks.get(video, [])),
            audio=None if audio is None else Timeline.of(tracks.get(audio, [])),
            declared_s=media.duration_s,
        )


@dataclass(frozen=True, slots=True)
class DecodeFacts:
    """What the decoder delivered, beside what the header and the packet table promise. Times in seconds.

    ``frames_expected`` counts key frames unless ``every_frame``; it is ``None`` where no picture was decoded.
    ``complaints`` are the decoder's own lines, without memory addresses. ``missing_s`` is how much earlier
    than its declared length a track ends, ``missing_bytes`` how much shorter the file is than its last box
    claims. ``unreadable`` says why nothing could be read at all, where that is so.
    """

    every_frame: bool
    frames_expected: int | None
    frames_decoded: int | None
    missing_s: float
    missing_bytes: int = 0
    complaints: tuple[str, ...] = ()
    unreadable: str | None = None

    @property
    def frames_lost(self) -> int:
        """Frames that went into the decoder and did not come out; none where there is no picture."""
        return max(0, (self.frames_expected or 0) - (self.frames_decoded or 0))

    @property
    def lost_many(self) -> bool:
        """Whether more than a tenth was lost; less happens around edits and at the ends of a recording."""
        return self.frames_lost > (self.frames_expected or 0) / 10


def _video(stream: Mapping[str, Any]) -> VideoTrack:
    return VideoTrack(
        index=int(stream["index"]),
        codec=_name(stream.get("codec_name")),
        profile=stream.get("profile"),
        pixel_format=stream.get("pix_fmt"),
        transfer=stream.get("color_transfer"),
        matrix=stream.get("color_space"),
        field_order=stream.get("field_order"),
        coded_width=_integer(stream.get("width")) or 0,
        coded_height=_integer(stream.get("height")) or 0,
        sample_aspect_ratio=_fraction(stream.get("sample_aspect_ratio")),
        rotation=_rotation(stream),
        average_frame_rate=_fraction(stream.get("avg_frame_rate")),
        nominal_frame_rate=_fraction(stream.get("r_frame_rate")),
        duration_s=_number(stream.get("duration")),
        start_s=_number(stream.get("start_time")),
    )


def _audio(stream: Mapping[str, Any]) -> AudioTrack:
    return AudioTrack(
        index=int(stream["index"]),
        codec=_name(stream.get("codec_name")),
        profile=stream.get("profile"),
        sample_rate=_integer(stream.get("sample_rate")),
        channels=_integer(stream.get("channels")),
        duration_s=_number(stream.get("duration")),
        start_s=_number(stream.get("start_time")),
    )


_SOFTWARE_TAGS = ("encoder", "software", "com.apple.quicktime.software", "writing_application", "comment")
_MAX_TAG = 200


def _software(described: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What the tags say of the program, each text once."""
    tags = [part.get("tags") or {} for part in described]
    pairs = [(tag.lower(), str(value)) for held in tags for tag, value in held.items()]
    return tuple(dict.fromkeys(value[:_MAX_TAG] for tag, value in pairs if tag in _SOFTWARE_TAGS))


def _rotation(stream: Mapping[str, Any]) -> int:
    """Degrees, from the display matrix; older files say it in a tag."""
    for side_data in stream.get("side_data_list") or []:
        if "rotation" in side_data:
            return int(_number(side_data["rotation"]) or 0)
    return int(_number((stream.get("tags") or {}).get("rotate")) or 0)


def _packet(row: Sequence[str]) -> tuple[int, Packet] | None:
    """Stream index and packet; ``None`` for rows without a time and for discarded packets."""
    if len(row) < 5 or not row[0].isdigit():
        return None
    index, pts, dts, duration, flags = row[:5]
    time = _number(pts)
    if time is None:
        time = _number(dts)
    if time is None or "D" in flags:
        return None
    return int(index), Packet(time, _number(duration) or 0.0, "K" in flags)


_UNEVEN = 0.25
_GAP_S = 0.5


def _uneven(times: Sequence[float], gaps: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """Seconds in uneven intervals, and the longest run of them as (start, end)."""
    if len(gaps) < 3:
        return 0.0, None
    median = sorted(gaps)[len(gaps) // 2]
    total, run, longest = 0.0, None, None
    for time, gap in zip(times, gaps, strict=False):
        if abs(gap - median) <= _UNEVEN * median or gap > _GAP_S:
            run = None
            continue
        total += gap
        run = (time if run is None else run[0], time + gap)
        if longest is None or run[1] - run[0] > longest[1] - longest[0]:
            longest = run
    return total, longest


_CROWDED_S = 0.001
_ODD = 0.2
_SOUND_GAP_S = 0.1
_SETTLED_S = 0.2  # the first packet of a file may be longer, to make up for the delay of an encoder


def _odd(times: Sequence[float], gaps: Sequence[float]) -> dict[str, Any]:
    """``crowded`` and ``odd_steps``, and where the first of each is."""
    if len(gaps) < 3:
        return {}
    median = sorted(gaps)[len(gaps) // 2]
    steps = list(zip(times, gaps, strict=False))
    crowded = [time for time, gap in steps if gap < _CROWDED_S]
    odd = [
        time
        for time, gap in steps[:-1]
        if time - times[0] >= _SETTLED_S
        and _CROWDED_S <= gap <= _SOUND_GAP_S
        and abs(gap - median) > _ODD * median
    ]
    return {
        "crowded": len(crowded),
        "crowded_at_s": min(crowded, default=None),
        "odd_steps": len(odd),
        "odd_at_s": min(odd, default=None),
    }


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < 1e12 else None  # also drops nan and infinity


def _integer(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _fraction(value: object) -> Fraction | None:
    match = re.fullmatch(r"(\d{1,9})[/:](\d{1,9})", str(value))
    if match is None or int(match[2]) == 0 or int(match[1]) == 0:
        return None
    return Fraction(int(match[1]), int(match[2]))


def _name(value: object) -> str:
    return str(value) if value else "unknown"


def _first_line(text: object) -> str:
    return str(text).splitlines()[0] if text else ""
