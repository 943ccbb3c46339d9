"""What a JPEG or PNG file is made of: its segments or chunks, its scans, and where its picture ends.

A small reader of our own. Pillow keeps every block of metadata in memory and parses some of them on opening,
and tells neither how many scans there are nor what comes after the end. It is handed only those parts of a
file that make the picture (``Anatomy.open``). Files are untrusted: nothing here takes longer than reading
the file once, and ``max_parts`` bounds what is remembered of it.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, takewhile
from typing import TYPE_CHECKING, BinaryIO

from preflight.evidence.file import Container

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Anatomy", "Frame", "Part", "read_jpeg", "read_parts"]

_SOI = b"\xff\xd8"
_EOI, _SOS, _APP0, _ADOBE = b"\xd9", b"\xda", b"\xe0", b"\xee"
_FRAMES = frozenset(bytes([code]) for code in range(0xC0, 0xD0) if code not in (0xC4, 0xC8, 0xCC))
_TABLES = frozenset({b"\xc4", b"\xcc", b"\xdb", b"\xdc", b"\xdd"})
_FRAME = struct.Struct(">BHHB")
_SEQUENTIAL = frozenset({b"\xc0", b"\xc1"})
_ARITHMETIC = frozenset({b"\xc9", b"\xca", b"\xcb", b"\xcd", b"\xce", b"\xcf"})
_PROGRESSIVE = frozenset({b"\xc2", b"\xc6", b"\xca", b"\xce"})
# Not escaped data (00), not a marker that stands alone (01, RST, SOI), not padding (FF).
_MARKER = re.compile(rb"\xff([\x02-\xcf\xd9-\xfe])")
_ALL_BITS = 16
_LONGEST_SCAN_HEADER = 12  # of four components
_MAX_TABLES = 64  # before the first scan; there are four of each kind
_FIRST_READ, _LARGEST_READ = 64, 1 << 20

_SIGNATURE = 8
_PNG_PICTURE = {b"IHDR": 13, b"PLTE": 768, b"tRNS": 256, b"IDAT": 0, b"IEND": 0}
"""The chunks that make a picture, and how long they can be; IDAT can be of any length."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a JPEG, named by the second byte of its marker, or a chunk of a PNG, named by its type.

    ``at`` is where its content begins in the file, ``size`` how long that claims to be.
    """

    kind: bytes
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What the header says of the picture: see ImageFacts."""

    width: int
    height: int
    bits: int
    coefficients: int = 0
    scan_bytes: int = 0
    unpacked_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of one picture of a file, in order.

    ``end`` is the position after its last part, ``None`` where there is none; ``fault`` says what is broken.
    """

    parts: tuple[Part, ...]
    pieces: tuple[tuple[int, int], ...]
    frame: Frame | None = None
    scans: int = 1
    end: int | None = None
    fault: str | None = None

    def of(self, kind: bytes) -> Iterator[Part]:
        return (part for part in self.parts if part.kind == kind)

    def open(self, file: BinaryIO, *, before_end: bytes = b"") -> BinaryIO:
        """The picture alone, without metadata and whatever else the file holds.

        ``before_end`` is put before the marker that ends a JPEG.
        """
        pieces = [(file, start, end) for start, end in self.pieces]
        if before_end and self.end is not None:
            _, start, end = pieces.pop()
            added = (io.BytesIO(before_end), 0, len(before_end))
            pieces += [(file, start, self.end - 2), added, (file, self.end - 2, end)]
        return io.BufferedReader(_Pieces(pieces))

    @property
    def is_arithmetic(self) -> bool:
        return any(part.kind in _ARITHMETIC for part in self.parts)

    @property
    def is_in_one_scan(self) -> bool:
        """Whether it is a JPEG of one scan with Huffman codes, of which each byte is needed."""
        return self.scans == 1 and any(part.kind in _SEQUENTIAL for part in self.parts)


def read_parts(file: BinaryIO, container: Container, size: int, *, max_parts: float) -> Anatomy:
    """The parts of the first picture of a JPEG or PNG file of ``size`` bytes."""
    if container is Container.PNG:
        return _read_png(file, size, max_parts)
    return read_jpeg(file, 0, size, max_parts=max_parts)


class _Pieces(io.RawIOBase):
    """Pieces of files, (file, start, end) each, as if they were all there is."""

    def __init__(self, pieces: Sequence[tuple[BinaryIO, int, int]]) -> None:
        self._pieces = pieces
        self._starts = [0, *accumulate(end - start for _, start, end in pieces)]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._at >= self._starts[-1]:
            return 0
        number = bisect_right(self._starts, self._at) - 1
        file, start, end = self._pieces[number]
        position = start + self._at - self._starts[number]
        view = memoryview(buffer)
        file.seek(position)
        data = file.read(min(len(view), end - position))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


# ---- JPEG


def read_jpeg(file: BinaryIO, start: int, size: int, *, max_parts: float) -> Anatomy:
    """The parts of the JPEG picture that begins at ``start``."""
    parts: list[Part] = []
    at, end, scans = start + len(_SOI), None, 0
    while len(parts) <= max_parts:
        kind, at = _next_marker(file, at)
        if kind == _EOI:
            end = at
        if kind in (_EOI, b""):
            break
        file.seek(at)
        length = int.from_bytes(file.read(2), "big")
        if length < 2:
            break
        parts.append(Part(kind, at + 2, length - 2))
        scans += kind == _SOS
        at += length
    last = size if end is None else end
    pieces = tuple(_joined(_decodable(parts, start, last)))
    frame = _jpeg_frame(file, parts, scans, last)
    return Anatomy(tuple(parts), pieces, frame, scans, end, _misshapen_jpeg(file, parts))


def _misshapen_jpeg(file: BinaryIO, parts: Sequence[Part]) -> str | None:
    if sum(part.kind in _FRAMES for part in parts) > 1:
        return "it has two headers"
    before = takewhile(lambda part: part.kind != _SOS, parts)
    tables = sum(part.kind in _TABLES for part in before)
    if tables > _MAX_TABLES:
        return "it has more tables than its picture can use"
    return "its last scans are missing" if _lacks_scans(file, parts) else None


def _lacks_scans(file: BinaryIO, parts: Sequence[Part]) -> bool:
    """Whether the scans leave out a component, or a coefficient of one, or the last bits of it.

    An end may be put behind a picture that was cut short, and decoders say nothing of it.
    """
    frame = next((part for part in parts if part.kind in _FRAMES), None)
    scans = [part for part in parts if part.kind == _SOS]
    if frame is None or not scans:
        return False
    file.seek(frame.at)
    lacking = {component: [_ALL_BITS] * 64 for component in file.read(frame.size)[_FRAME.size :: 3]}
    for scan in scans:
        file.seek(scan.at)
        header = file.read(min(scan.size, _LONGEST_SCAN_HEADER))
        if len(header) < 6 or len(header) != 4 + 2 * header[0]:
            return False  # that is for a decoder to judge
        first, last, bits = header[-3:] if frame.kind in _PROGRESSIVE else (0, 63, 0)
        for component in header[1:-3:2]:
            if component in lacking and first <= last < 64:
                lacking[component][first : last + 1] = [bits & 15] * (last + 1 - first)
    return any(any(left) for left in lacking.values())


def _next_marker(file: BinaryIO, at: int) -> tuple[bytes, int]:
    """The next marker that begins a segment or ends the picture, and the position after it; b"" if none."""
    step = _FIRST_READ
    file.seek(at)
    while len(block := file.read(step)) > 1:
        found = _MARKER.search(block)
        if found is not None:
            return found[1], at + found.end()
        at += len(block) - block.endswith(b"\xff")
        file.seek(at)
        step = min(8 * step, _LARGEST_READ)
    return b"", at


def _decodable(parts: Iterable[Part], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What a decoder needs: the start, frames and tables, what tells colours, all from the first scan on."""
    yield start, start + len(_SOI)
    told = Counter[bytes]()
    most = dict.fromkeys(_TABLES, _MAX_TABLES) | dict.fromkeys(_FRAMES | {_APP0, _ADOBE}, 1)
    for part in parts:
        begin = part.at - 4
        if part.kind == _SOS:
            yield begin, end
            return
        told[part.kind] += 1
        if told[part.kind] <= most.get(part.kind, 0):
            yield begin, part.at + part.size


