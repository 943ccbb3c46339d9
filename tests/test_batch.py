"""Manifests of submissions: all are reported, none is checked twice, and none stops the others."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from preflight.batch import Item, Outcome, Results, check_all, read_submissions, worst
from preflight.errors import PreflightError, SourceError, UsageError
from preflight.submission import Options, Submission
from preflight.verdict import Verdict
from submit.cli import main
from tests.fake_service import passing_report

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "fixtures" / "training_image"
GOOD, SMALL = IMAGES / "portrait-valid" / "portrait.jpg", IMAGES / "too-small-error" / "portrait.jpg"
COMMAND = (sys.executable, "-c", "from submit.cli import main; main()")
PASS = {"train_image": "good.jpg", "voice_name": "anna"}
FAIL = {"train_image": "small.jpg", "voice_name": "anna"}
BROKEN: tuple[Any, ...] = (
    {"train_image": "missing.jpg", "voice_name": "anna"},
    {"train_image": "folder", "voice_name": "anna"},
    {"train_image": "https://", "voice_name": "anna"},
    {"train_imago": "good.jpg"},
    {"train_image": 7},
    {},
    {"train_image": "good.jpg", "accepted_names": "one"},
    "not json at all",
    '{"train_image": "good.jpg", "train_image": "small.jpg"}',
    {"train_image": "a\0b", "voice_name": "anna"},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(GOOD, tmp_path / "good.jpg")
    shutil.copy(SMALL, tmp_path / "small.jpg")
    (tmp_path / "folder").mkdir()
    return tmp_path


def manifest(folder: Path, lines: list[Any]) -> Path:
    path = folder / "manifest.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def items(folder: Path, *lines: Any) -> list[Item]:
    return read_submissions(manifest(folder, list(lines)), model_name="phoenix-4")


# What is read


def test_paths_are_relative_to_the_manifest(folder: Path) -> None:
    (item,) = items(folder, PASS | {"id": "Maria", "accepted_names": ["Mary"]})

    assert (1, "Maria", None) == (item.line, item.name, item.problem)
    assert item.submission is not None
    assert (str(folder / "good.jpg"), ("Mary",)) == (
        item.submission.train_image,
        item.submission.accepted_names,
    )


def test_paths_are_shown_as_they_were_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that goes to others tells nothing of the folders above."""
    manifest(folder, [PASS])
    monkeypatch.chdir(folder)
    (item,) = read_submissions("manifest.jsonl", model_name="phoenix-4")
    (outcome,) = check_all([item], Options(), jobs=1)

    assert outcome.report is not None
    assert ("manifest.jsonl", "good.jpg") == (item.file, outcome.report.assets[0].source)


def test_addresses_stay_as_they_are(folder: Path) -> None:
    address = "https://media.example/a.mp4?token=canary"
    (item,) = items(folder, {"train_video": address})

    assert item.submission is not None
    assert address == item.submission.train_video
    assert "canary" not in item.name


def test_a_table_is_a_manifest_too(folder: Path) -> None:
    """With a header; lists are separated by semicolons."""
    path = folder / "manifest.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["train_image", "voice_name", "accepted_names", "auto_fix_training_image"])
        writer.writerow(["good.jpg", "anna", "A; B", "yes"])
        writer.writerow(["good.jpg", "anna", "", ""])
        writer.writerow(["good.jpg", "anna", "", "perhaps"])
    first, second, third = read_submissions(path, model_name="phoenix-4")

    assert first.submission is not None
    assert second.submission is not None
    assert (("A", "B"), True) == (first.submission.accepted_names, first.submission.auto_fix_training_image)
    assert ((), False) == (second.submission.accepted_names, second.submission.auto_fix_training_image)
    assert (4, "auto_fix_training_image is true or false") == (third.line, third.problem)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "lists no submission"), ("[{}]", "one JSON list"), ("a,a\n1,2\n", "a column stands there twice")],
)
def test_a_file_that_is_no_manifest(folder: Path, text: str, said: str) -> None:
    path = folder / "manifest.jsonl"
    path.write_text(text)

    with pytest.raises(UsageError, match=said):
        read_submissions(path, model_name="phoenix-4")


