"""A file on a web server of this machine, which behaves, or misbehaves in a way that a test chooses.

Plain sockets and threads, so that it can do what no HTTP library would. What it was asked, and how much it
sent, is recorded.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

__all__ = [
    "Exchange",
    "Manner",
    "Request",
    "WebServer",
    "changes_etag",
    "cookie",
    "drips_body",
    "drips_chunk_size",
    "drips_headers",
    "endless",
    "endless_chunks",
    "gzipped",
    "html",
    "ignores_ranges",
    "in_turn",
    "nonsense",
    "properly",
    "redirects",
    "resets",
    "serving",
    "silent",
    "stalls",
    "status",
    "too_few_bytes",
    "too_many_bytes",
    "wrong_range",
]

_CHUNK = 1 << 16
_LONGEST_S = 20.0


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived. ``line`` is the request line byte for byte; ``connection`` counts from 1.

    Header names are in lower case.
    """

    line: bytes
    headers: Mapping[str, str]
    connection: int

    @property
    def target(self) -> str:
        """Path and query."""
        return self.line.split(b" ")[1].decode("latin-1")

    @property
    def range(self) -> str | None:
        return self.headers.get("range")


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(self, server: WebServer, connection: socket.socket, request: Request) -> None:
        self.server, self.request = server, request
        self._connection = connection

    def send(self, data: bytes, *, body: bool = True) -> None:
        """Hand bytes to the system. Those of bodies are counted."""
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            self._connection.sendall(chunk)
            if body:
                self.server.count(len(chunk))

    def head(self, code: int, headers: Mapping[str, str]) -> None:
        self.send(_head(code, headers), body=False)

    def answer(self, code: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """A whole answer."""
        self.head(code, {"Content-Length": str(len(body))} | dict(headers or {}))
        if not self.request.line.startswith(b"HEAD "):
            self.send(body)

    def hang_up(self) -> None:
        """Leave the connection, and the thread that serves it."""
        raise ConnectionAbortedError

    def reset(self) -> None:
        """End the connection with a RST: what was sent and not read is lost with it."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.hang_up()

    def wait(self, seconds: float = _LONGEST_S) -> None:
        """Do nothing for so long, or until the client goes or the server ends."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.server.ended:
                self.hang_up()
            ready, _, _ = select.select([self._connection], [], [], min(left, 0.01))
            if ready and not self._connection.recv(1):
                self.hang_up()


Manner = Callable[[Exchange], None]
"""How a request is answered."""


class WebServer:
    """``content`` at every path, served as its ``manner`` is. Both may be changed while it runs."""

    def __init__(self, content: bytes, manner: Manner, *, etag: str | None, latency_s: float) -> None:
        self.content, self.manner, self.etag, self.latency_s = content, manner, etag, latency_s
        self.content_type = "video/mp4"
        self.requests: list[Request] = []
        self.connections = 0
        self.open_connections = 0
        self.sent_bytes = 0
        self.server_names: list[str | None] = []
        self.ended = False
        self.host, self.port, self.scheme = "", 0, "http"
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def url(self, target: str = "/clip.mp4", *, host: str | None = None) -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{target}"

    @property
    def ranges(self) -> list[str | None]:
        """The Range header of each request."""
        return [request.range for request in self.requests]

    def file_headers(self) -> dict[str, str]:
        etag = {"ETag": self.etag} if self.etag else {}
        return {"Content-Type": self.content_type, "Accept-Ranges": "bytes"} | etag

    def count(self, sent: int) -> None:
        with self._lock:
            self.sent_bytes += sent

    def wait_until_idle(self, seconds: float = 2.0) -> bool:
        """Whether every connection is closed, by the client, within so many seconds."""
        until = time.monotonic() + seconds
        while self.open_connections and time.monotonic() < until:
            time.sleep(0.005)
        return not self.open_connections

    def run(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        while not self.ended:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self.open_connections += 1
                number = self.connections
            thread = threading.Thread(target=self._connected, args=(connection, number, tls), daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(5)

    def _connected(self, connection: socket.socket, number: int, tls: ssl.SSLContext | None) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _CHUNK)
            connection.settimeout(_LONGEST_S)
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            while True:
                self._served(connection, number)
        except (OSError, EOFError):
            pass
        finally:
            connection.close()
            with self._lock:
                self.open_connections -= 1

    def _served(self, connection: socket.socket, number: int) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            while not select.select([connection], [], [], 0.01)[0]:
                if self.ended:
                    raise EOFError
            more = connection.recv(_CHUNK)
            if not more:
                raise EOFError
            received += more
        line, *fields = received.partition(b"\r\n\r\n")[0].split(b"\r\n")
        pairs = (field.decode("latin-1").partition(":") for field in fields)
        request = Request(line, {name.lower(): value.strip() for name, _, value in pairs}, number)
        with self._lock:
            self.requests.append(request)
        exchange = Exchange(self, connection, request)
        if self.latency_s:
            exchange.wait(self.latency_s)
        self.manner(exchange)


@contextlib.contextmanager
def serving(
    content: bytes = b"0123456789" * 100,
    manner: Manner | None = None,
    *,
    etag: str | None = '"v1"',
    latency_s: float = 0.0,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> Iterator[WebServer]:
    """Run a server on a free port of a loopback address. ``latency_s`` is added to each request."""
    server = WebServer(content, manner or properly, etag=etag, latency_s=latency_s)
    if tls is not None:
        server.scheme = "https"
        tls.sni_callback = lambda _, name, __: server.server_names.append(name)
    with socket.create_server((host, 0), backlog=64) as listener:
        server.host, server.port = host, listener.getsockname()[1]
        thread = threading.Thread(target=server.run, args=(listener, tls), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.ended = True
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            server.join()


# ---- manners


def properly(exchange: Exchange) -> None:
    """Byte ranges, If-Range and HEAD as RFC 9110 wants them; several ranges at once are answered whole."""
    server, request = exchange.server, exchange.request
    span = _asked_for(request.range, len(server.content))
    if request.headers.get("if-range", server.etag) != server.etag:
        span = None
    if span is None:
        exchange.answer(200, server.content, server.file_headers())
    elif span[0] >= len(server.content):
        exchange.answer(416, headers={"Content-Range": f"bytes */{len(server.content)}"})
    else:
        first, last = span
        exchange.answer(
            206,
            server.content[first : last + 1],
            server.file_headers() | {"Content-Range": f"bytes {first}-{last}/{len(server.content)}"},
        )


def in_turn(*manners: Manner) -> Manner:
    """The first request in the first manner, the second in the second, those after the last in the last."""

    def manner(exchange: Exchange) -> None:
        asked = len(exchange.server.requests)
        manners[min(asked, len(manners)) - 1](exchange)

    return manner


def silent(exchange: Exchange) -> None:
    """Accepts, and never answers."""
    exchange.wait()
    exchange.hang_up()


def drips_headers(every_s: float = 0.02) -> Manner:
    """A byte of an endless header now and then."""

    def manner(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nX-Wait: ", body=False)
        for _ in range(int(_LONGEST_S / every_s)):
            exchange.send(b"x", body=False)
            exchange.wait(every_s)
        exchange.hang_up()

    return manner


def drips_body(bytes_per_s: float = 10.0, *, after: int = 0) -> Manner:
    """Proper headers, so many bytes at once, and the rest in drops."""

    def manner(exchange: Exchange) -> None:
        body = _begun(exchange)
        exchange.send(body[:after])
        for at in range(after, len(body)):
            exchange.send(body[at : at + 1])
            exchange.wait(1 / bytes_per_s)

    return manner


def drips_chunk_size(every_s: float = 0.02) -> Manner:
    """A chunk whose size goes on and on, so that bytes come and none is of the body."""

    def manner(exchange: Exchange) -> None:
        exchange.head(200, exchange.server.file_headers() | {"Transfer-Encoding": "chunked"})
        exchange.send(b"5\r\n01234\r\n5;", body=False)
        for _ in range(int(_LONGEST_S / every_s)):
            exchange.send(b"x", body=False)
            exchange.wait(every_s)
        exchange.hang_up()

    return manner


def nonsense(answer: bytes) -> Manner:
    """These bytes as an answer, whatever they are, and then the end."""

    def manner(exchange: Exchange) -> None:
        exchange.send(answer, body=False)
        exchange.hang_up()

    return manner


def stalls(after: int = 100) -> Manner:
    """Proper headers, so many bytes, and nothing more."""

    def manner(exchange: Exchange) -> None:
        exchange.send(_begun(exchange)[:after])
        exchange.wait()
        exchange.hang_up()

    return manner


def resets(after: int = 100) -> Manner:
    """Proper headers, so many bytes, and a RST. The client has time to read the bytes first."""

    def manner(exchange: Exchange) -> None:
        exchange.send(_begun(exchange)[:after])
        exchange.wait(0.05)
        exchange.reset()

    return manner


def too_few_bytes(missing: int = 10) -> Manner:
    """Content-Length promises more than comes before the connection is closed."""

    def manner(exchange: Exchange) -> None:
        body = _begun(exchange)
        exchange.send(body[: len(body) - missing])
        exchange.hang_up()

    return manner


def too_many_bytes(extra: int = 10) -> Manner:
    """Content-Length promises less than comes."""

    def manner(exchange: Exchange) -> None:
        exchange.send(_begun(exchange))
        exchange.send(b"x" * extra)
        exchange.hang_up()

    return manner


def endless(exchange: Exchange) -> None:
    """A body without a length that never ends."""
    exchange.head(200, exchange.server.file_headers() | {"Connection": "close"})
    while not exchange.server.ended:
        exchange.send(b"x" * _CHUNK)
    exchange.hang_up()


def endless_chunks(exchange: Exchange) -> None:
    """The same in chunks."""
    exchange.head(200, exchange.server.file_headers() | {"Transfer-Encoding": "chunked"})
    while not exchange.server.ended:
        exchange.send(b"%x\r\n%s\r\n" % (_CHUNK, b"x" * _CHUNK))
    exchange.hang_up()


def gzipped(exchange: Exchange) -> None:
    """Compressed, whatever was asked for."""
    import gzip

    packed = gzip.compress(exchange.server.content)
    exchange.answer(200, packed, exchange.server.file_headers() | {"Content-Encoding": "gzip"})


def html(exchange: Exchange) -> None:
    """A page instead of a file, as share links give it."""
    page = b"<!DOCTYPE html><html><body>Sign in to see this file</body></html>"
    exchange.answer(200, page, {"Content-Type": "text/html; charset=utf-8"})


def status(code: int, **headers: str) -> Manner:
    """Any status. ``retry_after="5"`` is the header Retry-After."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}

    def manner(exchange: Exchange) -> None:
        exchange.answer(code, b"so it is", named)

    return manner


def redirects(*locations: str, code: int = 302) -> Manner:
    """To the first location, from there to the second, and so on; then the file. The last may be anything.

    One location that leads here again makes a loop: use ``status(302, location=...)`` for that.
    """
    return in_turn(*(status(code, location=location) for location in locations), properly)


def cookie(value: str) -> Manner:
    """The file, and a cookie with it."""

    def manner(exchange: Exchange) -> None:
        headers = exchange.server.file_headers() | {"Set-Cookie": f"session={value}; Path=/"}
        exchange.answer(200, exchange.server.content, headers)

    return manner


def ignores_ranges(exchange: Exchange) -> None:
    """The whole file, whatever part was asked for; says nothing of ranges."""
    headers = exchange.server.file_headers()
    del headers["Accept-Ranges"]
    exchange.answer(200, exchange.server.content, headers)


def wrong_range(header: str | None = None) -> Manner:
    """A part, but not the one that was asked for; or a Content-Range of your own."""

    def manner(exchange: Exchange) -> None:
        content = exchange.server.content
        first, last = _asked_for(exchange.request.range, len(content)) or (0, len(content) - 1)
        said = header or f"bytes {first + 1}-{last + 1}/{len(content)}"
        exchange.answer(
            206, content[first : last + 1], exchange.server.file_headers() | {"Content-Range": said}
        )

    return manner


def changes_etag(exchange: Exchange) -> None:
    """Another ETag with each request, as if the file was replaced all the time."""
    exchange.server.etag = f'"v{len(exchange.server.requests)}"'
    properly(exchange)


def _begun(exchange: Exchange) -> bytes:
    """Send the headers that the proper answer has; its body is left to the caller."""
    server = exchange.server
    span = _asked_for(exchange.request.range, len(server.content))
    first, last = span or (0, len(server.content) - 1)
    body = server.content[first : last + 1]
    headers = server.file_headers() | {"Content-Length": str(len(body))}
    if span is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{len(server.content)}"
    exchange.head(200 if span is None else 206, headers)
    return body


def _asked_for(text: str | None, size: int) -> tuple[int, int] | None:
    """The first and last byte of a single range; ``None`` for none, several, or nonsense."""
    first, dash, last = (text or "").removeprefix("bytes=").partition("-")
    if not dash or "," in last:
        return None
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last or size), size - 1)


def _head(code: int, headers: Mapping[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(code).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {code} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")
