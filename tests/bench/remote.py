"""``python -m tests.bench.remote``: what is transferred to hear the opening of a video behind an address.

Ours beside ffmpeg that reads the address and a download of all, from a server on this machine, all in one
run. ``--record`` writes the figures for docs/architecture.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from preflight.network.fetch import Fetching
from tests.bench.clips import MADE, SPOKEN, made
from tests.proof.tables import aligned, record, say
from tests.web_server import WebServer, ignores_ranges, properly, serving

__all__ = ["BOUND_CHUNKS", "BOUND_FINE", "Cost", "main"]

SECONDS = 60
OPENING_S = 57.0  # as long as the opening is that is listened to
BOUND_CHUNKS, BOUND_FINE = 1_000_000, 3_000_000
_CHUNKS = ("-chunk_duration", "1000000")
_FRONT = ("-movflags", "+faststart")
_LAYOUTS: dict[str, tuple[str, ...]] = {
    "index in front, chunks of a second": (*_FRONT, *_CHUNKS),
    "index at the end, chunks of a second": _CHUNKS,
    "index in front, finely interleaved": _FRONT,
    "index at the end, finely interleaved": (),
    "fragments": ("-movflags", "frag_keyframe+empty_moov"),
    "index in front, no ranges": _FRONT,
}
_LATENCIES_S = (0.0, 0.05)
_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way of reading took: bytes sent, requests, seconds."""

    sent: int
    requests: int
    seconds: float


def take() -> Path:
    """A minute of 1080p at some 45 Mbit/s, as cameras write it, and somebody speaking."""
    path = MADE / f"noise-1080p-{SECONDS}s.mp4"
    if path.is_file():
        return path
    noise = f"testsrc2=size=1920x1080:rate=30:duration={SECONDS},noise=alls=40:allf=t,format=yuv420p"
    return made(
        path,
        *("-f", "lavfi", "-i", noise, "-stream_loop", -1, "-i", SPOKEN, "-map", "0:v", "-map", "1:a"),
        *("-t", SECONDS, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "45M", "-g", 60),
        *("-c:a", "aac", "-b:a", "64k"),
    )


def _ours(server: WebServer) -> None:
    with Fetching(max_bytes=1 << 30, allow_hosts=[server.host]) as fetching:
        remote = fetching.open(server.url())
        remote.need_start()
        remote.need_sound(OPENING_S)


def _ffmpeg(server: WebServer) -> None:
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-t", f"{OPENING_S:g}", "-i", server.url(), "-vn"]
    subprocess.run([*argv, "-f", "null", "-"], check=False, timeout=_TIMEOUT_S, stderr=subprocess.DEVNULL)


def _download(server: WebServer) -> None:
    with tempfile.TemporaryFile() as file, urllib.request.urlopen(server.url(), timeout=60) as answer:  # noqa: S310
        while chunk := answer.read(1 << 20):
            file.write(chunk)


_WAYS: dict[str, Callable[[WebServer], None]] = {
    "preflight": _ours,
    "ffmpeg on the address": _ffmpeg,
    "download": _download,
}


def _cost(content: bytes, way: str, *, ranges: bool, latency_s: float) -> Cost:
    with serving(content, properly if ranges else ignores_ranges, latency_s=latency_s) as server:
        begun = time.monotonic()
        _WAYS[way](server)
        seconds = time.monotonic() - begun
        return Cost(server.sent_bytes, len(server.requests), seconds)


def measure() -> dict[str, Any]:
    """All the figures. The server is in the same process, so that seconds are upper bounds."""
    source = take()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=MADE) as scratch:
        for layout, options in _LAYOUTS.items():
            clip = made(Path(scratch) / "clip.mp4", "-i", source, "-c", "copy", *options)
            content = clip.read_bytes()
            for latency_s in _LATENCIES_S:
                for way in _WAYS:
                    cost = _cost(content, way, ranges="no ranges" not in layout, latency_s=latency_s)
                    row = {"layout": layout, "latency_s": latency_s, "way": way}
                    rows.append({**row, **asdict(cost), "seconds": round(cost.seconds, 2)})
                    say(json.dumps(rows[-1]))
    return {
        "day": dt.datetime.now(dt.UTC).date().isoformat(),
        "bytes": source.stat().st_size,
        "opening_s": OPENING_S,
        "costs": rows,
    }


def _shown(figures: dict[str, Any]) -> Iterator[str]:
    rows = [["layout, added latency, way", "MB", "requests", "seconds"]]
    for one in figures["costs"]:
        name = f"{one['layout']}, {1000 * one['latency_s']:.0f} ms, {one['way']}"
        rows.append([name, f"{one['sent'] / 1e6:.2f}", str(one["requests"]), f"{one['seconds']:.1f}"])
    yield f"the first {figures['opening_s']:g} s of sound of a video of {figures['bytes'] / 1e6:.0f} MB"
    yield from aligned(rows)


def _beyond(figures: dict[str, Any]) -> list[str]:
    """The layouts that took us more bytes than they may."""
    bounds = {"chunks of a second": BOUND_CHUNKS, "finely interleaved": BOUND_FINE}
    return [
        one["layout"]
        for one in figures["costs"]
        if one["way"] == "preflight" and one["sent"] > bounds.get(one["layout"].partition(", ")[2], 1 << 40)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where we read more than we may."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.remote", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the figures for the docs")
    options = parser.parse_args(arguments)
    figures = measure()
    say("", *_shown(figures))
    if options.record:
        record("remote", figures)
    return int(bool(_beyond(figures)))


if __name__ == "__main__":
    sys.exit(main())
