"""``python -m tests.bench.media``: what a check of a video costs, beside bare decodes and the naive way.

All in one run on the same clips, in turn, each in a process of its own; of several rounds the cheapest
counts, for a busy machine only ever makes a program slower. ``--full`` also does what takes many minutes,
``--record`` writes the figures for docs/architecture.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from preflight.submission import Depth
from tests.bench.clips import LONG_MINUTES, ROOT, camera_clip, joined_clip
from tests.proof.tables import aligned, record, say

__all__ = ["MEMORY_BOUND_MIB", "Check", "main", "run_check"]

MEMORY_BOUND_MIB = 512
"""What a check takes at most, ffmpeg included: half an hour of H.264, pictures up to 2160p."""

SECONDS = 60
NAIVE_SECONDS = 6  # of the clip, where it is not done in full
ROUNDS = 3
_TIMEOUT_S = 1800.0
_NAIVE_PICTURE = "blackdetect,freezedetect,cropdetect,scdet,signalstats,blurdetect"
_NAIVE_SOUND = "ebur128=peak=true,astats,silencedetect"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: processor seconds in all, of the detectors of speech and of faces, of ffmpeg and ffprobe;
    peak memory of our process and of the largest other."""

    cpu_s: float
    speech_s: float
    faces_s: float
    tools_s: float
    own_mib: float
    tool_mib: float

    @property
    def besides_s(self) -> float:
        """All but the detection of speech and, which is an extra, of faces."""
        return self.cpu_s - self.speech_s - self.faces_s

    @property
    def plain_s(self) -> float:
        """All that is done where the extra for faces is not installed."""
        return self.cpu_s - self.faces_s

    @property
    def peak_mib(self) -> float:
        """Both processes at once, at most: their peaks need not meet."""
        return self.own_mib + self.tool_mib


def run_check(depth: Depth, clip: Path) -> Check:
    """Check a clip in a new process."""
    printed, cpu_s = _run([sys.executable, "-m", "tests.bench.one", str(depth), str(clip)])
    figures = json.loads(printed)
    code = figures.pop("exit_code")
    if code not in (0, 1, 3):
        raise RuntimeError(f"the check of {clip.name} ended with exit code {code}")
    return Check(cpu_s, **figures)


def _run(argv: Sequence[str]) -> tuple[bytes, float]:
    """What a process prints, and the processor time that it and its children took."""
    before = os.times()
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=_TIMEOUT_S)
    after = os.times()
    return done.stdout, (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )


def _ffmpeg(*arguments: object) -> float:
    """Processor seconds of one ffmpeg whose output is thrown away."""
    program = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error"]
    return _run([*program, *map(str, arguments), "-f", "null", "-"])[1]


def _naive(clip: Path, seconds: float) -> float:
    """Every filter at full size on every frame, and those of the sound, in one ffmpeg."""
    source = ("-threads", 1, "-t", f"{seconds:g}", "-i", clip, "-filter_threads", 1)
    return _ffmpeg(*source, "-vf", _NAIVE_PICTURE, "-af", _NAIVE_SOUND)


def _costs(clip: Path, *, rounds: int, naive_s: float) -> dict[str, Any]:
    """Checks and decodes of one clip, each the cheapest of some rounds. The naive way is scaled by length."""
    decodes: dict[str, Callable[[], float]] = {
        "key_frames": lambda: _ffmpeg("-threads", 1, "-skip_frame", "nokey", "-i", clip),
        "every_frame": lambda: _ffmpeg("-threads", 1, "-i", clip),
    }
    checks: dict[Depth, list[Check]] = {depth: [] for depth in Depth}
    seconds: dict[str, list[float]] = {name: [] for name in decodes}
    for at in range(rounds):
        say(f"round {at + 1} of {rounds} …")
        for depth, found in checks.items():
            found.append(run_check(depth, clip))
        for name, work in decodes.items():
            seconds[name].append(work())
    best = {depth: min(found, key=lambda check: check.besides_s) for depth, found in checks.items()}
    bare = {name: min(found) for name, found in seconds.items()}
    naive = _naive(clip, naive_s) * SECONDS / naive_s
    deep, standard = best[Depth.DEEP].plain_s, best[Depth.STANDARD].plain_s
    return {
        "checks": {str(depth): asdict(check) for depth, check in best.items()},
        **{f"{name}_s": found for name, found in bare.items()},
        "naive_s": naive,
        "naive_measured_s": naive_s,
        "deep_to_every_frame": deep / bare["every_frame"],
        "naive_to_deep": naive / deep,
        "naive_to_standard": naive / standard,
        "standard_to_key_frames": standard / bare["key_frames"],
    }


