"""Every example of the README is run, and says what the README shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import submit.cli  # noqa: F401 - adds the commands that send
from preflight.cli import cli
from preflight.policy import bundled_policies, load_policy, overrides
from preflight.rule import require_known_waivers

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    (f"line-{README[: match.start()].count(chr(10)) + 1}", match[1], match[2])
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
]
TIMEOUT_S = 60


def blocks(language: str) -> list[tuple[str, str]]:
    return [(name, text) for name, found, text in BLOCKS if found == language]


@dataclass(frozen=True)
class Command:
    """One command of a console block, and the output shown below it."""

    line: str
    shown: str


def commands(block: str) -> Iterator[Command]:
    """``$ `` begins a command; ``> `` goes on with it, and so does any line after a trailing backslash."""
    line, shown = "", ""
    for text in block.splitlines():
        if text.startswith("$ "):
            if line:
                yield Command(line, shown)
            line, shown = text[2:], ""
        elif text.startswith("> "):
            line += "\n" + text[2:]
        elif line.endswith("\\") and not shown:
            line += "\n" + text
        else:
            shown += text + "\n"
    assert line, "a console block without a command"
    yield Command(line, shown)


def environment(folder: Path) -> dict[str, str]:
    """The reader's environment: the command on PATH, the recogniser chosen, nothing else set for us."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    mine = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFLIGHT_", "TAVUS_"))
    }
    return mine | {"PATH": path, "PREFLIGHT_ASR_MODEL": str(folder), "LC_ALL": "C.UTF-8"}


def run(argv: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        cwd=ROOT,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )


def stable(text: str) -> list[str]:
    """Output without what differs between recognisers and versions: times, counts, the recogniser's name."""
    lines = [line for line in text.splitlines() if not line.startswith(("Recogniser:", "Note:"))]
    words = " ".join("\n".join(lines).split())
    words = re.sub(r"\b\d\d:\d\d\.\d\b", "00:00.0", words)
    words = re.sub(r"\bat \d+\.\d s", "at 0.0 s", words)
    return re.sub(r"\b\d+ rules passed", "0 rules passed", words).split(" ")


def assert_shown(shown: str, said: str) -> None:
    """The output begins with each part of what is shown, in order; ``…`` stands for any lines."""
    said_words = stable(said)
    at = 0
    for number, part in enumerate(re.split(r"^…\n", shown, flags=re.MULTILINE)):
        if not part.strip():
            continue
        wanted = stable(part)
        places = range(at, len(said_words)) if number else range(1)
        found = next((p for p in places if said_words[p : p + len(wanted)] == wanted), None)
        assert found is not None, f"shown:\n{part}\nsaid:\n{said}"
        at = found + len(wanted)
    if not shown.endswith("…\n"):
        assert said_words[at:] in ([], [""]), f"the README leaves out:\n{' '.join(said_words[at:])}"


# ---- examples that run


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize("block", [pytest.param(text, id=name) for name, text in blocks("console")])
def test_console(block: str, recogniser_folder: Path) -> None:
    """Commands as typed in a shell: output and exit code are those shown."""
    code = 0
    for command in commands(block):
        if command.line.startswith("export "):
            continue  # see environment(); that these lines say the same is tested below
        if command.line == "echo $?":
            assert command.shown == f"{code}\n"
            continue
        done = run(["bash", "-c", command.line], recogniser_folder)
        code = done.returncode
        assert done.stderr == ""
        assert_shown(command.shown, done.stdout)


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize("program", [pytest.param(text, id=name) for name, text in blocks("python")])
def test_python(program: str, recogniser_folder: Path) -> None:
    """Programs print what the comments beside their prints say."""
    expected = re.findall(r"^\s*print\(.*\)  # (.*)$", program, re.MULTILINE)
    assert len(expected) == program.count("print("), "a print without a comment that says what it prints"

    done = run([sys.executable, "-W", "error", "-c", program], recogniser_folder)

    assert done.stderr == ""
    assert done.stdout.splitlines() == expected


# ---- examples that are read


