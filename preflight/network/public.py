"""Which addresses a service elsewhere can reach, as far as their text tells."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.errors import UsageError
from preflight.network.address import why_refused
from preflight.network.url import Url, plain_host, read_url

__all__ = ["public_url", "why_not_public"]

_LOCAL = (".localhost", ".local", ".internal", ".home.arpa")
"""RFC 6761, RFC 6762, ICANN's reservation of 2024, RFC 8375: they mean another host in every network."""


def public_url(text: str, *, name: str, allow_hosts: Iterable[str] = ()) -> Url:
    """Read an address that the service is to ask. Hosts that are allowed may be private, and of plain http.

    Raises UsageError, whose message begins with ``name``, for any that it could not reach, or should not be
    told. No name is looked up.
    """
    if not text.isascii():
        raise UsageError(f"{name}: is sent as it is; encode it as its server does")
    url = read_url(text, name=name)
    if url.host in map(plain_host, allow_hosts):
        return url
    if url.scheme != "https":
        raise UsageError(f"{name} must be an https address (--allow-host {url.host} permits http)")
    why = why_not_public(url)
    if why is not None:
        raise UsageError(f"{name} is an address that the service cannot reach from outside: {why}")
    return url


def why_not_public(url: Url) -> str | None:
    """Why the host of an address means nothing, or another one, elsewhere; ``None`` for a public one."""
    if url.ip is not None:
        kind = why_refused(url.ip)
        return None if kind is None else f"its kind is {kind}"
    if "." not in url.host:
        return "its host has no domain"
    return "its host is a name of a local network" if url.host.endswith(_LOCAL) else None
