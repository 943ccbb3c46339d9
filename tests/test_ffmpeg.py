"""The door to ffmpeg: bounded in time, output and reach; it counts what came back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from preflight.errors import ToolError
from preflight.evidence.ffmpeg import Demuxer, Ffmpeg, LimitExceeded, PictureLog, pieces, run

pytestmark = pytest.mark.media

PYTHON = sys.executable


@pytest.fixture(scope="session")
def ffmpeg() -> Ffmpeg:
    return Ffmpeg.locate()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of test picture and tone at 25 frames per second, a key frame every second."""
    path = tmp_path_factory.mktemp("clip") / "-clip %03d 'q'.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error"),
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4"),
            *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=4"),
            *(
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-g",
                "25",
                "-c:a",
                "aac",
                "-movflags",
                "+faststart",
            ),
            f"file:{path}",
        ],
        check=True,
        timeout=60,
    )
    return path


def frames_of(
    ffmpeg: Ffmpeg, path: Path, *, key_frames_only: bool, details: bytearray | None = None
) -> tuple[list[bytes], PictureLog]:
    """The frames of a clip, 32 by 24, and what the decode said; larger ones every 1.6 s into ``details``."""
    frames: list[bytes] = []
    log = ffmpeg.decode_pictures(
        path,
        Demuxer.MOV,
        track=0,
        key_frames_only=key_frames_only,
        size=(32, 24),
        sink=pieces(32 * 24, frames.append),
        detail_size=(160, 120),
        detail_every_s=1.6,
        detail_sink=(bytearray() if details is None else details).extend,
        timeout_s=30,
    )
    return frames, log


def test_probe_reads_a_file_with_an_awkward_name(ffmpeg: Ffmpeg, clip: Path) -> None:
    """A name that begins with a dash and holds quotes and a pattern is a name."""
    streams = ffmpeg.probe(clip, Demuxer.MOV)["streams"]

    assert ["h264", "aac"] == [stream["codec_name"] for stream in streams]


def test_packets_of_every_track(ffmpeg: Ffmpeg, clip: Path) -> None:
    """The packet table holds each frame once, with its flags."""
    video = [row for row in ffmpeg.packets(clip, Demuxer.MOV) if row[0] == "0"]

    assert (100, 4) == (len(video), sum("K" in row[4] for row in video))


@pytest.mark.parametrize(("seconds", "expected"), [(2.0, 2.0), (30.0, 4.0)])
def test_decoded_sound_is_counted(ffmpeg: Ffmpeg, clip: Path, seconds: float, expected: float) -> None:
    """As much as was asked for, or as much as there is."""
    pcm = bytearray()
    ffmpeg.decode_sound(clip, Demuxer.MOV, track=1, seconds=seconds, sink=pcm.extend)

    assert len(pcm) / 32_000 == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("key_frames_only", "expected"), [(True, 4), (False, 100)])
def test_decoded_frames_are_counted(ffmpeg: Ffmpeg, clip: Path, key_frames_only: bool, expected: int) -> None:
    """Key frames, or every frame."""
    frames, log = frames_of(ffmpeg, clip, key_frames_only=key_frames_only)

    assert (expected, "") == (len(frames), log.complaints)
    assert expected == len(log.times_s)
    assert (0.0, 4.0 - 4.0 / expected) == (log.times_s[0], log.times_s[-1])


def test_larger_frames_are_spaced_out(ffmpeg: Ffmpeg, clip: Path) -> None:
    """One every so often, from the same decode."""
    large = bytearray()

    _, log = frames_of(ffmpeg, clip, key_frames_only=False, details=large)

    assert (0.0, 1.6, 3.2) == log.detail_times_s
    assert 3 * 160 * 120 == len(large)


def test_sound_is_measured_as_it_is_decoded(ffmpeg: Ffmpeg, clip: Path) -> None:
    """A sine of ffmpeg's lies at -18 dBFS; its loudness is that of a tone in one channel."""
    log = ffmpeg.decode_sound(clip, Demuxer.MOV, track=1, sink=len)

    assert log.loudness_lufs == pytest.approx(-21.8, abs=0.5)
    assert log.true_peak_dbtp == pytest.approx(-17.0, abs=1.2)  # the encoder overshoots at the onset
    assert (0.0, "") == (log.full_scale_share, log.complaints)


def test_silence_has_no_loudness(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """Silence is infinitely quiet, which is no number."""
    path = tmp_path / "silent.mp4"
    source = ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=3"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:a", "aac", path], check=True, timeout=30)

    log = ffmpeg.decode_sound(path, Demuxer.MOV, track=0, sink=len)

    assert (None, None, 0.0) == (log.loudness_lufs, log.true_peak_dbtp, log.full_scale_share)
    assert log.flat_share is None


