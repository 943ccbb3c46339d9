"""Where the mended file goes: a name that nothing has, given at the end and to a finished file alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from preflight.errors import SourceError, UsageError

__all__ = ["folder_beside", "free", "publish"]


def free(output: str | os.PathLike[str], source: Path) -> Path:
    """The absolute path to write. Raises UsageError where something is there, or where there is no folder."""
    text = os.fsdecode(output)
    target = Path(text).absolute()
    if os.path.lexists(target):
        same = target.exists() and target.samefile(source)
        raise UsageError(
            f"{text}: {'is the original' if same else 'exists already'}; name a file that is not there"
        )
    if not target.parent.is_dir():
        raise UsageError(f"{text}: there is no such folder")
    return target


@contextlib.contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A folder of our own on the same file system, which is gone afterwards whatever happens."""
    try:
        with tempfile.TemporaryDirectory(None, ".preflight-fix-", target.parent) as folder:
            yield Path(folder)
    except OSError as exc:
        raise SourceError(f"{target}: cannot be written: {exc.strerror or exc}") from exc


def publish(made: Path, target: Path) -> None:
    """Give the file its name, unless somebody else has taken it meanwhile."""
    try:
        os.link(made, target)
    except FileExistsError as exc:
        raise UsageError(f"{target}: exists already; name a file that is not there") from exc
    except OSError:  # a file system without links: the name is taken first, so that no file is overwritten
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError as exc:
            raise UsageError(f"{target}: exists already; name a file that is not there") from exc
        made.replace(target)
