"""Photos through the whole checker: good ones pass, each faulty one gives exactly its own code."""

from __future__ import annotations

from pathlib import Path

import pytest

import preflight
from fixtures.photos import FAULTS, GOOD, Photo

pytestmark = pytest.mark.media


def found(photo: Photo, folder: Path, **asked: bool) -> preflight.Report:
    path = photo.save(folder / ("photo.png" if photo.quality is None else "photo.jpg"))
    return preflight.check(preflight.Submission(train_image=path, voice_name="anna", **asked))


def codes(report: preflight.Report) -> dict[str, str]:
    return {finding.code: str(finding.severity) for finding in report.findings if finding.assessed}


@pytest.mark.parametrize("photo", GOOD.values(), ids=GOOD)
def test_good_photo_passes(photo: Photo, tmp_path: Path) -> None:
    report = found(photo, tmp_path)

    assert ("pass", {}) == (report.verdict, codes(report))


@pytest.mark.parametrize(("code", "photo"), FAULTS.values(), ids=FAULTS)
def test_fault_gives_its_own_code(code: str, photo: Photo, tmp_path: Path) -> None:
    assert {code} == set(codes(found(photo, tmp_path)))
