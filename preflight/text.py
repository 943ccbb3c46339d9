"""Making values fit to show: text that never steers the terminal, numbers that never reach their limit."""

from __future__ import annotations

import math
import re
import unicodedata

__all__ = ["printable", "redacted", "rounded_down", "rounded_up"]


def printable(text: str, *, limit: int = 500) -> str:
    """The text without control, format and bidirectional characters, on one line, at most ``limit`` long."""
    shown = "".join(
        " " if c in "\t\n\r" else "�" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c
        for c in text[: 4 * limit]
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


_ADDRESS = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?:[^\s/?#'\"]*@)?(?P<place>[^\s?#'\"]*)[?#][^\s'\"]*"
)
_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/?#'\"]*@")


def redacted(text: str) -> str:
    """The text with the user, query and fragment of every address in it left out; they are often keys."""
    return _CREDENTIALS.sub(r"\g<scheme>", _ADDRESS.sub(r"\g<scheme>\g<place>?***", text))


def rounded_down(value: float, digits: int) -> float:
    """For a value below its limit: 59.9996 is shown as 59.999, never as 60."""
    scale: int = 10**digits
    return math.floor(value * scale) / scale


def rounded_up(value: float, digits: int) -> float:
    """For a value above its limit: 1.0004 is shown as 1.001, never as 1."""
    scale: int = 10**digits
    return math.ceil(value * scale) / scale
