"""The fake service as a web application, and its callbacks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from ipaddress import ip_address
from typing import Any, Unpack
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from submit.errors import ConfigurationError
from submit.testing.bodies import DIALECTS, FACES, REPLICAS, Dialect
from submit.testing.faults import Fault, Operation
from submit.testing.openapi import openapi_document
from submit.testing.service import MAX_BODY, Answer, CallBack, FakeReplicaService, Question, Settings

__all__ = ["TRANSPORT", "ConnectionDropped", "application", "fake_service"]

TRANSPORT = "replica_preflight.transport"
"""The extension of the scope in which the server hands down the connection, so that it can be ended."""

CALLBACK_S = 5.0
MAX_DRAINED = 32_000_000
_TICK_S = 0.02


class ConnectionDropped(Exception):  # noqa: N818 - what happened
    """A fault ends the connection, and the server in use does not let applications do that."""


def fake_service(**settings: Unpack[Settings]) -> Starlette:
    """The fake service as an application, to mount or to serve. See ``Settings``.

    Its FakeReplicaService is ``app.state.service``. The faults that end a connection need the server of
    ``serving_fake`` or ``preflight fake-service``; elsewhere they raise ConnectionDropped, which servers turn
    into 500.
    """
    return application(FakeReplicaService(**settings))


def application(service: FakeReplicaService) -> Starlette:
    """The application around a service that there is already."""
    caller = _Caller(service)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await caller.close()

    closing = asyncio.Event()
    app = Starlette(
        routes=[
            *_documented(service, caller, closing),
            *_controls(service),
            Route("/openapi.json", _openapi, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _not_routed(service)},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # so that every request is answered as it was put
    app.state.service = service
    app.state.closing = closing  # set by the server: answers that wait are given at once
    return app


async def _openapi(request: Request) -> Response:
    return JSONResponse(openapi_document())


# ---- the documented routes


def _documented(service: FakeReplicaService, caller: _Caller, closing: asyncio.Event) -> list[Route]:
    def route(path: str, dialect: Dialect, **operations: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                body = await _body(request)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody listens, and nothing was asked
            question = _asked(request, operations.get(request.method, Operation.GET), dialect, body)
            answer = service.answer(question)
            caller.wake()
            return _Played(answer, closing)

        return Route(path, endpoint, methods=list(operations))

    routes = [route("/v2/voices", REPLICAS, GET=Operation.VOICES)]
    for dialect in DIALECTS:
        one, rename = f"{dialect.path}/{{replica_id}}", Operation.RENAME
        routes.append(route(dialect.path, dialect, POST=Operation.CREATE, GET=Operation.LIST))
        if dialect is FACES:
            routes.append(route(one, dialect, GET=Operation.GET, DELETE=Operation.DELETE, PATCH=rename))
        else:
            routes.append(route(one, dialect, GET=Operation.GET, DELETE=Operation.DELETE))
            routes.append(route(f"{one}/name", dialect, PATCH=rename))
    return routes


def _asked(request: Request, operation: Operation, dialect: Dialect, body: bytes | None) -> Question:
    return Question(
        operation=operation,
        dialect=dialect,
        method=request.method,
        path=request.scope["path"],
        query=tuple(request.query_params.multi_items()),
        replica_id=request.path_params.get("replica_id", ""),
        body=body,
        key=request.headers.get("x-api-key", ""),
    )


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too large; that much more is still read, so that the answer is."""
    content, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_DRAINED:
            break
        if size <= MAX_BODY:
            content += chunk
    return bytes(content) if size <= MAX_BODY else None


def _not_routed(service: FakeReplicaService) -> Callable[[Request, Exception], Awaitable[Response]]:
    """404 and 405 in JSON; the request is remembered. Their bodies are not documented."""

    async def handler(request: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)  # noqa: S101 - what it is registered for
        question = _asked(request, Operation.ANY, REPLICAS, None)
        service.record(question, exc.status_code, known=False)
        return JSONResponse({"message": exc.detail}, exc.status_code, exc.headers)

    return handler


