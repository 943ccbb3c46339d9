"""The cache of downloads: found by what identifies the bytes, believed only if they still are those bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path

import pytest

from preflight.network.cache import Cache, place_of, user_cache
from preflight.network.link import read_link
from preflight.network.url import read_url

HERE, ELSEWHERE = "https://media.example.com/clip.mp4", "https://media.example.com/other.mp4"
DATA = b"0123456789" * 10
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache" / "downloads", max_bytes=250)


@pytest.fixture
def download(tmp_path: Path) -> Path:
    path = tmp_path / "download"
    path.write_bytes(DATA)
    return path


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "downloads").iterdir())


def test_what_was_kept_is_found(cache: Cache, download: Path, tmp_path: Path) -> None:
    target = tmp_path / "again"
    cache.keep(HERE, '"v1"', 100, download, SHA256)

    assert SHA256 == cache.find(HERE, '"v1"', 100, target)
    assert DATA == target.read_bytes()


@pytest.mark.parametrize(
    ("place", "etag", "size"), [(ELSEWHERE, '"v1"', 100), (HERE, '"v2"', 100), (HERE, '"v1"', 101)]
)
def test_other_bytes_are_not_found(
    cache: Cache, download: Path, tmp_path: Path, place: str, etag: str, size: int
) -> None:
    """Another place, another version, another length."""
    cache.keep(HERE, '"v1"', 100, download, SHA256)

    assert cache.find(place, etag, size, tmp_path / "again") is None
    assert not (tmp_path / "again").exists()


def test_a_file_that_was_changed_is_not_believed(cache: Cache, download: Path, tmp_path: Path) -> None:
    cache.keep(HERE, '"v1"', 100, download, SHA256)
    (kept,) = files(tmp_path)
    kept.write_bytes(DATA[::-1])

    assert cache.find(HERE, '"v1"', 100, tmp_path / "again") is None
    assert ([], False) == (files(tmp_path), (tmp_path / "again").exists())


def test_what_is_at_the_target_stays_where_nothing_is_believed(
    cache: Cache, download: Path, tmp_path: Path
) -> None:
    """The start of the file is there already, and is all that is here of it then."""
    cache.keep(HERE, '"v1"', 100, download, SHA256)
    (kept,) = files(tmp_path)
    kept.write_bytes(DATA[::-1])
    target = tmp_path / "again"
    target.write_bytes(DATA[:7])

    assert cache.find(HERE, '"v1"', 100, target) is None
    assert DATA[:7] == target.read_bytes()
    assert {"again", "cache", "download"} == {path.name for path in tmp_path.iterdir()}


def test_somebody_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that no user has, as in a container: files are checked all the same."""
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2_000_000_001)

    assert user_cache() is None


def test_a_link_that_somebody_put_there_is_not_followed(cache: Cache, download: Path, tmp_path: Path) -> None:
    cache.keep(HERE, '"v1"', 100, download, SHA256)
    (kept,) = files(tmp_path)
    kept.unlink()
    kept.symlink_to(download)

    assert cache.find(HERE, '"v1"', 100, tmp_path / "again") is None
    assert download.exists()


def test_nobody_else_can_read_it(cache: Cache, download: Path, tmp_path: Path) -> None:
    download.chmod(0o644)
    cache.keep(HERE, '"v1"', 100, download, SHA256)
    (kept,) = files(tmp_path)

    assert (0o600, 0o700) == (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777)


def test_the_least_recently_used_goes_first(cache: Cache, download: Path, tmp_path: Path) -> None:
    """Room for two: the first was used again, so the second has to go."""
    for number, etag in enumerate(('"1"', '"2"')):
        cache.keep(HERE, etag, 100, download, SHA256)
        for kept in files(tmp_path):
            os.utime(kept, (1_000 + number, 1_000 + number))
    assert cache.find(HERE, '"1"', 100, tmp_path / "again")

    cache.keep(HERE, '"3"', 100, download, SHA256)

    found = [etag for etag in ('"1"', '"2"', '"3"') if cache.find(HERE, etag, 100, tmp_path / "again")]
    assert ['"1"', '"3"'] == found


def test_what_is_too_large_is_not_kept(cache: Cache, download: Path, tmp_path: Path) -> None:
    cache.keep(HERE, '"v1"', 251, download, SHA256)

    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_is_none(download: Path, tmp_path: Path) -> None:
    """A file where the folder should be: no check fails because of that."""
    (tmp_path / "cache").write_text("in the way")
    cache = Cache(tmp_path / "cache" / "downloads")

    cache.keep(HERE, '"v1"', 100, download, SHA256)

    assert cache.find(HERE, '"v1"', 100, tmp_path / "again") is None


@pytest.mark.parametrize("named", ["/somewhere/else", "", "relative"])
def test_where_it_is(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where XDG says, if that is an absolute path."""
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setenv("HOME", "/home/somebody")
    base = named if named.startswith("/") else "/home/somebody/.cache"

    cache = user_cache()
    assert cache is not None
    assert Path(f"{base}/replica-preflight/downloads") == cache._folder


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (
            "https://b.s3.amazonaws.com/a.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=one",
            "https://b.s3.amazonaws.com/a.mp4",
        ),
        (
            "https://b.example/a.mp4?AWSAccessKeyId=A&Signature=b&Expires=1795700000",
            "https://b.example/a.mp4",
        ),
        ("https://b.example/get?id=1", "https://b.example/get?id=1"),
        ("https://b.example/get?id=1&expires=1795700000", "https://b.example/get?id=1&expires=1795700000"),
        ("https://b.example/a.mp4", "https://b.example/a.mp4"),
    ],
)
def test_a_query_names_a_file_unless_it_signs_a_path(address: str, place: str) -> None:
    """Two files of one server may have one entity tag and one length; then the query tells them apart."""
    url = read_url(address)

    assert place == place_of(url, read_link(url, dt.datetime(2026, 11, 25, tzinfo=dt.UTC)))
