"""Still images: JPEG and PNG alone, the size checked before anything is decoded, and decoded with Pillow.

Pillow is handed the picture without metadata (``image_parts``); what those say is in ``image_metadata``.
"""

from __future__ import annotations

import math
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from preflight.errors import SourceError, Unavailable
from preflight.evidence.file import Container, FileFacts, recognise
from preflight.evidence.image_metadata import (
    animation_frames,
    colour_profile,
    further_pictures,
    locations,
    orientation,
)
from preflight.evidence.image_parts import Anatomy, read_parts
from preflight.evidence.picture import detail_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image, ImageFile

    Gray = NDArray[np.uint8]

__all__ = ["DECODE_ERRORS", "READERS", "ImageFacts", "LoadedImage", "feed", "read_image", "turns"]

_SIDEWAYS = {5, 6, 7, 8}
READERS = ("JPEG", "PNG")
_HEAD = 4096
_LONGEST_AT_ONCE = 32 << 20
_STRIP = 4_000_000  # pixels that are converted at a time
DECODE_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError),
    *(AttributeError, AssertionError, MemoryError, struct.error, zlib.error),
)
"""What Pillow is known to raise on damaged files, beside its own classes."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image file. ``width`` and ``height`` are pixels as a viewer sees them, EXIF orientation applied.

    ``format`` is Pillow's name of what the file really is ("JPEG", "PNG", "MPO"), ``None`` when it is neither
    JPEG nor PNG; ``kind`` says in words what it looks like. ``decoded`` is whether every pixel could be read:
    ``None`` when that was not tried, because the picture is too large. ``fault`` says why not.

    ``mode`` is Pillow's name of how colours are stored, ``bits`` how many bits each channel has in the file
    (Pillow makes 8 of 16), ``transparent`` whether any pixel is not opaque. ``frames`` counts the pictures of
    an animation (APNG), ``further_pictures`` what else a JPEG holds beside the one that is shown (MPO: other
    views, previews, gain maps), in words. ``orientation`` is the EXIF value, 1 for upright. ``profile`` is
    the description of the ICC profile, ``None`` where there is none, "" where it cannot be read.
    ``profile_fits`` is whether it is for colours stored as these are. ``location`` names the kinds of
    metadata that say where the photo was taken ("EXIF", "XMP", "IPTC"), and never where that is.
    ``appended_bytes`` come after the end of the last picture; ``appended`` says in words what they look like.
    ``quality`` is the JPEG quality, 1 to 100 on the scale of the IJG encoder, that its quantisation of
    brightness corresponds to; ``None`` for PNG. ``scans`` is how often a JPEG goes over the picture.
    ``coefficients`` is how many of them a decoder has to hold, which it does for a JPEG in several scans, and
    ``scan_bytes`` how long those are; ``unpacked_bytes`` is how long the rows of a PNG are. ``parts`` counts
    segments or chunks, up to one more than is allowed.
    """

    format: str | None
    kind: str
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    frames: int = 1
    decoded: bool | None = None
    fault: str | None = None
    bits: int = 8
    transparent: bool = False
    further_pictures: tuple[str, ...] = ()
    orientation: int = 1
    profile: str | None = None
    profile_fits: bool = True
    location: tuple[str, ...] = ()
    appended_bytes: int = 0
    appended: str | None = None
    quality: int | None = None
    scans: int = 1
    coefficients: int = 0
    scan_bytes: int = 0
    unpacked_bytes: int = 0
    parts: int = 0

    @property
    def short_side(self) -> int | None:
        return None if self.width is None or self.height is None else min(self.width, self.height)

    @property
    def pixels(self) -> int | None:
        return None if self.width is None or self.height is None else self.width * self.height


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """An image as it was read: its facts and, where all of it was decoded, a grey copy to look at.

    ``gray`` has the shape (height, width), 0 to 255, upright, on white where it is transparent. Its shorter
    side has at most 1080 pixels, its longer one at most 2160; ``reduced`` says whether it had more.
    """

    facts: ImageFacts
    gray: Gray | None = None
    reduced: bool = False

    @property
    def pixels(self) -> Gray:
        """The grey copy. Raises Unavailable where there is none."""
        if self.gray is None:
            raise Unavailable("the image was not decoded")
        return self.gray


