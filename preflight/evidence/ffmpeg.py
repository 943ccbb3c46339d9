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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from preflight.errors import ToolError

__all__ = [
    "SKIPPING",
    "Completed",
    "Demuxer",
    "Ffmpeg",
    "LimitExceeded",
    "PictureLog",
    "Sink",
    "SoundLog",
    "pieces",
    "run",
]

Sink = Callable[[bytes], None]
"""Takes what a process writes, as it comes, and ``b""`` at the end. What it raises ends the process."""

_STDERR_CAP = 64 * 1024
_ADDRESS_SPACE = 4 << 30
_ADDRESS_SPACE_TO_ENCODE = 8 << 30  # x264 keeps dozens of frames, and each of its threads reserves an arena
_MAX_ALLOC = 256 << 20
_CHUNK = 1 << 18
_PCM_RATE = 16_000
_IN_A_ROW = 1 << 20
_TIMES_CAP = 32 << 20  # a line for each frame: a hundred hours
# Stands for the file while a command is built: the builder cannot take in names that are not Unicode.
_INPUT = "file:<input>"
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_PACKETS_CAP = 48 << 20  # about a million packets: four hours of video and sound

# Decoders a checked file may need. Wider than what the service accepts, so that a clip in the wrong codec
# is reported for that alone; narrow enough to keep rare and fragile decoders out of reach.
_PICTURE_DECODERS = "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,mpeg4,mpeg2video,mjpeg,prores,png"
_SOUND_DECODERS = (
    "aac,mp3,mp3float,ac3,eac3,opus,libopus,vorbis,flac,alac,pcm_s16le,pcm_s16be,pcm_s24le,pcm_f32le"
)
SKIPPING = frozenset({"h264", "hevc"})
"""The codecs whose decoders leave out what is no key frame when told to; others decode all the same."""
_DECODERS = f"{_PICTURE_DECODERS},{_SOUND_DECODERS}"


class Demuxer:
    """The demuxers we hand files to, by the name ffmpeg gives them."""

    MOV = "mov"
    MATROSKA = "matroska"
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP3 = "mp3"


_AS_LISTED = {Demuxer.MOV: {"fflags": "+noparse"}}
"""Takes packets as the index lists them, where there is one, and does not look into them for more."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that ended by itself: what it printed, capped, and its exit code."""

    stdout: bytes
    stderr: str
    returncode: int


@dataclass(frozen=True, slots=True)
class SoundLog:
    """What a decode of a sound track says besides its samples.

    ``loudness_lufs`` and ``true_peak_dbtp`` are those of EBU R 128 (ITU-R BS.1770) for all that was decoded;
    ``None`` for silence, which has none. ``full_scale_share`` is the share of samples within 1 dB of full
    scale; ``flat_share`` is that of samples in the loudest step of 1 dB of any weight, where it is a cliff:
    in a clean sound the counts grow gently from step to step, and it is 0. ``complaints`` are the decoder's
    lines.
    """

    loudness_lufs: float | None
    true_peak_dbtp: float | None
    full_scale_share: float | None
    flat_share: float | None
    complaints: str