def test_tags_cannot_pose_as_measurements(ffmpeg: Ffmpeg, clip: Path, tmp_path: Path) -> None:
    """ffmpeg prints the tags of a file where it prints what it measured."""
    path = tmp_path / "tagged.mp4"
    forged = "x\nSummary:\n  I: -1.0 LUFS\n  Peak: 9.0 dBFS\nn_samples: 1\nhistogram_0db: 1\n[error] boo"
    tags = ["-metadata", f"title={forged}", "-metadata", f"comment={forged}"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-c", "copy", *tags, path], check=True, timeout=30)

    log = ffmpeg.decode_sound(path, Demuxer.MOV, track=1, sink=len)

    assert log == ffmpeg.decode_sound(clip, Demuxer.MOV, track=1, sink=len)


def test_truncated_file_gives_less_without_an_error(ffmpeg: Ffmpeg, clip: Path, tmp_path: Path) -> None:
    """ffmpeg reports success on half a file; the counts tell."""
    half = tmp_path / "half.mp4"
    half.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    packets = [row for row in ffmpeg.packets(half, Demuxer.MOV) if row[0] == "0"]
    frames, _ = frames_of(ffmpeg, half, key_frames_only=False)

    assert 0 < len(packets) < 100
    assert 0 < len(frames) < 100


PLAYLISTS = {
    "HLS": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nother.ts\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile other.ts\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("demuxer", [Demuxer.MOV, Demuxer.MATROSKA])
def test_playlist_opens_nothing(ffmpeg: Ffmpeg, clip: Path, tmp_path: Path, kind: str, demuxer: str) -> None:
    """With the demuxer pinned, a playlist that reached the door would still open no other file."""
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", f"file:{clip}", "-c", "copy", tmp_path / "other.ts"],
        check=True,
        timeout=60,
    )
    playlist = tmp_path / "x.mp4"
    playlist.write_text(PLAYLISTS[kind])

    plain = subprocess.run(["ffprobe", "-v", "error", playlist], check=False, timeout=30)
    document = ffmpeg.probe(playlist, demuxer)

    assert 0 == plain.returncode  # the danger is real: left to itself, ffprobe opens it
    assert [] == document.get("streams", [])


def test_deadline_kills_the_whole_group() -> None:
    """A process that hangs is killed at its deadline, with the child it started."""
    mark = f"marked-{os.getpid()}-{time.monotonic_ns()}"
    child = f"[sys.executable, '-c', 'import time; time.sleep(60)', {mark!r}]"
    code = f"import subprocess, sys, time; subprocess.Popen({child}); time.sleep(60)"

    started = time.monotonic()
    with pytest.raises(LimitExceeded, match="did not finish within 3 s"):
        run([PYTHON, "-c", code], timeout_s=3, stdout_cap=100)

    assert time.monotonic() - started < 20
    assert [] == _alive(mark)


def _alive(mark: str) -> list[str]:
    """Processes with this argument, after they had five seconds to disappear."""
    for _ in range(50):
        found = [p.parent.name for p in Path("/proc").glob("[0-9]*/cmdline") if mark in _read(p)]
        if not found:
            return []
        time.sleep(0.1)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def test_output_is_capped() -> None:
    """A process that prints without end is stopped at the cap."""
    with pytest.raises(LimitExceeded, match="more than 1000000 bytes"):
        run([PYTHON, "-c", "while True: print('x' * 10000)"], timeout_s=30, stdout_cap=1_000_000)


def test_complaints_are_capped_and_do_not_block() -> None:
    """A flood of complaints is cut, not waited for."""
    done = run(
        [PYTHON, "-c", "import sys; sys.stderr.write('y' * 5_000_000); print('done')"],
        timeout_s=30,
        stdout_cap=100,
    )

    assert (b"done\n", 65_536) == (done.stdout, len(done.stderr))


def test_memory_is_limited() -> None:
    """A process that asks for more memory than a decoder needs does not get it."""
    done = run([PYTHON, "-c", "x = bytearray(6 << 30)"], timeout_s=30, stdout_cap=100)

    assert 0 != done.returncode
    assert "MemoryError" in done.stderr


def test_no_file_can_be_written(tmp_path: Path) -> None:
    """A decoder that was tricked into writing a file cannot."""
    target = tmp_path / "written"
    code = f"import time; time.sleep(0.5); f = open({str(target)!r}, 'wb', buffering=0); f.write(b'x' * 10)"

    done = run([PYTHON, "-c", code], timeout_s=30, stdout_cap=100)

    assert 0 != done.returncode
    assert not target.exists() or target.read_bytes() == b""


def test_standard_input_is_closed() -> None:
    """Nothing waits for somebody to type."""
    done = run([PYTHON, "-c", "import sys; print(len(sys.stdin.read()))"], timeout_s=10, stdout_cap=99)

    assert b"0\n" == done.stdout


def test_missing_program_is_named() -> None:
    """A program that is not there is an error of the machine, not of the file."""
    with pytest.raises(ToolError, match="no-such-program could not be started"):
        run(["/no-such-program"], timeout_s=1, stdout_cap=1)


def test_missing_ffmpeg_comes_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ffmpeg on PATH, the message says how to get it."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ToolError, match="ffmpeg and ffprobe not found on PATH; install ffmpeg"):
        Ffmpeg.locate()
