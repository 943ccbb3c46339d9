"""Completion in a real shell: commands, options, policies and formats."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import submit.cli  # noqa: F401 - adds the commands that send
from preflight.cli import cli
from preflight.completion import SHELLS
from preflight.policy import bundled_policies
from preflight.render.formats import FORMATS

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

ASKED = """
source <(preflight completion bash)
COMP_WORDS=({words})
COMP_CWORD={at}
$(complete -p preflight | sed 's/.*-F \\([^ ]*\\) .*/\\1/') preflight
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which ``preflight`` is the command under test."""
    program = tmp_path / "preflight"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from submit.cli import main; main()' \"$@\"\n")
    program.chmod(0o755)
    return tmp_path


def completed(folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of the words."""
    root = Path(__file__).parents[1]
    done = subprocess.run(
        ["bash", "-c", ASKED.format(words=" ".join(f"'{word}'" for word in words), at=len(words) - 1)],
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=40,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("offered", "words"),
    [
        ({"check", "completion", "consent"}, ("c",)),
        ({"--train-video", "--train-image"}, ("check", "--train")),
        (set(bundled_policies()), ("check", "--policy", "tavus-")),
        ({"tavus-face-phoenix-4"}, ("evaluate", "--policy", "tavus-f")),
        (set(FORMATS), ("check", "--format", "")),
        ({"quick", "standard", "deep"}, ("submit", "--depth", "")),
        (set(SHELLS), ("completion", "")),
    ],
)
def test_bash_completes(folder: Path, offered: set[str], words: tuple[str, ...]) -> None:
    """As it would while somebody types."""
    assert offered == completed(folder, "preflight", *words)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script(shell: str) -> None:
    """Made without starting anything."""
    ran = CliRunner().invoke(cli, ["completion", shell])

    assert 0 == ran.exit_code
    assert "_PREFLIGHT_COMPLETE" in ran.output
    assert "preflight" in ran.output


def test_a_shell_that_is_unknown_could_not_run() -> None:
    """It is a usage error."""
    assert 2 == CliRunner().invoke(cli, ["completion", "tcsh"]).exit_code
