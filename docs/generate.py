"""Writes rules.md and coverage.md from rules, policy, published errors and fixtures; refreshes excerpts.

The schema of the file of settings and the tables of its keys are written from its shape.

docs/notches.md is written as docs/notches.json has it; its figure is drawn by docs/notches.py alone.

An excerpt is a fenced block in another page, below a comment that names a file of the repository and perhaps
a table of it: ``<!-- preflight/policies/x.toml [video.codecs] -->``.

``python docs/generate.py`` writes them. With ``--check`` it writes nothing, shows the difference and exits
with 1 if a page is stale.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from preflight.consent import ConsentMatch
from preflight.errors import Unavailable
from preflight.policy import Limit, Policy, bundled_policies, load_policy, policy_limits
from preflight.render.rules import rule_facts
from preflight.rule import Rule, Violation, all_rules
from preflight.rules.consent_words import Heard
from preflight.submission import DEFAULT_POLICY, Depth

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from configuration_page import config_schema, with_keys  # noqa: E402 - beside this file, run as a script
from coverage_page import coverage_page  # noqa: E402
from figures import with_figures  # noqa: E402
from notches_shown import PAGE, notches_page  # noqa: E402
from report_examples import with_reports  # noqa: E402

__all__ = ["limits_of", "main", "policy_limits", "rules_page", "shown_value", "with_excerpts"]

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
RULES = DOCS / "rules.md"
COVERAGE = DOCS / "coverage.md"
EXCERPTED = (
    ROOT / "README.md",
    DOCS / "adding-a-rule.md",
    DOCS / "architecture.md",
    DOCS / "consent.md",
    DOCS / "reports.md",
)
CONFIGURATION = DOCS / "configuration.md"
CONFIG_SCHEMA = ROOT / "preflight" / "schemas" / "config-1.schema.json"
NOTCHES = PAGE

FAMILIES = {
    "URL": "The address",
    "MED": "The file",
    "VID": "The picture of a video",
    "AUD": "The sound",
    "CON": "The spoken consent",
    "IMG": "The training image",
    "SUB": "The request as a whole",
}
_CONSENT = "consent."
_NO_RULE = {
    "image.auto_fixed": "what an error is only a warning for, with `--auto-fix-training-image`",
    "consent.opening_window": "how much of a training video is listened to",
    "consent.search_window": "how far a training video is searched for a statement that its opening lacks",
    "consent.max_clip": "how much of a consent clip is listened to",
}
_DEPTHS = {
    Depth.QUICK: "header, packet table, the sound of the opening; images whole",
    Depth.STANDARD: "and all of the sound, the key frames",
    Depth.DEEP: "and every frame",
}


_AUTO_FIXED = " With `--auto-fix-training-image` it is a warning: the service is said to mend this."


# ---- which limits decide a rule


def limits_of(rule: Rule[Any]) -> tuple[str, ...]:
    """The limits that decide the rule: moving one to an extreme changes what becomes of an example."""
    if rule.code not in _limits:
        _limits[rule.code] = tuple(_deciding(rule))
    return _limits[rule.code]


_limits: dict[str, tuple[str, ...]] = {}


def _deciding(rule: Rule[Any]) -> Iterator[str]:
    policy = load_policy(rule.policy)
    spoken = rule.needs is ConsentMatch
    usual = _outcomes(rule, policy, "")
    for key in policy_limits(policy):
        moved = enumerate(_moved(rule.policy, key)) if key.startswith(_CONSENT) == spoken else ()
        if any(_outcomes(rule, changed, f"{key}@{at}") != usual for at, changed in moved):
            yield key


@cache
def _moved(name: str, key: str) -> tuple[Policy, ...]:
    """The policy with one limit at either extreme."""
    policy = load_policy(name)
    table, _, field = key.partition(".")
    limits = getattr(policy, table)
    limit = getattr(limits, field)
    extremes: tuple[Any, ...] = (0, 10**12)
    if isinstance(limit.value, (str, tuple)):
        extremes = ("xx",) if isinstance(limit.value, str) else ((),)
    replace = msgspec.structs.replace
    return tuple(
        replace(policy, **{table: replace(limits, **{field: replace(limit, value=value)})})
        for value in extremes
    )


def _outcomes(rule: Rule[Any], policy: Policy, policy_key: str) -> list[list[str]]:
    """What the rule finds in each of its examples: kinds only, since messages quote the limits."""
    examples = [*rule.passing.values(), *rule.failing.values()]
    return [_judged(rule, example, policy, policy_key) for example in examples]


def _judged(rule: Rule[Any], example: Any, policy: Policy, policy_key: str) -> list[str]:
    try:
        evidence = _heard(example, policy_key, policy) if isinstance(example, Heard) else example
        return [
            "suspected" if isinstance(found, Violation) and found.suspected else type(found).__name__
            for found in rule.judge(evidence, policy)
        ]
    except Unavailable:
        return ["Unavailable"]


_matches: dict[tuple[Heard, str], ConsentMatch] = {}


def _heard(example: Heard, policy_key: str, policy: Policy) -> ConsentMatch:
    """The match of a spoken example; the examples are shared by many rules."""
    key = (example, policy_key)
    if key not in _matches:
        _matches[key] = example.match(policy)
    return _matches[key]


# ---- the page


def rules_page() -> str:
    """The whole of docs/rules.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    policy = load_policy(DEFAULT_POLICY)
    rules = all_rules()
    used = {rule.code: limits_of(rule) for rule in rules}
    yield "# Rules"
    yield ""
    yield "<!-- Written by docs/generate.py. Do not edit: change the rule or the policy, then run it. -->"
    yield ""
    yield (
        f"{len(rules)} rules, judged under the policy `{policy.id}` (read {policy.read}). "
        "A rule of severity `error` that is broken makes the verdict `fail`; one that could not be assessed "
        'makes it `review`, and so does one that asks for a person ("a person decides"). Warnings never '
        "change the verdict. `preflight explain CODE` shows the same pages. [Notches](notches.md) shows "
        "how bad a clip has to be before the rules on picture and sound speak."
    )
    yield ""
    yield "- [All rules](#all-rules)"
    yield "- [Limits](#limits)"
    yield "- [Bundled policies](#bundled-policies)"
    yield "- [Depths](#depths)"
    yield "- [Errors of the service](coverage.md), and which rules predict them"
    for family, title in FAMILIES.items():
        yield f"- {family}: [{title}](#{_anchor(title)})"
    yield ""
    yield from _rule_table(rules, used)
    yield from _limit_table(rules, used, policy)
    yield from _policy_table()
    yield from _depth_table(rules)
    for family, title in FAMILIES.items():
        yield f"## {title}"
        yield ""
        for rule in rules:
            if rule.code.startswith(family):
                yield from _section(rule, used[rule.code])


