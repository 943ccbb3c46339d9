"""Pages of the site that are made of the program itself: commands, schemas, policies, the library."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import ModuleType
from typing import Any

import click
from site_source import Layout, Page, SiteError, slug

import preflight
import preflight.errors
import submit
import submit.callback
import submit.cli
import submit.errors
from preflight.cli import cli
from preflight.policy import Limit, Policy, bundled_policies, load_policy, policy_limits
from preflight.rule import Rule, all_rules
from preflight.submission import DEFAULT_POLICY
from submit.testing.faults import FAULTS

__all__ = ["add_reference"]

Value = Callable[[Limit[Any, Any]], str]
LimitsOf = Callable[[Rule[Any]], tuple[str, ...]]


def add_reference(layout: Layout, value: Value, limits_of: LimitsOf) -> None:
    """All of them. How a limit is written and which ones decide a rule is the caller's to say."""
    layout.add(Page("reference/command-line", commands_page(cli), "submit/cli.py"))
    readme = layout.root / "README.md"
    layout.add(Page("reference/exit-codes", exit_codes_page(readme.read_text("utf-8")), "README.md"))
    for file in sorted((layout.root / "preflight" / "schemas").glob("*.json")):
        name = file.relative_to(layout.root).as_posix()
        page = schema_page(json.loads(file.read_text("utf-8")), name)
        layout.add(Page(f"reference/{file.stem.replace('.', '-')}", page, name), stands_for=name)
    decided = decided_by(limits_of)
    for policy in map(load_policy, bundled_policies()):
        name = f"preflight/policies/{policy.id}.toml"
        said = (layout.root / name).read_text("utf-8")
        text = policy_page(policy, said, value, decided)
        layout.add(Page(f"policies/{policy.id}", text, "docs/rules.md", below="policies"), stands_for=name)
    for package, errors in ((preflight, preflight.errors), (submit, submit.errors)):
        path = f"reference/library-{package.__name__}"
        layout.add(
            Page(path, library_page(package, errors), f"{package.__name__}/__init__.py", suffix=".rst")
        )
    layout.add(Page("submit/callbacks", callbacks_page(), "submit/callback.py", suffix=".rst"))
    layout.add(Page("submit/faults", faults_page(), "submit/testing/faults.py", below="submit/fake-service"))


def plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", " ".join(text.split()))


# ---- the command line


def commands_page(group: click.Group) -> str:
    """Every command with its help, as the program gives it."""
    lines = ["# Command line", "", *_help(group.help), ""]
    commands = list(_walk(group, click.Context(group, info_name="preflight")))
    for command, context in commands:
        name = context.command_path
        lines.append(f"- [`{name}`](#{slug(name)}): {plain(command.get_short_help_str(limit=200))}")
    for command, context in commands:
        lines += ["", *_command(command, context)]
    return "\n".join(lines) + "\n"


def _walk(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    for name, command in group.commands.items():
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _walk(command, inner)
        else:
            yield command, inner


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path}"
    yield ""
    yield from ("```text", context.get_usage().removeprefix("Usage: "), "```", "")
    yield from _help(command.help)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            yield from (f"`{record[0]}`", f": {plain(record[1]) or '–'}", "")


def _help(text: str | None) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        if paragraph.startswith("\b\n"):
            yield from ("```text", paragraph.removeprefix("\b\n"), "```", "")
        else:
            yield from (plain(paragraph), "")


# ---- exit codes

_EXIT_CODES = re.compile(r"^The exit code decides\..*?\n\n(?:\|.*\n)+", re.MULTILINE)


def exit_codes_page(readme: str) -> str:
    """What the README says of them."""
    found = _EXIT_CODES.search(readme)
    if found is None:
        raise SiteError("README.md has no table of exit codes")
    return f"# Exit codes\n\n{found[0]}"


# ---- schemas


def schema_page(schema: Mapping[str, Any], name: str) -> str:
    """A JSON schema in words: each object with its keys."""
    lines = [f"# {schema['title']}", "", _said(schema), "", f"The schema itself is installed: `{name}`.", ""]
    lines += _keys(schema)
    for key, definition in schema.get("$defs", {}).items():
        lines += [f"## {key}", "", _said(definition) or _kind(definition), "", *_keys(definition)]
    return "\n".join(lines) + "\n"


def _keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in schema.get("properties", {}).items():
        kind = _kind(value)
        optional = "" if key in schema.get("required", []) else ", may be missing"
        yield from (
            f"`{prefix}{key}`",
            f": {' '.join(filter(None, (_said(value), f'*{kind}{optional}*')))}",
            "",
        )
        yield from _keys(value, f"{prefix}{key}.")


def _said(schema: Mapping[str, Any]) -> str:
    parts = re.split(r"(`[^`]*`)", schema.get("description", ""))
    return "".join(part if part.startswith("`") else plain(f"x{part}x")[1:-1] for part in parts)


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{slug(name)})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    for several in ("oneOf", "anyOf"):
        if several in schema and "type" not in schema:
            return " or ".join(dict.fromkeys(map(_kind, schema[several])))
    kinds = schema.get("type", "anything")
    shown = kinds if isinstance(kinds, str) else " or ".join(kinds)
    if "items" in schema:
        shown += f" of {_kind(schema['items'])}"
    return f"{shown} ({schema['format']})" if "format" in schema else str(shown)


