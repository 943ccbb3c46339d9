"""Clean copies of photos: they look as before, hold nothing besides, and the original is as it was."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import math
import os
import random
import shlex
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

import preflight
from preflight.errors import PreflightError, SourceError, ToolError, UsageError
from preflight.evidence.file import examine
from preflight.evidence.image import ImageFacts, read_image
from preflight.fix import fix
from preflight.mend import Mend
from preflight.mend.photo import plan
from preflight.render.json import render_json
from preflight.render.text import render_fixed, render_report
from preflight.rules.examples import image
from preflight.submission import Role, Submission
from tests.conftest import ROOT
from tests.profiles import display_p3, grey, inks

pytestmark = pytest.mark.media

PORTRAIT = ROOT / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg"
COMMAND = Path(sys.executable).with_name("preflight")
ORIENTATION, GPS = 0x0112, 0x8825
SIZE = (640, 520)
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that is held so stores an upright picture: the reverse of what a viewer does."""


def portrait() -> Image.Image:
    with Image.open(PORTRAIT) as picture:
        return picture.convert("RGB").resize(SIZE)


def saved(picture: Image.Image, path: Path, *, appended: bytes = b"PK\3\4 canary", **options: Any) -> Path:
    """A photo with something after its end, which always has to be mended."""
    picture.save(path, **options)
    with path.open("ab") as file:
        file.write(appended)
    return path


def oriented(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def copied(path: Path, name: str = "clean.png") -> Image.Image:
    """The clean copy of a photo."""
    done = fix(path, path.with_name(name))
    assert done.mending is not None
    with Image.open(path.with_name(name)) as picture:
        picture.load()
        return picture


def pixels(picture: Image.Image) -> np.ndarray[Any, Any]:
    return np.asarray(picture).astype(int)


def psnr(one: Image.Image, other: Image.Image) -> float:
    mean = float(((pixels(one) - pixels(other)) ** 2).mean())
    return math.inf if mean == 0 else 10 * math.log10(255**2 / mean)


def facts_of(path: Path) -> ImageFacts:
    return read_image(examine(path), max_pixels=10_000_000).facts


def checked(path: Path) -> preflight.Report:
    return preflight.check(Submission(train_image=path, voice_name="anna"))


def codes(report: preflight.Report) -> set[str]:
    return {finding.code for finding in report.findings if finding.assessed}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- what it looks like


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int, tmp_path: Path) -> None:
    """Pixel for pixel."""
    upright = portrait()
    stored = upright.transpose(TURNED[orientation]) if orientation in TURNED else upright
    path = saved(stored, tmp_path / "a.png", exif=oriented(orientation))

    clean = copied(path)

    assert upright.size == clean.size
    assert (pixels(upright) == pixels(clean)).all()
    assert ORIENTATION not in clean.getexif()


@pytest.mark.parametrize("orientation", [1, 6])
def test_jpeg_comes_out_upright(orientation: int, tmp_path: Path) -> None:
    """And as near as JPEG can be."""
    upright = portrait()
    stored = upright.transpose(TURNED[orientation]) if orientation in TURNED else upright
    path = saved(stored, tmp_path / "a.jpg", exif=oriented(orientation), quality=90)

    clean = copied(path, "clean.jpg")

    assert psnr(clean, upright) > 36


def test_tables_of_a_jpeg_are_kept(tmp_path: Path) -> None:
    """Coding it again with the tables that it has loses hardly anything, and makes it no larger."""
    path = saved(portrait(), tmp_path / "a.jpg", quality=83, subsampling="4:2:2")

    clean = copied(path, "clean.jpg")

    with Image.open(path) as original:
        assert original.quantization == clean.quantization  # type: ignore[attr-defined]
        assert psnr(original, clean) > 50
    assert (tmp_path / "clean.jpg").stat().st_size < 1.05 * path.stat().st_size


