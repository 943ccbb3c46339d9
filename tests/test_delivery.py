"""Where reports go: several forms at once, into whole files; what cannot be is said before the work."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from preflight import delivery
from preflight.delivery import Target, require_writable, targets, write_file
from preflight.errors import UsageError
from preflight.stage import Stage
from preflight.stopwatch import Stopwatch
from tests.fake_service import passing_report
from tests.test_cli import FIELDS, KEY, Preflight, Ran, Terminal, bare_environment, preflight, use

__all__ = ["bare_environment", "preflight", "use"]

pytestmark = [pytest.mark.media, pytest.mark.timeout(30)]

IMAGE = Path(__file__).parents[1] / "fixtures/training_image/too-small-error/portrait.jpg"
CHECK = ("check", "--train-image", "portrait.jpg", "--voice-name", "anna")


@pytest.fixture(autouse=True)
def portrait(tmp_path: Path, bare_environment: None) -> None:
    """A photo that is too small, in the folder that commands run in."""
    (tmp_path / "portrait.jpg").write_bytes(IMAGE.read_bytes())


# ---- what was asked for


@pytest.mark.parametrize(
    ("expected", "asked", "output"),
    [
        ([("text", None)], [], None),
        ([("text", "r")], [], "r"),
        ([("json", None)], ["json"], None),
        ([("json", "r")], ["json"], "r"),
        ([("json", None)], ["json"], "-"),
        ([("text", None), ("junit", "r=1.xml")], ["text", "junit=r=1.xml"], None),
        ([("junit", "a"), ("sarif", "b")], ["junit=a", "sarif=b"], None),
        ([("junit", "a"), ("github", None)], ["junit=a", "github=-"], None),
        ([("json", "a"), ("json", "b")], ["json=a", "json=b"], None),
    ],
)
def test_targets(expected: list[tuple[str, str | None]], asked: list[str], output: str | None) -> None:
    """Each form goes to its file, one of them to standard output, and --output is for one alone."""
    found = targets(asked, None if output is None else Path(output))

    assert [Target(form, None if path is None else Path(path)) for form, path in expected] == list(found)


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("only one format goes to standard output, not text and json", ("text", "json")),
        ("only one format goes to standard output, not github and sarif", ("github", "sarif=-", "junit=a")),
        ("two formats would be written to the same file", ("junit=a", "sarif=./a")),
        ("two formats would be written to the same file", ("junit=portrait.link", "sarif=other.jpg")),
        ("is a file that is to be checked", ("junit=portrait.jpg",)),
        ("is a file that is to be checked", ("junit=portrait.link",)),
        ("'xml' is unknown; known: text, json,", ("xml",)),
        ("'' is unknown", ("",)),
        ("'' is unknown", ("=a",)),
        ("junit= names no file", ("junit=",)),
        ("could not be written to gone/a: No such file or directory", ("junit=gone/a",)),
        ("could not be written to .: Is a directory", ("junit=.",)),
        ("could not be written to portrait.jpg/a: Not a directory", ("junit=portrait.jpg/a",)),
    ],
)
def test_what_cannot_be_is_said_before_the_check(
    preflight: Preflight,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    said: str,
    arguments: tuple[str, ...],
) -> None:
    """Exit code 2, and nothing was checked or left behind."""
    monkeypatch.setattr("preflight.cli.checked", lambda **_: pytest.fail("it was checked"))
    (tmp_path / "portrait.link").symlink_to("portrait.jpg")
    if "other.jpg" in " ".join(arguments):
        (tmp_path / "portrait.link").unlink()
        (tmp_path / "other.jpg").touch()
        (tmp_path / "portrait.link").symlink_to("other.jpg")
    before = set(tmp_path.iterdir())

    ran = preflight(*CHECK, *(word for one in arguments for word in ("--format", one)))

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert before == set(tmp_path.iterdir())
    assert IMAGE.read_bytes() == (tmp_path / "portrait.jpg").read_bytes()


@pytest.mark.parametrize("forms", [("text", "json=a"), ("json=a",)])
def test_output_goes_with_one_format(preflight: Preflight, forms: tuple[str, ...]) -> None:
    """Whose file would it be?"""
    ran = preflight(*CHECK, "--output", "r", *(word for one in forms for word in ("--format", one)))

    assert (2, "") == (ran.code, ran.out)
    assert "--output goes with a single --format" in ran.err


def test_several_forms_at_once(preflight: Preflight, tmp_path: Path) -> None:
    """Of one check: one form on standard output, the others in files, the exit code that of the verdict."""
    files = {"json": "r.json", "junit": "r.xml", "sarif": "r.sarif", "github": "g.txt", "markdown": "r.md"}
    named = [word for form, file in files.items() for word in ("--format", f"{form}={file}")]

    ran = preflight(*CHECK, "--format", "text", *named)
    alone = {form: preflight(*CHECK, "--format", form).out for form in files}

    assert (1, "") == (ran.code, ran.err)
    assert ran.out.startswith("FAIL  portrait.jpg: is 511 x 640")
    assert alone == {form: (tmp_path / file).read_text("utf-8") for form, file in files.items()}


def test_files_alone_leave_standard_output_empty(preflight: Preflight, tmp_path: Path) -> None:
    """As --output does."""
    assert Ran(1, "", "") == preflight(*CHECK, "--format", "json=r.json")
    assert "fail" == json.loads((tmp_path / "r.json").read_text("utf-8"))["verdict"]


# ---- files


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full leaves the old report, and no part of the new one."""
    path = tmp_path / "r.json"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery.os, "fsync", full)

    with pytest.raises(UsageError, match=r"could not be written to .*: No space left on device"):
        write_file(path, "new")
    assert "old" == path.read_text()
    assert {"portrait.jpg", "r.json"} == {file.name for file in tmp_path.iterdir()}


