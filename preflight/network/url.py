"""Addresses of files, read one way: what cannot be read without doubt is refused."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

import idna

from preflight.errors import UsageError
from preflight.evidence.file import display_name
from preflight.network.address import IPAddress

__all__ = ["Url", "is_address", "read_url"]

_MAX_LENGTH = 8_192  # presigned addresses with a session token reach 2,000
_PORTS = {"https": 443, "http": 80}
_UNPRINTED = re.compile(r"[\x00-\x20\x7f\\]")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.ASCII)
_SAFE = "%/:;=@!$&'()*+,?-._~[]|"


@dataclass(frozen=True, slots=True)
class Url:
    """An address of a file. Its ``target``, path and query, is as secret as a password: it may sign.

    ``host`` is in lower case and ASCII, or the text of an IP address; ``ip`` is that address, however it was
    spelt. No user, no fragment.
    """

    scheme: str
    host: str
    port: int
    target: str
    ip: IPAddress | None = None

    def __str__(self) -> str:
        """Without the query."""
        return f"{self.origin}{self.path}"

    def __repr__(self) -> str:
        return f"Url({str(self)!r})"

    @property
    def whole(self) -> str:
        """With the query: for the connection, and for nothing that anybody reads."""
        return f"{self.origin}{self.target}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Host, and the port where it is not the usual one: what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def has_usual_port(self) -> bool:
        return self.port == _PORTS[self.scheme]

    def joined(self, location: str) -> Url:
        """Where a redirect from here leads. Raises UsageError."""
        return read_url(urljoin(self.whole, location.strip()))


def is_address(source: object) -> bool:
    """Whether a source is meant as an address of the network, and not as a file."""
    return isinstance(source, str) and "://" in source[:32] and not source.startswith(("/", "."))


def read_url(text: str) -> Url:
    """Read an address. Raises UsageError, which names it without its query, for any that is not plain."""
    name = display_name(text)
    if len(text) > _MAX_LENGTH:
        raise UsageError(f"{name[:80]}…: an address has at most {_MAX_LENGTH} characters")
    if _UNPRINTED.search(text):
        raise UsageError(f"{name}: an address holds no blanks, backslashes or control characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise UsageError(f"{name}: is no address: its host or port cannot be read") from exc
    if parts.scheme not in _PORTS:
        raise UsageError(f"{name}: only https is read, not {parts.scheme or 'this'}")
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{name}: carries a user or a password; the service takes addresses without")
    if not host or port == 0:
        raise UsageError(f"{name}: names no host to ask")
    host, ip = _host(host, name)
    target = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE)
    return Url(parts.scheme, host, port or _PORTS[parts.scheme], target, ip)


def _host(text: str, name: str) -> tuple[str, IPAddress | None]:
    """The host, and the address where it is one, in any of the spellings that resolvers accept."""
    if ":" in text:
        try:
            address = IPv6Address(text)
        except AddressValueError as exc:
            raise UsageError(f"{name}: its host is no IPv6 address") from exc
        if address.scope_id is not None:
            raise UsageError(f"{name}: an IPv6 address with a zone is one of this machine's network alone")
        return str(address), address
    try:
        host = idna.encode(text, uts46=True).decode().lower().rstrip(".")
    except idna.IDNAError:
        host = text.lower().rstrip(".")
    if not re.fullmatch(r"[a-z0-9_.-]{1,253}", host, re.ASCII) or ".." in host or host.startswith("."):
        raise UsageError(f"{name}: its host is no name that can be looked up")
    if all(_NUMBER.fullmatch(part) for part in host.split(".")[-1:]):
        return _numbers(host, name)
    return host, None


def _numbers(host: str, name: str) -> tuple[str, IPAddress]:
    """A host that ends in a number is an IPv4 address, perhaps octal, hexadecimal or short."""
    try:
        packed = socket.inet_aton(host)
    except OSError as exc:
        raise UsageError(f"{name}: its host ends in a number and is no IPv4 address") from exc
    address = IPv4Address(packed)
    return str(address), address
