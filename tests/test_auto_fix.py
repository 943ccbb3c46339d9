"""What becomes of a photo's faults when the service is asked to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

import preflight
from fixtures.photos import FAULTS, Photo
from preflight.policy import load_policy
from preflight.rule import all_rules
from preflight.submission import DEFAULT_POLICY

pytestmark = pytest.mark.media

NOTE = "auto_fix_training_image is said to mend this"
AUTO_FIXED = load_policy(DEFAULT_POLICY).image.auto_fixed.value
CODES = {rule.code for rule in all_rules() if rule.name in AUTO_FIXED}
LESS = """
id = "less"
extends = "tavus-replica-phoenix-4"
title = "The fixer centres faces"
read = 2026-11-25
[image.auto_fixed]
value = ["image-face-off-centre"]
source = "made up for a test"
read = 2026-11-25
"""


def checked(
    photo: Photo, folder: Path, *, asked: bool = True, policy: Path | str = DEFAULT_POLICY
) -> preflight.Report:
    path = photo.save(folder / ("photo.png" if photo.quality is None else "photo.jpg"))
    submission = preflight.Submission(train_image=path, voice_name="anna", auto_fix_training_image=asked)
    return preflight.check(submission, preflight.Options(policy=policy))


def test_what_is_mended_is_known() -> None:
    """Every name is a rule's, and each has a photo below."""
    assert len(AUTO_FIXED) == len(CODES)
    assert CODES <= {code for code, _ in FAULTS.values()}


@pytest.mark.parametrize(("code", "photo"), FAULTS.values(), ids=FAULTS)
def test_framing_is_mended_and_nothing_else(code: str, photo: Photo, tmp_path: Path) -> None:
    """A fault that is said to be mended is a warning that says so; any other is as grave as before."""
    (before,) = (f for f in checked(photo, tmp_path, asked=False).findings if f.code == code)
    (after,) = (f for f in checked(photo, tmp_path).findings if f.code == code)

    assert NOTE not in before.message
    if code in CODES:
        assert ("warning", f"{before.message}; {NOTE}") == (after.severity, after.message)
    else:
        assert before == after


def test_a_policy_may_know_of_less(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(LESS, encoding="utf-8")

    verdicts = {
        label: checked(FAULTS[label][1], tmp_path, policy=policy).verdict
        for label in ("far aside", "without a forehead")
    }

    assert {"far aside": "pass", "without a forehead": "fail"} == verdicts


def test_the_request_is_not_mended(tmp_path: Path) -> None:
    path = Photo().save(tmp_path / "photo.png")

    report = preflight.check(preflight.Submission(train_image=path, auto_fix_training_image=True))

    assert ("fail", {"SUB002"}) == (report.verdict, {f.code for f in report.findings if f.blocks})
