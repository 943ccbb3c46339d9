"""A real PostgreSQL server on loopback, in a folder of its own, for as long as tests need it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PASSWORD", "Server", "serving_postgres"]

USER = "preflight"
PASSWORD = f"canary-password-{secrets.token_hex(4)}"
_PATIENCE_S = 60
_SETTINGS = {
    "fsync": "off",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
    "timezone": "Asia/Kolkata",
}
"""Its time zone is not that of anybody here: what relies on it shows."""


class Server:
    """Started and stopped at will; what it holds stays until the end."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        return (
            f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}?application_name=canary-query"
        )

    def make(self) -> None:
        """A new cluster, which lets nobody in without the password."""
        words = self._folder / "password"
        words.write_text(PASSWORD)
        _give_away(words)
        self._run("initdb", "-U", USER, "-A", "scram-sha-256", f"--pwfile={words}", "-E", "UTF8", "-N")

    def start(self) -> None:
        settings = {**_SETTINGS, "port": str(self.port), "unix_socket_directories": str(self._folder)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self._folder / "log"
        self._run("pg_ctl", "-w", "-t", str(_PATIENCE_S), "-l", str(log), "-o", options, "start")

    def stop(self) -> None:
        """At once, as if it had been switched off."""
        self._run("pg_ctl", "-w", "-t", str(_PATIENCE_S), "-m", "immediate", "stop")

    def new_place(self) -> str:
        """An address at which there are no tables yet: a schema of its own, which is made in no time."""
        import psycopg

        name = f"ledger_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
        return f"{self.url()}&options=-c%20search_path%3D{name}"

    @property
    def is_running(self) -> bool:
        return (self._folder / "data" / "postmaster.pid").exists()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(_programs() / program), "-D", str(self._folder / "data"), *arguments]
        done = subprocess.run(
            [*_as_somebody(), *command],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,  # the server keeps it open
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * _PATIENCE_S,
        )
        if done.returncode:
            log = self._folder / "log"
            said = log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} failed ({done.returncode}): {done.stdout or ''}{said}")


@contextmanager
def serving_postgres() -> Iterator[Server]:
    """A server, which is gone at the end whatever happens."""
    with tempfile.TemporaryDirectory(prefix="preflight-pg-", ignore_cleanup_errors=True) as name:
        _give_away(Path(name))
        server = Server(Path(name), _free_port())
        server.make()
        try:
            server.start()
            yield server
        finally:
            if server.is_running:
                server.stop()


def _programs() -> Path:
    """Where the server's programs are. Debian keeps them out of the search path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3].partition(".")[0]),
    )
    if not versions:
        raise RuntimeError("PostgreSQL is not installed; make test-all installs it (Debian: postgresql)")
    return versions[-1].parent


def _as_somebody() -> list[str]:
    """A server refuses to be run by root; Debian's package makes a user for it."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, "postgres")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
