"""What a rule is: a pure function from one kind of evidence and the policy to violations.

A rule is a value. It lives in one file of ``preflight/rules``, named after its code and its name; the loader
walks that folder. The function's docstring is the rule's page; ``passing`` and ``failing`` are its examples,
evidence by description, listed in the docs and run by the tests.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from preflight.errors import PolicyError, Unavailable
from preflight.mend import Mend
from preflight.policy import Limit, Policy
from preflight.submission import DEFAULT_POLICY, Depth, Role

__all__ = [
    "Doubt",
    "Rule",
    "Severity",
    "Violation",
    "all_rules",
    "find_rule",
    "known",
    "require_known_waivers",
    "rule",
    "unknown_rule",
]

E = TypeVar("E")
T = TypeVar("T")

Measure = float | int | str | None


class Severity(StrEnum):
    """How much a violation matters. An attribute of the rule, never part of its code."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Violation:
    """The evidence breaks the rule. ``at`` is the place in the asset, (start, end) in seconds.

    ``suspected`` is for estimates alone: between the two limits, where the fault is likely and not certain.
    It is reported as a warning, whatever the severity of the rule.
    """

    message: str
    measured: Measure = None
    limit: Limit[Any, Any] | None = None
    unit: str | None = None
    at: tuple[float, float] | None = None
    suspected: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """The evidence allows no decision; a person has to look. Reported as not assessed."""

    message: str
    at: tuple[float, float] | None = None


Judge = Callable[[Any, Policy], Iterator[Violation | Doubt]]


@dataclass(frozen=True, slots=True)
class Rule(Generic[E]):
    """One check. ``roles`` is empty for rules on the request as a whole.

    An ``estimate`` measures what the service judges by means that nobody publishes. Where it cannot be
    assessed, that is a warning, not the review that a missing certainty calls for. ``depth`` is the
    shallowest one at which the rule can be assessed. ``policy`` is the bundled one that the examples are
    judged by, for a fault that other policies do not know. ``mends`` is what mends the fault without
    a new recording or photo, ``None`` where nothing does.
    """

    code: str
    name: str
    severity: Severity
    roles: frozenset[Role]
    needs: type[E]
    judge: Judge
    remedy: str
    prevents: tuple[str, ...]
    passing: Mapping[str, Any]
    failing: Mapping[str, Any]
    estimate: bool = False
    depth: Depth = Depth.QUICK
    policy: str = DEFAULT_POLICY
    mends: Mend | None = None

    def severity_of(self, found: Violation | Doubt) -> Severity:
        """How much this finding matters: less than the rule's severity where an estimate is not certain."""
        certain = isinstance(found, Violation) and not found.suspected
        if self.estimate and not certain and self.severity is Severity.ERROR:
            return Severity.WARNING
        return self.severity

    @property
    def summary(self) -> str:
        """The first line of the rule's page."""
        return self.page.splitlines()[0]

    @property
    def page(self) -> str:
        """What the rule says and why, as written in its docstring."""
        import inspect

        return inspect.getdoc(self.judge) or ""


def rule(
    code: str,
    *,
    severity: Severity,
    needs: type[E],
    remedy: str,
    passing: Mapping[str, Any],
    failing: Mapping[str, Any],
    roles: frozenset[Role] | set[Role] = frozenset(),
    prevents: tuple[str, ...] = (),
    estimate: bool = False,
    depth: Depth = Depth.QUICK,
    policy: str = DEFAULT_POLICY,
    mends: Mend | None = None,
) -> Callable[[Judge], Rule[E]]:
    """Make a rule of a function. The function's name is the rule's, with hyphens."""

    def make(judge: Judge) -> Rule[E]:
        return Rule(
            code=code,
            name=judge.__name__.replace("_", "-"),
            severity=severity,
            roles=frozenset(roles),
            needs=needs,
            judge=judge,
            remedy=remedy,
            prevents=prevents,
            passing=passing,
            failing=failing,
            estimate=estimate,
            depth=depth,
            policy=policy,
            mends=mends,
        )

    return make


def known(value: T | None, what: str) -> T:
    """The value, or Unavailable: a rule that lacks its fact is not assessed, never fine."""
    if value is None:
        raise Unavailable(f"the file does not say its {what}")
    return value


_MODULE = re.compile(r"([a-z]{3}\d{3})_(\w+)")


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule[Any], ...]:
    """Every rule of ``preflight/rules``, by code."""
    return tuple(_load(module, code, name) for module, code, name in _modules())


def find_rule(name_or_code: str) -> Rule[Any] | None:
    """The rule of that code or name, in any case. Loads no other."""
    wanted = name_or_code.strip().lower().replace("-", "_")
    return next((_load(module, c, name) for module, c, name in _modules() if wanted in (c, name)), None)


def require_known_waivers(policy: Policy) -> None:
    """Raise PolicyError for a waiver of a rule that there is not. Loads no rule."""
    for waived in policy.waivers:
        hint = unknown_rule(waived)
        if hint is not None:
            raise PolicyError(f"policy {policy.id!r} waives {waived!r}, which is no rule's name; {hint}")


def unknown_rule(wanted: str) -> str | None:
    """What may have been meant by what is no rule's name; ``None`` where it is one. Loads no rule."""
    names = {name.replace("_", "-"): code for _, code, name in _modules()}
    if wanted in names:
        return None
    by_code = [name for name, code in names.items() if code == wanted.lower()]
    near = by_code or difflib.get_close_matches(wanted, names, n=3)
    return f"did you mean {' or '.join(near)}?" if near else "see: preflight rules"


@lru_cache(maxsize=1)
def _modules() -> tuple[tuple[str, str, str], ...]:
    """Module, code and name of each rule, as their file names say."""
    from preflight import rules

    names = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
    matches = [match for match in map(_MODULE.fullmatch, names) if match is not None]
    return tuple((match[0], match[1], match[2]) for match in matches)


def _load(module: str, code: str, name: str) -> Rule[Any]:
    """The rule that a file defines. A file that does not hold what its name says is an error."""
    value = vars(importlib.import_module(f"preflight.rules.{module}")).get(name)
    if not isinstance(value, Rule) or value.code != code.upper():
        raise TypeError(f"preflight/rules/{module}.py does not define {code.upper()} {name}")
    return value
