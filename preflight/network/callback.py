"""What a callback address says of itself, read from its text alone: nothing here asks anybody."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from urllib.parse import unquote

import msgspec

from preflight.convert import converted
from preflight.errors import UsageError
from preflight.evidence.callback import CallbackFacts
from preflight.network.public import public_url
from preflight.network.url import Url, is_host, plain_host, read_url

__all__ = ["Placeholder", "placeholders", "read_callback"]

_UNSPEAKABLE = "the callback address"
_SEARCHED = 8_192  # characters, as many as an address may have
_TOKEN = re.compile(r"[A-Za-z0-9_+/=-]+")
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_MEAN_RUN = 3.0
"""Words are longer than this; letters of both cases and digits, drawn at random, change their kind sooner.
Measured on 20,000 tokens each: 99 % of those of ``secrets`` and ``uuid`` look random."""
_SWITCH = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_MIN_SWITCHES = 3
"""From a letter to a digit or back, with nothing between. Names with a number in them have one or two."""


class Placeholder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of what samples say; the fields are explained in the data file."""

    what: str
    source: str
    hosts: tuple[str, ...] = ()
    host: str | None = None
    unless: tuple[str, ...] = ()
    text: str | None = None

    def is_in(self, text: str) -> bool:
        return self.text is not None and re.search(self.text, text) is not None

    def is_host(self, host: str) -> bool:
        if any(is_host(host, pattern) for pattern in self.unless):
            return False
        listed = any(is_host(host, pattern) for pattern in self.hosts)
        return listed or (self.host is not None and re.fullmatch(self.host, host) is not None)


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    placeholder: tuple[Placeholder, ...]


@lru_cache(maxsize=1)
def placeholders() -> tuple[Placeholder, ...]:
    """What stands in samples where an address of one's own belongs."""
    text = (resources.files("preflight") / "data" / "placeholders.toml").read_text("utf-8")
    return converted(tomllib.loads(text), _Data).placeholder


def read_callback(text: str, allow_hosts: Iterable[str] = ()) -> CallbackFacts:
    """What a callback address says. Raises UsageError for an allowed host that is none, for nothing else."""
    allowed = frozenset(plain_host(host) for host in allow_hosts)
    try:
        url = read_url(text)
    except UsageError:
        return CallbackFacts(_UNSPEAKABLE, _why_unusable(text, None, allowed), None)
    tokens = [len(token) for part in _parts(url) for token in _TOKEN.findall(part) if _looks_random(token)]
    return CallbackFacts(url.origin, _why_unusable(text, url, allowed), max(tokens, default=0))


def _why_unusable(text: str, url: Url | None, allowed: frozenset[str]) -> str | None:
    """The first reason, as a sentence about the address without its path."""
    shown = _UNSPEAKABLE if url is None else url.origin
    written = text[:_SEARCHED].lower()
    if not written.startswith(("https://", "http://")):
        return f"{shown} is no https address"
    for placeholder in placeholders():
        strange = url is not None and url.host not in allowed and placeholder.is_host(url.host)
        if strange or placeholder.is_in(written):
            return f"{shown} is a placeholder: {placeholder.what}"
    try:
        public_url(text, name=shown, allow_hosts=allowed)
    except UsageError as exc:
        return str(exc)
    if "#" in text:
        return f"{shown} has a fragment behind #, which is never sent"
    return None


def _parts(url: Url) -> Iterator[str]:
    """The segments of the path and the values of the query."""
    yield from (unquote(segment) for segment in url.path.split("/"))
    yield from (unquote(parameter.partition("=")[2] or parameter) for parameter in url.query.split("&"))


def _looks_random(text: str) -> bool:
    """Whether nobody would think of it: not words, however they are joined, nor numbers that count."""
    runs = _RUN.findall(text)
    several = len(runs) > _MIN_SWITCHES and sum(map(len, runs)) / len(runs) <= _MEAN_RUN
    return several or len(_SWITCH.findall(text)) >= _MIN_SWITCHES
