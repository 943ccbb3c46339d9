"""Inputs that are not what they claim: one clear line, the right exit code, nothing else opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import preflight
from preflight.evidence.ffmpeg import Ffmpeg
from tests.conftest import ROOT

pytestmark = [pytest.mark.media, pytest.mark.asr]

GOOD = ROOT / "fixtures" / "training_video" / "20-seconds-error" / "clip.mp4"
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nother.ts\n#EXT-X-ENDLIST\n"


def preflight_check(folder: Path, name: str, recogniser: Path) -> subprocess.CompletedProcess[str]:
    """As a user types it, in the folder of the file."""
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("preflight"), "check"),
            *("--train-video", name, "--full-name", "Maria Lopez", "--asr-model", recogniser),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


CONTENT = {
    "empty": (b"", "is empty"),
    "text": (b"This is not a video.\n", "is plain text"),
    "HLS playlist": (HLS.encode(), "is an HLS playlist"),
    "HLS playlist, absolute": (
        HLS.replace("other.ts", "file:///etc/hostname").encode(),
        "is an HLS playlist",
    ),
    "ffconcat playlist": (b"ffconcat version 1.0\nfile other.ts\n", "is an ffconcat playlist"),
    "HTML": (b"<!doctype html><title>Please sign in</title>", "is an HTML page"),
    "header alone": (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "cannot be read"),
    "noise after a header": (
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(range(256)) * 64,
        "cannot be read",
    ),
}


@pytest.mark.parametrize("kind", CONTENT)
def test_file_that_is_no_video(kind: str, tmp_path: Path, recogniser_folder: Path) -> None:
    """The first line names the file and the fact, and the exit code is that of a refusal."""
    content, fact = CONTENT[kind]
    (tmp_path / "x.mp4").write_bytes(content)

    done = preflight_check(tmp_path, "x.mp4", recogniser_folder)

    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.splitlines()[0].startswith(f"FAIL  x.mp4: {fact}")


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("nowhere.mp4", "no such file or directory"),
        ("folder.mp4", "is a directory"),
        ("pipe.mp4", "is a named pipe"),
    ],
)
def test_path_that_is_no_file(name: str, fact: str, tmp_path: Path, recogniser_folder: Path) -> None:
    """One line on standard error, exit code 2, no wait for somebody to write into the pipe."""
    (tmp_path / "folder.mp4").mkdir()
    os.mkfifo(tmp_path / "pipe.mp4")

    done = preflight_check(tmp_path, name, recogniser_folder)

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert done.stderr.startswith(f"preflight: {name}: {fact}")


def test_name_that_begins_with_a_dash(tmp_path: Path, recogniser_folder: Path) -> None:
    """A file called -x.mp4 is a file, checked like any other."""
    shutil.copy(GOOD, tmp_path / "-x.mp4")

    done = preflight_check(tmp_path, "-x.mp4", recogniser_folder)

    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("FAIL  -x.mp4: lasts 20")


@pytest.mark.parametrize("kind", ["HLS playlist", "ffconcat playlist"])
def test_playlist_starts_no_tool_and_opens_no_other_file(kind: str, tmp_path: Path) -> None:
    """A playlist is refused before any tool runs, and the file it points at is never opened."""
    (tmp_path / "x.mp4").write_bytes(CONTENT[kind][0])
    shutil.copy(GOOD, tmp_path / "other.ts")
    opened: list[str] = []
    watching = [True]  # an audit hook cannot be taken away again
    sys.addaudithook(
        lambda event, args: opened.append(str(args[0])) if watching and event == "open" else None
    )

    report = preflight.check(
        preflight.Submission(train_video=tmp_path / "x.mp4"),
        ffmpeg=Ffmpeg("/no-such-ffmpeg", "/no-such-ffprobe"),  # starting either would raise
    )

    watching.clear()
    assert {"MED001"} == {f.code for f in report.findings if f.assessed}
    assert [str(tmp_path / "x.mp4")] == [name for name in dict.fromkeys(opened) if str(tmp_path) in name]


def test_file_that_changes_under_the_check(tmp_path: Path, recogniser_folder: Path) -> None:
    """Bytes that change while they are being read are not the bytes that were checked."""
    path = tmp_path / "x.mp4"
    shutil.copy(GOOD, path)

    class Meddling(Ffmpeg):
        def packets(self, *args: object, **kwargs: object) -> Iterator[list[str]]:
            with path.open("ab") as file:
                file.write(b"\0")
            return super().packets(*args, **kwargs)  # type: ignore[arg-type]

    real = Ffmpeg.locate()
    with pytest.raises(preflight.SourceError, match="changed while it was being checked"):
        preflight.check(
            preflight.Submission(train_video=path),
            preflight.Options(asr_model=recogniser_folder),
            ffmpeg=Meddling(real.ffmpeg, real.ffprobe),
        )


def test_slow_tool_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    """A file on which ffprobe hangs gives one error, with the file's name, at the deadline."""
    path = tmp_path / "x.mp4"
    shutil.copy(GOOD, path)
    slow = tmp_path / "ffprobe"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)

    class Impatient(Ffmpeg):
        def probe(self, path: Path, demuxer: str, *, timeout_s: float = 1) -> dict[str, object]:
            return super().probe(path, demuxer, timeout_s=1)

    with pytest.raises(preflight.ToolError, match=r"x\.mp4: ffprobe did not finish within 1 s"):
        preflight.check(
            preflight.Submission(train_video=path, full_name="Maria Lopez"),
            recogniser=object(),  # type: ignore[arg-type]
            ffmpeg=Impatient(str(slow), str(slow)),
        )
