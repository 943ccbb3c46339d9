"""Gathering on real files: what encoders and editors do to a recording is told from damage."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import ToolError, Unavailable
from preflight.evidence.decode import Heard
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.gather import Evidence, Workshop
from preflight.evidence.media import DecodeFacts, MediaFacts, PacketFacts
from preflight.evidence.sound import Opening, SpeechFacts
from preflight.policy import load_policy
from preflight.rules.aud004_audio_tracks_ambiguous import audio_tracks_ambiguous
from preflight.rules.med005_media_damaged import media_damaged
from preflight.rules.med006_decoder_complaints import decoder_complaints
from preflight.rules.med015_pictures_undecodable import pictures_undecodable
from preflight.rules.vid001_training_video_too_short import training_video_too_short
from preflight.rules.vid008_video_tracks_ambiguous import video_tracks_ambiguous
from preflight.submission import Depth, Role, Submission

pytestmark = pytest.mark.media

POLICY = load_policy("tavus-replica-phoenix-4")
PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=8")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=8")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")
AAC = ("-c:a", "aac")


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True, timeout=60)


def gathered(path: Path, depth: Depth = Depth.STANDARD) -> Evidence:
    def unused() -> object:
        raise AssertionError("no words are needed here")

    workshop = Workshop(Submission(train_video=path), POLICY, depth, unused)  # type: ignore[arg-type]
    return Evidence(Role.TRAINING_VIDEO, path, workshop)


def gathered_by(tool: type[Ffmpeg], path: Path) -> Evidence:
    """With another door to ffmpeg."""
    real = Ffmpeg.locate()
    workshop = Workshop(
        Submission(train_video=path),
        POLICY,
        Depth.STANDARD,
        lambda: None,  # type: ignore[arg-type,return-value]
        lambda: tool(real.ffmpeg, real.ffprobe),
    )
    return Evidence(Role.TRAINING_VIDEO, path, workshop)


def damage(path: Path) -> list[str]:
    """What the two rules about damage say."""
    facts = gathered(path).get(DecodeFacts)
    rules = (media_damaged, pictures_undecodable, decoder_complaints)
    found = [violation for rule in rules for violation in rule.judge(facts, POLICY)]
    return [violation.message for violation in found]


HONEST: dict[str, Callable[[Path], None]] = {
    "closed groups": lambda path: ffmpeg(*PICTURE, *TONE, *X264, *AAC, "-g", "30", path),
    "open groups": lambda path: ffmpeg(
        *PICTURE, *TONE, *X264, "-bf", "3", "-x264-params", "open-gop=1:keyint=30:scenecut=0", *AAC, path
    ),
    "intra refresh": lambda path: ffmpeg(
        *PICTURE, *TONE, *X264, "-x264-params", "intra-refresh=1:keyint=30", *AAC, path
    ),
    "both tracks start late": lambda path: ffmpeg(
        *PICTURE, *TONE, *X264, *AAC, "-output_ts_offset", "3.5", path
    ),
    "sound starts late": lambda path: ffmpeg(*PICTURE, "-itsoffset", "2", *TONE, *X264, *AAC, path),
    "sound is shorter": lambda path: ffmpeg(*PICTURE, "-t", "5", *TONE, *X264, *AAC, path),
    "fragmented": lambda path: ffmpeg(
        *PICTURE, *TONE, *X264, *AAC, "-g", "30", "-movflags", "frag_keyframe+empty_moov", path
    ),
}


@pytest.mark.parametrize("kind", HONEST)
def test_honest_recordings_are_not_damaged(kind: str, tmp_path: Path) -> None:
    """Encoders differ; nothing that plays to its end is called cut short or damaged."""
    path = tmp_path / "clip.mp4"
    HONEST[kind](path)

    assert [] == damage(path)


def test_lost_pictures_are_damage(tmp_path: Path) -> None:
    """When the pictures themselves are overwritten, it shows, and a second look does not hide it."""
    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 2000
    data[start : start + len(data) * 2 // 3] = bytes(len(data) * 2 // 3)
    path.write_bytes(data)

    assert damage(path)


def test_cover_art_and_subtitles_are_no_complaint(tmp_path: Path) -> None:
    """Tracks beside picture and sound are not decoded, and not complained of."""
    art, titles, path = tmp_path / "art.png", tmp_path / "titles.srt", tmp_path / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64:duration=1", "-frames:v", "1", art)
    titles.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    ffmpeg(
        *(*PICTURE, *TONE, "-i", art, "-i", titles, "-map", "2", "-map", "0", "-map", "1", "-map", "3"),
        *(*X264, *AAC, "-c:v:0", "png", "-c:s", "mov_text", "-disposition:v:0", "attached_pic", path),
    )

    facts = gathered(path).get(MediaFacts)

    assert (1, 1, 1) == (len(facts.video), facts.attached_pictures, facts.other_tracks)
    assert [] == damage(path)


def test_second_tracks_go_to_a_person(tmp_path: Path) -> None:
    """Which of two tracks the service takes is unknown; neither may hide behind the other."""
    path = tmp_path / "clip.mp4"
    ffmpeg(*PICTURE, *TONE, "-map", "0", "-map", "0", "-map", "1", "-map", "1", *X264, *AAC, path)

    facts = gathered(path).get(MediaFacts)

    assert 1 == len(list(audio_tracks_ambiguous.judge(facts, POLICY)))
    assert 1 == len(list(video_tracks_ambiguous.judge(facts, POLICY)))


def test_length_is_that_of_the_picture(tmp_path: Path) -> None:
    """Eight seconds of picture beside seventy of sound are eight seconds."""
    path = tmp_path / "clip.mp4"
    ffmpeg(*PICTURE, "-f", "lavfi", "-i", "sine=sample_rate=8000:duration=70", *X264, *AAC, path)

    evidence = gathered(path)
    (found,) = training_video_too_short.judge(evidence.get(PacketFacts), POLICY)

    assert evidence.get(MediaFacts).duration_s == pytest.approx(70, abs=0.2)
    assert found.measured == pytest.approx(8, abs=0.1)


def test_name_that_is_not_unicode(tmp_path: Path) -> None:
    """A file name is bytes; those that are no text are names all the same."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff\xfe.mp4"))
    HONEST["closed groups"](tmp_path / "good.mp4")
    (tmp_path / "good.mp4").rename(path)

    assert [] == damage(path)
    assert gathered(os.fsencode(path)).get(MediaFacts).video  # type: ignore[arg-type]


