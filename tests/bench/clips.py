"""The clips that are measured: made once, kept in ``build/bench``, the same in every run."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["LONG_MINUTES", "SPOKEN", "camera_clip", "joined_clip", "made"]

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build" / "bench"
PORTRAIT = ROOT / "fixtures" / "portrait" / "astronaut.png"
SPOKEN = ROOT / "fixtures" / "training_video" / "statement-at-opening-valid" / "clip.mp4"
LONG_MINUTES = 30
FRAME_RATE = 30
_SWAY = 12  # pixels
_TIMEOUT_S = 1800


def camera_clip(*, seconds: int, height: int, mbit: int) -> Path:
    """What a camera on a stand records: a portrait that sways, with sensor noise, and somebody speaking.

    16:9 at 30 fps, H.264 with a key frame every two seconds, AAC.
    """
    path = MADE / f"{height}p-{seconds}s-{mbit}mbit.mp4"
    if path.is_file():
        return path
    width = height * 16 // 9
    moving = (
        f"scale={width + 4 * _SWAY}:-2:flags=bicubic,loop=-1:1:0,fps={FRAME_RATE},"
        f"crop={width}:{height}:x='{2 * _SWAY}+{_SWAY}*sin(t)':y='(ih-oh)/3+{_SWAY}*sin(0.7*t)',"
        "noise=alls=7:allf=t,format=yuv420p"
    )
    return made(
        path,
        *("-i", PORTRAIT, "-i", SPOKEN, "-map", "0:v", "-map", "1:a", "-t", seconds, "-vf", moving),
        *("-c:v", "libx264", "-preset", "veryfast", "-threads", 2),
        *("-b:v", f"{mbit}M", "-maxrate", f"{mbit}M", "-bufsize", f"{2 * mbit}M"),
        *("-g", 2 * FRAME_RATE, "-keyint_min", 2 * FRAME_RATE, "-sc_threshold", 0),
        *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart"),
    )


def joined_clip(clip: Path, into: Path, *, times: int) -> Path:
    """The clip some times over, without encoding it again."""
    path = into / f"{times}-times-{clip.name}"
    return made(path, "-stream_loop", times - 1, "-i", clip, "-c", "copy")


def made(path: Path, *arguments: object) -> Path:
    """A file that ffmpeg makes; it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments), str(part)]
    subprocess.run(argv, check=True, timeout=_TIMEOUT_S)
    return part.replace(path)
