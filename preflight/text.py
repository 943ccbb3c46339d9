"""Making values fit to show: text that never steers the terminal, numbers that never reach their limit."""

from __future__ import annotations

import math
import re
import unicodedata

__all__ = ["clock", "printable", "redacted", "rounded_down", "rounded_up", "spelt_hours"]


_NEVER_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str, *, limit: int = 500) -> str:
    """The text without control, format and bidirectional characters, on one line, at most ``limit`` long."""
    shown = "".join(
        " " if c in "\t\n\r" else "�" if unicodedata.category(c) in _NEVER_SHOWN else c
        for c in text[: 4 * limit]
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


_AFTER_SCHEME = re.compile(r"(?<=://)[^\s'\"<>]+")


def redacted(text: str) -> str:
    """The text with the user, query and fragment of every address in it left out; they are often keys."""
    return _AFTER_SCHEME.sub(lambda match: _location(match[0]), text)


def _location(address: str) -> str:
    """Host and path of an address, without its scheme."""
    place = re.split(r"[?#]", address, maxsplit=1)[0]
    host, slash, path = place.partition("/")
    hidden = "?***" if len(place) < len(address) else ""
    return f"{host.rpartition('@')[2]}{slash}{path}{hidden}"


def rounded_down(value: float, digits: int) -> float:
    """For a value below its limit: 59.9996 is shown as 59.999, never as 60."""
    scale: int = 10**digits
    return math.floor(value * scale) / scale


def rounded_up(value: float, digits: int) -> float:
    """For a value above its limit: 1.0004 is shown as 1.001, never as 1."""
    scale: int = 10**digits
    return math.ceil(value * scale) / scale


def spelt_hours(hours: float) -> str:
    """How long that is, in its two largest units and rounded down: 23.999 h are 23 h 59 min."""
    minutes = math.floor(max(hours, 0) * 60)
    whole_hours, minutes = divmod(minutes, 60)
    days, whole_hours = divmod(whole_hours, 24)
    parts = ((days, "d"), (whole_hours, "h"), (minutes, "min"))
    named = [f"{count} {unit}" for count, unit in (parts[:2] if days else parts) if count]
    return " ".join(named) or "less than a minute"


def clock(seconds: float) -> str:
    """Minutes, seconds and tenths, counted in whole tenths so that nothing rounds up to 60 seconds."""
    tenths = round(max(0.0, seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes:02d}:{rest // 10:02d}.{rest % 10}"
