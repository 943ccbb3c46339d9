"""The reader of boxes: what edit lists say, and that no bytes make it crash, hang or take memory."""

from __future__ import annotations

import contextlib
import io
import struct
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.cases import FIXTURES
from preflight.errors import Unavailable
from preflight.evidence.boxes import (
    BoxFacts,
    EditedTrack,
    Segment,
    index_comes_first,
    missing_bytes,
    read_boxes,
)


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def header(kind: bytes, timescale: int, duration: int, *, version: int = 0) -> bytes:
    """A movie or media header."""
    if version == 1:
        return box(kind, struct.pack(">IQQIQ", 1 << 24, 0, 0, timescale, duration), bytes(8))
    return box(kind, struct.pack(">IIIII", 0, 0, 0, timescale, duration), bytes(8))


def edits(*entries: tuple[int, int], version: int = 0) -> bytes:
    """An edit list: (length in movie units, first media unit) each."""
    form = ">QqI" if version == 1 else ">IiI"
    packed = b"".join(struct.pack(form, length, begin, 1 << 16) for length, begin in entries)
    return box(b"edts", box(b"elst", struct.pack(">II", version << 24, len(entries)), packed))


def track(
    *,
    kind: bytes = b"vide",
    duration: int = 10_000,
    version: int = 0,
    edts: bytes = b"",
    descriptions: int = 1,
) -> bytes:
    stsd = box(b"stsd", struct.pack(">II", 0, descriptions), box(b"avc1") * min(descriptions, 3))
    mdia = box(
        b"mdia",
        header(b"mdhd", 1000, duration, version=version),
        box(b"hdlr", bytes(8), kind, bytes(12)),
        box(b"minf", box(b"stbl", stsd)),
    )
    return box(b"trak", edts, mdia)


def movie(*inside: bytes, version: int = 0) -> bytes:
    return box(b"ftyp", b"isom") + box(b"moov", header(b"mvhd", 600, 6000, version=version), *inside)


def read(data: bytes) -> BoxFacts:
    return read_boxes(io.BytesIO(data), len(data))


def only(data: bytes) -> EditedTrack:
    (found,) = read(data).tracks
    return found


@pytest.mark.parametrize("version", [0, 1])
def test_both_versions_of_headers_and_lists(version: int) -> None:
    """Lengths are in movie units, beginnings in those of the track."""
    edts = edits((1200, 500), (600, 4500), version=version)
    found = only(movie(track(version=version, edts=edts), version=version))

    assert EditedTrack("video", 10.0, 0.0, (Segment(0.5, 2.5), Segment(4.5, 5.5))) == found
    assert ((2.0, 2.0),) == found.joints
    assert (0.5, 4.5) == (found.hidden_start_s, found.hidden_end_s)


def test_no_edit_list_plays_all() -> None:
    found = only(movie(track()))

    assert ((), 0.0, 0.0, ()) == (found.segments, found.hidden_start_s, found.hidden_end_s, found.joints)


def test_edit_that_plays_nothing_delays() -> None:
    """media_time -1: a second of nothing first, then all of it; one in the middle moves no joint."""
    found = only(movie(track(edts=edits((600, -1), (3000, 0), (600, -1), (3000, 5000)))))

    assert 1.0 == found.delay_s
    assert (Segment(0.0, 5.0), Segment(5.0, 10.0)) == found.segments
    assert ((6.0, 0.0),) == found.joints


def test_list_without_entries() -> None:
    assert () == only(movie(track(edts=edits()))).segments
    assert () == only(movie(track(edts=box(b"edts")))).segments


def test_fragments_know_no_length() -> None:
    """An edit of length 0 plays to an end that the header does not know: nothing is hidden."""
    found = read(movie(track(duration=0, edts=edits((0, 70))), box(b"mvex")))

    assert (None, 0.0) == (found.tracks[0].media_s, found.tracks[0].hidden_end_s)
    assert (Segment(0.07, 0.07),) == found.tracks[0].segments


@pytest.mark.parametrize(("version", "unknown"), [(0, 2**32 - 1), (1, 2**64 - 1)])
def test_length_of_all_ones_is_unknown(version: int, unknown: int) -> None:
    assert only(movie(track(duration=unknown, version=version))).media_s is None