# ---- policies


def decided_by(limits_of: LimitsOf) -> dict[str, list[Rule[Any]]]:
    """The rules that each limit decides."""
    decided: dict[str, list[Rule[Any]]] = {}
    for rule in all_rules():
        for key in limits_of(rule):
            decided.setdefault(key, []).append(rule)
    return decided


def policy_page(policy: Policy, said: str, value: Value, decided: Mapping[str, list[Rule[Any]]]) -> str:
    """A bundled policy: all that the default says, or what another says differently."""
    base = None if policy.id == DEFAULT_POLICY else load_policy(DEFAULT_POLICY)
    before = {} if base is None else policy_limits(base)
    about = " ".join(line.removeprefix("#").strip() for line in said.partition("\n\n")[0].splitlines())
    lines = [f"# {policy.id}", "", plain(about), ""]
    lines += [f"- For `POST {policy.endpoint}`; read {policy.read}."]
    lines += [f"- A spoken consent is {policy.consent_requirement}."]
    if base is not None:
        lines += [f"- It extends [{base.id}](site:policies/{base.id}): only what differs is here."]
    tables: dict[str, list[str]] = {}
    for key, limit in policy_limits(policy).items():
        if key not in before or before[key] != limit:
            rules = ", ".join(_rule_link(rule) for rule in decided.get(key, []))
            row = (
                f"| `{key}` | {plain(value(limit))} | {plain(limit.source)} | {limit.read} | {rules or '–'} |"
            )
            tables.setdefault(key.partition(".")[0], []).append(row)
    for table, rows in tables.items():
        lines += ["", f"## {table}", ""]
        if doc := vars(type(getattr(policy, table))).get("__doc__"):
            lines += [plain(doc), ""]
        lines += ["| limit | value | source | read | decides |", "|---|---|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _rule_link(rule: Rule[Any]) -> str:
    return f"[{rule.code}](#{slug(f'{rule.code} {rule.name}')})"


# ---- the library


def library_page(package: ModuleType, errors: ModuleType) -> str:
    """Every name that the package exports, from its docstrings; reStructuredText, as they are."""
    names = [name for name in package.__all__ if not name.startswith("__")]
    kinds: dict[str, list[str]] = {"Functions": [], "Classes": [], "Values": [], "Errors": []}
    for name in names:
        kinds[_sort(getattr(package, name))].append(name)
    lines = [*_title(f"The package {package.__name__}", "="), (package.__doc__ or "").splitlines()[0], ""]
    for title, found in kinds.items():
        if not found:
            continue
        lines += _title(title, "-")
        if title == "Errors":
            lines += [*_docstring(errors), ""]
        for name in found:
            lines += _directive(package, name)
    return "\n".join(lines) + "\n"


def _sort(value: Any) -> str:
    if not isinstance(value, type):
        return "Functions"
    if issubclass(value, Exception):
        return "Errors"
    return "Values" if issubclass(value, Enum) else "Classes"


def _directive(package: ModuleType, name: str, *options: str) -> Iterator[str]:
    value = getattr(package, name)
    kind = {"Functions": "function", "Errors": "exception"}.get(_sort(value), "class")
    yield f".. auto{kind}:: {package.__name__}.{name}"
    if kind == "class":
        yield "   :members:"
    if _sort(value) == "Values":
        yield "   :undoc-members:"
    yield from (f"   {option}" for option in options)
    yield ""


def _title(text: str, underline: str) -> tuple[str, str, str]:
    return (text, underline * len(text), "")


def _docstring(module: ModuleType) -> Iterator[str]:
    """A module's docstring; what is indented in it is drawn, and stays so."""
    for paragraph in inspect.cleandoc(module.__doc__ or "").split("\n\n"):
        if paragraph.startswith("    "):
            yield from (".. code-block:: text", "", textwrap.indent(textwrap.dedent(paragraph), "   "), "")
        else:
            yield from (paragraph, "")


# ---- submitting


def callbacks_page() -> str:
    """The receiver of callbacks, from its module."""
    lines = [*_title("Callbacks", "="), *_docstring(submit.callback)]
    for name in ("callback_app", "new_token"):
        lines += _directive(submit, name, ":no-index:")
    return "\n".join(lines) + "\n"


def faults_page() -> str:
    """What the fake service can be told to do wrong."""
    import submit.testing.faults as module

    lines = ["# Faults of the fake service", "", *_help(module.__doc__), ""]
    moments = dict.fromkeys(fault.moment for fault in FAULTS.values())
    for moment in moments:
        lines += [f"## {str(moment)[0].upper()}{str(moment)[1:]}", ""]
        for name, fault in FAULTS.items():
            if fault.moment is moment:
                takes = f" Value: {fault.value}." if fault.value else ""
                lines += [f"`{name}`", f": {plain(fault.help)}.{plain(takes)}", ""]
    return "\n".join(lines) + "\n"
