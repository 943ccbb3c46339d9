"""What a database complains of, in words: the fact and the remedy, and nothing of what it was told."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from preflight.text import printable, redacted

__all__ = ["trouble_in_words"]

_ON_SQLITE = {
    "SQLITE_READONLY": "cannot be written; see to its permissions and those of its folder",
    "SQLITE_PERM": "cannot be written; see to its permissions and those of its folder",
    "SQLITE_FULL": "cannot be written, for the disk is full; make room",
    "SQLITE_IOERR": "cannot be written or read, for the disk is full or fails; see to the disk",
    "SQLITE_NOTADB": "is not a database; name another file with PREFLIGHT_LEDGER",
    "SQLITE_CORRUPT": "is damaged; restore a copy of it",
    "SQLITE_CANTOPEN": "cannot be opened; see to its permissions and those of its folder",
}
_ON_SERVER = {
    "28": "did not let this user in; see to the user and the password",
    "3D": "does not exist on that server; make the database",
    "42501": "may not be used by this user; grant it the right to make and change tables",
    "25006": "cannot be written, for the server takes no changes at present; name the one that does",
    "53100": "cannot be written, for the server's disk is full; make room",
    "53": "cannot serve at present; try again later",
    "57P": "went away; try again when the server is back",
    "08": "went away; try again when the server is back",
}
_LOCKED = {"SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "57014"}


def trouble_in_words(exc: Exception, *, busy_s: float, secrets: tuple[str, ...] = ()) -> str:
    """What goes after the name of the ledger."""
    cause: BaseException = exc.orig if isinstance(exc, DBAPIError) and exc.orig is not None else exc
    code = _code(cause)
    if _known(code, dict.fromkeys(_LOCKED, "")) is not None:
        return f"was locked by another program for {busy_s:g} s; end that program, or try again later"
    told = _known(code, _ON_SQLITE if isinstance(cause, sqlite3.Error) else _ON_SERVER)
    if told is not None:
        return told
    said = str(cause)
    for secret in secrets:
        said = said.replace(secret, "***")
    said = printable(redacted(" ".join(said.split())), limit=300)
    if code is None and not isinstance(cause, sqlite3.Error):
        return f"cannot be reached ({said or type(cause).__name__}); see whether the server runs"
    return f"failed ({code or type(cause).__name__}: {said})"


def _code(cause: BaseException) -> str | None:
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return name if isinstance(name, str) else None


def _known(code: str | None, words: dict[str, str]) -> str | None:
    """By the longest beginning of the code: both kinds of database make codes of a class and a detail."""
    if code is None:
        return None
    found = [beginning for beginning in words if code.startswith(beginning)]
    return words[max(found, key=len)] if found else None