def test_a_manifest_that_is_not_there(folder: Path) -> None:
    with pytest.raises(SourceError):
        read_submissions(folder / "none.jsonl", model_name="phoenix-4")


def test_every_broken_line_is_an_item_of_its_own(folder: Path) -> None:
    """It says what is wrong with it, and keeps no other from being read."""
    found = items(folder, *BROKEN, PASS)

    assert list(range(1, len(BROKEN) + 2)) == [item.line for item in found]
    assert [True] * 3 + [False] * 6 + [True, True] == [item.submission is not None for item in found]
    assert all(item.problem for item in found if item.submission is None)


# What is checked


def test_all_are_reported_in_their_order(folder: Path) -> None:
    seen: list[Outcome] = []
    found = check_all(
        items(folder, PASS, FAIL, BROKEN[0], BROKEN[7], PASS), Options(), jobs=2, done=seen.append
    )

    assert ["pass", "fail", None, None, "pass"] == [outcome.verdict for outcome in found]
    assert ("cannot" in (found[2].problem or "")) or "no such" in (found[2].problem or "").lower()
    assert Counter(id(outcome) for outcome in found) == Counter(id(outcome) for outcome in seen)
    assert Verdict.FAIL is worst(found)


@pytest.mark.parametrize(
    ("expected", "verdicts"),
    [
        ("pass", ["pass", "pass"]),
        ("review", ["pass", "review"]),
        (None, ["review", None, "pass"]),
        ("fail", ["fail", None, "review"]),
    ],
)
def test_the_verdict_on_all_is_the_worst(expected: str | None, verdicts: list[str | None]) -> None:
    class One:
        def __init__(self, verdict: str | None) -> None:
            self.verdict = None if verdict is None else Verdict(verdict)

    assert (None if expected is None else Verdict(expected)) is worst(map(One, verdicts))  # type: ignore[arg-type]


def test_a_policy_that_is_none_stops_all_of_them(folder: Path) -> None:
    with pytest.raises(PreflightError):
        check_all(items(folder, PASS), Options(policy="none-such"), jobs=1)


def test_a_process_that_dies_takes_no_other_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that ran beside it are begun again; the one whose fault it was is given up."""
    monkeypatch.setattr("preflight.batch._one", dies_of_small_files)
    found = check_all(items(folder, PASS, FAIL, PASS, PASS), Options(), jobs=3)

    assert ["pass", None, "pass", "pass"] == [outcome.verdict for outcome in found]
    assert "was ended" in (found[1].problem or "")


def dies_of_small_files(item: Item, options: Options) -> Outcome:
    assert item.submission is not None
    if "small" in str(item.submission.train_image):
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(item, passing_report())


# What is finished


def test_a_finished_one_is_not_checked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its report is the same, but for what mends its files; what could not be checked is tried again."""
    listed = items(folder, PASS, FAIL, BROKEN[0])
    with Results(folder / "results.jsonl") as results:
        first = check_all(listed, Options(), jobs=1, results=results)
    with Results(folder / "results.jsonl") as results:
        second = check_all(listed, Options(), jobs=1, results=results)

    assert [True, True, False] == [outcome.resumed for outcome in second]
    assert [without_fix(outcome) for outcome in first] == [without_fix(outcome) for outcome in second]
    assert 2 == len((folder / "results.jsonl").read_bytes().splitlines())


def without_fix(outcome: Outcome) -> dict[str, Any]:
    document = outcome.to_dict()
    for asset in (document["report"] or {"assets": []})["assets"]:
        asset["fix"] = None
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: shutil.copy(SMALL, folder / "good.jpg"),
        lambda folder: os.utime(folder / "good.jpg", ns=(0, 0)),
    ],
)
def test_a_file_that_changed_is_checked_again(folder: Path, change: Callable[[Path], Any]) -> None:
    listed = items(folder, PASS)
    with Results(folder / "results.jsonl") as results:
        check_all(listed, Options(), jobs=1, results=results)
    change(folder)
    with Results(folder / "results.jsonl") as results:
        (second,) = check_all(listed, Options(), jobs=1, results=results)

    assert not second.resumed


@pytest.mark.parametrize(
    "other", [{"options": Options(depth="quick")}, {"options": Options(policy="tavus-face-phoenix-4")}, {}]
)
def test_another_question_is_asked_again(folder: Path, other: dict[str, Any]) -> None:
    listed = items(folder, PASS)
    with Results(folder / "results.jsonl") as results:
        check_all(listed, Options(), jobs=1, results=results)
        submission = listed[0].submission
        assert submission is not None
        item = listed[0] if other else replace(listed[0], submission=replace(submission, voice_name="ben"))
        (second,) = check_all([item], other.get("options", Options()), jobs=1, results=results)

    assert not second.resumed


@pytest.mark.parametrize("rest", [b'{"key": "0', b"\xff\xfe", b"null", b'{"key": 1}', b'{"key": "a"}'])
def test_a_line_that_was_cut_short_is_none(folder: Path, rest: bytes) -> None:
    path = folder / "results.jsonl"
    listed = items(folder, PASS)
    path.write_bytes(rest)
    with Results(path) as results:
        check_all(listed, Options(), jobs=1, results=results)
    with Results(path) as results:
        (second,) = check_all(listed, Options(), jobs=1, results=results)

    assert second.resumed


def test_results_that_cannot_be_kept(folder: Path) -> None:
    with pytest.raises(SourceError):
        Results(folder / "folder")


# As a command


def test_two_hundred_with_twenty_broken_ones(folder: Path) -> None:
    """Killed in the middle and run again: all are reported, and what was finished is not repeated."""
    lines: list[Any] = []
    for number in range(200):
        line = (
            BROKEN[number // 10 % len(BROKEN)] if number % 10 == 5 else (FAIL if number % 50 == 0 else PASS)
        )
        lines.append(line | {"replica_name": f"number {number}"} if line in (PASS, FAIL) else line)
    path, results = manifest(folder, lines), folder / "results.jsonl"
    arguments = [*COMMAND, "check", "--manifest", str(path), "--results", str(results), "--format", "json"]
    first = subprocess.Popen([*arguments, "--jobs", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not results.exists() or results.read_bytes().count(b"\n") < 40:
        assert time.monotonic() < deadline
        assert first.poll() is None
        time.sleep(0.02)
    first.kill()
    first.communicate(timeout=20)
    finished = results.read_bytes().splitlines()[:-1]
    second = subprocess.run([*arguments, "--jobs", "2"], capture_output=True, timeout=250, check=False)

    document = json.loads(second.stdout)
    verdicts = Counter(one["verdict"] for one in document["submissions"])
    assert (1, b"", "fail") == (second.returncode, second.stderr, document["verdict"])
    assert {"pass": 176, "fail": 4, None: 20} == verdicts
    assert list(range(1, 201)) == [one["line"] for one in document["submissions"]]
    assert all(one["problem"] for one in document["submissions"] if one["verdict"] is None)
    kept = results.read_bytes().splitlines()
    assert finished == kept[: len(finished)]
    keys = Counter(json.loads(line)["key"] for line in kept if line.endswith(b"}"))
    assert {1} == set(keys.values())
    assert 180 == len(keys)


@pytest.mark.parametrize(
    ("code", "lines"),
    [(0, [PASS]), (1, [PASS, FAIL, BROKEN[0]]), (2, [PASS, BROKEN[0]]), (2, [BROKEN[3]])],
)
def test_the_exit_code_is_that_of_the_worst(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    lines: list[Any],
) -> None:
    """The first line says how many there were of which kind; those that passed need no more words."""
    path = str(manifest(folder, lines))
    monkeypatch.setattr(sys, "argv", ["preflight", "check", "--manifest", path, "--jobs", "1"])
    with pytest.raises(SystemExit) as left:
        main()
    out = capsys.readouterr().out

    assert code == left.value.code
    assert f"{len(lines)} submission{'s' * (len(lines) > 1)}:" in out.splitlines()[0]
    assert ("What to do" in out) == (FAIL in lines)
    assert all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--manifest", "m.jsonl", "--train-image", "a.jpg"),
        ("--manifest", "m.jsonl", "--full-name", "A"),
        ("--train-image", "a.jpg", "--jobs", "2"),
        ("--train-image", "a.jpg", "--results", "r"),
        ("--manifest", "m.jsonl", "--jobs", "0"),
    ],
)
def test_what_does_not_go_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys, "argv", ["preflight", "check", *arguments])
    with pytest.raises(SystemExit) as left:
        main()

    assert 2 == left.value.code
    assert "Usage:" in capsys.readouterr().err


