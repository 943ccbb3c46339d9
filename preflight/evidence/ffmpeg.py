"""The one door to ffmpeg and ffprobe. Nothing else in this package starts a process.

Media files are untrusted, so every command

* is an argument list, never a shell line, and names its input as ``file:`` plus an absolute path;
* pins the demuxer to the one we recognised ourselves and allows the ``file`` protocol alone, so that a
  playlist dressed up as a video opens nothing else;
* runs in a process group of its own, with a deadline after which the whole group is killed, caps on what
  it may print, and limits on memory, processor time, files and core dumps.

ffmpeg exits with 0 after truncated input: callers count what came back. The exit code is never evidence.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from preflight.errors import ToolError

__all__ = ["Completed", "Demuxer", "Ffmpeg", "LimitExceeded", "run"]

_STDERR_CAP = 64 * 1024
_ADDRESS_SPACE = 4 << 30
_ADDRESS_SPACE_TO_ENCODE = 8 << 30  # x264 keeps dozens of frames, and each of its threads reserves an arena
_MAX_ALLOC = 256 << 20
_CHUNK = 1 << 16
# Stands for the file while a command is built: the builder cannot take in names that are not Unicode.
_INPUT = "file:<input>"
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_PACKETS_CAP = 48 << 20  # about a million packets: four hours of video and sound

# Decoders a checked file may need. Wider than what the service accepts, so that a clip in the wrong codec
# is reported for that alone; narrow enough to keep rare and fragile decoders out of reach.
_DECODERS = (
    "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,mpeg4,mpeg2video,mjpeg,prores,png,"
    "aac,mp3,mp3float,ac3,eac3,opus,libopus,vorbis,flac,alac,pcm_s16le,pcm_s16be,pcm_s24le,pcm_f32le"
)


class Demuxer:
    """The demuxers we hand files to, by the name ffmpeg gives them."""

    MOV = "mov"
    MATROSKA = "matroska"
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP3 = "mp3"


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that ended by itself: what it printed, capped, and its exit code."""

    stdout: bytes
    stderr: str
    returncode: int


class LimitExceeded(ToolError):  # noqa: N818 - says what happened
    """A media tool ran out of its limits on this input: too slow, or too much output."""


