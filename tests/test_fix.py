"""Mending, on small files: the fault is gone, nothing new came, the original is as it was."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import preflight
from fixtures.spoiled import Studio
from preflight.errors import SourceError, ToolError, UsageError
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.gather import Evidence, Workshop
from preflight.evidence.media import MediaFacts, PacketFacts
from preflight.fix import fix
from preflight.mend import Mend
from preflight.mend.video import plan
from preflight.policy import load_policy
from preflight.render.text import render_fixed, render_report
from preflight.submission import Depth, Role, Submission
from tests.conftest import ROOT
from tests.listener import Listener

pytestmark = [pytest.mark.media, pytest.mark.asr]

POLICY = load_policy("tavus-replica-phoenix-4")
COMMAND = Path(sys.executable).with_name("preflight")
# length, size and speech, which no clip here has, and a test picture that moves and shows nobody
SMALL = {"VID001", "VID005", "VID027", "VID028", "AUD003", "CON001"}
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1")
HDR = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_trc", "smpte2084")
FAST = ("-movflags", "+faststart")
FAULTS: dict[str, tuple[str, set[str], tuple[str, ...]]] = {
    "QuickTime": ("a.mov", {"MED001"}, (*H264, *FAST)),
    "Matroska": ("a.mkv", {"MED001"}, H264),
    "WebM": (
        "a.webm",
        {"MED002", "VID002", "AUD002"},
        ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus"),
    ),
    "index at the end": ("a.mp4", {"MED007"}, H264),
    "named .m4v": ("a.m4v", {"MED008"}, (*H264, "-f", "mp4", *FAST)),
    "HEVC": ("a.mp4", {"VID002"}, (*HEVC, "-pix_fmt", "yuv420p", *FAST)),
    "10-bit": ("a.mp4", {"VID009"}, (*H264, "-pix_fmt", "yuv420p10le", *FAST)),
    "4:4:4": ("a.mp4", {"VID009"}, (*H264, "-pix_fmt", "yuv444p", *FAST)),
    "HDR": (
        "a.mp4",
        {"VID002", "VID009", "VID010"},
        (*HEVC, "-pix_fmt", "yuv420p10le", *HDR, "-c:a", "aac", *FAST),
    ),
    "interlaced": (
        "a.mp4",
        {"VID011"},
        (*H264, "-vf", "interlace", "-flags", "+ildct+ilme", *FAST),
    ),
    "PCM sound": ("a.mov", {"MED001", "AUD002"}, (*H264, "-c:a", "pcm_s16le", *FAST)),
}


def made(
    path: Path, *options: str, rate: str = "30", seconds: float = 2, before: tuple[str, ...] = ()
) -> Path:
    picture = f"testsrc2=size=320x180:rate={rate}:duration={seconds}"
    sound = f"sine=frequency=300:sample_rate=48000:duration={seconds}"
    ran(
        *("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, *before),
        *("-f", "lavfi", "-i", sound, *options, f"file:{path}"),
    )
    return path


def ran(*argv: str | Path) -> None:
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)


def pasted(line: str, folder: Path) -> None:
    """A line of the report in a shell, as it was printed."""
    subprocess.run(["sh", "-c", line], cwd=folder, check=True, timeout=60, stdin=subprocess.DEVNULL)


def checked(clip: Path) -> preflight.Report:
    return preflight.check(Submission(train_video=clip), recogniser=Listener(""))


def codes(report: preflight.Report) -> set[str]:
    return {f.code for f in report.findings if f.assessed} - SMALL


def evidence(clip: Path) -> Evidence:
    workshop = Workshop(Submission(train_video=clip), POLICY, Depth.STANDARD, lambda: Listener(""))
    return Evidence(Role.TRAINING_VIDEO, clip, workshop)


def mended_by(clip: Path, *mends: Mend) -> Evidence:
    """The result of the command for these faults, which rules of other versions may find."""
    facts = evidence(clip)
    faults = {f"VID9{at:02d}": mend for at, mend in enumerate(mends)}
    found = plan(faults, facts.get(MediaFacts), facts.get(PacketFacts), POLICY)
    assert found is not None
    pasted(found.command(clip.name) + " 2>/dev/null", clip.parent)
    return evidence(clip.with_name(f"{clip.stem}.fixed.mp4"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def frame(path: Path, at: float = 1.0) -> bytes:
    """A picture as it is shown, small and grey."""
    size = ("-frames:v", "1", "-vf", "scale=36:36", "-pix_fmt", "gray", "-f", "rawvideo", "-")
    seek = ("-ss", str(at)) if at else ()
    argv = ("ffmpeg", "-v", "error", *seek, "-i", f"file:{path}", *size)
    return subprocess.run(argv, check=True, timeout=30, stdout=subprocess.PIPE).stdout


def difference(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


@pytest.mark.parametrize(("name", "found", "how"), FAULTS.values(), ids=FAULTS)
def test_fault_is_mended(name: str, found: set[str], how: tuple[str, ...], tmp_path: Path) -> None:
    """By the command as printed, and by `preflight fix`, to the same end; nothing new comes."""
    # weaving fields halves the rate
    clip = made(tmp_path / name, *how, rate="60" if "interlace" in how else "30")
    before, bytes_before = checked(clip), digest(clip)
    (asset,) = before.assets
    assert asset.fix is not None

    pasted(asset.fix.command(name) + " 2>/dev/null", tmp_path)
    done = fix(clip, tmp_path / "by-fix.mp4")

    assert found == codes(before)
    assert found == set(asset.fix.mends)
    assert done.mending == asset.fix
    for result in (tmp_path / "a.fixed.mp4", tmp_path / "by-fix.mp4"):
        after = checked(result)
        assert set() == codes(after)
        assert after.assets[0].fix is None
    assert bytes_before == digest(clip)
    assert {name, "a.fixed.mp4", "by-fix.mp4"} == {path.name for path in tmp_path.iterdir()}


def test_sound_is_not_touched(tmp_path: Path) -> None:
    """Encoding the picture copies the packets of the sound, bit by bit."""
    clip = made(tmp_path / "a.mov", *HEVC, "-c:a", "aac", *FAST)
    fix(clip, tmp_path / "b.mp4")

    assert heard(clip) == heard(tmp_path / "b.mp4")


def heard(path: Path) -> bytes:
    argv = ("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-c", "copy", "-f", "adts", "-")
    return subprocess.run(argv, check=True, timeout=30, stdout=subprocess.PIPE).stdout


def test_several_faults_are_mended_at_once(tmp_path: Path) -> None:
    """HEVC in a QuickTime movie at 60 frames a second, with cover art and a place: one command."""
    plain = made(tmp_path / "plain.mov", *HEVC, "-c:a", "aac", rate="60", seconds=2)
    ran(
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "color=red:size=64x64",
        "-frames:v",
        "1",
        tmp_path / "c.png",
    )
    clip = tmp_path / "a.mov"
    ran(
        *("ffmpeg", "-v", "error", "-i", plain, "-i", tmp_path / "c.png", "-map", "0", "-map", "1"),
        *("-c", "copy", "-disposition:v:1", "attached_pic", "-metadata", "location=+52.5200+013.4050/", clip),
    )
    assert b"+52.5200" in clip.read_bytes()

    mends = (Mend.REMUX, Mend.TRANSCODE_VIDEO, Mend.HALVE_RATE, Mend.FIRST_TRACKS, Mend.FASTSTART)
    result = mended_by(clip, *mends)

    media, packets = result.get(MediaFacts), result.get(PacketFacts)
    assert ("h264", 0, 0) == (media.first_video.codec, media.attached_pictures, media.other_tracks)
    assert float(packets.picture.mean_frame_rate or 0) == pytest.approx(30, abs=0.01)
    assert pytest.approx(2.0, abs=0.02) == packets.picture_s
    assert set() == codes(checked(tmp_path / "a.fixed.mp4"))
    assert b"+52.5200" not in (tmp_path / "a.fixed.mp4").read_bytes()


def test_turned_picture_keeps_its_look(tmp_path: Path) -> None:
    """Upright for every player, as it was for those that turn it."""
    flat = made(tmp_path / "flat.mp4", *H264)
    clip = tmp_path / "a.mp4"
    ran("ffmpeg", "-v", "error", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90", *FAST, clip)

    result = mended_by(clip, Mend.UPRIGHT)

    before, after = evidence(clip).get(MediaFacts).first_video, result.get(MediaFacts).first_video
    assert (True, 0) == (before.rotation % 180 == 90, after.rotation)
    assert (before.width, before.height) == (after.coded_width, after.coded_height)
    assert difference(frame(clip), frame(tmp_path / "a.fixed.mp4")) < 2
    assert difference(frame(flat), frame(tmp_path / "a.fixed.mp4")) > 10


def test_a_turned_picture_is_stored_upright(tmp_path: Path) -> None:
    """Another container keeps the size that is seen, and needs no turn any more."""
    flat = made(tmp_path / "flat.mp4", *H264)
    clip = tmp_path / "a.mov"
    ran("ffmpeg", "-v", "error", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90", clip)
    fix(clip, tmp_path / "b.mp4")

    (was, now) = (evidence(path).get(MediaFacts).first_video for path in (clip, tmp_path / "b.mp4"))

    assert (90, 0) == (abs(was.rotation), now.rotation)
    assert (was.width, was.height) == (now.width, now.height)


@pytest.mark.parametrize("turned", [False, True])
def test_pixels_become_square(turned: bool, tmp_path: Path) -> None:
    """The picture has the size that it was shown in; upright, too."""
    clip = made(tmp_path / "a.mp4", *H264, "-vf", "setsar=4/3")
    if turned:
        clip = clip.rename(tmp_path / "flat.mp4")
        ran(
            "ffmpeg",
            "-v",
            "error",
            "-i",
            clip,
            "-c",
            "copy",
            "-metadata:s:v",
            "rotate=90",
            tmp_path / "a.mp4",
        )
        clip = tmp_path / "a.mp4"

    after = mended_by(clip, Mend.SQUARE_PIXELS).get(MediaFacts).first_video

    assert (180, 426) if turned else (426, 180) == (after.coded_width, after.coded_height)
    assert after.sample_aspect_ratio == 1
    assert difference(frame(clip), frame(tmp_path / "a.fixed.mp4")) < 3


def test_uneven_frames_become_even(tmp_path: Path) -> None:
    """A frame missing here and there, and none of the sound."""
    uneven = (
        "-vf",
        "select=not(eq(mod(n\\,17)\\,5))",
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1:90000",
    )
    clip = made(tmp_path / "a.mp4", *uneven, *H264, seconds=3)
    assert evidence(clip).get(PacketFacts).picture.longest_gap_s == pytest.approx(2 / 30, abs=0.001)

    result = mended_by(clip, Mend.CONSTANT_RATE).get(PacketFacts)

    assert result.picture.longest_gap_s == pytest.approx(1 / 29, abs=0.002)
    assert result.audio is not None
    assert pytest.approx(3.0, abs=0.05) == result.audio.end_s == pytest.approx(result.picture.end_s, abs=0.1)


def test_uneven_frames_keep_their_times_where_the_rate_is_not_mended(tmp_path: Path) -> None:
    """Fourteen frames a second stay fourteen, at the very times they were taken."""
    uneven = ("-vf", "select=gt(mod(n\\,17)\\,8)", "-fps_mode", "passthrough", "-enc_time_base", "1:90000")
    clip = made(tmp_path / "a.mp4", *uneven, *HEVC, "-c:a", "aac", seconds=3)

    fix(clip, tmp_path / "b.mp4")

    assert times(clip) == pytest.approx(times(tmp_path / "b.mp4"), abs=0.0005)


def times(clip: Path) -> list[float]:
    rows = Ffmpeg.locate().packets(clip, "mov")
    return sorted(float(row[1]) for row in rows if row[0] == "0")


def test_what_an_edit_list_hides_is_gone(tmp_path: Path) -> None:
    """A copy from a later key frame keeps the frames before it, out of sight; the mended file has none."""
    whole = made(tmp_path / "whole.mp4", *H264, "-g", "60", seconds=4)
    clip = tmp_path / "a.mp4"
    ran("ffmpeg", "-v", "error", "-ss", "1.5", "-i", whole, "-c", "copy", *FAST, clip)

    result = mended_by(clip, Mend.EDIT_LIST)

    assert hidden(clip) > 0
    assert 0 == hidden(tmp_path / "a.fixed.mp4")
    was, now = evidence(clip).get(PacketFacts), result.get(PacketFacts)
    assert pytest.approx(was.picture_s, abs=0.1) == now.picture_s
    assert difference(frame(clip, 0.5), frame(tmp_path / "a.fixed.mp4", 0.5)) < 2


def hidden(clip: Path) -> int:
    """Frames of the picture that are in the file and not shown."""
    return sum("D" in "".join(row) for row in Ffmpeg.locate().packets(clip, "mov") if row[0] == "0")


def test_tone_mapped_picture_is_sdr(tmp_path: Path) -> None:
    """Eight bits, BT.709, and told so; what is left of an iPhone's HLG as well."""
    for transfer in ("smpte2084", "arib-std-b67"):
        options = (*HDR[:-1], transfer, "-pix_fmt", "yuv420p10le", "-c:a", "aac")
        clip = made(tmp_path / f"{transfer}.mov", *HEVC, *options)
        fix(clip, clip.with_suffix(".mp4"))

        track = evidence(clip.with_suffix(".mp4")).get(MediaFacts).first_video
        assert ("h264", "yuv420p", "bt709", "bt709") == (
            track.codec,
            track.pixel_format,
            track.transfer,
            track.matrix,
        )


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_tone_mapped_face_keeps_its_light(transfer: str, tmp_path: Path) -> None:
    """An ordinary picture that was stored as HDR looks nearly as it did before."""
    portrait = ROOT / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg"
    to_hdr = (
        "scale=360:-2:out_color_matrix=bt709:out_range=tv,format=yuv444p,zscale=transferin=bt709:"
        f"primariesin=bt709:matrixin=bt709:rangein=limited:primaries=bt2020:transfer={transfer}:"
        "matrix=bt2020nc:range=limited:npl=203,format=yuv420p10le"
    )
    ran(
        *("ffmpeg", "-v", "error", "-loop", "1", "-t", "1", "-i", portrait, "-vf", to_hdr, *HEVC),
        *(*HDR[:-1], transfer, tmp_path / "a.mov"),
    )

    fix(tmp_path / "a.mov", tmp_path / "b.mp4")

    assert difference(frame(portrait, 0), frame(tmp_path / "b.mp4", 0)) < 15


