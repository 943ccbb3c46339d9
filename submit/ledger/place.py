"""Where the ledger is: a file of this user, or a PostgreSQL server; and the engine that talks to it.

The address of a server may hold a password. It stays in the function that connects: no engine, no message
and no log knows it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from preflight.text import printable
from submit.errors import ConfigurationError, LedgerError

__all__ = ["WRITES", "FilePlace", "ServerPlace", "place_of"]

WRITES = "preflight_writes"
"""The execution option of a connection whose transaction will write."""

_CONNECT_S = 10
_SCHEME = "postgresql://"
_FOR_A_TRANSACTION = """
SELECT set_config('statement_timeout', %s, true), set_config('idle_in_transaction_session_timeout', %s, true),
       set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), true)
"""
"""Every wait ends, and what is committed lasts. In a transaction only: a pooler lends the connection on."""
_SHOWN = {"host", "hostaddr", "port", "dbname", "user"}


class FilePlace:
    """A file of SQLite. ``private``: the folder is ours alone, and so are its permissions."""

    secrets: tuple[str, ...] = ()

    def __init__(self, path: Path, *, private: bool) -> None:
        self._path, self._private = path, private

    def __str__(self) -> str:
        return printable(str(self._path))

    def prepare(self) -> None:
        """Make the folder and the file, readable by this user alone. Raises LedgerError."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._private:
                self._path.parent.chmod(0o700)
            self._make_file()
        except OSError as exc:
            trouble = exc.strerror or type(exc).__name__
        else:
            return
        raise LedgerError(f"cannot be made ({trouble}); set PREFLIGHT_LEDGER to a place that can be written")

    def _make_file(self) -> None:
        """SQLite itself would follow links, wait for pipes, and make files that everybody may read."""
        try:
            found = self._path.lstat().st_mode
        except FileNotFoundError:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            os.close(os.open(self._path, flags, 0o600))
            return
        if stat.S_ISLNK(found):
            raise LedgerError("is a symbolic link; set PREFLIGHT_LEDGER to the file itself")
        if not stat.S_ISREG(found):
            raise LedgerError("is not a regular file; set PREFLIGHT_LEDGER to one")
        if self._private and found & 0o077:
            self._path.chmod(0o600)

    def engine(self, busy_s: float) -> Engine:
        engine = create_engine(
            URL.create("sqlite+pysqlite"),
            poolclass=NullPool,
            pool_reset_on_return=None,  # what is closed needs no rollback, and one that fails would be logged
            hide_parameters=True,
            creator=self._connector(busy_s),
        )
        event.listen(engine, "begin", _begin)
        return engine

    def _connector(self, busy_s: float) -> Any:
        address = self._path.as_uri() + "?mode=rw"  # a file that was removed is not made anew, empty

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(
                address, uri=True, timeout=busy_s, isolation_level=None, check_same_thread=False
            )
            # EXTRA: with FULL, a journal that a power cut brings back would undo what was committed
            connection.execute("PRAGMA synchronous = EXTRA")
            return connection

        return connect


class ServerPlace:
    """A database of PostgreSQL."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may hold, should the server or libpq repeat it."""
        return tuple(str(value) for name, value in self._settings.items() if value and name not in _SHOWN)

    def __str__(self) -> str:
        host = self._settings.get("host") or self._settings.get("hostaddr") or "localhost"
        port = self._settings.get("port")
        database = self._settings.get("dbname") or ""
        return printable(f"{_SCHEME}{host}{f':{port}' if port else ''}/{database}")

    def prepare(self) -> None:
        """A database is made by those who look after the server."""

    def engine(self, busy_s: float) -> Engine:
        try:
            engine = create_engine(
                URL.create("postgresql+psycopg"),
                poolclass=NullPool,
                pool_reset_on_return=None,
                hide_parameters=True,
                isolation_level="READ COMMITTED",
            )
        except ModuleNotFoundError:
            engine = None
        if engine is None:
            raise _without_psycopg()
        patience_ms = max(1, round(busy_s * 1000))
        bounds = {
            "connect_timeout": _CONNECT_S,
            "tcp_user_timeout": patience_ms,
            "keepalives_idle": 10,
            "application_name": "replica-preflight",
        }
        settings = {**bounds, **self._settings}

        @event.listens_for(engine, "do_connect")
        def connect(dialect: object, record: object, arguments: object, options: dict[str, Any]) -> None:
            options.update(settings)

        @event.listens_for(engine, "begin")
        def set_up(connection: Connection) -> None:
            connection.exec_driver_sql(_FOR_A_TRANSACTION, (str(patience_ms),) * 2)

        return engine


def place_of(url: str | Path | None) -> FilePlace | ServerPlace:
    """The place that is named, or that of the environment, or the one in the user's state folder."""
    named = url if url is not None else os.environ.get("PREFLIGHT_LEDGER") or None
    if named is None:
        return FilePlace(_state_folder() / "replica-preflight" / "ledger.sqlite3", private=True)
    if isinstance(named, str) and "://" in named:
        return _server(named)
    try:
        path = Path(named).expanduser().absolute()
    except RuntimeError:
        path = None
    if path is None or not path.name or not str(named) or "\0" in str(path):
        raise ConfigurationError(
            "the ledger's place is neither the path of a file nor a postgresql:// address"
        )
    return FilePlace(path, private=False)


def _state_folder() -> Path:
    """Where programs of this user keep what lasts (XDG Base Directory Specification, ``$XDG_STATE_HOME``)."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if given.startswith("/"):
        return Path(given)
    try:
        return Path.home() / ".local" / "state"
    except RuntimeError:
        raise ConfigurationError("this user has no home folder; set PREFLIGHT_LEDGER to a file") from None


def _server(address: str) -> ServerPlace:
    """Read by libpq itself, whose complaints would quote the address."""
    settings: dict[str, Any] | None = None
    if address.startswith(_SCHEME):
        try:
            from psycopg import Error
            from psycopg.conninfo import conninfo_to_dict
        except ImportError:
            raise _without_psycopg() from None
        try:
            settings = dict(conninfo_to_dict(address))
        except (Error, UnicodeError):
            settings = None
    if settings is None:
        raise ConfigurationError(
            "the ledger's address is not one of the form postgresql://user@host/database"
        )
    return ServerPlace(settings)


def _without_psycopg() -> ConfigurationError:
    return ConfigurationError(
        "a ledger on PostgreSQL needs psycopg, which is missing: pip install 'replica-preflight[postgres]'"
    )


def _begin(connection: Connection) -> None:
    """Who will write waits for the others at once: two that first read and then write would get stuck."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
