"""The one line that people act on: the file and the first cause, or how much passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.report import Finding, Report
from preflight.rule import Severity
from preflight.verdict import Verdict

__all__ = ["cause", "first_cause", "headline", "subject"]


def headline(report: Report) -> str:
    """What the verdict is about and why, as it comes: whoever shows it makes it fit to show."""
    return f"{subject(report)}: {cause(report)}"


def subject(report: Report) -> str:
    """The file that the first cause is about; where there is none, all of them."""
    first = first_cause(report)
    sources = [a.source for a in report.assets if first is None or a.role is first.asset]
    return ", ".join(sources) or "the request"


def cause(report: Report) -> str:
    """Why the verdict is what it is."""
    first = first_cause(report)
    if report.verdict is Verdict.PASS:
        noted = "".join(f", {one}" for one in _counted(report.findings, report.waived))
        return f"{len(report.passed)} rules passed{noted}"
    if first is None:
        return "nothing was assessed"
    more = len({f.code for f in report.findings if f.blocks and f.assessed} - {first.code})
    others = f" (and {more} more)" if more else ""
    return f"{first.message}{others}"


def first_cause(report: Report) -> Finding | None:
    """The first finding that keeps the submission from passing."""
    return next((f for f in report.findings if f.blocks), None)


def _counted(findings: Sequence[Finding], waived: Sequence[str]) -> Iterator[str]:
    """How many warnings there are, pieces of advice, faults that are waived, and rules not assessed."""
    found = [f.severity for f in findings if f.assessed and f.rule not in waived]
    let_pass = len({f.code for f in findings if f.assessed and f.rule in waived})
    warnings, advice = found.count(Severity.WARNING), found.count(Severity.ADVICE)
    unassessed = len({f.code for f in findings if not f.assessed})
    if warnings:
        yield f"{warnings} {'warning' if warnings == 1 else 'warnings'}"
    if advice:
        yield f"{advice} {'piece' if advice == 1 else 'pieces'} of advice"
    if let_pass:
        yield f"{let_pass} waived"
    if unassessed:
        yield f"{unassessed} not assessed"
