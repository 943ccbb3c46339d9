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

from preflight.errors import SourceError
from preflight.network.address import IPAddress, why_refused
from preflight.network.quiet import keep_quiet
from preflight.network.url import Url
from preflight.text import printable
from preflight.version import __version__

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Door", "Patience", "Resolver"]

MAX_REDIRECTS = 5
_MOVED = {301, 302, 303, 307, 308}
_TRIED_ADDRESSES = 4
_CONNECTIONS = 16

Resolver = Callable[[str, int], Awaitable[Sequence[IPAddress]]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds: ``answer_s`` is from the request to the end of the headers,
    redirects included. Of a body, less than ``slowest`` bytes a second over ``slow_for_s`` is too slow."""

    connect_s: float = 10.0
    read_s: float = 20.0
    answer_s: float = 40.0
    slow_for_s: float = 30.0
    slowest: float = 20_000.0


@dataclass(slots=True)
class Answer:
    """An answer whose headers came. ``url`` is where it came from in the end, ``hops`` how many redirects
    led there. ``headers`` have names in lower case."""

    url: Url
    hops: tuple[Url, ...]
    status: int
    headers: Mapping[str, str]
    _response: httpx.Response
    _name: str
    _patience: Patience
    received: int = field(default=0, init=False)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, as it was sent. Raises SourceError where it stalls, drips or breaks off."""
        import httpx

        since, before = time.monotonic(), 0
        try:
            async for chunk in self._response.aiter_raw():
                self.received += len(chunk)
                yield chunk
                now = time.monotonic()
                if now - since >= self._patience.slow_for_s:
                    rate = (self.received - before) / (now - since)
                    if rate < self._patience.slowest:
                        raise SourceError(
                            f"{self._name}: the server sends {rate:.0f} bytes a second, too few"
                        )
                    since, before = now, self.received
        except httpx.ReadTimeout as exc:
            raise SourceError(
                f"{self._name}: the server sent nothing for {self._patience.read_s:g} s, "
                f"after {self.received} bytes"
            ) from exc
        except httpx.RemoteProtocolError as exc:
            raise SourceError(f"{self._name}: the answer ended early, after {self.received} bytes") from exc
        except httpx.TransportError as exc:
            raise SourceError(f"{self._name}: the connection broke after {self.received} bytes") from exc


class Door:
    """Asks servers for files. ``allow_hosts`` may have private addresses, plain http and unusual ports.

    To be used as an asynchronous context manager. ``resolver`` and ``tls`` are for tests.
    """

    def __init__(
        self,
        *,
        allow_hosts: Iterable[str] = (),
        patience: Patience | None = None,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = {host.strip().rstrip(".").lower() for host in allow_hosts}
        self._patience = patience or Patience()
        self._resolver = resolver or _looked_up
        self._tls = tls
        self._known: dict[str, tuple[IPAddress, ...]] = {}

    async def __aenter__(self) -> Door:
        keep_quiet()
        self._clients: dict[str, httpx.AsyncClient] = {}
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.aclose()

    @contextlib.asynccontextmanager
    async def ask(
        self, url: Url, *, first: int | None = None, last: int | None = None
    ) -> AsyncIterator[Answer]:
        """GET a file, or its bytes from ``first`` to ``last``, both included. Any status is an answer.

        Raises SourceError, which names the address without its query, where there is none.
        """
        name = str(url)
        response = None
        try:
            async with asyncio.timeout(self._patience.answer_s):
                response, hops = await self._followed(url, _range(first, last), name)
            headers = {key.lower(): value for key, value in response.headers.items()}
            at = hops[-1]
            yield Answer(at, hops[1:], response.status_code, headers, response, name, self._patience)
        except TimeoutError as exc:
            if response is not None:
                raise
            raise SourceError(f"{name}: no answer came within {self._patience.answer_s:g} s") from exc
        finally:
            if response is not None:
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
            before, after = hops[-1], hops[-1].joined(location)
            if before.scheme == "https" and after.scheme == "http":
                raise SourceError(f"{name}: redirects from https to plain http ({after})")
            hops.append(after)

    async def _sent(self, url: Url, headers: Mapping[str, str], name: str) -> httpx.Response:
        """One request, to the first address of its host that takes it."""
        import httpx

        failure: Exception | None = None
        for address in (await self._addresses(url, name))[:_TRIED_ADDRESSES]:
            client = self._client(url)
            request = client.build_request(
                "GET",
                httpx.URL(
                    scheme=url.scheme, host=str(address), port=url.port, raw_path=url.target.encode("ascii")
                ),
                headers={
                    "Host": url.netloc,
                    "User-Agent": f"replica-preflight/{__version__}",
                    "Accept": "*/*",
                    "Accept-Encoding": "identity",
                    **headers,
                },
                extensions={"sni_hostname": url.host},
            )
            try:
                response = await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
                failure = exc
                continue
            except httpx.TimeoutException as exc:
                raise SourceError(
                    f"{name}: {url.host} did not answer for {self._patience.read_s:g} s"
                ) from exc
            except (httpx.TransportError, httpx.InvalidURL) as exc:
                raise SourceError(f"{name}: {url.host} hung up before it answered") from exc
            client.cookies.clear()
            self._known[url.host] = (address,)
            return response
        raise SourceError(f"{name}: {_unreached(url, failure)}") from failure

    def _client(self, url: Url) -> httpx.AsyncClient:
        """The connections to one host. Hosts that share an address share none: each has its certificate."""
        import httpx

        if url.origin not in self._clients:
            patience = self._patience
            limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
            transport = httpx.AsyncHTTPTransport(verify=self._tls or True, trust_env=False, limits=limits)
            self._clients[url.origin] = httpx.AsyncClient(
                transport=transport,
                timeout=httpx.Timeout(patience.read_s, connect=patience.connect_s, pool=patience.answer_s),
                follow_redirects=False,
                trust_env=False,
            )
        return self._clients[url.origin]

    async def _addresses(self, url: Url, name: str) -> tuple[IPAddress, ...]:
        """Where the host is; looked up once, and looked at all of it. Raises SourceError."""
        if url.host in self._allowed:
            return await self._resolved(url, name)
        if url.scheme != "https":
            raise SourceError(f"{name}: plain http is not read; serve the file over https{_unless(url)}")
        if not url.has_usual_port:
            raise SourceError(f"{name}: port {url.port} is not the usual one{_unless(url)}")
        addresses = await self._resolved(url, name)
        for address in addresses:
            why = why_refused(address)
            if why is not None:
                raise SourceError(
                    f"{name}: {url.host} is at a {why} address, which the service cannot reach{_unless(url)}"
                )
        return addresses

    async def _resolved(self, url: Url, name: str) -> tuple[IPAddress, ...]:
        if url.ip is not None:
            return (url.ip,)
        if url.host not in self._known:
            try:
                found = tuple(await self._resolver(url.host, url.port))
            except OSError as exc:
                raise SourceError(f"{name}: there is no host {url.host}") from exc
            if not found:
                raise SourceError(f"{name}: there is no host {url.host}")
            self._known[url.host] = found
        return self._known[url.host]


def _unless(url: Url) -> str:
    return f" (--allow-host {url.host} permits it for this check)"


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
        if isinstance(cause, ssl.SSLError):
            return f"{url.host} does not speak TLS as it should"
        cause = cause.__cause__ or cause.__context__
    return f"no connection to {url.host} could be made"


async def _looked_up(host: str, port: int) -> Sequence[IPAddress]:
    """The addresses of a host, in the system's order, from a thread that may be left behind."""
    found: Future[list[IPAddress]] = Future()

    def look() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(ip_address(answer[4][0]) for answer in answers)))
        except Exception as exc:
            found.set_exception(exc)

    Thread(target=look, daemon=True, name="resolver").start()
    return await asyncio.wrap_future(found)