def read_image(
    file: FileFacts,
    *,
    max_pixels: int,
    max_scanned: float = math.inf,
    max_coefficients: float = math.inf,
    max_scan_bytes: float = math.inf,
    max_unpacked: float = math.inf,
    max_parts: float = math.inf,
) -> LoadedImage:
    """Open, measure and, when it is no larger than these limits, decode an image.

    ``max_scanned`` limits the pixels of all scans together. Raises SourceError when the file cannot be read.
    """
    if file.container not in (Container.JPEG, Container.PNG):
        return LoadedImage(ImageFacts(format=None, kind=file.kind))
    try:
        with file.path.open("rb") as opened:
            anatomy = read_parts(opened, file.container, file.size_bytes, max_parts=max_parts)
            if len(anatomy.parts) > max_parts:
                return LoadedImage(replace(_header(file, anatomy), parts=len(anatomy.parts)))
            facts = _described(opened, file, anatomy, max_parts)
            limits = (max_pixels, max_scanned, max_coefficients, max_scan_bytes, max_unpacked)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # size is judged below, against the policy
                return _opened(opened, anatomy, facts, limits)
    except OSError as exc:
        raise SourceError(f"{file.path}: {exc.strerror or 'cannot be read'}") from exc


def _header(file: FileFacts, anatomy: Anatomy) -> ImageFacts:
    """What the first bytes and the header of the picture say."""
    frame = anatomy.frame
    facts = ImageFacts(file.container.upper(), file.kind, scans=anatomy.scans, parts=len(anatomy.parts))
    if frame is None:
        return facts
    return replace(
        facts,
        width=frame.width,
        height=frame.height,
        bits=frame.bits,
        coefficients=frame.coefficients,
        scan_bytes=frame.scan_bytes,
        unpacked_bytes=frame.unpacked_bytes,
    )


def _described(opened: BinaryIO, file: FileFacts, anatomy: Anatomy, max_parts: float) -> ImageFacts:
    """The same with all that the file says beside its picture, seen upright."""
    facts = _header(file, anatomy)
    further = further_pictures(opened, anatomy, file.size_bytes, max_parts=max_parts)
    turned = orientation(opened, anatomy)
    if turned in _SIDEWAYS:
        facts = replace(facts, width=facts.height, height=facts.width)
    ends = [anatomy.end, *(picture.end for _, picture in further)]
    appended_bytes, appended = _appended(opened, file.size_bytes, ends[-1])
    profile = colour_profile(opened, anatomy)
    return replace(
        facts,
        format="MPO" if further else facts.format,
        frames=animation_frames(opened, anatomy),
        further_pictures=tuple(words for words, _ in further),
        orientation=turned,
        profile=None if profile is None else profile.description,
        location=locations(opened, [anatomy, *(picture for _, picture in further)]),
        appended_bytes=appended_bytes,
        appended=appended,
    )


def _appended(opened: BinaryIO, size: int, end: int | None) -> tuple[int, str | None]:
    """How many bytes come after the end of the pictures, and what they look like; padding is nothing."""
    if end is None or end >= size:
        return 0, None
    opened.seek(end)
    head = opened.read(_HEAD)
    block = head
    while block and not block.strip(b"\0"):
        block = opened.read(1 << 20)
    if not block:
        return 0, None
    boxed = head.find(b"ftyp", 4)  # phones put a few words of their own before the film
    return size - end, recognise(head[boxed - 4 :] if boxed > 0 else head.lstrip(b"\0") or block)[1]


def _opened(opened: BinaryIO, anatomy: Anatomy, facts: ImageFacts, limits: tuple[float, ...]) -> LoadedImage:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(anatomy.open(opened), formats=READERS) as image:
            profile = colour_profile(opened, anatomy)
            facts = replace(
                facts,
                mode=image.mode,
                profile_fits=profile is None or profile.fits(image.mode),
                quality=_quality(image),
            )
            pixels = facts.pixels or 0
            scanned = pixels * facts.scans
            sizes = (pixels, scanned, facts.coefficients, facts.scan_bytes, facts.unpacked_bytes)
            if any(size > limit for size, limit in zip(sizes, limits, strict=True)):
                return LoadedImage(facts)
            if anatomy.fault is not None:
                return LoadedImage(replace(facts, decoded=False, fault=anatomy.fault))
            feed(image, anatomy)

            def longer() -> ImageFile.ImageFile:
                return Image.open(anatomy.open(opened, before_end=_MORE), formats=READERS)

            return _decoded(image, facts, longer if anatomy.is_in_one_scan else None)
    except Image.DecompressionBombError as exc:
        return LoadedImage(replace(facts, fault=_fault(exc)))
    except UnidentifiedImageError:
        fault = anatomy.fault or ("12 bits a channel are rarely read" if facts.bits == 12 else _NO_HEADER)
        return LoadedImage(replace(facts, decoded=False, fault=fault))
    except DECODE_ERRORS as exc:
        return LoadedImage(replace(facts, decoded=False, fault=_fault(exc)))


_NO_HEADER = "its header makes no sense"


