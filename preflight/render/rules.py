"""Rules for readers: the list, a rule's page, and which rules a message of the service is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from preflight.mend import Mend
from preflight.rule import Rule, Severity, all_rules, find_rule
from preflight.submission import Depth
from preflight.vendor import find_vendor_errors, vendor_errors

__all__ = ["error_facts", "explanation", "rule_facts", "rules_for", "rules_json", "rules_text"]


def rule_facts(rule: Rule[Any]) -> dict[str, Any]:
    """What a rule says of itself, for JSON and for the docs."""
    return {
        "code": rule.code,
        "rule": rule.name,
        "severity": str(rule.severity),
        "roles": sorted(str(role) for role in rule.roles),
        "depth": str(rule.depth),
        "estimate": rule.estimate,
        "summary": rule.summary,
        "remedy": rule.remedy,
        "mended_by_fix": rule.mends not in (None, Mend.LEAVE_ALONE),
        "prevents": list(dict.fromkeys(vendor_errors()[key].type for key in rule.prevents)),
    }


def error_facts(key: str) -> dict[str, Any]:
    """What is known of a published error: whether it is predicted, by which rules, or why not."""
    error = vendor_errors()[key]
    return {
        "type": error.type,
        "asset": error.asset,
        "messages": list(error.messages),
        "predicted": error.predicted,
        "rules": [rule.code for rule in rules_for(key)],
        "why_not": error.why_not,
    }


def rules_json() -> str:
    document = {
        "schema_version": 1,
        "rules": [rule_facts(rule) for rule in all_rules()],
        "errors": [error_facts(key) for key in vendor_errors()],
    }
    return json.dumps(document, indent=2) + "\n"


def rules_text(*, colour: bool = False, width: int = 80) -> str:
    """One line a rule, in columns; the errors it prevents below it. Then one line a published error."""
    del colour, width
    lines = []
    for rule in all_rules():
        lines.append(f"{rule.code}  {rule.severity:<7}  {rule.name}")
        facts = rule_facts(rule)
        if facts["prevents"]:
            lines.append(f"                 prevents {', '.join(facts['prevents'])}")
    lines += ["", "Errors of the service, whether they are predicted, and by which rules:"]
    for key, error in vendor_errors().items():
        codes = " ".join(error_facts(key)["rules"])
        lines.append(f"  {error.type:<33}  {error.predicted:<7}  {codes}".rstrip())
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
    yield f"{rule.severity}; judges {about}{_from_depth(rule)}"
    if rule.estimate:
        yield f"An estimate: {_CERTAINTY[rule.severity is Severity.ERROR]}"
    yield ""
    yield rule.page
    yield ""
    yield f"What to do: {rule.remedy}"
    if rule.mends is not None and facts["mended_by_fix"]:
        yield f"Without {rule.mends.spares}: preflight fix"
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
    yield _PREDICTED[error.predicted]
    if error.why_not is not None:
        yield f"  {error.why_not}"
    for rule in rules_for(key):
        yield f"  {rule.code} {rule.name} ({rule.severity}{_from_depth(rule)}): {rule.summary}"
        yield f"    What to do: {rule.remedy}"


_PREDICTED = {
    "yes": "Predicted. What the message names is caught before submission by:",
    "partly": "Partly predicted. What may cause it is looked for before submission by:",
    "no": "Not predicted: no rule of this version catches it before submission.",
}
_CERTAINTY = {
    True: "an error where it is certain, a warning where it is only suspected",
    False: "the service judges this by means that nobody publishes",
}


def _from_depth(rule: Rule[Any]) -> str:
    return "" if rule.depth is Depth.QUICK else f", from depth {rule.depth} on"
