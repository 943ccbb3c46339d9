"""The JSON report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["render_json"]


def render_json(document: Mapping[str, Any]) -> str:
    """Indented JSON, one line break at its end. Lone surrogates, as in odd file names, are escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"
