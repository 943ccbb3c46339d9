"""The file itself: what can be opened, what it begins like, what identifies it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from preflight.errors import SourceError, UsageError
from preflight.evidence.file import (
    Container,
    display_name,
    examine,
    recognise,
    resolve,
    sought_name,
    unchanged,
)

HEADS = [
    (b"", Container.OTHER, "empty"),
    (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", Container.MP4, "an MP4 file"),
    (b"\0\0\0\x20ftypmp42", Container.MP4, "an MP4 file"),
    (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", Container.QUICKTIME, "a QuickTime movie"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", Container.QUICKTIME, "a QuickTime movie without a file type"),
    (b"\0\0\0\x18ftypheic\0\0\0\0", Container.OTHER, "a HEIF or AVIF image"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", Container.WEBM, "a WebM file"),
    (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", Container.MATROSKA, "a Matroska file"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", Container.JPEG, "a JPEG image"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Container.PNG, "a PNG image"),
    (b"GIF89a", Container.OTHER, "a GIF image"),
    (b"RIFF\x24\0\0\0WAVEfmt ", Container.WAV, "a WAV file"),
    (b"RIFF\x24\0\0\0AVI LIST", Container.OTHER, "an AVI file"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", Container.OTHER, "a WebP image"),
    (b"#EXTM3U\n#EXTINF:1,\nsegment.ts\n", Container.OTHER, "an HLS playlist"),
    (b"\xef\xbb\xbf\n #EXTM3U\n", Container.OTHER, "an HLS playlist"),
    (b"ffconcat version 1.0\nfile segment.ts\n", Container.OTHER, "an ffconcat playlist"),
    (b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash">', Container.OTHER, "a DASH playlist"),
    (b"<!DOCTYPE html><title>Sign in</title>", Container.OTHER, "an HTML page"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Container.OTHER, "an XML file"),
    (b"just some words\n", Container.OTHER, "plain text"),
    (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", Container.OTHER, "no media format known here"),
]


@pytest.mark.parametrize(("head", "container", "kind"), HEADS, ids=[kind for _, _, kind in HEADS])
def test_content_is_recognised(head: bytes, container: Container, kind: str) -> None:
    """What a file is follows from how it begins."""
    assert (container, kind) == recognise(head)[:2]


def test_digest_and_size_are_those_of_the_bytes(tmp_path: Path) -> None:
    """The digest covers the whole file, longer than any buffer."""
    data = os.urandom(3_000_001)
    (tmp_path / "a.mp4").write_bytes(data)

    facts = examine(tmp_path / "a.mp4")

    assert (hashlib.sha256(data).hexdigest(), 3_000_001) == (facts.sha256, facts.size_bytes)


def test_change_after_the_look_is_noticed(tmp_path: Path) -> None:
    """A file that is written to, replaced or removed is not the file that was examined."""
    path = tmp_path / "a.mp4"
    path.write_bytes(b"one")
    facts = examine(path)

    before = unchanged(facts)
    path.write_bytes(b"two!")
    after = unchanged(facts)
    path.unlink()

    assert (True, False, False) == (before, after, unchanged(facts))


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named, with the fact."""
    with pytest.raises(SourceError, match=r"nowhere\.mp4: no such file or directory"):
        resolve(tmp_path / "nowhere.mp4")


def test_directory(tmp_path: Path) -> None:
    """A directory is named as one."""
    with pytest.raises(SourceError, match="is a directory, not a file"):
        resolve(tmp_path)


def test_named_pipe_does_not_hang(tmp_path: Path) -> None:
    """A named pipe nobody writes to is refused before it is opened, and also if it replaced a file."""
    os.mkfifo(tmp_path / "pipe.mp4")

    with pytest.raises(SourceError, match="is a named pipe, not a file"):
        resolve(tmp_path / "pipe.mp4")
    with pytest.raises(SourceError, match="is a named pipe, not a file"):
        examine(tmp_path / "pipe.mp4")


@pytest.mark.parametrize("place", ["a.example/clip.mp4", "//media.example/clip.mp4", "https//a.example/c"])
def test_an_address_without_its_scheme(place: str) -> None:
    """It is taken for a file that is not there; what signs it is shown no more for that."""
    with pytest.raises(SourceError) as refusal:
        resolve(f"{place}?X-Amz-Signature=canary")

    assert f"{place}?***: no such file or directory; an address begins with https://" == str(refusal.value)


def test_a_file_with_a_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "is this it?.mp4"
    path.touch()

    assert str(path) == sought_name(path)
    assert f"{tmp_path / 'or that'}?***" == sought_name(tmp_path / "or that?.mp4")


def test_name_with_a_null_byte() -> None:
    """A name no file system takes is an error, not a crash."""
    with pytest.raises(SourceError, match="not a usable file name"):
        resolve("a\0b.mp4")


def test_unreadable_file(tmp_path: Path) -> None:
    """A file that may not be read is named, with the fact."""
    path = tmp_path / "secret.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser reads everything")

    with pytest.raises(SourceError, match="permission denied"):
        examine(path)


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
def test_address_is_not_read_and_keeps_its_secret(scheme: str) -> None:
    """An address is refused in this version, and its query is not repeated."""
    with pytest.raises(UsageError, match=r"//b\.example/clip\.mp4: addresses are not read") as caught:
        resolve(f"{scheme}://user:pw@b.example/clip.mp4?X-Amz-Signature=canary#canary")

    assert "canary" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_path_is_shown_as_given() -> None:
    """A local name is shown as the user wrote it."""
    assert "a?b#c.mp4" == display_name("a?b#c.mp4")
