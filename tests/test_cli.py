"""The command line as it is started: arguments in; exit code, standard output and standard error out.

Commands run in this process through the real entry point, except where a process of its own is the point.
"""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from preflight.cli import cli
from preflight.report import AssetReport, Finding, Report
from preflight.rule import Severity, all_rules
from preflight.rules.consent_words import STATEMENT
from preflight.submission import Role, Submission
from preflight.vendor import find_vendor_errors, vendor_errors
from submit.cli import main
from tests.fake_service import (
    BAD_KEY,
    BAD_REQUEST,
    BROKEN,
    COMPLETED,
    FAILED,
    FORBIDDEN,
    HANGS_UP,
    NO_PLAN,
    NOT_JSON,
    READY,
    REPLICA_ID,
    STARTED,
    Answer,
    FakeService,
    passing_report,
    saying,
    serving,
    training,
)

pytestmark = [pytest.mark.media, pytest.mark.timeout(30)]

ROOT = Path(__file__).parents[1]
NAME = "Maria Lopez"
KEY = "canary-key"
QUERY = "canary-query"
VIDEO_URL = f"https://media.example/clip.mp4?token={QUERY}"
HOSTILE = "\x1b]0;title\x07\u202e\u009b31m\x1b[31m"
STEERING = set("\x1b\x07\u202e\u009b")
MESSAGES = [(key, message) for key, error in vendor_errors().items() for message in error.messages]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: object
    out: str
    err: str


Preflight = Callable[..., Ran]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine reach a test, and file names are those of an empty folder."""
    for name in os.environ:
        if name.startswith(("TAVUS_", "PREFLIGHT_")) or name.lower().endswith("_proxy") or name == "NO_COLOR":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def preflight(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Preflight:
    """Run a command line to its exit. An exception that escapes fails the test."""

    def run(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["preflight", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(left.value.code, said.out, said.err)

    return run


@pytest.fixture
def cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks pass without media: what ``submit`` does next is the subject."""
    names = {field.name for field in fields(Submission)}

    def checked(**options: Any) -> Report:
        given = {name: value for name, value in options.items() if name in names}
        return passing_report(**(given | {"model_name": given["model_name"] or "phoenix-4"}))

    monkeypatch.setattr("submit.cli.checked", checked)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[FakeService], None]:
    """Point the command line at a service, which serves the checked files too, and at a ledger of its own."""

    def point(service: FakeService) -> None:
        monkeypatch.setenv("TAVUS_BASE_URL", service.url)
        monkeypatch.setenv("TAVUS_API_KEY", KEY)
        monkeypatch.setenv("PREFLIGHT_ALLOW_HOSTS", "127.0.0.1")
        monkeypatch.setenv("PREFLIGHT_LEDGER", str(tmp_path / "ledger.sqlite3"))

    return point


def one_line(text: str) -> bool:
    return 1 == text.count("\n") and text.endswith("\n")


# Usage


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("no-such-command",),
        ("check",),
        ("submit",),
        ("check", "--no-such-option"),
        ("check", "stray.mp4"),
        ("check", "--train-video"),
        ("check", "--train-video", ""),
        ("check", "--train-video", "a.mp4", "--depth", "bottomless"),
        ("check", "--train-video", "a.mp4", "--format", "xml"),
        ("check", "--full-name", NAME),
        ("check", "--train-video", "a.mp4", "--full-name", " "),
        ("consent",),
        ("consent", "--text", "words", "--transcript", "-"),
        ("consent", "--text", "words", "--full-name", ""),
        ("consent", "--text", "words", "--placement", "anywhere"),
        ("fix",),
        ("fix", "a.mp4"),
        ("fix", "a.mp4", "--output", "b.mp4"),
        ("explain",),
        ("explain", "VID999"),
        ("explain", ""),
        ("explain", "There was an issue"),
        ("status",),
    ],
)
def test_what_makes_no_sense_could_not_run(preflight: Preflight, arguments: tuple[str, ...]) -> None:
    """Exit code 2, the reason on standard error, nothing on standard output."""
    ran = preflight(*arguments)

    assert (2, "") == (ran.code, ran.out)
    assert ran.err


@pytest.mark.parametrize("arguments", [("--help",), *((name, "--help") for name in sorted(cli.commands))])
def test_help_is_a_result(preflight: Preflight, arguments: tuple[str, ...]) -> None:
    """On standard output, with exit code 0, for every command."""
    ran = preflight(*arguments)

    assert (0, "") == (ran.code, ran.err)
    assert " ".join(arguments[:-1]) in ran.out.splitlines()[0]
    assert ran.out.startswith("Usage: ")


def test_the_commands_are_those_of_the_contract() -> None:
    """Users and jobs call them by name."""
    assert {"check", "consent", "submit", "status", "rules", "explain", "doctor"} <= set(cli.commands)


# Sources and settings that cannot be used


