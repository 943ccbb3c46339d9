"""The service's published training errors, and which of our rules would have caught each."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

import msgspec

from preflight.convert import converted

__all__ = ["VendorError", "find_vendor_errors", "vendor_errors", "vendor_type"]


class VendorError(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One published error.

    ``predicted`` is "yes" where a rule reads the fact that the message names off the file, "partly" where
    rules estimate it or look for some of its causes, or "no"; ``why_not`` is the reason for that.
    """

    type: str
    asset: str
    predicted: str
    messages: tuple[str, ...]
    why_not: str | None = None

    @property
    def is_predicted(self) -> bool:
        """Whether rules that pass make the error less likely."""
        return self.predicted in ("yes", "partly")


_RECOGNISABLE = 40  # characters of a message that was not pasted whole


@lru_cache(maxsize=1)
def vendor_errors() -> dict[str, VendorError]:
    """Every published error, by our key: its type, made unique where the service uses one twice."""
    text = (resources.files("preflight") / "data" / "vendor_errors.toml").read_text("utf-8")
    return converted(tomllib.loads(text), dict[str, VendorError])


def vendor_type(key: str) -> str:
    """The type the service gives the error of that key."""
    return vendor_errors()[key].type


def find_vendor_errors(text: str) -> tuple[str, ...]:
    """The keys of the errors whose type or message this is, whatever its spacing, case and surroundings.

    Empty when it is none; more than one for a type that the service uses twice, and for the beginning of a
    message that several share.
    """
    pasted = _squeeze(text)
    by_type = tuple(key for key, error in vendor_errors().items() if pasted in (key, error.type.lower()))
    if by_type:
        return by_type
    known = [(_squeeze(message), key) for key, error in vendor_errors().items() for message in error.messages]
    whole = [key for message, key in known if message in pasted]
    part = [key for message, key in known if len(pasted) >= _RECOGNISABLE and pasted in message]
    return tuple(dict.fromkeys(whole or part))


def _squeeze(text: str) -> str:
    return " ".join(text.split()).lower().strip(" .\"'`")
