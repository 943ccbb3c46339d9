"""Decoding: one pass over the sound and one over the picture of a video, measured as they go by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from preflight.errors import Unavailable
from preflight.evidence.ffmpeg import SKIPPING, Demuxer, Ffmpeg, PictureLog, SoundLog, pieces
from preflight.evidence.media import MediaFacts, VideoTrack
from preflight.evidence.picture import Details, PictureFacts, Viewing, detail_size, small_size
from preflight.evidence.sound import SAMPLE_RATE, Listening, Opening, SoundFacts, SpeechFacts, joined

__all__ = ["Heard", "Source", "Viewed", "hear", "view"]

_OUR_DOING = "not on whitelist"  # said of codecs that we do not let ffmpeg decode
_OTHER_FORMAT = "Changing audio frame properties"  # what ffmpeg says when filters are not begun anew
_OUR_MUXERS = ("[s16le]", "[rawvideo]", "[null]", "[mkvtimestamp_v2]")
_DETAILS = 8  # larger frames of a recording, about
_LEAST_DETAIL_STEP_S = 6.0
_ROWS_FOR_ONE = 2  # rows of the frame that a row of the small copy is made of, at least
_SOUND_TIMEOUT_S = 600.0
_KEY_FRAMES_TIMEOUT_S = 180.0
_EVERY_FRAME_TIMEOUT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Source:
    """A file that ffmpeg is asked about: the tool, the path, and the demuxer of the format we recognised."""

    ffmpeg: Ffmpeg
    path: Path
    demuxer: str


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A sound track after its decode: the opening as samples, the rest as what is heard in it.

    ``decoded_s`` is how much came out of the decoder, ``whole`` whether all of it was asked for.
    """

    opening: Opening
    rest: tuple[SpeechFacts, ...]
    log: SoundLog
    decoded_s: float
    whole: bool

    @property
    def complaints(self) -> list[str]:
        return _theirs(self.log.complaints)

    @property
    def changes_format(self) -> bool:
        """Whether the decode ended where the format of the sound changes, which is no damage."""
        return _OTHER_FORMAT in self.log.complaints

    def facts(self, opening: SpeechFacts) -> SoundFacts:
        """All of the sound, with what is known of its opening. Raises Unavailable if it was not decoded."""
        if not self.whole:
            raise Unavailable("only the opening of the sound was decoded")
        if self.changes_format:
            raise Unavailable(f"the sound is decoded up to {self.decoded_s:.1f} s, where its format changes")
        return joined(
            [opening, *self.rest],
            loudness_lufs=self.log.loudness_lufs,
            true_peak_dbtp=self.log.true_peak_dbtp,
            full_scale_share=self.log.full_scale_share,
            flat_share=self.log.flat_share,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Viewed:
    """A picture after its decode: what was measured, the larger frames, and what the decoder said."""

    picture: PictureFacts
    details: Details
    complaints: tuple[str, ...]


def hear(source: Source, media: MediaFacts, *, opening_s: float, whole: bool) -> Heard:
    """Decode the first sound track, or its opening. Raises Unavailable where that is not done here."""
    track = media.first_audio
    listening, count = Listening(opening_s), 0

    def take(pcm: bytes) -> None:
        nonlocal count
        count += len(pcm)
        listening.take(pcm)

    log = source.ffmpeg.decode_sound(
        source.path,
        source.demuxer,
        track=track.index,
        sink=take,
        seconds=None if whole else opening_s,
        timeout_s=_SOUND_TIMEOUT_S,
    )
    if not count and _OUR_DOING in log.complaints:
        raise Unavailable(f"the sound ({track.codec}) is not decoded here")
    return Heard(listening.opening(), listening.rest(), log, count / 2 / SAMPLE_RATE, whole)


def view(
    source: Source,
    track: VideoTrack,
    end_s: float,
    *,
    every_frame: bool,
    stretch: tuple[float, float] | None = None,
) -> Viewed:
    """Decode a picture or a stretch of it: every frame, or the key frames.

    Raises Unavailable where that is not done here.
    """
    size, larger = small_size(track.width, track.height), detail_size(track.width, track.height)
    rate = track.average_frame_rate or 30
    stored = {(track.coded_width, track.coded_height), (track.coded_height, track.coded_width)}
    viewing = Viewing(
        size,
        larger,
        full_size=larger in stored,
        frames_a_second=max(1, round(rate)) if every_frame else None,
    )
    log: PictureLog = source.ffmpeg.decode_pictures(
        source.path,
        source.demuxer,
        track=track.index,
        key_frames_only=not every_frame,
        listed_only=not every_frame and source.demuxer == Demuxer.MOV and track.codec in SKIPPING,
        size=size,
        sink=pieces(size[0] * size[1], viewing.take),
        detail_size=larger,
        detail_every_s=max(_LEAST_DETAIL_STEP_S, end_s / _DETAILS),
        detail_sink=pieces(larger[0] * larger[1], viewing.take_detail),
        timeout_s=_EVERY_FRAME_TIMEOUT_S if every_frame else _KEY_FRAMES_TIMEOUT_S,
        stretch=stretch,
        halvings=max(0, int(math.log2(max(1.0, track.height / size[1] / _ROWS_FOR_ONE)))),
    )
    if not viewing.seen and _OUR_DOING in log.complaints:
        raise Unavailable(f"the picture ({track.codec}) is not decoded here")
    picture = viewing.facts(log.times_s, end_s=end_s)
    return Viewed(picture, viewing.details(log.detail_times_s), tuple(_theirs(log.complaints)))


def _theirs(log: str) -> list[str]:
    """The decoder's lines about the file. Those about subtitles and the like, and those of the muxers that
    write for us, are about us."""
    return [line for line in log.splitlines() if _OUR_DOING not in line and not line.startswith(_OUR_MUXERS)]
