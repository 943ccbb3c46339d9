"""Completion for shells: the scripts that they read, and what there is to choose from."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

__all__ = ["SHELLS", "files", "formats", "policies", "script"]

SHELLS = ("bash", "zsh", "fish")


def script(commands: click.Group, shell: str) -> str:
    """What a shell has to read. It asks the program itself while somebody types."""
    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(f"no completion for {shell}")
    made = kind(commands, {}, "preflight", "_PREFLIGHT_COMPLETE")
    # source() would start a bash to ask for its version; any that is younger than 2016 does
    return made.source_template % made.source_vars()


def policies(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The bundled policies, or else files."""
    from preflight.policy import bundled_policies

    known = [CompletionItem(name) for name in bundled_policies() if name.startswith(begun)]
    return known or files(context, parameter, begun)


def formats(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Formats by name."""
    from preflight.render.formats import FORMATS

    return [CompletionItem(name) for name in FORMATS if name.startswith(begun)]


def files(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The shell's own completion of file names."""
    return [CompletionItem(begun, type="file")]