def test_a_file_has_the_permissions_of_files(tmp_path: Path) -> None:
    """Those that the process gives to new ones, or those that it had."""
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    old.touch()
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        write_file(fresh, "x")
        write_file(old, "x")
    finally:
        os.umask(before)

    assert [0o640, 0o640] == [stat.S_IMODE(path.stat().st_mode) for path in (fresh, old)]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced."""
    (tmp_path / "link").symlink_to("real")

    require_writable(tmp_path / "link")
    write_file(tmp_path / "link", "\udcff")

    assert (tmp_path / "link").is_symlink()
    assert "\\udcff" == (tmp_path / "real").read_text("utf-8")


@pytest.mark.parametrize("name", ["/dev/null", "/dev/stdout"])
def test_devices_are_written_to(preflight: Preflight, name: str) -> None:
    """They cannot be replaced, and are not."""
    if name == "/dev/stdout" and not Path(name).exists():
        pytest.skip("no such device")

    assert 1 == preflight(*CHECK, "--format", "json=/dev/null").code
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_closed_is_said(tmp_path: Path) -> None:
    """Before the work."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="Permission denied"):
            require_writable(tmp_path / "r")
    finally:
        tmp_path.chmod(0o700)


# ---- quiet and verbose


def test_quiet_says_it_with_the_exit_code(preflight: Preflight, tmp_path: Path) -> None:
    """Files are written all the same, and errors said."""
    assert Ran(1, "", "") == preflight(*CHECK, "--quiet", "--format", "text", "--format", "json=r.json")
    assert (tmp_path / "r.json").is_file()
    assert Ran(2, "", "preflight: gone.jpg: no such file or directory\n") == preflight(
        "check", "--train-image", "gone.jpg", "--quiet"
    )


def test_verbose_says_what_is_done(preflight: Preflight) -> None:
    """A line for each stage with its seconds, on standard error; the report is the same."""
    ran = preflight(*CHECK, "--verbose")

    assert preflight(*CHECK).out == ran.out
    lines = ran.err.splitlines()
    assert all(line.startswith("preflight: portrait.jpg: ") and line.endswith(" s") for line in lines)
    assert {"read", "measure photo"} <= {line.split(": ")[2].split(",")[0] for line in lines}


def test_quiet_and_verbose_contradict_each_other(preflight: Preflight) -> None:
    """Nobody can have meant it."""
    ran = preflight(*CHECK, "--quiet", "--verbose")

    assert (2, "") == (ran.code, ran.out)
    assert "contradict" in ran.err


def test_no_secret_is_logged(preflight: Preflight) -> None:
    """Addresses lose what may be a key; this one says itself that it is no file."""
    ran = preflight(
        "check",
        "--verbose",
        "--voice-name",
        "anna",
        "--train-image",
        "https://www.dropbox.com/scl/fi/x/photo.jpg?rlkey=canary&dl=0",
    )

    assert 1 == ran.code
    assert "dropbox.com" in ran.err
    assert "canary" not in ran.out + ran.err


def test_a_stage_is_timed_without_those_within_it() -> None:
    """Waiting for the sound is not counted as listening."""
    said: list[tuple[str, Stage, float]] = []
    times = iter([0.0, 1.0, 4.0, 5.5])
    watch = Stopwatch(lambda *what: said.append(what), lambda: next(times))

    with watch("a.mp4", Stage.WORDS), watch("a.mp4", Stage.SOUND):
        pass

    assert [("a.mp4", Stage.SOUND, 3.0), ("a.mp4", Stage.WORDS, 2.5)] == said


def test_the_stage_is_shown_on_a_terminal(preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the line of the spinner, and nowhere else."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    said: list[str] = []
    monkeypatch.setattr("rich.spinner.Spinner.update", lambda _, *, text: said.append(text.plain))

    ran = preflight(*CHECK)
    quiet = preflight(*CHECK, "--quiet")

    assert (1, 1) == (ran.code, quiet.code)
    assert "Checking portrait.jpg … measure photo" in said
    assert len(said) % 2 == 0
    assert "Checking portrait.jpg …" == said[-1]


# ---- submit


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that does not pass."""
    monkeypatch.setattr("submit.cli.checked", lambda **_: replace(passing_report(), passed=()))


def test_submit_reports_in_every_form(preflight: Preflight, refused: None, tmp_path: Path) -> None:
    """The options of check; nothing is sent."""
    ran = preflight("submit", *FIELDS, "--format", "github", "--format", "junit=r.xml")

    assert 3 == ran.code
    assert ran.out.startswith("::error ")
    assert "<error" in (tmp_path / "r.xml").read_text("utf-8")


def test_submit_writes_files_of_what_passed(
    preflight: Preflight, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Standard output has the request, or what the service answered."""
    monkeypatch.setattr("submit.cli.checked", lambda **_: passing_report())
    monkeypatch.setenv("TAVUS_API_KEY", KEY)

    ran = preflight(
        "submit", *FIELDS, "--dry-run", "--quiet", "--format", "text", "--format", "sarif=r.sarif"
    )

    assert 0 == ran.code
    assert ran.out.startswith("POST /v2/replicas\n")
    assert (tmp_path / "r.sarif").is_file()