def test_being_told_to_end_leaves_no_process(folder: Path) -> None:
    path = manifest(folder, [PASS | {"replica_name": str(number)} for number in range(60)])
    results = folder / "results.jsonl"
    run = subprocess.Popen(
        [*COMMAND, "check", "--manifest", str(path), "--results", str(results), "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not results.exists() or not results.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    run.send_signal(signal.SIGTERM)
    _, said = run.communicate(timeout=30)

    assert (130, "preflight: interrupted") == (run.returncode, said.strip())
    deadline = time.monotonic() + 20
    while any_left(run.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def any_left(group: int) -> bool:
    """Whether a process of that group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_item_has_a_submission_or_a_problem() -> None:
    assert Submission(train_image="a") == Item("m", 1, "a", Submission(train_image="a")).submission


def test_all_forms_of_one_run_agree(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the verdicts and on the codes; what was not checked is in all of them, and a success in none."""
    listed = manifest(folder, [PASS, FAIL, BROKEN[3]]).name
    monkeypatch.chdir(folder)
    files = [f"--format={form}={form}.out" for form in ("json", "junit", "sarif", "github", "markdown")]
    monkeypatch.setattr(sys, "argv", ["preflight", "check", "--manifest", listed, *files, "--format", "text"])
    with pytest.raises(SystemExit) as left:
        main()
    text = capsys.readouterr().out
    said = {file.stem: file.read_text("utf-8") for file in folder.glob("*.out")}
    document = json.loads(said["json"])
    suites = JUnitXml.fromstring(said["junit"].encode())
    (run,) = json.loads(said["sarif"])["runs"]
    results = [one for one in run["results"] if one["kind"] != "pass"]
    annotations = [line for line in said["github"].splitlines() if line.startswith("::error")]

    assert (1, "fail") == (left.value.code, document["verdict"])
    assert ["pass", "fail", None] == [one["verdict"] for one in document["submissions"]]
    assert text.startswith("FAIL  3 submissions: 1 passed, 1 failed, 1 not checked")
    assert (1, 1) == (suites.failures, suites.errors)
    assert {("IMG002", "fail"), ("RUN000", "review")} == {(one["ruleId"], one["kind"]) for one in results}
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results]
    assert [2, 3] == sorted(lines)
    assert {"IMG002", "RUN000"} == set(re.findall(r"\b(?:IMG|RUN)\d{3}\b", "".join(annotations)))
    for code in ("IMG002", "RUN000"):
        assert code in said["markdown"]
    assert ["PASS", "FAIL", "REVIEW"] == re.findall(r"^## Preflight: (\w+)", said["markdown"], re.MULTILINE)
