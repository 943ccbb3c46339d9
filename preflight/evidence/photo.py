"""What a photo looks like: light, contrast, sharpness, noise, compression, on the face or on the whole.

Where a measure corresponds to a component of ISO/IEC 29794-5 it bears its name. The figures are not
comparable with those of a conforming implementation: that one finds the outline of a face first, brings all
faces to one size, and looks at colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.evidence.faces import Face
from preflight.evidence.picture import blockiness, edge_width, edge_widths

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]
    Shares = NDArray[np.float64]

__all__ = ["PhotoFacts", "Region", "photo_facts"]

_BLACK, _WHITE = 25, 247  # grey levels of 255: as good as black, as good as white, as in ISO/IEC 29794-5
_EDGE = 0.1  # of the box of a face: hair and background are there
_LEAST_FACE = 24  # pixels a side: below, too little of a face is seen to measure it
_LEAST_FACE_EDGES = 64  # pixels a side: below, a face is too small to tell how sharp its edges are
_LEAST_BLOCKS = 32  # pixels a side: below, there are too few borders of blocks
_TILE = 32  # pixels: about an eye in a face of 100 to 400 pixels
_SHARPEST = 4  # a quarter of the tiles of a face: eyes, nostrils, brows, mouth
_NOISE_TILE = 16
_CALMEST = 10  # percent of the tiles: what they have is noise, not texture
_JUDGEABLE = (26, 235)  # grey levels: a darker or brighter tile has lost some of its noise at the end
_ROUNDED = 0.5  # grey levels: smaller steps are as much rounding as compression
_LIT = 90  # percentile: a fringe over less than nine tenths of a side leaves it as it is


class Region(StrEnum):
    """Where something was measured."""

    FACE = "face"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Measures of one photo, of the copy that is looked at (shorter side at most 1080 pixels).

    Of the ``region``, the face without the edge of its box or else the whole picture; brightness is between
    0 (black) and 1 (white), as the picture stores it:

    ``luminance_mean`` and ``luminance_variance`` (0 to 0.25; ISO LuminanceMean, LuminanceVariance);
    ``dynamic_range``, the entropy of the brightness in bits, 0 to 8 (ISO DynamicRange); ``bright_end``, what
    5 % of the pixels exceed; ``contrast``, the difference of the darkest and the brightest hundredth by their
    sum, 0 to 1, the same however dark a picture is; ``under_exposure`` and ``over_exposure``, the shares of
    pixels as good as black and as good as white (ISO UnderExposurePrevention, OverExposurePrevention);
    ``noise``, its standard deviation in grey levels of 255, on the calmest tiles; ``None`` where all of them
    are too small, black or white.

    ``picture_bright_end`` is that of the whole picture. Of a face alone, ``illumination_uniformity`` is how
    much the brightness of its halves has in common, 0 to 1 (ISO IlluminationUniformity), and ``light_ratio``
    what a tenth of its darker outer third exceeds by the same of the brighter one.

    ``edge_width_px`` is how wide the sharpest edges are, in pixels (ISO Sharpness, which is a score), and
    ``edges_in`` where they were looked for: in the whole picture too where the face is small. ``None`` where
    there are none above the noise.

    ``blockiness`` is how much larger steps at the borders of coded blocks are than within them; ``None``
    where the picture had to be reduced. ``jpeg_quality`` is what it was saved at, 1 to 100; ``None`` for PNG
    (both ISO CompressionArtifacts, which is a score).
    """

    region: Region
    luminance_mean: float
    luminance_variance: float
    dynamic_range: float
    bright_end: float
    contrast: float
    under_exposure: float
    over_exposure: float
    picture_bright_end: float
    noise: float | None = None
    illumination_uniformity: float | None = None
    light_ratio: float | None = None
    edge_width_px: float | None = None
    edges_in: Region = Region.PICTURE
    blockiness: float | None = None
    jpeg_quality: int | None = None


def photo_facts(
    pixels: Gray, face: Face | None, *, full_size: bool, quality: int | None = None
) -> PhotoFacts:
    """Measure a grey picture of shape (height, width), 0 to 255; on the face, where it is known."""
    whole = _histogram(pixels)
    box, inner = (pixels, pixels) if face is None else (_within(pixels, face, 0.0), _within(pixels, face))
    known = face is not None and min(inner.shape) >= _LEAST_FACE
    looked, shares = (inner, _histogram(inner)) if known else (pixels, whole)
    noise = _noise(looked)
    on_face = known and min(box.shape) >= _LEAST_FACE_EDGES
    mean, variance = _moments(shares)
    dark_end, bright_end, brightest = (_percentile(shares, percent) for percent in (1, 95, 99))
    return PhotoFacts(
        Region.FACE if known else Region.PICTURE,
        luminance_mean=mean,
        luminance_variance=variance,
        dynamic_range=_entropy(shares),
        bright_end=bright_end / 255,
        contrast=(brightest - dark_end) / max(brightest + dark_end, 1),
        under_exposure=float(shares[: _BLACK + 1].sum()),
        over_exposure=float(shares[_WHITE:].sum()),
        picture_bright_end=_percentile(whole, 95) / 255,
        noise=noise,
        illumination_uniformity=_uniformity(inner) if known else None,
        light_ratio=_light_ratio(inner) if known else None,
        edge_width_px=_edge_width(box, noise or 0.0) if on_face else edge_width(pixels),
        edges_in=Region.FACE if on_face else Region.PICTURE,
        blockiness=_blockiness(pixels) if full_size else None,
        jpeg_quality=quality,
    )


