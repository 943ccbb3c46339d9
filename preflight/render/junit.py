"""The report as JUnit XML: a suite for each file, a case for each rule on it.

What blocks is never green. A broken rule of severity error is a ``failure``. One that could not be assessed
is an ``error``: nobody found a fault, and nothing was cleared. What matters less and was not assessed is
``skipped``. Warnings and advice pass, with what they say as ``system-out``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as Xml

from preflight.render.cases import Case, cases
from preflight.render.headline import headline
from preflight.report import Finding, Report
from preflight.submission import Role
from preflight.text import printable
from preflight.verdict import Verdict
from preflight.version import __version__

__all__ = ["render_junit"]

_SHOWN = 2_000  # characters of a text; messages of ours are a few hundred
_COUNTED = ("failure", "error", "skipped")
_TOTALS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render_junit(reports: Sequence[Report]) -> str:
    """One document for all of them. No times and no host names: the same reports give the same bytes."""
    root = Xml.Element("testsuites", name="replica-preflight")
    names: Counter[str] = Counter()
    for report in reports:
        for suite in _suites(report, names):
            root.append(suite)
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _suites(report: Report, names: Counter[str]) -> Iterator[Xml.Element]:
    """The request as a whole, where anything is said of it, then each file."""
    found = cases(report)
    sources = {asset.role: asset.source for asset in report.assets}
    for role in (None, *Role):
        group = [case for case in found if case.role is role]
        if not group and role not in sources and role is not None:
            continue
        suite = Xml.Element("testsuite", name=_unique(_name(report, role, sources), names))
        if role in sources:
            suite.set("file", _shown(sources[role]))
        _add_properties(suite, report, role)
        for case in group:
            _add_case(suite, case)
        if role is None and report.verdict is Verdict.REVIEW and not any(f.blocks for f in report.findings):
            _add_unfounded(suite, report)
        suite.set("tests", str(len(suite.findall("testcase"))))
        for kind in _COUNTED:
            suite.set(_TOTALS[kind], str(len(suite.findall(f"testcase/{kind}"))))
        yield suite


def _name(report: Report, role: Role | None, sources: dict[Role, str]) -> str:
    if role is not None:
        return f"{_shown(sources.get(role, ''))} ({role.replace('_', ' ')})"
    about = ", ".join(sources.values())
    listed = report.listed_at
    place = "" if listed is None else f"{listed.file}:{listed.line}: "
    return f"{_shown(place + about)} (request)".lstrip()


def _unique(name: str, names: Counter[str]) -> str:
    """Readers take suites of one name for the same."""
    names[name] += 1
    return name if names[name] == 1 else f"{name} #{names[name]}"


def _add_properties(suite: Xml.Element, report: Report, role: Role | None) -> None:
    facts: dict[str, object] = {"verdict": report.verdict, "policy": report.policy.id, "tool": __version__}
    for asset in report.assets:
        if asset.role is role:
            facts |= {"sha256": asset.sha256, "size_bytes": asset.size_bytes}
    properties = Xml.SubElement(suite, "properties")
    for name, value in facts.items():
        if value is not None:
            Xml.SubElement(properties, "property", name=name, value=_shown(str(value)))


def _add_case(suite: Xml.Element, case: Case) -> None:
    element = Xml.SubElement(
        suite, "testcase", name=f"{case.code} {case.rule}", classname=suite.get("name", "")
    )
    worst = min(case.findings, key=_weight, default=None)
    if worst is None:
        return
    text = "\n".join(_lines(case.findings))
    kind = _KINDS[_weight(worst)]
    outcome = Xml.SubElement(element, kind)
    if kind == "system-out":
        outcome.text = text
        return
    outcome.set("message", _shown(worst.message))
    outcome.set("type", f"{worst.severity} {worst.outcome}")
    outcome.text = text


_KINDS = (*_COUNTED, "system-out")


def _weight(finding: Finding) -> int:
    """Where in ``_KINDS`` it belongs."""
    if finding.blocks:
        return 0 if finding.assessed else 1
    return 3 if finding.assessed else 2


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        place = "" if finding.at is None else f" (at {finding.at[0]:g} to {finding.at[1]:g} s)"
        yield f"{finding.severity}, {finding.outcome}: {_shown(finding.message)}{place}"
    for remedy in dict.fromkeys(finding.remedy for finding in findings):
        yield f"What to do: {_shown(remedy)}"


def _add_unfounded(suite: Xml.Element, report: Report) -> None:
    """A review without a finding that blocks: nothing was assessed, or no consent was heard."""
    case = Xml.SubElement(suite, "testcase", name="verdict", classname=suite.get("name", ""))
    why = _shown(headline(report))
    Xml.SubElement(case, "error", message=why, type="review").text = why


def _shown(text: str) -> str:
    """What XML can hold, on one line."""
    return printable(text, limit=_SHOWN)