def test_descriptions_are_counted() -> None:
    assert 2 == only(movie(track(descriptions=2))).descriptions
    assert ["video", "audio", "other"] == [
        one.kind for one in read(movie(track(), track(kind=b"soun"), track(kind=b"text"))).tracks
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no index"),
        (box(b"ftyp"), "holds no index"),
        (box(b"moov"), "has no mvhd box"),
        (box(b"moov", header(b"mvhd", 0, 0)), "is damaged"),
        (box(b"moov", box(b"mvhd")), "is damaged"),
        (movie(box(b"trak")), "has no mdia box"),
        (movie(*[track()] * 65), "holds 65 tracks"),
        (
            movie(track(edts=box(b"edts", box(b"elst", struct.pack(">II", 0, 2**31))))),
            "an edit list of 2147483648",
        ),
        (movie(track(edts=box(b"edts", box(b"elst", struct.pack(">II", 0, 9))))), "is damaged"),
        (movie(track(edts=box(b"edts", box(b"elst")))), "is damaged"),
    ],
)
def test_index_that_makes_no_sense(data: bytes, said: str) -> None:
    """Not assessed, with the reason."""
    with pytest.raises(Unavailable, match=said):
        read(data)


def test_top_of_the_file() -> None:
    """Which comes first, and how much is missing, sizes of 64 bits and none at all included."""
    moov, mdat = box(b"moov"), box(b"mdat", bytes(100))
    large = struct.pack(">I4sQ", 1, b"mdat", 1 << 40)
    rest = struct.pack(">I4s", 0, b"mdat") + bytes(50)

    def first(data: bytes) -> bool | None:
        return index_comes_first(io.BytesIO(data), len(data))

    def missing(data: bytes) -> int:
        return missing_bytes(io.BytesIO(data), len(data))

    assert (True, False, None) == (first(moov + mdat), first(mdat + moov), first(box(b"free")))
    assert (0, 40, 0) == (missing(moov + mdat), missing((moov + mdat)[:-40]), missing(moov + rest))
    assert (1 << 40) - 16 == missing(large)


# ---- hostile bytes


@cache
def real() -> bytes:
    """What comes before the media in a fixture clip: ftyp and moov."""
    with (FIXTURES / "training_video" / "statement-at-opening-valid" / "clip.mp4").open("rb") as file:
        start = file.read(200_000)
    return start[: start.index(b"mdat") + 4]


class Counting(io.BytesIO):
    """Counts what is asked of it."""

    calls = bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.calls += 1
        self.bytes_read += len(found)
        return found


def survive(data: bytes, size: int | None = None) -> None:
    """Facts or Unavailable, within bounds."""
    file, claimed = Counting(data), len(data) if size is None else size
    with contextlib.suppress(Unavailable):
        read_boxes(file, claimed)
    index_comes_first(file, claimed)
    assert missing_bytes(file, claimed) >= 0
    assert file.calls < 2_000_000
    assert file.bytes_read < 64 << 20


FAST = settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
NUMBERS = st.sampled_from([0, 1, 7, 8, 9, 15, 16, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1])
KINDS = st.sampled_from(
    [
        b"moov",
        b"trak",
        b"mdia",
        b"mdhd",
        b"hdlr",
        b"minf",
        b"stbl",
        b"stsd",
        b"edts",
        b"elst",
        b"mvhd",
        b"mdat",
    ]
)


@FAST
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    survive(data)
    survive(box(b"moov", data))
    survive(movie(data))


@FAST
@given(st.lists(st.tuples(st.integers(0, 2**20), NUMBERS), min_size=1, max_size=8))
def test_index_of_a_recording_with_other_numbers(changes: list[tuple[int, int]]) -> None:
    data = bytearray(real())
    for at, value in changes:
        struct.pack_into(">I", data, at % (len(data) - 4), value)
    survive(bytes(data))


@FAST
@given(st.data())
def test_numbers_beside_the_names_that_are_read(draw: st.DataObject) -> None:
    """Sizes, versions, counts and times: where a number does most harm."""
    data = bytearray(real())
    at = data.find(draw.draw(KINDS)) + draw.draw(st.sampled_from([-4, 4, 8, 12, 16, 20, 24, 28]))
    struct.pack_into(">I", data, max(0, min(at, len(data) - 4)), draw.draw(NUMBERS))
    survive(bytes(data), draw.draw(st.sampled_from([len(data), 0, 8, len(data) // 2, 2**40])))


@FAST
@given(st.recursive(st.binary(max_size=40), lambda inner: st.tuples(KINDS, st.lists(inner, max_size=4))))
def test_boxes_in_boxes(tree: object) -> None:
    def packed(node: object) -> bytes:
        if isinstance(node, bytes):
            return node
        assert isinstance(node, tuple)
        return box(node[0], *map(packed, node[1]))

    survive(movie(packed(tree)))


def test_boxes_without_end() -> None:
    """Many empty boxes at one level, many levels, many edits: only so many are looked at."""
    deep = b""
    for _ in range(500):
        deep = box(b"trak", deep)

    survive(box(b"free") * 50_000)
    survive(movie(deep))
    survive(movie(*[track(edts=edits(*[(1, 0)] * 9000))] * 4))
