"""What the metadata of a photo say: orientation, colour profile, whether a place is named, other pictures.

Readers of our own for the few facts that are needed. Pillow's reader of EXIF copies what each entry points
at, and five thousand entries may point at the same 64 kB. Nothing here returns a coordinate or the name of
a place.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from preflight.evidence.image_parts import Anatomy, Part, read_jpeg
from preflight.text import printable

__all__ = [
    "Profile",
    "animation_frames",
    "colour_profile",
    "further_pictures",
    "icc_profile",
    "locations",
    "orientation",
]

_APP1, _APP2, _APP13 = b"\xe1", b"\xe2", b"\xed"
_EXIF, _ICC, _MPF, _PHOTOSHOP = b"Exif\0", b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0"
_MAX_BLOCK = 1 << 20  # of metadata; a segment of a JPEG has at most 65,533 bytes
_MAX_PROFILE = 16 << 20
_MAX_PIECES = 255  # of a profile in a JPEG
_MAX_BLOCKS = 8  # that take work to read


def _content(file: BinaryIO, part: Part) -> bytes:
    file.seek(part.at)
    return file.read(min(part.size, _MAX_BLOCK))


# ---- TIFF directories, of which EXIF and the index of an MPO are made

_ORIENTATION, _GPS = 0x0112, 0x8825
_POSITION = frozenset({0x02, 0x04, 0x14, 0x16, 0x1C})  # latitude, longitude, those of the destination, area
_SHORT, _LONG = 3, 4


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    count: int
    number: int
    """The value of a single short or long one, elsewhere where the values are."""


def _directory(block: bytes, at: int | None = None) -> Mapping[int, _Entry]:
    """The entries of the directory at that offset, or of the first. Raises struct.error where none is."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        raise struct.error("no byte order")
    start = struct.unpack_from(f"{order}I", block, 4)[0] if at is None else at
    (count,) = struct.unpack_from(f"{order}H", block, start)
    there = min(count, (len(block) - start - 2) // 12)
    if count and not there:
        raise struct.error("no entries")
    entries = memoryview(block)[start + 2 : start + 2 + 12 * there]
    short_first = order == ">"  # the two bytes of a short value are the upper half then
    return {
        tag: _Entry(kind, values, value >> 16 if kind == _SHORT and short_first else value)
        for tag, kind, values, value in struct.iter_unpack(f"{order}HHII", entries)
    }


def _first_directory(block: bytes) -> Mapping[int, _Entry]:
    try:
        return _directory(block)
    except struct.error:
        return {}


def _names_a_position(exif: bytes) -> bool:
    """Whether the block holds one; a pointer to something that cannot be read may lead to one elsewhere."""
    pointer = _first_directory(exif).get(_GPS)
    if pointer is None:
        return False
    try:
        return bool(_POSITION & _directory(exif, pointer.number).keys())
    except struct.error:
        return True


def orientation(file: BinaryIO, anatomy: Anatomy) -> int:
    """The EXIF orientation, 1 where there is none that makes sense."""
    for block in _exif_blocks(file, anatomy):
        entry = _first_directory(block).get(_ORIENTATION)
        if entry is not None and entry.kind in (_SHORT, _LONG) and 1 <= entry.number <= 8:
            return entry.number
    return 1


# ---- blocks of metadata by kind, wherever they stand

_XMP_KEYWORDS = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")
_RESOURCE = re.compile(rb"8BIM(..)", re.DOTALL)
_RESOURCES = {0x0404: "IPTC", 0x0422: "EXIF", 0x0424: "XMP"}
_RAW = {b"exif": "EXIF", b"APP1": "EXIF", b"xmp": "XMP", b"iptc": "IPTC", b"8bim": "IPTC"}
_RAW_PREFIX = b"Raw profile type "


def _exif_blocks(file: BinaryIO, anatomy: Anatomy) -> Iterator[bytes]:
    """The blocks of EXIF; a file has one, and nobody has to read thousands."""
    return islice((block for kind, block in _blocks(file, anatomy) if kind == "EXIF"), _MAX_BLOCKS)


def _blocks(file: BinaryIO, anatomy: Anatomy) -> Iterator[tuple[str, bytes]]:
    unpacked = resources = 0
    for part in anatomy.parts:
        if part.kind == _APP1:
            yield from _app1(_content(file, part))
        elif part.kind == _APP13 and resources < _MAX_BLOCKS:
            resources += 1
            yield from _photoshop(_content(file, part))
        elif part.kind == b"eXIf":
            yield "EXIF", _content(file, part).removeprefix(b"Exif\0\0")
        elif part.kind in (b"iTXt", b"zTXt", b"tEXt") and unpacked < _MAX_BLOCKS:
            for found in _text(part.kind, _content(file, part)):
                unpacked += 1
                yield found


def _app1(body: bytes) -> Iterator[tuple[str, bytes]]:
    if body.startswith(_EXIF):
        yield "EXIF", body[6:]
    elif body.startswith(_XMP_KEYWORDS):
        yield "XMP", body


def _photoshop(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The resources of an image of Photoshop, which writes other metadata among them."""
    at = 0
    while (found := _RESOURCE.search(body, at)) is not None and found.end() < len(body):
        named = found.end() + (2 + body[found.end()]) // 2 * 2  # its name is padded to an even length
        length = int.from_bytes(body[named : named + 4], "big")
        kind, at = _RESOURCES.get(int.from_bytes(found[1], "big")), named + 4 + length
        if kind is not None:
            yield kind, body[named + 4 : at]


def _text(chunk: bytes, body: bytes) -> Iterator[tuple[str, bytes]]:
    """XMP and what ImageMagick writes as hexadecimal text."""
    keyword, _, rest = body.partition(b"\0")
    if keyword != b"XML:com.adobe.xmp" and not keyword.startswith(_RAW_PREFIX):
        return
    packed = chunk == b"zTXt"
    if chunk == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif packed:
        rest = rest[1:]
    if packed:
        rest = _unpacked(rest, _MAX_BLOCK)
    if keyword == b"XML:com.adobe.xmp":
        yield "XMP", rest
        return
    kind = _RAW.get(keyword.removeprefix(_RAW_PREFIX).strip())
    if kind is None:
        return
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", b"".join(rest.split()[2:]))
    raw = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    yield kind, raw.removeprefix(b"Exif\0\0")


def _unpacked(data: bytes, most: int) -> bytes:
    """What zlib makes of the data, up to a length; b"" where it makes nothing."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return b""


# ---- where the photo was taken

_XMP_PLACE = re.compile(
    rb"(?<![\w/.-])[\w.-]{1,40}:(?:(?i:gps)(?:Dest)?L(?:at|ong)itude|(?:Created)?(?:City|Sublocation|CountryName)"
    rb"|(?<=photoshop:)(?:State|Country)|(?<=Iptc4xmpCore:)(?:Location|CountryCode))"
    rb"(?:\s*=\s*(?:\"[^\"]|'[^'])|\s*>\s*(?!</)\S)"
)
_IPTC_PLACE = frozenset({27, 90, 92, 95, 100, 101})  # content location, city, sublocation, state, country


def locations(file: BinaryIO, anatomies: Iterable[Anatomy]) -> tuple[str, ...]:
    """The kinds of metadata, of any of the pictures, that say where the photo was taken."""
    judges = {"EXIF": _names_a_position, "XMP": _tells_a_place, "IPTC": _records_a_place}
    found: set[str] = set()
    for anatomy in anatomies:
        read = Counter[str]()
        for kind, block in _blocks(file, anatomy):
            read[kind] += 1
            affordable = kind != "EXIF" or read[kind] <= _MAX_BLOCKS
            if kind not in found and affordable and judges[kind](block):
                found.add(kind)
    return tuple(kind for kind in judges if kind in found)


def _tells_a_place(xmp: bytes) -> bool:
    return _XMP_PLACE.search(xmp) is not None


def _records_a_place(iptc: bytes) -> bool:
    """Whether a data set of IPTC-IIM, record 2, names a place."""
    at = 0
    while (at := iptc.find(b"\x1c\x02", at)) >= 0 and at + 5 <= len(iptc):
        length = int.from_bytes(iptc[at + 3 : at + 5], "big")
        if iptc[at + 2] in _IPTC_PLACE and iptc[at + 5 : at + 5 + length].strip(b"\0 "):
            return True
        at += 5
    return False


# ---- colour profile

_SPACES = {b"RGB ": ("RGB", "RGBA", "P"), b"GRAY": ("L", "LA", "1", "I;16"), b"CMYK": ("CMYK",)}
_FOR_PICTURES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_ICC_HEADER = 128
_MAX_TAGS = 100
_CICP = {9: "Rec. 2020", 11: "DCI-P3", 12: "Display P3"}  # primaries, ITU-T H.273


@dataclass(frozen=True, slots=True)
class Profile:
    """The description of a colour profile, "" where it cannot be read, and the modes of Pillow it is for."""

    description: str
    modes: tuple[str, ...] | None = None

    def fits(self, mode: str) -> bool:
        return self.modes is None or mode in self.modes


def colour_profile(file: BinaryIO, anatomy: Anatomy) -> Profile | None:
    """The ICC profile of a picture, or what its cICP chunk names, which goes before."""
    for part in anatomy.of(b"cICP"):
        named = _CICP.get(int.from_bytes(_content(file, part)[:1], "big"))
        if named is not None:
            return Profile(named, _SPACES[b"RGB "])
    found = icc_profile(file, anatomy)
    return None if found is None else _described(found)


def icc_profile(file: BinaryIO, anatomy: Anatomy) -> bytes | None:
    """The bytes of the profile, b"" where they cannot be unpacked."""
    contents = (_content(file, part) for part in anatomy.of(_APP2))
    pieces = list(islice((content for content in contents if content.startswith(_ICC)), _MAX_PIECES))
    if pieces:
        # the byte after the name numbers the piece
        return b"".join(piece[14:] for piece in sorted(pieces, key=lambda piece: piece[12:14]))
    for part in anatomy.of(b"iCCP"):
        packed = _content(file, part).partition(b"\0")[2][1:]
        return _unpacked(packed, _MAX_PROFILE)
    return None


def _described(profile: bytes) -> Profile:
    if len(profile) < _ICC_HEADER + 4 or profile[36:40] != b"acsp":
        return Profile("")
    space, use = profile[16:20], profile[12:16]
    modes = _SPACES.get(space, ()) if use in _FOR_PICTURES else ()
    try:
        return Profile(printable(_description(profile), limit=80).strip(), modes)
    except (struct.error, UnicodeDecodeError):
        return Profile("")


def _description(profile: bytes) -> str:
    """The text of the tag "desc". Raises struct.error where there is none."""
    (tags,) = struct.unpack_from(">I", profile, _ICC_HEADER)
    for number in range(min(tags, _MAX_TAGS)):
        tag, at, size = struct.unpack_from(">4sII", profile, _ICC_HEADER + 4 + 12 * number)
        if tag == b"desc" and at + size <= len(profile):
            return _tag_text(profile[at : at + size])
    raise struct.error("no description")


def _tag_text(body: bytes) -> str:
    """The text in the tag of version 2 (ASCII) or 4 (the first of several languages)."""
    if body[:4] == b"desc":
        (length,) = struct.unpack_from(">I", body, 8)
        return body[12 : 12 + min(length, 1000)].partition(b"\0")[0].decode("latin-1")
    if body[:4] != b"mluc":
        raise struct.error("no text")
    length, at = struct.unpack_from(">II", body, 20)
    return body[at : at + min(length, 1000)].decode("utf-16-be").partition("\0")[0]


# ---- other pictures in the same file

_ENTRIES = 0xB002
_KINDS = {
    0x020001: "a panorama",
    0x020002: "another view",
    0x020003: "another view",
    0x030000: "another picture",
}
_PREVIEWS, _UNDECLARED = 0x01, "a picture of undeclared kind"
_GAIN_MAP = re.compile(rb"hdrgm:|hdrgainmap|ts:21496", re.IGNORECASE)


def animation_frames(file: BinaryIO, anatomy: Anatomy) -> int:
    """The pictures that an animated PNG claims, 1 for one that is not."""
    kinds = [part.kind for part in anatomy.parts]
    control = next(anatomy.of(b"acTL"), None)
    if control is None or b"IDAT" not in kinds[kinds.index(b"acTL") :]:
        return 1
    claimed = int.from_bytes(_content(file, control)[:4], "big")
    first_apart = b"fcTL" not in kinds[: kinds.index(b"IDAT")]
    return max(1, claimed + first_apart)


def further_pictures(
    file: BinaryIO, anatomy: Anatomy, size: int, *, max_parts: float
) -> tuple[tuple[str, Anatomy], ...]:
    """What the index of a JPEG (MPO, CIPA DC-007) leads to, in words and in parts; lies are passed over."""
    end, left = anatomy.end, max_parts - len(anatomy.parts)
    found: list[tuple[str, Anatomy]] = []
    for at, kind in sorted(_indexed(file, anatomy)):
        if end is None or at < end or left <= 0:
            continue
        file.seek(at)
        if file.read(3) != b"\xff\xd8\xff":
            continue
        picture = read_jpeg(file, at, size, max_parts=left)
        left -= len(picture.parts)
        found.append((_kind(file, picture, kind), picture))
        end = picture.end
    return tuple(found)


def _indexed(file: BinaryIO, anatomy: Anatomy) -> Iterator[tuple[int, int]]:
    """Position and kind of each picture that the index names beside the first."""
    contents = ((part, _content(file, part)) for part in anatomy.of(_APP2))
    part, content = next((pair for pair in contents if pair[1].startswith(_MPF)), (None, b""))
    block = content.removeprefix(_MPF)
    entries = _first_directory(block).get(_ENTRIES)
    if part is None or entries is None:
        return
    order = "<" if block.startswith(b"II") else ">"
    listed = memoryview(block)[entries.number :][: entries.count // 16 * 16]
    listed = listed[: len(listed) // 16 * 16]
    for attributes, _, offset, _ in struct.iter_unpack(f"{order}IIII", listed):
        if offset:
            yield part.at + len(_MPF) + offset, attributes & 0xFFFFFF


def _kind(file: BinaryIO, picture: Anatomy, declared: int) -> str:
    metadata = (part for code in (_APP1, _APP2) for part in picture.of(code))
    if any(_GAIN_MAP.search(_content(file, part)) for part in metadata):
        return "a gain map"
    return "a preview" if declared >> 16 == _PREVIEWS else _KINDS.get(declared, _UNDECLARED)