def test_each_component_keeps_its_own_table(tmp_path: Path) -> None:
    """However they are numbered in the original."""
    tables = [[number] * 64 for number in (2, 9, 5)]
    path = saved(portrait(), tmp_path / "a.jpg", qtables=tables, subsampling="4:4:4")
    data = path.read_bytes()
    renumbered = {b"\xff\xdb\0\x43\1" + bytes([9]): b"\xff\xdb\0\x43\3" + bytes([9])}
    renumbered[b"\2\x11\1\3\x11\2"] = b"\2\x11\3\3\x11\2"
    for before, after in renumbered.items():
        assert before in data
        data = data.replace(before, after, 1)
    path.write_bytes(data)

    clean = copied(path, "clean.jpg")

    assert tables == [clean.quantization[number] for number in range(3)]  # type: ignore[attr-defined]
    with Image.open(path) as original:
        assert psnr(original, clean) > 50


def test_wide_gamut_is_converted(tmp_path: Path) -> None:
    """What Display P3 calls (200, 100, 50) is a stronger orange in sRGB; out of its reach, the nearest."""
    picture = Image.new("RGB", SIZE, (200, 100, 50))
    path = saved(picture, tmp_path / "a.png", icc_profile=display_p3())

    clean = copied(path)

    assert [216, 93, 24] == pytest.approx(list(clean.getpixel((9, 9))), abs=2)  # type: ignore[arg-type]
    assert "icc_profile" not in clean.info


