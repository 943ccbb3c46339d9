"""A file behind an address: what is found is what would be found in a copy, and little of it is read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import preflight
from fixtures.cases import FIXTURES
from preflight.errors import SourceError, Unavailable
from preflight.evidence import samples
from preflight.evidence.boxes import BoxFacts
from preflight.evidence.decode import Source, view
from preflight.evidence.ffmpeg import Demuxer, Ffmpeg
from preflight.evidence.file import Container, boxes_of, examine
from preflight.evidence.media import MediaFacts, PacketFacts
from preflight.network import parts
from preflight.network.door import Door, Patience
from preflight.network.fetch import Fetching
from preflight.network.parts import HEAD
from preflight.network.remote import RemoteFile
from preflight.network.sparse import MAX_REQUESTS, Line, missing, plan, total, union
from preflight.report import Report
from tests.listener import Listener
from tests.test_boxes import box, edits, header, movie, track
from tests.web_server import (
    Exchange,
    Manner,
    WebServer,
    changes_etag,
    endless,
    html,
    ignores_ranges,
    in_turn,
    properly,
    redirects,
    resets,
    serving,
    status,
    too_few_bytes,
    wrong_range,
)

pytestmark = pytest.mark.media

SPOKEN = FIXTURES / "training_video" / "statement-at-opening-valid" / "clip.mp4"
MAX_BYTES = 100 << 20
LAYOUTS = {
    "index in front": ("-movflags", "+faststart"),
    "end, chunks of a second": ("-chunk_duration", "1000000"),
}
FRAGMENTS = ("-movflags", "frag_keyframe+empty_moov")


def ffmpeg(*arguments: object) -> None:
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(argv, check=True, timeout=60)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s of noise at some 16 Mbit/s, and somebody speaking."""
    path = tmp_path_factory.mktemp("take") / "take.mp4"
    noise = "testsrc2=size=640x360:rate=30:duration=12,noise=alls=60:allf=t,format=yuv420p"
    ffmpeg(
        *("-f", "lavfi", "-i", noise, "-i", SPOKEN, "-map", "0:v", "-map", "1:a", "-t", 12),
        *("-c:v", "libx264", "-preset", "ultrafast", "-bf", 2, "-b:v", "16M", "-g", 60),
        *("-c:a", "aac", "-b:a", "64k", path),
    )
    return path


@pytest.fixture(scope="module")
def clips(take: Path) -> Callable[..., Path]:
    """The take in another layout, made once."""

    def clip(layout: tuple[str, ...]) -> Path:
        path = take.with_name(f"{abs(hash(layout))}.mp4")
        if not path.exists():
            ffmpeg("-i", take, "-c", "copy", *layout, path)
        return path

    return clip


@contextlib.contextmanager
def opened(
    content: bytes,
    manner: Manner = properly,
    *,
    max_bytes: int = MAX_BYTES,
    name: str = "/clip.mp4?signature=canary",
    progress: Any = None,
    **more: Any,
) -> Iterator[tuple[RemoteFile, WebServer]]:
    with (
        serving(content, manner, **more) as server,
        Fetching(max_bytes=max_bytes, allow_hosts=[server.host], progress=progress) as fetching,
    ):
        yield fetching.open(server.url(name)), server


def refused(remote: RemoteFile, need: Callable[[RemoteFile], Any] = RemoteFile.need_all) -> str:
    """What is said where a file cannot be had; never what signs its address."""
    with pytest.raises(SourceError) as refusal:
        need(remote)
    message = str(refusal.value)
    assert "canary" not in message
    assert re.match(r"http://127\.0\.0\.1:\d+/clip\.mp4: ", message)
    return re.sub(r"^.*?clip\.mp4: ", "", message)


# ---- the same facts, sound and pictures


def facts(path: Path) -> tuple[MediaFacts, PacketFacts, BoxFacts]:
    tool = Ffmpeg.locate()
    media = MediaFacts.from_ffprobe(tool.probe(path, Demuxer.MOV))
    packets = PacketFacts.from_ffprobe(tool.packets(path, Demuxer.MOV), media)
    return media, packets, boxes_of(examine(path, digest=False))


