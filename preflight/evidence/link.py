"""What an address says of itself: until when it is valid, and whether it leads to a page or to a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.errors import Unavailable

if TYPE_CHECKING:
    from preflight.network.url import Url

__all__ = ["LinkFacts", "Service", "Signature", "SignatureKind"]

_HOUR = dt.timedelta(hours=1)


class SignatureKind(StrEnum):
    """Who signs an address that way."""

    S3_V4 = "S3 (version 4)"
    S3_V2 = "S3 (version 2)"
    GCS_V4 = "Google Cloud Storage (version 4)"
    GCS_V2 = "Google Cloud Storage (version 2)"
    AZURE = "Azure SAS"
    CLOUDFRONT = "CloudFront"
    TOKEN = "a signed token (JWT)"
    OTHER = "an end in the address"


@dataclass(frozen=True, slots=True)
class Signature:
    """What makes an address valid for a time. Nothing of what signs it is kept; all times are UTC.

    ``signed_at`` is when it was made or begins to be valid. ``expires_at`` is the first of the ends that it
    names; ``None`` where the end is kept elsewhere. ``temporary`` credentials may end before that, and the
    address does not say when. ``unreadable`` says why nothing of this is known.
    """

    kind: SignatureKind
    signed_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    temporary: bool = False
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service whose link leads to ``what``, and not to the file; ``how`` to get at that."""

    name: str
    what: str
    how: str


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """An address, looked at and not asked, at the time ``at`` (UTC).

    ``url`` is its text without the query. ``direct`` is the address of the file itself, rewritten from that
    of a page, where that is possible; it is as secret as the first one.
    """

    url: str
    scheme: str
    host: str
    at: dt.datetime
    service: Service | None = None
    direct: Url | None = None
    signature: Signature | None = None

    @property
    def hours_left(self) -> float | None:
        """How long it is still valid; ``None`` for an address that is not signed. Negative once it expired.

        Raises Unavailable where it is signed, and does not say until when.
        """
        if self.signature is None:
            return None
        if self.signature.unreadable is not None:
            raise Unavailable(f"the address does not say until when it is valid: {self.signature.unreadable}")
        if self.signature.expires_at is None:
            raise Unavailable(
                f"the address is signed ({self.signature.kind}) and does not say until when it is valid"
            )
        return (self.signature.expires_at - self.at) / _HOUR

    @property
    def why_not_asked(self) -> str | None:
        """Why nobody needs to be asked for the file: the address says itself that it does not lead there."""
        if self.service is not None:
            return f"the address leads to a page of {self.service.name}"
        end = None if self.signature is None else self.signature.expires_at
        return None if end is None or end > self.at else "the address is valid no longer"
