"""What becomes of a photo's faults when the service is asked to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import preflight

POLICY = """
id = "mending"
extends = "tavus-replica-phoenix-4"
title = "The fixer enlarges pictures"
read = 2026-11-25
[image.auto_fixed]
value = ["image-too-small", "image-damaged"]
source = "made up for a test"
read = 2026-11-25
"""
NOTE = "auto_fix_training_image is said to mend this"


def checked(folder: Path, image: Image.Image, *, asked: bool, cut: bool = False) -> preflight.Report:
    policy, photo = folder / "policy.toml", folder / "photo.jpg"
    policy.write_text(POLICY, encoding="utf-8")
    image.save(photo)
    if cut:
        photo.write_bytes(photo.read_bytes()[:-2000])
    submission = preflight.Submission(train_image=photo, voice_name="anna", auto_fix_training_image=asked)
    return preflight.check(submission, preflight.Options(policy=policy))


def of(report: preflight.Report, code: str) -> preflight.Finding:
    (found,) = (finding for finding in report.findings if finding.code == code)
    return found


def small() -> Image.Image:
    return Image.effect_noise((400, 400), 60).convert("RGB")


def test_a_fault_that_is_mended_is_a_warning_that_says_so(tmp_path: Path) -> None:
    found = of(checked(tmp_path, small(), asked=True), "IMG002")

    assert "warning" == found.severity
    assert found.message.endswith(f"; {NOTE}")


def test_the_same_fault_stays_an_error_where_nobody_asked(tmp_path: Path) -> None:
    report = checked(tmp_path, small(), asked=False)

    assert ("fail", "error") == (report.verdict, of(report, "IMG002").severity)
    assert all(NOTE not in finding.message for finding in report.findings)


def test_a_fault_that_is_not_mended_stays(tmp_path: Path) -> None:
    """Only the rules that the policy names; the request's own faults above all."""
    photo = tmp_path / "photo.gif"
    small().save(photo)

    submission = preflight.Submission(train_image=photo, auto_fix_training_image=True)
    report = preflight.check(submission)

    assert ("error", "error") == (of(report, "IMG001").severity, of(report, "SUB002").severity)


def test_what_could_not_be_assessed_is_not_mended(tmp_path: Path) -> None:
    """Nobody knows whether there is anything to mend."""
    policy, photo = tmp_path / "policy.toml", tmp_path / "photo.gif"
    policy.write_text(POLICY, encoding="utf-8")
    small().save(photo)

    submission = preflight.Submission(train_image=photo, voice_name="anna", auto_fix_training_image=True)
    found = of(preflight.check(submission, preflight.Options(policy=policy)), "IMG002")

    assert (False, "error") == (found.assessed, found.severity)


def test_no_policy_has_a_recording_mended(tmp_path: Path) -> None:
    """The fixer sees the photo alone: what a policy says of other rules has no effect."""
    policy, clip = tmp_path / "policy.toml", tmp_path / "clip.mp4"
    policy.write_text(POLICY.replace("image-damaged", "container-unsupported"), encoding="utf-8")
    clip.write_text("words\n", encoding="utf-8")

    submission = preflight.Submission(train_video=clip, auto_fix_training_image=True)
    found = of(preflight.check(submission, preflight.Options(policy=policy)), "MED001")

    assert "error" == found.severity


@pytest.mark.parametrize("asked", [True, False])
def test_damage_is_judged_by_the_policy_too(tmp_path: Path, asked: bool) -> None:
    """Several rules may be named."""
    report = checked(tmp_path, Image.effect_noise((600, 600), 60).convert("RGB"), asked=asked, cut=True)

    assert ("warning" if asked else "error") == of(report, "IMG003").severity
