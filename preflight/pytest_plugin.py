"""A plugin of pytest: media of a project, checked by its tests.

    def test_the_intro(preflight):
        preflight(train_video="media/intro.mp4", full_name="Maria Lopez").require_cleared()

    @pytest.mark.preflight(train_image="media/maria.jpg", voice_name="anna")
    def test_the_portrait(preflight_report):
        assert "IMG016" in preflight_report.passed

Each line of the manifests that preflight.toml or [tool.preflight] names is a test of its own, and those of
``--preflight-manifest FILE``. The settings of that file hold for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from preflight.batch import Item
    from preflight.configuration import Configuration
    from preflight.report import Clearance, Report

__all__ = ["Checked"]

_MARKER = (
    "preflight(expect='pass', **fields): check this submission before the test, and fail unless it comes to "
    "the verdict that is expected; the fixture preflight_report is its report"
)
_FILE = "preflight.toml"


@dataclass(frozen=True)
class Checked:
    """The report of a submission, which can be required to be as a test wants it."""

    report: Report

    def __getattr__(self, name: str) -> Any:
        return getattr(self.report, name)

    def require_cleared(self) -> Clearance:
        """Fail with the whole report unless it passed."""
        __tracebackhide__ = True
        self.require("pass")
        return self.report.clear()

    def require(self, verdict: str, *, codes: Iterable[str] = ()) -> None:
        """Fail with the whole report unless it comes to that verdict, and breaks these rules."""
        __tracebackhide__ = True
        broken = {finding.code for finding in self.report.findings if finding.assessed}
        missing = sorted(set(codes) - broken)
        if self.report.verdict == verdict and not missing:
            return
        lack = f", and {', '.join(missing)} to be broken" if missing else ""
        pytest.fail(f"expected {verdict}{lack}; found {_told(self.report)}", pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("preflight").addoption(
        "--preflight-manifest",
        action="append",
        default=[],
        metavar="FILE",
        help="make a test of each submission that this manifest lists",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def preflight(request: pytest.FixtureRequest) -> Callable[..., Checked]:
    """Check a submission: ``preflight(train_video=..., full_name=...)``; paths are relative to the root."""
    return lambda **fields: _checked(request.config, fields)


@pytest.fixture
def preflight_report(request: pytest.FixtureRequest) -> Report:
    """The report of the submission that the test is marked with."""
    report: Report | None = request.node.stash.get(_REPORT, None)
    if report is None:
        pytest.fail("preflight_report is for tests with @pytest.mark.preflight(...)", pytrace=False)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("preflight")
    if marker is None:
        return
    if marker.args:
        pytest.fail("@pytest.mark.preflight takes the fields of a submission by name", pytrace=False)
    fields = dict(marker.kwargs)
    expected = fields.pop("expect", "pass")
    checked = _checked(item.config, fields)
    item.stash[_REPORT] = checked.report
    checked.require(expected)


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """The manifests that were named by an option come after everything else."""
    for name in config.getoption("--preflight-manifest"):
        path = Path(config.invocation_params.dir, name)
        manifest = Manifest.from_parent(session, path=path, name=name)
        items.extend(manifest.collect())


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A preflight.toml that is given to pytest, or lies where it looks."""
    return SettingsFile.from_parent(parent, path=file_path) if file_path.name == _FILE else None


class SettingsFile(pytest.File):
    """Collects the manifests that a file of settings names."""

    def collect(self) -> Iterator[pytest.Collector]:
        from preflight.configuration import load_configuration

        for name in load_configuration(self.path).manifests or ():
            shown = os.path.relpath(name, self.path.parent)
            yield Manifest.from_parent(self, path=Path(name), name=shown)


class Manifest(pytest.File):
    """Collects the lines of a manifest."""

    def collect(self) -> Iterator[pytest.Item]:
        from preflight.batch import read_submissions

        configuration = _configuration(self.config)
        model = configuration.model_name or _model(configuration)
        for item in read_submissions(self.path, model_name=model, voice_name=configuration.voice_name):
            yield ListedSubmission.from_parent(self, name=f"{item.line}: {item.name}", listed=item)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        return str(excinfo.value)


class ListedSubmission(pytest.Item):
    """One line of a manifest, as a test: it comes to the verdict that the line expects."""

    def __init__(self, *, listed: Item, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listed = listed

    def runtest(self) -> None:
        from preflight.engine import check

        if self.listed.submission is None:
            pytest.fail(self.listed.problem or "", pytrace=False)
        report = check(self.listed.submission, _configuration(self.config).options())
        Checked(report).require(str(self.listed.expect))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.listed.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        return str(excinfo.value)


_REPORT = pytest.StashKey[Any]()
_SETTINGS = pytest.StashKey[Any]()


def _configuration(config: pytest.Config) -> Configuration:
    """The nearest file of settings, looked for once."""
    if _SETTINGS not in config.stash:
        from preflight.configuration import load_configuration

        config.stash[_SETTINGS] = load_configuration()
    settings: Configuration = config.stash[_SETTINGS]
    return settings


def _model(configuration: Configuration) -> str:
    from preflight.policy import load_policy

    return load_policy(configuration.options().policy).request.models.value[0]


def _checked(config: pytest.Config, fields: dict[str, Any]) -> Checked:
    from preflight.engine import check
    from preflight.network.url import is_address
    from preflight.submission import Submission

    configuration = _configuration(config)
    given = {"model_name": _model(configuration)}
    given |= {
        name: value
        for name in ("model_name", "voice_name")
        if (value := getattr(configuration, name)) is not None
    }
    for name in ("train_video", "consent_video", "train_image"):
        source = fields.get(name)
        if source is not None and not is_address(source):
            fields[name] = config.rootpath / source
    return Checked(check(Submission(**(given | fields)), configuration.options()))


def _told(report: Report) -> str:
    from preflight.render.text import render_report

    return render_report(report)