def test_srgb_profile_is_left_out_and_changes_nothing(tmp_path: Path) -> None:
    """It says what programs think of a picture that has none."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(portrait(), tmp_path / "a.png", icc_profile=profile)

    clean = copied(path)

    assert (pixels(portrait()) == pixels(clean)).all()
    assert "icc_profile" not in clean.info


def test_grey_profile_is_converted(tmp_path: Path) -> None:
    """Greyscale stays greyscale, with the tones that its gamma meant."""
    path = saved(Image.new("L", SIZE, 128), tmp_path / "a.png", icc_profile=grey(1.8))

    clean = copied(path)

    assert ("L", 146) == (clean.mode, pytest.approx(clean.getpixel((9, 9)), abs=2))


def test_inks_with_a_profile(tmp_path: Path) -> None:
    """Cyan of these inks is a grey of L* 80."""
    path = saved(Image.new("CMYK", SIZE, (255, 0, 0, 0)), tmp_path / "a.jpg", icc_profile=inks(), quality=100)

    clean = copied(path)

    assert [198, 198, 198] == pytest.approx(list(clean.getpixel((9, 9))), abs=3)  # type: ignore[arg-type]


def test_inks_without_a_profile(tmp_path: Path) -> None:
    """The plain formula, and it is said that somebody should look."""
    path = saved(Image.new("CMYK", SIZE, (0, 255, 255, 0)), tmp_path / "a.jpg", quality=100)

    clean, steps = copied(path), plan({"IMG005": Mend.CLEAN_COPY}, facts_of(path))

    assert [255, 0, 0] == pytest.approx(list(clean.getpixel((9, 9))), abs=3)  # type: ignore[arg-type]
    assert steps is not None
    assert any("for want of a profile" in step for step in steps.steps)


def test_profile_of_other_colours_is_left_out(tmp_path: Path) -> None:
    """One for inks says nothing of RGB."""
    path = saved(portrait(), tmp_path / "a.png", icc_profile=inks())

    assert (pixels(portrait()) == pixels(copied(path))).all()


def test_sixteen_bits_of_grey(tmp_path: Path) -> None:
    """By the high byte; not cut off at 255."""
    values = np.linspace(0, 65535, SIZE[0] * SIZE[1]).astype(np.uint16).reshape(SIZE[::-1])
    path = saved(Image.fromarray(values), tmp_path / "a.png")

    clean = copied(path)

    assert "L" == clean.mode
    assert (values >> 8 == pixels(clean)).all()


def test_sixteen_bits_of_colour(tmp_path: Path) -> None:
    """Stored with eight."""
    path, picture = tmp_path / "a.png", pixels(portrait())
    path.write_bytes(deep_png(picture * 257))
    with path.open("ab") as file:
        file.write(b"more")

    clean = copied(path)

    assert 16 == facts_of(path).bits
    assert 8 == facts_of(path.with_name("clean.png")).bits
    assert (picture == pixels(clean)).all()


@pytest.mark.parametrize(("colours", "hole"), [(1, (0x1234,)), (3, (0x1234, 0x5678, 0x9ABC))])
def test_deep_colour_that_stands_for_nothing(colours: int, hole: tuple[int, ...], tmp_path: Path) -> None:
    """It lies on white, too."""
    path, picture = tmp_path / "a.png", np.full((520, 640, colours), 0x8000)
    picture[:, :320] = hole
    path.write_bytes(deep_png(picture, hole))

    clean = copied(path)

    assert facts_of(path).transparent
    assert [255, 128] == [int(pixels(clean)[9, at].max()) for at in (9, 630)]


def deep_png(picture: np.ndarray[Any, Any], hole: tuple[int, ...] = ()) -> bytes:
    """16 bits of grey or colour, which Pillow does not write."""
    height, width, colours = picture.shape
    head = width.to_bytes(4) + height.to_bytes(4) + bytes([16, 2 if colours == 3 else 0, 0, 0, 0])
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in picture)
    key = chunk(b"tRNS", np.array(hole, ">u2").tobytes()) if hole else b""
    data = chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + key + data


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB"])
def test_what_is_transparent_lies_on_white(mode: str, tmp_path: Path) -> None:
    """By an alpha channel, a palette with opacities, or a colour that stands for nothing."""
    picture, options = transparent(mode)
    path = saved(picture, tmp_path / "a.png", **options)

    clean = copied(path)

    grey = mode in ("L", "LA")
    assert ("L" if grey else "RGB") == clean.mode
    white: Any = 255 if grey else (255, 255, 255)
    assert (white, picture.convert(clean.mode).getpixel((630, 9))) == (
        clean.getpixel((9, 9)),
        clean.getpixel((630, 9)),
    )


def transparent(mode: str) -> tuple[Image.Image, dict[str, Any]]:
    """A picture whose left half cannot be seen, and how to save it."""
    if mode in ("L", "RGB"):
        picture = portrait().convert(mode)
        picture.paste(0, (0, 0, 320, 520))
        return picture.point(lambda value: value), {"transparency": 0 if mode == "L" else (0, 0, 0)}
    if mode == "P":
        picture = Image.new("P", SIZE, 1)
        picture.putpalette([90, 80, 70, 200, 100, 50])
        picture.paste(0, (0, 0, 320, 520))
        return picture, {"transparency": bytes([0, 255])}
    picture = portrait().convert(mode)
    alpha = Image.new("L", SIZE, 255)
    alpha.paste(0, (0, 0, 320, 520))
    picture.putalpha(alpha)
    return picture, {}


def test_half_transparent_colours_are_mixed_after_their_conversion(tmp_path: Path) -> None:
    """As viewers do it: the background is white in sRGB."""
    picture = Image.new("RGBA", SIZE, (200, 100, 50, 128))
    path = saved(picture, tmp_path / "a.png", icc_profile=display_p3())

    clean = copied(path)

    mixed = [round(value * 128 / 255 + 127) for value in (216, 93, 24)]
    assert mixed == pytest.approx(list(clean.getpixel((9, 9))), abs=2)  # type: ignore[arg-type]


def test_first_picture_is_kept(tmp_path: Path) -> None:
    """Of a JPEG with others behind it."""
    path, other = tmp_path / "a.jpg", Image.new("RGB", SIZE, "red")
    portrait().save(path, "MPO", save_all=True, append_images=[other], quality=95)

    clean = copied(path, "clean.jpg")

    assert "JPEG" == clean.format
    assert psnr(clean, portrait()) > 36
    assert {"IMG010"} == codes(checked(path)) - codes(checked(tmp_path / "clean.jpg"))


def test_png_becomes_jpeg_and_jpeg_png(tmp_path: Path) -> None:
    """The name of the copy says what is written."""
    png = saved(portrait(), tmp_path / "a.png")
    jpeg = saved(portrait(), tmp_path / "b.jpg", quality=95)

    assert ("JPEG", "PNG") == (copied(png, "a.clean.jpeg").format, copied(jpeg, "b.clean.png").format)
    assert psnr(copied(png, "again.jpg"), portrait()) > 40


# ---- what is in it


CANARY = b"CANARY"


def canary(where: str) -> str:
    return f"{CANARY.decode()} {where}"


def telling_exif(*, orientation: int = 1) -> Image.Exif:
    exif = oriented(orientation)
    exif[0x010E], exif[0x013B], exif[0x010F] = canary("title"), canary("artist"), canary("make")
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + canary("comment").encode()
    exif.get_ifd(0x8769)[0x927C] = canary("maker note").encode()
    exif.get_ifd(GPS).update(
        {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0), 27: canary("gps").encode()}
    )
    return exif


def telling_jpeg(path: Path) -> Path:
    """A JPEG with something to tell wherever a JPEG can hold it."""
    thumbnail = io.BytesIO()
    Image.new("RGB", (80, 60), "blue").save(thumbnail, "JPEG", comment=canary("thumbnail"))
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a exif:GPSLatitude="{canary("xmp")}"/></x:xmpmeta>'
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + (30).to_bytes(4) + canary("iptc").encode().ljust(30)
    extra = b"".join(
        b"\xff" + marker + (len(data) + 2).to_bytes(2) + data
        for marker, data in (
            (b"\xed", iptc),
            (b"\xe9", canary("app9").encode()),
            (b"\xe6", thumbnail.getvalue()),
        )
    )
    second = Image.new("RGB", SIZE, "red")
    second.encoderinfo = {"exif": telling_exif(), "comment": canary("second picture")}
    portrait().save(
        path,
        "MPO",
        save_all=True,
        append_images=[second],
        exif=telling_exif(),
        xmp=xmp.encode(),
        comment=canary("comment"),
        icc_profile=display_p3(canary("P3 profile")),
        extra=extra,
        quality=90,
    )
    with path.open("ab") as file:
        file.write(zipped())
    return path


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x.txt", canary("zip"))
    return archive.getvalue()


def telling_png(path: Path) -> Path:
    """The same of a PNG."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", canary("tEXt"))
    info.add_text("Author", canary("zTXt"), zip=True)
    info.add_itxt("Title", canary("iTXt"))
    info.add_itxt("XML:com.adobe.xmp", f'<a exif:GPSLatitude="{canary("xmp")}"/>', zip=True)
    info.add(b"prIv", canary("private").encode())
    info.add(b"tIME", bytes([7, 234, 1, 2, 3, 4, 5]))
    path.unlink(missing_ok=True)
    return saved(
        portrait(),
        path,
        appended=zipped(),
        pnginfo=info,
        exif=telling_exif(),
        icc_profile=display_p3(canary("P3 profile")),
        dpi=(300, 300),
    )