# ---- what is left alone


def test_damage_is_not_hidden(tmp_path: Path) -> None:
    """A file that was cut short would look whole afterwards."""
    clip = made(tmp_path / "a.mov", *H264, *FAST, seconds=4)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    assert checked(clip).assets[0].fix is None
    with pytest.raises(UsageError, match=r"is left as it is \(MED005 "):
        fix(clip, tmp_path / "b.mp4")
    assert not (tmp_path / "b.mp4").exists()


def test_no_track_is_chosen(tmp_path: Path) -> None:
    """Which of two sound tracks is the voice is not ours to say."""
    clip = made(
        tmp_path / "a.mov",
        *("-f", "lavfi", "-i", "sine=duration=2", "-map", "0", "-map", "1", "-map", "2", *H264),
    )

    assert checked(clip).assets[0].fix is None
    with pytest.raises(UsageError, match="AUD004"):
        fix(clip, tmp_path / "b.mp4")


def test_nothing_to_mend(tmp_path: Path) -> None:
    """A short and small clip stays so, and no file is written."""
    clip = made(tmp_path / "a.mp4", *H264, *FAST)

    done = fix(clip, tmp_path / "b.mp4")

    assert done.mending is None
    assert {"VID001", "VID005"} == {finding.code for finding in done.left}
    assert [clip] == list(tmp_path.iterdir())


