"""Shared by every part of the proof: counts by kind, exact bounds, the table and the measured figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from preflight.evaluate import upper_bound

__all__ = [
    "MEASURED",
    "Counts",
    "aligned",
    "count",
    "measured",
    "record",
    "say",
    "table",
    "total",
    "upper_bound",
]

MEASURED = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class Counts:
    """How often one kind was tried, and with which verdicts."""

    count: int = 0
    passed: int = 0
    reviewed: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.count + other.count,
            self.passed + other.passed,
            self.reviewed + other.reviewed,
            self.failed + other.failed,
        )


_ONE = {"pass": Counts(1, 1, 0, 0), "review": Counts(1, 0, 1, 0), "fail": Counts(1, 0, 0, 1)}


def count(outcomes: Iterable[tuple[str, str]]) -> dict[str, Counts]:
    """Kinds and verdicts, counted by kind in the order in which the kinds first appear."""
    counts: dict[str, Counts] = {}
    for kind, verdict in outcomes:
        counts[kind] = counts.get(kind, Counts()) + _ONE[verdict]
    return counts


def total(counts: Iterable[Counts]) -> Counts:
    """All kinds together."""
    return sum(counts, Counts())


def table(title: str, error: str, counts: dict[str, Counts], *, wanted: str) -> list[str]:
    """One row for each kind and one for all, with the errors and their upper bound.

    ``wanted`` is "pass" where only passing is right, "not pass" where only passing is wrong.
    """
    rows = [*counts.items(), ("all", total(counts.values()))]
    shown = [["kind", "count", "passed", "reviewed", "failed", error, "95 % bound"]]
    for kind, one in rows:
        errors = one.count - one.passed if wanted == "pass" else one.passed
        figures = (one.count, one.passed, one.reviewed, one.failed, errors)
        shown.append([kind, *map(str, figures), f"{100 * upper_bound(errors, one.count):.2f} %"])
    return [title, *aligned(shown)]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def say(*lines: str) -> None:
    """Lines on standard output."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def measured() -> dict[str, Any]:
    """All the figures that were recorded."""
    document: dict[str, Any] = json.loads(MEASURED.read_text("utf-8")) if MEASURED.exists() else {}
    return document


def record(part: str, figures: dict[str, Any]) -> None:
    """One part's figures written; those of the other parts stay."""
    document = dict(sorted((measured() | {part: figures}).items()))
    MEASURED.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def as_figures(counts: dict[str, Counts]) -> dict[str, dict[str, int]]:
    """Counts by kind as they are recorded."""
    return {kind: asdict(one) for kind, one in counts.items()}
