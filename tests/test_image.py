"""Still images, made with Pillow and broken by hand."""

from __future__ import annotations

import base64
import io
import random
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFile, ImageOps

from fixtures.make import wide_profile
from preflight.evidence.file import examine
from preflight.evidence.image import ImageFacts, read_image

MAX_PIXELS = 2_000_000


def noise(size: tuple[int, int] = (64, 48)) -> Image.Image:
    return Image.effect_noise(size, 60).convert("RGB")


def read(path: Path, data: bytes) -> ImageFacts:
    path.write_bytes(data)
    return read_image(examine(path), max_pixels=MAX_PIXELS).facts


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "photo.jpg"


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_good_image(path: Path, form: str) -> None:
    """A whole image is decoded to its last pixel, whatever it is called."""
    facts = read(path, saved(noise(), form))

    assert (form, 64, 48, "RGB", 1, True) == (
        facts.format,
        facts.width,
        facts.height,
        facts.mode,
        facts.frames,
        facts.decoded,
    )


@pytest.mark.parametrize(
    ("orientation", "expected"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64)), (8, (48, 64))]
)
def test_size_is_that_after_exif_orientation(path: Path, orientation: int, expected: tuple[int, int]) -> None:
    """A photo held upright is as wide as a viewer sees it."""
    exif = Image.Exif()
    exif[0x0112] = orientation

    facts = read(path, saved(noise(), "JPEG", exif=exif))

    assert expected == (facts.width, facts.height)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.98])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_truncated_image_is_not_decoded(path: Path, form: str, share: float) -> None:
    """A cut file opens, and verify() may even pass it; its pixels cannot be read."""
    data = saved(noise((256, 256)), form)

    facts = read(path, data[: int(len(data) * share)])

    assert facts.decoded is False
    assert facts.fault


def test_gif_is_refused_unopened(path: Path) -> None:
    """Only JPEG and PNG are handed to a decoder."""
    facts = read(path, saved(noise(), "GIF"))

    assert (None, "a GIF image", None) == (facts.format, facts.kind, facts.decoded)


def test_animated_png_counts_its_frames(path: Path) -> None:
    """An APNG is a PNG with more than one picture."""
    data = saved(noise(), "PNG", save_all=True, append_images=[noise(), noise()])

    facts = read(path, data)

    assert ("PNG", 3) == (facts.format, facts.frames)


def test_stereo_jpeg_is_told_apart(path: Path) -> None:
    """An MPO begins like a JPEG and holds several."""
    data = saved(noise(), "MPO", save_all=True, append_images=[noise()])

    facts = read(path, data)

    assert ("MPO", 1, 1) == (facts.format, facts.frames, len(facts.further_pictures))


def test_cmyk_keeps_its_mode(path: Path) -> None:
    """A picture made for print is reported as such."""
    assert "CMYK" == read(path, saved(noise().convert("CMYK"), "JPEG")).mode


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def test_large_claim_is_measured_and_not_decoded(path: Path) -> None:
    """A few bytes may claim millions of pixels; the claim is read, the pixels are not."""
    facts = read(path, png_claiming(5000, 5000))

    assert (5000, 5000, None) == (facts.width, facts.height, facts.decoded)


def test_bomb_is_not_even_opened(path: Path) -> None:
    """Above Pillow's own limit nothing is known of the image but its size."""
    facts = read(path, png_claiming(60_000, 60_000))

    assert (3_600_000_000, None, None) == (facts.pixels, facts.mode, facts.decoded)
    assert facts.fault is not None
    assert "decompression bomb" in facts.fault