def test_what_is_neither_video_nor_photo(tmp_path: Path) -> None:
    """Nothing else is opened."""
    (tmp_path / "a.mp4").write_bytes(b"GIF89a" + bytes(100))

    with pytest.raises(UsageError, match=r"is a GIF image; videos and photos \(JPEG or PNG\) are mended"):
        fix(tmp_path / "a.mp4", tmp_path / "b.mp4")


def test_what_encoding_hides_is_said(tmp_path: Path) -> None:
    """A damaged packet goes away with the packets; that it was there does not."""
    clip = made(tmp_path / "a.mp4", *H264, "-pix_fmt", "yuv444p", *FAST)
    before = clip.read_bytes()
    at = place(clip, packet=0) + 3000
    clip.write_bytes(before[:at] + b"\xa5" * 40 + before[at + 40 :])
    found = codes(checked(clip))

    done = fix(clip, tmp_path / "b.mp4")

    assert "MED006" in found
    assert ["MED006"] == [finding.code for finding in done.unseen]
    assert "any more in the mended file:\n\nWARNING  MED006" in render_fixed("a.mp4", "b.mp4", done)


def place(clip: Path, packet: int) -> int:
    """Where a packet of the picture stands in the file."""
    entries = ("-select_streams", "v", "-show_entries", "packet=pos", "-of", "csv=p=0")
    argv = ("ffprobe", "-v", "error", *entries, clip)
    lines = subprocess.run(argv, check=True, timeout=30, stdout=subprocess.PIPE, text=True).stdout.split()
    return int(lines[packet].strip(","))


