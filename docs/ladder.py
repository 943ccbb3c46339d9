"""What a ladder of notches is, whatever is spoiled on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from preflight import Submission
from preflight.submission import Depth, Role

__all__ = ["ALWAYS", "NEVER_ENOUGH", "Ladder"]

ALWAYS, NEVER_ENOUGH = -1e12, 1e12
"""Limits under which a rule tells what it measures of anything: nothing is little enough, or enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """One way to spoil something good.

    ``notches`` has what `make` is given for each. ``rules`` are the ones that should speak. The value at a
    notch is what the last of them measures (or ``measures``, where none should) when ``moved`` are its
    limits, or ``nothing`` where it finds nothing to measure. ``warns_at`` and ``fails_at`` are the limits
    that it is compared with: from the first on a rule speaks, from the second on it is certain. ``note`` says
    what is to be learned from the row, and ``blind`` that its rules never speak, though they should.
    ``ignored`` are rules that what is made here breaks in any case.
    """

    name: str
    title: str
    about: str
    group: str
    rules: tuple[str, ...]
    notches: Mapping[str, Any]
    moved: Mapping[str, float]
    unit: str
    measures: str = ""
    warns_at: str | None = None
    fails_at: str | None = None
    nothing: float | None = None
    note: str = ""
    blind: bool = False
    size: tuple[int, int] | None = None
    seconds: float | None = None
    depth: Depth = Depth.STANDARD
    ignored: frozenset[str] = frozenset()

    asset: ClassVar[str]
    role: ClassVar[Role]
    suffix: ClassVar[str]

    def make(self, path: Path, spoiled: Any) -> None:
        """Write what is at a notch."""
        raise NotImplementedError

    def submission(self, path: Path) -> Submission:
        raise NotImplementedError
