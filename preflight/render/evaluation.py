"""The table of an evaluation, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from preflight.evaluate import Outcome, Row, rows
from preflight.evidence.file import display_name
from preflight.render.json import render_json
from preflight.text import printable
from preflight.verdict import Verdict

__all__ = ["evaluation_json", "evaluation_text"]

_HEAD = ("group", "expected", "n", "pass", "review", "fail", "none", "wrong", "misheard")
_SHOWN = 20  # recordings of each kind that are listed


def evaluation_json(outcomes: Sequence[Outcome]) -> str:
    """Rows and recordings, as numbers: rates and bounds from 0 to 1."""
    return render_json(
        {
            "rows": [_row(row) for row in rows(outcomes)],
            "recordings": [_recording(outcome) for outcome in outcomes],
        }
    )


def _row(row: Row) -> dict[str, Any]:
    return {
        "group": row.group,
        "expected": row.expected.value,
        "recordings": row.recordings,
        "pass": row.passed,
        "review": row.reviewed,
        "fail": row.failed,
        "not_assessed": row.not_assessed,
        "wrong": row.wrong,
        "wrong_upper_bound_95": round(row.bound, 6),
        "critical_words": row.critical_words,
        "critical_wrong": row.critical_wrong,
    }


def _recording(outcome: Outcome) -> dict[str, Any]:
    match = outcome.match
    return {
        "path": display_name(outcome.recording.path),
        "group": outcome.recording.group,
        "expected": outcome.recording.expected.value,
        "verdict": None if match is None else match.verdict.value,
        "reasons": [] if match is None else list(match.reasons),
        "heard": None if match is None else match.heard,
        "problem": outcome.problem,
    }


def evaluation_text(outcomes: Sequence[Outcome], *, colour: bool = False, width: int = 80) -> str:
    """The table, then every recording that did not come out as expected."""
    console = Console(
        file=StringIO(),
        force_terminal=colour,
        no_color=not colour,
        width=max(80, width),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    table = Table(*_HEAD, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows(outcomes):
        table.add_row(*_cells(row))
    console.print(table)
    console.print(
        Text(
            "none: not assessed. wrong: passed although expected not to, or not passed although "
            "expected to; after the slash the rate that 95 % confidence cannot rule out. misheard: critical "
            "words, of those in the statements that were found."
        )
    )
    for title, found in _unexpected(outcomes):
        console.print()
        console.print(Text(f"{title}: {len(found)}", "bold"))
        for outcome in found[:_SHOWN]:
            console.print(Padding(_line(outcome), (0, 0, 0, 2)))
        if len(found) > _SHOWN:
            console.print(Padding(Text(f"and {len(found) - _SHOWN} more"), (0, 0, 0, 2)))
    assert isinstance(console.file, StringIO)  # noqa: S101 - made so above
    written = console.file.getvalue().strip("\n")
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


def _cells(row: Row) -> Iterator[Text]:
    bad = row.wrong and row.expected is not Verdict.PASS
    critical = f"{row.critical_wrong} of {row.critical_words}" if row.expected is Verdict.PASS else ""
    counts = (row.recordings, row.passed, row.reviewed, row.failed, row.not_assessed)
    yield Text(printable(row.group))
    yield Text(row.expected.value)
    yield from (Text(str(count)) for count in counts)
    yield Text(f"{row.wrong} / {100 * row.bound:.2f} %", "bold red" if bad else "")
    yield Text(critical)


def _unexpected(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    kinds: dict[str, list[Outcome]] = {"Passed, and must not": [], "Did not pass": [], "Not assessed": []}
    for outcome in outcomes:
        if outcome.match is None:
            kinds["Not assessed"].append(outcome)
        elif outcome.is_false_accept:
            kinds["Passed, and must not"].append(outcome)
        elif outcome.recording.expected is Verdict.PASS and outcome.verdict is not Verdict.PASS:
            kinds["Did not pass"].append(outcome)
    yield from ((title, found) for title, found in kinds.items() if found)


def _line(outcome: Outcome) -> Text:
    path = printable(display_name(outcome.recording.path))
    if outcome.match is None:
        return Text(f"{path}: {printable(outcome.problem or '')}")
    cause = outcome.match.causes[0].message if outcome.match.causes else f"heard: {outcome.match.heard}"
    return Text(f"{path}: {outcome.match.verdict}: {printable(cause)}")
