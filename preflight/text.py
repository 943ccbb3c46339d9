"""Making values fit to show: text that never steers the terminal, numbers that never reach their limit."""

from __future__ import annotations

import math
import unicodedata

__all__ = ["printable", "rounded_down", "rounded_up"]


def printable(text: str, *, limit: int = 500) -> str:
    """The text without control, format and bidirectional characters, on one line, at most ``limit`` long."""
    shown = "".join(
        " " if c in "\t\n\r" else "�" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c
        for c in text[: 4 * limit]
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def rounded_down(value: float, digits: int) -> float:
    """For a value below its limit: 59.9996 is shown as 59.999, never as 60."""
    return math.floor(value * 10**digits) / 10**digits


def rounded_up(value: float, digits: int) -> float:
    """For a value above its limit: 1.0004 is shown as 1.001, never as 1."""
    return math.ceil(value * 10**digits) / 10**digits