# ---- the fields


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    return png[:33] + chunk(kind, body) + png[33:]


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment at its start."""
    return jpeg[:2] + b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def exif(*, orientation: int = 1, gps: dict[int, object] | None = None) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    if gps is not None:
        made[0x8825] = gps
    return made


def deep_png(colour: int) -> bytes:
    """A PNG with 16 bits a channel: grey (0), RGB (2), RGB with alpha (6)."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    rows = (b"\0" + b"\x80\x07" * channels * 32) * 32
    header = struct.pack(">IIBBBBB", 32, 32, 16, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("colour", [0, 2, 6])
def test_bits_are_those_of_the_file(path: Path, colour: int) -> None:
    """Pillow makes 8 bits of 16; the grey copy has the upper ones."""
    path.write_bytes(deep_png(colour))
    loaded = read_image(examine(path), max_pixels=MAX_PIXELS)

    assert (16, True) == (loaded.facts.bits, loaded.facts.decoded)
    assert 0x7D <= loaded.pixels.min() <= loaded.pixels.max() <= 0xC0


def test_jpeg_of_12_bits_is_not_read(path: Path) -> None:
    """Its header says so, and the fault does in words."""
    data = bytearray(saved(noise(), "JPEG"))
    data[data.index(b"\xff\xc0") + 4] = 12

    facts = read(path, bytes(data))

    assert (12, False) == (facts.bits, facts.decoded)
    assert "12 bits" in (facts.fault or "")


def half_clear() -> Image.Image:
    image = noise().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize(
    ("image", "options", "transparent"),
    [
        (half_clear(), {}, True),
        (half_clear().convert("LA"), {}, True),
        (noise().convert("RGBA"), {}, False),
        (noise().quantize(16), {"transparency": 3}, True),
        (noise().quantize(16), {}, False),
        (Image.new("RGB", (8, 8), (1, 2, 3)), {"transparency": (1, 2, 3)}, True),
        (Image.new("RGB", (8, 8), (1, 2, 3)), {"transparency": (1, 2, 4)}, False),
        (Image.new("L", (8, 8), 9), {"transparency": 9}, True),
        (Image.new("I;16", (8, 8), 900), {"transparency": 900}, True),
    ],
)
def test_transparent_is_what_shows_the_background(
    path: Path, image: Image.Image, options: dict[str, object], transparent: bool
) -> None:
    """An alpha channel in which every pixel is opaque hides nothing."""
    facts = read(path, saved(image, "PNG", **options))

    assert (transparent, True) == (facts.transparent, facts.decoded)


def test_what_is_transparent_is_seen_on_white(path: Path) -> None:
    """Black that nobody sees is not black."""
    path.write_bytes(saved(Image.new("RGBA", (600, 600), (0, 0, 0, 0)), "PNG"))

    assert 255 == read_image(examine(path), max_pixels=MAX_PIXELS).pixels.min()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_grey_copy_is_upright(path: Path, orientation: int) -> None:
    """As Pillow turns it."""
    gradient = ImageChops.multiply(Image.linear_gradient("L"), Image.linear_gradient("L").rotate(90))
    upright = gradient.resize((64, 48))
    data = saved(upright, "PNG", exif=exif(orientation=orientation))
    path.write_bytes(data)
    with Image.open(io.BytesIO(data)) as image:
        expected = ImageOps.exif_transpose(image).tobytes()

    loaded = read_image(examine(path), max_pixels=MAX_PIXELS)

    assert orientation == loaded.facts.orientation
    assert expected == loaded.pixels.tobytes()


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 75, 80, 95, 100])
def test_quality_is_that_of_the_encoder(path: Path, quality: int) -> None:
    """Pillow encodes with the tables of the IJG."""
    assert quality == read(path, saved(noise(), "JPEG", quality=quality)).quality


def test_scans_are_counted(path: Path) -> None:
    """A progressive JPEG has several, of which all coefficients are held."""
    plain, progressive = (read(path, saved(noise(), "JPEG", progressive=p)) for p in (False, True))

    assert (1, 0) == (plain.scans, plain.coefficients)
    assert (10, 64 * 48 * 3 // 2) == (progressive.scans, progressive.coefficients)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_profile(path: Path, form: str) -> None:
    """The description is that of the file; one for other colours does not fit, half of one is unread."""
    whole = wide_profile()
    for_print = whole.replace(b"mntrRGB ", b"prtrCMYK")

    good, foreign, broken = (
        read(path, saved(noise(), form, icc_profile=icc)) for icc in (whole, for_print, whole[:300])
    )

    assert ("Wide RGB with P3 primaries", True) == (good.profile, good.profile_fits)
    assert ("Wide RGB with P3 primaries", False) == (foreign.profile, foreign.profile_fits)
    assert "" == broken.profile
    assert read(path, saved(noise(), form)).profile is None


def test_profile_of_version_4(path: Path) -> None:
    """Its description is in several languages; what steers a terminal is left out."""
    name = "Näher\x1b[31m".encode("utf-16-be")
    text = b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"deDE", len(name), 28) + name
    tags = struct.pack(">I4sII", 1, b"desc", 144, len(text))
    icc = (bytes(12) + b"mntrRGB XYZ ").ljust(36, b"\0") + b"acsp"

    facts = read(path, saved(noise(), "PNG", icc_profile=icc.ljust(128, b"\0") + tags + text))

    assert "Näher\ufffd[31m" == facts.profile