def _jpeg_frame(file: BinaryIO, parts: Iterable[Part], scans: int, end: int) -> Frame | None:
    part = next((part for part in parts if part.kind in _FRAMES), None)
    if part is None:
        return None
    file.seek(part.at)
    body = file.read(part.size)
    if len(body) < _FRAME.size:
        return None
    bits, height, width, components = _FRAME.unpack_from(body)
    sampling = [(both >> 4, both & 15) for both in body[_FRAME.size + 1 :: 3][:components]]
    most = max((h for h, _ in sampling), default=1) * max((v for _, v in sampling), default=1)
    share = sum(h * v for h, v in sampling) / max(1, most)
    if scans <= 1 and part.kind not in _PROGRESSIVE:  # a few rows are held at a time
        return Frame(width, height, bits)
    first = next((part.at for part in parts if part.kind == _SOS), end)
    return Frame(width, height, bits, coefficients=int(width * height * share), scan_bytes=end - first)


# ---- PNG


def _read_png(file: BinaryIO, size: int, max_parts: float) -> Anatomy:
    parts: list[Part] = []
    at, end, fault = _SIGNATURE, None, None
    while len(parts) <= max_parts and end is None and fault is None:
        file.seek(at)
        header = file.read(8)
        length, kind = int.from_bytes(header[:4], "big"), header[4:]
        if len(header) < 8:
            fault = "the file ends before the picture does"
        elif not (kind.isalpha() and kind.isascii()):
            fault = "a chunk is damaged"
        elif at + length + 12 > size:
            fault = f"the file ends within a chunk ({kind.decode()})"
        elif not _is_intact(file, kind, length):
            fault = f"the checksum of a chunk ({kind.decode()}) is wrong"
        if fault is None or kind in _PNG_PICTURE:
            parts.append(Part(kind, at + 8, length))
        at += length + 12
        if kind == b"IEND" and fault is None:
            end = at
    frame = _png_frame(file, parts)
    picture = [part for part in parts if part.kind == b"IDAT" or part.size <= _PNG_PICTURE.get(part.kind, -1)]
    pieces = ((part.at - 8, min(size, part.at + part.size + 4)) for part in picture)
    fault = fault or _misshapen_png(parts, picture, frame)
    return Anatomy(tuple(parts), tuple(_joined([(0, _SIGNATURE), *pieces])), frame, end=end, fault=fault)