class _Played(Response):
    """An answer as the wire sees it: late, cut short, or none at all."""

    def __init__(self, answer: Answer, closing: asyncio.Event) -> None:
        super().__init__(
            answer.content or None,
            answer.status or 200,
            dict(answer.headers),
            media_type=answer.content_type if answer.content else None,
        )
        self._answer = answer
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._answer.wait_s:
            await self._wait(receive)
        if self._answer.ending is None:
            await super().__call__(scope, receive, send)
            return
        transport = scope.get("extensions", {}).get(TRANSPORT)
        if transport is None:
            raise ConnectionDropped("this server does not let the application end a connection")
        if self._answer.ending == "cut-short":
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            half = self.body[: len(self.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        if self._answer.ending == "reset":
            abandon = transport.get_extra_info("socket")
            abandon.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()
        await _disconnected(receive)

    async def _wait(self, receive: Receive) -> None:
        """Until the time is over, nobody listens any more, or the server ends."""
        waiting = [asyncio.ensure_future(_disconnected(receive)), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait(waiting, timeout=self._answer.wait_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# ---- the controls


def _controls(service: FakeReplicaService) -> list[Route]:
    """For those who cannot reach the service in their own process. Nothing here is the real service's."""

    async def add_faults(request: Request) -> Response:
        """One fault or several: ``{"name": "503", "times": 2}``, or the spelling of the command line."""
        for fault in [_fault(wanted) for wanted in await _wanted(request)]:
            service.fault(fault.name, fault.value, times=fault.times, on=fault.on)
        return shown_faults()

    def shown_faults() -> Response:
        return JSONResponse({"faults": [fault.to_dict() for fault in service.faults]})

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            return await add_faults(request)
        if request.method == "DELETE":
            service.clear_faults()
        return shown_faults()

    async def requests(request: Request) -> Response:
        return JSONResponse({"requests": [received.to_dict() for received in service.requests]})

    async def callbacks(request: Request) -> Response:
        return JSONResponse({"callbacks": [call.to_dict() for call in service.calls_back]})

    async def reset(request: Request) -> Response:
        service.reset()
        return Response(status_code=204)

    async def clock(request: Request) -> Response:
        for wanted in await _wanted(request) if request.method == "POST" else ():
            seconds = wanted.get("advance_s") if isinstance(wanted, dict) else None
            if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
                raise ConfigurationError('write {"advance_s": 10}')
            service.advance(seconds)
        return JSONResponse({"now": service.now().isoformat()})

    def route(path: str, endpoint: Any, *methods: str) -> Route:
        return Route(f"/_fake/{path}", _explained(endpoint), methods=list(methods))

    return [
        route("faults", faults, "GET", "POST", "DELETE"),
        route("requests", requests, "GET"),
        route("callbacks", callbacks, "GET"),
        route("reset", reset, "POST"),
        route("clock", clock, "GET", "POST"),
    ]


def _fault(wanted: Any) -> Fault:
    if isinstance(wanted, str):
        return Fault.read(wanted)
    if not isinstance(wanted, dict) or not {"name"} <= wanted.keys() <= {"name", "value", "times", "on"}:
        raise ConfigurationError("a fault has a name, and perhaps a value, times and on")
    return Fault(**wanted)


def _explained(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def explained(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ConfigurationError as exc:
            return JSONResponse({"error": str(exc)}, 400)

    return explained


async def _wanted(request: Request) -> list[Any]:
    """One thing or a list of them. JSON must be declared: pages of other origins cannot do that unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ConfigurationError("send JSON, with Content-Type: application/json")
    content = await _body(request)
    try:
        document = json.loads(content or b"")
    except (ValueError, RecursionError):
        raise ConfigurationError("the body is not JSON") from None
    return document if isinstance(document, list) else [document]


# ---- callbacks


class _Caller:
    """Sends what is due, once each, to this machine alone unless other hosts were allowed by name.

    The service documents no signature and no second try, so there are none here (read 2026-11-22).
    """

    def __init__(self, service: FakeReplicaService) -> None:
        self._service = service
        self._watch: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Begin to watch the clock, if a callback waits for it."""
        if self._service.awaits_callbacks and (self._watch is None or self._watch.done()):
            self._watch = asyncio.get_running_loop().create_task(self._watching())

    async def close(self) -> None:
        tasks = [*self._calls, *([] if self._watch is None else [self._watch])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watching(self) -> None:
        while self._service.awaits_callbacks:
            for url, document in self._service.take_due():
                call = asyncio.get_running_loop().create_task(self._call(url, document))
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)
            await asyncio.sleep(_TICK_S)

    async def _call(self, url: str, document: dict[str, Any]) -> None:
        import httpx

        status, trouble = None, None
        sent = _may_be_called(url, self._service.callback_hosts)
        if sent:
            try:
                async with (
                    asyncio.timeout(CALLBACK_S),
                    httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=CALLBACK_S) as client,
                    client.stream("POST", url, json=document) as answer,
                ):
                    status = answer.status_code
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, UnicodeError) as exc:
                trouble = type(exc).__name__
        else:
            trouble = "not sent: callbacks go to loopback addresses only"
        self._service.called_back(CallBack(url, document, sent, status, trouble))


def _may_be_called(url: str, hosts: Collection[str]) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host in hosts or ip_address(host).is_loopback
    except ValueError:
        return False
