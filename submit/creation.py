"""How a cleared submission becomes one replica, and never two.

Look at the ledger; look at what is served; claim the submission; write down that the request is being sent;
send it; write down what came of it. Whoever is stopped in between leaves a trace that tells the next one what
may have happened. What was being sent is never sent again by a program: it is looked for in the service's
list, or a person says what became of it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import to_thread
from anyio.lowlevel import checkpoint_if_cancelled

from preflight.network.door import Door
from preflight.report import Clearance
from submit.answers import Replica, as_said, read_created
from submit.binding import Progress, require_as_checked, require_current
from submit.errors import (
    ConfigurationError,
    LedgerError,
    LostClaim,
    NotReached,
    NotRecorded,
    NotThere,
    OutcomeUnknown,
    Refused,
    Underway,
)
from submit.ledger import Entry, Ledger, State
from submit.request import name_of
from submit.service import Service

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from submit.ledger import Claim
    from submit.request import Sending

__all__ = ["Creation", "found_among"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LOOK_S = (0.05, 2.0)  # how often the ledger is looked at while somebody else is creating
_NOT_SENT = "interrupted before anything was sent"
_QUIET_S = 3.0  # after that long, it is said what is waited for
_CLOCKS_S = dt.timedelta(minutes=5)  # by how much the service's clock may be behind


@dataclass
class Creation:
    """One attempt to create what was cleared.

    ``replicas`` lists what the service has, ``get`` one of it, ``require_voice`` raises for a voice that it
    has not. ``sent`` is set as soon as a request may have left.
    """

    service: Service
    ledger: Ledger
    door: Callable[[], AbstractAsyncContextManager[Door]]
    progress: Progress
    require_voice: Callable[[str], Awaitable[None]]
    replicas: Callable[[str], Awaitable[tuple[Replica, ...]]]
    get: Callable[[str, str], Awaitable[Replica]]
    sent: bool = False

    async def create(self, clearance: Clearance, sending: Sending) -> Replica:
        """The replica: a new one, or the one that this submission created before.

        Raises NotAsChecked, NotReached, Refused or ConfigurationError where nothing was created; Underway
        where somebody else does not come to an end with it; OutcomeUnknown where nobody can tell.
        """
        waiting = _Waiting(2 * self.service.patience.lease_s)
        while True:
            entry = await in_thread(self.ledger.look, sending.key)
            if entry is not None and entry.state in (State.CLAIMED, State.SENDING):
                if not entry.expired(self.ledger.now()):
                    await waiting.pause(entry)
                    continue
                if entry.state is State.SENDING:
                    entry = await self.doubted(entry)
            if entry is not None and entry.state is State.UNKNOWN:
                entry = await self.reconciled(entry)
            if entry is not None and entry.state is State.CREATED:
                return await self._known(entry)
            replica = await self._created(clearance, sending)
            if replica is not None:
                return replica

    async def doubted(self, entry: Entry) -> Entry:
        """The entry as it is now: unknown, where its sender had all its time."""
        return await in_thread(self.ledger.doubt, entry.key, "whoever was sending it never came back")

    async def reconciled(self, entry: Entry) -> Entry:
        """The entry, settled if the service's list shows what became of it. Raises OutcomeUnknown if not."""
        what = entry.note or "the outcome of an earlier request is unknown"
        try:
            replicas = await self.replicas(entry.intent["route"])
        except (ConfigurationError, NotReached, Refused) as exc:
            raise OutcomeUnknown(
                f"{what}, and the list of replicas cannot be had ({exc})", key=entry.key
            ) from exc
        # read in this order: whoever made a replica that is listed is still open, or is known by now
        open_ = await in_thread(partial(self.ledger.entries, states=[State.SENDING, State.UNKNOWN]))
        known = await in_thread(self.ledger.known_replicas)
        if any(other.key != entry.key and _name(other) == _name(entry) for other in open_):
            raise OutcomeUnknown(f"{what}; another submission of that name is open too", key=entry.key)
        found = found_among(replicas, entry, known)
        if len(found) != 1 or not _is_told_apart(found[0], entry):
            ids = ", ".join(replica.replica_id for replica in found[:5])
            seen = "the service's list shows none that fits"
            if found:
                seen = f"several fit ({ids})" if len(found) > 1 else f"{ids} may be it, or an older one"
            raise OutcomeUnknown(f"{what}; {seen}", key=entry.key)
        return await in_thread(
            partial(
                self.ledger.settle,
                entry.key,
                replica_id=found[0].replica_id,
                note="found in the service's list of replicas by its name and time",
            )
        )

    async def _known(self, entry: Entry) -> Replica:
        """What was created before, as it is now; as the ledger has it, if the service cannot be asked."""
        assert entry.replica_id is not None  # noqa: S101 - what the state means
        try:
            replica = await self.get(entry.intent["route"], entry.replica_id)
        except NotThere as exc:
            raise NotThere(
                f"{entry.replica_id}, which this submission created on {entry.claimed_at:%Y-%m-%d}: {exc}. "
                f"To submit it anew: preflight ledger resolve {entry.key[:12]} --again",
                status=exc.status,
            ) from exc
        except NotReached:
            replica = Replica(entry.replica_id, entry.status or "unknown", error_message=entry.error_message)
        return replace(replica, known_since=entry.sent_at or entry.claimed_at)

    async def _created(self, clearance: Clearance, sending: Sending) -> Replica | None:
        """A new replica; ``None`` if somebody else came first."""
        require_current(clearance, sending.served, dt.datetime.now(dt.UTC))
        if sending.request.voice_name is not None:
            await self.require_voice(sending.request.voice_name)
        await require_as_checked(sending.served, self.door, self.progress)
        require_current(clearance, sending.served, dt.datetime.now(dt.UTC))  # comparing may take an hour
        claim = await self._claimed(sending)
        return None if claim is None else await self._sent(claim, sending)

    async def _claimed(self, sending: Sending) -> Claim | None:
        """The right to send it. Who is cancelled meanwhile gives it back, for others would wait for it."""
        held: Claim | None = None

        def claim() -> None:
            nonlocal held
            held = self.ledger.claim(sending.key, sending.intent, lease_s=self.service.patience.lease_s)

        try:
            await in_thread(claim)
        except asyncio.CancelledError:
            if held is not None:
                await _noted(held.refused, _NOT_SENT)
            raise
        return held

    async def _sent(self, claim: Claim, sending: Sending) -> Replica:
        """Send it, and write down what came of it, whatever comes."""
        try:
            await in_thread(claim.sending)
            await checkpoint_if_cancelled()
            self.sent = True
            reply = await self.service.tell(
                "POST", sending.request.route, sending.content, before=lambda: self._require_time(claim)
            )
            replica = read_created(reply.status, reply.content, sending.hidden)
        except (ConfigurationError, NotReached, Refused) as exc:
            self.sent = False
            await _noted(claim.refused, str(exc))
            raise
        except OutcomeUnknown as exc:
            await _noted(claim.unknown, exc.what)
            raise OutcomeUnknown(exc.what, key=sending.key) from exc
        except LostClaim:
            raise
        except LedgerError as exc:
            await _noted(claim.refused, f"nothing was sent: {exc}")
            raise
        except BaseException as exc:
            if self.sent and isinstance(exc, Exception):
                what = f"an error of this program ({type(exc).__name__}) while the service was being asked"
                await _noted(claim.unknown, what)
                raise OutcomeUnknown(what, key=sending.key) from exc
            if self.sent:
                await _noted(claim.unknown, "interrupted while the service was being asked")
            else:
                await _noted(claim.refused, _NOT_SENT)
            raise
        try:
            await _shielded(claim.created, replica.replica_id, replica.status)
        except LedgerError as exc:
            raise NotRecorded(replica.replica_id, sending.key, exc) from exc
        return replica

    def _require_time(self, claim: Claim) -> None:
        """Raise NotReached for who slept: whoever waited may think by now that it was sent long ago."""
        left = claim.entry.lease_until - self.ledger.now()
        if left.total_seconds() < self.service.patience.answer_s:
            raise NotReached(
                "it was not sent within the time that others wait for it: this program or its machine was "
                "suspended, or its clock was set; nothing was sent; submit it again"
            )


