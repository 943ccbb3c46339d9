"""How fast the engine is: texts a second on one core, beside a plain comparison of the same texts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from tests.proof.attacks import STATEMENTS, Attack, attacks
from tests.proof.positives import Honest, positives
from tests.proof.tables import say
from tests.proof.text import match

__all__ = ["main", "mix"]

ROUNDS = 5  # the best of them counts: a busy machine only ever makes a program slower
_EXPECTED = [statement.lower().split() for statement in STATEMENTS]


def mix() -> list[Attack | Honest]:
    """A fixed sample: every seventh attack and every second honest reading."""
    return [*attacks()[::7], *positives()[::2]]


def _plain_alignment(case: Attack | Honest) -> object:
    """What any comparison of two texts does: a similarity, and the differences of the words."""
    text = case.text.lower()
    heard = text.split()
    likeness = max(fuzz.ratio(statement.lower(), text) for statement in STATEMENTS)
    return likeness, [Levenshtein.opcodes(expected, heard) for expected in _EXPECTED]


def _rate(work: Callable[[Attack | Honest], object], cases: Sequence[Attack | Honest]) -> float:
    """Texts a second of processor time, the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        for case in cases:
            work(case)
        best = max(best, len(cases) / (time.process_time() - start))
    return best


def main() -> int:
    """Both rates and their ratio, measured in turn in the same run."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cases = mix()
    match(cases[0])
    engine, baseline = _rate(match, cases), _rate(_plain_alignment, cases)
    statement = Honest("benchmark", STATEMENTS[0])
    alone = _rate(match, [statement] * 500)
    say(
        f"{len(cases)} texts, best of {ROUNDS} rounds, processor time on one core",
        f"engine                     {engine:8.0f} a second",
        f"engine, the statement only {alone:8.0f} a second",
        f"ratio and word alignment   {baseline:8.0f} a second",
        f"the engine takes {baseline / engine:.1f} times as long as a plain comparison",
    )
    return 0
