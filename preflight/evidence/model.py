"""Finding a Whisper model on this machine, without ever asking a hub for it.

faster-whisper takes a mistyped folder for the id of a repository to download from, asks the network when a
folder lacks its tokenizer, and loads silently without its configuration. So the folder is checked here first,
and only a complete one, by absolute path, reaches the loader.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from preflight.errors import RecogniserError

__all__ = ["ModelFolder", "fetch_model", "find_model"]

_REQUIRED = ("config.json", "tokenizer.json", "preprocessor_config.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_MIN_WEIGHTS = 1_000_000
_LFS_POINTER = b"version https://git-lfs"
_NOTICE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A complete model folder. ``notice`` is the folder's own NOTICE, such as "for demos and tests"."""

    name: str
    path: Path
    notice: str | None

    @property
    def sha256(self) -> str:
        """Digest of the weights. Reads the file."""
        with (self.path / "model.bin").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def find_model(model: str | os.PathLike[str]) -> ModelFolder:
    """The folder of a model given by folder or by name. Raises RecogniserError, with the remedy.

    Names are looked up in the local cache alone. Anything that looks like a path is one.
    """
    text = os.fspath(model)
    if _looks_like_path(text):
        folder = Path(text).expanduser().absolute()
        _check(folder, shown=text)
        return ModelFolder(folder.name, folder, _notice(folder))
    folder = _cached(text)
    _check(folder, shown=f"{text} ({folder})")
    return ModelFolder(text, folder, _notice(folder))


def fetch_model(name: str) -> Path:
    """Download a model by name into the local cache. Raises RecogniserError when that does not work."""
    from faster_whisper import download_model

    _require_known(name)
    try:
        return Path(download_model(name))
    except Exception as exc:  # the hub's client raises what its transport raises
        raise RecogniserError(
            f"model {name!r} could not be downloaded ({type(exc).__name__}); check the network, or copy the "
            "model's folder from another machine and name it with --asr-model DIR"
        ) from exc


def _looks_like_path(text: str) -> bool:
    return os.sep in text or text.startswith((".", "~")) or Path(text).is_dir()


def _cached(name: str) -> Path:
    from faster_whisper import download_model

    _require_known(name)
    try:
        return Path(download_model(name, local_files_only=True)).absolute()
    except Exception as exc:  # several kinds of "not in the cache"
        raise RecogniserError(
            f"recogniser model {name!r} is not on this machine; "
            f"get it with: preflight fetch-model {name}  (or name a model folder with --asr-model DIR)"
        ) from exc


def _require_known(name: str) -> None:
    from faster_whisper import available_models

    if name not in available_models():
        raise RecogniserError(
            f"{name!r} is neither a model folder nor a Whisper model known to faster-whisper; "
            f"known: {', '.join(available_models())}"
        )


def _check(folder: Path, *, shown: str) -> None:
    """Raise RecogniserError unless everything the loader needs is there."""
    if not folder.is_dir():
        raise RecogniserError(
            f"recogniser model folder {shown!r} does not exist; name a folder in CTranslate2 format, "
            "or a Whisper model such as small"
        )
    missing = [name for name in ("model.bin", *_REQUIRED) if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        missing.append(_VOCABULARIES[0])
    if missing:
        raise RecogniserError(
            f"recogniser model folder {shown!r} is not complete: {', '.join(missing)} is missing; "
            "copy the whole folder again"
        )
    weights = folder / "model.bin"
    with weights.open("rb") as file:
        if file.read(len(_LFS_POINTER)) == _LFS_POINTER:
            raise RecogniserError(
                f"recogniser model folder {shown!r} holds a Git LFS pointer instead of the weights; "
                "run git lfs pull there"
            )
    if weights.stat().st_size < _MIN_WEIGHTS:
        raise RecogniserError(
            f"recogniser model folder {shown!r}: model.bin is cut short; copy the folder again"
        )


def _notice(folder: Path) -> str | None:
    try:
        text = (folder / "NOTICE").read_bytes()[: 4 * _NOTICE_CHARACTERS].decode("utf-8", "replace")
    except OSError:
        return None
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_NOTICE_CHARACTERS] or None
