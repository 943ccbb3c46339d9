"""Rules for readers: the list, a rule's page, and which rules a message of the service is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from preflight.mend import Mend
from preflight.rule import Rule, all_rules, find_rule
from preflight.vendor import find_vendor_errors, vendor_errors

__all__ = ["explanation", "rule_facts", "rules_for", "rules_json", "rules_text"]


def rule_facts(rule: Rule[Any]) -> dict[str, Any]:
    """What a rule says of itself, for JSON and for the docs."""
    return {
        "code": rule.code,
        "rule": rule.name,
        "severity": str(rule.severity),
        "roles": sorted(str(role) for role in rule.roles),
        "summary": rule.summary,
        "remedy": rule.remedy,
        "mended_by_fix": rule.mends not in (None, Mend.LEAVE_ALONE),
        "prevents": list(dict.fromkeys(vendor_errors()[key].type for key in rule.prevents)),
    }


def rules_json() -> str:
    return json.dumps({"schema_version": 1, "rules": [rule_facts(r) for r in all_rules()]}, indent=2) + "\n"


def rules_text(*, colour: bool = False, width: int = 80) -> str:
    """One line a rule, in columns; the errors it prevents below it."""
    del colour, width
    lines = []
    for rule in all_rules():
        lines.append(f"{rule.code}  {rule.severity:<7}  {rule.name}")
        facts = rule_facts(rule)
        if facts["prevents"]:
            lines.append(f"                 prevents {', '.join(facts['prevents'])}")
    return "\n".join(lines) + "\n"


def rules_for(key: str) -> tuple[Rule[Any], ...]:
    """The rules that would have caught the published error of that key."""
    return tuple(rule for rule in all_rules() if key in rule.prevents)


def explanation(subject: str, *, colour: bool = False, width: int = 80) -> str | None:
    """A rule's page, or what is known of a message of the service; ``None`` when it is neither."""
    del colour, width
    rule = find_rule(subject)
    if rule is not None:
        return "\n".join(_page(rule)) + "\n"
    pages = ["\n".join(_vendor_page(key)) + "\n" for key in find_vendor_errors(subject)]
    return "\n".join(pages) or None


def _page(rule: Rule[Any]) -> Iterator[str]:
    facts = rule_facts(rule)
    yield f"{rule.code} {rule.name}"
    about = ", ".join(role.replace("_", " ") for role in facts["roles"]) or "the request"
    yield f"{rule.severity}; judges {about}"
    yield ""
    yield rule.page
    yield ""
    yield f"What to do: {rule.remedy}"
    if facts["mended_by_fix"]:
        yield "Without recording again: preflight fix"
    if facts["prevents"]:
        yield f"Prevents: {', '.join(facts['prevents'])}"
    yield ""
    yield f"Passes: {'; '.join(rule.passing)}."
    yield f"Caught: {'; '.join(rule.failing)}."


def _vendor_page(key: str) -> Iterator[str]:
    error = vendor_errors()[key]
    yield f"{error.type} (a training error of the service, about the {error.asset})"
    yield ""
    yield error.messages[0]
    yield ""
    rules = rules_for(key)
    if not rules:
        yield "No rule of this version catches it before submission."
        return
    yield "Caught before submission by:"
    for rule in rules:
        yield f"  {rule.code} {rule.name} ({rule.severity}): {rule.summary}"
        yield f"    What to do: {rule.remedy}"
