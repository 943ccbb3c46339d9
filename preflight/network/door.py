"""The guarded door to the network: nothing else in this package asks a stranger's server for anything.

A name is looked up once. Every address it has is looked at, and the connection goes to one that was looked
at: whoever answers the next question about that name answers nobody. Redirects are followed by hand, each
looked at like the first address. No proxy, no cookies, no credentials, nothing unpacked.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING

from preflight.errors import SourceError, UsageError
from preflight.network.address import IPAddress, why_refused
from preflight.network.quiet import keep_quiet
from preflight.network.url import Url, plain_host
from preflight.text import printable
from preflight.version import __version__

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Door", "Patience", "Resolver"]

MAX_REDIRECTS = 5
_MOVED = {301, 302, 303, 307, 308}
_TRIED_ADDRESSES = 4

Resolver = Callable[[str, int], Awaitable[Sequence[IPAddress]]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds.

    ``answer_s`` is from the question to the end of the headers, with looking up the name and redirects. A
    body may pause for ``read_s``, and is too slow with less than ``slowest`` bytes a second over
    ``slow_for_s``; the whole of one may take ``body_s``, as may all that is asked for of one file.
    Time that the reader of a body takes is not counted.
    """

    connect_s: float = 10.0
    read_s: float = 20.0
    answer_s: float = 40.0
    slow_for_s: float = 30.0
    slowest: float = 20_000.0
    body_s: float = 3_600.0


