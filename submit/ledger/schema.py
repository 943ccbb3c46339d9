"""The tables of the ledger, the same on SQLite and PostgreSQL, and how they are made once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.types import TypeDecorator

from submit.errors import LedgerError
from submit.ledger.entry import State

__all__ = ["EVENTS", "SUBMISSIONS", "VERSION", "is_ready", "lock_tables", "make_tables"]

VERSION = 1
_LOCK = 0x7072_6566_6C65_6467
"""Of PostgreSQL's advisory locks, the one for making the tables: "prefledg"."""


class _Utc(TypeDecorator[dt.datetime]):
    """An instant. SQLite knows no time zones, so there it is UTC; PostgreSQL answers in anybody's zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is no instant")
        instant = value.astimezone(dt.UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


_TABLES = MetaData()

_SCHEMA = Table(
    "preflight_ledger", _TABLES, Column("version", Integer, primary_key=True, autoincrement=False)
)

SUBMISSIONS = Table(
    "preflight_submissions",
    _TABLES,
    Column("key", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("intent", Text, nullable=False),
    Column("owner", String(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_at", _Utc, nullable=False),
    Column("changed_at", _Utc, nullable=False, index=True),
    Column("sent_at", _Utc),
    Column("lease_until", _Utc, nullable=False),
    Column("replica_id", Text, index=True),
    Column("status", Text),
    Column("error_message", Text),
    Column("note", Text),
    CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in State)})", name="state_known"),
    CheckConstraint("state <> 'created' OR replica_id IS NOT NULL", name="created_has_replica"),
    CheckConstraint("state NOT IN ('sending', 'unknown') OR sent_at IS NOT NULL", name="sent_has_time"),
)

EVENTS = Table(
    "preflight_events",
    _TABLES,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("at", _Utc, nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("note", Text),
    Column("replica_id", Text, index=True),
    sqlite_autoincrement=True,
)


def is_ready(connection: Connection) -> bool:
    """Whether the tables are there. Raises LedgerError for those of another version."""
    tables = inspect(connection)
    if not tables.has_table(_SCHEMA.name):
        if connection.dialect.name == "sqlite" and tables.get_table_names():
            raise LedgerError("is the database of another program; name another file with PREFLIGHT_LEDGER")
        return False
    version = connection.scalar(select(func.max(_SCHEMA.c.version)))
    if version is None or version < VERSION:
        raise LedgerError("is damaged; restore a copy of it")
    if version > VERSION:
        raise LedgerError(
            f"was written by a newer version of this program (its tables are version {version}, this one "
            f"knows {VERSION}); upgrade replica-preflight"
        )
    return True


def make_tables(connection: Connection) -> None:
    """Make them, unless somebody did in the meantime. The transaction must be one that writes."""
    if connection.dialect.name == "postgresql":  # on SQLite a transaction that writes is alone anyway
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if not is_ready(connection):
        _TABLES.create_all(connection)
        connection.execute(insert(_SCHEMA).values(version=VERSION))


def lock_tables(connection: Connection) -> None:
    """Wait for others that do the same; until the end of the transaction."""
    connection.execute(select(_SCHEMA.c.version).with_for_update())
