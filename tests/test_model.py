"""Finding a model: complete folders alone reach the loader, and nothing reaches for a hub."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from preflight.errors import RecogniserError
from preflight.evidence.model import find_model
from tests.scripted_whisper import build


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("model") / "scripted", "Hello there.")


@pytest.fixture
def folder(complete: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(complete, tmp_path / "model"))


def test_complete_folder(folder: Path) -> None:
    """A complete folder is found, with its notice."""
    found = find_model(folder)

    assert (folder, "model") == (found.path, found.name)
    assert found.notice is not None
    assert "Scripted recogniser" in found.notice


def test_relative_folder_becomes_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative folder reaches the loader as an absolute path, never as the id of a repository."""
    monkeypatch.chdir(folder.parent)

    assert (folder, folder) == (find_model("model").path, find_model("./model").path)


@pytest.mark.parametrize(
    "missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"]
)
def test_incomplete_folder(folder: Path, missing: str) -> None:
    """Each file that is not there is named; no loader and no hub is asked."""
    (folder / missing).unlink()

    with pytest.raises(RecogniserError, match=rf"not complete: {missing} is missing"):
        find_model(folder)


def test_truncated_weights(folder: Path) -> None:
    """A download that broke off is told from a model."""
    (folder / "model.bin").write_bytes(b"\0" * 1000)

    with pytest.raises(RecogniserError, match="cut short"):
        find_model(folder)


def test_lfs_pointer(folder: Path) -> None:
    """A pointer file in place of the weights is named as one."""
    (folder / "model.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")

    with pytest.raises(RecogniserError, match="Git LFS pointer"):
        find_model(folder)


@pytest.mark.parametrize(
    "name", ["models/whisper", "./small", "/no/such/folder", "Systran/faster-whisper-small"]
)
def test_mistyped_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever looks like a path is one, and a path that is not there is an error."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(RecogniserError, match="does not exist"):
        find_model(name)


@pytest.mark.asr
def test_unknown_name() -> None:
    """A slip in a name shows the names there are."""
    with pytest.raises(RecogniserError, match=r"known: .*small"):
        find_model("smal")


@pytest.mark.asr
def test_known_name_that_is_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was never fetched is one clear message with the command that gets it."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(RecogniserError, match="preflight fetch-model large-v3"):
        find_model("large-v3")
