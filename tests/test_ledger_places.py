"""Where a ledger lies, what can be wrong with that place, and what an address must never give away."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import socket
import sqlite3
import stat
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from submit import ConfigurationError, LedgerError
from submit.ledger import Ledger, State
from tests.postgres import PASSWORD, Server

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

KEY, OTHER_KEY = "ab" * 32, "cd" * 32
ID = "r90bbd427f71"
CANARIES = ("canary-password", "canary-query", "canary-user", "canary%2Dpassword")
NOBODY = 65534


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home folder, and no settings of the machine."""
    for name in ("PREFLIGHT_LEDGER", "XDG_STATE_HOME", "PGPASSWORD", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def use(place: str | Path | None = None, **options: Any) -> str:
    """Write into a ledger; where it was."""
    with Ledger(place, **options) as ledger:
        claim = ledger.claim(KEY, {}, lease_s=0)
        assert claim is not None
        return ledger.place


def trouble(action: Callable[[], object]) -> str:
    """What is said of a ledger that cannot be used. Nothing of the database is chained to it."""
    with pytest.raises(LedgerError) as raised:
        action()
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    return str(raised.value)


# Where it is


def test_it_is_in_the_state_folder(home: Path) -> None:
    """For this user's eyes alone."""
    path = home / ".local" / "state" / "replica-preflight" / "ledger.sqlite3"

    assert str(path) == use()
    assert (0o700, 0o600) == (mode(path.parent), mode(path))


def test_the_state_folder_may_be_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path) -> None:
    """By XDG_STATE_HOME, where that is absolute: the specification says to ignore what is not."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert str(tmp_path / "xdg/replica-preflight/ledger.sqlite3") == use()

    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert use().startswith(str(home))


def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path) -> None:
    """A path, absolute or not, or one from the home folder; an argument comes first, and empty is not set."""
    monkeypatch.chdir(tmp_path)
    for named, path in {
        str(tmp_path / "a" / "l.db"): tmp_path / "a" / "l.db",
        "b/l.db": tmp_path / "b" / "l.db",
        "~/l.db": home / "l.db",
        ":memory:": tmp_path / ":memory:",
        "odd ?mode=ro#%41.db": tmp_path / "odd ?mode=ro#%41.db",
    }.items():
        monkeypatch.setenv("PREFLIGHT_LEDGER", named)
        assert str(path) == use()
        assert 0o600 == mode(path)
    assert str(tmp_path / "c") == use(tmp_path / "c")
    monkeypatch.setenv("PREFLIGHT_LEDGER", "")
    assert str(home) in use()


def test_loose_permissions_of_our_folder_are_tightened(home: Path) -> None:
    """Of the one in the state folder; those of a place that somebody chose are theirs to choose."""
    path = Path(use())
    path.parent.chmod(0o755)
    path.chmod(0o644)
    with Ledger() as ledger:
        ledger.entries()

    assert (0o700, 0o600) == (mode(path.parent), mode(path))
    chosen = home / "shared" / "l.db"
    use(chosen)
    chosen.parent.chmod(0o770)
    chosen.chmod(0o660)
    with Ledger(chosen) as ledger:
        ledger.entries()
    assert (0o770, 0o660) == (mode(chosen.parent), mode(chosen))


def test_a_folder_may_be_a_link_and_the_file_may_not(tmp_path: Path) -> None:
    """Another disk is fine; a file that leads elsewhere could be anybody's."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "disk")
    use(tmp_path / "folder" / "l.db")
    assert (tmp_path / "disk" / "l.db").is_file()

    for target in (tmp_path / "disk" / "l.db", tmp_path / "nothing"):
        link = tmp_path / f"to-{target.name}"
        link.symlink_to(target)
        assert "symbolic link" in trouble(lambda link=link: use(link))  # type: ignore[misc]
    assert not (tmp_path / "nothing").exists()


def test_it_is_a_regular_file(tmp_path: Path) -> None:
    """A pipe would be waited for, without an end."""
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", tmp_path):
        assert "not a regular file" in trouble(lambda path=path: use(path))  # type: ignore[misc]


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:///canary-query.db",
        "mysql://canary-user:canary-password@db/x?canary-query",
        "postgres://canary-user:canary-password@db/x?canary-query",
        "POSTGRESQL://canary-user:canary-password@db/x",
        "postgresql+psycopg://canary-user:canary-password@db/x",
        "postgresql://canary-user:canary-password@db/x?canary-query",
        "postgresql://canary-user:canary-password@db/x?canary-query=1",
        "postgresql://canary-user:canary-password@[db/x",
        "postgresql://canary-user:canary-password%zz@db/x",
        "postgresql://canary-user:canary-password%00@db/x",
        "canary-password\0",
        "",
        "/",
    ],
)
def test_a_place_that_makes_no_sense(address: str) -> None:
    """Is refused before anything is opened, and not repeated."""
    with pytest.raises(ConfigurationError) as raised:
        Ledger(address)

    assert_no_canary(raised.value)


