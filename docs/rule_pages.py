"""A page of the site for every rule: its section of docs/rules.md, and what proves it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from coverage_page import firing, silent
from site_source import Layout, slug

from preflight.rule import Rule, all_rules

__all__ = ["add_rules", "proof"]

_RULES = "docs/rules.md"
_INDEX = "rules/index"
_CODE = re.compile(r"([A-Z]{3}\d{3}) [a-z0-9-]+")


def add_rules(layout: Layout, families: Mapping[str, str]) -> None:
    """docs/rules.md as pages: the tables, one for each family, one for each rule."""
    codes = {title: family.lower() for family, title in families.items()}

    def page_of(level: int, title: str) -> str | None:
        if level == 1:
            return _INDEX
        if title in codes:
            return f"rules/{codes[title]}"
        return f"rules/{slug(title)}" if _CODE.fullmatch(title) else None

    layout.add_cut(_RULES, _INDEX, page_of)
    for family in codes.values():
        layout.pages[f"rules/{family}"].below = _INDEX
    for rule in all_rules():
        page = layout.pages[f"rules/{slug(f'{rule.code} {rule.name}')}"]
        page.below = f"rules/{rule.code[:3].lower()}"
        page.text += f"\n{proof(rule)}"
    for title, family in codes.items():
        page = layout.pages[f"rules/{family}"]
        page.text = f"# {title} ({family.upper()})\n\n{_summaries(family)}"


def _summaries(family: str) -> str:
    """A line for each rule of a family: what it says, in one sentence."""
    rules = [rule for rule in all_rules() if rule.code.startswith(family.upper())]
    return "".join(
        f"- [{rule.code} {rule.name}](#{slug(f'{rule.code} {rule.name}')}): {rule.summary}\n"
        for rule in rules
    )


def proof(rule: Rule[Any]) -> str:
    """What proves a rule, by name, and where it is written."""
    file = f"preflight/rules/{rule.code.lower()}_{rule.name.replace('-', '_')}.py"
    lines = ["## What proves it", ""]
    for what, fixtures in (("Speaks on", firing(rule)), ("Silent on", silent(rule))):
        lines.append(f"- {what}: {_named(fixtures)}.")
    lines += ["", "[Coverage](coverage.md#what-proves-the-rules) says what these are.", ""]
    lines += [f"The rule's code: [{file}](../{file})", ""]
    return "\n".join(lines)


_MOST = 12


def _named(fixtures: Sequence[str]) -> str:
    if not fixtures:
        return "its examples alone"
    more = f", and {len(fixtures) - _MOST} more" if len(fixtures) > _MOST else ""
    return ", ".join(fixtures[:_MOST]) + more
