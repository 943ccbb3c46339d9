"""Images that are broken, odd or made to harm: each gets a verdict, soon and in little memory."""

from __future__ import annotations

import io
import json
import re
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

import preflight
from fixtures.cases import load_case
from tests.conftest import ROOT

pytestmark = pytest.mark.media

MAX_CPU_S = 2.0
BUSY = 1.5  # how much more of it a loaded machine takes
MAX_MIB = 500
SIDE = 640


@dataclass(frozen=True, slots=True)
class Done:
    """What a check printed, how it ended, and what it took."""

    code: int
    stdout: str
    stderr: str
    cpu_s: float
    mib: float


# The peak is read by the child itself: what the system reports of it begins with the memory of its parent.
_MEASURED = """
import re, sys
from pathlib import Path
from submit.cli import main
try:
    main()
finally:
    peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    Path(sys.argv[-1] + ".peak").write_text(peak)
"""


def check(path: Path, *options: str) -> Done:
    """As a user types it, in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, "check", *options, "--voice-name", "anna", "--train-image", path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    mib = int(path.with_name(f"{path.name}.peak").read_text()) / 1024
    return Done(done.returncode, done.stdout, done.stderr, cpu_s, mib)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *, bits: int = 8, colour: int = 0, extra: bytes = b"", data: bytes | None = None
) -> bytes:
    row = 1 + width * {0: 1, 2: 3, 6: 4}[colour] * bits // 8
    packed = data if data is not None else chunk(b"IDAT", zlib.compress(bytes(row) * height, 1))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + packed + chunk(b"IEND", b"")


def noise(side: int = SIDE) -> Image.Image:
    return Image.effect_noise((side, side), 60).convert("RGB")


def saved(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def begun(with_segments: bytes, picture: bytes | None = None) -> bytes:
    """A JPEG that begins with these segments."""
    whole = saved(noise()) if picture is None else picture
    return whole[:2] + with_segments + whole[2:]


def claiming(width: int, height: int) -> bytes:
    """A JPEG whose header claims that size."""
    data = bytearray(saved(noise()))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def scanned_again(side: int, times: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    data = saved(Image.new("RGB", (side, side), "grey"), progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    last = data[scans[-1] : -2]
    return data[:-2] + last * times + data[-2:]


def exif_of_many(entries: int, each: int) -> bytes:
    """EXIF in which every entry points at the same bytes: 5000 times 60 kB are 300 MB."""
    pointers = b"".join(struct.pack("<HHII", (1000 + n) % 65_536, 7, each, 8) for n in range(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + pointers


def looping_exif() -> bytes:
    """Directories that point at themselves."""
    looped = struct.pack("<HHHII", 1, 0x8825, 4, 1, 8) + struct.pack("<I", 8)
    return b"II*\0\x08\0\0\0" + looped


def phone_photo(**options: object) -> bytes:
    """The 50 million pixels of the largest phones."""
    side = Image.effect_noise((1024, 768), 30)
    return saved(Image.merge("RGB", (side, side.rotate(180), side)).resize((8160, 6120)), **options)


BY_ITS_FILE = {f"IMG{number:03}" for number in range(1, 7)}

ODD: dict[str, tuple[Callable[[], bytes], bool]] = {
    # bombs
    "bits that claim 3.6 billion pixels.png": (lambda: png(60_000, 60_000, bits=1, data=b""), True),
    "a claim of 4 billion pixels.jpg": (lambda: claiming(65_500, 65_500), True),
    "zeros of 52 million pixels.png": (lambda: png(7212, 7212), True),
    "sixteen bits of 40 million pixels.png": (lambda: png(8000, 5000, bits=16, colour=2, data=b""), True),
    "progressive bomb.jpg": (lambda: scanned_again(4096, 100), True),
    "thousands of scans.jpg": (lambda: scanned_again(512, 3000), False),
    "a million comments.jpg": (lambda: begun(segment(0xFE, b"") * 1_000_000), True),
    "a million tables.jpg": (lambda: begun(segment(0xDB, bytes(65) * 1000) * 500), True),
    "a million chunks.png": (lambda: png(SIDE, SIDE, extra=chunk(b"abCd", b"") * 500_000), True),
    "EXIF that unfolds.jpg": (lambda: begun(segment(0xE1, b"Exif\0\0" + exif_of_many(5000, 60_000))), False),
    "EXIF that unfolds.png": (
        lambda: png(SIDE, SIDE, extra=chunk(b"eXIf", exif_of_many(65_535, 700_000)) * 9),
        False,
    ),
    "EXIF that loops.jpg": (lambda: begun(segment(0xE1, b"Exif\0\0" + looping_exif())), False),
    "resources without end.jpg": (
        lambda: begun(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\0" * 5000) * 300),
        False,
    ),
    "a profile that unfolds.png": (
        lambda: png(SIDE, SIDE, extra=chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200_000_000), 1))),
        False,
    ),
    "text that unfolds.png": (
        lambda: png(
            SIDE,
            SIDE,
            extra=chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\n0" * 20_000_000, 1)) * 50,
        ),
        False,
    ),
    "a wall of text.png": (lambda: png(SIDE, SIDE, extra=chunk(b"tEXt", b"x\0" + bytes(60_000_000))), False),
    "data after the picture.png": (
        lambda: png(
            SIDE, SIDE, data=chunk(b"IDAT", zlib.compress(bytes((SIDE + 1) * SIDE)) + bytes(60_000_000))
        ),
        False,
    ),
    # odd sizes
    "tall.png": (lambda: png(1, 1_000_000), True),
    "wide.png": (lambda: png(1_000_000, 1), True),
    "no size.png": (lambda: png(0, 0, data=chunk(b"IDAT", zlib.compress(b""))), True),
    "no size.jpg": (lambda: claiming(0, 0), True),
    "a phone's largest.jpg": (lambda: phone_photo(quality=90), False),
    "a phone's largest, progressive.jpg": (
        lambda: phone_photo(quality=80, progressive=True, subsampling=0),
        False,
    ),
    # broken
    "two headers.png": (lambda: png(SIDE, SIDE, extra=png(SIDE, SIDE)[8:33]), True),
    "three in one.png": (lambda: png(SIDE, SIDE) * 3, False),
    "a wrong checksum.png": (lambda: png(SIDE, SIDE)[:-20] + b"!" + png(SIDE, SIDE)[-19:], True),
    "start alone.jpg": (lambda: b"\xff\xd8\xff", True),
    "cut.jpg": (lambda: saved(noise())[:20_000], True),
    "a picture and an archive.jpg": (lambda: saved(noise()) + b"PK\3\4" + bytes(500), False),
    "a picture and a page.png": (lambda: saved(noise(), "PNG") + b"<html><script>", False),
}
"""How each is made, and whether its file is refused, whatever the picture in it looks like."""


@pytest.mark.parametrize("name", ODD)
def test_odd_image_gets_a_verdict(name: str, tmp_path: Path) -> None:
    """Within 2 s of processor time and 500 MB, with the exit code of a verdict, and no traceback."""
    make, refused = ODD[name]
    path = tmp_path / name
    path.write_bytes(make())

    done = check(path, "--format", "json")

    report = json.loads(done.stdout)
    errors = {
        f["code"] for f in report["findings"] if (f["severity"], f["outcome"]) == ("error", "violation")
    }
    assert (refused, "") == (bool(errors & BY_ITS_FILE), done.stderr)
    assert {"pass": 0, "fail": 1, "review": 3}[report["verdict"]] == done.code
    assert done.cpu_s < BUSY * MAX_CPU_S
    assert done.mib < MAX_MIB


SOMETHING_ELSE = {
    "empty": b"",
    "an HTML page": b"<!doctype html><title>Sign in</title>",
    "an XML file": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a Photoshop file": b"8BPS\0\1" + bytes(100),
    "a HEIF or AVIF image": b"\0\0\0\x18ftypheic" + bytes(100),
    "a GIF image": saved(noise(64), "GIF"),
    "a WebP image": saved(noise(64), "WEBP"),
    "a BMP image": saved(noise(64), "BMP"),
    "an icon": saved(noise(64), "ICO"),
    "a TIFF image": saved(noise(64), "TIFF"),
    "a PostScript file": saved(noise(64), "EPS"),
}


@pytest.mark.parametrize("kind", SOMETHING_ELSE)
def test_something_else_named_jpg(kind: str, tmp_path: Path) -> None:
    """It is named for what it is, and no decoder sees it."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(SOMETHING_ELSE[kind])

    report = preflight.check(preflight.Submission(train_image=path, voice_name="anna"))

    assert {"IMG001": kind} == {f.code: f.measured for f in report.findings if f.assessed}


PLACE = re.compile(r"42\.42|37\.17|4242|3717|\b8958|\b17313|89\D58|173\D13|Nowhere", re.IGNORECASE)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("spoiled", [False, True])
def test_the_place_is_told_to_nobody(form: str, spoiled: bool, tmp_path: Path) -> None:
    """The case holds coordinates and a town; no output holds any of their digits or letters."""
    case = load_case(ROOT / "fixtures" / "training_image" / "location-warning" / "case.toml")
    data = case.sources["train_image"].read_bytes()
    path = tmp_path / "x.jpg"
    path.write_bytes(data[: len(data) // 2] if spoiled else data)

    done = check(path, "--format", form)

    said = done.stdout
    if form == "json":
        report = json.loads(said)
        assert ["EXIF", "XMP"] == report["assets"][0]["facts"]["location_in"]
        del report["assets"][0]["sha256"]
        said = json.dumps(report)
    assert "IMG008" in said
    assert not PLACE.search(said + done.stderr)
    assert b"Nowhere" in data
