"""Still images, read with Pillow: JPEG and PNG alone, the size checked before anything is decoded."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from preflight.errors import Unavailable
from preflight.evidence.file import Container, FileFacts
from preflight.evidence.picture import detail_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Gray = NDArray[np.uint8]

__all__ = ["DECODE_ERRORS", "READERS", "ImageFacts", "LoadedImage", "read_image"]

_EXIF_ORIENTATION = 0x0112
_SIDEWAYS = {5, 6, 7, 8}
READERS = ("JPEG", "PNG")


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


def read_image(file: FileFacts, *, max_pixels: int) -> LoadedImage:
    """Open, measure and, when it is no larger than ``max_pixels``, decode an image.

    ``verify()`` passes half a JPEG, so the pixels themselves are read.
    """
    from PIL import Image, UnidentifiedImageError

    if file.container not in (Container.JPEG, Container.PNG):
        return LoadedImage(ImageFacts(format=None, kind=file.kind))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # size is judged below, against the policy
        try:
            with Image.open(file.path, formats=READERS) as image:
                return _measure(image, file.kind, max_pixels)
        except Image.DecompressionBombError as exc:
            return LoadedImage(ImageFacts(format=file.container.upper(), kind=file.kind, fault=_fault(exc)))
        except (UnidentifiedImageError, *DECODE_ERRORS) as exc:
            facts = ImageFacts(file.container.upper(), file.kind, decoded=False, fault=_fault(exc))
            return LoadedImage(facts)


DECODE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError)
"""What Pillow is known to raise on damaged files, beside its own classes."""


def _measure(image: Image.Image, kind: str, max_pixels: int) -> LoadedImage:
    width, height = image.size
    orientation = _orientation(image)
    if orientation in _SIDEWAYS:
        width, height = height, width
    facts = ImageFacts(
        image.format,
        kind,
        width,
        height,
        image.mode,
        int(getattr(image, "n_frames", 1)),
        orientation=orientation,
    )
    if width * height > max_pixels:
        return LoadedImage(facts)
    try:
        image.load()
    except DECODE_ERRORS as exc:
        return LoadedImage(replace(facts, decoded=False, fault=_fault(exc)))
    gray, reduced = _gray(image)
    return LoadedImage(replace(facts, decoded=True), gray, reduced)


def _gray(image: Image.Image) -> tuple[Gray, bool]:
    """The copy to look at, and whether it is smaller than the picture."""
    import numpy as np
    from PIL import Image, ImageOps

    width, height = detail_size(*image.size)
    gray = image.convert("L")
    reduced = (width, height) != image.size
    if reduced:
        gray = gray.resize((width, height), Image.Resampling.BOX)
    gray = ImageOps.exif_transpose(gray)
    return np.asarray(gray), reduced


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except DECODE_ERRORS:
        return 1


def _fault(exc: Exception) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]