def sound(path: Path, seconds: float | None) -> tuple[bytes, Any]:
    pcm, media = bytearray(), facts(path)[0]
    log = Ffmpeg.locate().decode_sound(
        path, Demuxer.MOV, track=media.first_audio.index, sink=pcm.extend, seconds=seconds
    )
    return bytes(pcm), log


def seen(path: Path, **how: Any) -> Any:
    media = facts(path)[0]
    viewed = view(Source(Ffmpeg.locate(), path, Demuxer.MOV), media.first_video, 12.0, **how)
    return viewed.picture, viewed.complaints


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_fact_is_that_of_the_file(clips: Any, layout: tuple[str, ...]) -> None:
    """The parts that were read are enough for each of them, and much is not read."""
    clip = clips(layout)
    with opened(clip.read_bytes()) as (remote, _):
        remote.need_start()
        assert facts(clip) == facts(remote.path)
        assert examine(clip).missing_bytes == examine(remote.path, digest=False).missing_bytes
        assert examine(clip).index_first is examine(remote.path, digest=False).index_first

        remote.need_sound(5.5)
        assert sound(clip, 5.5) == sound(remote.path, 5.5)
        assert remote.facts.read_bytes < 300_000

        remote.need_sound()
        assert sound(clip, None) == sound(remote.path, None)
        assert remote.facts.read_bytes < 400_000

        remote.need_key_frames()
        assert seen(clip, every_frame=False) == seen(remote.path, every_frame=False)

        remote.need_stretch(7.998, 9.5)
        stretch = {"every_frame": True, "stretch": (7.998, 9.5)}
        assert seen(clip, **stretch) == seen(remote.path, **stretch)
        assert (False, None) == (remote.facts.whole, remote.facts.sha256)

        remote.need_all()
        assert clip.read_bytes() == remote.path.read_bytes()
        assert hashlib.sha256(clip.read_bytes()).hexdigest() == remote.facts.sha256


OTHER_CODECS = {
    "HEVC": ("-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-c:a", "aac"),
    "open groups": ("-c:v", "libx264", "-x264-params", "open-gop=1:keyint=30:scenecut=0", "-c:a", "aac"),
    "interlaced": ("-c:v", "libx264", "-flags", "+ilme+ildct", "-x264-params", "tff=1", "-c:a", "aac"),
    "both start late": ("-c:v", "libx264", "-c:a", "aac", "-output_ts_offset", "3.5"),
    "MP3": ("-c:v", "libx264", "-c:a", "libmp3lame"),
    "VP9": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "aac"),
    "PCM": ("-c:v", "libx264", "-c:a", "pcm_s16le"),
    "a time code": ("-c:v", "libx264", "-c:a", "aac", "-timecode", "01:00:00:00"),
}


@pytest.mark.parametrize("kind", OTHER_CODECS)
def test_other_codecs(kind: str, tmp_path: Path) -> None:
    """Whether a part is enough depends on what it is decoded with."""
    clip = tmp_path / ("clip.mov" if kind in ("PCM", "a time code") else "clip.mp4")
    noise = "testsrc2=size=320x240:rate=30:duration=4,noise=alls=60:allf=t,format=yuv420p"
    ffmpeg(
        *("-f", "lavfi", "-i", noise, "-f", "lavfi", "-i", "sine=frequency=300:duration=4"),
        *("-preset", "ultrafast", "-b:v", "9M", "-g", 45, *OTHER_CODECS[kind], clip),
    )
    with opened(clip.read_bytes()) as (remote, _):
        remote.need_start()
        assert facts(clip) == facts(remote.path)
        remote.need_sound(1.0)
        assert sound(clip, 1.0) == sound(remote.path, 1.0)
        assert remote.facts.read_bytes < clip.stat().st_size // 2
        remote.need_key_frames()
        assert seen(clip, every_frame=False) == seen(remote.path, every_frame=False)
        remote.need_stretch(1.499, 2.7)
        stretch = {"every_frame": True, "stretch": (1.499, 2.7)}
        assert seen(clip, **stretch) == seen(remote.path, **stretch)


def checked(source: object, depth: str) -> Report:
    return preflight.check(
        preflight.Submission(train_video=str(source), full_name="Maria Lopez"),
        preflight.Options(depth=depth, allow_hosts=("127.0.0.1",)),
        recogniser=Listener(),
    )