# ---- where it was taken

PLACE = {1: "N", 2: (12.0, 34.0, 56.78), 3: "W", 4: (98.0, 76.0, 54.32)}
XMP = b"http://ns.adobe.com/xap/1.0/\0"
IPTC = b"\x1c\x02\x5a\0\x0cNowhereville"


def resource(number: int, body: bytes) -> bytes:
    return b"Photoshop 3.0\x008BIM" + struct.pack(">HHI", number, 0, len(body)) + body


def jpeg(**options: object) -> bytes:
    return saved(noise(), "JPEG", **options)


def png(**options: object) -> bytes:
    return saved(noise(), "PNG", **options)


def dangling() -> bytes:
    """EXIF whose pointer to a position leads out of the block."""
    return b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 0x8825, 4, 1, 60_000) + bytes(4)


def raw(kind: bytes, body: bytes) -> bytes:
    """As ImageMagick writes a profile into a text chunk."""
    text = b"\n" + kind + b"\n%8d\n" % len(body) + body.hex().encode() + b"\n"
    return b"Raw profile type " + kind + b"\0\0" + zlib.compress(text)


LOCATED: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "nothing": (jpeg, ()),
    "EXIF": (lambda: jpeg(exif=exif(gps=PLACE)), ("EXIF",)),
    "EXIF of a PNG": (lambda: png(exif=exif(gps=PLACE)), ("EXIF",)),
    "a version and a time alone": (lambda: jpeg(exif=exif(gps={0: b"\2\3\0\0", 29: "2026:11:25"})), ()),
    "a destination": (lambda: jpeg(exif=exif(gps={20: (1.0, 2.0, 3.0)})), ("EXIF",)),
    "a pointer that leads nowhere": (lambda: with_segment(jpeg(), 0xE1, b"Exif\0\0" + dangling()), ("EXIF",)),
    "XMP": (lambda: with_segment(jpeg(), 0xE1, XMP + b"<a exif:GPSLatitude='12,34N'/>"), ("XMP",)),
    "a city in XMP": (lambda: jpeg(xmp=b"<photoshop:City> Nowhereville</photoshop:City>"), ("XMP",)),
    "an empty city": (lambda: jpeg(xmp=b"<photoshop:City></photoshop:City><a photoshop:City=''/>"), ()),
    "the photographer's own city": (lambda: jpeg(xmp=b"<a Iptc4xmpCore:CiAdrCity='Nowhereville'/>"), ()),
    "XMP of a PNG": (
        lambda: with_chunk(png(), b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<a drone-dji:GpsLatitude='1'/>"),
        ("XMP",),
    ),
    "packed XMP of a PNG": (
        lambda: with_chunk(
            png(),
            b"iTXt",
            b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"<a photoshop:Country='X'/>"),
        ),
        ("XMP",),
    ),
    "IPTC": (lambda: with_segment(jpeg(), 0xED, resource(0x0404, IPTC)), ("IPTC",)),
    "a caption in IPTC": (lambda: with_segment(jpeg(), 0xED, resource(0x0404, b"\x1c\x02\x78\0\1x")), ()),
    "raw profiles of a PNG": (
        lambda: with_chunk(
            with_chunk(png(), b"zTXt", raw(b"iptc", resource(0x0404, IPTC))),
            b"zTXt",
            raw(b"exif", b"Exif\0\0" + exif(gps=PLACE).tobytes().removeprefix(b"Exif\0\0")),
        ),
        ("EXIF", "IPTC"),
    ),
    "another picture of an MPO": (
        lambda: with_exif_in_second(
            saved(noise(), "MPO", save_all=True, append_images=[noise((32, 32))], exif=exif())
        ),
        ("EXIF",),
    ),
}


def with_exif_in_second(mpo: bytes) -> bytes:
    second = mpo.rindex(b"\xff\xd8\xff")
    block = exif(gps=PLACE).tobytes()
    return mpo[:second] + with_segment(mpo[second:], 0xE1, block)


@pytest.mark.parametrize("case", LOCATED)
def test_location_is_named_by_kind(path: Path, case: str) -> None:
    """The kinds of metadata that hold a place, and nothing of the place."""
    data, expected = LOCATED[case]
    facts = read(path, data())

    assert (expected, True) == (facts.location, facts.decoded)
    assert not re.search("Nowhere|56|78|98|76|54|32", repr(replace(facts, kind="", quality=None)))


