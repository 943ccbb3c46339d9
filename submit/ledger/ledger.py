"""The ledger: claims, what came of them, and what a person found out.

Every change is a compare-and-set on the key, the state and the owner of an entry, and appends to its history
in the same transaction. Who loses the comparison changed nothing.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Select, select
from sqlalchemy.exc import SQLAlchemyError

from submit.errors import LedgerError, LostClaim
from submit.ledger import rows
from submit.ledger.entry import FINAL, MAX_LEASE_S, Entry, Event, State, require_key
from submit.ledger.place import WRITES, place_of
from submit.ledger.schema import EVENTS, SUBMISSIONS, is_ready, lock_tables, make_tables
from submit.ledger.trouble import trouble_in_words
from submit.ledger.words import ID, NOTE, clean, intent_text, replica_id_in, short

__all__ = ["Claim", "Ledger"]

P = ParamSpec("P")
T = TypeVar("T")
_BUSY_S = 30.0
_PAUSES_S = (0.2, 1.0, 3.0)
"""Before what came of a submission is written again: a server that is started anew takes a few seconds."""
_LIMIT = 1000


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _explained(method: Callable[Concatenate[Ledger, P], T]) -> Callable[Concatenate[Ledger, P], T]:
    """Make LedgerErrors of the database's own errors. Those repeat what they were told, so none is chained.

    Not even as the context of another, which it would be if this were done on leaving a ``with``.
    """

    @wraps(method)
    def call(self: Ledger, /, *arguments: P.args, **options: P.kwargs) -> T:
        try:
            return method(self, *arguments, **options)
        except (SQLAlchemyError, self._driver_error) as exc:
            trouble = trouble_in_words(exc, busy_s=self._busy_s, secrets=self._place.secrets)
        raise LedgerError(f"the ledger {self.place} {trouble}")

    return call


class Ledger:
    """What was sent, on this machine or on all that share a server.

    It is where ``url`` says, a path or a ``postgresql://`` address; or where PREFLIGHT_LEDGER says; or in a
    file of this user. Several threads may use it. Nothing is opened or made before it is first asked
    for something. ``busy_s`` is how long others are waited for.
    """

    def __init__(
        self,
        url: str | Path | None = None,
        *,
        now: Callable[[], dt.datetime] = _utc_now,
        busy_s: float = _BUSY_S,
    ) -> None:
        self._place = place_of(url)
        self._engine = self._place.engine(busy_s)
        self._driver_error = self._engine.dialect.loaded_dbapi.Error
        self._clock, self._busy_s = now, busy_s
        self._opening, self._is_open = threading.Lock(), False

    @property
    def place(self) -> str:
        """Where it is, fit to show."""
        return str(self._place)

    def now(self) -> dt.datetime:
        """The time by the clock of this ledger (UTC): leases end by it."""
        return self._now()

    @_explained
    def look(self, key: str) -> Entry | None:
        """The entry of a submission, if there is one."""
        with self._transaction() as connection:
            return rows.entry(connection, key)

    @_explained
    def find(self, beginning: str) -> Entry:
        """The entry whose key is, or begins with, these 6 or more digits. Raises LedgerError."""
        wanted = beginning.strip().lower()
        if not 6 <= len(wanted) <= 64 or not wanted.isascii() or not wanted.isalnum():
            raise LedgerError("a submission is named by its key, or by the first 6 or more digits of it")
        with self._transaction() as connection:
            keyed = select(SUBMISSIONS).where(SUBMISSIONS.c.key.startswith(wanted)).limit(2)
            found = rows.entries(connection, keyed)
        if not found:
            raise LedgerError(f"no submission {short(wanted)} is in the ledger {self.place}")
        if len(found) > 1:
            raise LedgerError(f"several submissions begin with {short(wanted)}; give more digits of the key")
        return found[0]

    @_explained
    def entries(self, *, states: Iterable[State] | None = None, limit: int = _LIMIT) -> list[Entry]:
        """Those in these states, or all; the one that changed last comes first."""
        query = select(SUBMISSIONS).order_by(SUBMISSIONS.c.changed_at.desc(), SUBMISSIONS.c.key).limit(limit)
        if states is not None:
            query = query.where(SUBMISSIONS.c.state.in_([str(state) for state in states]))
        with self._transaction() as connection:
            return rows.entries(connection, query)

    @_explained
    def claim(self, key: str, intent: Mapping[str, Any], *, lease_s: float) -> Claim | None:
        """The right to send this submission, or None where another has it or nobody may.

        A submission can be claimed that is new, was refused or released, or whose claim was left alone: then
        nothing has been sent. ``lease_s`` is how long others let it be; that begins anew with sending.
        """
        require_key(key)
        if not 0 <= lease_s <= MAX_LEASE_S:
            raise ValueError(f"a lease lasts at most {MAX_LEASE_S:g} s")
        text, owner = intent_text(intent), uuid.uuid4().hex
        with self._transaction(writes=True) as connection:
            now, before = self._now(), rows.entry(connection, key)
            values = {
                "intent": text,
                "owner": owner,
                "claimed_at": now,
                "sent_at": None,
                "lease_until": now + dt.timedelta(seconds=lease_s),
                "replica_id": None,
                "status": None,
                "error_message": None,
            }
            if before is None:
                entry = rows.added(connection, key, now, values)
            elif _may_be_claimed(before, now):
                values["attempts"] = before.attempts + 1
                entry = rows.changed(connection, before, State.CLAIMED, now, None, values)
            else:
                entry = None
        return None if entry is None else Claim(self, entry, lease_s)

    @_explained
    def doubt(self, key: str, note: str) -> Entry:
        """Whose sender had its time and said nothing may have been created. The entry as it is now.

        Its sender may still say what came of it, should it be alive.
        """
        with self._transaction(writes=True) as connection:
            now, entry = self._now(), self._required(connection, key)
            if entry.state is State.SENDING and entry.expired(now):
                rows.changed(connection, entry, State.UNKNOWN, now, note)
            return self._required(connection, key)

    @_explained
    def settle(
        self,
        key: str,
        *,
        replica_id: str | None = None,
        not_created: bool = False,
        again: bool = False,
        note: str,
    ) -> Entry:
        """Write down what a person, or the service's list, says of a submission that is in doubt.

        It was created as ``replica_id``; or it was ``not_created``; or, of one that was created, it may be
        submitted ``again``. Raises LedgerError where that does not fit.
        """
        if (replica_id is not None) + not_created + again != 1:
            raise ValueError("exactly one of replica_id, not_created and again is said of a submission")
        found = None if replica_id is None else replica_id_in(replica_id)
        with self._transaction(writes=True) as connection:
            lock_tables(connection)  # two submissions must not be given one replica
            now, entry = self._now(), self._required(connection, key)
            if found is not None:
                if entry.state is State.CREATED and entry.replica_id == found:
                    return entry
                _require_unclaimed(connection, entry, found)
            _require_fitting(entry, now, again=again)
            after: State = State.RELEASED if found is None else State.CREATED
            values = {} if found is None else {"replica_id": found, "status": None, "error_message": None}
            changed = rows.changed(connection, entry, after, now, note, values)
        if changed is None:
            raise LedgerError(f"submission {short(key)} changed at this moment; look at it again")
        return changed

    @_explained
    def known_replicas(self) -> frozenset[str]:
        """The ids of all replicas that ever were a submission's."""
        with self._transaction() as connection:
            found = connection.scalars(select(EVENTS.c.replica_id).where(EVENTS.c.replica_id.is_not(None)))
            return frozenset(found)

    @_explained
    def find_replica(self, replica_id: str) -> Entry | None:
        """The submission that made a replica, if it is one of this ledger's."""
        if not replica_id.isascii() or not replica_id.isalnum():
            return None
        with self._transaction() as connection:
            found = rows.entries(connection, _that_made(replica_id))
        return found[0] if found else None

    @_explained
    def seen(self, replica_id: str, *, status: str, error_message: str | None = None) -> Entry | None:
        """Write down how a training goes. The entry of the replica, or None. An end is final."""
        return self._seen(replica_id, status, error_message)[0]

    @_explained
    def news(self, replica_id: str, *, status: str, error_message: str | None = None) -> bool:
        """Write down how a training goes, and say whether this changed anything.

        Of all that share the ledger, one is told so of the end of a training, and once.
        """
        return self._seen(replica_id, status, error_message)[1]

    def _seen(self, replica_id: str, status: str, error_message: str | None) -> tuple[Entry | None, bool]:
        status = clean(status, ID)
        message = None if error_message is None else clean(error_message, NOTE)
        note = f"training: {status}" + (f": {message}" if message else "")
        query = _that_made(clean(replica_id, ID))

        def is_news(entry: Entry) -> bool:
            return entry.status not in FINAL and (entry.status, entry.error_message) != (status, message)

        with self._transaction() as connection:
            found = rows.entries(connection, query)
        if not any(map(is_news, found)):
            return (found[0] if found else None), False
        changed = False
        with self._transaction(writes=True) as connection:
            for entry in filter(is_news, rows.entries(connection, query)):
                values = {"status": status, "error_message": message}
                now = self._now()
                after = rows.changed(connection, entry, entry.state, now, note, values, training=True)
                changed = changed or after is not None
            return self._required(connection, found[0].key), changed

    @_explained
    def history(self, key: str) -> list[Event]:
        """What happened to a submission, in order."""
        query = select(EVENTS).where(EVENTS.c.key == key).order_by(EVENTS.c.id)
        with self._transaction() as connection:
            return [
                Event(
                    at=row.at,
                    before=None if row.before is None else State(row.before),
                    after=State(row.after),
                    owner=row.owner,
                    note=row.note,
                    replica_id=row.replica_id,
                )
                for row in connection.execute(query)
            ]

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({self.place!r})"

    @_explained
    def _advance(
        self, held: Entry, after: State, note: str | None, values: Mapping[str, Any], *, lease_s: float
    ) -> Entry:
        """A change by the owner. Raises LostClaim where it owns it no more, or said something else before."""
        with self._transaction(writes=True) as connection:
            now, entry = self._now(), self._required(connection, held.key)
            if after is State.SENDING:
                values = {"sent_at": now, "lease_until": now + dt.timedelta(seconds=lease_s)}
            changed = None
            while changed is None and entry.owner == held.owner and entry.state in _FROM[after]:
                changed = rows.changed(connection, entry, after, now, note, values)
                if changed is None:  # somebody doubted it at this moment, which leaves the owner its say
                    entry = self._required(connection, held.key)
            if changed is None and _is_repeated(entry, held, after, values):
                changed = entry
            if changed is None and after is State.CREATED:
                late = f"created for a claim that no longer held: {values['replica_id']}"
                rows.append(connection, entry, entry.state, now, late, held.owner, values["replica_id"])
        if changed is None:
            raise LostClaim(f"submission {short(held.key)} was left to another; it is {entry.state} now")
        return changed

    def _required(self, connection: Connection, key: str) -> Entry:
        entry = rows.entry(connection, key)
        if entry is None:
            raise LedgerError(f"no submission {short(key)} is in the ledger {self.place}")
        return entry

    def _now(self) -> dt.datetime:
        now = self._clock()
        if now.tzinfo is None:
            raise ValueError("the clock of a ledger must say which time zone it means")
        return now.astimezone(dt.UTC)

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        if not self._is_open:
            self._open()
        with self._connected(writes=writes) as connection:
            yield connection

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[Connection]:
        with self._engine.connect().execution_options(**{WRITES: writes}) as connection, connection.begin():
            yield connection

    def _open(self) -> None:
        with self._opening:
            if self._is_open:
                return
            trouble = None
            try:
                self._place.prepare()
                with self._connected(writes=False) as connection:
                    ready = is_ready(connection)
                if not ready:
                    with self._connected(writes=True) as connection:
                        make_tables(connection)
            except LedgerError as exc:
                trouble = str(exc)
            if trouble is not None:
                raise LedgerError(f"the ledger {self.place} {trouble}")
            self._is_open = True