def test_first_come_the_two_commands() -> None:
    """The first example is the two commands, and make knows them. They run these tests, so not here."""
    _, language, text = BLOCKS[0]

    assert (language, text.splitlines()) == ("sh", ["make demo", "make test"])
    for line in text.splitlines():
        planned = subprocess.run(["make", "-n", *line.split()[1:]], cwd=ROOT, timeout=20, check=False)
        assert planned.returncode == 0


def test_every_block_is_tested() -> None:
    """There is no example in a language that these tests do not know."""
    assert {language for _, language, _ in BLOCKS} == {"sh", "console", "python", "yaml", "toml"}
    assert README.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in blocks("toml")])
def test_policies(text: str, tmp_path: Path) -> None:
    """Policy files are taken as they stand, and waive rules that there are."""
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")

    policy = load_policy(path)
    require_known_waivers(policy)

    assert policy.extends in bundled_policies()
    assert overrides(policy)
    assert policy.waivers


def test_every_bundled_policy_is_listed() -> None:
    """With the route that it sends to."""
    rows = dict(re.findall(r"^\| `(tavus-[\w-]+)` \| (.*) \|$", README, re.MULTILINE))

    assert set(bundled_policies()) == set(rows)
    for name in ("tavus-replica-phoenix-4", "tavus-face-phoenix-4"):
        assert f"`POST {load_policy(name).endpoint}`" in rows[name]


def test_exports() -> None:
    """The variables that readers are told to set are those that the examples are run with."""
    lines = [c.line for _, text in blocks("console") for c in commands(text) if c.line.startswith("export ")]

    assert lines == ['export PATH="$PWD/.venv/bin:$PATH"', "export PREFLIGHT_ASR_MODEL=fixtures/recogniser"]


def test_reports_fit_80_columns() -> None:
    """The output shown is that of a narrow terminal."""
    shown = [c.shown for _, text in blocks("console") for c in commands(text)]

    assert max(len(line) for text in shown for line in text.splitlines()) <= 80


def test_workflow_is_plain_yaml() -> None:
    """The CI example is indented by two spaces, without tabs, and every line is an entry or a list item."""
    ((_, text),) = blocks("yaml")
    entry = re.compile(r"^(?:  )*(?:- )?[a-z_-]+:(?: [^\s].*)?$")

    assert "\t" not in text
    assert [] == [line for line in text.splitlines() if not entry.match(line)]


def workflow_commands() -> list[str]:
    ((_, text),) = blocks("yaml")
    return re.findall(r"^\s+- run: (.*)$", text, re.MULTILINE)


def test_workflow_commands_are_accepted() -> None:
    """The parser takes every preflight command of the CI example as it stands."""
    accepted = []
    for line in workflow_commands():
        program, *arguments = shlex.split(line)
        if Path(program).name != "preflight":
            continue
        name, *rest = arguments
        command = cli.commands[name]
        command.make_context(name, rest)  # raises UsageError for unknown options and missing values
        assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0
        accepted.append(name)

    assert accepted == ["fetch-model", "check"]


def test_parser_refuses_what_it_does_not_know() -> None:
    """The test above would see a slip."""
    with pytest.raises(click.UsageError):
        cli.commands["check"].make_context("check", ["--train-clip", "media/clip.mp4"])


SAID = "FAIL  clip.mp4: too short\n\nERROR  VID001\n  lasts 20 s\n37 rules passed.\nRecogniser: small.\n"


@pytest.mark.parametrize(
    "shown",
    [
        "FAIL  clip.mp4: too\nshort\n…\n",
        "…\n38 rules passed.\n",
        "FAIL  clip.mp4: too short\n…\n  lasts 20 s\n…\n",
    ],
)
def test_comparison_allows(shown: str) -> None:
    """Line breaks and counts may differ, and lines may be left out where the README says so."""
    assert_shown(shown, SAID)


@pytest.mark.parametrize(
    "shown", ["PASS  clip.mp4: too short\n…\n", "FAIL  clip.mp4: too short\n", "…\n  lasts 21 s\n…\n", ""]
)
def test_comparison_sees(shown: str) -> None:
    """Another verdict, another measure and lines left out in silence are differences."""
    with pytest.raises(AssertionError):
        assert_shown(shown, SAID)
