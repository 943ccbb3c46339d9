"""Every form that a report comes in, by name. A new one is a line of ``FORMATS``, a module beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preflight.report import Report

__all__ = ["FORMATS", "Renderer"]

Renderer = Callable[[Sequence["Report"], bool, int], str]
"""Reports, whether in colours, and the columns there are; for text alone the last two matter."""


def _text(reports: Sequence[Report], colour: bool, width: int) -> str:
    from preflight.render.text import render_report

    return "\n".join(render_report(report, colour=colour, width=width) for report in reports)


def _json(reports: Sequence[Report], colour: bool, width: int) -> str:
    """One report: the JSON report is an object, and its schema knows no list of them."""
    from preflight.render.json import render_json

    (report,) = reports
    return render_json(report.to_dict())


def _junit(reports: Sequence[Report], colour: bool, width: int) -> str:
    from preflight.render.junit import render_junit

    return render_junit(reports)


def _sarif(reports: Sequence[Report], colour: bool, width: int) -> str:
    from preflight.render.sarif import render_sarif

    return render_sarif(reports)


def _github(reports: Sequence[Report], colour: bool, width: int) -> str:
    from preflight.render.github import render_github

    return render_github(reports)


def _markdown(reports: Sequence[Report], colour: bool, width: int) -> str:
    from preflight.render.markdown import render_markdown

    return render_markdown(reports)


def _html(reports: Sequence[Report], colour: bool, width: int) -> str:
    """One report: a page shows one submission."""
    from preflight.render.html import render_html

    (report,) = reports
    return render_html(report, report.exhibits)


FORMATS: Mapping[str, Renderer] = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
    "github": _github,
    "markdown": _markdown,
    "html": _html,
}