def found_among(replicas: Iterable[Replica], entry: Entry, known: Iterable[str]) -> tuple[Replica, ...]:
    """Those that the request of the entry may have made: of its name, made since, and nobody else's.

    One whose name or time the service does not say may be it as well as any other: it leaves a doubt.
    """
    name, others = _name(entry), frozenset(known)
    return tuple(
        replica
        for replica in replicas
        if replica.replica_id not in others
        and replica.name in (name, None)
        and (replica.created_at is None or replica.created_at >= entry.claimed_at - _CLOCKS_S)
    )


def _is_told_apart(replica: Replica, entry: Entry) -> bool:
    """Whether the list says enough of it: the name, and the time unless the name is of our making."""
    name = _name(entry)
    timed = replica.created_at is not None or name == name_of(entry.key)
    return name is not None and replica.name == name and timed


def _name(entry: Entry) -> str | None:
    """The name of its replica, as the service would say it."""
    body = entry.intent["request"]
    return as_said(body.get("replica_name") or body.get("face_name"))


@dataclass
class _Waiting:
    """Waits for somebody else, longer each time, up to ``longest_s`` in all."""

    longest_s: float
    pause_s: float = _LOOK_S[0]
    waited_s: float = 0.0

    async def pause(self, entry: Entry) -> None:
        if self.waited_s >= self.longest_s:
            raise Underway(
                f"submission {entry.key[:12]} is being made by somebody else since "
                f"{entry.claimed_at:%Y-%m-%d %H:%M} UTC; see: preflight ledger show {entry.key[:12]}"
            )
        await asyncio.sleep(self.pause_s)
        told, self.waited_s = self.waited_s >= _QUIET_S, self.waited_s + self.pause_s
        if self.waited_s >= _QUIET_S and not told:
            _log.warning(
                "submission %s is being made by somebody else, or was left; waiting until %s UTC at most",
                entry.key[:12],
                f"{entry.lease_until:%H:%M:%S}",
            )
        self.pause_s = min(2 * self.pause_s, _LOOK_S[1])


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """The ledger blocks; it is used from a thread, which is waited for even by who is cancelled."""
    async with to_thread.current_default_thread_limiter():
        return await _shielded(work, *arguments)