@pytest.mark.parametrize("name", ["clean.jpg", "clean.png"])
@pytest.mark.parametrize("made", [telling_jpeg, telling_png])
def test_nothing_is_told(made: Any, name: str, tmp_path: Path) -> None:
    """Neither by the clean copy nor by anything that is printed on the way."""
    path = made(tmp_path / f"a.{made.__name__[-4:].lstrip('_')}")
    assert CANARY in path.read_bytes()

    before, done = checked(path), fix(path, tmp_path / name)

    said = render_report(before) + render_json(before.to_dict())
    said += render_fixed("a", name, done) + repr(before) + repr(done)
    # the description of the profile is told: it names colours, no place, and whoever sees it has the photo
    assert CANARY.decode() not in said.replace(canary("P3 profile"), "")
    for secret in ("52.0", "31, 12", "13.0, 24"):
        assert secret not in said
    assert parts(tmp_path / name) == (
        ["IHDR", "IDAT", "IEND"] if name.endswith("png") else ["APP0", "DQT", "SOF0", "DHT", "SOS"]
    )
    assert CANARY not in (tmp_path / name).read_bytes()
    assert (None, (), (), 0) == told(facts_of(tmp_path / name))


def told(facts: ImageFacts) -> tuple[Any, ...]:
    return facts.profile, facts.location, facts.further_pictures, facts.appended_bytes


