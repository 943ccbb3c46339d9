"""What a server said of the file behind an address, and what was read of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DownloadFacts"]


@dataclass(frozen=True, slots=True)
class DownloadFacts:
    """What the server said of a file, and what was read of it.

    ``url`` is where it came from in the end, without its query; ``redirects`` how many there were on the way.
    ``etag`` identifies its bytes, where it is a strong one. ``ranges`` is whether parts of it can be asked
    for. ``read_bytes`` counts what was transferred in ``requests`` requests; ``whole`` says whether all of
    the file is here, and ``sha256`` is known then.
    """

    url: str
    redirects: int
    content_type: str | None
    size_bytes: int | None
    etag: str | None
    ranges: bool
    read_bytes: int
    requests: int
    whole: bool
    sha256: str | None

    @property
    def strong_etag(self) -> str | None:
        """The entity tag, where the same tag promises the same bytes (RFC 9110, 8.8.1)."""
        return self.etag if self.etag and self.etag.startswith('"') else None