def feed(image: ImageFile.ImageFile, anatomy: Anatomy) -> None:
    """Have a JPEG with arithmetic codes read at once: libjpeg cannot wait for more of one."""
    if anatomy.is_arithmetic and anatomy.end is not None:
        image.decodermaxblock = min(anatomy.end, _LONGEST_AT_ONCE)


def _decoded(
    image: ImageFile.ImageFile, facts: ImageFacts, longer: Callable[[], ImageFile.ImageFile] | None
) -> LoadedImage:
    """``verify()`` passes half a JPEG, so the pixels themselves are read.

    ``longer`` opens the same picture with more data at its end.
    """
    import numpy as np
    from PIL import Image, ImageChops

    width, height = detail_size(*image.size)
    reduced = (width, height) != image.size
    # twice the size that is kept, so that a large photo takes little memory and loses no detail
    draft = "L", (2 * width, 2 * height)
    image.draft(*draft)
    gray, transparent = _on_white(image)
    if longer is not None and _ends_flat(gray):
        with longer() as other:
            other.draft(*draft)
            if ImageChops.difference(gray, _on_white(other)[0]).getbbox() is not None:
                return LoadedImage(
                    replace(facts, decoded=False, fault="its data end before the picture does")
                )
    if reduced:
        gray = gray.resize((width, height), Image.Resampling.BOX)
    turn = turns().get(facts.orientation)
    upright = gray if turn is None else gray.transpose(turn)
    return LoadedImage(replace(facts, decoded=True, transparent=transparent), np.asarray(upright), reduced)


# libjpeg says nothing of data that end too early, and paints what is missing in one grey. Where the last
# corner is of one grey, the picture is decoded again with this behind its data: codes, and each marker with
# which decoding starts again. Of a picture that is whole, nothing changes.
_MORE = b"".join(bytes(n * 73 % 251 for n in range(64)) + bytes([0xFF, 0xD0 + again]) for again in range(8))


def _ends_flat(gray: Image.Image) -> bool:
    width, height = gray.size
    least, most = gray.crop((max(0, width - 2), max(0, height - 2), width, height)).getextrema()
    return least == most


def turns() -> dict[int, Image.Transpose]:
    """What makes a picture upright, by its EXIF orientation."""
    from PIL.Image import Transpose

    return {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }


def _on_white(image: ImageFile.ImageFile) -> tuple[Image.Image, bool]:
    """The picture in grey on white, and whether anything of it is transparent; a strip at a time."""
    from PIL import Image

    image.load_end = _leave  # type: ignore[method-assign]
    image.load()
    if image.mode == "L" and not image.has_transparency_data:
        return image, False
    width, height = image.size
    gray, transparent = Image.new("L", image.size), False
    step = max(1, _STRIP // max(1, width))
    for top in range(0, height, step):
        strip, opaque = _strip_on_white(image.crop((0, top, width, min(height, top + step))))
        gray.paste(strip, (0, top))
        transparent = transparent or not opaque
    return gray, transparent


def _leave() -> None:
    """In place of what Pillow does after the picture: it reads and keeps all that follows."""


def _strip_on_white(strip: Image.Image) -> tuple[Image.Image, bool]:
    import numpy as np
    from PIL import Image

    hole = strip.info.get("transparency")
    if strip.mode.startswith("I"):  # 16 bits
        values = np.asarray(strip)
        solid = np.full(values.shape, True) if hole is None else values != hole
        return Image.fromarray(np.where(solid, values >> 8, 255).astype(np.uint8)), bool(solid.all())
    if not strip.has_transparency_data:
        return strip.convert("L"), True
    if strip.mode == "RGB" and hole is not None and max(hole) > 255:
        strip.info["transparency"] = tuple(value >> 8 for value in hole)  # Pillow keeps 8 bits of 16
    colours = strip if strip.mode in ("LA", "RGBA") else strip.convert("RGBA")
    opacity, gray = colours.getchannel("A"), colours.convert("L")
    if opacity.getextrema()[0] == 255:
        return gray, True
    white = Image.new("L", strip.size, 255)
    white.paste(gray, mask=opacity)
    return white, False


# The quantisation of brightness in ISO/IEC 10918-1, annex K, from which the IJG encoder scales.
_LUMINANCE = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)


def _quality(image: Image.Image) -> int | None:
    """The quality whose table is nearest to that of the first component."""
    tables: dict[int, Sequence[int]] = getattr(image, "quantization", {})
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    table = tables.get(layers[0][3]) if layers else None
    if table is None:
        return None
    return min(range(1, 101), key=lambda quality: math.dist(table, _scaled(quality)))


def _scaled(quality: int) -> list[int]:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return [min(255, max(1, (value * scale + 50) // 100)) for value in _LUMINANCE]


def _fault(exc: BaseException) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]
