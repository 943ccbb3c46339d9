"""What an address says of itself, read from its text alone: nothing here asks anybody for anything."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from preflight.convert import converted
from preflight.evidence.link import LinkFacts, Service
from preflight.network.signature import Parameters, parameters, read_signature
from preflight.network.url import Url, is_host

__all__ = ["ShareLink", "read_link", "share_links"]

_HTTPS = 443


class ShareLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of link of a service that leads to a page; the fields are explained in the data file."""

    name: str
    hosts: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    what: str
    how: str
    source: str
    path: str = ".*"
    unless: tuple[str, ...] = ()
    set: str | None = None
    direct: str | None = None

    def matches(self, url: Url, query: Parameters) -> re.Match[str] | None:
        """The match of the path, where the address is one of these."""
        if not any(is_host(url.host, pattern) for pattern in self.hosts):
            return None
        if any(f"{name}={value}" in self.unless for name, value in query):
            return None
        return re.fullmatch(self.path, url.path)

    def rewritten(self, url: Url, query: Parameters, groups: Mapping[str, str]) -> Url | None:
        """The address of the file itself, where there is one that can be told from this one."""
        if self.set is not None:
            name = self.set.partition("=")[0]
            kept = [part for part in url.query.split("&") if part and part.partition("=")[0].lower() != name]
            return replace(url, target=f"{url.path}?{'&'.join([*kept, self.set])}")
        if self.direct is None:
            return None
        known = {**{f"query_{name}": value for name, value in query}, **groups}
        try:
            parts = urlsplit(self.direct.format_map(known))
        except KeyError:  # the link lacks what names the file
            return None
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Url("https", parts.netloc, _HTTPS, target)


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    link: tuple[ShareLink, ...]


@lru_cache(maxsize=1)
def share_links() -> tuple[ShareLink, ...]:
    """The kinds of links that lead to pages of well-known services."""
    text = (resources.files("preflight") / "data" / "share_services.toml").read_text("utf-8")
    return converted(tomllib.loads(text), _Data).link


def read_link(url: Url, at: dt.datetime) -> LinkFacts:
    """What an address says at that time (UTC). Asks no network; never raises for what an address holds."""
    query = parameters(url.query)
    facts = LinkFacts(str(url), url.scheme, url.host, at, signature=read_signature(query))
    for link in share_links():
        found = link.matches(url, query)
        if found is not None:
            service = Service(link.name, link.what, link.how)
            return replace(facts, service=service, direct=link.rewritten(url, query, found.groupdict()))
    return facts