# ---- after the picture, and beside it


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (b"", None),
        (bytes(5000), None),
        (b"PK\3\4" + bytes(30), "a ZIP archive"),
        (b"\0\0\0\x18ftypmp42" + bytes(60), "an MP4 file"),
        (b"\0\0\x30\x0aMotionPhoto_Data\0\0\0\x18ftypmp42" + bytes(60), "an MP4 file"),
        (bytes(9000) + b"<html>", "an HTML page"),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_what_follows_the_picture(path: Path, form: str, behind: bytes, expected: str | None) -> None:
    """It is counted and named; padding alone is nothing."""
    facts = read(path, saved(noise(), form) + behind)

    if expected != "an HTML page":
        assert expected == facts.appended
    assert (0 if expected is None else len(behind), True) == (facts.appended_bytes, facts.decoded)


def test_what_follows_the_last_picture_of_an_mpo(path: Path) -> None:
    """The end is that of the last picture that the index leads to."""
    data = saved(noise(), "MPO", save_all=True, append_images=[noise((32, 32)), noise((16, 16))])

    plain, longer = read(path, data), read(path, data + b"more")

    assert (2, 0, 4) == (len(plain.further_pictures), plain.appended_bytes, longer.appended_bytes)


def test_gain_map_is_told_from_other_pictures(path: Path) -> None:
    """Its own metadata say what it is."""
    data = saved(noise(), "MPO", save_all=True, append_images=[noise((32, 32))])
    second = data.rindex(b"\xff\xd8\xff")
    mapped = with_segment(data[second:], 0xE1, XMP + b"<a hdrgm:Version='1.0'/>")

    assert ("a gain map",) == read(path, data[:second] + mapped).further_pictures


@pytest.mark.parametrize("offset", [1, 40, 5_000_000, 0xFFFFFFFF])
def test_index_that_lies_leads_to_nothing(path: Path, offset: int) -> None:
    """A picture that is not there is not told of."""
    entry = struct.pack("<IIIHH", 0x020002, 100, offset, 0, 0)
    index = b"MPF\0II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 0xB002, 7, 16, 26) + bytes(4) + entry

    facts = read(path, with_segment(jpeg(), 0xE2, index))

    assert ("JPEG", (), True) == (facts.format, facts.further_pictures, facts.decoded)


# ---- damage


def seeds() -> list[bytes]:
    located = exif(orientation=6, gps=PLACE)
    whole = with_segment(jpeg(exif=located, icc_profile=wide_profile()), 0xED, resource(0x0404, IPTC))
    return [
        with_segment(whole, 0xE1, XMP + b"<a photoshop:City='X'/>"),
        saved(noise(), "JPEG", progressive=True),
        saved(noise().convert("CMYK"), "JPEG"),
        png(exif=located, icc_profile=wide_profile()),
        png(save_all=True, append_images=[noise(), noise()]),
        saved(noise().quantize(16), "PNG", transparency=3),
        saved(noise(), "MPO", save_all=True, append_images=[noise()], exif=located),
    ]


def with_right_checksums(data: bytes) -> bytes:
    """So that damage to a chunk gets as far as whoever reads it."""
    mended, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        mended += chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += 12 + length
    return bytes(mended) + data[at:]


def damaged(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice([1, 2, 5, 30])):
        at = chance.randrange(3, min(len(found), chance.choice([100, 600, len(found)])))
        kind = chance.random()
        if kind < 0.7:
            found[at] = chance.choice([0, 255, chance.randrange(256)])
        elif kind < 0.8:
            found[at:at] = chance.randbytes(9)
        else:
            del found[at : at + chance.randrange(1, 20)]
    is_png = data.startswith(b"\x89PNG")
    return with_right_checksums(bytes(found)) if is_png and chance.random() < 0.8 else bytes(found)


ENDED = "its data end before the picture does"


@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}, {"restart_marker_blocks": 3}], ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_an_end_behind_half_a_jpeg_makes_no_whole_one(path: Path, mode: str, options: dict[str, int]) -> None:
    """Decoders paint what is missing and say nothing."""
    data = saved(noise((300, 203)).convert(mode), "JPEG", **options)

    facts = read(path, data[: len(data) // 2] + b"\xff\xd9")

    assert (False, ENDED) == (facts.decoded, facts.fault)


@pytest.mark.parametrize("colour", ["white", "black", "grey", "red"])
@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}, {"progressive": True}], ids=str)
def test_a_plain_corner_is_no_missing_one(path: Path, colour: str, options: dict[str, object]) -> None:
    picture = Image.new("RGB", (203, 301), colour)
    picture.paste(noise(), (20, 20))

    assert read(path, saved(picture, "JPEG", **options)).decoded


