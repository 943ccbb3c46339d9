"""The report as workflow commands of GitHub Actions: annotations of the run and of the pull request.

What blocks is an ``error``, also where it could not be assessed. The runner takes any line that begins with
``::`` for a command, so everything that comes from files stands behind one, without line breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.network.url import is_address
from preflight.render.headline import headline
from preflight.report import Finding, Report
from preflight.rule import Severity
from preflight.submission import Role
from preflight.text import clock, printable
from preflight.verdict import Verdict

__all__ = ["render_github"]

_SHOWN = 2_000
"""Characters of a message. The runner cuts at 4096. Source: actions/runner, ExecutionContext.cs."""
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render_github(reports: Sequence[Report]) -> str:
    """The verdict of each report, then what was found. GitHub shows the first ten of a level in each step."""
    return "".join(f"{line}\n" for report in reports for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    level = "notice" if report.verdict is Verdict.PASS else "error"
    yield _command(level, f"preflight: {report.verdict}", _place(report, None), headline(report))
    for finding in (f for f in report.findings if f.assessed):
        at = "" if finding.at is None else f" (at {clock(finding.at[0])} to {clock(finding.at[1])})"
        title = f"{finding.code} {finding.rule}"
        message = f"{finding.message}{at}. What to do: {finding.remedy}"
        yield _command(_LEVELS[finding.severity], title, _place(report, finding.asset), message)
    for group in _by_reason(f for f in report.findings if not f.assessed):
        first, codes = group[0], ", ".join(sorted({finding.code for finding in group}))
        title = f"not assessed: {codes}"
        yield _command(_LEVELS[first.severity], title, _place(report, first.asset), first.message)


def _by_reason(findings: Iterator[Finding]) -> list[list[Finding]]:
    """An unreadable file leaves two dozen rules unassessed, for one reason."""
    groups: dict[tuple[Severity, Role | None, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.asset, finding.message), []).append(finding)
    return list(groups.values())


def _place(report: Report, role: Role | None) -> dict[str, str]:
    """The line that asked for the check, or else the file, where it is one of this machine."""
    if report.listed_at is not None:
        return {"file": report.listed_at.file, "line": str(report.listed_at.line)}
    source = next((asset.source for asset in report.assets if role in (None, asset.role)), None)
    return {} if source is None or is_address(source) else {"file": source}


def _command(level: str, title: str, place: dict[str, str], message: str) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**place, "title": title}.items())
    return f"::{level} {properties}::{_data(message)}"


def _data(text: str) -> str:
    """As the runner takes it apart again. Source: actions/toolkit, core/src/command.ts."""
    return printable(text, limit=_SHOWN).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
