"""The fixture cases, through the whole checker: real ffmpeg, real recogniser, exact codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import preflight
from fixtures.cases import Case, load_cases, submission
from preflight.render.json import render_json

pytestmark = [pytest.mark.media, pytest.mark.asr]

CASES = {case.name: case for case in load_cases()}


def check(case: Case, recogniser: Path) -> preflight.Report:
    return preflight.check(preflight.Submission(**submission(case)), preflight.Options(asr_model=recogniser))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case_comes_out_as_expected(case: Case, recogniser_folder: Path) -> None:
    """Each case gives its verdict, by exactly its codes."""
    report = check(case, recogniser_folder)

    violations = {f.code for f in report.findings if f.assessed and f.severity == "error"}
    warnings = {f.code for f in report.findings if f.assessed and f.severity != "error"}
    assert (case.expect.verdict, case.expect.violations, case.expect.warnings) == (
        report.verdict,
        violations,
        warnings,
    )


@pytest.mark.parametrize(
    "name", ["training_video/statement-at-opening-valid", "training_video/negated-error"]
)
def test_same_check_gives_the_same_report(name: str, recogniser_folder: Path) -> None:
    """Nothing in a report depends on when or how often the check was run."""
    first, second = (render_json(check(CASES[name], recogniser_folder).to_dict()) for _ in range(2))

    assert first == second


def test_negation_is_shown_with_its_time(recogniser_folder: Path) -> None:
    """The report says at which second the word was said that refuses."""
    report = check(CASES["training_video/negated-error"], recogniser_folder)

    finding = next(f for f in report.findings if f.code == "CON004")
    assert "consent-negated" == finding.rule
    assert finding.at is not None
    assert 2.0 < finding.at[0] < 8.0
    assert ("consent-negated",) == (report.consent and report.consent.reasons)


def test_every_depth_passes_the_good_clip(recogniser_folder: Path) -> None:
    """The depths differ in how much of the picture they decode, not in what is required."""
    case = CASES["training_video/statement-at-opening-valid"]

    verdicts = {
        depth: preflight.check(
            preflight.Submission(**submission(case)),
            preflight.Options(asr_model=recogniser_folder, depth=depth),
        ).verdict
        for depth in ("quick", "standard", "deep")
    }

    assert dict.fromkeys(("quick", "standard", "deep"), "pass") == verdicts


def test_asynchronous_check_is_the_same(recogniser_folder: Path) -> None:
    """acheck and check give the same report."""
    import asyncio

    case = CASES["training_video/20-seconds-error"]
    options = preflight.Options(asr_model=recogniser_folder)

    report = asyncio.run(preflight.acheck(preflight.Submission(**submission(case)), options))

    assert check(case, recogniser_folder).to_dict() == report.to_dict()


def test_report_is_plain_json(recogniser_folder: Path) -> None:
    """What is written can be read back as it was."""
    document = check(CASES["training_video/20-seconds-error"], recogniser_folder).to_dict()

    assert document == json.loads(render_json(document))