def _is_intact(file: BinaryIO, kind: bytes, length: int) -> bool:
    """Whether the chunk, whose content comes next in the file, has the checksum that it says."""
    crc, left = zlib.crc32(kind), length
    while left and (block := file.read(min(left, _LARGEST_READ))):
        crc = zlib.crc32(block, crc)
        left -= len(block)
    return file.read(4) == crc.to_bytes(4, "big")


def _png_frame(file: BinaryIO, parts: Sequence[Part]) -> Frame | None:
    if not parts or parts[0].kind != b"IHDR" or parts[0].size < 13:
        return None
    file.seek(parts[0].at)
    header = file.read(13)
    if len(header) < 13:
        return None
    width, height, bits, colour = struct.unpack_from(">IIBB", header)
    row = (width * _CHANNELS.get(colour, 4) * bits + 7) // 8 + 1
    return Frame(width, height, 8 if colour == _PALETTE else bits, unpacked_bytes=row * height)


def _misshapen_png(parts: Sequence[Part], picture: Sequence[Part], frame: Frame | None) -> str | None:
    if frame is None:
        return "its header is damaged"
    if sum(part.kind == b"IHDR" for part in picture) > 1:
        return "it has two headers"
    unknown = next(
        (part.kind for part in parts if part.kind[:1].isupper() and part.kind not in _PNG_PICTURE), None
    )
    if unknown is not None:
        return f"no decoder may pass over a chunk that it does not know ({unknown.decode()})"
    runs = sum(kind == b"IDAT" for kind, _ in groupby(part.kind for part in parts))
    return "something stands within its pixels" if runs > 1 else None


def _joined(pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same pieces, those that follow each other as one."""
    begun: tuple[int, int] | None = None
    for start, end in pieces:
        if begun is not None and begun[1] == start:
            begun = begun[0], end
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun
