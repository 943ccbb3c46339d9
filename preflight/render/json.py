"""The JSON report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["render_json"]


def render_json(document: Mapping[str, Any]) -> str:
    """Indented JSON, one line break at its end.

    Letters of every script stand as they are; what does not print, or steers a terminal, is escaped.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return "".join(c if c in "\n " or c.isprintable() else json.dumps(c)[1:-1] for c in text) + "\n"
