"""What may be waived beside a policy, and for how long.

A waiver of a policy file and one of the options are the same thing: what the rule finds is advice, and shown.
Those of the options are anybody's, so they always have an end, and none is of a rule that guards the consent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from preflight.errors import UsageError
from preflight.policy import Policy, guards_consent
from preflight.rule import unknown_rule
from preflight.submission import RuleWaiver

__all__ = ["MAX_DAYS_AHEAD", "objection", "require_waivable", "waived_on"]

MAX_DAYS_AHEAD = 366
"""Ours: a year, be it a leap year. The service's pages change more than once in that time, so somebody should
look at the reason again."""


def waived_on(day: dt.date, waivers: Iterable[RuleWaiver]) -> tuple[str, ...]:
    """The names of the rules that are waived on that day, sorted."""
    return tuple(sorted(waiver.rule for waiver in waivers if waiver.holds_on(day)))


def objection(waiver: RuleWaiver, today: dt.date) -> tuple[str, str] | None:
    """The key of a waiver that cannot stand, and why; ``None`` for one that can."""
    if guards_consent(waiver.rule):
        return "rule", f"{waiver.rule!r} guards the consent of the person who speaks, and stays in force"
    hint = unknown_rule(waiver.rule)
    if hint is not None:
        return "rule", f"{waiver.rule!r} is no rule's name; {hint}"
    if not waiver.reason.strip():
        return "reason", "is blank; allowed: why the rule is waived, in a line"
    if waiver.until is None:
        return "until", "is missing; allowed: the last day, such as 2026-12-31"
    last = today + dt.timedelta(days=MAX_DAYS_AHEAD)
    if waiver.until > last:
        return "until", f"is {waiver.until}; allowed: at most a year ahead, until {last}"
    return None


def require_waivable(waivers: Iterable[RuleWaiver], policy: Policy, today: dt.date) -> None:
    """Raise UsageError for a waiver that cannot stand, and for a rule that is waived twice."""
    seen = dict.fromkeys(policy.waivers, f"policy {policy.id!r}")
    for waiver in waivers:
        wrong = objection(waiver, today)
        if wrong is not None:
            raise UsageError(f"{waiver.source}: waiver of {waiver.rule!r}: {wrong[0]}: {wrong[1]}")
        if waiver.rule in seen:
            raise UsageError(f"{waiver.source}: {waiver.rule!r} is waived already, by {seen[waiver.rule]}")
        seen[waiver.rule] = waiver.source