@dataclass(frozen=True)
class Ffmpeg:
    """ffmpeg and ffprobe as found on this machine."""

    ffmpeg: str
    ffprobe: str

    @classmethod
    def locate(cls) -> Ffmpeg:
        """Find both programs on PATH. Raises ToolError, saying how to get them, when one is missing."""
        found = {name: shutil.which(name) for name in ("ffmpeg", "ffprobe")}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            raise ToolError(
                f"{' and '.join(missing)} not found on PATH; install ffmpeg "
                "(Debian and Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg)"
            )
        return cls(str(found["ffmpeg"]), str(found["ffprobe"]))

    @cached_property
    def version(self) -> str:
        """The version ffmpeg reports of itself, such as ``5.1.9-0+deb12u1``."""
        return _version(self.ffmpeg)

    def probe(self, path: Path, demuxer: str, *, timeout_s: float = 15) -> dict[str, Any]:
        """Format, streams and their side data, as ffprobe describes them. Empty when it cannot open the file.

        The key ``error`` holds ffprobe's own words where it complained.
        """
        done = self._ffprobe(path, demuxer, ["-show_format", "-show_streams"], timeout_s=timeout_s)
        try:
            document = msgspec.json.decode(done.stdout, type=dict[str, Any]) if done.stdout.strip() else {}
        except msgspec.DecodeError as exc:
            raise ToolError(f"ffprobe answered in a form this version does not understand: {exc}") from exc
        return document | ({"error": _without_addresses(done.stderr)} if done.stderr else {})

    def packets(self, path: Path, demuxer: str, *, timeout_s: float = 60) -> Iterator[list[str]]:
        """Every packet of every track, without decoding: [stream index, pts, dts, duration, flags].

        Times are in seconds as printed by ffprobe, or ``N/A``. Raises LimitExceeded for a table too large to
        be that of a recording.
        """
        entries = "packet=stream_index,pts_time,dts_time,duration_time,flags"
        done = self._ffprobe(
            path,
            demuxer,
            ["-show_entries", entries],
            form="csv=p=0",
            timeout_s=timeout_s,
            stdout_cap=_PACKETS_CAP,
        )
        return (line.decode("ascii", "replace").strip().split(",") for line in io.BytesIO(done.stdout))

    def decode_audio(
        self,
        path: Path,
        demuxer: str,
        *,
        track: int,
        seconds: float,
        sample_rate: int = 16_000,
        timeout_s: float = 60,
    ) -> bytes:
        """The first ``seconds`` of an audio track (by stream index) as mono signed 16-bit little-endian PCM.

        Sound that starts late is preceded by silence, so that positions are times of the file.
        May be shorter than asked, or empty: count the samples.
        """
        import ffmpeg as builder

        source = builder.input(_INPUT, t=seconds, **self._input_options(demuxer))
        audio = source[str(track)].filter("aresample", sample_rate, **{"async": 1, "first_pts": 0})
        output = audio.output("pipe:1", format="s16le", acodec="pcm_s16le", ac=1, ar=sample_rate, t=seconds)
        cap = math.ceil(seconds * sample_rate * 2) + _CHUNK
        return self._ffmpeg(output, path, timeout_s=timeout_s, stdout_cap=cap).stdout

    def decode_counts(
        self, path: Path, demuxer: str, *, track: int, key_frames_only: bool, timeout_s: float
    ) -> tuple[int | None, float | None, str]:
        """Decode one track and throw the result away: frames, end time in seconds, complaints.

        The counts are what came out of the decoder, ``None`` where ffmpeg did not say.
        """
        import ffmpeg as builder

        skipping = {"skip_frame": "nokey"} if key_frames_only else {}
        source = builder.input(_INPUT, **self._input_options(demuxer), **skipping)
        output = source[str(track)].output("pipe:1", format="null")
        reporting = output.global_args("-progress", "pipe:1", "-stats_period", "30")
        done = self._ffmpeg(reporting, path, timeout_s=timeout_s, stdout_cap=1 << 20)
        lines = done.stdout.decode("ascii", "replace").splitlines()
        progress = dict(line.split("=", 1) for line in lines if "=" in line)
        frames = progress.get("frame", "").strip()
        micros = progress.get("out_time_us", "").strip()
        return (
            int(frames) if frames.isdigit() else None,
            int(micros) / 1e6 if micros.lstrip("-").isdigit() else None,
            _without_addresses(done.stderr),
        )

    def rewrite(
        self,
        path: Path,
        demuxer: str,
        target: Path,
        arguments: Sequence[str],
        *,
        timeout_s: float,
        max_bytes: int,
    ) -> None:
        """Write another form of the file, by the output options given. The one command that may write.

        Raises ToolError when ffmpeg says that it failed. That it says nothing proves nothing: look at the
        target.
        """
        limits = [
            str(part) for name, value in self._input_options(demuxer).items() for part in (f"-{name}", value)
        ]
        limits[limits.index("-format")] = "-f"
        argv = [self.ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-v", "error", *limits]
        argv += ["-i", f"file:{path}", *arguments, "-threads", str(min(8, os.cpu_count() or 1)), "-y"]
        argv += ["-f", "mp4", f"file:{target}"]
        done = run(argv, timeout_s=timeout_s, stdout_cap=1 << 16, max_written=max_bytes)
        if done.returncode == -signal.SIGXFSZ:
            raise LimitExceeded(f"ffmpeg was about to write more than {max_bytes} bytes")
        if done.returncode != 0:
            first = _without_addresses(done.stderr).partition("\n")[0] or f"exit code {done.returncode}"
            raise ToolError(f"ffmpeg could not write it: {first}")

    def _input_options(self, demuxer: str) -> dict[str, Any]:
        return {
            "protocol_whitelist": "file",
            "codec_whitelist": _DECODERS,
            "max_alloc": _MAX_ALLOC,
            "threads": 1,
            "format": demuxer,
        }

    def _ffmpeg(self, output: Any, path: Path, *, timeout_s: float, stdout_cap: int) -> Completed:
        import ffmpeg as builder

        program = [self.ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-v", "error"]
        built = builder.compile(output, cmd=program)
        argv = [f"file:{path}" if part == _INPUT else part for part in built]
        return run(argv, timeout_s=timeout_s, stdout_cap=stdout_cap)

    def _ffprobe(
        self,
        path: Path,
        demuxer: str,
        show: Sequence[str],
        *,
        timeout_s: float,
        form: str = "json",
        stdout_cap: int = 8 << 20,
    ) -> Completed:
        # No decoder whitelist here: ffprobe would then refuse to describe the very codec a rule must name.
        limits = [
            "-protocol_whitelist",
            "file",
            "-max_alloc",
            str(_MAX_ALLOC),
            "-threads",
            "1",
            "-f",
            demuxer,
        ]
        argv = [
            self.ffprobe,
            "-hide_banner",
            "-v",
            "error",
            *limits,
            *show,
            "-of",
            form,
            "-i",
            f"file:{path}",
        ]
        return run(argv, timeout_s=timeout_s, stdout_cap=stdout_cap)


def _without_addresses(log: str) -> str:
    """ffmpeg's complaints without the memory addresses, which differ in every run."""
    return re.sub(r" @ 0x[0-9a-f]+", "", log)


@lru_cache(maxsize=4)
def _version(program: str) -> str:
    first = run([program, "-version"], timeout_s=10, stdout_cap=1 << 16).stdout.decode("utf-8", "replace")
    match = re.match(r"ff\w+ version (\S+)", first)
    if match is None:
        raise ToolError(f"{program} does not say its version; is it really ffmpeg?")
    return match.group(1)


def run(argv: Sequence[str], *, timeout_s: float, stdout_cap: int, max_written: int = 0) -> Completed:
    """Run a command to its end, within its limits. ``max_written`` is how large a file it may write.

    Raises LimitExceeded when it is too slow or prints too much (it and its children are then killed), and
    ToolError when it cannot be started.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            env={"LC_ALL": "C"} | {name: os.environ[name] for name in _INHERITED if name in os.environ},
        )
    except OSError as exc:
        raise ToolError(f"{Path(argv[0]).name} could not be started: {exc.strerror}") from exc
    try:
        _limit(process.pid, timeout_s, max_written)
        return _collect(process, Path(argv[0]).name, time.monotonic() + timeout_s, timeout_s, stdout_cap)
    finally:
        _kill_group(process)


def _limit(pid: int, timeout_s: float, max_written: int) -> None:
    """Lower the limits of a process that has just started. Linux alone can do so from outside."""
    if sys.platform != "linux":
        return
    import resource

    seconds = math.ceil(timeout_s) + 1
    if max_written:
        seconds *= os.cpu_count() or 1  # encoding keeps every core busy
    for what, limit in (
        (resource.RLIMIT_AS, _ADDRESS_SPACE_TO_ENCODE if max_written else _ADDRESS_SPACE),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, max_written),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.prlimit(pid, what)[1]
        lowered = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.prlimit(pid, what, (lowered, lowered))


def _collect(
    process: subprocess.Popen[bytes], name: str, deadline: float, timeout_s: float, stdout_cap: int
) -> Completed:
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for pipe in kept:
            assert pipe is not None  # noqa: S101 - both were asked for
            selector.register(pipe, selectors.EVENT_READ, pipe)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready and time.monotonic() >= deadline:
                raise LimitExceeded(f"{name} did not finish within {timeout_s:g} s")
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.data)
                elif key.data is process.stderr:
                    kept[key.data] += chunk[: _STDERR_CAP - len(kept[key.data])]
                elif len(kept[key.data]) + len(chunk) > stdout_cap:
                    raise LimitExceeded(f"{name} answered with more than {stdout_cap} bytes")
                else:
                    kept[key.data] += chunk
    try:
        returncode = process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as exc:
        raise LimitExceeded(f"{name} did not finish within {timeout_s:g} s") from exc
    errors = kept[process.stderr].decode("utf-8", "replace").strip()
    return Completed(bytes(kept[process.stdout]), errors, returncode)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it started; reap it; close our ends of the pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
