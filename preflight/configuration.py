"""Files of settings: which one is found, and what it sets.

``preflight.toml``, or the table ``[tool.preflight]`` of ``pyproject.toml``. The nearest one counts, from the
working folder upwards, and alone: settings of several are not mixed. The search ends with the folder that
holds ``.git``, with the home folder or with the root of the file system, and before a folder that all users
share, such as ``/tmp``: a file that somebody else lays down there waives no rule.

A file is data, read once, within bounds. It holds nothing secret and nothing of one submission.
"""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from preflight.convert import converted
from preflight.errors import ConfigurationError
from preflight.policy import bundled_policies
from preflight.settings import Settings, Waived, allowed_in, value_types
from preflight.submission import VARIABLES, Depth, Options, RuleWaiver, hosts_in
from preflight.text import printable, redacted
from preflight.waiver import objection

__all__ = ["FILE", "PYPROJECT", "Configuration", "load_configuration"]

FILE = "preflight.toml"
PYPROJECT = "pyproject.toml"
_VARIABLE = "PREFLIGHT_CONFIG"
_MAX_BYTES = 256 * 1024
"""Ours: settings take some hundred bytes, and a pyproject.toml for many tools some ten thousand."""
_MAX_DOTS = 200
"""Ours, in a line: tomllib takes minutes for a key of many thousand parts, and seconds for many of this."""
_MAX_DIGITS = 4300
"""Python's own limit on the digits of an integer (``sys.int_info.default_max_str_digits``)."""
_SHARED = stat.S_IWOTH | stat.S_ISVTX
_SHOWN = 60
_ONE_SUBMISSION = {
    *("full-name", "accept-name", "accept-names", "accepted-names", "train-video", "consent-video"),
    *("train-image", "train-video-url", "consent-video-url", "train-image-url", "replica-name"),
    *("callback-url", "auto-fix-training-image", "output"),
}
_SECRET = re.compile(r"key$|apikey|secret|token|passw|credential|bearer")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file sets, ``None`` where it says nothing; ``path`` is ``None`` where no file was found.

    ``voice_name`` and ``model_name`` are for a ``Submission``, ``format`` for the command line, ``manifests``
    for the pytest plugin.
    """

    path: Path | None = None
    policy: str | None = None
    asr_model: str | None = None
    asr_second_model: str | None = None
    depth: Depth | None = None
    allow_hosts: tuple[str, ...] | None = None
    format: str | None = None
    cache: bool | None = None
    voice_name: str | None = None
    model_name: str | None = None
    manifests: tuple[str, ...] | None = None
    waivers: tuple[RuleWaiver, ...] = ()

    def in_force(self, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
        """The settings that the file makes and no environment variable does, waivers aside."""
        return {
            name: getattr(self, name)
            for name in _NAMES
            if getattr(self, name) is not None and not environ.get(VARIABLES.get(name, ""))
        }

    def options(self, **overrides: Any) -> Options:
        """Options for a check: those given here, else an environment variable's, else the file's."""
        settings = self.in_force()
        named = {name: settings[name] for name in _OPTIONS if name in settings}
        named.setdefault("allow_hosts", hosts_in(os.environ))
        return Options(**({"waivers": self.waivers} | named | overrides))


_NAMES = tuple(name for name in Settings.__struct_fields__ if name != "waivers")
_OPTIONS = ("policy", "asr_model", "asr_second_model", "depth", "allow_hosts", "cache")


def load_configuration(
    path: str | os.PathLike[str] | None = None, *, today: dt.date | None = None
) -> Configuration:
    """What that file sets; without one, the file that ``PREFLIGHT_CONFIG`` names, or else the nearest one.

    ``today`` replaces the day (UTC) from which a waiver may reach a year ahead. Raises ConfigurationError,
    in one line that names file and key, for a file that cannot be read or is not exactly settings.
    """
    named = path if path is not None else os.environ.get(_VARIABLE) or None
    found = _nearest() if named is None else _named(Path(named))
    if found is None:
        return Configuration()
    return _Reader(*found, today or dt.datetime.now(dt.UTC).date()).configuration()


# ---- finding the file

_File = tuple[Path, str, dict[str, Any]]
"""A file, what it is called in messages, and its settings as they stand there."""


def _named(path: Path) -> _File:
    shown = str(path)
    table = _table(path, shown)
    if table is None:
        raise ConfigurationError(f"{shown}: has no table [tool.preflight]")
    return path.absolute(), shown, table


def _nearest() -> _File | None:
    try:
        start = Path.cwd()
    except OSError:
        return None  # the folder is gone, and no file is in it
    for folder in _searched(start):
        for name in (FILE, PYPROJECT):
            path = folder / name
            shown = name if folder == start else str(path)
            table = _table(path, shown) if os.path.lexists(path) else None
            if table is not None:
                return path, shown, table
    return None


def _searched(start: Path) -> Iterator[Path]:
    """The folders that are looked into: the first, and those above it up to where the search ends."""
    home = os.path.realpath(os.environ.get("HOME") or "/")
    for folder in (start, *start.parents):
        if folder != start and _is_shared(folder):
            return
        yield folder
        if os.path.lexists(folder / ".git") or str(folder) == home:
            return


def _is_shared(folder: Path) -> bool:
    """Whether every user may write there, to files of their own."""
    try:
        return folder.stat().st_mode & _SHARED == _SHARED
    except OSError:
        return False


# ---- from file to table


def _table(path: Path, shown: str) -> dict[str, Any] | None:
    """The settings in a file; ``None`` for a ``pyproject.toml`` that holds none.

    One that never names us is not parsed: what is wrong with it is no business of ours.
    """
    data = _read(path, shown)
    if path.name != PYPROJECT:
        return _parsed(data, shown)
    if b"preflight" not in data:
        return None
    document = _parsed(data, shown)
    tools = document.get("tool")
    if not isinstance(tools, dict) or "preflight" not in tools:
        return None
    table = tools["preflight"]
    if not isinstance(table, dict):
        raise ConfigurationError(f"{shown}: tool.preflight: found {_value(table)}; allowed: a table")
    return table


def _read(path: Path, shown: str) -> bytes:
    try:
        # a named pipe must not be waited for
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigurationError(f"{shown}: cannot be read: is not a regular file")
            data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "not a usable file name"
        raise ConfigurationError(f"{shown}: cannot be read: {reason[:1].lower()}{reason[1:]}") from exc
    if len(data) > _MAX_BYTES:
        raise ConfigurationError(f"{shown}: is larger than {_MAX_BYTES} bytes, and not read")
    return data


def _parsed(data: bytes, shown: str) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        column = exc.start - (data.rfind(b"\n", 0, exc.start) + 1) + 1
        raise ConfigurationError(f"{shown}: is not UTF-8 (at line {line}, column {column})") from exc
    for number, dotted in enumerate(text.splitlines(), 1):
        if dotted.count(".") > _MAX_DOTS:
            raise ConfigurationError(f"{shown}: is not read: line {number} has more than {_MAX_DOTS} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        reason = str(exc).replace("at end of document", f"at {_place(text, len(text))}")
        raise ConfigurationError(f"{shown}: is not valid TOML: {printable(reason)}") from exc
    except RecursionError as exc:
        raise ConfigurationError(f"{shown}: is not read: it is nested too deeply") from exc
    except ValueError as exc:
        digits = re.search(rf"[\d_]{{{_MAX_DIGITS},}}", text)
        place = "" if digits is None else f" (at {_place(text, digits.start())})"
        raise ConfigurationError(f"{shown}: is not read: a number is too long{place}") from exc


def _place(text: str, at: int) -> str:
    before = text[:at]
    return f"line {before.count(chr(10)) + 1}, column {at - (before.rfind(chr(10)) + 1) + 1}"


# ---- from table to settings


@dataclass(frozen=True, slots=True)
class _Reader:
    """Judges the settings of one file. The first fault is told."""

    path: Path
    shown: str
    table: dict[str, Any]
    today: dt.date

    def configuration(self) -> Configuration:
        for key in _keys(self.table):
            if _SECRET.search(re.sub(r"[^a-z]", "", key.lower())):
                raise self._wrong(
                    key, "keys and passwords do not belong in a file; TAVUS_API_KEY holds the service's key"
                )
        waived = self.table.get("waivers", [])
        rest = {key: value for key, value in self.table.items() if key != "waivers"}
        values = self._values(rest, Settings)
        for name, placed in (
            ("policy", self._policy),
            ("asr_model", self._model),
            ("asr_second_model", self._model),
        ):
            if name in values:
                values[name] = placed(values[name])
        if "manifests" in values:
            values["manifests"] = tuple(str(self._beside(name)) for name in values["manifests"])
        return Configuration(path=self.path, **values, waivers=self._waivers(waived))

    def _values(self, table: dict[str, Any], kind: type[msgspec.Struct], where: str = "") -> dict[str, Any]:
        """The values of a table, by the names of the fields."""
        types = value_types(kind)
        values = {}
        for key, value in table.items():
            if key not in types:
                raise self._unknown(key, where, tuple(types))
            try:
                values[key.replace("-", "_")] = converted(value, types[key])
            except msgspec.ValidationError as exc:
                named, found = where + key, value
                item = re.search(r"at `\$\[(\d+)\]", str(exc))
                if item is not None:
                    named, found = f"{named} {int(item[1]) + 1}", value[int(item[1])]
                raise self._disallowed(named, found, types[key]) from exc
        return values

    def _waivers(self, tables: Any) -> tuple[RuleWaiver, ...]:
        kind = value_types(Settings)["waivers"]
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._disallowed("waivers", tables, kind)
        if len(tables) > _most(kind):
            raise self._wrong("waivers", f"found {len(tables)}; allowed: {allowed_in(kind)}")
        found: dict[str, RuleWaiver] = {}
        for number, table in enumerate(tables, 1):
            where = f"waivers {number}: "
            values = self._values(table, Waived, where)
            for key, needed in value_types(Waived).items():
                if key not in values:
                    raise self._wrong(where + key, f"is missing; allowed: {allowed_in(needed)}")
            waiver = RuleWaiver(**values, source=self.path.name)
            wrong = objection(waiver, self.today)
            if wrong is None and waiver.rule in found:
                wrong = "rule", f"{waiver.rule!r} is waived twice"
            if wrong is not None:
                raise self._wrong(where + wrong[0], wrong[1])
            found[waiver.rule] = waiver
        return tuple(found.values())

    def _policy(self, value: str) -> str:
        if value in bundled_policies():
            return value
        path = self._beside(value)
        if not os.path.isfile(path):  # noqa: PTH113 - Path raises for a name that is too long
            hint = _meant(value, bundled_policies()) or f"; known: {', '.join(bundled_policies())}"
            raise self._wrong(
                "policy", f"found {_value(value)}, which is neither a bundled policy nor a file{hint}"
            )
        return str(path)

    def _model(self, value: str) -> str:
        """A folder by its path, a name as it is; whether there is such a model is said when it is needed."""
        is_path = os.sep in value or value.startswith((".", "~"))
        beside = self._beside(value)
        return str(beside) if is_path or os.path.isdir(beside) else value  # noqa: PTH112 - the same

    def _beside(self, value: str) -> Path:
        return self.path.parent / os.path.expanduser(value)  # noqa: PTH111 - leaves an unknown user as it is

    def _unknown(self, key: str, where: str, known: tuple[str, ...]) -> ConfigurationError:
        if not where and key.replace("_", "-") in _ONE_SUBMISSION:
            return self._wrong(key, "belongs to one submission; give it with the command")
        hint = _meant(key, known) or f"; known: {', '.join(known)}"
        return self._wrong(f"{where}{key}", f"is no setting{hint}")

    def _disallowed(self, key: str, value: Any, kind: Any) -> ConfigurationError:
        return self._wrong(key, f"found {_value(value)}; allowed: {allowed_in(kind)}")

    def _wrong(self, key: str, text: str) -> ConfigurationError:
        return ConfigurationError(f"{self.shown}: {printable(key, limit=_SHOWN)}: {text}")


def _keys(table: dict[str, Any]) -> Iterator[str]:
    """Every key, at any depth. A key of many parts nests deeper than functions can."""
    waiting: list[Any] = [table]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _most(kind: Any) -> int:
    return int(next(meta.max_length for meta in kind.__metadata__ if meta.max_length))


def _meant(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word[:_SHOWN].lower().replace("_", "-"), known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _value(value: Any) -> str:
    """A value of a file, short and fit to be shown."""
    if isinstance(value, str):
        return f"'{printable(redacted(value[: 4 * _SHOWN]), limit=_SHOWN)}'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "an array"
    if isinstance(value, int) and abs(value) > 10**15:
        return "a large number"  # of more digits than Python writes, perhaps
    return str(value)