# What can be wrong with a file


def test_the_folder_cannot_be_made(tmp_path: Path) -> None:
    """Something else has its name."""
    (tmp_path / "file").write_text("")

    said = trouble(lambda: use(tmp_path / "file" / "folder" / "l.db"))
    assert str(tmp_path / "file" / "folder" / "l.db") in said
    assert "PREFLIGHT_LEDGER" in said


def test_the_file_is_no_ledger(tmp_path: Path) -> None:
    """It is left as it is."""
    text, foreign = tmp_path / "text", tmp_path / "foreign"
    text.write_text("no database" * 100)
    with contextlib.closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = text.read_bytes(), foreign.read_bytes()

    assert "not a database" in trouble(lambda: use(text))
    assert "another program" in trouble(lambda: use(foreign))
    assert before == (text.read_bytes(), foreign.read_bytes())


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE preflight_ledger SET version = 2", "newer version"),
        ("UPDATE preflight_ledger SET version = 0", "damaged"),
        ("DELETE FROM preflight_ledger", "damaged"),
        ("UPDATE preflight_submissions SET intent = '{'", "damaged"),
        ("UPDATE preflight_submissions SET claimed_at = 'yesterday'", "damaged"),
        ("DROP TABLE preflight_events", "failed"),
    ],
)
def test_a_ledger_is_newer_or_damaged(tmp_path: Path, statement: str, words: str) -> None:
    """It is not used, and what to do is said."""
    use(tmp_path / "l")
    with contextlib.closing(sqlite3.connect(tmp_path / "l", isolation_level=None)) as connection:
        connection.execute(statement)

    said = trouble(lambda: use(tmp_path / "l"))
    assert words in said


