"""Writing a photo anew, with Pillow: what is seen of it, the way it is seen, and nothing besides.

No byte of the original is copied but the tables of a JPEG, so nothing that was hidden in it comes along.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preflight.errors import ToolError
from preflight.evidence.file import FileFacts
from preflight.evidence.image import DECODE_ERRORS, READERS, ImageFacts, feed, turns
from preflight.evidence.image_metadata import icc_profile
from preflight.evidence.image_parts import read_parts

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["rewrite_image"]

_GREY = {"1", "L", "LA", "I;16", "I"}
_BAND = 256  # lines at a time, so that no second copy of a large picture is made on the way
_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
# optimize=True makes JPEGs 3 to 17% smaller, but Pillow gives it two bytes a pixel, and grain needs more.
# The usual level of PNG, 6, takes three times as long, and its files are 5% larger to 15% smaller.
_BEST: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 3},
}
_SHARPEST = 0  # Pillow's number of 4:4:4


def rewrite_image(
    file: FileFacts, facts: ImageFacts, target: Path, *, use_profile: bool, same_tables: bool
) -> float:
    """Write the picture upright, in 8-bit sRGB or grey, on white where it is transparent.

    ``use_profile`` converts the colours by the embedded profile, which is left out in any case.
    ``same_tables`` codes a JPEG with the quantisation and the subsampling that it has. Returns how near the
    written picture is to what was to be written: the peak signal-to-noise ratio in dB, infinite where they
    are equal. Raises ToolError for what cannot be converted or written.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is bounded by the policy
        try:
            picture, tables = _read(file, facts, use_profile=use_profile)
            turn = turns().get(facts.orientation)
            picture = picture if turn is None else picture.transpose(turn)
            form = _FORMATS[target.suffix]
            picture.save(target, form, **(tables if same_tables else _BEST[form]))
            return _nearness(picture, target)
        except DECODE_ERRORS as exc:
            raise ToolError(f"the photo cannot be written anew: {exc}; nothing was written") from exc


def _read(file: FileFacts, facts: ImageFacts, *, use_profile: bool) -> tuple[Image.Image, dict[str, Any]]:
    """The first picture as it is to be stored, without what the file says of it; and its JPEG tables."""
    from PIL import Image

    with file.path.open("rb") as opened:
        anatomy = read_parts(opened, file.container, file.size_bytes, max_parts=facts.parts)
        profile = icc_profile(opened, anatomy) if use_profile else None
        if use_profile and not profile:
            raise ToolError(f"colours of {facts.profile} without an ICC profile are not converted")
        with Image.open(anatomy.open(opened), formats=READERS) as image:
            feed(image, anatomy)
            image.load()
            tables = _tables(image)
            picture = _plain(image, profile)
    picture.info = {}  # Pillow would write what it finds here: resolution, keys of transparency
    return picture, tables


def _tables(image: Image.Image) -> dict[str, Any]:
    from PIL import JpegImagePlugin

    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return {}
    tables = [image.quantization[number] for *_, number in image.layer]
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables.pop()  # the encoder uses the last one for what is left
    sampling = JpegImagePlugin.get_sampling(image)
    # what Pillow has no number for keeps all of its colour
    return {"qtables": tables, "subsampling": sampling if sampling in (0, 1, 2) else _SHARPEST}


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    from PIL import Image

    mode = "L" if image.mode in _GREY else "RGB"
    if image.mode == mode and profile is None and not image.has_transparency_data:
        return image
    stored = "CMYK" if image.mode == "CMYK" else mode
    to_srgb = _by_formula if profile is None else _by_profile(profile, stored)
    picture = Image.new(mode, image.size)
    for top, band in _bands(image):
        picture.paste(_on_white(band, mode, to_srgb), (0, top))
    return picture


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    width, height = image.size
    for top in range(0, height, _BAND):
        yield top, image.crop((0, top, width, min(height, top + _BAND)))


def _on_white(band: Image.Image, mode: str, to_srgb: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """One band in that mode: colours first, then the background, as viewers do it."""
    from PIL import Image

    colours, opacity = _told_apart(band)
    plain = to_srgb(_without_palette(colours, mode)).convert(mode)
    if opacity is None:
        return plain
    white = Image.new(mode, band.size, "white")
    white.paste(plain, mask=opacity)
    return white


def _told_apart(band: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Its colours with 8 bits, and how opaque they are if any are not."""
    import numpy as np
    from PIL import Image

    hole = band.info.get("transparency")
    if band.mode.startswith("I"):  # 16 bits, which Pillow's own conversion cuts off at 255
        values = np.asarray(band)
        solid = None if hole is None else Image.fromarray(np.where(values == hole, 0, 255).astype(np.uint8))
        return Image.fromarray((values >> 8).astype(np.uint8)), solid
    if not band.has_transparency_data:
        return band, None
    if band.mode == "RGB" and hole is not None and max(hole) > 255:
        band.info["transparency"] = tuple(value >> 8 for value in hole)  # Pillow keeps 8 bits of 16
    colours = band if band.mode in ("LA", "RGBA") else band.convert("RGBA")
    return colours, colours.getchannel("A")


def _without_palette(band: Image.Image, mode: str) -> Image.Image:
    return band if band.mode == "CMYK" else band.convert(mode)


def _by_formula(band: Image.Image) -> Image.Image:
    """The colours as they are; those of inks (CMYK) by the plain formula, for want of a profile."""
    return band.convert("RGB") if band.mode == "CMYK" else band


def _by_profile(profile: bytes, mode: str) -> Callable[[Image.Image], Image.Image]:
    """A conversion to sRGB.

    Relative colorimetric with black point compensation: what sRGB can show, skin above all, keeps its colour
    exactly, and shadows keep their detail. A perceptual conversion would shift every colour a little to make
    room for those that sRGB lacks, and profiles of cameras and screens seldom hold one.
    """
    from PIL import ImageCms

    def convert(band: Image.Image) -> Image.Image:
        return ImageCms.applyTransform(band, transform) or band

    try:
        transform = ImageCms.buildTransform(
            io.BytesIO(profile),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError as exc:
        raise ToolError(f"the colour profile cannot be used: {exc}; nothing was written") from exc
    return convert


def _nearness(picture: Image.Image, written: Path) -> float:
    """The peak signal-to-noise ratio of the file, beside the picture, in dB."""
    from PIL import Image, ImageChops, ImageStat

    squares = 0.0
    with Image.open(written, formats=READERS) as image:
        image.load()
        for (_, one), (_, other) in zip(_bands(picture), _bands(image), strict=True):
            squares += sum(ImageStat.Stat(ImageChops.difference(one, other)).sum2)
    mean = squares / (picture.width * picture.height * len(picture.getbands()))
    return math.inf if mean == 0 else 10 * math.log10(255**2 / mean)
