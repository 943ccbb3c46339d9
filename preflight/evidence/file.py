"""The file itself: whether it can be read, its size, what it begins like, what identifies its bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from preflight.errors import SourceError, UsageError
from preflight.evidence.boxes import BoxFacts, index_comes_first, missing_bytes, read_boxes

__all__ = [
    "BOXED",
    "AssetFile",
    "Container",
    "FileFacts",
    "LocalFile",
    "boxes_of",
    "display_name",
    "examine",
    "recognise",
    "resolve",
    "sought_name",
    "unchanged",
]

_HEAD = 4096
_HASH_CHUNK = 1 << 20
_MAX_HASHED = 8 << 30


class Container(StrEnum):
    """File formats told apart by their first bytes."""

    MP4 = "mp4"
    QUICKTIME = "quicktime"
    WEBM = "webm"
    MATROSKA = "matroska"
    JPEG = "jpeg"
    PNG = "png"
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP3 = "mp3"
    OTHER = "other"


BOXED = frozenset({Container.MP4, Container.QUICKTIME})
"""The formats that are made of boxes."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the file system and the first bytes say.

    ``kind`` describes the content in words, for people: "an HLS playlist", "empty". ``brand`` is the major
    brand of an ISO base media file. ``index_first`` says whether its index (``moov``) stands before the
    media; ``None`` where none was found. ``missing_bytes`` is how much longer the last box at the top of
    the file claims to be than the file is. ``sha256`` is ``None`` for files that were not
    read whole: above 8 GiB, or behind an address.
    """

    path: Path
    size_bytes: int
    container: Container
    kind: str
    brand: str | None
    sha256: str | None
    identity: tuple[int, int, int, int]
    index_first: bool | None = None
    missing_bytes: int = 0


class AssetFile(Protocol):
    """A file of which a part is asked for before it is read, should it have to be fetched from somewhere."""

    @property
    def path(self) -> Path: ...

    def need_start(self) -> None:
        """What says what kind of file it is, and the boxes of an MP4 file beside its media."""

    def need_index(self) -> None:
        """What says what is in a video and when. Raises Unavailable for one that is too large to be read."""

    def need_sound(self, until_s: float | None = None) -> None:
        """The sound, to its end or for so many seconds."""

    def need_key_frames(self) -> None:
        """The key frames of the picture."""

    def need_stretch(self, start_s: float, end_s: float) -> None:
        """Everything from one time to another, in seconds."""

    def need_all(self) -> None:
        """Every byte."""

    @property
    def whole(self) -> bool:
        """Whether every byte is here."""

    def lacks(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Whether any byte of these is not here that the file has. So it is where one is not known."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is here: there is nothing to fetch."""

    path: Path

    def need_start(self) -> None: ...
    def need_index(self) -> None: ...
    def need_sound(self, until_s: float | None = None) -> None: ...
    def need_key_frames(self) -> None: ...
    def need_stretch(self, start_s: float, end_s: float) -> None: ...
    def need_all(self) -> None: ...

    @property
    def whole(self) -> bool:
        return True

    def lacks(self, spans: Iterable[tuple[int, int]]) -> bool:
        return False


def resolve(source: str | os.PathLike[str]) -> Path:
    """The absolute path of a local file. Raises UsageError for an address, SourceError for anything else."""
    text = os.fsdecode(source)
    if not text:
        raise UsageError("the name of a file is empty")
    if text.lower().startswith(("http://", "https://")):
        raise UsageError(
            f"{display_name(text)}: addresses are not read here; download the file and name the copy"
        )
    try:
        path = Path(text).absolute()
        mode = path.stat().st_mode
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "not a usable file name"
        hint = "; an address begins with https://" if "?" in text else ""
        raise SourceError(f"{sought_name(text)}: {_lower(reason)}{hint}") from exc
    if not stat.S_ISREG(mode):
        raise SourceError(f"{display_name(text)}: is {_file_type(mode)}, not a file")
    return path


def display_name(source: str | os.PathLike[str]) -> str:
    """How a source is named in reports: a path as given; an address without query, fragment and user."""
    text = os.fsdecode(source)
    if "://" not in text:
        return text
    scheme, _, rest = text.partition("://")
    location = rest.split("?", 1)[0].split("#", 1)[0]
    host, slash, tail = location.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{tail}"


def sought_name(source: str | os.PathLike[str]) -> str:
    """How a source is named before it is known to be there: an address that lost its scheme may be signed."""
    name = display_name(source)
    place, mark, _ = name.partition("?")
    return f"{place}?***" if mark and not os.path.lexists(name) else name


