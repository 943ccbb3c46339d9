"""The report for people: a first line to act on, and nothing in it that steers a terminal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

import preflight
from preflight.consent import match_consent
from preflight.mend import Mend
from preflight.mend.video import plan
from preflight.policy import load_policy
from preflight.render.text import render_consent, render_report
from preflight.rules.consent_words import STATEMENT
from preflight.rules.examples import media, packets, video
from preflight.rules.vid001_training_video_too_short import training_video_too_short
from preflight.text import clock, printable, rounded_down, rounded_up
from tests.fake_service import passing_report

NOT_A_VIDEO = "FAIL  x.mp4: is plain text; the service takes mp4"


@pytest.fixture
def text_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> preflight.Report:
    (tmp_path / "x.mp4").write_text("words\n")
    monkeypatch.chdir(tmp_path)
    return preflight.check(preflight.Submission(train_video="x.mp4", full_name="Maria Lopez"))


def test_first_line_is_verdict_file_and_fact(text_report: preflight.Report) -> None:
    """Whoever reads one line knows what to do next."""
    assert NOT_A_VIDEO == render_report(text_report).splitlines()[0]


def test_one_reason_is_told_once(text_report: preflight.Report) -> None:
    """Two dozen rules that lack the same fact make one paragraph."""
    shown = render_report(text_report)

    assert 1 == shown.count("NOT ASSESSED")
    assert 1 == shown.count("the file is not a video (plain text)")
    assert "CON004" in shown


def test_report_fits_eighty_columns(text_report: preflight.Report) -> None:
    """Nothing runs past the edge of a terminal."""
    assert max(map(len, render_report(text_report).splitlines())) <= 80


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("name", ["clip.mp4", "名前" * 20, "x" * 90, "a b " * 30])
def test_report_fits_narrow_terminals(width: int, name: str) -> None:
    """But for what is on one line on purpose: the first one, and commands to copy."""
    report = mendable(name)
    words = STATEMENT.replace("and consent", f"and {name} do not consent")
    found = replace(short(), message=f"{short().message} {name}")
    unassessed = replace(found, code="AUD001", assessed=False)
    consent = match_consent(words, full_name=f"Maria {name} Lopez")

    shown = render_report(replace(report, findings=(found, unassessed), consent=consent), width=width)

    first, *rest = shown.splitlines()
    assert first.startswith("FAIL  ")
    commands = [at for at, line in enumerate(rest) if line.startswith("Can be mended")]
    wide = [line for at, line in enumerate(rest) if at not in commands and at - 1 not in commands]
    assert max(map(cell_len, wide)) <= width


def short() -> preflight.Finding:
    """A video that is too short."""
    return preflight.Finding(
        code="VID001",
        rule="training-video-too-short",
        severity=preflight.Severity.ERROR,
        assessed=True,
        asset=preflight.Role.TRAINING_VIDEO,
        message="lasts 41.2 s; at least 60 s is required",
        remedy="Record again in one take.",
        at=(0.0, 41.2),
        prevents=("video_duration",),
    )


def test_colour_only_when_asked_for(text_report: preflight.Report) -> None:
    """A pipe gets plain text."""
    assert "\x1b" not in render_report(text_report)
    assert "\x1b" in render_report(text_report, colour=True)


def test_words_are_marked_without_colour() -> None:
    """What was left out, added and changed can be read off the words themselves."""
    changed = STATEMENT.replace("and consent", "and do not consent").replace("be used", "used")

    shown = " ".join(render_consent(match_consent(changed, full_name="Maria Lopez")).split())

    assert "FAIL" == shown[:4]
    assert "{+do+} {+not+} consent" in shown
    assert "can [-be-] used" in shown
    assert "name: heard Maria Lopez, declared Maria Lopez: match" in shown


def test_untrusted_text_cannot_steer_a_terminal() -> None:
    """Escape sequences, carriage returns and bidirectional marks lose their power."""
    spoken = STATEMENT.replace("Maria Lopez", "\x1b[2J\u202eMaria\rLopez\x07")

    shown = render_consent(match_consent(spoken, full_name="Maria Lopez"))

    assert not set("\x1b\u202e\r\x07") & set(shown)


@pytest.mark.parametrize("command", ["::error::x", "::add-mask::x", "##[add-mask]x"])
def test_untrusted_text_is_no_command_to_a_runner(command: str) -> None:
    """Neither where a line is broken before it nor anywhere else in a log."""
    spoken = STATEMENT.replace("Maria Lopez", f"Maria {f'{command} ' * 30} Lopez")

    lines = render_consent(match_consent(spoken, full_name=f"Maria {command}"), width=40).splitlines()

    assert [] == [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("a\x1bb", "a�b"),
        ("a\nb\tc", "a b c"),
        ("é 名前", "é 名前"),
        ("\udc80", "�"),
        ("x" * 9, "xxxx…"),
    ],
)
def test_printable(raw: str, shown: str) -> None:
    """One line, no control characters, a length that fits."""
    assert shown == printable(raw, limit=5)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "00:00.0"), (59.94, "00:59.9"), (59.96, "01:00.0"), (134.2, "02:14.2"), (-1, "00:00.0")],
)
def test_clock(seconds: float, shown: str) -> None:
    """Seconds never read 60."""
    assert shown == clock(seconds)


def test_a_value_never_reads_like_the_limit_it_misses() -> None:
    """59.9996 s is short of 60 s, in words and in numbers."""
    policy = preflight.Options().policy
    from preflight.policy import load_policy

    (found,) = training_video_too_short.judge(packets(30, seconds=59.9996), load_policy(policy))

    assert ("lasts 59.999 s; at least 60 s is required", 59.999) == (found.message, found.measured)
    assert (59.999, 1.001) == (rounded_down(59.9996, 3), rounded_up(1.0004, 3))


def test_first_line_is_one_line_however_long_the_path(tmp_path: Path) -> None:
    """A long path does not push the fact off the line that people and logs look at."""
    folder = tmp_path / ("a" * 100)
    folder.mkdir()
    (folder / "x.mp4").write_text("words\n")

    report = preflight.check(preflight.Submission(train_video=folder / "x.mp4"))

    assert (
        f"FAIL  {folder}/x.mp4: is plain text; the service takes mp4" == render_report(report).splitlines()[0]
    )


def mendable(source: str) -> preflight.Report:
    """A report on one file of that name, with an index at its end."""
    report = passing_report()
    fix = plan({"MED007": Mend.FASTSTART}, media(video()), None, load_policy("tavus-replica-phoenix-4"))
    return replace(report, assets=(replace(report.assets[0], source=source, fix=fix),))


def test_commands_that_mend_are_lines_to_copy() -> None:
    """Not wrapped, however long they are."""
    name = f"{'long ' * 40}name.mov"

    shown = render_report(mendable(name)).splitlines()

    (at,) = [at for at, line in enumerate(shown) if line.startswith("Can be mended")]
    assert shown[at].endswith("name.fixed.mp4'")
    assert "(MED007): preflight fix 'long " in shown[at]
    assert shown[at + 1].startswith("  ffmpeg -n -protocol_whitelist file -i 'long ")
    assert shown[at + 1].endswith("name.fixed.mp4'")


@pytest.mark.parametrize("name", ["a\x1b[2Jb.mov", "a\nrm -rf b.mov", "a\u202eb.mov"])
def test_a_command_that_would_steer_the_terminal_is_not_shown(name: str) -> None:
    """And none is shown that means another file."""
    shown = render_report(mendable(name))

    assert "(MED007): see preflight fix --help" in shown
    assert "ffmpeg -n" not in shown
    assert not {"\x1b", "\u202e"} & set(shown)


STUDIO = """
id = "studio"
extends = "tavus-replica-phoenix-4"
title = "Our studio"
read = 2026-11-24

[container.accepted]
value = ["mp4", "mov"]
source = "ours: the editor's other form"
read = 2026-11-24

[video.min_duration]
value = 62.5
unit = "s"
source = "ours: what our editors cut away"
read = 2026-11-24

[waivers.media-damaged]
reason = "known"
read = 2026-11-24

[waivers.video-hdr]
reason = "graders"
read = 2026-11-24
until = 2026-12-31
"""


def test_report_ends_with_what_a_policy_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a verdict sees which numbers and which rules somebody chose to judge it by."""
    monkeypatch.chdir(tmp_path)
    Path("x.mp4").write_text("words\n")
    Path("studio.toml").write_text(STUDIO)

    def ends(day: dt.date) -> str:
        options = preflight.Options(policy="studio.toml")
        report = preflight.check(preflight.Submission(train_video="x.mp4"), options, today=day)
        return render_report(report).partition("under policy studio.\n")[2]

    changed = """\
studio differs from tavus-replica-phoenix-4:
  container.accepted: mp4, mov, not mp4 (ours: the editor's other form)
  video.min_duration: 62.5 s, not 60 s (ours: what our editors cut away)
Waived: media-damaged (known)
"""
    assert f"{changed}Waived until 2026-12-31: video-hdr (graders)\n" == ends(dt.date(2026, 12, 31))
    ended = "No longer waived, ended on 2026-12-31 in studio: video-hdr\n"
    assert changed + ended == ends(dt.date(2027, 1, 1))


def test_report_under_a_bundled_policy_ends_with_its_name(text_report: preflight.Report) -> None:
    """Nothing was changed, so nothing is said."""
    assert render_report(text_report).endswith("under policy tavus-replica-phoenix-4.\n")
