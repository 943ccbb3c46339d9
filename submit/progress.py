"""How a training is going, in words. Pure functions."""

from __future__ import annotations

import math
import re

from preflight.text import printable, spelt_hours

__all__ = ["LONGEST_S", "STANDSTILL_S", "USUAL_S", "fraction", "progress_text"]

_HOUR = 3_600.0
USUAL_S = 4 * _HOUR
"""How long a training takes: 3 to 4 h. Source: the service's documentation of replicas, read 2026-11-22; it
asks to allow the full time before calling one stuck."""
LONGEST_S = 6 * _HOUR
"""The same for older models: 4 to 6 h. Source: the documentation up to April 2026, read 2026-11-22."""
STANDSTILL_S = 0.5 * _HOUR
"""From when on a progress that stands still is explained. Ours: long enough to worry somebody who watches. It
may sit still for a long time, says the service's documentation, read 2026-11-22."""

_FRACTION = re.compile(r"([0-9]{1,9}) ?/ ?([0-9]{1,9})")
_FOR_EVER_S = 9_999 * 24 * _HOUR
_SHOWN = 40  # characters of a progress that is none


def fraction(progress: str | None) -> float | None:
    """How much of a training is done, of 1, by a text such as ``40/100``; ``None`` for any other."""
    found = _FRACTION.fullmatch((progress or "").strip())
    if found is None:
        return None
    done, whole = int(found[1]), int(found[2])
    return done / whole if 0 < whole and done <= whole else None


def progress_text(progress: str | None, *, since_s: float, unchanged_s: float) -> str:
    """One line: how far the training is, for how long it has run, and whether that is a reason to worry.

    ``since_s`` is the time since it was asked for, or as much of that as is known; ``unchanged_s`` how long
    the progress has been the same.
    """
    told = printable((progress or "").strip(), limit=_SHOWN) or "progress not told"
    since, unchanged = _sensible(since_s), _sensible(unchanged_s)
    line = f"{told} after {_spelt(since)}"
    if unchanged >= STANDSTILL_S:
        line += f", unchanged for {_spelt(unchanged)}"
    return f"{line}; {why}" if (why := _why(since, unchanged)) else line


def _why(since_s: float, unchanged_s: float) -> str:
    usual = (
        f"{_hours(USUAL_S - _HOUR)} to {_hours(USUAL_S)} h are usual, {_hours(LONGEST_S)} h for older models"
    )
    if since_s > LONGEST_S:
        return f"longer than any model usually takes ({_hours(LONGEST_S)} h): ask the service's support"
    if since_s > USUAL_S:
        return f"longer than most, and not stuck yet: {usual}"
    if unchanged_s >= STANDSTILL_S:
        return f"it may stand still for long: {usual}"
    return ""


def _sensible(seconds: float) -> float:
    """A clock that was set back, or is none, says nothing."""
    return min(seconds, _FOR_EVER_S) if math.isfinite(seconds) and seconds > 0 else 0.0


def _spelt(seconds: float) -> str:
    return spelt_hours(seconds / _HOUR)


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR:g}"