def found(report: Report) -> list[tuple[object, ...]]:
    return [
        (one.code, one.message, one.measured, one.at, one.assessed)
        for one in report.findings
        if not one.code.startswith("URL")
    ]


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("layout", ["index in front", "end, chunks of a second"])
def test_findings_are_those_of_the_file(clips: Any, layout: str, depth: str) -> None:
    """A check of the address says what a check of a copy says, word for word."""
    clip = clips(LAYOUTS[layout])
    with serving(clip.read_bytes()) as server:
        remote, local = checked(server.url(), depth), checked(clip, depth)

    assert found(local) == found(remote)
    assert local.consent == remote.consent
    asset = remote.assets[0]
    assert (None, clip.stat().st_size, '"v1"') == (asset.sha256, asset.size_bytes, asset.etag)
    assert asset.facts["read_bytes"] == server.sent_bytes
    assert asset.facts["requests"] == len(server.requests)
    if depth == "quick":
        assert server.sent_bytes < clip.stat().st_size / 60


# ---- tables that are read in two ways

Tree = list[tuple[bytes, Any]]
HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}


def tree(content: bytes) -> Tree:
    """The boxes of a file, taken apart as far as their tables."""
    found: Tree = []
    at = 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + size]
        found.append((kind, tree(body) if kind in HOLDERS else body))
        at += size
    return found


def joined(boxes: Tree) -> bytes:
    return b"".join(box(kind, joined(body) if isinstance(body, list) else body) for kind, body in boxes)


def held(boxes: Tree, *path: bytes) -> Any:
    """What the last box of a path holds, the last of its kind each time: of tracks that is the sound."""
    for kind in path:
        boxes = [body for known, body in boxes if known == kind][-1]
    return boxes


def replaced(boxes: Tree, kind: bytes, change: Callable[[bytes], bytes]) -> None:
    boxes[:] = [(known, change(body) if known == kind else body) for known, body in boxes]