def parts(path: Path) -> list[str]:
    """The kinds of segments or chunks of a file, in order, each named once; the file ends with the last."""
    data = path.read_bytes()
    found = chunks(data) if data.startswith(b"\x89PNG") else segments(data)
    return list(dict.fromkeys(found))


def chunks(data: bytes) -> list[str]:
    found, at = [], 8
    while at < len(data):
        found.append(data[at + 4 : at + 8].decode())
        at += 12 + int.from_bytes(data[at : at + 4])
    assert at == len(data)
    return found


def segments(data: bytes) -> list[str]:
    names = {0xDB: "DQT", 0xC0: "SOF0", 0xC4: "DHT", 0xDA: "SOS", 0xFE: "COM"}
    found, at = [], 2
    while not found or found[-1] != "SOS":
        marker = data[at + 1]
        found.append(names.get(marker, f"APP{marker - 0xE0}"))
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    assert data.endswith(b"\xff\xd9")
    assert 1 == data.count(b"\xff\xd9")
    return found


@pytest.mark.parametrize("made", [telling_jpeg, telling_png])
def test_what_is_mended_is_not_found_again(made: Any, tmp_path: Path) -> None:
    """By the command that the report shows, and nothing new comes."""
    path = made(tmp_path / f"a.{made.__name__[-4:].lstrip('_')}")
    before = checked(path)
    mending = before.assets[0].fix
    assert mending is not None

    done = fix(path, mending.result(str(path)))
    after = checked(Path(mending.result(str(path))))

    assert done.mending == mending
    assert {"IMG008", "IMG009", "IMG011"} <= set(mending.mends)
    assert codes(before) - codes(after) >= set(mending.mends)
    assert set() == codes(after) - codes(before)
    assert after.assets[0].fix is None


def test_original_stays_as_it_is(tmp_path: Path) -> None:
    """Its bytes, its times, its mode and its owner."""
    path = telling_jpeg(tmp_path / "a.jpg")
    path.chmod(0o440)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    before, identity = digest(path), status(path)

    fix(path, tmp_path / "clean.jpg")

    assert (before, identity) == (digest(path), status(path))
    assert {"a.jpg", "clean.jpg"} == {one.name for one in tmp_path.iterdir()}