def _within(pixels: Gray, face: Face, edge: float = _EDGE) -> Gray:
    """What is in the box of a face, without an edge all round."""
    height, width = pixels.shape
    top, bottom = face.y + edge * face.h, face.y + (1 - edge) * face.h
    left, right = face.x + edge * face.w, face.x + (1 - edge) * face.w
    rows = slice(max(0, round(top * height)), max(0, round(bottom * height)))
    return pixels[rows, max(0, round(left * width)) : max(0, round(right * width))]


# ---- light


def _histogram(pixels: Gray) -> Shares:
    """How much of the pixels has each grey level."""
    import numpy as np

    return np.bincount(pixels.ravel(), minlength=256) / pixels.size


def _moments(shares: Shares) -> tuple[float, float]:
    """Mean and variance of the brightness, 0 to 1."""
    import numpy as np

    levels = np.arange(256) / 255
    mean = float(shares @ levels)
    return mean, float(shares @ np.square(levels - mean))


def _entropy(shares: Shares) -> float:
    import numpy as np

    present = shares[shares > 0]
    return abs(float(present @ np.log2(present)))


def _percentile(shares: Shares, percent: float) -> int:
    """The grey level that this much of the pixels does not exceed."""
    import numpy as np

    return int(np.searchsorted(np.cumsum(shares), percent / 100 - 1e-9))


def _uniformity(face: Gray) -> float:
    """What the brightness of its halves has in common."""
    import numpy as np

    middle = face.shape[1] // 2
    return float(np.minimum(_histogram(face[:, :middle]), _histogram(face[:, middle:])).sum())


def _light_ratio(face: Gray) -> float:
    """How bright the darker side is by the other one; the middle third is left out, as boxes lie askew."""
    third = face.shape[1] // 3
    sides = (_histogram(side) for side in (face[:, :third], face[:, -third:]))
    darker, brighter = sorted(_percentile(side, _LIT) for side in sides)
    return darker / brighter if brighter else 1.0


# ---- sharpness, noise and compression


def _edge_width(face: Gray, noise: float) -> float | None:
    """The median of the sharpest quarter of the tiles with edges; tiles overlap by half, since few fit.

    In a face that is sharp the calmest tiles have texture, so that the noise is taken from its own measure.
    """
    import numpy as np

    starts = [(top, left) for top in (0, _TILE // 2) for left in (0, _TILE // 2)]
    found = [edge_widths(face[top:, left:], _TILE, noise=2 * noise**2) for top, left in starts]
    widths = np.sort(np.concatenate(found))
    return float(np.median(widths[: max(1, len(widths) // _SHARPEST)])) if len(widths) else None


def _noise(pixels: Gray) -> float | None:
    """The standard deviation of the noise by J. Immerkaer (1996), on the calmest tenth of the tiles.

    The difference of two Laplacians passes over planes and straight edges. Over a tile its mean absolute
    value is that of noise; the tiles that have least of it have no texture of their own.
    """
    import numpy as np

    rows, columns = ((side - 2) // _NOISE_TILE for side in pixels.shape)
    if rows < 1 or columns < 1:
        return None
    grey = pixels[: rows * _NOISE_TILE + 2, : columns * _NOISE_TILE + 2].astype(np.int16)
    across = grey[:, :-2] - 2 * grey[:, 1:-1] + grey[:, 2:]
    twice = np.abs(across[:-2] - 2 * across[1:-1] + across[2:])
    noise = _tile_means(twice, rows, columns) * (np.sqrt(np.pi / 2) / 6)
    brightness = _tile_means(grey[1:-1, 1:-1], rows, columns)
    judged = (brightness >= _JUDGEABLE[0]) & (brightness <= _JUDGEABLE[1])
    return float(np.percentile(noise[judged], _CALMEST)) if judged.any() else None


def _tile_means(values: NDArray[np.int16], rows: int, columns: int) -> Shares:
    import numpy as np

    sums = values.reshape(rows, _NOISE_TILE, -1).sum(1, dtype=np.int32)
    means: Shares = sums.reshape(rows, columns, _NOISE_TILE).mean(2) / _NOISE_TILE
    return means


def _blockiness(pixels: Gray) -> float | None:
    """Where the blocks begin is where the file begins, which after its turning is any of the corners."""
    if min(pixels.shape) < _LEAST_BLOCKS:
        return None
    down, across = (slice(None, None, -1 if side % 8 else 1) for side in pixels.shape)
    turned = (pixels, pixels[down], pixels[:, across], pixels[down, across])
    distinct = {part.strides: part for part in turned}  # all the same where sides are multiples of 8
    return max(blockiness(part, least_step=_ROUNDED) for part in distinct.values())