def _memory(clip: Path, *, full: bool) -> Iterator[dict[str, Any]]:
    """Peaks of memory by clip and depth."""
    large = camera_clip(seconds=6, height=2160, mbit=25)
    with tempfile.TemporaryDirectory(dir=clip.parent) as scratch:
        long = joined_clip(clip, Path(scratch), times=LONG_MINUTES * 60 // SECONDS)
        for what, path, depths in (
            (f"1080p, {SECONDS} s", clip, (Depth.STANDARD, Depth.DEEP)),
            (f"1080p, {LONG_MINUTES} min", long, tuple(Depth) if full else (Depth.QUICK, Depth.STANDARD)),
            ("2160p, 6 s", large, (Depth.STANDARD, Depth.DEEP)),
        ):
            for depth in depths:
                say(f"memory: {what}, {depth} …")
                check = run_check(depth, path)
                yield {"clip": what, "depth": str(depth), **asdict(check), "peak_mib": check.peak_mib}


def measure(*, full: bool, rounds: int) -> dict[str, Any]:
    """All the figures."""
    clip = camera_clip(seconds=SECONDS, height=1080, mbit=8)
    costs = _costs(clip, rounds=rounds, naive_s=SECONDS if full else NAIVE_SECONDS)
    return {
        "day": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": f"a virtual machine with {os.cpu_count()} x86 cores",
        "rounds": rounds,
        **costs,
        "memory": list(_memory(clip, full=full)),
        "memory_bound_mib": MEMORY_BOUND_MIB,
    }


def _shown(figures: dict[str, Any]) -> Iterator[str]:
    rows = [["processor seconds, 60 s of 1080p30", "all", "speech", "faces", "besides", "of that ffmpeg"]]
    for depth, one in figures["checks"].items():
        check = Check(**one)
        spent = (check.cpu_s, check.speech_s, check.faces_s, check.besides_s, check.tools_s)
        rows.append([f"preflight --depth {depth}", *(f"{seconds:.2f}" for seconds in spent)])
    scaled = figures["naive_measured_s"] != SECONDS
    naive = (
        f"every filter at full size{' (from {:g} s)'.format(figures['naive_measured_s']) if scaled else ''}"
    )
    for name, key in (
        ("ffmpeg, key frames decoded", "key_frames_s"),
        ("ffmpeg, every frame decoded", "every_frame_s"),
        (naive, "naive_s"),
    ):
        rows.append([name, f"{figures[key]:.2f}", "", "", "", ""])
    yield from aligned(rows)
    yield ""
    for name, key, goal in (
        ("deep without faces to a bare decode of all", "deep_to_every_frame", "at most 1.3"),
        ("the naive way to deep without faces", "naive_to_deep", "at least 8"),
        ("the naive way to standard without faces", "naive_to_standard", ""),
        ("standard without faces to key frames", "standard_to_key_frames", ""),
    ):
        yield f"{name:<44} {figures[key]:6.2f}  {goal}".rstrip()
    yield ""
    rows = [["peak memory, MiB", "depth", "preflight", "ffmpeg", "both"]]
    for one in figures["memory"]:
        peaks = (one["own_mib"], one["tool_mib"], one["peak_mib"])
        rows.append([one["clip"], one["depth"], *(f"{mib:.0f}" for mib in peaks)])
    yield from aligned(rows)
    yield f"bound: {figures['memory_bound_mib']} MiB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where memory goes beyond its bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.media", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="the naive way on the whole clip; deep on the long one"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured (%(default)s)")
    parser.add_argument("--record", action="store_true", help="write the figures for the docs")
    options = parser.parse_args(arguments)
    figures = measure(full=options.full, rounds=options.rounds)
    say("", *_shown(figures))
    if options.record:
        record("media", _rounded(figures))
    return int(any(one["peak_mib"] > MEMORY_BOUND_MIB for one in figures["memory"]))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    raise SystemExit(main())
