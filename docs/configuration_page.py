"""What is written from the shape of the file of settings: its schema, and the table of keys in the docs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from preflight.settings import Settings, Waived, allowed_in, descriptions, value_types
from preflight.submission import VARIABLES

__all__ = ["config_schema", "with_keys"]

_BLOCK = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end of keys -->)$", re.MULTILINE | re.DOTALL)
_OPTIONS = {"allow-hosts": "allow-host", "cache": "no-cache"}
"""What the option of a setting is called, where that is not the setting's name."""


def config_schema() -> str:
    """The JSON Schema of a file of settings."""
    shape = msgspec.json.schema(Settings)
    tables = {name: _closed(table) for name, table in shape["$defs"].items()}
    root = tables.pop("Settings")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:replica-preflight:config:1",
        **root,
        "title": "replica-preflight settings, version 1",
        "$defs": tables,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _closed(table: dict[str, Any]) -> dict[str, Any]:
    """The table as msgspec describes it, without defaults that stand for a key that is not there."""
    properties = table.get("properties", {})
    kept = {
        name: {key: value for key, value in one.items() if key != "default"}
        for name, one in properties.items()
    }
    return table | ({"properties": kept} if kept else {})


def with_keys(text: str) -> str:
    """The page with its tables of keys as they are now."""

    def block(found: re.Match[str]) -> str:
        lines = _settings() if found[2] == "settings" else _waivers()
        return found[1] + "\n" + "\n".join(lines) + "\n\n" + found[3]

    return _BLOCK.sub(block, text)


def _settings() -> Iterator[str]:
    yield "| key | sets | allowed | option, variable |"
    yield "|---|---|---|---|"
    for key, what in descriptions(Settings).items():
        allowed = allowed_in(value_types(Settings)[key])
        variable = VARIABLES.get(key.replace("-", "_"))
        names = [f"--{_OPTIONS.get(key, key)}", *([variable] if variable else [])]
        given = "" if key in ("waivers", "manifests") else ", ".join(f"`{name}`" for name in names)
        yield f"| `{key}` | {what} | {allowed} | {given} |"


def _waivers() -> Iterator[str]:
    yield "| key | says | allowed |"
    yield "|---|---|---|"
    for key, what in descriptions(Waived).items():
        yield f"| `{key}` | {what} | {allowed_in(value_types(Waived)[key])} |"
