"""Still images, read with Pillow: JPEG and PNG alone, the size checked before anything is decoded."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preflight.evidence.file import Container, FileFacts

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["ImageFacts", "read_image"]

_EXIF_ORIENTATION = 0x0112
_SIDEWAYS = {5, 6, 7, 8}
_READERS = ("JPEG", "PNG")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image file. ``width`` and ``height`` are pixels as a viewer sees them, EXIF orientation applied.

    ``format`` is Pillow's name of what the file really is ("JPEG", "PNG", "MPO"), ``None`` when it is neither
    JPEG nor PNG; ``kind`` says in words what it looks like. ``decoded`` is whether every pixel could be read:
    ``None`` when that was not tried, because the picture is too large. ``fault`` says why not.
    """

    format: str | None
    kind: str
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    frames: int = 1
    decoded: bool | None = None
    fault: str | None = None

    @property
    def short_side(self) -> int | None:
        return None if self.width is None or self.height is None else min(self.width, self.height)

    @property
    def pixels(self) -> int | None:
        return None if self.width is None or self.height is None else self.width * self.height


def read_image(file: FileFacts, *, max_pixels: int) -> ImageFacts:
    """Open, measure and, when it is no larger than ``max_pixels``, decode an image.

    ``verify()`` passes half a JPEG, so the pixels themselves are read.
    """
    from PIL import Image, UnidentifiedImageError

    if file.container not in (Container.JPEG, Container.PNG):
        return ImageFacts(format=None, kind=file.kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # size is judged below, against the policy
        try:
            with Image.open(file.path, formats=_READERS) as image:
                return _measure(image, file.kind, max_pixels)
        except Image.DecompressionBombError as exc:
            return ImageFacts(format=file.container.upper(), kind=file.kind, fault=_fault(exc))
        except (UnidentifiedImageError, *_DECODE_ERRORS) as exc:
            return ImageFacts(format=file.container.upper(), kind=file.kind, decoded=False, fault=_fault(exc))


_DECODE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError)
"""What Pillow is known to raise on damaged files, beside its own classes."""


def _measure(image: Image.Image, kind: str, max_pixels: int) -> ImageFacts:
    width, height = image.size
    if _orientation(image) in _SIDEWAYS:
        width, height = height, width
    decoded, fault = None, None
    frames = int(getattr(image, "n_frames", 1))
    if width * height <= max_pixels:
        try:
            image.load()
            decoded = True
        except _DECODE_ERRORS as exc:
            decoded, fault = False, _fault(exc)
    return ImageFacts(image.format, kind, width, height, image.mode, frames, decoded, fault)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except _DECODE_ERRORS:
        return 1


def _fault(exc: Exception) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]