def status(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns, found.st_size, found.st_nlink


# ---- what is left alone


def test_nothing_to_mend(tmp_path: Path) -> None:
    """No file is written, and the exit code is 0."""
    done = typed("fix", str(PORTRAIT), "--output", "b.jpg", folder=tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    assert "nothing that can be mended; no file was written" in " ".join(done.stdout.split())
    assert [] == list(tmp_path.iterdir())


def test_what_a_new_photo_alone_mends_is_left(tmp_path: Path) -> None:
    """A small picture is not enlarged, and it is said."""
    path = saved(portrait().resize((400, 300)), tmp_path / "a.png")

    done = fix(path, tmp_path / "b.png")

    assert ["IMG002"] == [finding.code for finding in done.left]
    assert "A new recording, photo" not in render_fixed("a.png", "b.png", done)
    assert "Only a new recording, photo or export mends what is left:" in render_fixed("a", "b", done)
    assert (400, 300) == (facts_of(tmp_path / "b.png").width, facts_of(tmp_path / "b.png").height)


def damaged(path: Path) -> str:
    saved(portrait(), path, appended=b"")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return "IMG003"


def animated(path: Path) -> str:
    portrait().save(path, "PNG", save_all=True, append_images=[Image.new("RGB", SIZE, "red")])
    return "IMG004"


def too_large(path: Path) -> str:
    Image.new("1", (20_000, 20_000)).save(path, "PNG")
    return "IMG006"


@pytest.mark.parametrize("made", [damaged, animated, too_large])
def test_left_as_it_is(made: Any, tmp_path: Path) -> None:
    """Mending would hide the damage, choose a picture, or fill the memory."""
    code = made(tmp_path / "a.png")

    done = typed("fix", "a.png", "--output", "b.png", folder=tmp_path)

    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith(f"preflight: a.png: is left as it is ({code} ")
    assert ["a.png"] == [one.name for one in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("output", "said"),
    [("b.mp4", "ends in .jpg or .jpeg or .png"), ("b", "ends in .jpg"), ("no/b.jpg", "no such folder")],
)
def test_output_that_makes_no_sense(output: str, said: str, tmp_path: Path) -> None:
    """Said before anything is done."""
    path = saved(portrait(), tmp_path / "a.jpg")

    with pytest.raises(UsageError, match=said):
        fix(path, tmp_path / output)


def test_a_photo_is_no_consent_clip(tmp_path: Path) -> None:
    """And a video is no photo."""
    (tmp_path / "v.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))

    with pytest.raises(UsageError, match="is a JPEG image; a recording is a video"):
        fix(PORTRAIT, tmp_path / "b.jpg", role=Role.CONSENT_VIDEO)
    with pytest.raises(UsageError, match="is an MP4 file; a photo is JPEG or PNG"):
        fix(tmp_path / "v.mp4", tmp_path / "b.jpg", role=Role.TRAINING_IMAGE)


def test_a_side_too_long_for_jpeg(tmp_path: Path) -> None:
    """PNG has room for it."""
    path = saved(Image.new("L", (66_000, 600)), tmp_path / "a.png")

    with pytest.raises(UsageError, match=r"too long for JPEG; name a file that ends in \.png"):
        fix(path, tmp_path / "b.jpg")
    assert (66_000, 600) == copied(path).size


@pytest.mark.parametrize("made", [telling_jpeg, telling_png])
def test_damage_of_any_kind_is_told(made: Any, tmp_path: Path) -> None:
    """A photo is mended or an error says why not; nothing but a whole copy is left."""
    path = made(tmp_path / f"a.{made.__name__[-4:].lstrip('_')}")
    whole, chance = path.read_bytes(), random.Random(1)  # noqa: S311 - no secret
    for number in range(60):
        spoiled, out = bytearray(whole), tmp_path / f"{number}.png"
        for _ in range(chance.randint(1, 20)):
            # three times of four among the metadata and tables, which come first
            reach = 6000 if chance.random() < 0.75 else len(whole)
            spoiled[chance.randrange(4, min(reach, len(whole)))] = chance.randrange(256)
        path.write_bytes(spoiled)
        with contextlib.suppress(PreflightError):
            fix(path, out)
        assert not out.exists() or CANARY not in out.read_bytes()
    assert {path.suffix, ".png"} >= {one.suffix for one in tmp_path.iterdir()}


# ---- the output


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    """Neither another one, nor the original by any of its names, nor what a link points at."""
    path = saved(portrait(), tmp_path / "a.jpg")
    (tmp_path / "there.jpg").write_bytes(b"precious")
    (tmp_path / "soft.jpg").symlink_to(path)
    (tmp_path / "hard.jpg").hardlink_to(path)
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    before = digest(path)

    for name, said in {
        "a.jpg": "is the original",
        "there.jpg": "exists already",
        "soft.jpg": "is the original",
        "hard.jpg": "is the original",
        "dangling.jpg": "exists already",
    }.items():
        with pytest.raises(UsageError, match=said):
            fix(path, tmp_path / name)

    assert b"precious" == (tmp_path / "there.jpg").read_bytes()
    assert (before, False) == (digest(path), (tmp_path / "elsewhere.jpg").exists())


def written_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instead: Any) -> Path:
    """A photo, and another writer in place of Pillow's."""
    path = saved(portrait(), tmp_path / "a.png")
    real = Image.Image.save

    def save(picture: Image.Image, target: Path, form: str, **options: Any) -> None:
        instead(lambda other: real(other, target, form, **options), picture, target)

    monkeypatch.setattr(Image.Image, "save", save)
    return path


def full(save: Any, picture: Image.Image, target: Path) -> None:
    target.write_bytes(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")


def half(save: Any, picture: Image.Image, target: Path) -> None:
    save(picture)
    target.write_bytes(target.read_bytes()[:2000])


def other(save: Any, picture: Image.Image, target: Path) -> None:
    save(Image.new(picture.mode, picture.size, "red"))


def smaller(save: Any, picture: Image.Image, target: Path) -> None:
    save(picture.resize((600, 500)))


def with_more(save: Any, picture: Image.Image, target: Path) -> None:
    save(picture)
    target.write_bytes(target.read_bytes() + b"more")


@pytest.mark.parametrize("instead", [full, half, other, smaller, with_more])
def test_a_result_that_will_not_do_is_deleted(
    instead: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, half a file, another picture, another size, something behind it: nothing is left."""
    path = written_by(tmp_path, monkeypatch, instead)

    with pytest.raises(ToolError, match="nothing"):
        fix(path, tmp_path / "b.png")

    assert [path] == list(tmp_path.iterdir())


def test_colours_that_a_profile_spoils_are_not_kept(tmp_path: Path) -> None:
    """It may change them, and must not turn the picture into another."""
    path = saved(portrait(), tmp_path / "a.jpg", icc_profile=display_p3_of_gamma(20.0))

    with pytest.raises(ToolError, match="would look unlike the photo"):
        fix(path, tmp_path / "b.jpg")

    assert [path] == list(tmp_path.iterdir())


def display_p3_of_gamma(gamma: float) -> bytes:
    usual = b"curv" + bytes(4) + (1).to_bytes(4) + round(2.2 * 256).to_bytes(2)
    return display_p3().replace(usual, usual[:-2] + round(gamma * 256).to_bytes(2))


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is given at the end, to nothing that exists."""

    def slow(save: Any, picture: Image.Image, target: Path) -> None:
        save(picture)
        (tmp_path / "b.png").write_bytes(b"precious")

    path = written_by(tmp_path, monkeypatch, slow)
    with pytest.raises(UsageError, match="exists already"):
        fix(path, tmp_path / "b.png")

    assert b"precious" == (tmp_path / "b.png").read_bytes()


def test_an_original_that_changes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is not what was written."""

    def slow(save: Any, picture: Image.Image, target: Path) -> None:
        save(picture)
        path.write_bytes(path.read_bytes() + b"more")

    path = written_by(tmp_path, monkeypatch, slow)
    with pytest.raises(SourceError, match="changed while it was being checked"):
        fix(path, tmp_path / "b.png")

    assert [path] == list(tmp_path.iterdir())


# ---- the command


def typed(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_command_says_what_it_did(tmp_path: Path) -> None:
    """Step by step."""
    telling_png(tmp_path / "a.png")

    done = typed("fix", "a.png", "--output", "b.jpg", folder=tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("MENDED  a.png as b.jpg (IMG")
    assert "all metadata are left out: place, time" in done.stdout
    assert "quality 95, 4:4:4" in done.stdout
    again = typed("fix", "a.png", "--output", "b.jpg", folder=tmp_path)
    assert (2, "preflight: b.jpg: exists already; name a file that is not there\n") == (
        again.returncode,
        again.stderr,
    )


def test_ffmpeg_is_not_needed(tmp_path: Path) -> None:
    """Pillow does it alone."""
    telling_jpeg(tmp_path / "a.jpg")
    command = [COMMAND, "fix", "a.jpg", "--output", "B.JPG"]

    subprocess.run(command, cwd=tmp_path, check=True, timeout=60, env={"PATH": ""}, stdout=subprocess.DEVNULL)

    assert "JPEG" == facts_of(tmp_path / "B.JPG").format


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="asks Linux for the peak of the memory")
def test_largest_photo_fits_into_memory(tmp_path: Path) -> None:
    """Turned, in several scans and of a wide gamut: what takes the most."""
    path, upright = tmp_path / "a.jpg", oriented(6)
    Image.new("RGB", (8240, 6180), (200, 100, 50)).save(
        path, exif=upright, icc_profile=display_p3(), progressive=True, subsampling="4:4:4"
    )
    code = (
        "import pathlib, sys; from preflight.fix import fix; fix(*sys.argv[1:]);"
        "print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "b.jpg"],
        check=True,
        timeout=100,
        stdout=subprocess.PIPE,
    )

    assert int(done.stdout) < 700_000


@pytest.mark.parametrize("name", ["-x y'z.jpg", 'a$(b) "c".jpg', "http:x.jpg"])
def test_odd_name_from_report_to_result(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The printed line works as it stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}")
    telling_jpeg(tmp_path / name)
    shown = render_report(checked(Path(name))).splitlines()
    (line,) = [line for line in shown if line.startswith("Can be mended without a new photo (")]

    subprocess.run(
        ["sh", "-c", line.partition("): ")[2]],
        cwd=tmp_path,
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )

    assert not {"IMG008", "IMG009", "IMG010"} & codes(checked(tmp_path / name.replace(".jpg", ".fixed.jpg")))


def test_name_that_would_steer_the_terminal(tmp_path: Path) -> None:
    """No line to copy is shown as text; the JSON report has it, escaped, and a shell takes it."""
    path = telling_jpeg(tmp_path / "a\nrm b.jpg")
    report = checked(path)
    assert report.assets[0].fix is not None
    command = report.assets[0].to_dict()["fix"]["command"]

    assert "see preflight fix --help" in render_report(report)
    assert ["preflight", "fix", str(path)] == shlex.split(command)[:3]


def test_interrupt_leaves_nothing(tmp_path: Path) -> None:
    """Neither a file nor a folder."""
    out, path = tmp_path / "out", tmp_path / "a.png"
    out.mkdir()
    saved(Image.effect_noise((4000, 4000), 90).convert("RGB"), path, compress_level=1)
    process = subprocess.Popen(
        [COMMAND, "fix", str(path), "--output", "b.png"], cwd=out, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 30
    while not list(out.iterdir()) and time.monotonic() < until:
        time.sleep(0.02)

    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)

    assert (130, "preflight: interrupted\n") == (process.returncode, said.lstrip())
    assert [] == list(out.iterdir())


# ---- the plan


def planned(faults: dict[str, Mend], *, extension: str | None = None, **facts: Any) -> Any:
    return plan(faults, image(**facts), extension)


def test_plan_of_a_jpeg_whose_picture_stays() -> None:
    """It keeps its tables, unless the copy is a PNG."""
    mends = {"IMG008": Mend.CLEAN_COPY}

    assert planned(mends).same_tables
    assert planned(mends, format="MPO", extension=".jpeg").same_tables
    assert not planned(mends, extension=".png").same_tables
    assert not planned(mends, orientation=3).same_tables
    assert not planned(mends, mode="CMYK").same_tables
    assert not planned(mends, profile="Display P3").same_tables
    assert not planned(mends, format="PNG", extension=".jpg").same_tables


@pytest.mark.parametrize(
    ("facts", "used"),
    [
        ({}, False),
        ({"profile": ""}, False),
        ({"profile": "sRGB IEC61966-2.1"}, False),
        ({"profile": "Display P3"}, True),
        ({"profile": "Display P3", "profile_fits": False}, False),
    ],
)
def test_which_profile_is_used(facts: dict[str, Any], used: bool) -> None:
    """One that can be read, is for colours stored as these are, and says something."""
    assert used is planned({"IMG011": Mend.CLEAN_COPY}, **facts).use_profile


def test_what_is_not_planned() -> None:
    """Nothing without a fault, nor beside one that forbids it, nor of what is no photo."""
    assert planned({}) is None
    assert planned({"IMG008": Mend.CLEAN_COPY, "IMG003": Mend.LEAVE_ALONE}) is None
    assert planned({"IMG008": Mend.CLEAN_COPY}, format=None) is None


def test_result_is_named_by_what_it_is() -> None:
    """Whatever the original is called."""
    mends = {"IMG007": Mend.CLEAN_COPY}

    assert "a.fixed.png" == planned(mends, format="PNG").result("a.jpg")
    assert "a.fixed.jpg" == planned(mends, format="MPO").result("a.png")
    assert "preflight fix a.jpg --output a.fixed.png" == planned(mends, format="PNG").command("a.jpg")
