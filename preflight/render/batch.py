"""Many submissions in one report: a line for each that did not pass, and how many there were."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from preflight.batch import Outcome, worst
from preflight.text import printable
from preflight.verdict import Verdict
from preflight.version import __version__

__all__ = ["batch_json", "batch_text", "render_batch"]

_STYLE = {
    Verdict.PASS: "bold green",
    Verdict.REVIEW: "bold yellow",
    Verdict.FAIL: "bold red",
    None: "bold red",
}


def render_batch(outcomes: Sequence[Outcome], form: str, *, colour: bool, width: int) -> str:
    """The report on all of them in one form. A page is of one submission, and not among them."""
    if form == "text":
        return batch_text(outcomes, colour=colour, width=width)
    if form == "json":
        return batch_json(outcomes)
    from preflight.render.formats import FORMATS

    return FORMATS[form]([outcome.to_report() for outcome in outcomes], colour, width)


def batch_text(outcomes: Sequence[Outcome], *, colour: bool = False, width: int = 80) -> str:
    """The verdict on all of them first, then each that did not pass with its causes and remedies."""
    written = StringIO()
    console = Console(
        file=written,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        soft_wrap=False,
    )
    counts = Counter(outcome.verdict for outcome in outcomes)
    head = Text.assemble(
        (_word(worst(outcomes)), _STYLE[worst(outcomes)]),
        f"  {_counted(len(outcomes), 'submission')}: ",
        ", ".join(
            f"{counts[verdict]} {name}"
            for verdict, name in (
                (Verdict.PASS, "passed"),
                (Verdict.FAIL, "failed"),
                (Verdict.REVIEW, "for a person"),
                (None, "not checked"),
            )
            if counts[verdict]
        ),
    )
    console.print(head)
    for outcome in outcomes:
        if outcome.verdict is not Verdict.PASS:
            _print_outcome(console, outcome)
    return written.getvalue()


def batch_json(outcomes: Sequence[Outcome]) -> str:
    """Every report whole, in the order of the manifest. ``problem`` says why there is none."""
    verdict = worst(outcomes)
    document: dict[str, Any] = {
        "schema_version": 1,
        "tool": {"name": "replica-preflight", "version": __version__},
        "verdict": None if verdict is None else str(verdict),
        "submissions": [outcome.to_dict() for outcome in outcomes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _print_outcome(console: Console, outcome: Outcome) -> None:
    console.print()
    lead = Text.assemble((_word(outcome.verdict), _STYLE[outcome.verdict]), f"  {outcome.item.name}")
    if outcome.item.submission is not None:
        lead.append(f"  (line {outcome.item.line})", style="dim")
    console.print(lead)
    if outcome.report is None:
        _print_indented(console, outcome.problem or "", 2)
        return
    for finding in outcome.report.findings:
        if not finding.blocks:
            continue
        _print_indented(console, f"{finding.code} {finding.rule}: {finding.message}", 2)
        if finding.assessed:
            _print_indented(console, f"What to do: {finding.remedy}", 4)


def _print_indented(console: Console, text: str, by: int) -> None:
    console.print(Padding(Text(printable(text, limit=500)), (0, 0, 0, by)))


def _word(verdict: Verdict | None) -> str:
    return "NOT CHECKED" if verdict is None else str(verdict).upper()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
