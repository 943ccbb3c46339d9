"""The fake service on a loopback port, in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from asyncio import Transport
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Unpack

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from submit.errors import ConfigurationError
from submit.testing.app import TRANSPORT, application
from submit.testing.service import FakeReplicaService, Settings

__all__ = ["serving", "serving_fake"]

DEFAULT_HOST = "127.0.0.1"
START_S = 10.0
STOP_S = 10.0
_GRACE_S = 1  # for answers that are under way when the server is told to stop
_LOOK_S = 0.005


@contextlib.contextmanager
def serving_fake(**settings: Unpack[Settings]) -> Iterator[FakeReplicaService]:
    """Serve a FakeReplicaService on a free loopback port, at ``service.url``. See ``Settings``.

    Several may run at once. The port, the thread and its event loop end with the block.
    """
    service = FakeReplicaService(**settings)
    with serving(service):
        yield service


@contextlib.contextmanager
def serving(service: FakeReplicaService, *, host: str = DEFAULT_HOST, port: int = 0) -> Iterator[None]:
    """Serve it there; port 0 is any free one. Raises ConfigurationError where that cannot be done."""
    listening = _listening(host, port)
    app = application(service)
    server = _Server(app)
    thread = threading.Thread(
        target=server.run, args=([listening],), name="fake replica service", daemon=True
    )
    try:
        shown = f"[{host}]" if ":" in host else host
        service.url = f"http://{shown}:{listening.getsockname()[1]}"
        thread.start()
        _wait_for(server, thread)
        yield
    finally:
        server.should_exit = True
        if thread.ident is not None:
            thread.join(STOP_S)
        listening.close()
    if thread.is_alive():
        raise ConfigurationError(f"the fake service did not stop within {STOP_S:g} s")


class _Server(uvicorn.Server):
    """When it stops, answers that wait are given at once, and requests that are not complete are let go."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._closing = app.state.closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        for connection in list(self.server_state.connections):
            if isinstance(connection, _Protocol) and connection.waits_for_more:
                connection.transport.abort()
        await super().shutdown(sockets)


class _Protocol(H11Protocol):
    """HTTP/1.1 that hands the connection down to the application, so that faults can end it."""

    @property
    def waits_for_more(self) -> bool:
        """Whether a request has begun and not ended."""
        return self.cycle is not None and self.cycle.more_body

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False  # Config(access_log=False) would silence every other server of this process
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            extensions = {**scope.get("extensions", {}), TRANSPORT: transport}
            await app({**scope, "extensions": extensions}, receive, send)

        self.app = with_transport


def _listening(host: str, port: int) -> socket.socket:
    host = DEFAULT_HOST if host == "localhost" else host
    try:
        local = ip_address(host)
    except ValueError:
        raise ConfigurationError(
            f"{host!r} is not an address; the fake service listens on 127.0.0.1"
        ) from None
    if not local.is_loopback:
        raise ConfigurationError(
            f"{host} is not a loopback address; the fake service accepts any key and has no business outside"
        )
    family = socket.AF_INET6 if local.version == 6 else socket.AF_INET
    # asyncio sends without delay only where the protocol is named; an answer takes 40 ms longer otherwise
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except (OSError, OverflowError) as exc:
        listening.close()
        why = exc.strerror if isinstance(exc, OSError) else "no such port"
        raise ConfigurationError(f"the fake service cannot listen on {host} port {port}: {why}") from exc
    return listening


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise ConfigurationError("the fake service did not start")
        time.sleep(_LOOK_S)