class Claim:
    """The right to send one submission. It ends when another takes the claim over: see LostClaim."""

    def __init__(self, ledger: Ledger, entry: Entry, lease_s: float) -> None:
        self._ledger, self._lease_s = ledger, lease_s
        self.entry = entry

    def sending(self) -> None:
        """Say that it is being sent from now on. Send it only after this has returned."""
        self.entry = self._ledger._advance(self.entry, State.SENDING, None, {}, lease_s=self._lease_s)

    def created(self, replica_id: str, status: str | None) -> Entry:
        """The service made a replica of it. The history keeps the id even of a lost claim."""
        values = {
            "replica_id": replica_id_in(replica_id),
            "status": None if status is None else clean(status, ID),
            "error_message": None,
        }
        return self._outcome(State.CREATED, None, values)

    def refused(self, why: str) -> Entry:
        """Nothing was created: the service refused, or was never reached."""
        return self._outcome(State.REFUSED, why, {})

    def unknown(self, why: str) -> Entry:
        """It was sent, and nobody knows what came of it."""
        return self._outcome(State.UNKNOWN, why, {})

    def _outcome(self, after: State, note: str | None, values: Mapping[str, Any]) -> Entry:
        """Tried again where the database is away: what the service did is known here alone."""
        end = time.monotonic() + self._ledger._busy_s
        for pause in (*_PAUSES_S, None):
            try:
                self.entry = self._ledger._advance(self.entry, after, note, values, lease_s=self._lease_s)
                break
            except LostClaim:
                raise
            except LedgerError:
                if pause is None or time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
        return self.entry

    def __repr__(self) -> str:
        return f"Claim({short(self.entry.key)!r}, {str(self.entry.state)!r})"


