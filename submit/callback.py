"""A receiver of the service's callbacks, to mount in a web application.

The service documents no signature, no sender and no second try (read 2026-11-22). So a secret token in the
path keeps strangers out, the body is a hint and no more, and what counts is the service's own answer.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from submit.answers import Replica
from submit.client import AsyncReplicaClient, Confirmed
from submit.errors import ConfigurationError, LedgerError, NotReached, NotThere, Refused

try:
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.types import Receive, Scope, Send
except ModuleNotFoundError as exc:
    raise ConfigurationError(
        f"the receiver of callbacks needs {exc.name}, which is not installed: "
        "pip install 'replica-preflight[web]'"
    ) from exc

__all__ = ["MAX_BODY", "MIN_TOKEN", "READ_S", "callback_app", "new_token"]

MIN_TOKEN = 22
"""Characters; 128 bits in base64url. The policies ask the same of a callback address."""
MAX_BODY = 65_536
"""Bytes. What is documented has less than 1,000."""
READ_S = 10.0
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_WITHOUT_TOKEN = "/callback"
_CLOSE = {"connection": "close"}
_log = logging.getLogger(__name__)

OnEnd = Callable[[Replica], Awaitable[None] | None]
"""Told that a training has ended. One that is no coroutine function runs in the event loop."""


def new_token() -> str:
    """A secret for the path of a callback address. Keep it: trainings outlast the program that began them."""
    return secrets.token_urlsafe(32)


def callback_app(client: AsyncReplicaClient, *, token: str, on_end: OnEnd | None = None) -> Starlette:
    """An application that answers ``POST /{token}``, and 404 to everything else.

    The end of a training is asked for with ``client``, written into its ledger, and told to ``on_end``: once,
    however often and to however many processes with that ledger it is reported. Whoever else learns of the
    end first through the ledger (``client.wait``, ``client.confirm``) has been told in place of ``on_end``.

    Replicas that are not in the ledger are not asked about. The answers:

    - 204 the training has ended, and that is written down
    - 202 it has not ended, or is none of ours
    - 400 no JSON object with an id; 408 too slow; 413 too large
    - 500 ``on_end`` raised; the end is written down, and ``on_end`` is not called for it again
    - 503 the service or the ledger cannot be asked now; the same again may succeed

    What ``on_end`` did not hear, because it raised, because the process was stopped, or because a callback
    never came, is caught up with from what is written down: call ``client.confirm`` for each replica that
    you still take to be in training, and look at the replica it returns, not at whether it is news.

    The token is kept out of the request's address before anything here logs it, and out of the access log of
    servers that read the address when they answer, as uvicorn does. A proxy in front logs what it sees.

    Raises ConfigurationError for a token that could be guessed.
    """
    if not isinstance(token, str) or len(token) < MIN_TOKEN or not _TOKEN.fullmatch(token):
        raise ConfigurationError(
            f"the token of a callback address has at least {MIN_TOKEN} characters of A-Z, a-z, 0-9, _ and -; "
            "submit.new_token() makes one"
        )
    app = Starlette(routes=[Route("/{path:path}", _Receiver(client, token.encode(), on_end))])
    app.router.redirect_slashes = False
    return app


@dataclass(eq=False)
class _Receiver:
    client: AsyncReplicaClient = field(repr=False)
    token: bytes = field(repr=False)
    on_end: OnEnd | None = field(repr=False)
    _work: set[asyncio.Task[int]] = field(default_factory=set, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        status = await self._received(request)
        response = Response(status_code=status, headers=_CLOSE if status in (408, 413) else None)
        await response(scope, receive, send)

    async def _received(self, request: Request) -> int:
        """The status to answer with."""
        given = request.path_params.pop("path").encode("utf-8", "replace")
        _forget_address(request.scope)
        if not secrets.compare_digest(given, self.token) or request.method != "POST":
            return 404
        try:
            async with asyncio.timeout(READ_S):
                body = await _body(request)
        except TimeoutError:
            return 408
        except ClientDisconnect:
            return 400
        if body is None:
            return 413
        replica_id = _id_in(body)
        if replica_id is None:
            return 400
        # a caller who hangs up, or a proxy's deadline, must not come between the ledger and on_end
        task = asyncio.create_task(self._told(replica_id))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return await asyncio.shield(task)

    async def _told(self, replica_id: str) -> int:
        try:
            confirmed = await self.client.confirm(replica_id)
        except NotThere:
            return 202
        except (NotReached, Refused, LedgerError) as exc:
            _log.warning("a callback could not be confirmed: %s", exc)
            return 503
        if confirmed is None or not confirmed.replica.ended:
            return 202
        return await self._ended(confirmed)

    async def _ended(self, confirmed: Confirmed) -> int:
        if not confirmed.is_news or self.on_end is None:
            return 204
        try:
            told = self.on_end(confirmed.replica)
            if inspect.isawaitable(told):
                await told
        except Exception as exc:  # what it says may hold anything: its kind is logged alone
            _log.error(
                "replica %s has ended (%s), and on_end failed with %s",
                confirmed.replica.replica_id,
                confirmed.replica.status,
                type(exc).__name__,
            )
            return 500
        return 204


def _forget_address(scope: Scope) -> None:
    """Take the token out of what others log: the scope is the server's own."""
    scope["path"] = scope.get("root_path", "") + _WITHOUT_TOKEN
    scope["raw_path"] = scope["path"].encode()
    scope["query_string"] = b""


async def _body(request: Request) -> bytes | None:
    """The body; None where it is too large, of which no more is read."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY:
            return None
    return bytes(content)


def _id_in(body: bytes) -> str | None:
    """The id that a callback names; it is a replica in one era of the service, and a face in the other."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    given = (document.get(key) for key in ("replica_id", "face_id"))
    return next((value for value in given if isinstance(value, str) and value), None)
