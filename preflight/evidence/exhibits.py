"""Exhibits, from evidence that a check has gathered. Nothing is read or decoded for them."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from preflight.consent import LEVEL_STEP_S, ConsentMatch
from preflight.evidence.decode import Viewed
from preflight.evidence.gather import Evidence
from preflight.evidence.image import LoadedImage
from preflight.evidence.media import MediaFacts
from preflight.evidence.sound import SoundFacts, SpeechFacts
from preflight.exhibit import Exhibit, Exhibits, Picture, Sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["exhibited"]

_MOST_STEPS = 1000  # more than a page has room for
_LEVEL_STEP_S = 0.4  # the momentary loudness of EBU R 128 looks at as much
_AROUND_STATEMENT_S = 0.5
_MOST_PICTURES = 24
_PICTURE_SIDE = 320  # pixels: as the small copies of PictureFacts
_PICTURE_QUALITY = 75  # Pillow's default
_MOST_PICTURE_BYTES = 600_000  # of a file together: two dozen pictures full of noise


def exhibited(assets: Iterable[Evidence], *, pictures: bool) -> Exhibits:
    """What can be shown of these files, of what is known of them. ``pictures`` asks for small pictures."""
    return Exhibits(tuple(_exhibit(asset, pictures=pictures) for asset in assets), pictures)


def _exhibit(asset: Evidence, *, pictures: bool) -> Exhibit:
    media = asset.gathered(MediaFacts)
    heard: SoundFacts | SpeechFacts | None = asset.gathered(SoundFacts) or asset.gathered(SpeechFacts)
    match = asset.gathered(ConsentMatch)
    statement = None
    if heard is not None and match is not None and match.start_s is not None and match.end_s is not None:
        statement = _sound(heard, match.start_s - _AROUND_STATEMENT_S, match.end_s + _AROUND_STATEMENT_S)
    return Exhibit(
        role=asset.role,
        duration_s=None if media is None else media.duration_s,
        sound=None if heard is None else _sound(heard, 0.0, math.inf),
        statement=statement,
        pictures=tuple(_pictures(asset)) if pictures else (),
    )


def _sound(heard: SoundFacts | SpeechFacts, start_s: float, end_s: float) -> Sound | None:
    """The levels from one time to another; ``None`` where nothing was heard then."""
    import numpy as np

    first, last = max(0, math.floor(start_s / LEVEL_STEP_S)), len(heard.levels)
    if math.isfinite(end_s):
        last = min(last, math.ceil(end_s / LEVEL_STEP_S))
    levels = np.asarray(heard.levels[first:last], np.float64)
    if not len(levels):
        return None
    start_s, end_s = first * LEVEL_STEP_S, (first + len(levels)) * LEVEL_STEP_S
    steps = _in_steps(levels, 1)
    means = _in_steps(levels, round(_LEVEL_STEP_S / LEVEL_STEP_S))
    power = np.power(10.0, means / 10).mean(1)
    step_s = steps.shape[1] * LEVEL_STEP_S
    return Sound(
        start_s=round(start_s, 3),
        end_s=round(end_s, 3),
        step_s=step_s,
        quiet=_rounded(steps.min(1)),
        loud=_rounded(steps.max(1)),
        level_step_s=means.shape[1] * LEVEL_STEP_S,
        level=_rounded(10 * np.log10(power)),
        regions=tuple(_regions(heard.regions, start_s, end_s, apart_s=step_s)),
    )


def _in_steps(levels: NDArray[np.float64], least: int) -> NDArray[np.float64]:
    """The levels in rows of so many, or of more where there would be too many rows."""
    import numpy as np

    size = max(least, math.ceil(len(levels) / _MOST_STEPS))
    return np.pad(levels, (0, -len(levels) % size), mode="edge").reshape(-1, size)


def _rounded(levels: NDArray[np.float64]) -> tuple[float, ...]:
    """To a tenth of a decibel, which nobody hears."""
    return tuple(levels.round(1).tolist())


def _regions(
    regions: Sequence[tuple[float, float]], start_s: float, end_s: float, *, apart_s: float
) -> Iterator[tuple[float, float]]:
    """The parts of the regions that lie within; those that are no step apart as one."""
    begin = end = -math.inf
    for region_start, region_end in regions:
        first, last = max(region_start, start_s), min(region_end, end_s)
        if last <= first:
            continue
        if first - end < apart_s:
            end = last
            continue
        if end > begin:
            yield round(begin, 3), round(end, 3)
        begin, end = first, last
    if end > begin:
        yield round(begin, 3), round(end, 3)


def _pictures(asset: Evidence) -> Iterator[Picture]:
    """The larger frames that rules looked at, made small; of a photo, itself."""
    viewed, image = asset.gathered(Viewed), asset.gathered(LoadedImage)
    frames: list[tuple[float | None, NDArray[np.uint8]]] = []
    if viewed is not None:
        frames = [(detail.time_s, detail.pixels) for detail in viewed.details.frames]
    elif image is not None and image.gray is not None:
        frames = [(None, image.gray)]
    room = _MOST_PICTURE_BYTES
    for time_s, pixels in frames[:_MOST_PICTURES]:
        picture = _small(time_s, pixels)
        room -= len(picture.jpeg)
        if room < 0:
            return
        yield picture


def _small(time_s: float | None, pixels: NDArray[np.uint8]) -> Picture:
    from PIL import Image

    picture, coded = Image.fromarray(pixels), io.BytesIO()
    picture.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    picture.save(coded, "JPEG", quality=_PICTURE_QUALITY)
    return Picture(time_s, picture.width, picture.height, coded.getvalue())