# ---- the output


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("clip") / "a.mov", *H264)


def test_no_file_is_overwritten(clip: Path, tmp_path: Path) -> None:
    """Neither another one, nor the original by any of its names, nor what a link points at."""
    (tmp_path / "there.mp4").write_bytes(b"precious")
    (tmp_path / "soft.mp4").symlink_to(clip)
    (tmp_path / "hard.mp4").hardlink_to(clip)
    (tmp_path / "dangling.mp4").symlink_to(tmp_path / "elsewhere.mp4")
    before = digest(clip)

    for name, said in {
        "there.mp4": "exists already",
        "soft.mp4": "is the original",
        "hard.mp4": "is the original",
        "dangling.mp4": "exists already",
    }.items():
        with pytest.raises(UsageError, match=said):
            fix(clip, tmp_path / name)
    with pytest.raises(UsageError, match="is the original"):
        fix(clip, clip)

    assert b"precious" == (tmp_path / "there.mp4").read_bytes()
    assert (before, False) == (digest(clip), (tmp_path / "elsewhere.mp4").exists())


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(clip: Path, tmp_path: Path) -> None:
    """The name is given at the end, to nothing that exists."""

    class Slow(Ffmpeg):
        def rewrite(self, *args: object, **limits: object) -> None:
            super().rewrite(*args, **limits)  # type: ignore[arg-type]
            (tmp_path / "b.mp4").write_bytes(b"precious")

    with pytest.raises(UsageError, match="exists already"):
        fix(clip, tmp_path / "b.mp4", ffmpeg=Slow("ffmpeg", "ffprobe"))

    assert [b"precious"] == [path.read_bytes() for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("name", "said"), [("b.mov", "ends in .mp4"), ("b", "ends in .mp4"), ("no/b.mp4", "no such folder")]
)
def test_output_that_makes_no_sense(name: str, said: str, clip: Path, tmp_path: Path) -> None:
    """Said before anything is done."""
    with pytest.raises(UsageError, match=said):
        fix(clip, tmp_path / name)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write to")
