"""Measuring on recordings of one's own: the manifest, the table, the bound, and the command on real sound."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from preflight.consent import Verdict, match_consent
from preflight.errors import PreflightError, UsageError
from preflight.evaluate import Outcome, Recording, evaluate, read_manifest, rows, upper_bound
from preflight.render.evaluation import evaluation_json, evaluation_text
from preflight.rules.consent_words import STATEMENT
from preflight.submission import Options
from tests.conftest import ROOT

SAMPLE = ROOT / "fixtures" / "recogniser" / "sample"


@pytest.mark.parametrize(
    ("errors", "count", "bound"),
    [(0, 1, 0.95), (0, 100, 0.0295), (0, 300, 0.0099), (0, 3000, 0.0010), (1, 300, 0.0157), (5, 100, 0.1023)],
)
def test_upper_bound_is_the_exact_one(errors: int, count: int, bound: float) -> None:
    """Values from tables of the Clopper-Pearson interval (one-sided, 95 %)."""
    assert pytest.approx(bound, abs=1e-4) == upper_bound(errors, count)


def test_upper_bound_of_nothing_is_everything() -> None:
    assert 1.0 == upper_bound(0, 0) == upper_bound(7, 7)
    with pytest.raises(ValueError, match="3 errors in 2 cases"):
        upper_bound(3, 2)


def test_policy_that_waives_no_rule_stops_the_measuring(tmp_path: Path) -> None:
    """A slip in a policy is said wherever the policy is used."""
    policy = tmp_path / "p.toml"
    head = 'id = "p"\nextends = "tavus-replica-phoenix-4"\ntitle = "P"\nread = 2026-11-24\n'
    policy.write_text(f'{head}[waivers.video-hrd]\nreason = "hurry"\nread = 2026-11-24\n')

    with pytest.raises(PreflightError, match="video-hdr"):
        next(evaluate([], Options(policy=policy), folder=tmp_path))


def test_both_forms_of_a_manifest_say_the_same(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "path": "a.wav",
        "expected": "fail",
        "full_name": "Maria Lopez",
        "group": "quiet",
    }
    given |= {"accepted_names": ["Mary Lopez", "M. Lopez"], "placement": "opening"}
    (tmp_path / "m.jsonl").write_text(json.dumps(given) + '\n\n{"path": "b.mp4", "expected": "pass"}\n')
    (tmp_path / "m.csv").write_text(
        "\ufeffpath,expected,full_name,accepted_names,placement,group\n"
        "a.wav,fail,Maria Lopez,Mary Lopez; M. Lopez,opening,quiet\nb.mp4,pass,,,,\n"
    )

    lines, folder = read_manifest(tmp_path / "m.jsonl")

    assert (lines, folder) == read_manifest(tmp_path / "m.csv")
    assert tmp_path == folder
    assert [Verdict.FAIL, Verdict.PASS] == [line.expected for line in lines]
    assert ("Mary Lopez", "M. Lopez") == lines[0].accepted_names


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "holds no recordings"),
        ('{"path": "a.wav"}\n', "line 1: .*expected"),
        ('{"path": "a.wav", "expected": "pass"}\n{"path": "b", "expected": "yes"}\n', "line 2: "),
        ('{"path": "a.wav", "expected": "pass", "fullname": "x"}\n', "unknown field `fullname`"),
        ("path,expected\na.wav,pass,more\n", "line 2: more values"),
        ("path,wanted\na.wav,pass\n", "line 2: .*wanted"),
        ('path,expected\n"a.wav,pass\n', "line 1: "),
        ("path,expected,expected\na.wav,fail,pass\n", "twice"),
        ('{"path": "a.wav", "expected": "fail", "expected": "pass"}\n', "line 1: .*twice"),
        ('[{"path": "a.wav", "expected": "fail"}]\n', "one JSON list"),
        ("[" * 100_000, "one JSON list"),
        ('{"path": ' + "[" * 100_000, "line 1: "),
    ],
)
def test_malformed_manifest_is_named_by_its_line(text: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "m").write_text(text)

    with pytest.raises(UsageError, match=what):
        read_manifest(tmp_path / "m")


def test_manifest_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"\xff\xfe\0")

    with pytest.raises(UsageError, match="not UTF-8"):
        read_manifest(tmp_path / "m")
    with pytest.raises(PreflightError, match="no such file"):
        read_manifest(tmp_path / "nowhere")


def outcome(text: str | None, expected: Verdict, group: str = "all") -> Outcome:
    recording = Recording(path=f"{group}.wav", expected=expected, full_name="Maria Lopez", group=group)
    if text is None:
        return Outcome(recording, None, "no sound could be decoded")
    return Outcome(recording, match_consent(text, full_name="Maria Lopez", placement="alone"))


REFUSED = STATEMENT.replace("and consent", "and do not consent")


def test_rows_count_what_went_wrong() -> None:
    """A pass where none may be, and anything else where all should pass; each with its bound."""
    found = [outcome(STATEMENT, Verdict.PASS)] * 8
    found += [
        outcome(STATEMENT.replace("clone of me", "clone of"), Verdict.PASS),
        outcome(None, Verdict.PASS),
    ]
    found += [outcome(REFUSED, Verdict.FAIL, "refusals")] * 3 + [outcome(STATEMENT, Verdict.FAIL, "refusals")]

    honest, refusals = rows(found)

    assert (10, 8, 0, 1, 1) == (
        honest.recordings,
        honest.passed,
        honest.reviewed,
        honest.failed,
        honest.not_assessed,
    )
    assert (2, upper_bound(2, 10)) == (honest.wrong, honest.bound)
    assert (1, 9 * 22) == (honest.critical_wrong, honest.critical_words)
    assert ("refusals", 1, upper_bound(1, 4)) == (refusals.group, refusals.wrong, refusals.bound)
    text = evaluation_text(found)
    assert "Passed, and must not: 1" in text
    assert "Did not pass: 1" in text
    assert "Not assessed: 1" in text
    document = json.loads(evaluation_json(found))
    assert 1 == document["rows"][1]["wrong"]
    assert [None] == [one["verdict"] for one in document["recordings"] if one["problem"]]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("preflight"))
    return subprocess.run(
        [program, "evaluate", *arguments], capture_output=True, text=True, cwd=cwd, timeout=120, check=False
    )


@pytest.mark.media
@pytest.mark.asr
def test_command_measures_sound_and_video_files(tmp_path: Path, recogniser_folder: Path) -> None:
    """Opus, WAV and MP4 are listened to; what is none of them is said and does not stop the rest."""
    samples = json.loads((SAMPLE / "sample.json").read_text())
    exact = next(one for one in samples if one["group"] == "exact")
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(64_000))
    (tmp_path / "playlist.mp3").write_text("#EXTM3U\nsilence.wav\n")
    clip = ROOT / "fixtures" / "training_video" / "negated-error" / "clip.mp4"
    lines = [
        {"path": str(SAMPLE / exact["file"]), "expected": "pass", "full_name": exact["name"]},
        {"path": "silence.wav", "expected": "fail", "group": "silence"},
        {"path": "playlist.mp3", "expected": "fail", "group": "playlist"},
        {"path": str(clip), "expected": "fail", "placement": "opening", "full_name": "Maria Lopez"},
    ]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    done = run("m.jsonl", "--asr-model", str(recogniser_folder), "--format", "json", cwd=tmp_path)

    assert (3, "") == (done.returncode, done.stderr)
    found = [
        (one["verdict"], one["reasons"], one["problem"]) for one in json.loads(done.stdout)["recordings"]
    ]
    assert [
        ("pass", [], None),
        ("fail", ["consent-speech-missing"], None),
        (None, [], "the file is not a video (an HLS playlist)"),
        ("fail", ["consent-negated"], None),
    ] == found


@pytest.mark.media
@pytest.mark.asr
def test_command_ends_in_1_when_something_passed_that_must_not(
    tmp_path: Path, recogniser_folder: Path
) -> None:
    clip = ROOT / "fixtures" / "consent_video" / "statement-alone-valid" / "clip.mp4"
    (tmp_path / "m.csv").write_text(f"path,expected,full_name\n{clip},fail,Maria Lopez\n")

    done = run("m.csv", "--asr-model", str(recogniser_folder), cwd=tmp_path)

    assert 1 == done.returncode
    assert "Passed, and must not: 1" in done.stdout


@pytest.mark.media
@pytest.mark.asr
def test_nothing_secret_or_local_is_shown(tmp_path: Path, recogniser_folder: Path) -> None:
    """Addresses are refused without their query; a missing file is named as the manifest names it."""
    (tmp_path / "m.csv").write_text(
        "path,expected\nhttps://media.example/x.mp4?token=SECRET,fail\nclips/nowhere.wav,fail\n"
    )

    for form in ("json", "text"):
        done = run("m.csv", "--asr-model", str(recogniser_folder), "--format", form, cwd=tmp_path)

        assert 3 == done.returncode
        assert "SECRET" not in done.stdout + done.stderr
        assert str(tmp_path) not in done.stdout + done.stderr
        assert "clips/nowhere.wav: no such file" in done.stdout


def test_output_that_cannot_be_written_is_said_first(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,expected\na.wav,fail\n")

    done = run("m.csv", "--output", str(tmp_path / "no" / "such" / "file"), cwd=tmp_path)

    assert (2, "") == (done.returncode, done.stdout)
    assert "could not be written" in done.stderr


@pytest.mark.parametrize("separator", ["\u2028", "\u0085"])
def test_text_with_unusual_line_ends_is_one_value(separator: str, tmp_path: Path) -> None:
    """They end lines for some readers of text, not in JSON."""
    line = json.dumps({"path": f"a{separator}b.wav", "expected": "pass"}, ensure_ascii=False)
    (tmp_path / "m.jsonl").write_text(line + "\r\n", encoding="utf-8", newline="")

    ((recording,), _) = read_manifest(tmp_path / "m.jsonl")

    assert f"a{separator}b.wav" == recording.path
