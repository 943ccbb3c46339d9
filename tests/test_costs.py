"""What a check takes of memory stays below the bound that is documented, and does not grow with length."""

from __future__ import annotations

from pathlib import Path

import pytest

from preflight.submission import Depth
from tests.bench.clips import SPOKEN, joined_clip, made
from tests.bench.media import MEMORY_BOUND_MIB, run_check

pytestmark = pytest.mark.media

LONGER_MIB = 48  # the packet table, levels and the numbers of frames of nine more minutes, with room


def clip(path: Path, *, size: str, seconds: int, spoken: bool = True) -> Path:
    picture = ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=30")
    sound = ("-i", SPOKEN) if spoken else ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000")
    encoded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", 30, "-c:a", "aac")
    return made(
        path, *picture, *sound, "-map", "0:v", "-map", "1:a", "-t", seconds, "-pix_fmt", "yuv420p", *encoded
    )


@pytest.mark.parametrize("depth", [Depth.STANDARD, Depth.DEEP])
def test_a_large_picture_stays_within_the_bound(depth: Depth, tmp_path: Path) -> None:
    """Of a large picture the decoder keeps several frames; we keep small ones."""
    check = run_check(depth, clip(tmp_path / "large.mp4", size="3840x2160", seconds=2))

    assert check.peak_mib < MEMORY_BOUND_MIB


def test_a_long_recording_takes_hardly_more_than_a_short_one(tmp_path: Path) -> None:
    """Nothing is kept of sound after the opening, and nothing of frames but numbers."""
    short = clip(tmp_path / "short.mp4", size="160x120", seconds=60)
    long = joined_clip(short, tmp_path, times=10)

    before, after = (run_check(Depth.STANDARD, path) for path in (short, long))

    assert after.own_mib < before.own_mib + LONGER_MIB
    assert after.tool_mib < before.tool_mib + LONGER_MIB


def test_the_search_for_a_statement_stays_within_the_bound(tmp_path: Path) -> None:
    """Where the opening lacks it, minutes of sound are kept and listened to."""
    short = clip(tmp_path / "short.mp4", size="160x120", seconds=60, spoken=False)

    check = run_check(Depth.STANDARD, joined_clip(short, tmp_path, times=15))

    assert check.peak_mib < MEMORY_BOUND_MIB
