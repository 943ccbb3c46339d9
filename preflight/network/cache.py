"""Finished downloads, kept for the next check of the same bytes.

A file is found again by the place where it is served, its strong entity tag and its length. Its name holds
its digest, and it is only used if it still has that.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from preflight.evidence.link import LinkFacts, SignatureKind
from preflight.network.url import Url

__all__ = ["Cache", "place_of", "user_cache"]

_MAX_BYTES = 4 << 30
_CHUNK = 1 << 20


def user_cache() -> Cache | None:
    """The cache of whoever runs this, where XDG says that caches are; ``None`` for who has no home."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path(named) if named.startswith("/") else Path.home() / ".cache"
    except RuntimeError:  # a number that no user has, as in a container
        return None
    return Cache(home / "replica-preflight" / "downloads")


_STORES = frozenset(SignatureKind) - {SignatureKind.TOKEN, SignatureKind.OTHER}
"""Who signs a path: what else the query says names no other object."""


def place_of(url: Url, link: LinkFacts) -> str:
    """What an address names, however it is signed this time: the whole of it elsewhere than in a store."""
    signed = link.signature is not None and link.signature.kind in _STORES
    return str(url) if signed else f"{url.origin}{url.target}"


class Cache:
    """A folder of downloads, readable by its owner alone, of at most ``max_bytes``.

    Whatever goes wrong with it is as if nothing were there: no check fails because of its cache.
    """

    def __init__(self, folder: Path, *, max_bytes: int = _MAX_BYTES) -> None:
        self._folder, self._max_bytes = folder, max_bytes

    def find(self, place: str, etag: str, size_bytes: int, target: Path) -> str | None:
        """Put the file at ``target`` and return its SHA-256; ``None`` where it is not here."""
        with contextlib.suppress(OSError):
            for kept in self._folder.glob(f"{_key(place, etag, size_bytes)}-*"):
                digest = kept.name.rpartition("-")[2]
                if kept.is_symlink() or not _copied(kept, target, digest):
                    kept.unlink()
                    continue
                os.utime(kept)
                return digest
        return None

    def keep(self, place: str, etag: str, size_bytes: int, source: Path, sha256: str) -> None:
        """Keep a copy of a finished download, and let go of those used least recently."""
        if size_bytes > self._max_bytes:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._make_room(size_bytes)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as copy:
                name = Path(copy.name)
                try:
                    with source.open("rb") as file:
                        shutil.copyfileobj(file, copy, _CHUNK)
                    name.replace(self._folder / f"{_key(place, etag, size_bytes)}-{sha256}")
                finally:
                    name.unlink(missing_ok=True)

    def _make_room(self, size_bytes: int) -> None:
        kept = sorted(self._kept(), key=lambda entry: entry[1].st_mtime_ns)
        total = sum(status.st_size for _, status in kept)
        for path, status in kept:
            if total + size_bytes <= self._max_bytes:
                return
            path.unlink(missing_ok=True)
            total -= status.st_size

    def _kept(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another check may be tidying up as well
                yield path, path.lstat()


def _key(place: str, etag: str, size_bytes: int) -> str:
    return hashlib.sha256(f"{place}\0{etag}\0{size_bytes}".encode()).hexdigest()


def _copied(source: Path, target: Path, sha256: str) -> bool:
    """Copy the file, and say whether it has that digest; otherwise the target is left as it was."""
    digest = hashlib.sha256()
    with source.open("rb") as file, tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as copy:
        name = Path(copy.name)
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            if digest.hexdigest() != sha256:
                return False
            name.replace(target)
            return True
        finally:
            name.unlink(missing_ok=True)
