"""Addresses of files, read one way: what another program could read another way is refused.

Read by the grammar of RFC 3986 and not by urllib, which is lenient, and not the same in every Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

from preflight.errors import UsageError
from preflight.network.address import IPAddress
from preflight.text import printable

__all__ = ["Url", "is_address", "is_host", "plain_host", "read_url"]

_MAX_LENGTH = 8_192  # presigned addresses with a session token reach 2,000
_PORTS = {"https": 443, "http": 80}
_MEANT = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|(?:https?|ftp|file|data|s3|gs):)", re.IGNORECASE)
_PARTS = re.compile(
    r"(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)
_RELATIVE = re.compile(r"[^:/?#]*(?:[/?#]|\Z)")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]{0,5}))?")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)")
_SAFE = "%/:;=@!$&'()*+,?-._~[]|"


@dataclass(frozen=True, slots=True)
class Url:
    """An address of a file. Its ``target``, path and query, is as secret as a password: it may sign.

    ``host`` is in lower case and ASCII, without brackets; ``ip`` is set where it is the text of an IP
    address. No user, no fragment.
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
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Host, and the port where it is not the usual one: what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.has_usual_port else f"{host}:{self.port}"

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
        plain = _require_plain(location.strip().replace(" ", "%20"), "its address")
        if not _RELATIVE.match(plain):
            return read_url(plain)
        try:
            return read_url(urljoin(self.origin + self.target, plain))
        except ValueError:
            raise UsageError("its address cannot be read") from None


def is_address(source: object) -> bool:
    """Whether a source is meant as an address of the network, and not as a file."""
    return isinstance(source, str) and _MEANT.match(source) is not None


def read_url(text: str, *, name: str | None = None) -> Url:
    """Read an address. Raises UsageError for any that is not plain.

    The message begins with ``name``, or else with the address without user, query and fragment, as far as
    it can be told which is which.
    """
    parts = _PARTS.fullmatch(text)
    scheme, authority, path, query = parts.groups() if parts else (None, None, "", None)
    scheme, (_, at, place) = (scheme or "").lower(), (authority or "").rpartition("@")
    host_and_port = _AUTHORITY.fullmatch(place) if place else None
    if name is None:
        shown = f"{scheme}://{place}{path}" if host_and_port else f"{scheme}://" * (authority is not None)
        name = printable(shown, limit=200) or "the address"
    if len(text) > _MAX_LENGTH:
        raise UsageError(f"{name}: an address has at most {_MAX_LENGTH} characters")
    _require_plain(text, name)
    if scheme not in _PORTS:
        raise UsageError(f"{name}: only https:// is read; a presigned address of a stored file is one")
    if at:
        raise UsageError(f"{name}: carries a user or a password; the service takes addresses without")
    if authority and not host_and_port:
        raise UsageError(f"{name}: its host or its port cannot be read")
    if host_and_port is None or not host_and_port["host"]:
        raise UsageError(f"{name}: names no host")
    port = int(host_and_port["port"] or _PORTS[scheme])
    if not 0 < port < 65_536:
        raise UsageError(f"{name}: there is no port {port}")
    host, ip = _host(host_and_port["host"], name)
    target = quote(path or "/", safe=_SAFE)
    if query is not None:
        target += "?" + quote(query, safe=_SAFE)
    return Url(scheme, host, port, target, ip)


def plain_host(text: str) -> str:
    """A host by itself, spelt as in ``Url.host``. Raises UsageError."""
    bare = text.removeprefix("[").removesuffix("]")
    try:
        return _host(f"[{bare}]" if ":" in bare else bare, "")[0]
    except UsageError:
        raise UsageError(
            f"{printable(text, limit=80)!r} is not a host by itself; leave out scheme, port and path"
        ) from None


def is_host(host: str, pattern: str) -> bool:
    """Whether it is that host, with or without www; ``*.`` means the host and all below it."""
    domain = pattern.removeprefix("*.")
    below = host.endswith(f".{domain}") if domain != pattern else host == f"www.{domain}"
    return below or host == domain


def _require_plain(text: str, name: str) -> str:
    if not text.isprintable() or " " in text or "\\" in text:
        raise UsageError(f"{name}: holds a blank, a backslash or what cannot be seen; encode it with %")
    return text


def _host(text: str, name: str) -> tuple[str, IPAddress | None]:
    """The host, and the address where it is one."""
    if text.startswith("["):
        try:
            address = IPv6Address(text[1:-1])
        except AddressValueError:
            raise UsageError(f"{name}: its host is no IPv6 address") from None
        if address.scope_id is not None:
            raise UsageError(f"{name}: an IPv6 address with a zone is one of this machine's network alone")
        return str(address), address
    host = _ascii(text).removesuffix(".")
    if not _NAME.fullmatch(host):
        raise UsageError(f"{name}: its host is no name that can be looked up")
    if not _NUMBER.fullmatch(host):
        return host, None
    try:
        return host, IPv4Address(host)
    except AddressValueError:
        raise UsageError(
            f"{name}: its host is a number that programs read differently; write it as 192.0.2.1 is written"
        ) from None


def _ascii(host: str) -> str:
    """The host in lower case, and as it is looked up where it is in another script; empty if it cannot be."""
    if host.isascii() or len(host) > 253:
        return host.lower()
    import idna

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return ""
