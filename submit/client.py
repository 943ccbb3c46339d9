"""Clients of the replica service. Nothing but a Clearance creates a replica; a create is never repeated."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from preflight.report import Clearance
from submit.errors import (
    ConfigurationError,
    NotReached,
    OutcomeUnknown,
    Refused,
    StillTraining,
    TrainingFailed,
)
from submit.replica import Replica, create_request, read_created, read_replica

__all__ = ["AsyncReplicaClient", "ReplicaClient"]

DEFAULT_BASE_URL = "https://tavusapi.com"
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_POLL_S = 30.0
_WAIT_S = 8 * 3600.0
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ANSWER_S = 60.0
_ANSWER_BYTES = 1_000_000
_READ = "/v2/replicas"
_JSON = {"content-type": "application/json"}


class _Settings:
    """What both clients are told, checked once."""

    def __init__(self, api_key: str, base_url: str, allow_hosts: tuple[str, ...]) -> None:
        if not api_key or not api_key.isascii() or any(c.isspace() for c in api_key):
            raise ConfigurationError("the API key is missing or malformed; set TAVUS_API_KEY")
        local = _require_base(base_url)
        self.allow_hosts = allow_hosts
        self._api_key = api_key.encode()
        self.options: dict[str, Any] = {
            "base_url": base_url,
            "headers": {"x-api-key": api_key},
            "timeout": _TIMEOUT,
            "follow_redirects": False,
            "trust_env": not local,  # a proxy of the environment has no business with this machine itself
        }
        self._created_on: dict[str, str] = {}

    def request(self, clearance: Clearance) -> bytes:
        """The body to send. Raises ConfigurationError for what cannot be sent."""
        body = create_request(clearance, allow_hosts=self.allow_hosts)
        try:
            return json.dumps(body, ensure_ascii=False).encode()
        except UnicodeEncodeError as exc:
            raise ConfigurationError("a name in the request holds characters that are not text") from exc

    def created(self, replica: Replica, clearance: Clearance) -> Replica:
        """The replica, remembered by the route that made it: it is asked for there."""
        self._created_on[replica.replica_id] = clearance.policy_endpoint
        return replica

    def path(self, replica_id: str) -> str:
        """Where to ask for a replica: where this client made it, else on the older route."""
        if not replica_id.isascii() or not replica_id.isalnum():
            raise ConfigurationError("a replica id is made of letters and digits, such as r90bbd427f71")
        return f"{self._created_on.get(replica_id, _READ)}/{replica_id}"

    def without_key(self, content: bytes) -> bytes:
        """An answer without our key, should the service repeat it."""
        return content.replace(self._api_key, b"***")


class _Answer:
    """An answer as it arrives, bounded in size and in time: httpx bounds each read, not their sum.

    What lies beyond the bounds is not read. The status is known all the same.
    """

    def __init__(self) -> None:
        self.content = bytearray()
        self._deadline = time.monotonic() + _ANSWER_S

    def full_with(self, chunk: bytes) -> bool:
        """Take the chunk in; whether that is enough."""
        self.content += chunk
        return len(self.content) >= _ANSWER_BYTES or time.monotonic() > self._deadline


class ReplicaClient:
    """Creates and follows replicas. ``transport`` replaces the network, for tests."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        allow_hosts: tuple[str, ...] = (),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = _Settings(api_key, base_url, allow_hosts)
        self._http = httpx.Client(transport=transport, **self._settings.options)

    def create(self, clearance: Clearance) -> Replica:
        """Ask for the replica that was cleared, once.

        Raises Refused, NotReached (nothing was sent) or OutcomeUnknown (a replica may exist; look before
        trying again).
        """
        request = self._settings.request(clearance)
        with _doubtful():
            status, answer = self._ask("POST", clearance.policy_endpoint, content=request, headers=_JSON)
        return self._settings.created(read_created(status, answer), clearance)

    def get(self, replica_id: str) -> Replica:
        """The replica as it is now. Raises Refused or NotReached."""
        with _harmless():
            status, answer = self._ask("GET", self._settings.path(replica_id))
        return read_replica(status, answer)

    def wait(
        self,
        replica_id: str,
        *,
        timeout_s: float = _WAIT_S,
        poll_s: float = _POLL_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Replica:
        """Poll until training ends; passing trouble on the way is waited out.

        Raises TrainingFailed, Refused, or after ``timeout_s`` StillTraining or the last trouble.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                replica = _unless_failed(self.get(replica_id))
                if replica.done:
                    return replica
                _require_time(replica, deadline, poll_s)
            except (NotReached, Refused) as exc:
                _require_passing(exc, deadline, poll_s)
            sleep(poll_s)

    def _ask(self, method: str, path: str, **options: Any) -> tuple[int, bytes]:
        with self._http.stream(method, path, **options) as response:
            answer = _Answer()
            for chunk in response.iter_bytes():
                if answer.full_with(chunk):
                    break
        return response.status_code, self._settings.without_key(bytes(answer.content))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncReplicaClient:
    """The same for asynchronous callers."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        allow_hosts: tuple[str, ...] = (),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = _Settings(api_key, base_url, allow_hosts)
        self._http = httpx.AsyncClient(transport=transport, **self._settings.options)

    async def create(self, clearance: Clearance) -> Replica:
        """See ``ReplicaClient.create``."""
        request = self._settings.request(clearance)
        with _doubtful():
            status, answer = await self._ask(
                "POST", clearance.policy_endpoint, content=request, headers=_JSON
            )
        return self._settings.created(read_created(status, answer), clearance)

    async def get(self, replica_id: str) -> Replica:
        """See ``ReplicaClient.get``."""
        with _harmless():
            status, answer = await self._ask("GET", self._settings.path(replica_id))
        return read_replica(status, answer)

    async def wait(self, replica_id: str, *, timeout_s: float = _WAIT_S, poll_s: float = _POLL_S) -> Replica:
        """See ``ReplicaClient.wait``."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                replica = _unless_failed(await self.get(replica_id))
                if replica.done:
                    return replica
                _require_time(replica, deadline, poll_s)
            except (NotReached, Refused) as exc:
                _require_passing(exc, deadline, poll_s)
            await asyncio.sleep(poll_s)

    async def _ask(self, method: str, path: str, **options: Any) -> tuple[int, bytes]:
        async with self._http.stream(method, path, **options) as response:
            answer = _Answer()
            async for chunk in response.aiter_bytes():
                if answer.full_with(chunk):
                    break
        return response.status_code, self._settings.without_key(bytes(answer.content))

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@contextmanager
def _doubtful() -> Iterator[None]:
    """A create request: only a connection that never came about is known to have created nothing."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
        raise NotReached(
            f"the service could not be reached ({type(exc).__name__}); nothing was sent"
        ) from exc
    except httpx.HTTPError as exc:
        raise OutcomeUnknown(
            f"the connection broke before the service's answer was read ({type(exc).__name__})"
        ) from exc
    except KeyboardInterrupt as exc:
        raise OutcomeUnknown("interrupted while the service was being asked") from exc


@contextmanager
def _harmless() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as exc:
        raise NotReached(f"the service could not be reached ({type(exc).__name__})") from exc


def _unless_failed(replica: Replica) -> Replica:
    if replica.failed:
        raise TrainingFailed(replica.error_message or "the service gives no reason")
    return replica


def _require_time(replica: Replica, deadline: float, poll_s: float) -> None:
    if time.monotonic() + poll_s > deadline:
        raise StillTraining(
            f"replica {replica.replica_id} is still training ({replica.progress or replica.status})"
        )


def _require_passing(trouble: NotReached | Refused, deadline: float, poll_s: float) -> None:
    """Raise unless the trouble may pass (no connection, 429, 5xx) and there is time to see."""
    lasting = isinstance(trouble, Refused) and trouble.status != 429
    if lasting or time.monotonic() + poll_s > deadline:
        raise trouble


def _require_base(base_url: str) -> bool:
    """Whether the base address is this machine. Raises ConfigurationError for an unusable one."""
    try:
        parts = httpx.URL(base_url)
    except (httpx.InvalidURL, UnicodeError):
        raise ConfigurationError("the base address is not a web address") from None
    local = parts.host in _LOOPBACK
    if not parts.host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ConfigurationError("the base address must be https, or http to a loopback address")
    if parts.userinfo or parts.query or parts.fragment:
        raise ConfigurationError("the base address holds more than a host and a path")
    return local