def examine(path: Path, *, digest: bool = True) -> FileFacts:
    """Read the file once: its first bytes and its digest. Raises SourceError when it cannot be read.

    Without ``digest`` only its first bytes are, for a file that is not all there.
    """
    try:
        # O_NONBLOCK: should the file have become a FIFO since it was looked at, opening must not hang.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(f"{path}: is {_file_type(status.st_mode)}, not a file")
            head = file.read(_HEAD)
            if head is None:  # a special file that has nothing to say yet
                raise SourceError(f"{path}: cannot be read")
            sha256 = None
            if digest and status.st_size <= _MAX_HASHED:
                sha256 = hashlib.sha256(head)
                while chunk := file.read(_HASH_CHUNK):
                    sha256.update(chunk)
            container, kind, brand = recognise(head)
            boxed = container in BOXED
            index_first = index_comes_first(file, status.st_size) if boxed else None
            missing = missing_bytes(file, status.st_size) if boxed else 0
    except OSError as exc:
        raise SourceError(f"{path}: {_lower(exc.strerror or 'cannot be read')}") from exc
    return FileFacts(
        path,
        status.st_size,
        container,
        kind,
        brand,
        None if sha256 is None else sha256.hexdigest(),
        _identity(status),
        index_first,
        missing,
    )


def boxes_of(facts: FileFacts) -> BoxFacts:
    """What the boxes of the file say. Raises Unavailable where they say nothing, SourceError where unread."""
    try:
        with facts.path.open("rb") as file:
            return read_boxes(file, facts.size_bytes)
    except OSError as exc:
        raise SourceError(f"{facts.path}: {_lower(exc.strerror or 'cannot be read')}") from exc


def unchanged(facts: FileFacts) -> bool:
    """Whether the path still names the very file that was examined, with the same size and times."""
    try:
        return _identity(facts.path.stat()) == facts.identity
    except OSError:
        return False


def recognise(head: bytes) -> tuple[Container, str, str | None]:
    """Container, description and major brand, from the first bytes of a file."""
    if not head:
        return Container.OTHER, "empty", None
    if head[4:8] == b"ftyp":
        brand = head[8:12].decode("ascii", "replace")
        if brand == "qt  ":
            return Container.QUICKTIME, "a QuickTime movie", brand
        if brand.strip().lower() in {"heic", "heix", "mif1", "msf1", "avif", "avis"}:
            return Container.OTHER, "a HEIF or AVIF image", brand
        return Container.MP4, "an MP4 file", brand
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}:
        return Container.QUICKTIME, "a QuickTime movie without a file type", None
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        webm = b"webm" in head[:64]
        return (
            (Container.WEBM, "a WebM file", None) if webm else (Container.MATROSKA, "a Matroska file", None)
        )
    for magic, container, kind in _MAGIC:
        if head.startswith(magic):
            return container, kind, None
    if head.startswith(b"RIFF"):
        container = Container.WAV if head[8:12] == b"WAVE" else Container.OTHER
        return container, _RIFF.get(head[8:12], "a RIFF file"), None
    return Container.OTHER, _text_kind(head), None


_MAGIC: tuple[tuple[bytes, Container, str], ...] = (
    (b"\xff\xd8\xff", Container.JPEG, "a JPEG image"),
    (b"\x89PNG\r\n\x1a\n", Container.PNG, "a PNG image"),
    (b"GIF8", Container.OTHER, "a GIF image"),
    (b"BM", Container.OTHER, "a BMP image"),
    (b"II*\0", Container.OTHER, "a TIFF image"),
    (b"MM\0*", Container.OTHER, "a TIFF image"),
    (b"%PDF", Container.OTHER, "a PDF document"),
    (b"%!PS", Container.OTHER, "a PostScript file"),
    (b"8BPS", Container.OTHER, "a Photoshop file"),
    (b"\0\0\1\0", Container.OTHER, "an icon"),
    (b"PK\x03\x04", Container.OTHER, "a ZIP archive"),
    (b"OggS", Container.OGG, "an Ogg file"),
    (b"fLaC", Container.FLAC, "a FLAC file"),
    (b"ID3", Container.MP3, "an MP3 file"),
    (b"FLV", Container.OTHER, "a Flash video"),
    (b"\x30\x26\xb2\x75", Container.OTHER, "a Windows Media file"),
    (b"\x00\x00\x01\xba", Container.OTHER, "an MPEG program stream"),
)
_RIFF = {b"WAVE": "a WAV file", b"AVI ": "an AVI file", b"WEBP": "a WebP image"}


def _text_kind(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = text[:512].lower()
    if text.startswith(b"#EXTM3U"):
        return "an HLS playlist"
    if lowered.startswith(b"ffconcat"):
        return "an ffconcat playlist"
    if b"<html" in lowered or lowered.startswith(b"<!doctype html"):
        return "an HTML page"
    if b"<mpd" in lowered:
        return "a DASH playlist"
    if lowered.startswith((b"<?xml", b"<svg")):
        return "an XML file"
    if b"\0" not in head and all(byte >= 0x20 or byte in b"\t\n\r\f\x1b" for byte in head):
        return "plain text"
    return "no media format known here"


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _file_type(mode: int) -> str:
    for test, name in (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return name
    return "something else"


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
