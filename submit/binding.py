"""Whether the service will find what was checked: the last look before anything is sent."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from preflight.errors import SourceError, Unavailable
from preflight.network.answers import require_file
from preflight.network.door import Answer, Door
from preflight.network.link import read_link
from preflight.report import Clearance
from preflight.text import spelt_hours
from submit.errors import NotAsChecked, NotReached
from submit.request import Served

__all__ = ["Progress", "require_as_checked", "require_current"]

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes of it that were compared, and how many there are."""


def require_current(clearance: Clearance, served: tuple[Served, ...], now: dt.datetime) -> None:
    """Raise NotAsChecked for a clearance that is too old, or a link that ends before the service is done."""
    if not clearance.issued_at <= now <= clearance.expires_at:
        raise NotAsChecked(
            f"the clearance was given on {clearance.issued_at:%Y-%m-%d %H:%M} UTC and held until "
            f"{clearance.expires_at:%Y-%m-%d %H:%M} UTC; check again"
        )
    limit = clearance.policy.link.min_validity
    for place in served:
        try:
            left = read_link(place.url, now).hours_left
        except Unavailable:  # it was so when it was checked, and the policy lets it pass
            continue
        if left is not None and left < limit.value:
            raise NotAsChecked(
                f"{place.field}: {place.url} is valid for {spelt_hours(max(left, 0.0))} more; the service "
                f"needs {limit.value:g} h: sign a new link to the same file, and submit again"
            )


async def require_as_checked(
    served: tuple[Served, ...],
    door: Callable[[], AbstractAsyncContextManager[Door]],
    progress: Progress,
) -> None:
    """Raise NotAsChecked unless every address serves the bytes that were checked.

    By the entity tag and length where the address was checked itself and its server gives a strong tag; by
    the digest of all bytes otherwise. Raises NotReached where an address cannot be read.
    """
    async with door() as opened:
        for place in served:
            try:
                await _compare(opened, place, progress)
            except SourceError as exc:
                raise NotReached(f"{place.field}: {exc}; nothing was sent") from exc


async def _compare(door: Door, place: Served, progress: Progress) -> None:
    identity = place.identity
    if place.checked_there and identity.etag is not None and await _tagged(door, place):
        return
    if identity.sha256 is None:
        raise _changed(place, "its server no longer names them by the same tag and length")
    async with door.ask(place.url) as answer:
        require_file(answer, place.url)
        declared = answer.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) != identity.size_bytes:
            raise _changed(place, f"it has {declared} bytes, not {identity.size_bytes}")
        await _hashed(answer, place, progress)


async def _tagged(door: Door, place: Served) -> bool:
    """Whether the server names the file by the tag and the length that it had; asked for one byte."""
    async with door.ask(place.url, first=0, last=0) as answer:
        require_file(answer, place.url, part=True)
        size = answer.headers.get("content-length" if answer.status == 200 else "content-range", "")
        same_size = size.rpartition("/")[2] == str(place.identity.size_bytes)
        return same_size and answer.headers.get("etag") == place.identity.etag


async def _hashed(answer: Answer, place: Served, progress: Progress) -> None:
    digest, size = hashlib.sha256(), place.identity.size_bytes
    async for chunk in answer.chunks():
        if size is not None and answer.received > size:
            raise _changed(place, f"it has more than {size} bytes")
        digest.update(chunk)
        progress(place.field, answer.received, size)
    if size is not None and answer.received != size:
        raise _changed(place, f"it has {answer.received} bytes, not {size}")
    if digest.hexdigest() != place.identity.sha256:
        raise _changed(place, "as many as were checked, but not the same")


def _changed(place: Served, how: str) -> NotAsChecked:
    return NotAsChecked(
        f"{place.field}: {place.url} does not serve the bytes that were checked ({how}); "
        "upload the checked file again, or check what is there now"
    )
