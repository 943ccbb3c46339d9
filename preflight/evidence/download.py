"""What a server said of the file behind an address, and what was read of it."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.evidence.file import Container
from preflight.evidence.link import LinkFacts

__all__ = ["DownloadFacts", "strong_etag"]

_PAGE = "an HTML page"  # as the first bytes of one are described
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class DownloadFacts:
    """What the server said of a file, and what was read of it.

    ``url`` is where it came from in the end, without its query; ``redirects`` how many there were on the way.
    ``hosts`` are all that were asked, in that order, and ``target`` what the last address says of itself
    where it is not the first. ``etag`` identifies its bytes, where it is a strong one. ``ranges`` is whether
    parts of it can be asked for. ``container`` and ``kind`` are what the first bytes are, as of any file.
    ``read_bytes`` counts what was transferred in ``requests`` requests; ``whole`` says whether all of the
    file is here, and ``sha256`` is known then.
    """

    url: str
    redirects: int
    hosts: tuple[str, ...]
    target: LinkFacts | None
    content_type: str | None
    size_bytes: int | None
    etag: str | None
    ranges: bool
    container: Container
    kind: str
    read_bytes: int
    requests: int
    whole: bool
    sha256: str | None

    @property
    def media_type(self) -> str | None:
        """The type that the server names, in lower case and without its parameters."""
        return (self.content_type or "").partition(";")[0].strip().lower() or None

    @property
    def is_page(self) -> bool:
        """Whether an HTML page came in place of a file. What its bytes are counts more than its type."""
        if self.container is not Container.OTHER or self.kind == "empty":
            return False
        return self.kind == _PAGE or self.media_type in _PAGE_TYPES

    @property
    def strong_etag(self) -> str | None:
        """What the server promises to change when a byte changes (RFC 9110, 8.8.1)."""
        return strong_etag(self.etag)


def strong_etag(text: str | None) -> str | None:
    """The entity tag, where it is a strong one."""
    etag = (text or "").strip()
    return etag if etag.startswith('"') and etag.strip('"') else None
