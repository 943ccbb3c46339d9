"""Commands of which a file may make settings that neither an option nor an environment variable makes.

The file is looked for when such a command runs, and not before: ``--help`` reads none, and shows the defaults
that hold without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from preflight.configuration import Configuration

__all__ = ["CONFIG_OPTIONS", "Configured", "chosen"]

CONFIG_OPTIONS = [
    click.option(
        "--config",
        metavar="FILE",
        help="A file of settings, in place of the nearest preflight.toml or pyproject.toml "
        "(also PREFLIGHT_CONFIG).",
    ),
    click.option("--no-config", is_flag=True, help="Read no file of settings."),
]
_PARAMETERS = {"format": "forms"}
"""What an option is called here, where that is not the name of the setting."""


class Configured(click.Command):
    """A command with the options above. One that ``reports`` takes a format and waivers too."""

    def __init__(self, *args: Any, reports: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reports = reports

    def invoke(self, ctx: click.Context) -> Any:
        configuration = chosen(ctx.params.pop("config"), without=ctx.params.pop("no_config"))
        for setting, value in configuration.in_force().items():
            if setting != "format" or self.reports:
                self._set(ctx, setting, value, configuration)
        if self.reports:
            ctx.params["waivers"] = configuration.waivers
        return super().invoke(ctx)

    def _set(self, ctx: click.Context, setting: str, value: Any, configuration: Configuration) -> None:
        name = _PARAMETERS.get(setting, setting)
        option = next((one for one in self.params if one.name == name), None)
        if option is None or ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
            return
        try:
            plain = str(value) if isinstance(value, str) else value  # no member of an enumeration
            if name == "forms":
                plain = (_known_format(plain),)
            ctx.params[name] = option.type_cast_value(ctx, plain)
        except click.BadParameter as exc:
            from preflight.errors import ConfigurationError

            raise ConfigurationError(f"{configuration.path}: {setting}: {exc.message}") from exc


def _known_format(form: str) -> str:
    from preflight.render.formats import FORMATS

    if form not in FORMATS:
        raise click.BadParameter(f"{form!r} is not one of {', '.join(map(repr, FORMATS))}")
    return form


def chosen(file: str | None, *, without: bool) -> Configuration:
    """The file that was named, the nearest one, or none."""
    if file is not None and without:
        raise click.UsageError("Give either --config or --no-config.")
    from preflight.configuration import Configuration, load_configuration

    return Configuration() if without else load_configuration(file)
