"""Takes on either side of the rules' limits, through the whole checker: each gives exactly its codes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

import preflight
from fixtures.spoiled import TAKES, TOGETHER, Studio, Take
from preflight.rule import all_rules
from tests.listener import Listener

pytestmark = [pytest.mark.media, pytest.mark.asr]

EVERY = {**TAKES, **TOGETHER}
OF_CONSENT = {rule.code for rule in all_rules() if rule.code.startswith("CON")}


def check(studio: Studio, name: str) -> preflight.Report:
    """What the checker says of a take; the words come from a recogniser that recites the statement."""
    submission = preflight.Submission(train_video=studio.take(name))
    return preflight.check(submission, preflight.Options(depth=EVERY[name].depth), recogniser=Listener())


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Checked]:
    """The reports of the takes that were asked for, made by as many threads as there are processors."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    studio = Studio(tmp_path_factory.mktemp("takes"))
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        yield Checked({name: threads.submit(partial(check, studio, name)) for name in EVERY if name in asked})


class Checked:
    def __init__(self, started: dict[str, Future[preflight.Report]]) -> None:
        self._started = started

    def of(self, name: str) -> preflight.Report:
        return self._started[name].result()


def found(report: preflight.Report, take: Take, wanted: Callable[[preflight.Finding], bool]) -> set[str]:
    return {finding.code for finding in report.findings if wanted(finding)} - take.always - OF_CONSENT


@pytest.mark.timeout(240)  # the first one waits for the threads
@pytest.mark.parametrize("name", EVERY)
def test_take_gives_exactly_its_codes(name: str, reports: Checked) -> None:
    """One side of a limit: the rule speaks, and no other. The other side: none does."""
    take, report = EVERY[name], reports.of(name)

    errors = found(report, take, lambda finding: finding.assessed and finding.blocks)
    warnings = found(report, take, lambda finding: finding.assessed and not finding.blocks)
    asks = found(report, take, lambda finding: not finding.assessed and finding.blocks)
    assert (take.errors, take.warnings, take.asks) == (errors, warnings, asks)