_FROM = {
    State.SENDING: {State.CLAIMED},
    State.CREATED: {State.SENDING, State.UNKNOWN},
    State.REFUSED: {State.CLAIMED, State.SENDING, State.UNKNOWN},
    State.UNKNOWN: {State.SENDING},
}
"""What an owner may say of its submission, and when. Others may have doubted it: the owner knows better."""


def _is_repeated(entry: Entry, held: Entry, after: State, values: Mapping[str, Any]) -> bool:
    """Whether the owner said the same before, and the answer to that was lost. One sends only once."""
    if after is State.SENDING or entry.owner != held.owner or entry.state is not after:
        return False
    return entry.replica_id == values.get("replica_id")


def _that_made(replica_id: str) -> Select[Any]:
    return (
        select(SUBMISSIONS)
        .where(SUBMISSIONS.c.replica_id == replica_id)
        .order_by(SUBMISSIONS.c.changed_at.desc(), SUBMISSIONS.c.key)
    )


def _may_be_claimed(entry: Entry, now: dt.datetime) -> bool:
    if entry.state is State.CLAIMED:
        return entry.expired(now)
    return entry.state in (State.REFUSED, State.RELEASED)


def _require_fitting(entry: Entry, now: dt.datetime, *, again: bool) -> None:
    """Whether a person may settle it. Raises LedgerError, which says what can be done."""
    in_doubt = entry.state is State.UNKNOWN or (entry.state is State.SENDING and entry.expired(now))
    if in_doubt if not again else entry.state is State.CREATED:
        return
    if in_doubt:
        what = f"{entry.state}: find out first whether it was created, and say so"
    elif entry.state is State.SENDING:
        what = f"being sent; wait for that, until {entry.lease_until:%Y-%m-%d %H:%M:%S} UTC at most"
    elif entry.state is State.CREATED:
        what = f"created, as replica {entry.replica_id}; there is no doubt about it"
    else:
        what = f"{entry.state}: nothing was created, and there is nothing to settle; simply submit it"
    raise LedgerError(f"submission {short(entry.key)} is {what}")


def _require_unclaimed(connection: Connection, entry: Entry, replica_id: str) -> None:
    """Raise LedgerError for a replica that another submission made."""
    query = select(EVENTS.c.key).where(EVENTS.c.replica_id == replica_id, EVENTS.c.key != entry.key).limit(1)
    other = connection.scalar(query)
    if other is not None:
        raise LedgerError(f"replica {replica_id} was made by another submission, {short(other)}")
