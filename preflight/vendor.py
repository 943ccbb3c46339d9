"""The service's published training errors, and which of our rules would have caught each."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

import msgspec

__all__ = ["VendorError", "find_vendor_error", "vendor_errors", "vendor_type"]


class VendorError(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One published error. ``predicted``: yes (read off the file), partly, network, no."""

    type: str
    asset: str
    predicted: str
    messages: tuple[str, ...]


@lru_cache(maxsize=1)
def vendor_errors() -> dict[str, VendorError]:
    """Every published error, by our key: its type, made unique where the service uses one twice."""
    text = (resources.files("preflight") / "data" / "vendor_errors.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, VendorError])


def vendor_type(key: str) -> str:
    """The type the service gives the error of that key."""
    return vendor_errors()[key].type


def find_vendor_error(text: str) -> str | None:
    """The key of the error whose type or message this is, whatever its spacing, case and surroundings."""
    pasted = _squeeze(text)
    for key, error in vendor_errors().items():
        if pasted in (key.lower(), error.type.lower()):
            return key
    # The longest published message first: some begin with the words of others.
    known = [(_squeeze(message), key) for key, error in vendor_errors().items() for message in error.messages]
    for message, key in sorted(known, key=lambda pair: -len(pair[0])):
        if message in pasted or (len(pasted) >= 40 and pasted in message):
            return key
    return None


def _squeeze(text: str) -> str:
    return " ".join(text.split()).lower().strip(" .\"'`")