def test_read_only_folder(clip: Path) -> None:
    """An error that names the file; /proc takes no files, not even from root."""
    with pytest.raises(SourceError, match=r"b\.mp4: cannot be written"):
        fix(clip, "/proc/self/b.mp4")


# ---- what is not the same is not kept


class Cutting(Ffmpeg):
    """ffmpeg as it is when something went wrong and it says nothing."""

    extra: tuple[str, ...] = ()

    def rewrite(self, path: Path, demuxer: str, target: Path, arguments: object, **limits: object) -> None:
        super().rewrite(path, demuxer, target, (*arguments, *self.extra), **limits)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("-t", "1.5"), "would last"),
        (("-an",), "the sound was lost"),
        (("-map", "-0:V"), "the result would not do|picture was lost|cannot be read"),
        (("-movflags", "-faststart"), r"would not do \(MED007"),
    ],
)
def test_a_result_that_is_not_the_same_is_deleted(
    extra: tuple[str, ...], said: str, clip: Path, tmp_path: Path
) -> None:
    """Shorter, silent, blind, or with a fault: nothing is left, and it is said why."""
    tool = Cutting("ffmpeg", "ffprobe")
    object.__setattr__(tool, "extra", extra)

    with pytest.raises(ToolError, match=said):
        fix(clip, tmp_path / "b.mp4", ffmpeg=tool)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("what", "said"), [("kill -9 $$", "exit code -9"), ("exit 0", "cannot be read")])
def test_ffmpeg_that_dies_leaves_nothing(what: str, said: str, clip: Path, tmp_path: Path) -> None:
    """Killed half-way, or gone without a word: no file, and an error."""
    real, tool, out = Ffmpeg.locate(), tmp_path / "ffmpeg", tmp_path / "out"
    out.mkdir()
    tool.write_text(
        "#!/bin/sh\nfor last; do :; done\n"
        f'case "$*" in *"-y -f mp4"*) echo x >"${{last#file:}}"; {what};; esac\n'
        f'exec {real.ffmpeg} "$@"\n'
    )
    tool.chmod(0o755)

    with pytest.raises(ToolError, match=said):
        fix(clip, out / "b.mp4", ffmpeg=Ffmpeg(str(tool), real.ffprobe))

    assert [] == list(out.iterdir())


