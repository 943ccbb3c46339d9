"""Why a training ended in error: the service's message, and what the rules know of it. Pure functions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from preflight.render.rules import rules_for
from preflight.rule import Rule, Severity
from preflight.submission import Depth
from preflight.text import printable, redacted
from preflight.vendor import VendorError, find_vendor_errors, vendor_errors

__all__ = ["Explanation", "PublishedError", "explained", "explained_text"]

_LINES = 8
_TYPES = 8  # that are named, of a beginning that many messages share
_KEEP_IT = "Do not delete the failed replica at once, or the refund may not register."
"""Source: the service's FAQ on replicas, sections/replica/replica-faqs, June 2026; read 2026-11-22."""


@dataclass(frozen=True, slots=True)
class PublishedError:
    """One error that the message may be, and the rules that look for it or its causes; the surest first."""

    error: VendorError
    rules: tuple[Rule[Any], ...]

    @property
    def type(self) -> str:
        return self.error.type

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": self.error.type,
            "asset": self.error.asset,
            "predicted": self.error.predicted,
            "why_not": self.error.why_not,
            "rules": [
                {
                    "code": rule.code,
                    "rule": rule.name,
                    "severity": str(rule.severity),
                    "depth": str(rule.depth),
                    "estimate": rule.estimate,
                    "remedy": rule.remedy,
                }
                for rule in self.rules
            ],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A message of the service, fit to show, and the published errors that read so: none, one, or several."""

    message: str
    errors: tuple[PublishedError, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"message": self.message, "errors": [error.to_dict() for error in self.errors]}


def explained(message: str) -> Explanation:
    """What is known of the message of a training that failed, whatever its spacing, case and surroundings."""
    keys = find_vendor_errors(message)
    errors = (PublishedError(vendor_errors()[key], _surest_first(key)) for key in keys)
    return Explanation(printable(redacted(message.strip()), limit=1_000), tuple(errors))


def explained_text(explanation: Explanation, *, width: int = 80) -> str:
    """The same for a terminal: some eight lines of at most ``width`` columns, without the message itself.

    Where there are more rules than lines, the surest are shown and a command says the rest.
    """
    lines = list(_lines(explanation, width)) + _wrapped(_KEEP_IT, width)
    return "\n".join(lines) + "\n"


_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.ADVICE: 2}


def _surest_first(key: str) -> tuple[Rule[Any], ...]:
    return tuple(sorted(rules_for(key), key=lambda rule: (_ORDER[rule.severity], rule.estimate, rule.code)))


def _lines(explanation: Explanation, width: int) -> Iterator[str]:
    if not explanation.errors:
        yield from _wrapped(
            "No error that the service publishes reads like this, so no rule is known to look for it. "
            "Ask the service's support, with the replica's id.",
            width,
        )
    elif len(explanation.errors) > 1:
        yield from _choice(explanation.errors, width)
    else:
        yield from _one(explanation.errors[0], width)


def _choice(errors: tuple[PublishedError, ...], width: int) -> Iterator[str]:
    """Several errors begin like this: their types, and where to read on."""
    types = tuple(dict.fromkeys(error.type for error in errors))
    more = f" and {len(types) - _TYPES} more" if len(types) > _TYPES else ""
    yield from _wrapped(
        f"{len(errors)} published errors read like this: {', '.join(types[:_TYPES])}{more}.", width
    )
    yield from _wrapped(f"preflight explain {types[0]} shows the rules that look for the first.", width)


_LED = {
    "yes": "Published error {type}, which these rules catch beforehand:",
    "partly": "Published error {type}; these rules look for its causes:",
    "no": "Published error {type}, which nothing here can check beforehand. {why_not}",
}


def _one(error: PublishedError, width: int) -> Iterator[str]:
    head = _LED[error.error.predicted].format(type=error.type, why_not=error.error.why_not)
    lines = _wrapped(head, width)
    yield from lines
    left = _LINES - len(lines) - len(_wrapped(_KEEP_IT, width))
    for number, rule in enumerate(error.rules):
        shown = _wrapped(f"{rule.code} {rule.name}{_from(rule)}: {rule.remedy}", width, indent="  ")
        others = error.rules[number:]
        if number and len(shown) + (len(others) > 1) > left:
            yield _others(others, error.type, width)
            return
        yield from shown
        left -= len(shown)


def _others(rules: tuple[Rule[Any], ...], type_: str, width: int) -> str:
    """One line for the rules that are left: their codes if these fit, or else how many they are."""
    line = f"  also {', '.join(rule.code for rule in rules)}: preflight explain {type_}"
    return line if len(line) <= width else f"  and {len(rules)} more: preflight explain {type_}"


def _from(rule: Rule[Any]) -> str:
    """At which depth the rule looks, where that is not the usual one."""
    return "" if Depth.STANDARD.reaches(rule.depth) else f" (--depth {rule.depth})"


def _wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent * 2, break_on_hyphens=False
    )