def test_a_state_that_is_none_cannot_be_written(tmp_path: Path) -> None:
    """The database itself knows the states, and that what was created has a replica."""
    use(tmp_path / "l")
    with contextlib.closing(sqlite3.connect(tmp_path / "l")) as connection:
        for state in ("sent", "created", "sending"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute("UPDATE preflight_submissions SET state = ?", (state,))


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, which may write everywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_ledger_that_cannot_be_written_can_be_read() -> None:
    """Looking is possible, claiming is not."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "l"
        use(path)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        with as_nobody(), Ledger(path) as ledger:
            entry = ledger.look(KEY)
            said = trouble(lambda: ledger.claim(OTHER_KEY, {}, lease_s=1))
            unmade = trouble(lambda: use(path.parent / "more" / "l"))
        path.chmod(0o000)
        with as_nobody():
            unreadable = trouble(lambda: use(path))
        path.parent.chmod(0o700)

    assert entry is not None
    assert "cannot be written" in said
    assert "cannot be made" in unmade
    assert "cannot be opened" in unreadable


def test_the_disk_is_full(tmp_path: Path) -> None:
    """What cannot be written has not happened, and the ledger is whole."""
    with Ledger(tmp_path / "l") as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "l").stat().st_size, before[1]))
        try:
            said = trouble(
                lambda: ledger.claim(OTHER_KEY, {str(n): "x" * 2000 for n in range(25)}, lease_s=1)
            )
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        claim.sending()

        assert "disk is full" in said
        assert [KEY] == [entry.key for entry in ledger.entries()]
        assert ledger.claim(OTHER_KEY, {}, lease_s=1) is not None


def test_somebody_keeps_it_locked(tmp_path: Path) -> None:
    """That is waited for, and not for ever; afterwards all is well."""
    use(tmp_path / "l")
    with Ledger(tmp_path / "l", busy_s=0.2) as ledger:
        with contextlib.closing(sqlite3.connect(tmp_path / "l", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for action in (lambda: ledger.claim(KEY, {}, lease_s=1), lambda: ledger.look(KEY)):
                said = trouble(action)
                assert "locked by another program for 0.2 s" in said
        assert ledger.claim(KEY, {}, lease_s=1) is not None


def test_a_file_that_vanishes_is_not_made_anew(tmp_path: Path) -> None:
    """An empty ledger in its place would know nothing of what was sent."""
    with Ledger(tmp_path / "l") as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None
        (tmp_path / "l").unlink()

        assert "cannot be opened" in trouble(claim.sending)
        assert not (tmp_path / "l").exists()


def test_making_a_ledger_opens_nothing(tmp_path: Path) -> None:
    """Who never asks it for anything leaves no file behind."""
    with Ledger(tmp_path / "folder" / "l"):
        pass

    assert [] == list(tmp_path.iterdir())


def test_what_was_committed_is_on_the_disk(tmp_path: Path) -> None:
    """Also when the power goes: SQLite syncs the folder as well."""
    use(tmp_path / "l")
    with Ledger(tmp_path / "l") as ledger, ledger._engine.connect() as connection:
        assert 3 == connection.exec_driver_sql("PRAGMA synchronous").scalar()


def test_a_statement_that_fails_takes_all_with_it(tmp_path: Path) -> None:
    """A change without its line in the history does not happen."""
    with Ledger(tmp_path / "l") as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None

        @event.listens_for(ledger._engine, "before_cursor_execute")
        def fail(*arguments: Any) -> None:
            if "INSERT INTO preflight_events" in arguments[2]:
                raise sqlite3.OperationalError("the disk went away")

        assert "the disk went away" in trouble(claim.sending)
        entry = ledger.look(KEY)
        assert entry is not None
        assert State.CLAIMED is entry.state


# A server


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port that is taken, at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def assert_no_canary(exc: BaseException) -> None:
    """In nothing that a person or a log could be shown of an exception."""
    shown = [str(exc), repr(exc), "".join(traceback.format_exception(exc))]
    seen: BaseException | None = exc
    while seen is not None:
        shown += [str(seen), repr(seen), repr(seen.args)]
        seen = seen.__cause__ or seen.__context__
    assert not [canary for canary in (*CANARIES, PASSWORD) for text in shown if canary in text]


def test_a_server_that_is_not_there(refusing_port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Its host and port are named; password and query are nowhere, in logs neither."""
    address = (
        f"postgresql://canary-user:canary-password@127.0.0.1:{refusing_port}/db?application_name=canary-query"
    )
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    with Ledger(address) as ledger:
        with pytest.raises(LedgerError) as raised:
            ledger.look(KEY)
        shown = f"{ledger!r} {ledger} {ledger.place} {ledger._engine!r} {ledger._engine.url}"

    assert f"postgresql://127.0.0.1:{refusing_port}/db cannot be reached" in str(raised.value)
    assert f"Ledger('postgresql://127.0.0.1:{refusing_port}/db')" in shown
    assert_no_canary(raised.value)
    assert not [canary for canary in CANARIES if canary in shown + caplog.text]


def test_libpq_repeats_a_setting(tmp_path: Path) -> None:
    """Its complaint is shown without what was set."""
    address = "postgresql://canary-user@127.0.0.1:1/db?sslmode=canary-query&password=canary-password"
    with Ledger(address) as ledger, pytest.raises(LedgerError) as raised:
        ledger.look(KEY)

    assert "sslmode" in str(raised.value)
    assert_no_canary(raised.value)


def test_without_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    for name in ("psycopg", "psycopg.conninfo"):
        monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(ConfigurationError, match=r"replica-preflight\[postgres\]"):
        Ledger("postgresql://canary-user:canary-password@db/x")


@pytest.mark.database
def test_a_server_that_lets_nobody_in(postgres: Server, caplog: pytest.LogCaptureFixture) -> None:
    """With another password, or to a database that is not there."""
    caplog.set_level(logging.DEBUG)
    for address, words in (
        (postgres.url("postgres", "canary-password-wrong"), "password"),
        (postgres.url("nowhere"), "does not exist|nowhere"),
    ):
        with Ledger(address) as ledger, pytest.raises(LedgerError, match=words) as raised:
            ledger.look(KEY)
        assert_no_canary(raised.value)
    assert not [canary for canary in (*CANARIES, PASSWORD) if canary in caplog.text]


@pytest.mark.database
def test_nothing_of_the_address_is_logged(postgres: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Neither by SQLAlchemy nor by psycopg; nor, where statements are logged, what they write."""
    caplog.set_level(logging.INFO)
    logging.getLogger("sqlalchemy").setLevel(logging.INFO)
    with Ledger(postgres.new_place()) as ledger:
        claim = ledger.claim(KEY, {"name": "canary-user"}, lease_s=1)
        shown = repr((ledger, ledger._engine, claim))

    assert "preflight_submissions" in caplog.text
    assert not [canary for canary in (*CANARIES, PASSWORD) if canary in caplog.text + shown]


@pytest.mark.database
def test_a_row_is_kept_locked(postgres: Server) -> None:
    """Waited for within bounds, as on SQLite."""
    import psycopg

    place = postgres.new_place()
    with Ledger(place, busy_s=0.3) as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None
        with psycopg.connect(place) as other:
            other.execute("SELECT * FROM preflight_submissions FOR UPDATE")
            assert "locked by another program for 0.3 s" in trouble(claim.sending)
        claim.sending()


@pytest.mark.database
def test_a_server_takes_no_changes(postgres: Server) -> None:
    """A copy of another server can be looked at."""
    place = postgres.new_place()
    use(place)
    with Ledger(f"{place}%20-c%20default_transaction_read_only%3Don") as ledger:
        assert ledger.look(KEY) is not None
        assert "takes no changes" in trouble(lambda: ledger.claim(OTHER_KEY, {}, lease_s=1))


@pytest.mark.database
def test_a_connection_is_cut_in_a_transaction(postgres: Server) -> None:
    """Nothing of it has happened, and the next one is a new one."""
    import psycopg

    with Ledger(postgres.new_place()) as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None
        cut = []

        @event.listens_for(ledger._engine, "before_cursor_execute")
        def cut_off(*arguments: Any) -> None:
            if "UPDATE preflight_submissions" in arguments[2] and not cut:
                cut.append(1)
                victim = arguments[0].connection.driver_connection.info.backend_pid
                with psycopg.connect(postgres.url(), autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", (victim,))

        assert "went away" in trouble(claim.sending)
        entry = ledger.look(KEY)
        assert entry is not None
        assert (State.CLAIMED, 1) == (entry.state, len(ledger.history(KEY)))
        claim.sending()


@pytest.mark.database
def test_a_commit_whose_answer_is_lost(postgres: Server) -> None:
    """What the owner says is written down once, though it had to say it twice."""
    import psycopg

    with Ledger(postgres.new_place()) as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None
        claim.sending()
        cut = []

        @event.listens_for(ledger._engine, "commit")
        def lose_the_answer(connection: Any) -> None:
            if not cut:
                cut.append(1)
                driver = connection.connection.driver_connection
                driver.commit()
                driver.execute("SELECT 1")  # so that there is something left to commit, which fails
                with psycopg.connect(postgres.url(), autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", (driver.info.backend_pid,))

        entry = claim.created(ID, "started")

        assert [1] == cut
        assert entry == ledger.look(KEY)
        assert 3 == len(ledger.history(KEY))


@pytest.mark.database
def test_a_server_is_started_anew_between_sending_and_the_answer(postgres: Server) -> None:
    """What the service did is written down when the server is back."""
    with Ledger(postgres.new_place()) as ledger:
        claim = ledger.claim(KEY, {}, lease_s=60)
        assert claim is not None
        claim.sending()
        postgres.stop()
        telling = threading.Thread(target=claim.created, args=(ID, "started"), daemon=True)
        try:
            assert "cannot be reached" in trouble(lambda: ledger.look(KEY))
            telling.start()
        finally:
            postgres.start()
        telling.join(timeout=30)

        entry = ledger.look(KEY)
        assert entry is not None
        assert (State.CREATED, ID) == (entry.state, entry.replica_id)


@pytest.mark.database
def test_a_newer_ledger_on_a_server(postgres: Server) -> None:
    """As on SQLite; and other tables in the same database do not matter there."""
    import psycopg

    place = postgres.new_place()
    with psycopg.connect(place, autocommit=True) as other:
        other.execute("CREATE TABLE theirs (x int)")
        use(place)
        other.execute("UPDATE preflight_ledger SET version = 2")

    assert "newer version" in trouble(lambda: use(place))


@pytest.mark.database
def test_a_server_that_does_not_wait_for_its_disk(postgres: Server) -> None:
    """Is made to, for what is written here."""
    place = f"{postgres.new_place()}%20-c%20synchronous_commit%3Doff"
    with Ledger(place) as ledger, ledger._engine.connect() as connection:
        assert "on" == connection.exec_driver_sql("SHOW synchronous_commit").scalar()