def _rule_table(rules: Sequence[Rule[Any]], used: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield "## All rules"
    yield ""
    yield from _table("code", "rule", "severity", "judges", "prevents", "limits")
    for rule in rules:
        facts = rule_facts(rule)
        name = f"[{rule.name}](#{_anchor(f'{rule.code} {rule.name}')})"
        limits = policy_limits(load_policy(rule.policy))
        shown = "; ".join(shown_value(limits[key]) for key in used[rule.code])
        prevents = ", ".join(f"`{error}`" for error in facts["prevents"])
        yield _row(rule.code, name, _severity(rule), _judges(facts["roles"]), prevents, shown)
    yield ""


def _limit_table(
    rules: Sequence[Rule[Any]], used: dict[str, tuple[str, ...]], policy: Policy
) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield (
        "Every number comes from the policy file, with the page it was read on and the day. Sources called "
        '"ours" are choices of this project. Pages are those of docs.tavus.io. A policy file of your own '
        "can be given with `--policy`."
    )
    yield ""
    yield from _table("limit", "value", "source", "read", "decides")
    for key, limit in policy_limits(policy).items():
        codes = [rule.code for rule in rules if key in used[rule.code]]
        decides = ", ".join(codes) or _NO_RULE.get(key, "")
        yield _row(f"`{key}`", shown_value(limit), limit.source, str(limit.read), decides)
    yield ""


def _policy_table() -> Iterator[str]:
    """What differs between the bundled policies, and nothing that does not."""
    policies = [load_policy(name) for name in sorted(bundled_policies(), key=lambda n: n != DEFAULT_POLICY)]
    yield "## Bundled policies"
    yield ""
    yield (
        f"`{DEFAULT_POLICY}` is the default; `--policy ID` chooses another. The sources of what differs are "
        "in the policy's file. All other limits are those above."
    )
    yield ""
    yield from _table("differs", *(f"`{policy.id}`" for policy in policies))
    for key in ("endpoint", "consent_requirement"):
        yield _row(f"`{key}`", *(f"`{getattr(policy, key)}`" for policy in policies))
    for key in policy_limits(policies[0]):
        values = [shown_value(policy_limits(policy)[key]) for policy in policies]
        if len(set(values)) > 1:
            yield _row(f"`{key}`", *values)
    yield ""
    yield (
        "Where a consent is advised and not required, what the consent rules find is advice: it is shown, "
        "and never changes the verdict. That somebody is heard to refuse, or to take the consent back, is an "
        "error all the same."
    )
    yield ""


def _depth_table(rules: Sequence[Rule[Any]]) -> Iterator[str]:
    yield "## Depths"
    yield ""
    yield (
        "`--depth` says how much of a video is looked at; each depth includes the ones before it. Below "
        "the depth that a rule needs, the report says that it was not assessed. An *estimate* measures "
        "what the "
        "service judges by means that nobody publishes: where such a rule cannot be assessed, that is a "
        "warning "
        "and no reason for a review."
    )
    yield ""
    yield from _table("depth", "looks at", "rules that begin here", "of them estimates")
    for depth, looks_at in _DEPTHS.items():
        begin = [rule for rule in rules if rule.depth is depth]
        estimates = [rule for rule in begin if rule.estimate]
        yield _row(f"`{depth}`", looks_at, _ranges(begin), _ranges(estimates))
    yield ""


def _ranges(rules: Sequence[Rule[Any]]) -> str:
    """Codes, those that follow on each other as one range."""
    runs: list[list[str]] = []
    for code in (rule.code for rule in rules):
        last = runs[-1][-1] if runs else ""
        if last[:3] == code[:3] and int(last[3:]) + 1 == int(code[3:]):
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _section(rule: Rule[Any], used: tuple[str, ...]) -> Iterator[str]:
    facts = rule_facts(rule)
    limits = policy_limits(load_policy(rule.policy))
    yield f"### {rule.code} {rule.name}"
    yield ""
    depth = "" if rule.depth is Depth.QUICK else f", from depth `{rule.depth}` on"
    estimate = " An estimate." if rule.estimate else ""
    yield f"Severity {_severity(rule)}; judges {_judges(facts['roles'])}{depth}.{estimate}"
    yield ""
    yield rule.page
    yield ""
    mended = ""
    if rule.mends is not None and facts["mended_by_fix"]:
        mended = f" Without {rule.mends.spares}: `preflight fix`."
    mended += _AUTO_FIXED if rule.name in limits["image.auto_fixed"].value else ""
    yield f"**What to do:** {rule.remedy}{mended}"
    yield ""
    if facts["prevents"]:
        yield f"- Prevents: {', '.join(f'`{error}`' for error in facts['prevents'])}"
    for key in used:
        yield f"- Limit `{key}`: {shown_value(limits[key])} ({limits[key].source}; read {limits[key].read})"
    if rule.policy != DEFAULT_POLICY:
        yield f"- Judged under the policy `{rule.policy}`; the default does not know this fault."
    yield f"- Passes: {'; '.join(rule.passing)}."
    yield f"- Caught: {'; '.join(rule.failing)}."
    yield ""


def _severity(rule: Rule[Any]) -> str:
    """The severity, and whether the rule only ever asks for a person."""
    policy = load_policy(rule.policy)
    found = {kind for example in rule.failing.values() for kind in _judged(rule, example, policy, "")}
    if found == {"Doubt"}:
        return f"`{rule.severity}`, a person decides"
    return f"`{rule.severity}`" + (", `warning` where only suspected" if "suspected" in found else "")


def _judges(roles: Sequence[str]) -> str:
    return ", ".join(role.replace("_", " ") for role in roles) or "the request"


def shown_value(limit: Limit[Any, Any]) -> str:
    """A limit's value with its unit, as the pages show it."""
    value = limit.value
    if isinstance(value, (tuple, list)):
        return ", ".join(value)
    shown = value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return f"{shown} {limit.unit}" if limit.unit else shown


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _table(*heads: str) -> Iterator[str]:
    yield _row(*heads)
    yield _row(*("---" for _ in heads))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") or "–" for cell in cells) + " |"


# ---- excerpts

_EXCERPT = re.compile(
    r"(<!-- ([\w./-]+)(?: (\[[\w.]+\]))? -->\n\n```\w+\n).*?^```$", re.MULTILINE | re.DOTALL
)


def with_excerpts(text: str) -> str:
    """The page with every excerpt as its file has it now, every figure as it was measured last, and every
    example of a report."""
    return with_figures(
        _EXCERPT.sub(lambda found: f"{found[1]}{_excerpt(found[2], found[3])}```", with_reports(text))
    )


def _excerpt(name: str, table: str | None) -> str:
    """A whole file, or the lines of one table of a TOML file up to the next empty line."""
    content = (ROOT / name).read_text(encoding="utf-8")
    if table is None:
        return content
    start = content.index(f"{table}\n")
    return content[start:].partition("\n\n")[0].rstrip("\n") + "\n"


# ---- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with ``--check`` compare them."""
    parser = argparse.ArgumentParser(
        description="Writes rules.md, coverage.md and the schema of settings; refreshes excerpts and figures."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    check = parser.parse_args(arguments).check
    pages = (RULES, COVERAGE, NOTCHES, CONFIGURATION, CONFIG_SCHEMA, *EXCERPTED)
    written = {page: page.read_text(encoding="utf-8") if page.is_file() else "" for page in pages}
    wanted = {page: with_excerpts(written[page]) for page in EXCERPTED}
    wanted |= {RULES: rules_page(), COVERAGE: coverage_page(_table, _row, _anchor), NOTCHES: notches_page()}
    wanted |= {CONFIGURATION: with_keys(written[CONFIGURATION]), CONFIG_SCHEMA: config_schema()}
    stale = [page for page in pages if written[page] != wanted[page]]
    for page in stale:
        if check:
            sys.stdout.writelines(_difference(page.name, written[page], wanted[page]))
        else:
            page.write_text(wanted[page], encoding="utf-8")
    return 1 if check and stale else 0


def _difference(name: str, written: str, wanted: str) -> Iterator[str]:
    lines, others = written.splitlines(keepends=True), wanted.splitlines(keepends=True)
    return difflib.unified_diff(lines, others, f"docs/{name}", "as it should be")


if __name__ == "__main__":
    sys.exit(main())
