"""Where reports go: which form to which file, whether that can be, and writing it whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from preflight.errors import UsageError
from preflight.render.formats import FORMATS

__all__ = ["Target", "require_writable", "targets", "write_file"]


@dataclass(frozen=True, slots=True)
class Target:
    """One form of the report, and the file that it goes to; ``None`` is standard output."""

    form: str
    path: Path | None = None


def targets(asked: Sequence[str], output: Path | None, *, inputs: Iterable[Path] = ()) -> tuple[Target, ...]:
    """What ``--format`` and ``--output`` ask for. Raises UsageError for what makes no sense together.

    ``asked`` are ``FORMAT`` or ``FORMAT=FILE``; none at all is text. What names no file, or ``-``, goes to
    standard output. ``inputs`` are files that are read, so that none of them is written over.
    """
    found = [_target(one) for one in asked] or [Target("text")]
    if output is not None:
        if len(found) > 1 or found[0].path is not None:
            raise UsageError("--output goes with a single --format; name each file: --format FORMAT=FILE")
        found = [Target(found[0].form, _file(output))]
    spoken = [target.form for target in found if target.path is None]
    if len(spoken) > 1:
        raise UsageError(
            f"only one format goes to standard output, not {' and '.join(spoken)}; "
            f"name a file for the others: --format {spoken[1]}=FILE"
        )
    _require_apart([target.path for target in found if target.path is not None], inputs)
    return tuple(found)


def _target(asked: str) -> Target:
    form, named, file = asked.partition("=")
    if form not in FORMATS:
        raise UsageError(
            f"--format {form!r} is unknown; known: {', '.join(FORMATS)}, each also as FORMAT=FILE"
        )
    if named and not file:
        raise UsageError(f"--format {form}= names no file")
    return Target(form, _file(Path(file)) if named else None)


def _file(path: Path) -> Path | None:
    return None if path == Path("-") else path


def _require_apart(paths: Sequence[Path], inputs: Iterable[Path]) -> None:
    read = {_identity(path) for path in inputs}
    written: set[str] = set()
    for path in paths:
        identity = _identity(path)
        if identity in written:
            raise UsageError(f"{path}: two formats would be written to the same file")
        if identity in read:
            raise UsageError(f"{path}: is a file that is to be checked; the report would be written over it")
        written.add(identity)


def _identity(path: Path) -> str:
    """The same for every name of a file that is there; by its real path for one that is not."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return os.path.realpath(path)
    return f"{found.st_dev}:{found.st_ino}" if stat.S_ISREG(found.st_mode) else os.path.realpath(path)


def require_writable(path: Path) -> None:
    """Raise UsageError where a report could not be written; said before a long check, not after it."""
    try:
        if _is_special(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        if path.exists():
            with path.open("r+b"):
                pass
        draft, descriptor = _draft(path)
        os.close(descriptor)
        draft.unlink()
    except (OSError, ValueError) as exc:
        raise _unwritable(path, exc) from exc


def write_file(path: Path, text: str) -> None:
    """The whole text or nothing: a file that was there before is there until the new one is complete."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_special(path):
            path.write_bytes(data)
            return
        draft, descriptor = _draft(path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                draft.chmod(stat.S_IMODE(path.stat().st_mode))
            draft.replace(os.path.realpath(path))
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise
    except (OSError, ValueError) as exc:
        raise _unwritable(path, exc) from exc


def _draft(path: Path) -> tuple[Path, int]:
    """A new file beside the one that is meant, with the permissions that new files get."""
    folder = Path(os.path.realpath(path)).parent
    draft = folder / f".preflight-{secrets.token_hex(8)}.tmp"
    return draft, os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def _is_special(path: Path) -> bool:
    """A device or a pipe, such as /dev/stdout: it cannot be replaced, and holds nothing to lose."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _unwritable(path: Path, exc: Exception) -> UsageError:
    why = exc.strerror if isinstance(exc, OSError) and exc.strerror else "that is no file name"
    return UsageError(f"The report could not be written to {path}: {why}")
