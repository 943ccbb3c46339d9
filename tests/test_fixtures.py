"""The fixture media are what their case.toml claims. What the checker says of them is tested elsewhere."""

import json
import re
import struct
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.cases import FIXTURES, ROLES, Case, CaseError, Expect, argv, load_case, load_cases, submission
from fixtures.demo import differences
from fixtures.make import PORTRAIT, RECIPES, table

pytestmark = pytest.mark.media

CASES = {case.name: case for case in load_cases()}
MAX_MEDIA_BYTES = 14_000_000
CODE = re.compile(r"(MED|VID|AUD|CON|IMG|SUB)\d{3}")


def clip(name: str) -> Path:
    """The training or consent video of a case."""
    (path,) = (path for path in CASES[name].media if path.stem == "clip")
    return path


def probe(path: Path) -> dict[str, Any]:
    """What ffprobe says, with the video and the audio stream by type."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-i", f"file:{path}"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    document = json.loads(done.stdout)
    return {"format": document["format"], **{s["codec_type"]: s for s in document["streams"]}}


def packets(path: Path, stream: str) -> list[list[str]]:
    """Time and flags of every packet."""
    entries = ["-select_streams", stream, "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"]
    command = ["ffprobe", "-v", "error", *entries, "-i", f"file:{path}"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, text=True)
    return [line.split(",") for line in done.stdout.splitlines()]


def boxes(path: Path) -> list[str]:
    """Names of the top-level boxes of an MP4 file."""
    data, at, names = path.read_bytes(), 0, []
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        names.append(name.decode())
        at += size
    return names


# ---- the cases as data


def test_every_folder_is_a_case() -> None:
    """A folder without case.toml would be a fixture that nothing reads."""
    folders = {f"{role}/{folder.name}" for role in ROLES for folder in (FIXTURES / role).iterdir()}

    assert folders == set(CASES)


def test_every_case_has_a_recipe() -> None:
    """Whatever is committed can be made again."""
    assert set(RECIPES) == set(CASES)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Case) -> None:
    """Names, codes and files of one case hold together."""
    codes = case.expect.violations | case.expect.warnings

    assert all(path.is_file() for path in case.sources.values())
    assert all(path.is_relative_to(FIXTURES) for path in case.sources.values())
    assert case.sources
    assert all(CODE.fullmatch(code) for code in codes)
    assert (
        case.folder.name.endswith("-error") == (case.expect.verdict == "fail") == bool(case.expect.violations)
    )
    assert case.folder.name.endswith("-warning") == (case.expect.verdict == "pass" and bool(codes))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_recipe_named(case: Case) -> None:
    """The recipe that case.toml names is a function of make.py."""
    source = (FIXTURES / "make.py").read_text(encoding="utf-8")
    name = case.origin.recipe.removeprefix("fixtures/make.py: ").partition("(")[0]

    assert f"\ndef {name}(" in source


def test_demo_cases() -> None:
    """Enough to see what the tool does, few enough to wait for."""
    shown = [case for case in CASES.values() if case.demo]

    assert 8 <= len(shown) <= 12
    assert {case.expect.verdict for case in shown} == {"pass", "fail"}


def test_size() -> None:
    """The media stay small enough for a repository."""
    media = [path for case in CASES.values() for path in case.media] + [PORTRAIT]

    assert sum(path.stat().st_size for path in media) <= MAX_MEDIA_BYTES


def test_readme_table() -> None:
    """The README lists the cases as they are."""
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")

    assert "\n".join(table(tuple(CASES.values()))) in readme


def test_arguments() -> None:
    """A case gives the command line and the library the same submission, with absolute paths."""
    case = CASES["consent_video/revoked-error"]
    train, consent = str(case.sources["train_video"]), str(case.sources["consent_video"])

    assert argv(case) == [
        "check",
        "--train-video",
        train,
        "--consent-video",
        consent,
        "--full-name",
        "Maria Lopez",
    ]
    assert submission(case) == {"train_video": train, "consent_video": consent, "full_name": "Maria Lopez"}


def test_relative_arguments() -> None:
    """For people, the paths are those of the repository."""
    case = CASES["training_image/portrait-png-valid"]
    arguments = argv(case, seen_from=FIXTURES.parent)

    assert arguments == ["check", "--train-image", "fixtures/portrait/astronaut.png", "--voice-name", "anna"]


def finding(code: str, severity: str, outcome: str = "violation") -> dict[str, str]:
    """The part of a finding that the demo reads."""
    return {"code": code, "severity": severity, "outcome": outcome}


def test_demo_agrees() -> None:
    """What could not be assessed is no violation."""
    expect = Expect("fail", frozenset({"AUD001"}), frozenset({"VID006"}))
    findings = [
        finding("AUD001", "error"),
        finding("CON001", "error", "not-assessed"),
        finding("VID006", "warning"),
    ]

    assert list(differences(expect, {"verdict": "fail", "findings": findings}, 1)) == []


def test_demo_disagrees() -> None:
    """Every difference is named: verdict, exit code, a code too few, a code too many."""
    expect = Expect("fail", frozenset({"CON004"}), frozenset())
    report = {"verdict": "review", "findings": [finding("MED006", "warning")]}

    assert list(differences(expect, report, 0)) == [
        "verdict review, not fail",
        "exit code 0 with verdict review",
        "violation CON004 is missing",
        "warning MED006 was not expected",
    ]


@pytest.mark.parametrize("change", [("title", "titel"), ("full_name", "name"), ("fail", "bad")])
def test_mistakes_are_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    """A key or a verdict that nobody knows is an error, never ignored."""
    folder = tmp_path / "training_video" / "negated-error"
    folder.mkdir(parents=True)
    text = (CASES["training_video/negated-error"].folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(text.replace(*change), encoding="utf-8")

    with pytest.raises(CaseError):
        load_case(folder / "case.toml")


# ---- the media

FULL_HD = ("h264", 1920, 1080, Fraction(30), 66.0)
FACTS = {
    "training_video/statement-at-opening-valid": FULL_HD,
    "training_video/separate-consent-valid": FULL_HD,
    "training_video/negated-error": FULL_HD,
    "training_video/silence-error": FULL_HD,
    "training_video/no-audio-error": FULL_HD,
    "training_video/truncated-error": FULL_HD,
    "training_video/rotated-phone-warning": FULL_HD,
    "training_video/20-seconds-error": ("h264", 1920, 1080, Fraction(30), 20.0),
    "training_video/frame-rate-20-error": ("h264", 1920, 1080, Fraction(20), 66.0),
    "training_video/frame-rate-24-warning": ("h264", 1920, 1080, Fraction(24), 66.0),
    "training_video/480p-error": ("h264", 854, 480, Fraction(30), 66.0),
    "training_video/720p-warning": ("h264", 1280, 720, Fraction(30), 66.0),
    "training_video/hevc-error": ("hevc", 1920, 1080, Fraction(30), 66.0),
    "training_video/webm-error": ("vp9", 1920, 1080, Fraction(30), 66.0),
    "consent_video/statement-alone-valid": ("h264", 1920, 1080, Fraction(30), 16.0),
    "consent_video/revoked-error": ("h264", 1920, 1080, Fraction(30), 18.0),
}


@pytest.mark.parametrize(("name", "facts"), FACTS.items(), ids=FACTS)
def test_picture(name: str, facts: tuple[str, int, int, Fraction, float]) -> None:
    """Codec, coded size, frame rate and length as declared."""
    document = probe(clip(name))
    video = document["video"]
    codec, width, height, rate, duration = facts

    assert (video["codec_name"], video["width"], video["height"]) == (codec, width, height)
    assert video["pix_fmt"] == "yuv420p"
    assert Fraction(video["avg_frame_rate"]) == rate
    assert float(document["format"]["duration"]) == pytest.approx(duration, abs=0.05)


def test_sound() -> None:
    """AAC in MP4, Opus in WebM, none where the case is about that."""
    assert probe(clip("training_video/statement-at-opening-valid"))["audio"]["codec_name"] == "aac"
    assert probe(clip("training_video/webm-error"))["audio"]["codec_name"] == "opus"
    assert "audio" not in probe(clip("training_video/no-audio-error"))


def test_key_frames() -> None:
    """A key frame every five seconds, every frame of the same length."""
    rows = packets(clip("training_video/statement-at-opening-valid"), "v")
    keys = [float(time) for time, flags, *_ in rows if "K" in flags]

    assert len(rows) == 66 * 30
    assert keys == pytest.approx([5.0 * number for number in range(14)])


def test_phone_rotation() -> None:
    """Stored lying, to be shown upright."""
    side_data = probe(clip("training_video/rotated-phone-warning"))["video"]["side_data_list"]

    assert [entry["rotation"] for entry in side_data] == [-90]


def test_index_in_front() -> None:
    """Every MP4 begins with what a reader needs first."""
    files = [path for case in CASES.values() for path in case.media if path.suffix == ".mp4"]
    media = [path for path in files if path.read_bytes()[4:8] == b"ftyp"]

    assert len(media) == 19
    assert all(boxes(path)[:2] == ["ftyp", "moov"] for path in media)


def test_truncated() -> None:
    """The header promises 66 s, the packets end before; the statement is still inside."""
    path = clip("training_video/truncated-error")
    last = float(packets(path, "a")[-1][0])

    assert 60.5 < last < 64.5
    assert float(probe(path)["format"]["duration"]) == pytest.approx(66, abs=0.05)


def test_playlists_would_open() -> None:
    """A reader that guesses the format follows the lists, so refusing them is worth a rule."""
    for name in ("hls-playlist-error", "ffconcat-playlist-error"):
        assert probe(clip(f"training_video/{name}"))["video"]["codec_name"] == "h264"


def test_images() -> None:
    """Format, size, mode and frames of the still pictures."""
    expected = {
        "portrait-valid": ("JPEG", (768, 768), "RGB", 1),
        "portrait-png-valid": ("PNG", (512, 512), "RGB", 1),
        "too-small-error": ("JPEG", (511, 640), "RGB", 1),
        "truncated-error": ("JPEG", (768, 768), "RGB", 1),
        "animated-error": ("PNG", (640, 640), "RGB", 3),
        "cmyk-warning": ("JPEG", (768, 768), "CMYK", 1),
        "gif-error": ("GIF", (640, 640), "P", 1),
        "rotated-exif-warning": ("JPEG", (960, 720), "RGB", 1),
    }
    actual = {}
    for name in expected:
        with Image.open(CASES[f"training_image/{name}"].sources["train_image"]) as image:
            actual[name] = (image.format, image.size, image.mode, getattr(image, "n_frames", 1))

    assert actual == expected


def test_exif_orientation() -> None:
    """Orientation 6: to be turned a quarter clockwise."""
    with Image.open(CASES["training_image/rotated-exif-warning"].sources["train_image"]) as image:
        assert image.getexif()[0x0112] == 6