def test_a_missing_source_could_not_run(preflight: Preflight) -> None:
    """Also where its name begins like an option."""
    for name in ("missing.mp4", "-x.mp4"):
        ran = preflight("check", "--train-video", name)

        assert Ran(2, "", f"preflight: {name}: no such file or directory\n") == ran


def test_a_source_that_is_no_file_could_not_run(preflight: Preflight, tmp_path: Path) -> None:
    """A folder and a named pipe are told by what they are; no one waits for a writer."""
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "folder.mp4").mkdir()

    pipe, folder = (preflight("check", "--train-video", name) for name in ("pipe.mp4", "folder.mp4"))

    assert Ran(2, "", "preflight: pipe.mp4: is a named pipe, not a file\n") == pipe
    assert Ran(2, "", "preflight: folder.mp4: is a directory, not a file\n") == folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--train-video", VIDEO_URL),
        ("check", "--consent-video", f"HTTPS://user:{QUERY}@media.example/a.mp4"),
        ("check", "--train-image", VIDEO_URL),
        ("consent", "--transcript", VIDEO_URL),
        ("check", VIDEO_URL),
        ("check", "--train-video", "a.mp4", "--policy", VIDEO_URL),
        ("doctor",),
    ],
)
def test_an_address_could_not_run(
    preflight: Preflight, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Nothing is fetched; the message leaves out the query string and the password."""
    monkeypatch.setenv("PREFLIGHT_ASR_MODEL", VIDEO_URL)

    ran = preflight(*arguments)

    assert 2 == ran.code
    assert QUERY not in ran.out + ran.err


BUNDLED = (ROOT / "preflight/policies/tavus-replica-phoenix-4.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("'p.toml' is neither a file nor a known id", None),
        ("tavus-face-phoenix-4, tavus-replica-phoenix-3, tavus-replica-phoenix-4)", None),
        ("extends 'p.toml', which is no bundled policy (known: tavus-face", 'extends = "p.toml"\n'),
        ("at end of document", "title = ["),
        ("`colour`", f"colour = 1\n{BUNDLED}"),
        ("`title`", BUNDLED.replace("title =", "# title =")),
        (
            "`$.video.min_duration",
            BUNDLED.replace("[video.min_duration]\nvalue  = 60", "[video.min_duration]"),
        ),
        ("line 2", 'title = "one"\ntitle = "two"\n'),
    ],
)
def test_a_policy_that_is_not_exactly_a_policy_could_not_run(
    preflight: Preflight, tmp_path: Path, said: str, policy: str | None
) -> None:
    """One line that names the key, or where the file stops being readable."""
    if policy is not None:
        (tmp_path / "p.toml").write_text(policy, "utf-8")

    ran = preflight("check", "--train-video", "missing.mp4", "--policy", "p.toml")

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert one_line(ran.err)


@pytest.mark.parametrize(
    ("said", "waived"),
    [("did you mean video-hdr or", "video-hrd"), ("a rule that guards the consent stays", "consent-late")],
)
def test_a_waiver_that_cannot_be_could_not_run(
    preflight: Preflight, tmp_path: Path, said: str, waived: str
) -> None:
    """A misspelt rule, or one of a required consent."""
    text = 'id = "p"\nextends = "tavus-replica-phoenix-4"\ntitle = "P"\nread = 2026-11-24\n'
    text += f'[waivers.{waived}]\nreason = "hurry"\nread = 2026-11-24\n'
    (tmp_path / "p.toml").write_text(text, "utf-8")

    ran = preflight("check", "--train-video", "missing.mp4", "--policy", "p.toml")

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert one_line(ran.err)


@pytest.mark.parametrize("place", ["no-such-folder/report.json", "."])
def test_a_report_that_cannot_be_written_could_not_run(
    preflight: Preflight, tmp_path: Path, place: str
) -> None:
    """It is not printed instead: a job would take it for written."""
    (tmp_path / "empty.mp4").touch()

    ran = preflight("check", "--train-video", "empty.mp4", "--output", place)

    assert (2, "") == (ran.code, ran.out)
    assert "could not be written" in ran.err


def test_a_report_is_written_where_it_is_asked_for(preflight: Preflight, tmp_path: Path) -> None:
    """And not to standard output; the exit code is that of the verdict."""
    (tmp_path / "empty.mp4").touch()

    ran = preflight("check", "--train-video", "empty.mp4", "--format", "json", "--output", "report.json")

    assert Ran(1, "", "") == ran
    assert "fail" == json.loads((tmp_path / "report.json").read_text("utf-8"))["verdict"]


# consent


@pytest.mark.parametrize(
    ("code", "verdict", "text", "name"),
    [
        (0, "pass", STATEMENT, NAME),
        (1, "fail", STATEMENT.replace("consent", "do not consent"), NAME),
        (1, "fail", "", NAME),
        (3, "review", STATEMENT, "Mariah Lopez"),
    ],
)
def test_words_are_judged_from_every_source(
    preflight: Preflight, tmp_path: Path, code: int, verdict: str, text: str, name: str
) -> None:
    """An argument, a file and standard input say the same; the text form begins with the verdict."""
    (tmp_path / "words.txt").write_text(text, "utf-8")
    sources: list[tuple[tuple[str, ...], bytes]] = [
        (("--text", text), b""),
        (("--transcript", "words.txt"), b""),
        (("--transcript", "-"), text.encode()),
    ]
    for source, stdin in sources:
        shown = preflight("consent", *source, "--full-name", name, stdin=stdin)
        parsed = preflight("consent", *source, "--full-name", name, "--format", "json", stdin=stdin)

        assert [(code, ""), (code, "")] == [(shown.code, shown.err), (parsed.code, parsed.err)]
        assert verdict.upper() == shown.out.split(maxsplit=1)[0]
        assert (verdict, None) == tuple(json.loads(parsed.out)[key] for key in ("verdict", "asset"))


def test_another_spelling_and_the_placement_reach_the_judgement(preflight: Preflight) -> None:
    """Options of the command are arguments of match_consent."""
    accepted = preflight("consent", "--text", STATEMENT, "--full-name", "Ann Lee", "--accept-name", NAME)
    followed = f"{STATEMENT} Today I will talk about our products and how we make them every day."
    opening, alone = (
        preflight("consent", "--text", followed, "--placement", placement).code
        for placement in ("opening", "alone")
    )

    assert 0 == accepted.code
    assert 0 == opening
    assert opening != alone


@pytest.mark.parametrize(
    ("said", "name"), [("no such file", "missing.txt"), ("a directory", "."), ("is longer than", "long.txt")]
)
def test_a_transcript_that_cannot_be_read_could_not_run(
    preflight: Preflight, tmp_path: Path, said: str, name: str
) -> None:
    """A statement has two sentences; a file of a megabyte is something else."""
    (tmp_path / "long.txt").write_bytes(b"a" * 1_000_001)

    ran = preflight("consent", "--transcript", name)

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_transcript_in_another_encoding_could_not_run(preflight: Preflight, encoding: str) -> None:
    """Replaced letters would make a different name of a good one, and a failure of a good statement."""
    words = STATEMENT.replace("Maria", "María")

    ran = preflight(
        "consent", "--transcript", "-", "--full-name", "María Lopez", stdin=words.encode(encoding)
    )

    assert (2, "") == (ran.code, ran.out)


# rules, explain, doctor


def test_every_rule_is_listed(preflight: Preflight) -> None:
    """One entry for each file of preflight/rules, with what the contract promises of it."""
    expected = sorted(path.name[:6].upper() for path in (ROOT / "preflight/rules").glob("[a-z]*[0-9]_*.py"))

    parsed, shown = preflight("rules", "--format", "json"), preflight("rules")
    document = json.loads(parsed.out)
    listed = document["rules"]
    shown_rules, _, shown_errors = shown.out.partition("\n\n")

    assert (0, 0) == (parsed.code, shown.code)
    assert expected == [rule["code"] for rule in listed]
    assert all({"code", "rule", "severity", "depth", "estimate", "prevents"} <= set(rule) for rule in listed)
    assert expected == [line[:6] for line in shown_rules.splitlines() if not line.startswith(" ")]
    assert [error.type for error in vendor_errors().values()] == [e["type"] for e in document["errors"]]
    assert all(bool(error["rules"]) == (error["why_not"] is None) for error in document["errors"])
    types = [line.split()[0] for line in shown_errors.splitlines()[1:]]
    assert [error["type"] for error in document["errors"]] == types


@pytest.mark.parametrize(
    "subject", ["VID001", "vid001", "training-video-too-short", "Training-Video-Too-Short", " VID001 "]
)
def test_a_rule_is_explained_by_code_or_name(preflight: Preflight, subject: str) -> None:
    """In any case."""
    ran = preflight("explain", subject)

    assert (0, "") == (ran.code, ran.err)
    assert "VID001 training-video-too-short" == ran.out.splitlines()[0]


DURATION = vendor_errors()["video_duration"].messages[0]


@pytest.mark.parametrize(
    ("code", "pasted"),
    [
        ("VID001", DURATION),
        ("VID001", DURATION.replace(" ", "  ")),
        ("VID001", DURATION.replace(" ", "\n", 5)),
        ("VID001", DURATION.upper()),
        ("VID001", f'"{DURATION}."'),
        ("VID001", f"status error, error_message: {DURATION}"),
        ("VID001", "video_duration"),
        ("MED003", vendor_errors()["file_size"].messages[0][:60]),
    ],
)
def test_a_message_of_the_service_is_explained(preflight: Preflight, code: str, pasted: str) -> None:
    """However it was pasted; the page names the rule that would have caught it."""
    ran = preflight("explain", pasted)

    assert (0, "") == (ran.code, ran.err)
    assert code in ran.out


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("video_duration", "Predicted. What the message names is caught before submission by:"),
        ("poor_lighting", "Partly predicted. What may cause it is looked for before submission by:"),
        ("download_link", "Partly predicted. What may cause it is looked for before submission by:"),
        ("improper_camera_angle", "Not predicted: no rule of this version catches it before submission."),
    ],
)
def test_a_message_is_answered_with_whether_it_is_predicted(
    preflight: Preflight, key: str, said: str
) -> None:
    """By which rules, at which depth, and what to do; or why not."""
    error = vendor_errors()[key]

    ran = preflight("explain", error.messages[0].replace(" ", "  "))

    lines = ran.out.splitlines()
    assert said in lines
    assert (error.why_not is not None) == (f"  {error.why_not}" in lines)
    for rule in (rule for rule in all_rules() if key in rule.prevents):
        depth = "" if rule.depth == "quick" else f", from depth {rule.depth} on"
        assert f"  {rule.code} {rule.name} ({rule.severity}{depth}): {rule.summary}" in lines
        assert f"    What to do: {rule.remedy}" in lines


def test_a_rule_says_from_which_depth_and_how_certain(preflight: Preflight) -> None:
    cuts, repeated, short = (preflight("explain", code).out for code in ("VID021", "VID020", "VID001"))

    assert "error; judges training video, from depth standard on\nAn estimate: an error where it is" in cuts
    assert "warning; judges training video, from depth deep on\nAn estimate: the service judges" in repeated
    assert "error; judges training video\n\n" in short


def test_the_service_publishes_38_errors() -> None:
    """One of them, video_fps, in two wordings."""
    assert (38, 39) == (len(vendor_errors()), len(MESSAGES))


@pytest.mark.parametrize(("key", "message"), MESSAGES)
def test_each_published_message_is_recognised_as_itself(key: str, message: str) -> None:
    """Also those that hold the words of another."""
    assert (key,) == find_vendor_errors(message)
    assert (key,) == find_vendor_errors("\n".join(message.upper().split()))


def test_a_type_that_stands_for_two_errors_explains_both(preflight: Preflight) -> None:
    """The service uses video_processing twice; a damaged file is the one that is caught here."""
    caught = {rule.code for rule in all_rules() if "video_processing_file" in rule.prevents}

    ran = preflight("explain", "video_processing")

    assert caught
    assert all(code in ran.out for code in caught)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH that holds stand-ins for ffmpeg and ffprobe alone, and a model folder that looks complete."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("ffmpeg", "ffprobe"):
        (folder / name).write_text(f"#!/bin/sh\necho {name} version 7.0\n")
        (folder / name).chmod(0o755)
    model = tmp_path / "model"
    model.mkdir()
    for name in ("config.json", "tokenizer.json", "preprocessor_config.json", "vocabulary.json"):
        (model / name).write_text("{}")
    (model / "model.bin").write_bytes(bytes(1_000_000))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PREFLIGHT_ASR_MODEL", str(model))
    return tmp_path


def test_the_doctor_finds_nothing_amiss(preflight: Preflight, tools: Path) -> None:
    """With both programs and a model in place; each line says which version."""
    ran = preflight("doctor")

    assert (0, "") == (ran.code, ran.err)
    assert "MISSING" not in ran.out
    assert f"httpx: {metadata.version('httpx')}\n" in ran.out
    assert f"ffmpeg: 7.0 ({tools}/bin/ffmpeg, {tools}/bin/ffprobe)\n" in ran.out


@pytest.mark.parametrize(
    ("remedy", "missing"),
    [
        ("ffmpeg not found on PATH; install ffmpeg (Debian and Ubuntu: apt-get install ffmpeg", "bin/ffmpeg"),
        ("ffprobe not found on PATH; install ffmpeg", "bin/ffprobe"),
        ("model.bin is missing; copy the whole folder again", "model/model.bin"),
    ],
)
def test_the_doctor_names_what_is_missing(
    preflight: Preflight, tools: Path, remedy: str, missing: str
) -> None:
    """Exit code 2, and how to get it, in the one line that says so."""
    (tools / missing).unlink()

    ran = preflight("doctor")

    assert (2, "") == (ran.code, ran.err)
    assert [True] == [remedy in line for line in ran.out.splitlines() if line.startswith("MISSING")]


def test_the_doctor_does_without_the_extra(
    preflight: Preflight, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a fault, but how to get it is said."""
    monkeypatch.setitem(sys.modules, "cv2", None)

    ran = preflight("doctor")

    assert (0, "") == (ran.code, ran.err)
    assert "without  faces: faces are not looked at without the extra: pip install 'replica-p" in ran.out


def test_the_doctor_misses_a_whole_model_folder(
    preflight: Preflight, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by the environment, as for a check."""
    monkeypatch.setenv("PREFLIGHT_ASR_MODEL", "./nowhere")

    ran = preflight("doctor")

    assert 2 == ran.code
    assert "'./nowhere' does not exist; name a folder in CTranslate2 format" in ran.out


# What reaches a terminal


@pytest.mark.parametrize(
    "arguments",
    [
        (HOSTILE,),
        ("explain", HOSTILE),
        ("check", f"--{HOSTILE}"),
        ("check", "--depth", HOSTILE),
        ("check", "--train-video", f"missing {HOSTILE}"),
        ("check", "--train-video", f"{HOSTILE}.mp4"),
        ("check", "--train-video", f"{HOSTILE}.mp4", "--policy", HOSTILE),
        ("consent", "--transcript", f"missing {HOSTILE}"),
        ("consent", "--text", HOSTILE),
        ("consent", "--text", STATEMENT.replace(NAME, f"Maria {HOSTILE} Lopez"), "--full-name", NAME),
        ("consent", "--text", STATEMENT, "--full-name", f"Maria {HOSTILE}"),
        ("status", HOSTILE),
        ("doctor",),
        ("check", HOSTILE),
        ("consent", "--transcript", f"{HOSTILE}.txt"),
        ("check", "--train-video", "a.mp4", "--output", HOSTILE),
        ("check", "--format", "json", "--train-video", f"{HOSTILE}.mp4"),
        ("fix", f"{HOSTILE}.mp4", "--output", f"{HOSTILE}.fixed.mp4"),
        ("fix", "a.mp4", "--output", HOSTILE),
        ("consent", "--format", "json", "--text", STATEMENT, "--full-name", f"Maria {HOSTILE}"),
    ],
)
def test_names_and_words_do_not_steer_the_terminal(
    preflight: Preflight, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Escape sequences and bidirectional controls of file names, names and words are not repeated raw."""
    monkeypatch.setenv("TAVUS_API_KEY", KEY)
    monkeypatch.setenv("PREFLIGHT_ASR_MODEL", f"./{HOSTILE}")
    (tmp_path / f"{HOSTILE}.mp4").touch()
    (tmp_path / "a.mp4").touch()
    (tmp_path / f"{HOSTILE}.txt").write_bytes(b"a" * 1_000_001)
    (tmp_path / HOSTILE).mkdir()

    ran = preflight(*arguments)

    assert ran.out + ran.err
    assert set() == STEERING & set(ran.out + ran.err)


def test_the_service_does_not_steer_the_terminal(
    preflight: Preflight, cleared: None, use: Callable[[FakeService], None]
) -> None:
    """Its words are data, like those of a file."""
    with serving(saying(200, replica_id=REPLICA_ID, status=HOSTILE)) as service:
        use(service)
        ran = preflight("submit", "--train-video-url", service.media_url(Role.TRAINING_VIDEO))

    assert 0 == ran.code
    assert set() == STEERING & set(ran.out + ran.err)


def test_a_state_does_not_steer_the_terminal(
    preflight: Preflight, use: Callable[[FakeService], None]
) -> None:
    """Neither the state nor the reason that the service gives."""
    with serving(states=[training(f"odd{HOSTILE}", error_message=HOSTILE)]) as service:
        use(service)
        ran = preflight("status", REPLICA_ID)

    assert (0, set()) == (ran.code, STEERING & set(ran.out + ran.err))


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("expected", "no_color"), [(True, None), (False, "1"), (True, "")])
def test_a_terminal_gets_colours_unless_it_refuses(
    preflight: Preflight, monkeypatch: pytest.MonkeyPatch, expected: bool, no_color: str | None
) -> None:
    """NO_COLOR counts when it is not empty."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)

    preflight("consent", "--text", STATEMENT)

    assert terminal.getvalue().lstrip("\x1b[0123456789;m").startswith("PASS")
    assert expected == ("\x1b[" in terminal.getvalue())


def test_a_pipe_gets_no_colours(preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where colours are asked of every program: results are read by programs."""
    monkeypatch.setenv("FORCE_COLOR", "1")

    ran = preflight("consent", "--text", STATEMENT, "--full-name", NAME)

    assert "\x1b" not in ran.out + ran.err


def test_a_report_that_no_one_read_is_no_verdict() -> None:
    """A reader that has gone: no traceback, and not 1, which would say that something was not cleared."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as unread:
        done = subprocess.run(
            [sys.executable, "-c", "from submit.cli import main; main()", "rules"],
            stdout=unread,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            timeout=20,
            check=False,
        )

    assert (2, "preflight: the report could not be written: Broken pipe\n") == (done.returncode, done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_could_not_run(preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line and exit code 2, like every failure of the world."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        ran = preflight("rules")

    assert Ran(2, "", "preflight: the report could not be written: No space left on device\n") == ran


def test_a_closed_standard_input_could_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a job without one."""
    monkeypatch.setattr(sys, "argv", ["preflight", "consent", "--transcript", "-"])
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(SystemExit) as left:
        main()

    assert 2 == left.value.code


@pytest.mark.parametrize(
    ("policy", "options", "fails"),
    [
        ("tavus-replica-phoenix-3", (), False),
        ("tavus-replica-phoenix-3", ("--model-name", "phoenix-4"), True),
        ("tavus-face-phoenix-4", (), False),
    ],
)
def test_the_model_is_that_of_the_policy(
    preflight: Preflight, tmp_path: Path, policy: str, options: tuple[str, ...], fails: bool
) -> None:
    """Whoever names a policy need not name its model as well."""
    (tmp_path / "empty.mp4").touch()

    ran = preflight("check", "--train-video", "empty.mp4", "--policy", policy, *options, "--format", "json")

    assert fails is ("SUB003" in {finding["code"] for finding in json.loads(ran.out)["findings"]})


# submit


FIELDS = ("--train-video-url", VIDEO_URL, "--replica-name", "Maria", "--model-name", "phoenix-3")


def fields_at(service: FakeService) -> tuple[str, ...]:
    """The same, for a file that is served."""
    return ("--train-video-url", service.media_url(Role.TRAINING_VIDEO, f"?token={QUERY}"), *FIELDS[2:])


CALLBACK = ("--callback-url", f"https://studio.example/done?token={QUERY}")


def test_what_is_not_cleared_is_not_sent(
    preflight: Preflight, use: Callable[[FakeService], None], tmp_path: Path
) -> None:
    """The report and the exit code are those of check, whatever else was asked for. The address is judged
    as well, so more rules pass."""
    (tmp_path / "empty.mp4").touch()
    source = ("--train-video", "empty.mp4")
    with serving() as service:
        use(service)
        checked = preflight("check", *source)
        submitted = [
            preflight("submit", *source, *FIELDS, *more) for more in ((), ("--wait",), ("--dry-run",))
        ]

    judged = re.compile(r"\d+ rules? passed")
    assert 1 == checked.code
    assert [(1, judged.sub("", checked.out))] * 3 == [
        (one.code, judged.sub("", one.out)) for one in submitted
    ]
    assert [] == service.received


def test_the_report_of_what_is_not_cleared_goes_where_it_is_asked_for(
    preflight: Preflight, tmp_path: Path
) -> None:
    """In the form of check, to the file of check."""
    (tmp_path / "empty.mp4").touch()

    ran = preflight("submit", "--train-video", "empty.mp4", "--format", "json", "--output", "report.json")

    assert Ran(1, "", "") == ran
    assert "fail" == json.loads((tmp_path / "report.json").read_text("utf-8"))["verdict"]


def test_what_needs_a_person_is_not_sent(
    preflight: Preflight, use: Callable[[FakeService], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3, and no request."""
    doubt = Finding(
        "VID001", "training-video-too-short", Severity.ERROR, False, Role.TRAINING_VIDEO, "unknown", "Look."
    )
    monkeypatch.setattr("submit.cli.checked", lambda **_: replace(passing_report(), findings=(doubt,)))
    with serving() as service:
        use(service)
        ran = preflight("submit", *fields_at(service))

    assert (3, "REVIEW") == (ran.code, ran.out.split(maxsplit=1)[0])
    assert [] == service.received


def test_a_checked_image_is_submitted(preflight: Preflight, use: Callable[[FakeService], None]) -> None:
    """The whole way with nothing replaced: a still image needs neither ffmpeg nor a recogniser."""
    portrait = ROOT / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg"
    with serving() as service:
        use(service)
        service.media[f"/media/{Role.TRAINING_IMAGE}"] = portrait.read_bytes()
        ran = preflight(
            *("submit", "--train-image", str(portrait), "--voice-name", "anna", "--auto-fix-training-image"),
            *("--train-image-url", service.media_url(Role.TRAINING_IMAGE), "--allow-host", "127.0.0.1"),
        )

    assert Ran(0, f"created {REPLICA_ID}: started\n", "") == ran
    assert [
        {
            "model_name": "phoenix-4",
            "train_image_url": service.media_url(Role.TRAINING_IMAGE),
            "voice_name": "anna",
            "auto_fix_training_image": True,
            "replica_name": service.creates[0]["replica_name"],
        }
    ] == service.creates


def test_the_options_reach_the_request(
    preflight: Preflight, cleared: None, use: Callable[[FakeService], None]
) -> None:
    """One request, whose id is printed; the same again sends none, and says since when the replica is known.
    The form for programs is JSON."""
    with serving() as service:
        use(service)
        shown, parsed, again = (
            preflight("submit", *fields_at(service), *CALLBACK, "--format", form)
            for form in ("text", "json", "text")
        )

    known = json.loads(parsed.out)
    assert Ran(0, f"created {REPLICA_ID}: started\n", "") == shown
    assert (REPLICA_ID, "completed") == (known["replica_id"], known["status"])
    assert known["known_since"].startswith("20")
    assert (0, "") == (again.code, again.err)
    assert again.out.startswith(f"already created {REPLICA_ID}: completed (submitted on 20")
    assert [
        {
            "model_name": "phoenix-3",
            "train_video_url": fields_at(service)[1],
            "replica_name": "Maria",
            "callback_url": CALLBACK[1],
        }
    ] == service.creates


@pytest.mark.parametrize(
    ("code", "line", "state"),
    [
        (0, f"{REPLICA_ID}: completed\n", COMPLETED),
        (0, f"{REPLICA_ID}: ready\n", READY),
        (4, "", FAILED),
    ],
)
def test_waiting_tells_how_training_ended(
    preflight: Preflight,
    cleared: None,
    use: Callable[[FakeService], None],
    code: int,
    line: str,
    state: Answer,
) -> None:
    """After the id, which is said at once; a failure gives the service's reason and where to look it up."""
    with serving(states=[state]) as service:
        use(service)
        ran = preflight("submit", *fields_at(service), "--wait")

    assert (code, f"created {REPLICA_ID}: started\n{line}") == (ran.code, ran.out)
    assert (code == 4) == ("minimum duration requirement" in ran.err and "VID001" in ran.err)
    assert 1 == len(service.creates)


def test_waiting_in_json_is_json_to_the_end(
    preflight: Preflight, cleared: None, use: Callable[[FakeService], None]
) -> None:
    """Every line of it."""
    with serving() as service:
        use(service)
        ran = preflight("submit", *fields_at(service), "--wait", "--format", "json")

    assert [REPLICA_ID] * 2 == [json.loads(line)["replica_id"] for line in ran.out.splitlines()]


def test_a_dry_run_sends_nothing(
    preflight: Preflight, cleared: None, use: Callable[[FakeService], None]
) -> None:
    """It shows the request, without what may be credentials."""
    with serving() as service:
        use(service)
        ran = preflight("submit", *fields_at(service), *CALLBACK, "--dry-run")
    head, _, body = ran.out.partition("\n")

    assert (0, "", []) == (ran.code, ran.err, service.received)
    assert "POST /v2/replicas" == head
    assert {
        "model_name": "phoenix-3",
        "train_video_url": service.media_url(Role.TRAINING_VIDEO, "?***"),
        "replica_name": "Maria",
        "callback_url": "https://studio.example/***",
    } == json.loads(body)


def test_a_dry_run_needs_no_key(preflight: Preflight, cleared: None) -> None:
    """Nor a service."""
    assert 0 == preflight("submit", *FIELDS, "--dry-run").code


def test_a_dry_run_shows_no_callback_token(preflight: Preflight, cleared: None) -> None:
    """Callbacks are not signed, so an unguessable path is how their receivers know them."""
    ran = preflight("submit", *FIELDS, "--callback-url", f"https://studio.example/{QUERY}", "--dry-run")

    assert 0 == ran.code
    assert QUERY not in ran.out + ran.err


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (4, BAD_REQUEST),
        (4, BAD_KEY),
        (4, NO_PLAN),
        (4, FORBIDDEN),
        (4, Answer(429, headers={"Retry-After": "3600"})),
        (4, Answer(302, headers={"Location": "/v2/elsewhere"})),
        (5, BROKEN),
        (5, NOT_JSON),
        (5, HANGS_UP),
    ],
)
def test_what_the_service_did_is_told_apart(
    preflight: Preflight, cleared: None, use: Callable[[FakeService], None], code: int, answer: Answer
) -> None:
    """4 refused, 5 unknown; one request, one line on standard error, neither key nor query string in it."""
    with serving(answer) as service:
        use(service)
        ran = preflight("submit", *fields_at(service), *CALLBACK, "--wait")

    assert (code, "") == (ran.code, ran.out)
    assert one_line(ran.err)
    assert (code == 5) == ("preflight ledger resolve" in ran.err)
    assert {"/v2/replicas"} == {request.path for request in service.received}
    assert 1 == len(service.creates)
    assert KEY not in ran.err
    assert QUERY not in ran.err


@pytest.mark.parametrize(
    ("said", "environment", "arguments"),
    [
        ("TAVUS_API_KEY", {"TAVUS_API_KEY": ""}, FIELDS),
        ("TAVUS_API_KEY", {"TAVUS_API_KEY": f"{KEY}\n"}, FIELDS),
        ("base address", {"TAVUS_BASE_URL": f"http://tavusapi.example/?token={QUERY}"}, FIELDS),
        ("--train-video-url", {}, ()),
        ("train_video_url must be", {}, ("--train-video-url", f"http://media.example/?token={QUERY}")),
    ],
)
def test_a_missing_setting_could_not_run(
    preflight: Preflight,
    cleared: None,
    use: Callable[[FakeService], None],
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    environment: dict[str, str],
    arguments: tuple[str, ...],
) -> None:
    """Exit code 2, one line that names the setting and not its value; nothing is sent."""
    with serving() as service:
        use(service)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        ran = preflight("submit", *arguments)

    assert (2, "", []) == (ran.code, ran.out, service.received)
    assert said in ran.err
    assert one_line(ran.err)
    assert KEY not in ran.err
    assert QUERY not in ran.err


def test_a_host_is_allowed_by_the_environment(
    preflight: Preflight, cleared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by the option, separated by commas."""
    monkeypatch.setenv("PREFLIGHT_ALLOW_HOSTS", "other.example, media.example")

    ran = preflight("submit", "--train-video-url", "http://media.example/clip.mp4", "--dry-run")

    assert 0 == ran.code
    assert "http://media.example/clip.mp4" in ran.out


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address that is taken, and where no one answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_a_service_that_is_not_reached_could_not_run(
    preflight: Preflight, cleared: None, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    """Exit code 2: nothing was sent, so another try is harmless."""
    monkeypatch.setenv("TAVUS_API_KEY", KEY)
    monkeypatch.setenv("TAVUS_BASE_URL", nobody)

    submitted, asked = preflight("submit", *FIELDS), preflight("status", REPLICA_ID)

    assert [(2, ""), (2, "")] == [(submitted.code, submitted.out), (asked.code, asked.out)]
    assert "nothing was sent" in submitted.err


def test_a_file_too_large_to_identify_is_not_sent(
    preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy may allow files whose bytes are not hashed; they pass the check and give no clearance."""
    large = AssetReport(Role.TRAINING_VIDEO, "clip.mp4", None, 9 << 30)
    monkeypatch.setattr("submit.cli.checked", lambda **_: replace(passing_report(), assets=(large,)))
    monkeypatch.setenv("TAVUS_API_KEY", KEY)

    ran = preflight("submit", *FIELDS)

    assert (1, "") == (ran.code, ran.out)
    assert "nothing identifies" in ran.err


# status


@pytest.mark.parametrize(
    ("code", "line", "state"),
    [
        (0, f"{REPLICA_ID}: started (40/100)\n", STARTED),
        (0, f"{REPLICA_ID}: completed\n", COMPLETED),
        (0, f"{REPLICA_ID}: ready\n", READY),
        (
            4,
            f"{REPLICA_ID}: error (The video provided does not meet the minimum duration requirement)\n",
            FAILED,
        ),
        (4, "", saying(400, error="Invalid replica_id")),
        (4, "", BAD_KEY),
    ],
)
def test_the_state_of_a_training_is_shown(
    preflight: Preflight, use: Callable[[FakeService], None], code: int, line: str, state: Answer
) -> None:
    """Once, as it is; an ended training that failed, and a refusal, exit with 4."""
    with serving(states=[state]) as service:
        use(service)
        ran = preflight("status", REPLICA_ID)

    assert (code, line) == (ran.code, ran.out)
    routes = ["replicas", "faces"] if "Invalid replica_id" in ran.err else ["replicas"]  # it may be a face
    assert [("GET", f"/v2/{route}/{REPLICA_ID}") for route in routes] == [
        (r.method, r.path) for r in service.received
    ]


@pytest.mark.parametrize(("code", "state"), [(0, COMPLETED), (4, FAILED)])
def test_watching_ends_with_the_training(
    preflight: Preflight, use: Callable[[FakeService], None], code: int, state: Answer
) -> None:
    """With the exit code of how it ended."""
    with serving(states=[state]) as service:
        use(service)
        ran = preflight("status", REPLICA_ID, "--watch")

    assert code == ran.code
    assert one_line(ran.out) or "VID001" in ran.err


@pytest.mark.parametrize("replica_id", ["../voices", "r1?verbose=true", ""])
def test_an_id_that_is_none_could_not_run(
    preflight: Preflight, use: Callable[[FakeService], None], replica_id: str
) -> None:
    """Nothing is asked of the service."""
    with serving() as service:
        use(service)
        ran = preflight("status", replica_id)

    assert (2, "", []) == (ran.code, ran.out, service.received)
    assert "letters and digits" in ran.err


def test_a_fault_of_the_program_is_no_verdict(preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception is one line and exit code 2, never the exit code of a refusal."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("preflight.render.rules.rules_text", broken)

    ran = preflight("rules")

    assert (2, "") == (ran.code, ran.out)
    assert "internal error: ZeroDivisionError: a slip; please report it" in ran.err


def test_the_beginning_of_several_messages_explains_all_of_them(preflight: Preflight) -> None:
    """A message that was not pasted whole is not taken for one of those it could be."""
    ran = preflight("explain", "There was an issue processing your training video.")

    assert 0 == ran.code
    assert {"video_fps", "video_duration", "video_codec"} <= {
        line.split(" ")[0] for line in ran.out.splitlines()
    }


def test_without_a_command_the_help_is_shown(preflight: Preflight) -> None:
    """Who types the bare name reads the help, line by line, and gets no verdict's exit code."""
    ran = preflight()

    lines = ran.err.splitlines()
    assert (2, "") == (ran.code, ran.out)
    assert "Usage: preflight [OPTIONS] COMMAND [ARGS]..." == lines[0]
    assert {"check", "consent", "submit"} <= {line.split()[0] for line in lines if line.strip()}
