"""Making untrusted text fit to show: names, words and file names never steer the terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["printable"]


def printable(text: str, *, limit: int = 500) -> str:
    """The text without control, format and bidirectional characters, on one line, at most ``limit`` long."""
    shown = "".join(
        " " if c in "\t\n\r" else "�" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c
        for c in text[: 4 * limit]
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