def test_padding_before_the_end_is_no_damage(path: Path) -> None:
    """Some cameras write zeros there."""
    data = saved(Image.new("RGB", (203, 301), "white"), "JPEG")

    assert read(path, data[:-2] + bytes(64) + data[-2:]).decoded


def test_a_header_that_claims_more_rows_than_there_are(path: Path) -> None:
    data = bytearray(saved(noise((300, 200)), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 2] = struct.pack(">H", 400)

    assert read(path, bytes(data)).fault == ENDED


def test_a_progressive_jpeg_that_lacks_scans(path: Path) -> None:
    data = saved(noise(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")

    facts = read(path, data[:last] + b"\xff\xd9")

    assert (False, "its last scans are missing") == (facts.decoded, facts.fault)


ARITHMETIC = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdB"
    "RkxOUlNSMj5aYVpQYEpRUk//yQALCAAwADABAREA/8wABgAQEAX/2gAIAQEAAD8A/wChqp3bawXYzPPp6bH2KLuoAs209U0t"
    "zPWdc4lOdgSQJBEeQ10ln4Jjiwn4HjNidjRbcYcCTpB1KgWCv/6/vYhuTeKmNodoNvX/AEsIj5eHuMr5faVQ2FFcFjgZfz/r"
    "Y9FnjpL919pEgQxjh2AvVSqQbXVy62skD8j4X29C3BCy8NGobWESD0/ZgvKNP2w51QHlghd51ILb2qmUTpfWG/OtSpKEQfAt"
    "aCDi9Dk76FjBWC38q9wcNz3X1bOQFOTS0S4t8WIVy9nEGYemz43qgBpVCXcYgXoiP3gwHAyRiJOAKOPoQXHEpJelLSJPANpE"
    "8F5JGLl7KbUAzPZkTNGyN6AynRE7qoI2U4SMRH1e2D6rPl9lyQD8gfsiCzCSBe8luPNKfXLUkLzOMcvZhqs7wfSjdgSG7Gk1"
    "C8Bf3ERMV6QgtXwoZ/SOb3B7CWv2Q1hliX77E7IR2DNN+Zgu3dy99dZXSCf/ABmefKPtZqPUPUrf/wCoV39vCzITKNLVsQ4y"
    "iji+4qmK9nHdJNFKVWgqDBlM+qOK/jiMijLj1I/UUHcfiUC/odD6eaIFVu8+63wCN2d/VP5zMANzkQ6aYFQBQJ1dRvrAaQQq"
    "xrGaUw97u5dr62YnpS7bgIRxE6dVCXCQcJqs/HOXF1f7U+2UEM1p6o83830y0xmxU85TlFikzPXwef6aAyJ54weTFhLK83+b"
    "S2vKsz2uR4oq+R1Y5+W+RAJC/9k="
)
"""48 x 48 pixels of grey by `cjpeg -arithmetic`, which Pillow cannot write."""


def test_arithmetic_codes_longer_than_what_is_read_at_a_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libjpeg cannot wait for more of them, and a large photo would be called damaged."""
    monkeypatch.setattr(ImageFile, "MAXBLOCK", 100)

    assert (True, None) == (read(path, ARITHMETIC).decoded, read(path, ARITHMETIC).fault)
    assert not read(path, ARITHMETIC[: len(ARITHMETIC) // 2]).decoded


def test_what_png_decoders_refuse(path: Path) -> None:
    """Pillow is handed the known chunks alone, joined: it would not notice."""
    whole = png()
    at = whole.index(b"IDAT") - 4
    pixels = whole[at + 8 : -16]
    parts = chunk(b"IDAT", pixels[:100]), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", pixels[100:])

    assert read(path, whole[:at] + parts[0] + parts[2] + whole[-12:]).decoded
    assert (
        read(path, whole[:at] + b"".join(parts) + whole[-12:]).fault == "something stands within its pixels"
    )
    unknown = read(path, whole[:at] + chunk(b"ABCD", b"") + whole[at:])
    assert unknown.fault == "no decoder may pass over a chunk that it does not know (ABCD)"


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_give_a_verdict(path: Path, seed: int) -> None:
    """Random damage anywhere in a file gives facts, never an exception, and never a place."""
    chance = random.Random(seed)  # noqa: S311
    for data in seeds():
        facts = read(path, damaged(data, chance))

        assert facts.decoded in (True, False, None)
        assert "Nowhere" not in repr(facts)