def tiny_sizes_first(boxes: Tree) -> None:
    """Of two tables of sizes, ffmpeg takes the last."""
    table = held(boxes, b"moov", b"trak", b"mdia", b"minf", b"stbl")
    sizes = held(table, b"stsz")
    table.insert(0, (b"stsz", sizes[:12] + struct.pack(">I", 4) * ((len(sizes) - 12) // 4)))


def sound_that_is_called_text(boxes: Tree) -> None:
    """What a track is, ffmpeg also tells by its codec."""
    media = held(boxes, b"moov", b"trak", b"mdia")
    replaced(media, b"hdlr", lambda body: body[:8] + b"text" + body[12:])


def tracks_outside_the_index(boxes: Tree) -> None:
    """ffmpeg takes boxes wherever they are."""
    index = held(boxes, b"moov")
    boxes += [one for one in index if one[0] == b"trak"]
    index[:] = [one for one in index if one[0] != b"trak"]


def a_step_of_a_day(boxes: Tree) -> None:
    """A duration above 2**31 is a mistake to ffmpeg, which goes on without it."""
    table = held(boxes, b"moov", b"trak", b"mdia", b"minf", b"stbl")
    count, step = struct.unpack_from(">II", held(table, b"stts"), 8)
    runs = (50, step, 1, 0xFFFFFF00, count - 51, step)
    replaced(table, b"stts", lambda _: struct.pack(">8I", 0, 3, *runs))


def key_frames_in_another_table(boxes: Tree) -> None:
    """Those after which frames come that refer to earlier ones, as cameras of Apple list them."""
    table = held(boxes[:], b"moov")
    table = held(next(body for kind, body in table if kind == b"trak"), b"mdia", b"minf", b"stbl")
    first, *others = (number for (number,) in struct.iter_unpack(">I", held(table, b"stss")[8:]))
    replaced(table, b"stss", lambda _: struct.pack(">III", 0, 1, first))
    table.append((b"stps", struct.pack(f">II{len(others)}I", 0, len(others), *others)))


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize(
    "change",
    [
        tiny_sizes_first,
        sound_that_is_called_text,
        tracks_outside_the_index,
        a_step_of_a_day,
        key_frames_in_another_table,
    ],
)
def test_ffmpeg_decodes_nothing_that_is_not_here(
    change: Callable[[Tree], None], depth: str, clips: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it reads the index otherwise than we do, what it takes is fetched all the same."""
    monkeypatch.setattr(samples, "_SHORT_TRACK", 1000)
    boxes = tree(clips(()).read_bytes())
    change(boxes)
    path = tmp_path / "clip.mp4"
    path.write_bytes(joined(boxes))
    with serving(path.read_bytes()) as server:
        remote, local = checked(server.url(), depth), checked(path, depth)

    assert found(local) == found(remote)
    assert local.consent == remote.consent
    facts = remote.assets[0].facts
    assert local.assets[0].facts == {name: facts[name] for name in local.assets[0].facts}


def test_a_first_frame_that_says_nothing(clips: Any, tmp_path: Path) -> None:
    """What the picture is, ffmpeg tells by the next one then, which is fetched for that."""
    content = bytearray(clips(()).read_bytes())
    (video, _) = samples.read_index(io.BytesIO(content), len(content)).tracks
    first, end = int(video.starts[0]), int(video.ends[0])
    content[first:end] = bytes(end - first)
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with serving(bytes(content)) as server:
        remote, local = checked(server.url(), "quick"), checked(path, "quick")

    assert "yuv420p" == local.assets[0].facts["pixel_format"] == remote.assets[0].facts["pixel_format"]
    assert found(local) == found(remote)


# ---- whole files


def test_fragments_are_read_whole(clips: Any) -> None:
    """Where their samples are, only all of the file says."""
    clip = clips(FRAGMENTS)
    with opened(clip.read_bytes()) as (remote, server):
        remote.need_start()

        assert hashlib.sha256(clip.read_bytes()).hexdigest() == remote.facts.sha256
        assert server.sent_bytes == clip.stat().st_size
        assert len(server.requests) <= 3
        assert facts(clip) == facts(remote.path)


WITHOUT_PARTS: dict[str, tuple[Manner, str | None, int]] = {
    "no ranges": (ignores_ranges, '"v1"', 1),
    "no entity tag": (properly, None, 2),
    "a weak one": (properly, 'W/"v1"', 2),
    "an unknown length": (in_turn(wrong_range("bytes 0-65535/*"), properly), '"v1"', 2),
}


@pytest.mark.parametrize("kind", WITHOUT_PARTS)
def test_what_gives_no_parts_is_read_in_order(kind: str, take: Path) -> None:
    """Once, and no further request follows."""
    manner, etag, requests = WITHOUT_PARTS[kind]
    with opened(take.read_bytes(), manner, etag=etag) as (remote, server):
        remote.need_start()
        remote.need_sound(3.0)
        remote.need_key_frames()
        remote.need_all()

        assert take.read_bytes() == remote.path.read_bytes()
        assert hashlib.sha256(take.read_bytes()).hexdigest() == remote.facts.sha256
        assert (requests, requests) == (len(server.requests), remote.facts.requests)
        assert server.sent_bytes == remote.facts.read_bytes
        assert (manner is not ignores_ranges) is remote.facts.ranges


@pytest.mark.parametrize(
    "name", ["no index", "nonsense", "a billion samples", "an index larger than the file"]
)
def test_hostile_boxes(name: str) -> None:
    """They take no memory, and what is not understood is read whole, as any file."""
    claims = struct.pack(">III", 0, 0, 10**9)
    content = {
        "no index": box(b"ftyp", b"isom") + box(b"mdat", bytes(300_000)),
        "nonsense": box(b"ftyp", b"isom") + struct.pack(">I4s", 3, b"moov") + bytes(300_000),
        "a billion samples": movie(track(), box(b"trak", box(b"stsz", claims)))
        + box(b"mdat", bytes(300_000)),
        "an index larger than the file": box(b"ftyp", b"isom")
        + struct.pack(">I4sQ", 1, b"moov", 1 << 60)
        + bytes(300_000),
    }[name]
    with opened(content) as (remote, server):
        remote.need_start()

        assert len(content) == remote.path.stat().st_size
        assert (name != "no index") is remote.facts.whole
        assert server.sent_bytes <= len(content)
        remote.need_all()
        assert content == remote.path.read_bytes()


def test_many_edits_of_many_samples() -> None:
    """A hundred kilobytes that claim four million samples, played in ten thousand pieces."""
    count = 4_000_000
    tables = [
        box(b"stsd", struct.pack(">II", 0, 1), box(b"avc1", bytes(78))),
        box(b"stts", struct.pack(">IIII", 0, 1, count, 1)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, count, 1)),
        box(b"stsz", struct.pack(">III", 0, 1, count)),
        box(b"stco", struct.pack(">III", 0, 1, 100)),
    ]
    media = [header(b"mdhd", 1000, count), box(b"hdlr", bytes(8), b"vide", bytes(12))]
    media += [box(b"minf", box(b"stbl", *tables))]
    content = movie(box(b"trak", edits(*[(1, 5)] * 9_999), box(b"mdia", *media)))
    index = samples.read_index(io.BytesIO(content), len(content))
    begun = time.process_time()

    assert 21 == len(index.stretch(1.0, 5.0))
    assert time.process_time() - begun < 4


@pytest.mark.parametrize(
    ("content", "container"),
    [
        (b"\xff\xd8\xff" + bytes(200_000), Container.JPEG),
        (b"\x1a\x45\xdf\xa3" + bytes(99_999), Container.MATROSKA),
    ],
)
def test_other_formats_are_read_whole(content: bytes, container: Container) -> None:
    with opened(content) as (remote, server):
        remote.need_start()

        assert (container, True) == (remote.facts.container, remote.facts.whole)
        assert content == remote.path.read_bytes()
        assert (2, len(content)) == (len(server.requests), server.sent_bytes)


@pytest.mark.parametrize("size", [0, 1, 7, 4096, HEAD - 1, HEAD, HEAD + 1])
@pytest.mark.parametrize("manner", [properly, ignores_ranges], ids=["ranges", "none"])
def test_small_files(size: int, manner: Manner) -> None:
    """An empty one has no first byte to ask for; the rest is there after a request or two."""
    content = (b"\xff\xd8\xff" + bytes(size))[:size]
    with opened(content, manner) as (remote, _):
        remote.need_start()
        remote.need_all()

        assert content == remote.path.read_bytes()
        assert (size, True) == (remote.facts.size_bytes, remote.facts.whole)
        assert hashlib.sha256(content).hexdigest() == remote.facts.sha256


# ---- no more than is worth it


@pytest.mark.parametrize("manner", [properly, ignores_ranges], ids=["ranges", "none"])
def test_too_large_files_are_known_by_their_start(manner: Manner, take: Path) -> None:
    with opened(take.read_bytes(), manner, max_bytes=5_000_000) as (remote, server):
        remote.need_start()

        assert take.stat().st_size == remote.path.stat().st_size == remote.facts.size_bytes
        assert (Container.MP4, False, None) == (
            remote.facts.container,
            remote.facts.whole,
            remote.facts.sha256,
        )
        assert remote.facts.read_bytes <= 2 * HEAD
        for need in (RemoteFile.need_index, RemoteFile.need_sound, RemoteFile.need_all):
            with pytest.raises(Unavailable, match="no more than 5,000,000 are read"):
                need(remote)
        assert 1 == len(server.requests)


def test_a_length_that_nothing_has() -> None:
    content = box(b"ftyp", b"isom")
    with opened(content * 9_000, wrong_range(f"bytes 0-65535/{10**17}")) as (remote, _):
        assert "is said to have 100000000000000000 bytes" in refused(remote)


def test_pages_are_read_no_further(take: Path) -> None:
    """They are told by their first bytes."""
    page = b"<!doctype html><title>Sign in</title>" + b" " * 5_000_000
    for manner in (properly, ignores_ranges):
        with opened(page, manner) as (remote, server):
            remote.need_start()

            assert "an HTML page" == remote.facts.kind
            assert 1 == len(server.requests)
            assert remote.facts.read_bytes <= 2 * HEAD
    with opened(take.read_bytes(), html) as (remote, _):
        assert (True, True) == (remote.facts.is_page, remote.facts.whole)


def test_what_never_ends() -> None:
    """Is read to the limit, and is then no file."""
    with opened(b"", endless, max_bytes=1 << 20) as (remote, _):
        remote.need_start()  # the first bytes are those of plain text
        assert "goes on after 1048576 bytes" in refused(remote)


# ---- servers that misbehave


MISBEHAVING: dict[str, tuple[Manner, str]] = {
    "no such file": (status(404), "the server answered 404: there is no file"),
    "another part": (wrong_range(), "the server sends others: bytes 1-65536/"),
    "a part of nothing": (wrong_range("bytes of some kind"), "the server sends others: bytes of some kind"),
    "the tag changes": (changes_etag, "changed while it was being read; check it again"),
    "later parts are others": (in_turn(properly, wrong_range()), "changed while it was being read"),
    "later answers are whole": (in_turn(properly, ignores_ranges), "changed while it was being read"),
    "gone later": (in_turn(properly, status(403)), "the server answered 403"),
    "too few bytes": (too_few_bytes(), "ended the answer early"),
    "broken at once": (resets(), "broke the connection"),
    "broken each time": (in_turn(properly, resets()), "broke the connection"),
}


@pytest.mark.parametrize("kind", MISBEHAVING)
def test_misbehaving_servers(kind: str, take: Path) -> None:
    """Each has its message; what was read is not taken for the file."""
    manner, message = MISBEHAVING[kind]
    with opened(take.read_bytes(), manner) as (remote, _):
        assert message in refused(remote, RemoteFile.need_sound)
        assert message in refused(remote)


def test_an_answer_that_comes_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one span it takes no memory."""

    def crumbs(exchange: Exchange) -> None:
        headers = exchange.server.file_headers() | {"Transfer-Encoding": "chunked"}
        exchange.head(206, headers | {"Content-Range": f"bytes 0-4095/{len(content)}"})
        exchange.send(b"".join(b"1\r\n%c\r\n" % byte for byte in content) + b"0\r\n\r\n")

    def counted(spans: Any, **how: Any) -> Any:
        spans = list(spans)
        counts.append(len(spans))
        return union(spans, **how)

    counts: list[int] = []
    content = b"\xff\xd8\xff" + bytes(4093)
    monkeypatch.setattr(parts, "union", counted)
    with opened(content, crumbs) as (remote, _):
        remote.need_all()

        assert content == remote.path.read_bytes()
        assert 1 == max(counts)


def test_slow_answers_add_up(take: Path) -> None:
    """Each comes within its time, and there may be thousands of them."""

    def slow(exchange: Exchange) -> None:
        exchange.wait(0.4)
        properly(exchange)

    def hasty() -> Door:
        return Door(allow_hosts=["127.0.0.1"], patience=Patience(body_s=0.6))

    with (
        serving(take.read_bytes(), slow) as server,
        Fetching(max_bytes=MAX_BYTES, door=hasty) as fetching,
    ):
        remote = fetching.open(server.url("/clip.mp4?signature=canary"))
        assert "was not read after 0.6 s; try again later" in refused(remote, RemoteFile.need_start)


def test_a_new_file_in_place_of_the_first(take: Path) -> None:
    """One that is of another length, read in order for want of a tag."""

    def shorter(exchange: Exchange) -> None:
        exchange.server.content = exchange.server.content[:-1]
        properly(exchange)

    with opened(take.read_bytes(), in_turn(properly, shorter), etag=None) as (remote, _):
        assert "changed while it was being read" in refused(remote)


def test_a_broken_connection_is_made_again(take: Path) -> None:
    """Twice for a part; what came before it broke is not asked for again."""
    manner = in_turn(properly, properly, resets(100), resets(100), properly)
    with opened(take.read_bytes(), manner) as (remote, server):
        remote.need_all()

        assert take.read_bytes() == remote.path.read_bytes()
        assert remote.facts.whole
        assert server.sent_bytes == remote.facts.read_bytes


def test_nothing_of_a_failed_read_counts(take: Path) -> None:
    """What breaks off is not here, and a later need has it all the same."""
    manner = in_turn(properly, too_few_bytes(), properly)
    with opened(take.read_bytes(), manner, etag=None) as (remote, _):
        assert "ended the answer early" in refused(remote)
        assert (False, None) == (remote._parts.whole, remote._sha256)

        remote.need_all()
        assert hashlib.sha256(take.read_bytes()).hexdigest() == remote.facts.sha256


@pytest.mark.parametrize("layout", [LAYOUTS["index in front"], ()], ids=["front", "end"])
def test_an_upload_that_was_cut_short(clips: Any, layout: tuple[str, ...]) -> None:
    """Says the same of itself as the local file, with its samples beyond the end and without its index."""
    content = clips(layout).read_bytes()[: 9 << 20]
    with serving(content) as server:
        remote = checked(server.url(), "quick")
        assert server.sent_bytes < 400_000
    path = clips(layout).with_name("clip.mp4")
    path.write_bytes(content)

    assert found(checked(path, "quick")) == found(remote)


def test_redirects_are_followed_once(take: Path) -> None:
    with opened(take.read_bytes(), redirects("/there.mp4?signature=canary")) as (remote, server):
        remote.need_sound(3.0)

        assert 1 == [request.target for request in server.requests].count("/clip.mp4?signature=canary")
        assert (1, len(server.requests)) == (remote.facts.redirects, remote.facts.requests)


def test_progress_and_what_is_left_behind(take: Path) -> None:
    """Bytes received never go back, and are no more than were planned. The folder goes."""
    told: list[tuple[int, int | None]] = []
    with opened(take.read_bytes(), progress=lambda name, done, of: told.append((done, of))) as (remote, _):
        remote.need_sound(3.0)
        remote.need_sound(3.0)
        remote.need_start()
        requests = remote.facts.requests
        remote.need_sound(2.0)
        assert requests == remote.facts.requests
        folder, read = remote.path.parent, remote.facts.read_bytes

    assert told == sorted(told, key=lambda one: one[0])
    assert all(of is None or done <= of for done, of in told)
    assert told[-1][0] == told[-1][1] == read
    assert not folder.exists()


# ---- what to ask for


def test_union_and_missing() -> None:
    held = union([(10, 20), (30, 40), (20, 25), (7, 7)])

    assert [(10, 25), (30, 40)] == held
    assert [(0, 10), (25, 30), (40, 50)] == missing([(0, 50)], held)
    assert [] == missing([(12, 18), (30, 40)], held)
    assert [(25, 26)] == missing([(12, 26)], held)
    assert 25 == total(held)


def test_ranges_are_one_where_another_request_takes_longer() -> None:
    """The bytes between them that are read in the time of a request, beside fifteen others."""
    line = Line(round_trip_s=0.16, bytes_per_s=100_000)
    gap = round(line.gap)

    assert 1000 == gap
    near = [(0, 10), (10 + gap, 20 + gap)]
    far = [(0, 10), (11 + gap, 21 + gap)]
    assert [(0, 20 + gap)] == plan(near, [], 1 << 30, line)
    assert far == plan(far, [], 1 << 30, line)


def test_a_line_counts_within_bounds() -> None:
    """However quick it is, bytes are worth something; however slow, a gap has its limit."""
    assert Line(1e-6, 1e12).gap == Line(0.025, 8e6).gap == 12_500
    assert Line(60.0, 1e12).gap == 500_000
    assert Line(60.0, 0.0).gap == 6250


def test_in_order_where_pieces_cost_more() -> None:
    """At the limit, a byte decides between a thousand requests and one."""
    line = Line(round_trip_s=0.1, bytes_per_s=1_000_000)
    step = 10 + round(line.gap)

    def pieces(step: int) -> list[tuple[int, int]]:
        return plan([(at * step, at * step + 10) for at in range(1000)], [], 1 << 30, line)

    assert [(0, 999 * step + 10)] == pieces(step)
    assert 1000 == len(pieces(step + 1))


def test_in_order_where_there_are_too_many() -> None:
    """No server is asked so many thousand times."""
    line = Line(round_trip_s=0.1, bytes_per_s=1_000_000)
    ranges = [(at * 10_000, at * 10_000 + 10) for at in range(MAX_REQUESTS + 1)]

    assert ranges[:-1] == plan(ranges[:-1], [], 1 << 30, line)
    assert [(0, ranges[-1][1])] == plan(ranges, [], 1 << 30, line)


def test_what_is_beyond_the_end_is_not_asked_for() -> None:
    assert [(90, 100)] == plan([(90, 110), (120, 130)], [], 100, Line(0.1, 1e6))
