"""Still images, made with Pillow and broken by hand."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

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


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_give_a_verdict(path: Path, seed: int) -> None:
    """Random damage anywhere in a file gives facts, never an exception."""
    import random

    chance = random.Random(seed)  # noqa: S311
    data = bytearray(saved(noise(), chance.choice(["JPEG", "PNG"])))
    for _ in range(chance.randint(1, 30)):
        data[chance.randrange(8, len(data))] = chance.randrange(256)

    facts = read(path, bytes(data))

    assert facts.decoded in (True, False, None)
