"""The statements: reading entries, and changing one by a compare-and-set that appends to its history."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from submit.errors import LedgerError
from submit.ledger.entry import FINAL, Entry, State
from submit.ledger.schema import EVENTS, SUBMISSIONS
from submit.ledger.words import NOTE, clean

__all__ = ["added", "append", "changed", "entries", "entry"]

_ENDED = tuple(sorted(FINAL))


def added(connection: Connection, key: str, now: dt.datetime, values: Mapping[str, Any]) -> Entry | None:
    """The first entry of a submission; None where another was quicker."""
    adding = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"key": key, "state": str(State.CLAIMED), "attempts": 1, "changed_at": now, **values}
    done = connection.execute(
        adding(SUBMISSIONS).values(**row).on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    new = entry(connection, key) if done.rowcount == 1 else None
    if new is not None:
        append(connection, new, None, now, None)
    return new


def changed(
    connection: Connection,
    before: Entry,
    after: State,
    now: dt.datetime,
    note: str | None,
    values: Mapping[str, Any] | None = None,
    *,
    training: bool = False,
) -> Entry | None:
    """The entry after a compare-and-set; None where it is not as it was before.

    News of a training leave the note as it is, and never come after its end.
    """
    at = max(now, before.changed_at)  # a clock that was set back does not turn the order of things round
    note = None if note is None else clean(note, NOTE)
    query = update(SUBMISSIONS).where(
        SUBMISSIONS.c.key == before.key,
        SUBMISSIONS.c.state == str(before.state),
        SUBMISSIONS.c.owner == before.owner,
    )
    if training:
        query = query.where(SUBMISSIONS.c.status.is_(None) | SUBMISSIONS.c.status.not_in(_ENDED))
    else:
        query = query.values(note=note)
    done = connection.execute(query.values(state=str(after), changed_at=at, **(values or {})))
    new = entry(connection, before.key) if done.rowcount == 1 else None
    if new is not None:
        append(connection, new, before.state, at, note)
    return new


def append(
    connection: Connection,
    now: Entry,
    before: State | None,
    at: dt.datetime,
    note: str | None,
    owner: str | None = None,
    replica_id: str | None = None,
) -> None:
    """Add a line to the history of an entry that is as it is ``now``."""
    connection.execute(
        insert(EVENTS).values(
            key=now.key,
            at=at,
            before=None if before is None else str(before),
            after=str(now.state),
            owner=owner or now.owner,
            note=note,
            replica_id=replica_id or now.replica_id,
        )
    )


def entry(connection: Connection, key: str) -> Entry | None:
    """The entry of a submission."""
    found = entries(connection, select(SUBMISSIONS).where(SUBMISSIONS.c.key == key))
    return found[0] if found else None


def entries(connection: Connection, query: Select[Any]) -> list[Entry]:
    """What a query for whole rows finds. Raises LedgerError for rows that are no entries."""
    with suppress(ValueError, TypeError, RecursionError):
        found = connection.execute(query).mappings().all()
        return [
            Entry(**{**row, "state": State(row["state"]), "intent": json.loads(row["intent"])})
            for row in found
        ]
    raise LedgerError("an entry of the ledger is damaged; restore a copy of the ledger")