async def _noted(work: Callable[..., object], *arguments: Any) -> None:
    """Write down how it failed. Where that cannot be, the failure itself is still what is told."""
    try:
        await _shielded(work, *arguments)
    except LedgerError as exc:
        _log.warning("the ledger could not be told: %s", exc)


async def _shielded(work: Callable[..., T], *arguments: Any) -> T:
    """To its end, whoever cancels: a scope of anyio's, or ``Task.cancel``, which knows no shield."""
    cancelled: asyncio.CancelledError | None = None
    doing = asyncio.wrap_future(_begun(partial(work, *arguments)))
    with anyio.CancelScope(shield=True):
        while not doing.done():
            try:
                await asyncio.wait({doing})
            except asyncio.CancelledError as exc:
                cancelled = exc
    if cancelled is None:
        return doing.result()
    if (lost := doing.exception()) is not None:
        _log.warning("cancelled, and the ledger could not be used: %s", lost)
    raise cancelled


def _begun(work: Callable[[], T]) -> Future[T]:
    """What is being done in a thread of its own: neither a task nor a pool that an ending loop takes down."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # nobody can call it off

    def do() -> None:
        try:
            future.set_result(work())
        except BaseException as exc:
            future.set_exception(exc)

    Thread(target=do, name="ledger").start()
    return future