@dataclass(frozen=True, slots=True)
class PictureLog:
    """The times of the frames that were written, in seconds, and the decoder's complaints."""

    times_s: tuple[float, ...]
    detail_times_s: tuple[float, ...]
    complaints: str


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

        Times are in seconds as printed by ffprobe, or ``N/A``. Of an MP4 file they and the flags are what its
        index says, not what its media say, which need not be here. Raises LimitExceeded for a table too large
        to be that of a recording.
        """
        return self._listed(path, demuxer, "pts_time,dts_time,duration_time,flags", timeout_s)

    def places(self, path: Path, demuxer: str, *, timeout_s: float = 60) -> Iterator[list[str]]:
        """The same packets, with their bytes: [stream index, pts, dts, size, position, flags]."""
        return self._listed(path, demuxer, "pts_time,dts_time,size,pos,flags", timeout_s)

    def _listed(self, path: Path, demuxer: str, what: str, timeout_s: float) -> Iterator[list[str]]:
        as_listed = [
            part for name, value in _AS_LISTED.get(demuxer, {}).items() for part in (f"-{name}", value)
        ]
        entries = f"packet=stream_index,{what}"
        done = self._ffprobe(
            path,
            demuxer,
            [*as_listed, "-show_entries", entries],
            form="csv=p=0",
            timeout_s=timeout_s,
            stdout_cap=_PACKETS_CAP,
        )
        return (line.decode("ascii", "replace").strip().split(",") for line in io.BytesIO(done.stdout))

    def decode_sound(
        self,
        path: Path,
        demuxer: str,
        *,
        track: int,
        sink: Sink,
        seconds: float | None = None,
        timeout_s: float = 60,
    ) -> SoundLog:
        """An audio track (by stream index), or its first ``seconds``, to ``sink`` as mono signed 16-bit
        little-endian PCM at 16 kHz; where it is the whole track, its loudness on the way.

        Sound that starts late is preceded by silence, so that positions are times of the file. Where the
        format of the sound changes on the way the decode ends: what filters make of it has other positions.
        May be shorter than asked, or empty: count the samples.
        """
        import ffmpeg as builder

        bounds = {} if seconds is None else {"t": seconds}
        source = builder.input(_INPUT, reinit_filter=0, **bounds, **self._decoding(demuxer, _SOUND_DECODERS))
        heard = source[str(track)].filter_multi_output("asplit", 3 if seconds is None else 1)
        samples = heard[0].filter("aresample", _PCM_RATE, **{"async": 1, "first_pts": 0})
        outputs = [
            builder.output(
                samples, "pipe:1", format="s16le", acodec="pcm_s16le", ac=1, ar=_PCM_RATE, **bounds
            )
        ]
        if seconds is None:
            # its lines for every tenth of a second go to a level that is not shown
            loudness = heard[1].filter("ebur128", peak="true", framelog="verbose")
            volume = heard[2].filter("volumedetect")
            outputs += [builder.output(stream, "pipe:1", format="null") for stream in (loudness, volume)]
        output = builder.merge_outputs(*outputs)
        done = self._ffmpeg(output, path, timeout_s=timeout_s, sinks=[sink], level="level+info")
        return _sound_log(_without_unused(done.stderr, _PICTURE_DECODERS))

    def decode_pictures(
        self,
        path: Path,
        demuxer: str,
        *,
        track: int,
        key_frames_only: bool,
        listed_only: bool = False,
        size: tuple[int, int],
        sink: Sink,
        detail_size: tuple[int, int],
        detail_every_s: float,
        detail_sink: Sink,
        timeout_s: float,
        halvings: int = 0,
        stretch: tuple[float, float] | None = None,
    ) -> PictureLog:
        """A video track (by stream index) as it is shown, in one decode: every frame at ``size`` to ``sink``,
        and one every ``detail_every_s`` at ``detail_size`` to ``detail_sink``.

        Frames are grey, a byte a pixel, rows from the top; sizes are (width, height) in pixels. They come one
        after the other with nothing between them. Count them: damaged input ends without an error. As many
        times as ``halvings`` says, every other row is left out before a frame is made small, since scaling
        costs by the row. With ``listed_only`` the decoder is given no more frames than the index lists as
        key frames, once the beginning was looked at. ``stretch`` is a part of the picture, (start, end) in
        seconds; it should start at a key frame. Times are those of the whole all the same.
        """
        import ffmpeg as builder

        skipping = {"skip_frame": "nokey"} if key_frames_only else {}
        skipping |= {"discard": "nokey"} if listed_only else {}
        start, end = stretch or (0.0, 0.0)
        part = {} if stretch is None else {"ss": f"{start:.6f}", "t": f"{end - start:.6f}"}
        source = builder.input(_INPUT, **self._decoding(demuxer, _PICTURE_DECODERS), **skipping, **part)
        spaced = rf"select=isnan(prev_selected_t)+gte(t-prev_selected_t\,{detail_every_s:.3f})"
        times, detail_times = bytearray(), bytearray()
        sinks = [sink, _capped(times, _TIMES_CAP), detail_sink, _capped(detail_times, _TIMES_CAP)]
        raw = {"format": "rawvideo", "vcodec": "rawvideo"}
        stamps = {"format": "mkvtimestamp_v2", "vcodec": "wrapped_avframe"}
        outputs = [
            # A graph for each, as ffmpeg forgets what to discard where one graph has them all. Flushed when a
            # buffer is full, not after each frame: each flush wakes up who reads.
            builder.output(
                source[str(track)], f"pipe:<{at}>", vf=graph, **form, **self._every_frame, flush_packets=0
            )
            for at, (graph, form) in enumerate(
                [
                    ("field," * halvings + _grey(size), raw),
                    ("null", stamps),
                    (f"{spaced},{_grey(detail_size)}", raw),
                    (spaced, stamps),
                ]
            )
        ]
        done = self._ffmpeg(builder.merge_outputs(*outputs), path, timeout_s=timeout_s, sinks=sinks)
        shown = (
            tuple(start + time for time in _times(times)),
            tuple(start + time for time in _times(detail_times)),
        )
        log = _without_unused(done.stderr, _SOUND_DECODERS)
        return PictureLog(*shown, _without_addresses(log))

    @cached_property
    def _every_frame(self) -> dict[str, str]:
        """The option for "neither drop frames nor repeat them", which got a new name in version 5.1."""
        found = re.match(r"n?(\d+)\.(\d+)", self.version)
        old = found is not None and (int(found[1]), int(found[2])) < (5, 1)
        return {"vsync" if old else "fps_mode": "passthrough"}

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

    def _input_options(self, demuxer: str, decoders: str = _DECODERS) -> dict[str, Any]:
        return {
            "protocol_whitelist": "file",
            "codec_whitelist": decoders,
            "max_alloc": _MAX_ALLOC,
            "threads": 1,
            "format": demuxer,
        }

    def _decoding(self, demuxer: str, decoders: str) -> dict[str, Any]:
        """How a file is opened for a decode. Of what is not to be decoded no byte is looked at, nor is there
        any complaint of it: it need not be here."""
        return self._input_options(demuxer, decoders) | _AS_LISTED.get(demuxer, {})

    def _ffmpeg(
        self, output: Any, path: Path, *, timeout_s: float, sinks: Sequence[Sink], level: str = "error"
    ) -> Completed:
        """Run what was built. Outputs ``pipe:<0>``, ``pipe:<1>`` … go to the sinks; a lone one is pipe:1."""
        import ffmpeg as builder

        program = [self.ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-v", level]
        program += [
            "-filter_complex_threads",
            "1",
            "-filter_threads",
            "1",
        ]  # as the decoders: frames this small are not worth more
        built = builder.compile(output, cmd=program)
        argv = [f"file:{path}" if part == _INPUT else part for part in built]
        if len(sinks) == 1:
            return run(argv, timeout_s=timeout_s, stdout=sinks[0])
        return run(argv, timeout_s=timeout_s, stdout_cap=0, pipes=sinks)

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


def _grey(size: tuple[int, int]) -> str:
    return f"scale={size[0]}:{size[1]}:flags=area,format=gray"


def _capped(kept: bytearray, cap: int) -> Sink:
    """A sink that keeps what it gets. Raises LimitExceeded beyond the cap."""

    def take(chunk: bytes) -> None:
        if len(kept) + len(chunk) > cap:
            raise LimitExceeded(f"answered with more than {cap} bytes")
        kept.extend(chunk)

    return take


def pieces(size: int, take: Sink) -> Sink:
    """A sink that passes on whole pieces of ``size`` bytes; what is left over at the end is dropped.

    Small ones are passed on many in a row: one at a time, in turn with the reading, takes twice as long.
    """
    rest = bytearray()

    def cut(chunk: bytes) -> None:
        rest.extend(chunk)
        if chunk and len(rest) < _IN_A_ROW:
            return
        whole = len(rest) // size * size
        for at in range(0, whole, size):
            take(bytes(rest[at : at + size]))
        del rest[:whole]

    return cut


def _times(lines: bytearray) -> tuple[float, ...]:
    """The times of a timecode file: milliseconds, one a line, after a line that says so."""
    return tuple(float(line) / 1000 for line in lines.decode("ascii", "replace").split("\n")[1:] if line)


_NUMBER = r"(-?\d+(?:\.\d+)?)"
_SILENCE_DB = -90.0  # what 16 bits can hold


def _sound_log(log: str) -> SoundLog:
    """Read the summaries that the filters print at their end.

    Only lines from the left margin count: tags of the file, which say what they like, are printed indented.
    And only the last of each kind: ffmpeg also prints those of a first graph that it throws away.
    """
    volume = r"^\[Parsed_volumedetect\S*\] \[info\] "
    log = _without_addresses(log)
    samples = _last(volume + r"n_samples: (\d+)$", log)
    steps = re.findall(volume + r"histogram_(\d+)db: (\d+)$", log, re.MULTILINE)
    counts = {int(step): int(count) for step, count in steps}
    full, flat = counts.get(0, 0), _flat([counts[step] for step in sorted(counts)])
    peak = _last(volume + rf"max_volume: {_NUMBER} dB$", log)
    audible = peak is not None and peak > _SILENCE_DB
    summary = re.split(r"^\[Parsed_ebur128\S*\] \[info\] Summary:$", log, flags=re.MULTILINE)[-1]
    complaints = re.findall(r"^(\[.*?\] )\[(?:error|fatal)\] (.*)$", log, re.MULTILINE)
    return SoundLog(
        loudness_lufs=_last(rf"^    I: +{_NUMBER} LUFS$", summary) if audible else None,
        true_peak_dbtp=_last(rf"^    Peak: +{_NUMBER} dBFS$", summary) if audible else None,
        full_scale_share=full / samples if samples else None,
        flat_share=flat / samples if samples and audible else None,
        complaints="\n".join(part + said for part, said in complaints),
    )


_CLIFF = 20  # times: in clean voices a step of 1 dB holds up to 7 times as many samples as all louder ones


def _flat(counts: Sequence[int]) -> int:
    """The samples in the last of some steps of 1 dB, from the loudest down, if it is a cliff.

    volumedetect counts down to the step at which a thousandth of the samples is reached.
    """
    if not counts or counts[-1] < _CLIFF * sum(counts[:-1]):
        return 0
    return counts[-1]


def _last(pattern: str, text: str) -> float | None:
    found = re.findall(pattern, text, re.MULTILINE)
    return float(found[-1]) if found else None


def _without_unused(log: str, decoders: str) -> str:
    """The log without the lines on decoders that were left out because they were not needed."""
    names = decoders.replace(",", "|")
    line = rf"^.*\bCodec \((?:{names})\) not on whitelist .*(?:\n    Last message repeated .*)?(?:\n|\Z)"
    return re.sub(line, "", log, flags=re.MULTILINE)


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


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    stdout_cap: int = 0,
    stdout: Sink | None = None,
    pipes: Sequence[Sink] = (),
    max_written: int = 0,
) -> Completed:
    """Run a command to its end, within its limits. ``max_written`` is how large a file it may write.

    Standard output is kept, up to ``stdout_cap`` bytes, or goes to the sink ``stdout``. An argument
    ``pipe:<N>`` becomes a pipe of its own, read into the sink ``pipes[N]``. Raises LimitExceeded when the
    command is too slow or prints too much (it and its children are then killed), and ToolError when it
    cannot be started.
    """
    name = Path(argv[0]).name
    kept, errors = bytearray(), _HeadAndTail()
    with contextlib.ExitStack() as cleanup:
        ends = [_pipe(cleanup) for _ in pipes]
        named = {f"pipe:<{at}>": f"pipe:{writing.fileno()}" for at, (_, writing) in enumerate(ends)}
        try:
            process = subprocess.Popen(
                [named.get(argument, argument) for argument in argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[writing.fileno() for _, writing in ends],
                start_new_session=True,
                cwd="/",
                env={"LC_ALL": "C"} | {key: os.environ[key] for key in _INHERITED if key in os.environ},
            )
        except OSError as exc:
            raise ToolError(f"{name} could not be started: {exc.strerror}") from exc
        cleanup.callback(_kill_group, process)
        for _, writing in ends:
            writing.close()  # only the process writes, so that its end is the end of the pipe
        _limit(process.pid, timeout_s, max_written)
        sinks: dict[Any, Sink] = {
            process.stdout: stdout or _capped(kept, stdout_cap),
            process.stderr: errors.take,
        }
        sinks |= {reading: sink for (reading, _), sink in zip(ends, pipes, strict=True)}
        returncode = _collect(process, name, sinks, timeout_s)
    return Completed(bytes(kept), errors.text(), returncode)


def _pipe(cleanup: contextlib.ExitStack) -> tuple[io.FileIO, io.FileIO]:
    """The reading and the writing end of a new pipe, closed when the work is over."""
    reading, writing = os.pipe()
    return cleanup.enter_context(io.FileIO(reading, "r")), cleanup.enter_context(io.FileIO(writing, "w"))


class _HeadAndTail:
    """Keeps the beginning and the end of what is said, where that is more than can be kept."""

    def __init__(self) -> None:
        self._head, self._tail = bytearray(), bytearray()

    def take(self, chunk: bytes) -> None:
        room = _STDERR_CAP // 2 - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        del self._tail[: -_STDERR_CAP // 2]

    def text(self) -> str:
        return (self._head + self._tail).decode("utf-8", "replace").strip()


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


def _collect(process: subprocess.Popen[bytes], name: str, sinks: dict[Any, Sink], timeout_s: float) -> int:
    """Read all the process writes until it closes its pipes, and wait for its end."""
    deadline = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as selector:
        for pipe, sink in sinks.items():
            selector.register(pipe, selectors.EVENT_READ, sink)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if time.monotonic() >= deadline:
                raise LimitExceeded(f"{name} did not finish within {timeout_s:g} s")
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                try:
                    key.data(chunk)
                except LimitExceeded as exc:
                    raise LimitExceeded(f"{name} {exc}") from exc
    try:
        return process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as exc:
        raise LimitExceeded(f"{name} did not finish within {timeout_s:g} s") from exc


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it started; reap it; close our ends of the pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
