"""Clients of the replica service. Nothing but a Clearance creates a replica, and none creates two.

The asynchronous client does the work; the other one runs it, each call in an event loop of its own, so that
it can be used anywhere, and forgotten without leaving a thread behind.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from anyio.from_thread import start_blocking_portal

from preflight.network.door import Door
from preflight.report import Clearance
from preflight.text import printable
from submit.answers import (
    Replica,
    Voice,
    read_changed,
    read_replica,
    read_replicas,
    read_voices,
)
from submit.binding import Progress
from submit.creation import Creation, in_thread
from submit.errors import (
    ConfigurationError,
    LedgerError,
    NotReached,
    NotThere,
    OutcomeUnknown,
    Refused,
    SlowDown,
    StillTraining,
    TrainingFailed,
    UnknownVoice,
)
from submit.ledger import Ledger, State
from submit.request import sending
from submit.service import DEFAULT_BASE_URL, Patience, Service

__all__ = ["AsyncReplicaClient", "Confirmed", "ReplicaClient"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_REPLICAS, _FACES = "/v2/replicas", "/v2/faces"
_PAGE = 100  # the most that the service gives at a time
_PAGES = 200
_POLL_S = 30.0
_FIRST_POLL_S, _SLOWER = 1.0, 1.5
_WAIT_S = 8 * 3600.0
_ALIKE = 3

Watcher = Callable[[Replica], None]
"""Called with each state of a replica that is waited for."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A replica as it is. ``is_news`` says that it has ended and that the ledger did not know.

    Of all that share the ledger, one is told so, and once.
    """

    replica: Replica
    is_news: bool


class AsyncReplicaClient:
    """Creates and follows replicas, for asynchronous callers.

    ``ledger`` is where submissions are written down: a ``Ledger``, a file, or the URL of a PostgreSQL
    database; by default PREFLIGHT_LEDGER, or a file in the user's state folder. ``allow_hosts`` may serve
    files from private addresses and by plain http. ``patience`` says how long is waited for what.
    ``progress`` is told how far the served bytes have been compared with those that were checked.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        allow_hosts: tuple[str, ...] = (),
        ledger: Ledger | Path | str | None = None,
        patience: Patience | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._service = Service(api_key, base_url, patience or Patience())
        self._allow_hosts = allow_hosts
        self._given = ledger if isinstance(ledger, Ledger) else None
        self._place = None if isinstance(ledger, Ledger) else ledger
        self._opened: Ledger | None = None
        self._progress = progress or _unseen
        self._voices: tuple[float, tuple[Voice, ...]] | None = None
        self._route_of: dict[str, str] = {}

    async def create(self, clearance: Clearance) -> Replica:
        """The replica that was cleared: a new one, or the one that this submission created before.

        Looks first that the files are still served as they were checked. Raises NotAsChecked, NotReached,
        ConfigurationError or Refused where nothing was created; OutcomeUnknown where a replica may exist:
        the same call again looks for it, and creates nothing while that is open.
        """
        return await self._attempt().create(clearance)

    async def get(self, replica_id: str) -> Replica:
        """The replica as it is now. Raises Refused (NotThere), or NotReached.

        One that this client did not create is asked for on the older route, then on the newer one.
        """
        route = self._route_of.get(replica_id)
        if route is not None:
            return await self._get(route, replica_id)
        route = _REPLICAS
        try:
            replica = await self._get(route, replica_id)
        except NotThere as exc:
            route = _FACES
            try:
                replica = await self._get(route, replica_id)
            except (Refused, NotReached):
                raise exc from None
        self._route_of[replica_id] = route
        return replica

    async def list(self, *, route: str = _REPLICAS) -> tuple[Replica, ...]:
        """The account's own replicas, in the service's order. Raises Refused or NotReached."""
        kind = "face_type" if route == _FACES else "replica_type"
        found: dict[str, Replica] = {}
        for number in range(1, _PAGES + 1):
            params = {"limit": _PAGE, "page": number, "verbose": "true", kind: "user"}
            reply = await self._service.ask(route, params)
            page = read_replicas(reply.status, reply.content)
            if page.unreadable:
                raise NotReached(f"{page.unreadable} items of the service's list of replicas cannot be read")
            before = len(found)
            found |= {replica.replica_id: replica for replica in page.replicas}
            more = len(found) > before and (page.total is None or len(found) < page.total)
            if not more:
                return tuple(found.values())
        raise NotReached(f"the service's list of replicas does not end after {_PAGES} pages")

    async def rename(self, replica_id: str, name: str) -> None:
        """Give a replica another label. Raises Refused (NotThere), NotReached or OutcomeUnknown."""
        route = self._route_of.get(replica_id, _REPLICAS)
        path = _path(route, replica_id)
        if route == _FACES:
            content = _json({"face_name": name})
        else:
            path, content = f"{path}/name", _json({"replica_name": name})
        reply = await self._service.tell("PATCH", path, content)
        read_changed(reply.status, reply.content)

    async def delete(self, replica_id: str) -> None:
        """Delete a replica for good. Raises Refused (NotThere), NotReached or OutcomeUnknown.

        One whose training failed is not charged for; deleted at once, it may be charged all the same.
        """
        route = self._route_of.get(replica_id, _REPLICAS)
        reply = await self._service.tell("DELETE", _path(route, replica_id))
        read_changed(reply.status, reply.content)

    async def voices(self) -> tuple[Voice, ...]:
        """The service's voices; asked for once in ten minutes. Raises Refused or NotReached."""
        now = time.monotonic()
        if self._voices is not None and now - self._voices[0] < self._service.patience.voices_s:
            return self._voices[1]
        found: dict[str, Voice] = {}
        for number in range(1, _PAGES + 1):
            reply = await self._service.ask("/v2/voices", {"limit": _PAGE, "page": number})
            page = read_voices(reply.status, reply.content)
            before = len(found)
            found |= {voice.name.casefold(): voice for voice in page}
            if len(found) == before or len(page) < _PAGE:
                break
        self._voices = now, tuple(found.values())
        return self._voices[1]

    async def wait(
        self,
        replica_id: str,
        *,
        timeout_s: float = _WAIT_S,
        poll_s: float = _POLL_S,
        watcher: Watcher | None = None,
    ) -> Replica:
        """Ask until training ends, at first often, later every ``poll_s``; passing trouble is waited out.

        Raises TrainingFailed, Refused, or after ``timeout_s`` StillTraining or the last trouble.
        """
        deadline, pause_s = time.monotonic() + timeout_s, min(_FIRST_POLL_S, poll_s)
        while True:
            out_of_time = time.monotonic() + pause_s > deadline
            try:
                replica = await self.get(replica_id)
            except (NotReached, SlowDown):
                if out_of_time:
                    raise
            else:
                if watcher is not None:
                    watcher(replica)
                if replica.ended:
                    await self._tell_ledger(replica)
                    return _unless_failed(replica)
                if out_of_time:
                    state = replica.progress or replica.status
                    raise StillTraining(f"replica {replica.replica_id} is still training ({state})")
            await asyncio.sleep(pause_s)
            pause_s = min(_SLOWER * pause_s, poll_s)

    async def reconcile(self, key: str) -> Replica:
        """Look in the service's list for what became of a submission whose outcome is unknown.

        ``key`` is the submission's, or its beginning. Raises OutcomeUnknown where the list does not tell, and
        LedgerError for a submission that is not in doubt.
        """
        ledger = await self._ledger()
        creation = self._creation(ledger)
        entry = await in_thread(ledger.find, key)
        if entry.state is State.SENDING:
            entry = await creation.doubted(entry)
        if entry.state is not State.UNKNOWN:
            raise LedgerError(f"submission {entry.key[:12]} is not in doubt: it is {entry.state}")
        settled = await creation.reconciled(entry)
        return await self._get(settled.intent["route"], settled.replica_id or "")

    async def confirm(self, replica_id: str) -> Confirmed | None:
        """What the service says of a replica of the ledger, which is told if the training has ended.

        None for a replica that is not in the ledger: the service is not asked. Of one whose end the ledger
        knows, it is not asked either. Raises Refused (NotThere), NotReached or LedgerError.
        """
        ledger = await self._ledger()
        entry = await in_thread(ledger.find_replica, replica_id)
        if entry is None:
            return None
        known = Replica(replica_id, entry.status or "unknown", error_message=entry.error_message)
        if known.ended:
            return Confirmed(known, is_news=False)
        replica = await self._get(entry.intent["route"], replica_id)
        if not replica.ended:
            return Confirmed(replica, is_news=False)
        is_news = await in_thread(
            partial(ledger.news, replica_id, status=replica.status, error_message=replica.error_message)
        )
        return Confirmed(replica, is_news=is_news)

    async def aclose(self) -> None:
        """Let go of the ledger, unless it was given."""
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await in_thread(opened.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _attempt(self) -> _Attempt:
        return _Attempt(self)

    async def _ledger(self) -> Ledger:
        if self._given is not None:
            return self._given
        if self._opened is None:
            self._opened = await in_thread(Ledger, self._place)
        return self._opened

    def _creation(self, ledger: Ledger) -> Creation:
        return Creation(
            service=self._service,
            ledger=ledger,
            door=lambda: Door(allow_hosts=self._allow_hosts),
            progress=self._progress,
            require_voice=self._require_voice,
            replicas=lambda route: self.list(route=route),
            get=self._get,
        )

    async def _get(self, route: str, replica_id: str) -> Replica:
        reply = await self._service.ask(_path(route, replica_id))
        return read_replica(reply.status, reply.content)

    async def _require_voice(self, name: str) -> None:
        """Raise UnknownVoice for one that the service has not, however it is written."""
        voices = {voice.name.casefold(): voice.name for voice in await self.voices()}
        if name.casefold() in voices:
            return
        alike = difflib.get_close_matches(name.casefold(), voices, n=_ALIKE)
        names = ", ".join(voices[slug] for slug in alike or sorted(voices)[:_ALIKE])
        raise UnknownVoice(
            f"the service has no voice {printable(name, limit=60)!r}; "
            f"{'alike' if alike else 'it has'}: {names or 'none at all'}"
        )

    async def _tell_ledger(self, replica: Replica) -> None:
        """News of a training; that it cannot be written down is no reason to lose it."""
        try:
            ledger = await self._ledger()
            await in_thread(
                partial(
                    ledger.seen,
                    replica.replica_id,
                    status=replica.status,
                    error_message=replica.error_message,
                )
            )
        except LedgerError as exc:
            _log.warning("the end of the training of %s is not in the ledger: %s", replica.replica_id, exc)


class _Attempt:
    """One call of ``create``; says whether anything was sent, should it be broken off."""

    def __init__(self, client: AsyncReplicaClient) -> None:
        self._client = client
        self.creation: Creation | None = None
        self.key: str | None = None

    @property
    def sent(self) -> bool:
        return self.creation is not None and self.creation.sent

    async def create(self, clearance: Clearance) -> Replica:
        client = self._client
        what = sending(clearance, service=client._service.base_url, allow_hosts=client._allow_hosts)
        self.key = what.key
        self.creation = client._creation(await client._ledger())
        replica = await self.creation.create(clearance, what)
        client._route_of[replica.replica_id] = clearance.policy_endpoint
        return replica


class ReplicaClient:
    """Creates and follows replicas: the asynchronous client, for callers that wait. See there for all of it.

    ``progress`` and ``watcher`` are called from a thread of their own.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        allow_hosts: tuple[str, ...] = (),
        ledger: Ledger | Path | str | None = None,
        patience: Patience | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._client = AsyncReplicaClient(
            api_key=api_key,
            base_url=base_url,
            allow_hosts=allow_hosts,
            ledger=ledger,
            patience=patience,
            progress=progress,
        )

    def create(self, clearance: Clearance) -> Replica:
        """The replica that was cleared: a new one, or the one that this submission created before."""
        attempt = self._client._attempt()
        try:
            return _run(attempt.create, clearance)
        except KeyboardInterrupt as exc:
            if attempt.sent:
                raise OutcomeUnknown(
                    "interrupted while the service was being asked", key=attempt.key
                ) from exc
            raise

    def get(self, replica_id: str) -> Replica:
        """The replica as it is now. Raises Refused (NotThere), or NotReached."""
        return _run(self._client.get, replica_id)

    def list(self, *, route: str = _REPLICAS) -> tuple[Replica, ...]:
        """The account's own replicas. Raises Refused or NotReached."""
        return _run(partial(self._client.list, route=route))

    def rename(self, replica_id: str, name: str) -> None:
        """Give a replica another label. Raises Refused (NotThere), NotReached or OutcomeUnknown."""
        _run(self._client.rename, replica_id, name)

    def delete(self, replica_id: str) -> None:
        """Delete a replica for good. Raises Refused (NotThere), NotReached or OutcomeUnknown."""
        _run(self._client.delete, replica_id)

    def voices(self) -> tuple[Voice, ...]:
        """The service's voices. Raises Refused or NotReached."""
        return _run(self._client.voices)

    def wait(
        self,
        replica_id: str,
        *,
        timeout_s: float = _WAIT_S,
        poll_s: float = _POLL_S,
        watcher: Watcher | None = None,
    ) -> Replica:
        """Poll until training ends. Raises TrainingFailed, Refused, StillTraining or NotReached."""
        return _run(
            partial(self._client.wait, replica_id, timeout_s=timeout_s, poll_s=poll_s, watcher=watcher)
        )

    def reconcile(self, key: str) -> Replica:
        """Look in the service's list for a submission in doubt. Raises OutcomeUnknown or LedgerError."""
        return _run(self._client.reconcile, key)

    def close(self) -> None:
        """Let go of the ledger, unless it was given."""
        _run(self._client.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _run(work: Callable[..., Awaitable[T]], *arguments: Any) -> T:
    """Run it in an event loop of its own, in a thread of its own: a caller may have a loop running here."""
    with start_blocking_portal() as portal:
        future = portal.start_task_soon(work, *arguments)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise


def _path(route: str, replica_id: str) -> str:
    if not replica_id.isascii() or not replica_id.isalnum():
        raise ConfigurationError("a replica id is made of letters and digits, such as r90bbd427f71")
    return f"{route}/{replica_id}"


def _json(document: dict[str, str]) -> bytes:
    try:
        return json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ConfigurationError("the name holds characters that are not text") from None


def _unless_failed(replica: Replica) -> Replica:
    if replica.failed:
        raise TrainingFailed(replica.error_message or "the service gives no reason")
    return replica


def _unseen(name: str, compared: int, size: int | None) -> None:
    """Progress that nobody looks at."""