def test_every_frame_is_counted_at_depth_deep(tmp_path: Path) -> None:
    """Deep looks at all 240 frames, standard at the eight key frames."""
    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)

    deep, standard = (gathered(path, depth).get(DecodeFacts) for depth in (Depth.DEEP, Depth.STANDARD))

    assert (240, 240) == (deep.frames_expected, deep.frames_decoded)
    assert (8, 8) == (standard.frames_expected, standard.frames_decoded)


def test_absurd_packet_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few megabytes can promise millions of packets; they are not all taken into memory."""
    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)
    monkeypatch.setattr("preflight.evidence.ffmpeg._PACKETS_CAP", 10_000)

    with pytest.raises(ToolError, match=r"clip\.mp4: ffprobe answered with more than 10000 bytes"):
        gathered(path).get(PacketFacts)


def test_commands_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that opens a file pins the demuxer, the protocol and the size of allocations."""
    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)
    commands: list[list[str]] = []
    from preflight.evidence import ffmpeg as door

    real = door.run
    monkeypatch.setattr(
        door, "run", lambda argv, **limits: commands.append(list(argv)) or real(argv, **limits)
    )

    gathered(path).get(DecodeFacts)

    assert 4 == len(commands)
    for command in commands:
        before_input = command[: command.index("-i")]
        assert command[command.index("-i") + 1] == f"file:{path}"
        assert "file" == before_input[before_input.index("-protocol_whitelist") + 1]
        assert "mov" == before_input[before_input.index("-f") + 1]
        assert str(256 << 20) == before_input[before_input.index("-max_alloc") + 1]
    decoding = [command for command in commands if Path(command[0]).name == "ffmpeg"]
    assert 2 == len(decoding)
    assert all("-codec_whitelist" in command and "-nostdin" in command for command in decoding)


