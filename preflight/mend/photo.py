"""What a clean copy of a photo is made of. Opens no file.

A photo is written anew in one go, so whatever its fault is, the copy is all of it: upright, in 8-bit sRGB
or greyscale, opaque, one picture, and nothing besides. It is never enlarged, cropped or retouched: what a new
photo alone can mend is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from preflight.evidence.image import ImageFacts
from preflight.mend import Mend, Mending

__all__ = ["EXTENSIONS", "PhotoMending", "plan"]

EXTENSIONS = (".jpg", ".jpeg", ".png")
_JPEG = {"JPEG", "MPO"}  # MPO is what Pillow calls a JPEG with further pictures behind it
_PLAIN = {"RGB", "L"}
_GREY = {"1", "L", "LA", "I;16", "I"}


@dataclass(frozen=True, slots=True)
class PhotoMending(Mending):
    """How the copy is written.

    ``use_profile`` says that its colours are converted by the profile of the original, ``same_tables`` that
    a JPEG is coded with the tables that it has.
    """

    use_profile: bool
    same_tables: bool


def plan(faults: Mapping[str, Mend], image: ImageFacts, extension: str | None = None) -> PhotoMending | None:
    """What mends these faults, by the codes of their rules; ``None`` where nothing does.

    ``extension`` is how the name of the copy ends, if not as the original is coded.
    """
    if not faults or Mend.LEAVE_ALONE in faults.values() or image.format is None:
        return None
    extension = extension or _extension_of(image)
    use_profile = _needs_its_profile(image)
    as_it_is = image.mode in _PLAIN and image.orientation == 1 and not use_profile
    same_tables = as_it_is and image.format in _JPEG and extension != ".png"
    return PhotoMending(
        mends=tuple(sorted(faults)),
        steps=tuple(_steps(image, extension, use_profile=use_profile, same_tables=same_tables)),
        extension=extension,
        use_profile=use_profile,
        same_tables=same_tables,
    )


def _extension_of(image: ImageFacts) -> str:
    return ".jpg" if image.format in _JPEG else ".png"


def _needs_its_profile(image: ImageFacts) -> bool:
    """Whether the colours are other than those that programs see in a picture without a profile."""
    profile = image.profile or ""
    is_srgb = "sRGB" in profile and "e-sRGB" not in profile  # which is a wide one
    return bool(profile) and image.profile_fits and not is_srgb


def _steps(image: ImageFacts, extension: str, *, use_profile: bool, same_tables: bool) -> Iterator[str]:
    if image.further_pictures:
        kinds = ", ".join(dict.fromkeys(image.further_pictures))
        yield f"the picture that is shown is kept alone, without {kinds}"
    if image.orientation != 1:
        yield "the picture is turned upright for good"
    if use_profile:
        yield f"the colours are converted from {image.profile} to sRGB"
    elif image.mode == "CMYK":
        yield "the colours are converted from CMYK by the plain formula, for want of a profile: look at them"
    if image.bits > 8:
        yield f"the channels are stored with 8 bits, not {image.bits}"
    if image.transparent:
        yield "what is transparent is put on white"
    if image.mode not in _PLAIN:
        yield f"the picture is stored as {'greyscale' if image.mode in _GREY else 'RGB'}"
    yield from _coding(extension, same_tables=same_tables)
    yield "all metadata are left out: place, time, camera, author, comments, thumbnails, colour profile"
    if image.appended_bytes:
        yield f"the {image.appended_bytes} bytes after the end of the picture are left out"


def _coding(extension: str, *, same_tables: bool) -> Iterator[str]:
    if same_tables:
        yield "the picture is coded with the JPEG tables that it has, with hardly any loss"
    elif extension == ".png":
        yield "the picture is stored as PNG, without loss"
    else:
        yield "the picture is coded as JPEG with hardly any loss (quality 95, 4:4:4)"
