"""What is kept of the texts that others wrote: bounded, on one line, without the secrets of addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from preflight.text import printable, redacted
from submit.errors import LedgerError

__all__ = ["ID", "NOTE", "clean", "intent_text", "replica_id_in", "short"]

NOTE = 1000
ID = 100
_VALUE = 2000
_INTENT_BYTES = 64_000


def replica_id_in(text: str) -> str:
    """The id, as it may be kept and shown. Raises LedgerError for what is none."""
    if not text.isalnum() or len(text) > ID:
        raise LedgerError("a replica id is made of letters and digits, such as r90bbd427f71")
    return text


def intent_text(intent: Mapping[str, Any]) -> str:
    text = json.dumps(_plain(intent), allow_nan=False)
    if len(text) > _INTENT_BYTES:
        raise ValueError(f"an intent has at most {_INTENT_BYTES} bytes")
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, _VALUE)
    if isinstance(value, Mapping):
        return {clean(str(name), ID): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


def clean(text: str, limit: int) -> str:
    """One line without control characters and without the secrets of addresses, whichever hides the other."""
    return printable(redacted(printable(text, limit=max(1, len(text)))), limit=limit)


def short(key: str) -> str:
    return printable(key[:10])