def test_a_file_that_grows_out_of_bounds_is_stopped(clip: Path, tmp_path: Path) -> None:
    """The system stops ffmpeg at the limit."""
    with pytest.raises(ToolError, match=r"more than 1000 bytes|could not write"):
        Ffmpeg.locate().rewrite(clip, "mov", tmp_path / "b.mp4", ("-c", "copy"), timeout_s=20, max_bytes=1000)

    assert (tmp_path / "b.mp4").stat().st_size <= 1000


# ---- the command


def typed(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_odd_name_from_report_to_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both printed lines work as they stand, for a name with a dash, a space and a quote."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}")
    made(tmp_path / "-x y'z.mov", *H264)
    shown = render_report(checked(Path("-x y'z.mov"))).splitlines()
    (at,) = [
        at for at, line in enumerate(shown) if line.startswith("Can be mended without recording again (")
    ]
    own, tool = shown[at].partition("): ")[2], shown[at + 1].strip()

    for line in (own, tool):
        pasted(f"{line} >/dev/null 2>&1", tmp_path)
        assert set() == codes(checked(tmp_path / "-x y'z.fixed.mp4"))
        (tmp_path / "-x y'z.fixed.mp4").unlink()


def test_command_says_what_it_did(clip: Path, tmp_path: Path) -> None:
    """Step by step, with what is left; exit code 0, nothing on standard error."""
    done = typed("fix", str(clip), "--output", "b.mp4", folder=tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith(f"MENDED  {clip} as b.mp4 (MED001, MED007)\n")
    assert "the sound is copied as it is" in done.stdout
    assert "VID001 training-video-too-short" in done.stdout
    again = typed("fix", str(clip), "--output", "b.mp4", folder=tmp_path)
    assert (2, "") == (again.returncode, again.stdout)
    assert again.stderr.startswith("preflight: b.mp4: exists already")


def test_consent_clip_is_judged_as_one(clip: Path, tmp_path: Path) -> None:
    """It need not last a minute."""
    done = typed("fix", str(clip), "--consent-clip", "--output", "b.mp4", folder=tmp_path)

    assert 0 == done.returncode
    assert "VID001" not in done.stdout


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_interrupt_leaves_nothing(how: signal.Signals, clip: Path, tmp_path: Path) -> None:
    """Neither a file, nor a folder, nor an ffmpeg that goes on."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    tool = bin_ / "ffmpeg"
    # stands in for a slow encode: announces itself in its target, then waits
    tool.write_text(
        "#!/bin/sh\nfor last; do :; done\n"
        'case "$*" in *mended.mp4*) echo started >"${last#file:}"; sleep 60; exit 1;; esac\n'
        f'exec {Ffmpeg.locate().ffmpeg} "$@"\n'
    )
    tool.chmod(0o755)
    (bin_ / "ffprobe").symlink_to(Ffmpeg.locate().ffprobe)
    out = tmp_path / "out"
    out.mkdir()
    env = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [COMMAND, "fix", str(clip), "--output", "b.mp4"],
        cwd=out,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(how, signal.SIG_DFL),  # who runs the tests may ignore it
    )
    list(zip(range(200), started(out), strict=False))

    process.send_signal(how)
    _, said = process.communicate(timeout=20)

    assert (130, "preflight: interrupted\n") == (process.returncode, said.lstrip())
    assert [] == list(out.iterdir())
    assert [] == [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(out) in read(p)]


def started(folder: Path) -> Iterator[None]:
    """Until there is something to interrupt."""
    while not any(path.stat().st_size for path in folder.glob(".preflight-fix-*/mended.mp4")):
        time.sleep(0.1)
        yield


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def test_a_cut_by_an_edit_list_is_left_alone(tmp_path: Path) -> None:
    """Encoding it would make the cut for good, and hide that there was one."""
    clip = Studio(tmp_path).take("jump of 0.15 s")

    with pytest.raises(UsageError, match=r"is left as it is \(MED009 "):
        fix(clip, tmp_path / "fixed.mp4")
    assert not (tmp_path / "fixed.mp4").exists()


def test_what_an_edit_list_hides_is_cut_off(tmp_path: Path) -> None:
    """The new file holds what is played, and no more."""
    clip = Studio(tmp_path).take("0.6 s hidden")

    done = fix(clip, tmp_path / "fixed.mp4")

    assert done.mending is not None
    assert ("MED010",) == done.mending.mends
    assert set() == codes(checked(tmp_path / "fixed.mp4"))
