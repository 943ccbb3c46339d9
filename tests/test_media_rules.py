"""Rules about headers and packets, on small files that ffmpeg makes: each fault gives its own code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import preflight
from tests.listener import Listener

pytestmark = [pytest.mark.media, pytest.mark.asr]

PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=60:duration=3"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=300:duration=3"]
CODECS = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-movflags", "+faststart"]
EIGHT_BIT = ["-pix_fmt", "yuv420p"]
HDR = ["-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_trc", "smpte2084"]
FAULTS: dict[str, tuple[str, list[str]]] = {
    "10-bit": ("VID009", ["-pix_fmt", "yuv420p10le"]),
    "4:2:2": ("VID009", ["-pix_fmt", "yuv422p"]),
    "HDR": ("VID010", [*EIGHT_BIT, *HDR]),
    "interlaced": ("VID011", [*EIGHT_BIT, "-vf", "interlace", "-flags", "+ildct+ilme"]),
    "no frames for a second": (
        "VID012",
        [*EIGHT_BIT, "-vf", "select=not(between(t\\,1\\,2))", "-vsync", "vfr"],
    ),
    "index at the end": ("MED007", [*EIGHT_BIT, "-movflags", "-faststart"]),
}


def made(path: Path, *options: str, before_sound: tuple[str, ...] = ()) -> Path:
    """A file by ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-y", *PICTURE, *before_sound, *SOUND, *CODECS, *options, str(path)]
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


def codes(clip: Path) -> set[str]:
    """The violated rules, those about length, size, speech and what the test picture shows apart."""
    report = preflight.check(preflight.Submission(train_video=clip), recogniser=Listener(""))
    apart = {"VID001", "VID005", "VID017", "VID027", "VID028", "AUD003", "CON001"}
    return {f.code for f in report.findings if f.assessed} - apart


def test_plain_file_has_none_of_these_faults(tmp_path: Path) -> None:
    assert set() == codes(made(tmp_path / "clip.mp4", *EIGHT_BIT))


@pytest.mark.parametrize(("code", "options"), FAULTS.values(), ids=FAULTS)
def test_fault_gives_its_own_code(code: str, options: list[str], tmp_path: Path) -> None:
    assert {code} == codes(made(tmp_path / "clip.mp4", *options))


@pytest.mark.parametrize(("offset", "found"), [("0.3", set()), ("0.9", {"AUD005"})])
def test_sound_that_starts_late(offset: str, found: set[str], tmp_path: Path) -> None:
    clip = made(tmp_path / "clip.mp4", *EIGHT_BIT, before_sound=("-itsoffset", offset))

    assert found == codes(clip)


def test_name_without_the_extension(tmp_path: Path) -> None:
    clip = made(tmp_path / "clip.mp4", *EIGHT_BIT)

    assert {"MED008"} == codes(clip.rename(tmp_path / "clip.m4v"))


def test_gap_is_placed_in_the_clip(tmp_path: Path) -> None:
    clip = made(tmp_path / "clip.mp4", *FAULTS["no frames for a second"][1])

    report = preflight.check(preflight.Submission(train_video=clip), recogniser=Listener(""))

    (finding,) = [f for f in report.findings if f.code == "VID012"]
    assert finding.at is not None
    assert pytest.approx((1.0, 2.0), abs=0.1) == finding.at