@dataclass(slots=True)
class Answer:
    """An answer whose headers came. ``url`` is where it came from in the end, ``hops`` which redirects led
    there. ``headers`` have names in lower case; ``received`` counts the bytes of the body."""

    url: Url
    hops: tuple[Url, ...]
    status: int
    headers: Mapping[str, str] = field(repr=False)
    _response: httpx.Response = field(repr=False)
    _name: str
    _patience: Patience = field(repr=False)
    received: int = field(default=0, init=False)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it was sent, as it comes. Raises SourceError where it stalls, drips or breaks off."""
        import httpx

        patience, stream = self._patience, self._response.aiter_raw()
        total, waited, before = 0.0, 0.0, 0
        while True:
            asked = time.monotonic()
            try:
                # httpx bounds each read of the socket; what is read need not be any of the body
                async with asyncio.timeout(patience.slow_for_s):
                    chunk = await anext(stream, None)
            except (httpx.ReadTimeout, TimeoutError):
                raise self._broken(f"sent no more for {time.monotonic() - asked:.2g} s") from None
            except httpx.RemoteProtocolError:
                raise self._broken("ended the answer early") from None
            except httpx.TransportError as exc:
                raise self._broken("broke the connection") from exc
            if chunk is None:
                return
            self.received += len(chunk)
            took = time.monotonic() - asked
            total, waited = total + took, waited + took
            if total > patience.body_s:
                raise self._broken(f"was not done after {patience.body_s:g} s")
            if waited >= patience.slow_for_s:
                rate = (self.received - before) / waited
                if rate < patience.slowest:
                    raise self._broken(f"is too slow, {rate:.0f} bytes a second,")
                waited, before = 0.0, self.received
            yield chunk

    def _broken(self, how: str) -> SourceError:
        return SourceError(f"{self._name}: the server {how} after {self.received} bytes; try again later")


class Door:
    """Asks servers for files. ``allow_hosts`` may have private addresses, plain http and unusual ports.

    To be used as an asynchronous context manager. ``resolver`` and ``tls`` are for tests. Raises UsageError
    for an allowed host that is not the name of one.
    """

    def __init__(
        self,
        *,
        allow_hosts: Iterable[str] = (),
        patience: Patience | None = None,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = frozenset(plain_host(host) for host in allow_hosts)
        self.patience = patience or Patience()
        self._resolver = resolver or _looked_up
        self._tls = tls
        self._known: dict[str, tuple[IPAddress, ...]] = {}
        self._transports: dict[str, httpx.AsyncHTTPTransport] = {}

    async def __aenter__(self) -> Door:
        keep_quiet()
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    @contextlib.asynccontextmanager
    async def ask(
        self, url: Url, *, first: int | None = None, last: int | None = None
    ) -> AsyncIterator[Answer]:
        """GET a file, or its bytes from ``first`` to ``last``, both included. Any status is an answer.

        Raises SourceError, which names the address without its query, where there is none.
        """
        name = str(url)
        try:
            async with asyncio.timeout(self.patience.answer_s):
                response, hops = await self._followed(url, _range(first, last), name)
        except TimeoutError:
            raise SourceError(
                f"{name}: no answer came within {self.patience.answer_s:g} s; try again later"
            ) from None
        try:
            headers = {key.lower(): value for key, value in response.headers.items()}
            yield Answer(hops[-1], hops[1:], response.status_code, headers, response, name, self.patience)
        finally:
            await response.aclose()

    async def _followed(
        self, url: Url, headers: Mapping[str, str], name: str
    ) -> tuple[httpx.Response, tuple[Url, ...]]:
        hops = [url]
        while True:
            response = await self._sent(hops[-1], headers, name)
            location = response.headers.get("location")
            if response.status_code not in _MOVED or not location:
                return response, tuple(hops)
            await response.aclose()
            if len(hops) > MAX_REDIRECTS:
                raise SourceError(f"{name}: redirects more than {MAX_REDIRECTS} times")
            try:
                after = hops[-1].joined(location)
            except UsageError as exc:
                raise SourceError(f"{name}: redirects to what is not read ({exc})") from None
            if hops[-1].scheme == "https" and after.scheme == "http":
                raise SourceError(f"{name}: redirects from https to plain http ({after})")
            hops.append(after)

    async def _sent(self, url: Url, headers: Mapping[str, str], name: str) -> httpx.Response:
        """One request, to the first address of its host that takes it."""
        import httpx

        failure: Exception | None = None
        for address in (await self._addresses(url, name))[:_TRIED_ADDRESSES]:
            try:
                response = await self._transport(url).handle_async_request(
                    self._request(url, address, headers)
                )
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                failure = exc
                continue
            except httpx.TimeoutException:
                raise SourceError(
                    f"{name}: {url.host} did not answer for {self.patience.read_s:g} s; try again later"
                ) from None
            except httpx.RemoteProtocolError:  # it quotes the answer
                raise SourceError(f"{name}: {url.host} hung up, or does not answer in HTTP") from None
            except httpx.TransportError as exc:
                raise SourceError(f"{name}: {url.host} broke the connection before it answered") from exc
            self._known[url.host] = (address,)
            return response
        raise SourceError(f"{name}: {_unreached(url, failure)}") from failure

    def _request(self, url: Url, address: IPAddress, headers: Mapping[str, str]) -> httpx.Request:
        """To an address, for a host. The target is handed on as it is: httpx would write it anew, and tell it
        in its exceptions."""
        import httpx

        patience = self.patience
        return httpx.Request(
            "GET",
            httpx.URL(scheme=url.scheme, host=str(address), port=url.port),
            headers={
                "Host": url.netloc,
                "User-Agent": f"replica-preflight/{__version__}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
                **headers,
            },
            extensions={
                "sni_hostname": url.host,
                "target": url.target.encode("ascii"),
                "timeout": {
                    "connect": patience.connect_s,
                    "read": patience.read_s,
                    "write": patience.read_s,
                    "pool": patience.answer_s,
                },
            },
        )

    def _transport(self, url: Url) -> httpx.AsyncHTTPTransport:
        """The connections to one host; hosts that share an address share none: each has its certificate.

        A transport and no client: one that knows no cookies, proxies, credentials or redirects.
        """
        import httpx

        if url.origin not in self._transports:
            if self._tls is None and url.scheme == "https":
                self._tls = httpx.create_ssl_context(trust_env=False)
            tls = self._tls if url.scheme == "https" else None
            self._transports[url.origin] = httpx.AsyncHTTPTransport(verify=tls or False, trust_env=False)
        return self._transports[url.origin]

    async def _addresses(self, url: Url, name: str) -> tuple[IPAddress, ...]:
        """Where the host is; looked up once, and looked at all of it. Raises SourceError."""
        if url.host in self._allowed:
            return await self._resolved(url, name)
        # where a redirect leads is the server's choice, and no host that a user should be told to open
        unless = f" (--allow-host {url.host} permits it for this check)"
        if str(url) != name:
            name, unless = f"{name}: redirects to {url}", ""
        if url.scheme != "https":
            raise SourceError(f"{name}: plain http is not read; serve the file over https{unless}")
        if not url.has_usual_port:
            raise SourceError(f"{name}: port {url.port} of {url.host} is not the usual one{unless}")
        addresses = await self._resolved(url, name)
        why = next(filter(None, map(why_refused, addresses)), None)
        if why is not None:
            raise SourceError(
                f"{name}: {url.host} is at a {why} address, which the service cannot reach{unless}"
            )
        return addresses

    async def _resolved(self, url: Url, name: str) -> tuple[IPAddress, ...]:
        if url.ip is not None:
            return (url.ip,)
        if url.host not in self._known:
            try:
                found = tuple(await self._resolver(url.host, url.port))
            except OSError:
                found = ()
            if not found:
                raise SourceError(
                    f"{name}: no address of {url.host} could be found; check the name, and the network"
                )
            self._known[url.host] = found
        return self._known[url.host]


def _range(first: int | None, last: int | None) -> dict[str, str]:
    if first is None and last is None:
        return {}
    return {"Range": f"bytes={first or 0}-{'' if last is None else last}"}


def _unreached(url: Url, failure: Exception | None) -> str:
    """Why no connection was made, in words, of what TLS and the system say."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {url.host} is not valid: {printable(cause.verify_message, limit=120)}"
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError):
            return f"{url.host} does not speak TLS as it should"
        cause = cause.__cause__ or cause.__context__
    return f"no connection to {url.host} could be made"


async def _looked_up(host: str, port: int) -> Sequence[IPAddress]:
    """The addresses of a host, in the system's order, from a thread that may be left behind."""
    found: Future[list[IPAddress]] = Future()
    found.set_running_or_notify_cancel()  # who stops waiting does not stop the thread

    def look() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(ip_address(answer[4][0]) for answer in answers)))
        except Exception as exc:
            found.set_exception(exc)

    Thread(target=look, daemon=True, name="resolver").start()
    return await asyncio.wrap_future(found)
