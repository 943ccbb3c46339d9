"""What the frames of a video look like, measured on small grey copies as they come out of the decoder.

Nothing is kept of a frame but numbers, so that an hour takes little more memory than a minute. A few larger
frames are kept: sharpness and faces cannot be seen in small ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preflight.errors import Unavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DETAIL_SIDE",
    "CloserLook",
    "Detail",
    "Details",
    "Frame",
    "PictureFacts",
    "Viewing",
    "blockiness",
    "detail_size",
    "edge_width",
    "edge_widths",
    "small_size",
]

SMALL_SIDE = 320
"""Longer side in pixels of the small copies. Every frame threshold of the policies belongs to this size."""
DETAIL_SIDE = 1080
"""Shorter side in pixels of the larger copies, at most; they are never enlarged."""
MAX_DETAILS = 12
_SHARPNESS_FRAMES = 4

_BLOCK = 10  # pixels a side of the blocks whose means are compared
_FLAT = 2.0  # grey levels: a frame that varies less than this has nothing to compare
_DARK, _BRIGHT = 25, 250  # grey levels of 255: as good as black, as good as white
_CODED_SAME = 6  # grey levels by which an encoder may change a picture that it is given again
_HELD = 0.0005  # of the pixels: no more differ further while a picture is held
_REFERENCE_LUMA = 0.06
_RESEMBLING = 0.7
_TILE = 120
_LAG = 16
_CODED_BLOCK = 8
_TILE_CONTRAST = 100.0  # mean square of differences over _LAG pixels: below, a tile holds no edge
_ABOVE_NOISE = 20  # times: below, what is left of the noise decides how sharp an edge looks
_NOISE_AT_EDGES = 1.15  # encoders take less noise off there than off a calm wall


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame. Brightness is between 0 (black) and 1 (white).

    ``luma`` is its mean, ``bright_end`` the value that 5 % of the pixels exceed. ``dark`` and ``bright`` are
    the shares of pixels as good as black and as good as white. ``changed`` is the share of pixels that differ
    from the frame before at all. ``held`` counts the frames in a row before it that show the same picture,
    coded anew perhaps; slow movement adds up and ends that. ``likeness`` is the correlation of the blocks of
    this frame and the one before, 1 for the same picture however lit, near 0 for another; ``None`` where one
    of them is flat. ``gain`` is how bright it is beside the first frame that is not black, where it shows the
    same scene; ``shift`` is how far the scene has moved since then, as shares of width and height; ``None``
    where that cannot be told or was not looked at.
    """

    time_s: float
    luma: float
    bright_end: float = 0.9
    dark: float = 0.0
    bright: float = 0.0
    changed: float | None = None
    held: int = 0
    likeness: float | None = None
    gain: float | None = None
    shift: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """One of the larger frames: grey, shape (height, width), uint8."""

    time_s: float
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Details:
    """The larger frames of an asset, in order, spread over its length."""

    frames: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class CloserLook:
    """Every frame between two key frames that are unlike each other; ``at`` is the place of the second."""

    at: int
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """The frames that were decoded: all of them (``every_frame``), or the key frames.

    ``edge_width_px`` is how wide the sharpest edges are, in pixels of the larger copies; ``None`` where there
    are no edges. ``blockiness`` is how much larger the steps at the borders of coded blocks are than within
    them; ``None`` where the larger copies are smaller than the frames, and have no such borders.
    ``end_s`` is where the picture ends. ``closer`` are looks at every frame between some key frames, where
    only key frames were decoded.
    """

    frames: tuple[Frame, ...]
    every_frame: bool
    edge_width_px: float | None = None
    blockiness: float | None = None
    end_s: float = 0.0
    closer: tuple[CloserLook, ...] = ()

    def require_close(self, max_gap_s: float) -> None:
        """Raise Unavailable where frames are farther apart than that: what happens between is not seen."""
        times = [*(frame.time_s for frame in self.frames), self.end_s]
        apart = max((after - before for before, after in itertools.pairwise(times)), default=0.0)
        if apart > max_gap_s and not self.every_frame:
            raise Unavailable(f"key frames are up to {apart:.0f} s apart; --depth deep looks at every frame")

    def stretches(self, wanted: Sequence[bool]) -> Iterator[tuple[float, float]]:
        """Runs of frames that are wanted, as (start, end): from the first to the frame after the last."""
        times = [frame.time_s for frame in self.frames]
        step = times[-1] - times[-2] if len(times) > 1 else 0.0
        ends = [*times[1:], times[-1] + step] if times else []
        for is_wanted, run in itertools.groupby(range(len(times)), key=lambda at: wanted[at]):
            if is_wanted:
                indices = list(run)
                yield times[indices[0]], ends[indices[-1]]

    def usual(self, fact: str) -> float:
        """The median of a fact over the frames."""
        values = sorted(getattr(frame, fact) for frame in self.frames)
        return float(values[len(values) // 2])

    def is_black(self, share: float) -> bool:
        """Whether the usual frame is black in this share of its pixels: there is nothing else to see then."""
        return self.usual("dark") >= share


def small_size(width: int, height: int) -> tuple[int, int]:
    """The size of the small copies: the longer side is SMALL_SIDE, both are whole blocks."""
    long = max(width, height, 1)
    return _whole(SMALL_SIDE * width / long), _whole(SMALL_SIDE * height / long)


def _whole(pixels: float) -> int:
    return max(2, round(pixels / _BLOCK)) * _BLOCK


def detail_size(width: int, height: int) -> tuple[int, int]:
    """The size of the larger copies: the shorter side is at most DETAIL_SIDE, and nothing is enlarged."""
    scale = min(1.0, DETAIL_SIDE / max(1, min(width, height)), 2 * DETAIL_SIDE / max(1, width, height))
    return max(2, round(width * scale)), max(2, round(height * scale))


class Viewing:
    """Takes frames as they are decoded, and measures each."""

    def __init__(
        self,
        size: tuple[int, int],
        larger: tuple[int, int],
        *,
        full_size: bool,
        frames_a_second: int | None,
    ) -> None:
        self._width, self._height = size
        self._larger = larger
        self._full_size = full_size
        self._every_frame = frames_a_second is not None
        self._shift_every = max(1, (frames_a_second or 1) // 2)
        self._measured: list[dict[str, Any]] = []
        self._details: list[NDArray[np.uint8]] = []
        self._before: tuple[NDArray[np.uint8], NDArray[np.float32] | None] | None = None
        self._reference: _Reference | None = None
        self._held: tuple[NDArray[np.uint8], int] | None = None

    @property
    def seen(self) -> int:
        """How many frames came."""
        return len(self._measured)

    def take(self, data: bytes) -> None:
        """One small frame."""
        import numpy as np

        pixels = np.frombuffer(data, np.uint8).reshape(self._height, self._width)
        grid = _block_means(pixels)
        pattern = _pattern(grid)
        measured = _brightness(pixels)
        if self._before is not None:
            earlier, earlier_pattern = self._before
            measured["changed"] = float(np.count_nonzero(pixels != earlier)) / pixels.size
            if pattern is not None and earlier_pattern is not None:
                measured["likeness"] = float(np.vdot(pattern, earlier_pattern))
        self._before = pixels, pattern
        measured["held"] = self._hold(pixels)
        self._compare(pixels, grid, pattern, measured)
        self._measured.append(measured)

    def take_detail(self, data: bytes) -> None:
        """One larger frame; those beyond what is needed are dropped."""
        import numpy as np

        if len(self._details) < MAX_DETAILS:
            width, height = self._larger
            self._details.append(np.frombuffer(data, np.uint8).reshape(height, width))

    def facts(self, times_s: Sequence[float], *, end_s: float) -> PictureFacts:
        """What was measured, each frame at its time."""
        looked_at = self._details[:: max(1, len(self._details) // _SHARPNESS_FRAMES)]
        widths = [width for pixels in looked_at if (width := edge_width(pixels)) is not None]
        return PictureFacts(
            frames=tuple(Frame(time, **m) for time, m in zip(times_s, self._measured, strict=False)),
            every_frame=self._every_frame,
            edge_width_px=_middle(widths),
            blockiness=_middle([blockiness(pixels) for pixels in looked_at]) if self._full_size else None,
            end_s=end_s,
        )

    def details(self, times_s: Sequence[float]) -> Details:
        return Details(tuple(map(Detail, times_s, self._details)))

    def _hold(self, pixels: NDArray[np.uint8]) -> int:
        """For how many frames the picture is what it was, compared with the first of them."""
        import numpy as np

        if self._held is not None:
            first, count = self._held
            moved = np.count_nonzero(np.maximum(pixels, first) - np.minimum(pixels, first) > _CODED_SAME)
            if moved <= _HELD * pixels.size:
                self._held = first, count + 1
                return count + 1
        self._held = pixels, 0
        return 0

    def _compare(
        self,
        pixels: NDArray[np.uint8],
        grid: NDArray[np.float32],
        pattern: NDArray[np.float32] | None,
        measured: dict[str, Any],
    ) -> None:
        """Beside the first frame in which there is something to see."""
        import numpy as np

        if pattern is None:
            return
        if self._reference is None:
            if measured["luma"] >= _REFERENCE_LUMA:
                self._reference = _Reference(grid, pattern, _spectrum(pixels))
                measured["gain"], measured["shift"] = 1.0, (0.0, 0.0)
            return
        if float(np.vdot(pattern, self._reference.pattern)) >= _RESEMBLING:
            lit = self._reference.grid > 16
            if lit.any():
                measured["gain"] = float(np.median(grid[lit] / self._reference.grid[lit]))
        if self.seen % self._shift_every == 0:
            measured["shift"] = _shift(self._reference.spectrum, _spectrum(pixels))


@dataclass(frozen=True, slots=True, eq=False)
class _Reference:
    grid: NDArray[np.float32]
    pattern: NDArray[np.float32]
    spectrum: NDArray[np.complex64]


def _middle(values: Sequence[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None


def _block_means(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The mean of each block. Rows are added up first: that way numpy works on long runs."""
    import numpy as np

    rows, columns = (side // _BLOCK for side in pixels.shape)
    sums = pixels.reshape(rows, _BLOCK, -1).sum(1, dtype=np.float32)
    means: NDArray[np.float32] = sums.reshape(rows, columns, _BLOCK).mean(2) / np.float32(_BLOCK)
    return means


def _pattern(grid: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The blocks without their mean and scale, so that the product of two is their correlation."""
    import numpy as np

    centred = grid - grid.mean()
    size = float(np.sqrt(np.vdot(centred, centred)))
    return None if size < _FLAT * grid.size**0.5 else centred / np.float32(size)


def _brightness(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    import numpy as np

    sample = pixels[::2, ::2].ravel()
    counts = np.bincount(sample, minlength=256)
    below = np.cumsum(counts) / sample.size
    return {
        "luma": float(counts @ np.arange(256)) / sample.size / 255,
        "bright_end": int(np.searchsorted(below, 0.95)) / 255,
        "dark": float(below[_DARK]),
        "bright": float(1 - below[_BRIGHT - 1]),
    }


def _spectrum(pixels: NDArray[np.uint8]) -> NDArray[np.complex64]:
    """The phases of a frame, of a quarter of its pixels. Its borders, which never move, are faded."""
    import numpy as np

    small = pixels[::2, ::2].astype(np.float32)
    window = np.outer(np.hanning(small.shape[0]), np.hanning(small.shape[1]))
    spectrum = np.fft.rfft2((small - small.mean()) * window)
    return (spectrum / np.maximum(np.abs(spectrum), 1e-6)).astype(np.complex64)


_PEAK = 0.05  # of a perfect match: below, the two pictures have too little in common


def _shift(reference: NDArray[np.complex64], spectrum: NDArray[np.complex64]) -> tuple[float, float] | None:
    """How far a picture has moved, by phase correlation, as shares of width and height."""
    import numpy as np

    surface = np.fft.irfft2(spectrum * np.conj(reference))
    height, width = surface.shape
    row, column = divmod(int(surface.argmax()), width)
    if surface[row, column] < _PEAK:
        return None
    across, down = (column + width // 2) % width - width // 2, (row + height // 2) % height - height // 2
    return across / width, down / height


def edge_width(pixels: NDArray[np.uint8]) -> float | None:
    """How many pixels wide the sharpest edges are: the median of the sharpest tenth of the tiles with edges.

    Over a step, differences of 16 pixels have 16 times the energy of those of one pixel; over a ramp of w
    pixels (w below 16) about 16 w times. So their quotient is the width: 1 for a step, 3.5 for a Gaussian
    blur of 1 pixel, 16 at most. Noise has the same energy at any distance; what the calmest tenth of the
    tiles has of it is taken off first, and only tiles whose contrast stands far above it are looked at. So
    with strong noise there may be none left, and no answer: what noise makes of a blurred edge looks sharp.
    """
    import numpy as np

    sharpest = np.sort(edge_widths(pixels, _TILE))
    return float(np.median(sharpest[: max(1, len(sharpest) // 10)])) if len(sharpest) else None


def edge_widths(pixels: NDArray[np.uint8], tile: int, *, noise: float | None = None) -> NDArray[np.float32]:
    """The widths of the edges, down and across, in each tile that has some; see ``edge_width``.

    ``noise`` is the mean square of what it makes of differences; ``None`` for what the calmest tenth has.
    """
    import numpy as np

    rows, columns = (side // tile for side in pixels.shape)
    if not rows or not columns:
        return np.empty(0, np.float32)
    tiles = pixels[: rows * tile, : columns * tile].astype(np.float32).reshape(rows, tile, columns, tile)
    widths = []
    for axis in (1, 3):
        near, far = (_energy(tiles, axis, lag) for lag in (1, _LAG))
        grain = float(np.percentile(near, 10)) if noise is None else noise
        edged = far - grain > max(_TILE_CONTRAST, _ABOVE_NOISE * grain)
        fine = np.maximum(near[edged] - _NOISE_AT_EDGES * grain, 1e-3)
        width = (far[edged] - grain) / (_LAG * fine)
        widths.append(np.clip(width, 0, _LAG))
    return np.concatenate(widths)


def blockiness(pixels: NDArray[np.uint8], *, least_step: float = 0.0) -> float:
    """How much larger the steps are between the 8 x 8 blocks of a codec than within them; 1 for none.

    ``least_step`` is added to both, so that steps which are much smaller make no difference.
    """
    import numpy as np

    grey = pixels.astype(np.int16)
    ratios = []
    for steps in (np.abs(np.diff(grey, axis=1)).mean(0), np.abs(np.diff(grey, axis=0)).mean(1)):
        between = np.arange(1, len(steps) + 1) % _CODED_BLOCK == 0
        within = max(float(steps[~between].mean()), 1e-3)
        ratios.append((steps[between].mean() + least_step) / (within + least_step))
    return float(np.mean(ratios))


def _energy(tiles: NDArray[np.float32], axis: int, lag: int) -> NDArray[np.float32]:
    """Mean square of the differences over some pixels, of each tile."""
    import numpy as np

    after, before = ([slice(None)] * 4 for _ in range(2))
    after[axis], before[axis] = slice(lag, None), slice(None, -lag)
    steps = tiles[tuple(after)] - tiles[tuple(before)]
    np.square(steps, out=steps)
    # one axis after the other: that way numpy works on long runs
    energy: NDArray[np.float32] = steps.sum(1).sum(2) / np.float32(steps.shape[1] * steps.shape[3])
    return energy
