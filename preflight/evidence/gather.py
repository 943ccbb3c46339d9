"""Gathering: each kind of evidence of each asset, on first request, once; failures are remembered too."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from preflight.consent import (
    ConsentMatch,
    Hearing,
    Limits,
    Opinion,
    Placement,
    Verdict,
    Word,
    combine,
    found_later,
    is_vetoed,
    judge,
    needs_another,
    spoken_in,
)
from preflight.errors import RecogniserError, SourceError, ToolError, Unavailable
from preflight.evidence.boxes import BoxFacts
from preflight.evidence.decode import Heard, Source, Viewed, hear, view
from preflight.evidence.download import DownloadFacts
from preflight.evidence.faces import FaceFacts, face_facts
from preflight.evidence.ffmpeg import SKIPPING, Demuxer, Ffmpeg, LimitExceeded
from preflight.evidence.file import (
    BOXED,
    AssetFile,
    Container,
    FileFacts,
    LocalFile,
    boxes_of,
    display_name,
    examine,
    resolve,
    unchanged,
)
from preflight.evidence.image import ImageFacts, LoadedImage, read_image
from preflight.evidence.link import LinkFacts
from preflight.evidence.media import DecodeFacts, MediaFacts, PacketFacts, Timeline
from preflight.evidence.photo import PhotoFacts, photo_facts
from preflight.evidence.picture import CloserLook, Detail, PictureFacts
from preflight.evidence.places import Places
from preflight.evidence.portrait import PortraitFacts, portrait_facts
from preflight.evidence.samples import Spans
from preflight.evidence.sound import (
    SAMPLE_RATE,
    Opening,
    SoundFacts,
    SpeechFacts,
    detect_speech,
    detect_speech_in_blocks,
    stretches,
)
from preflight.evidence.transcript import SECOND_PROFILE, Recogniser, Transcript
from preflight.network.link import read_link
from preflight.network.remote import RemoteFile
from preflight.network.url import is_address, read_url
from preflight.policy import Policy, Requirement
from preflight.stage import Stage, Watch, unwatched
from preflight.submission import Depth, Role, Submission

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SECOND_MODEL", "Evidence", "Workshop"]

T = TypeVar("T")

_DEMUXERS = {
    Container.MP4: Demuxer.MOV,
    Container.QUICKTIME: Demuxer.MOV,
    Container.WEBM: Demuxer.MATROSKA,
    Container.MATROSKA: Demuxer.MATROSKA,
}
SECOND_MODEL = "second model"  # how the report names its decode
_SOUND_DEMUXERS = {
    Container.WAV: Demuxer.WAV,
    Container.FLAC: Demuxer.FLAC,
    Container.OGG: Demuxer.OGG,
    Container.MP3: Demuxer.MP3,
}
_STAGES: Mapping[type, Stage] = {
    FileFacts: Stage.READ,
    Places: Stage.PROBE,
    MediaFacts: Stage.PROBE,
    PacketFacts: Stage.PROBE,
    Heard: Stage.SOUND,
    Viewed: Stage.PICTURE,
    PictureFacts: Stage.PICTURE,
    SpeechFacts: Stage.SPEECH,
    Transcript: Stage.WORDS,
    ConsentMatch: Stage.WORDS,
    FaceFacts: Stage.FACES,
    PortraitFacts: Stage.FACES,
    LoadedImage: Stage.READ,
    PhotoFacts: Stage.PHOTO,
}
_SEARCH_TIMEOUT_S = 240.0
_TO_TELL_THE_END_S = 0.5  # so that a sound which ends in time is told from one that goes on
_MAX_COMPLAINTS = 5
_CLOSER_LOOKS = 4
_LONGEST_LOOK_S = 20.0


@dataclass(frozen=True)
class Workshop:
    """What gathering works with: request, policy, tools. The recognisers load on their first call.

    ``sound_files`` has recordings without a picture listened to as well, which a check refuses unopened.
    ``fetch`` opens the file behind an address; without it, there are only files that are here.
    ``allow_hosts`` are hosts that a callback address may be on, whatever they are. ``watch`` is told what is
    being gathered.
    """

    submission: Submission
    policy: Policy
    depth: Depth
    recogniser: Callable[[], Recogniser]
    locate_ffmpeg: Callable[[], Ffmpeg] = field(default=Ffmpeg.locate)
    second_recogniser: Callable[[], Recogniser] | None = None
    sound_files: bool = False
    fetch: Callable[[str], RemoteFile] | None = None
    allow_hosts: tuple[str, ...] = ()
    watch: Watch = unwatched

    @cached_property
    def ffmpeg(self) -> Ffmpeg:
        return self.locate_ffmpeg()


class Evidence:
    """All that can be known of one asset, by kind: ``evidence.get(MediaFacts)``."""

    def __init__(self, role: Role, source: str | os.PathLike[str], workshop: Workshop) -> None:
        self.role = role
        self.name = display_name(source)
        self._file: AssetFile = _file_of(source, workshop)
        self._workshop = workshop
        self._known: dict[type, Any] = {}
        self._gather: Mapping[type, Callable[[], Any]] = {
            **self._of_address(),
            FileFacts: self._examined,
            MediaFacts: self._media,
            PacketFacts: self._packets,
            Places: self._places,
            BoxFacts: self._boxes,
            Heard: self._heard,
            Viewed: self._viewed,
            DecodeFacts: self._decode,
            PictureFacts: self._picture,
            FaceFacts: self._faces,
            SoundFacts: self._sound_facts,
            Opening: self._opening,
            SpeechFacts: lambda: detect_speech(self.get(Opening)),
            Transcript: self._transcript,
            ConsentMatch: self._consent_if_required,
            LoadedImage: self._loaded,
            ImageFacts: lambda: self.get(LoadedImage).facts,
            PortraitFacts: lambda: portrait_facts(self.get(LoadedImage).pixels),
            PhotoFacts: self._photo,
        }

    @property
    def bears_consent(self) -> bool:
        """Whether the spoken consent is to be found here: in its own clip, or else in the training video."""
        if self.role is Role.CONSENT_VIDEO:
            return True
        return self.role is Role.TRAINING_VIDEO and self._workshop.submission.consent_video is None

    @property
    def is_remote(self) -> bool:
        """Whether the file is behind an address."""
        return isinstance(self._file, RemoteFile)

    @property
    def is_media(self) -> bool:
        """Whether the first bytes are those of a video file that ffmpeg is asked about."""
        try:
            return self.get(FileFacts).container in _DEMUXERS
        except Unavailable:  # an address that leads to no file
            return False

    @property
    def demuxer(self) -> str:
        """What opens this file and nothing else. Raises Unavailable for what is no media file."""
        return self._demuxer()

    def offers(self, kind: type) -> bool:
        """Whether there can be evidence of that kind: what is known of an address, no local file has."""
        return kind not in (LinkFacts, DownloadFacts) or kind in self._gather

    def get(self, kind: type[T]) -> T:
        """The evidence of that kind. Raises Unavailable, the same each time, where there is none."""
        if kind not in self._known:
            try:
                with self._watched(kind):
                    self._known[kind] = self._gather[kind]()
            except Unavailable as exc:
                self._known[kind] = exc
            except LimitExceeded as exc:
                raise ToolError(f"{self.name}: {exc}") from exc
        found = self._known[kind]
        if isinstance(found, Unavailable):
            raise found
        return found  # type: ignore[no-any-return]

    def _watched(self, kind: type) -> AbstractContextManager[object]:
        stage = _STAGES.get(kind)
        return nullcontext() if stage is None else self._workshop.watch(self.name, stage)

    def gathered(self, kind: type[T]) -> T | None:
        """The evidence of that kind if it was gathered and found; gathers nothing."""
        found = self._known.get(kind)
        return None if isinstance(found, Unavailable) else found

    def seal(self) -> FileFacts:
        """The file's identity, after all reading.

        Raises SourceError if the file changed meanwhile, and Unavailable where there is none.
        """
        facts = self.get(FileFacts)
        if isinstance(self._file, RemoteFile):
            return replace(facts, sha256=self._file.facts.sha256)
        if not unchanged(facts):
            raise SourceError(f"{self.name}: changed while it was being checked; check it again")
        return facts

    def download(self) -> DownloadFacts | None:
        """What was read of a file behind an address; ``None`` for one that is here."""
        return self._file.facts if isinstance(self._file, RemoteFile) else None

    def _of_address(self) -> dict[type, Callable[[], Any]]:
        """What only an address has: that of the file, or the one at which a local file is said to be."""
        remote, served_at = self._file, self._workshop.submission.served_at(self.role)
        if not isinstance(remote, RemoteFile):
            if served_at is None:
                return {}
            return {LinkFacts: lambda: read_link(read_url(served_at), dt.datetime.now(dt.UTC))}

        def downloaded() -> DownloadFacts:
            self._require_asked(remote)
            return remote.facts

        return {LinkFacts: lambda: remote.link, DownloadFacts: downloaded}

    @staticmethod
    def _require_asked(remote: RemoteFile) -> None:
        """Raise Unavailable for an address that says itself that there is no file."""
        why = remote.link.why_not_asked
        if why is not None:
            raise Unavailable(why)

    def _examined(self) -> FileFacts:
        if isinstance(self._file, RemoteFile):
            self._require_asked(self._file)
        self._file.need_start()
        return examine(self._file.path, digest=not self.is_remote)

    def _demuxer(self) -> str:
        file = self.get(FileFacts)
        known = _DEMUXERS | _SOUND_DEMUXERS if self._workshop.sound_files else _DEMUXERS
        if file.container not in known:
            raise Unavailable(f"the file is not a video ({file.kind})")
        self._file.need_index()
        return known[file.container]

    def _complete(self, wanted: Callable[[Places], Spans]) -> None:
        """Have all of a file of which ffmpeg is about to decode what is not here: it reads the index in its
        own way, and what is missing would be silence to it."""
        if not self._file.whole and self._file.lacks(wanted(self.get(Places))):
            self._file.need_all()

    def _places(self) -> Places:
        return Places.from_ffprobe(self._workshop.ffmpeg.places(self._file.path, self._demuxer()))

    def _media(self) -> MediaFacts:
        demuxer = self._demuxer()
        self._complete(Places.first)
        media = MediaFacts.from_ffprobe(self._workshop.ffmpeg.probe(self._file.path, demuxer))
        if self._file.whole or all(track.pixel_format is not None for track in media.video):
            return media
        # the first frame says nothing, and ffmpeg goes on to others, of which nothing is here
        self._file.need_all()
        return MediaFacts.from_ffprobe(self._workshop.ffmpeg.probe(self._file.path, demuxer))

    def _packets(self) -> PacketFacts:
        media = self.get(MediaFacts)
        return PacketFacts.from_ffprobe(
            self._workshop.ffmpeg.packets(self._file.path, self._demuxer()), media
        )

    def _boxes(self) -> BoxFacts:
        self._demuxer()
        file = self.get(FileFacts)
        return boxes_of(file) if file.container in BOXED else BoxFacts(())

    def _source(self) -> Source:
        return Source(self._workshop.ffmpeg, self._file.path, self._demuxer())

    def _heard(self) -> Heard:
        opening_s = self._opening_s + _TO_TELL_THE_END_S
        whole = self._workshop.depth.reaches(Depth.STANDARD)
        source, media = self._source(), self.get(MediaFacts)
        self._file.need_sound(None if whole else opening_s)
        self._complete(lambda places: places.sound(*_until(media, None if whole else opening_s)))
        return hear(source, media, opening_s=opening_s, whole=whole)

    def _viewed(self) -> Viewed:
        media, packets = self.get(MediaFacts), self.get(PacketFacts)
        track, end = media.first_video, _end_s(packets.picture, media)
        every_frame = self._workshop.depth is Depth.DEEP
        self._file.need_all() if every_frame else self._file.need_key_frames()
        self._complete(lambda places: places.pictures(track.index, keys_only=track.codec in SKIPPING))
        viewed = view(self._source(), track, end, every_frame=every_frame)
        if not every_frame and _decoded(packets, viewed).lost_many:
            # Open groups of pictures and intra refresh: key frames that a decoder skips when it is shown
            # nothing else. Only a decode of every frame tells them from damage.
            self._file.need_all()
            viewed = view(self._source(), track, end, every_frame=True)
        return viewed

    def _picture(self) -> PictureFacts:
        picture = self.get(Viewed).picture
        if not picture.frames:
            raise Unavailable("no picture could be decoded")
        if picture.every_frame:
            return picture
        return replace(picture, closer=tuple(self._looked_closer(picture)))

    def _looked_closer(self, picture: PictureFacts) -> Iterator[CloserLook]:
        """Every frame between the key frames that are least like each other: a cut, or did somebody move?"""
        unlike = [
            (frame.likeness, at)
            for at, frame in enumerate(picture.frames)
            if frame.likeness is not None
            and frame.likeness < self._workshop.policy.picture.likeness_suspected.value
        ]
        for _, at in sorted(unlike)[:_CLOSER_LOOKS]:
            start, end = picture.frames[at - 1].time_s, picture.frames[at].time_s
            if end - start <= _LONGEST_LOOK_S:
                track = self.get(MediaFacts).first_video
                # times are rounded to the millisecond: a little late, and the key frame would be passed over
                stretch = (max(0.0, start - 0.002), end + _TO_TELL_THE_END_S)
                self._file.need_stretch(*stretch)
                self._complete(partial(_stretch, media=self.get(MediaFacts), stretch=stretch))
                seen = view(self._source(), track, end - start, every_frame=True, stretch=stretch)
                if len(seen.picture.frames) > 1:  # a look that saw nothing tells nothing
                    yield CloserLook(at, seen.picture.frames)

    def _faces(self) -> FaceFacts:
        return face_facts((detail.time_s, detail.pixels) for detail in self._details())

    def _details(self) -> Iterator[Detail]:
        """Decoded when the first one is asked for: not before there is something that looks for faces."""
        self.get(PictureFacts).require_close(self._workshop.policy.picture.max_key_gap.value)
        yield from self.get(Viewed).details.frames

    def _sound_facts(self) -> SoundFacts:
        return self.get(Heard).facts(self.get(SpeechFacts))

    def _decode(self) -> DecodeFacts:
        self._demuxer()
        cut_short = self.get(FileFacts).missing_bytes
        every_frame = self._workshop.depth is Depth.DEEP
        try:
            media, packets = self.get(MediaFacts), self.get(PacketFacts)
        except Unavailable as exc:
            return DecodeFacts(every_frame, None, None, 0.0, unreadable=str(exc))
        viewed = None
        if packets.video is not None and self._workshop.depth.reaches(Depth.STANDARD):
            viewed = self.get(Viewed)
        heard = None if packets.audio is None else self.get(Heard)
        missing = _missing(media, packets)
        if heard is not None and packets.audio is not None and heard.whole and not heard.changes_format:
            missing = max(missing, _end_s(packets.audio, media) - heard.decoded_s)
        complaints = (*(viewed.complaints if viewed else ()), *(heard.complaints if heard else ()))
        return replace(
            _decoded(packets, viewed),
            missing_s=missing,
            missing_bytes=cut_short,
            complaints=complaints[:_MAX_COMPLAINTS],
        )

    @property
    def _opening_s(self) -> float:
        """How much of the sound is listened to for words."""
        limits = self._workshop.policy.consent
        return limits.max_clip.value if self.role is Role.CONSENT_VIDEO else limits.opening_window.value

    def _opening(self) -> Opening:
        opening = self.get(Heard).opening
        if opening.heard_s < 0.1:
            raise Unavailable("no sound could be decoded")
        self._require_all(opening)
        return opening

    def _require_all(self, opening: Opening) -> None:
        """Raise Unavailable when less was decoded than is there, or more: what was not heard, or was pushed
        out of the opening by what does not belong there, may be a refusal."""
        media, sound, heard = self.get(MediaFacts), self.get(PacketFacts).audio, self.get(Heard)
        slack = self._workshop.policy.container.max_missing.value
        whole = 0.0 if sound is None else _end_s(sound, media)
        there = min(opening.asked_s, whole)
        if opening.heard_s < there - slack:
            why = ", where its format changes" if heard.changes_format else ""
            raise Unavailable(f"only {opening.heard_s:.1f} of {there:.1f} s of sound could be decoded{why}")
        expected = whole if heard.whole else there
        if heard.decoded_s > expected + slack:
            raise Unavailable(f"{heard.decoded_s:.1f} s of sound came out of {expected:.1f} s that are there")

    def _transcript(self) -> Transcript:
        """Words, where there is speech: a recogniser that is given none makes some up."""
        if not self.get(SpeechFacts).regions:
            return Transcript(())
        return self._workshop.recogniser().transcribe(self.get(Opening).samples)

    def _consent_if_required(self) -> ConsentMatch:
        """The consent. What is only advised does not stop a check for want of a recogniser."""
        try:
            return self._consent()
        except RecogniserError as exc:
            if self._workshop.policy.consent_requirement is Requirement.REQUIRED:
                raise
            raise Unavailable(str(exc)) from exc

    def _consent(self) -> ConsentMatch:
        policy = self._workshop.policy.consent
        if self.role is Role.CONSENT_VIDEO and not self.get(Opening).whole:
            raise Unavailable(
                f"the clip is longer than the {policy.max_clip.value:g} s that are listened to; "
                "send a clip that holds the statement alone"
            )
        match = combine(self._opinions())
        if match.verdict is not Verdict.FAIL and match.start_s is not None and match.end_s is not None:
            opening = self.get(Opening)
            spoken = opening.samples[int(match.start_s * SAMPLE_RATE) : int(match.end_s * SAMPLE_RATE)]
            language = self._workshop.recogniser().language_of(spoken)
            if language is not None:
                match = spoken_in(match, *language, expected=policy.language.value)
        if not match.words and self.role is Role.TRAINING_VIDEO:
            later = self._found_later()
            match = match if later is None else found_later(match, later)
        return match

    def _opinions(self) -> list[Opinion]:
        """The first decode, and others where they can change the verdict."""
        workshop, speech = self._workshop, self.get(SpeechFacts)
        opinions = [Opinion("first decode", self._judged(self.get(Transcript), speech))]
        if not speech.regions:
            return opinions
        samples = self.get(Opening).samples
        if needs_another(opinions[0].match):
            opinions.append(Opinion("second decode", self._judged(self._heard_again(samples), speech)))
        if workshop.second_recogniser is not None and not any(is_vetoed(one.match) for one in opinions):
            other = workshop.second_recogniser().transcribe(samples)
            opinions.append(Opinion(SECOND_MODEL, self._judged(other, speech)))
        return opinions

    def _heard_again(self, samples: NDArray[np.float32]) -> Transcript:
        """Another decode, in the language that was detected on the speech alone."""
        first = self.get(Transcript)
        profile = {**SECOND_PROFILE, "language": first.language}
        again = self._workshop.recogniser().transcribe(samples, profile)
        if first.language is None:
            return again
        return replace(again, language=first.language, language_probability=first.language_probability)

    def _judged(self, transcript: Transcript, speech: SpeechFacts) -> ConsentMatch:
        submission = self._workshop.submission
        hearing = Hearing(
            words=transcript.words,
            speech=speech.regions,
            language=transcript.language,
            language_probability=transcript.language_probability,
            levels=speech.levels,
        )
        alone = self.role is Role.CONSENT_VIDEO
        return judge(
            hearing,
            full_name=submission.full_name,
            accepted_names=submission.accepted_names,
            placement=Placement.ALONE if alone else Placement.OPENING,
            limits=Limits.of(self._workshop.policy.consent),
        )

    def _found_later(self) -> ConsentMatch | None:
        """The statement further on, looked for once where the opening lacks it, to say where it is."""
        if self.get(Opening).whole:
            return None
        try:
            return self._searched()
        except (ToolError, RecogniserError):
            return None  # it fails either way

    def _searched(self) -> ConsentMatch | None:
        seconds = self._workshop.policy.consent.search_window.value
        media = self.get(MediaFacts)
        self._file.need_sound(seconds)
        self._complete(lambda places: places.sound(*_until(media, seconds)))
        rest = hear(self._source(), media, opening_s=seconds, whole=False).opening
        speech = detect_speech_in_blocks(rest)
        if not speech.regions:
            return None
        match = self._judged(self._heard_in_stretches(rest, speech), speech)
        return match if match.words and "consent-late" in match.reasons else None

    def _heard_in_stretches(self, sound: Opening, speech: SpeechFacts) -> Transcript:
        """A long recording, decoded stretch by stretch, so that what is misheard in one spoils no other."""
        words: list[Word] = []
        recogniser, language = self._workshop.recogniser(), None
        deadline = time.monotonic() + _SEARCH_TIMEOUT_S
        for start, end in stretches(speech.regions):
            if time.monotonic() > deadline:
                break
            part = recogniser.transcribe(sound.samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)])
            words += [word.shifted(start) for word in part.words]
            language = language or part.language
        return Transcript(tuple(words), language)

    def _loaded(self) -> LoadedImage:
        file, limits = self.get(FileFacts), self._workshop.policy.image
        if file.container in (Container.JPEG, Container.PNG):  # nothing else is decoded
            self._file.need_all()
        return read_image(
            file,
            max_pixels=limits.max_pixels.value,
            max_scanned=limits.max_scanned.value,
            max_coefficients=limits.max_coefficients.value,
            max_scan_bytes=limits.max_scan_bytes.value,
            max_unpacked=limits.max_unpacked.value,
            max_parts=limits.max_parts.value,
        )

    def _photo(self) -> PhotoFacts:
        """Measured on the face where one was found; on the whole picture otherwise."""
        loaded = self.get(LoadedImage)
        pixels = loaded.pixels
        try:
            face = self.get(PortraitFacts).face
        except Unavailable:
            face = None
        return photo_facts(pixels, face, full_size=not loaded.reduced, quality=loaded.facts.quality)


def _file_of(source: str | os.PathLike[str], workshop: Workshop) -> AssetFile:
    if is_address(source) and workshop.fetch is not None:
        return workshop.fetch(os.fsdecode(source))
    return LocalFile(resolve(source))


def _end_s(track: Timeline, media: MediaFacts) -> float:
    """Where a track ends, on the clock of what is decoded: it starts with the first packet of any track."""
    return track.end_s - (media.start_s or 0.0)


def _until(media: MediaFacts, seconds: float | None) -> tuple[int, float | None]:
    """The sound track, and the time of the file by which so many seconds of it are decoded."""
    return media.first_audio.index, None if seconds is None else seconds + (media.start_s or 0.0)


def _stretch(places: Places, media: MediaFacts, stretch: tuple[float, float]) -> Spans:
    start_s, end_s = (time + (media.start_s or 0.0) for time in stretch)
    return places.stretch(media.first_video.index, start_s, end_s)


def _decoded(packets: PacketFacts, viewed: Viewed | None) -> DecodeFacts:
    """The pictures that went into the decoder and those that came out; neither where it was not asked."""
    if packets.video is None or viewed is None:
        return DecodeFacts(False, None, None, 0.0)
    picture = viewed.picture
    expected = packets.video.packets if picture.every_frame else packets.video.key_packets
    return DecodeFacts(picture.every_frame, expected, len(picture.frames), 0.0)


def _missing(media: MediaFacts, packets: PacketFacts) -> float:
    """Seconds by which a track ends before its header says, or, where tracks declare nothing, before the
    container does."""
    pairs: list[tuple[float | None, float | None, Timeline]] = []
    if packets.video is not None:
        pairs.append((media.first_video.duration_s, media.first_video.start_s, packets.video))
    if packets.audio is not None:
        pairs.append((media.first_audio.duration_s, media.first_audio.start_s, packets.audio))
    whole = media.duration_s
    declared = [
        (min((start or 0.0) + duration, whole if whole is not None else float("inf")), timeline.end_s)
        for duration, start, timeline in pairs
        if duration is not None
    ]
    if not declared and whole is not None and pairs:
        declared = [(whole, max(timeline.end_s for _, _, timeline in pairs))]
    return max((promised - end for promised, end in declared), default=0.0)