def test_sound_that_decodes_in_part_is_not_listened_to(tmp_path: Path) -> None:
    """A decoder that stops half-way reports success; half a consent is none."""

    class Stopping(Ffmpeg):
        def decode_sound(self, *args: Any, sink: Any, **kwargs: Any) -> Any:
            heard = bytearray()
            log = super().decode_sound(*args, sink=heard.extend, **kwargs)
            sink(bytes(heard[: 4 * 32_000]))
            return log

    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)

    with pytest.raises(Unavailable, match=r"only 4\.0 of 8\.0 s of sound could be decoded"):
        gathered_by(Stopping, path).get(Opening)
    assert gathered(path).get(Opening).heard_s == pytest.approx(8, abs=0.1)


def test_sound_that_changes_its_format_is_not_listened_to(tmp_path: Path) -> None:
    """Where mono turns into stereo, filters begin anew and put silence in front, and what belongs to the
    opening is pushed out of it. A refusal could be there."""
    parts = []
    for name, channels, hertz in (("mono", "1", 440), ("stereo", "2", 1500)):
        tone = ("-f", "lavfi", "-i", f"sine=frequency={hertz}:sample_rate=48000:duration=30")
        ffmpeg(*tone, *AAC, "-ac", channels, tmp_path / f"{name}.mp4")
        parts.append(f"file '{tmp_path / name}.mp4'\n")
    (tmp_path / "list.txt").write_text("".join(parts))
    joined = ("-f", "concat", "-safe", "0", "-i", tmp_path / "list.txt")
    ffmpeg(*PICTURE, *joined, "-map", "0:v", "-map", "1:a", *X264, "-c:a", "copy", tmp_path / "clip.mp4")

    found = gathered(tmp_path / "clip.mp4")
    assert not list(media_damaged.judge(found.get(DecodeFacts), POLICY))
    with pytest.raises(Unavailable, match="where its format changes"):
        found.get(Heard).facts(SpeechFacts((), 30.0))
    for depth in Depth:
        with pytest.raises(
            Unavailable, match=r"only 30\.\d of \d+\.\d s of sound could be decoded, where its format"
        ):
            gathered(tmp_path / "clip.mp4", depth).get(Opening)


def test_more_sound_than_there_is_goes_to_a_person(tmp_path: Path) -> None:
    """Whatever puts it in, positions are no longer times of the file."""

    class Padding(Ffmpeg):
        def decode_sound(self, *args: Any, sink: Any, **kwargs: Any) -> Any:
            sink(bytes(2 * 32_000))
            return super().decode_sound(*args, sink=sink, **kwargs)

    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)

    with pytest.raises(Unavailable, match=r"10\.0 s of sound came out of 8\.0 s"):
        gathered_by(Padding, path).get(Opening)


def test_tools_are_looked_for_once(tmp_path: Path) -> None:
    """The workshop finds ffmpeg when it is first needed, and keeps it."""
    found: list[Ffmpeg] = []

    def locate() -> Ffmpeg:
        found.append(Ffmpeg.locate())
        return found[-1]

    path = tmp_path / "clip.mp4"
    HONEST["closed groups"](path)
    workshop = Workshop(Submission(), POLICY, Depth.QUICK, lambda: None, locate)  # type: ignore[arg-type,return-value]

    Evidence(Role.TRAINING_VIDEO, path, workshop).get(DecodeFacts)

    assert 1 == len(found)
