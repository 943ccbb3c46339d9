"""What a callback address says of itself. Of its path and query nothing is kept: a token may be in them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CallbackFacts"]


@dataclass(frozen=True, slots=True)
class CallbackFacts:
    """Where the service is to report the end of a training.

    ``shown`` is the scheme and the host, or words where they cannot be told. ``unusable`` is a whole sentence
    that says why no report would arrive there, without its full stop; ``None`` where one may. ``token_chars``
    is how long the longest part of path or query is that looks random; ``None`` where the
    address cannot be read.
    """

    shown: str
    unusable: str | None
    token_chars: int | None
