"""Files of settings: which one counts, what it sets, and what it cannot be."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

import preflight
from preflight import Configuration, ConfigurationError, Depth, Options, RuleWaiver, load_configuration
from preflight.cli import cli
from preflight.configured import CONFIG_OPTIONS, Configured
from preflight.policy import guards_consent
from preflight.rule import all_rules
from preflight.settings import Settings, Waived, allowed_in, descriptions, value_types
from preflight.submission import VARIABLES
from preflight.text import printable
from preflight.waiver import MAX_DAYS_AHEAD
from submit.cli import main

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "fixtures" / "training_image" / "too-small-error" / "portrait.jpg"
TODAY = dt.date(2026, 11, 25)
POLICY = 'id = "studio"\nextends = "tavus-replica-phoenix-4"\ntitle = "Ours"\nread = 2026-11-24\n'
WAIVER = '[[waivers]]\nrule = "image-too-small"\nreason = "for this test"\nuntil = 2026-12-31\n'
SCHEMA = json.loads((resources.files("preflight") / "schemas" / "config-1.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty project to work in, and no settings of whoever runs the tests."""
    for name in os.environ:
        if name.startswith(("TAVUS_", "PREFLIGHT_")) or name == "NO_COLOR":
            monkeypatch.delenv(name)
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def write(path: str | Path, text: str) -> Path:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, "utf-8")
    return Path(path)


def refused(text: str, path: str = "preflight.toml") -> str:
    """What is said of a file, which is one line that begins with its name."""
    write(path, text)
    with pytest.raises(ConfigurationError) as refusal:
        load_configuration(path, today=TODAY)
    said = str(refusal.value)
    assert said.startswith(f"{path}: ")
    assert said == printable(said, limit=600)
    return said.removeprefix(f"{path}: ")


# ---- what a file sets


def test_without_a_file_nothing_is_set() -> None:
    assert Configuration() == load_configuration()
    assert Options() == load_configuration().options()


WHOLE = f"""
policy = "policies/studio.toml"
asr-model = "models/ours"
asr-second-model = "small"
depth = "deep"
allow-hosts = ["media.internal", "::1"]
format = "json"
cache = false
voice-name = "anna"
model-name = "phoenix-4"
{WAIVER}"""


@pytest.mark.parametrize("path", ["preflight.toml", "pyproject.toml", "other.toml"])
def test_everything_that_may_be_set(project: Path, path: str) -> None:
    """In each kind of file; paths are those beside it, wherever one works."""
    write("policies/studio.toml", POLICY)
    write(path, in_pyproject(WHOLE) if path == "pyproject.toml" else WHOLE)
    inner = project / "inner"
    inner.mkdir()
    os.chdir(inner)

    found = load_configuration(f"../{path}", today=TODAY)

    assert found.path is not None
    assert found.path.samefile(project / path)
    assert Path(str(found.policy)).samefile(project / "policies/studio.toml")
    assert (project / "models/ours").resolve() == Path(str(found.asr_model)).resolve()
    assert ("small", Depth.DEEP, ("media.internal", "::1")) == (
        found.asr_second_model,
        found.depth,
        found.allow_hosts,
    )
    assert ("json", False, "anna", "phoenix-4") == (
        found.format,
        found.cache,
        found.voice_name,
        found.model_name,
    )
    assert (RuleWaiver("image-too-small", "for this test", dt.date(2026, 12, 31), path),) == found.waivers


def in_pyproject(text: str) -> str:
    other = '[project]\nname = "x"\n\n[tool.preflight]\n'
    return other + text.replace("[[waivers]]", "[[tool.preflight.waivers]]")


@pytest.mark.parametrize(
    ("value", "set_to"),
    [
        ("small", "small"),
        ("x" * 900, "x" * 900),
        ("ours", "ours/"),
        ("./x", "./x"),
        ("a/b", "a/b"),
        ("/m", "/m"),
        ("~/m", "~/m"),
    ],
)
def test_a_model_is_a_name_or_a_path_beside_the_file(project: Path, value: str, set_to: str) -> None:
    """A bare name is a folder only where one lies beside the file."""
    (project / "ours").mkdir()
    write("preflight.toml", f'asr-model = "{value}"')

    model = str(load_configuration().asr_model)

    expected = Path(set_to).expanduser()
    assert model == (value if set_to == value and "/" not in value else str(project / expected))


def test_byte_order_mark_and_empty_file_are_fine() -> None:
    """Some editors write one, and nothing may be set."""
    Path("preflight.toml").write_bytes(b'\xef\xbb\xbfdepth = "quick"\r\n')
    assert Depth.QUICK == load_configuration().depth

    write("preflight.toml", "")
    assert Options() == load_configuration().options()


# ---- which file counts


def depth_found() -> str | None:
    depth = load_configuration().depth
    return None if depth is None else str(depth)


def test_the_nearest_file_counts_alone(project: Path) -> None:
    """The one of the working folder hides those above, and what they set."""
    write("preflight.toml", 'depth = "deep"\nvoice-name = "anna"')
    inner = project / "a" / "b"
    inner.mkdir(parents=True)
    os.chdir(inner)
    assert "deep" == depth_found()

    write("../pyproject.toml", in_pyproject('depth = "quick"'))
    found = load_configuration()

    assert (Depth.QUICK, None, project / "a" / "pyproject.toml") == (
        found.depth,
        found.voice_name,
        found.path,
    )


def test_preflight_toml_goes_before_pyproject_toml() -> None:
    write("pyproject.toml", in_pyproject('depth = "quick"'))
    assert "quick" == depth_found()

    write("preflight.toml", 'depth = "deep"')
    assert "deep" == depth_found()


@pytest.mark.parametrize(
    "text", ["", "[tool.other]\npreflight = 1\n", "tool = 'preflight'\n", "broken = [\n"]
)
def test_pyproject_without_our_table_does_not_count(project: Path, text: str) -> None:
    """The search goes on above it; one that does not name us is not even parsed."""
    write("preflight.toml", 'depth = "deep"')
    write("inner/pyproject.toml", text)
    os.chdir(project / "inner")

    assert "deep" == depth_found()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_search_ends_with_the_repository(project: Path, kind: str) -> None:
    """Also with that of a worktree, where .git is a file."""
    write("preflight.toml", 'depth = "deep"')
    inner = project / "inner"
    (inner / "deeper").mkdir(parents=True)
    (inner / ".git").mkdir() if kind == "folder" else write(inner / ".git", "gitdir: elsewhere\n")
    os.chdir(inner / "deeper")
    assert depth_found() is None

    write(inner / "preflight.toml", 'depth = "quick"')
    assert "quick" == depth_found()


def test_the_search_ends_with_the_home_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is looked into."""
    (project / ".git").rmdir()
    write("../preflight.toml", 'depth = "deep"')
    assert "deep" == depth_found()

    monkeypatch.setenv("HOME", str(project))
    assert depth_found() is None

    monkeypatch.setenv("HOME", "")
    assert "deep" == depth_found()


def test_the_search_ends_before_a_shared_folder(project: Path) -> None:
    """Anybody may lay down a file in a folder such as /tmp. Who works there knows."""
    shared = project / "shared"
    (shared / "mine").mkdir(parents=True)
    shared.chmod(0o1777)
    write("preflight.toml", 'depth = "deep"')
    write(shared / "preflight.toml", 'depth = "quick"')
    os.chdir(shared / "mine")
    assert depth_found() is None

    os.chdir(shared)
    assert "quick" == depth_found()
    (shared / "preflight.toml").unlink()
    assert "deep" == depth_found()


def test_a_working_folder_that_is_gone_holds_no_file(project: Path) -> None:
    gone = project / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()

    assert Configuration() == load_configuration()


def test_a_named_file_counts_in_place_of_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """By argument before by variable."""
    write("preflight.toml", 'depth = "deep"')
    write("b.toml", 'depth = "quick"')
    write("c.toml", 'depth = "standard"')
    monkeypatch.setenv("PREFLIGHT_CONFIG", "b.toml")

    assert ("quick", Depth.STANDARD) == (depth_found(), load_configuration("c.toml").depth)

    monkeypatch.setenv("PREFLIGHT_CONFIG", "")
    assert "deep" == depth_found()


# ---- precedence

PRECEDENCE: dict[str, tuple[Any, Any, Any, Any]] = {
    "policy": ("tavus-replica-phoenix-3", None, "tavus-face-phoenix-4", "tavus-replica-phoenix-4"),
    "asr_model": ("tiny", "base", "medium", None),
    "asr_second_model": ("tiny", "base", "medium", None),
    "depth": ("quick", None, "deep", "standard"),
    "allow_hosts": (("a.example",), ("b.example",), ("c.example",), ()),
    "cache": (True, None, False, True),
    "voice_name": ("anna", None, "bert", None),
    "model_name": ("phoenix-3", None, "phoenix-2", None),
}
FLAGS = {"allow_hosts": "--allow-host"}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """What a check is asked for by a command line, after the file, without one being made."""
    given: dict[str, Any] = {}

    def checked(**options: Any) -> preflight.Report:
        given.update(options)
        raise preflight.UsageError("seen")

    def run(*arguments: str, command: str = "check") -> dict[str, Any]:
        given.clear()
        monkeypatch.setattr("preflight.cli.checked", checked)
        monkeypatch.setattr("submit.cli.checked", checked)
        monkeypatch.setattr("preflight.cli.deliver", lambda *_, **__: None)
        with pytest.raises(preflight.UsageError):
            cli([command, "--train-image", "x.jpg", *arguments], standalone_mode=False)
        return dict(given)

    return run


def as_toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize("name", PRECEDENCE)
@pytest.mark.parametrize("command", ["check", "submit"])
def test_precedence(
    seen: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, command: str, name: str
) -> None:
    """Option before variable before file before default. A model that a variable names is read later."""
    option, variable, in_file, default = PRECEDENCE[name]
    key = name.replace("_", "-")
    flag = FLAGS.get(name, f"--{key}")
    arguments = (
        [flag] if name == "cache" else [flag, *option] if isinstance(option, tuple) else [flag, option]
    )

    assert default == seen(command=command)[name]
    write("preflight.toml", f"{key} = {as_toml(in_file)}")
    assert in_file == seen(command=command)[name]
    assert default == seen("--no-config", command=command)[name]
    assert option == seen(*arguments, command=command)[name]
    if variable is not None:
        said = ",".join(variable) if isinstance(variable, tuple) else variable
        monkeypatch.setenv(VARIABLES[name], said)
        assert default == seen(command=command)[name]
        assert option == seen(*arguments, command=command)[name]


@pytest.mark.parametrize("name", ["policy", "asr_model", "asr_second_model", "depth", "allow_hosts", "cache"])
def test_precedence_in_the_library(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The same, where a library asks for it, and nothing where it does not. It keeps nothing by default."""
    option, variable, in_file, default = PRECEDENCE[name]
    if name == "cache":
        in_file, default = True, False

    def value(options: Options) -> Any:
        models = {
            "asr_model": options.asr_model_or_default,
            "asr_second_model": options.asr_second_model_or_default,
        }
        return models.get(name, getattr(options, name))

    default = {"asr_model": "small"}.get(name, default)
    assert default == value(load_configuration().options())
    write("preflight.toml", f"{name.replace('_', '-')} = {as_toml(in_file)}")
    assert (default, in_file) == (value(Options()), value(load_configuration().options()))
    assert option == value(load_configuration().options(**{name: option}))
    if variable is not None:
        monkeypatch.setenv(VARIABLES[name], ",".join(variable) if isinstance(variable, tuple) else variable)
        assert variable == value(load_configuration().options())
        assert option == value(load_configuration().options(**{name: option}))


def test_every_setting_has_its_precedence_tested() -> None:
    """A new one cannot be forgotten. That of the format is seen in a run; waivers and manifests come
    from files alone."""
    assert set(Settings.__struct_fields__) == {*PRECEDENCE, "format", "manifests", "waivers"}


def test_commands_that_take_settings() -> None:
    """Those with the options that say which file; the doctor looks for itself."""
    taking = {name for name, command in cli.commands.items() if isinstance(command, Configured)}
    naming = {
        name
        for name, command in cli.commands.items()
        if {"--config", "--no-config"} <= {option for one in command.params for option in one.opts}
    }

    assert {"check", "submit", "evaluate", "fix"} == taking
    assert {*taking, "doctor"} == naming
    assert 2 == len(CONFIG_OPTIONS)


@pytest.mark.parametrize("arguments", [("--help",), ("--no-config", "--help"), ("--config", "x", "-h")])
def test_help_reads_no_file(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    """And shows the defaults that hold without one."""
    write("preflight.toml", "depth = [")

    with pytest.raises(SystemExit) as left:
        cli(["check", *arguments])

    assert 0 == left.value.code
    assert "[default: standard]" in " ".join(capsys.readouterr().out.split())


# ---- what cannot be set

POLICIES = "tavus-face-phoenix-4, tavus-replica-phoenix-3, tavus-replica-phoenix-4"
MODEL = "a Whisper name, or a folder relative to this file"
FAULTS: dict[str, tuple[str, str]] = {
    "unknown": ("dept = 'deep'", "dept: is no setting; did you mean depth?"),
    "underscore": ("asr_model = 'x'", "asr_model: is no setting; did you mean asr-model?"),
    "far": ("zzz = 1", f"zzz: is no setting; known: {', '.join(value_types(Settings))}"),
    "table": ("[check]\ndepth = 'deep'", "check: is no setting"),
    "dotted": ("depth.x = 1", "depth: found a table; allowed: quick, standard, deep"),
    "depth": ("depth = 'bottomless'", "depth: found 'bottomless'; allowed: quick, standard, deep"),
    "depth-type": ("depth = 3", "depth: found 3; allowed: quick, standard, deep"),
    "policy": (
        "policy = 'tavus-replica-pheonix-4'",
        "policy: found 'tavus-replica-pheonix-4', which is neither a bundled policy nor a file; did you mean "
        "tavus-replica-phoenix-4?",
    ),
    "policy-far": (
        "policy = 'studio.toml'",
        f"policy: found 'studio.toml', which is neither a bundled policy nor a file; known: {POLICIES}",
    ),
    "policy-long": (f"policy = '{'x' * 900}'", f"policy: found '{'x' * 59}…', which is neither a bundled"),
    "policy-folder": ("policy = '.'", "policy: found '.', which is neither"),
    "policy-nul": ('policy = "a\\u0000"', "policy: found 'a�'; allowed: the id of a bundled policy"),
    "policy-type": ("policy = ['x']", "policy: found an array; allowed: the id of a bundled"),
    "model": ("asr-model = true", f"asr-model: found true; allowed: {MODEL}"),
    "model-empty": ("asr-model = ''", f"asr-model: found ''; allowed: {MODEL}"),
    "model-blank": ("asr-second-model = ' '", f"asr-second-model: found ' '; allowed: {MODEL}"),
    "model-line": ('asr-model = "a\\n"', f"asr-model: found 'a '; allowed: {MODEL}"),
    "model-date": ("asr-model = 2026-12-31", f"asr-model: found 2026-12-31; allowed: {MODEL}"),
    "hosts": ("allow-hosts = 'x'", "allow-hosts: found 'x'; allowed: an array of at most 64 host names"),
    "hosts-url": ("allow-hosts = ['http://x/']", "allow-hosts 1: found 'http://x/'; allowed: an array of at"),
    "hosts-many": (f"allow-hosts = {['x'] * 65}", "allow-hosts: found an array; allowed: an array of at"),
    "hosts-number": ("allow-hosts = ['x', 1]", "allow-hosts 2: found 1; allowed: an array of"),
    "hosts-long": (f"allow-hosts = ['{'x' * 254}']", f"allow-hosts 1: found '{'x' * 59}…'; allowed"),
    "cache": ("cache = 'no'", "cache: found 'no'; allowed: true or false"),
    "cache-number": ("cache = 1", "cache: found 1; allowed: true or false"),
    "cache-float": ("cache = nan", "cache: found nan; allowed: true or false"),
    "cache-large": (f"cache = 0x{'f' * 9000}", "cache: found a large number; allowed: true or false"),
    "format-file": ("format = 'json=/etc/passwd'", "format: found 'json=/etc/passwd'; allowed: the name"),
    "voice": ("voice-name = 1.5", "voice-name: found 1.5; allowed: the slug of a voice"),
    "voice-long": (f"voice-name = '{'x' * 201}'", f"voice-name: found '{'x' * 59}…'; allowed: the slug"),
    "model-name": ("model-name = {}", "model-name: found a table; allowed: the name of a model"),
    "full-name": ("full-name = 'Maria'", "full-name: belongs to one submission; give it with the command"),
    "accept-names": ("accept-names = []", "accept-names: belongs to one submission"),
    "video": ("train_video = 'x'", "train_video: belongs to one submission"),
    "output": ("output = 'x'", "output: belongs to one submission"),
    "steering": ('"\\u001b[2J\\u202e" = 1', "�[2J�: is no setting"),
    "no-table": ("waivers = 3", "waivers: found 3; allowed: at most 64 tables [[waivers]] with rule"),
    "no-tables": ("waivers = [1]", "waivers: found an array; allowed: at most 64 tables [[waivers]]"),
    "one-table": ("[waivers]\nx = 1", "waivers: found a table; allowed: at most 64 tables [[waivers]]"),
    "many": (WAIVER * 65, "waivers: found 65; allowed: at most 64 tables"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_set(text: str, said: str) -> None:
    """The file, the key, what was found, what is allowed; in a file of its own and in a pyproject.toml."""
    assert refused(text).startswith(said)
    if not text.startswith("["):
        assert refused(in_pyproject(text), "pyproject.toml").startswith(said)


def test_an_array_in_place_of_our_table() -> None:
    found = refused("[tool]\npreflight = 3\n", "pyproject.toml")
    assert "tool.preflight: found 3; allowed: a table" == found

    assert "has no table [tool.preflight]" == refused("[tool]\n# preflight\n", "pyproject.toml")


@pytest.mark.parametrize(
    "text",
    [
        "api-key = 'canary'",
        "API_KEY = 'canary'",
        "tavus_api_key = 'canary'",
        "token = 'canary'",
        "x = {password = 'canary'}",
        "[service.login]\nsecret = 'canary'",
        "waivers = [{rule = 'x', bearer = 'canary'}]",
        "x = [[[{credentials = 'canary'}]]]",
    ],
)
def test_no_secret_belongs_in_a_file(text: str) -> None:
    """At any depth; the error says where keys belong, and does not repeat them."""
    said = refused(text)

    assert "TAVUS_API_KEY" in said
    assert "canary" not in said


def test_an_address_is_shown_without_its_query() -> None:
    said = refused("policy = 'https://me:canary@host/p?token=canary'")

    assert "host/p?***" in said
    assert "canary" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("depth", "Expected '=' after a key in a key/value pair (at line 1, column 6)"),
        ("depth = 'deep'\ndepth = 'quick'\n", "Cannot overwrite a value (at line 2, column 16)"),
        ("\n\nallow-hosts = [", "Invalid value (at line 3, column 16)"),
        ("a = '''\n", "(at line 2, column 1)"),
        ("a = 2026-02-30", "(at line 1, column 5)"),
    ],
)
def test_errors_of_toml_name_line_and_column(text: str, said: str) -> None:
    found = refused(text)

    assert found.startswith("is not valid TOML: ")
    assert said in found


def test_a_format_that_is_none_names_the_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    """Which formats there are, the command line knows."""
    write("preflight.toml", "format = 'xml'")

    ran = run(monkeypatch, "check", "--train-image", "x.jpg")

    said = capsys.readouterr()
    assert (2, "") == (ran, said.out)
    assert said.err.startswith(f"preflight: {project / 'preflight.toml'}: format: 'xml' is not one of 'text'")


# ---- waivers


def waiver(**changes: str | None) -> str:
    keys = {"rule": '"image-too-small"', "reason": '"for this test"', "until": "2026-12-31"} | changes
    return "[[waivers]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value is not None)


LAST = TODAY + dt.timedelta(days=MAX_DAYS_AHEAD)
RULE = "waivers 1: rule: "
FAR = "waivers 1: until: is 9999-12-31"
REASON = "why the rule is waived, in a line"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (waiver(rule=None), "waivers 1: rule: is missing; allowed: the name of a rule"),
        (waiver(reason=None), f"waivers 1: reason: is missing; allowed: {REASON}"),
        (waiver(until=None), "waivers 1: until: is missing; allowed: the last day, such as 2026-12-31"),
        (waiver(reason='""'), f"waivers 1: reason: found ''; allowed: {REASON}"),
        (waiver(reason='" "'), f"waivers 1: reason: found ' '; allowed: {REASON}"),
        (waiver(reason='"a\\nb"'), f"waivers 1: reason: found 'a b'; allowed: {REASON}"),
        (waiver(until='"soon"'), "waivers 1: until: found 'soon'; allowed: the last day, such as 2026-12-31"),
        (waiver(until="2026-12-31T00:00:00"), "waivers 1: until: found 2026-12-31 00:00:00; allowed: the"),
        (waiver(until="9999-12-31"), f"{FAR}; allowed: at most a year ahead, until {LAST}"),
        (waiver(untill="1"), "waivers 1: untill: is no setting; did you mean until?"),
        (waiver(rule='"image-to-small"'), f"{RULE}'image-to-small' is no rule's name; did you mean image-"),
        (waiver(rule='"IMG002"'), f"{RULE}'IMG002' is no rule's name; did you mean image-too-small?"),
        (waiver(rule='"zzz"'), "waivers 1: rule: 'zzz' is no rule's name; see: preflight rules"),
        (waiver(rule="3"), "waivers 1: rule: found 3; allowed: the name of a rule"),
        (WAIVER + WAIVER, "waivers 2: rule: 'image-too-small' is waived twice"),
    ],
)  # fmt: skip
def test_a_waiver_is_read_strictly(text: str, said: str) -> None:
    """It has a rule, a reason and an end, and nothing else."""
    assert refused(text).startswith(said)


GUARDS = sorted(rule.name for rule in all_rules() if guards_consent(rule.name))


@pytest.mark.parametrize("rule", [*GUARDS, "consent-of-tomorrow"])
def test_what_guards_the_consent_is_not_waived(rule: str) -> None:
    """Not by a file, nor by options, under whatever policy."""
    said = f"{rule!r} guards the consent of the person who speaks, and stays in force"
    assert f"waivers 1: rule: {said}" == refused(waiver(rule=f'"{rule}"'))

    for policy in ("tavus-replica-phoenix-4", "tavus-face-phoenix-4"):
        options = Options(policy, waivers=(RuleWaiver(rule, "hurry", TODAY),))
        with pytest.raises(preflight.UsageError, match="stays in force"):
            preflight.check(preflight.Submission(train_image=SMALL), options, today=TODAY)


def test_consent_rules_and_what_makes_a_refusal_heard_are_those() -> None:
    assert {"consent-negated", "consent-revoked", "audio-tracks-ambiguous", "edit-list-jumps"} < set(GUARDS)
    assert {rule.name for rule in all_rules() if rule.name.startswith("consent-")} < set(GUARDS)


@pytest.mark.parametrize("until", [LAST, TODAY, TODAY - dt.timedelta(days=900)])
def test_a_waiver_ends_within_a_year(until: dt.date) -> None:
    """The last possible day is one; an end in the past is no error, since files grow old."""
    write("preflight.toml", waiver(until=str(until)))

    assert [until] == [one.until for one in load_configuration(today=TODAY).waivers]


def test_a_year_is_counted_from_the_day_of_reading() -> None:
    assert f"until: is {LAST + dt.timedelta(days=1)}" in refused(
        waiver(until=str(LAST + dt.timedelta(days=1)))
    )


@pytest.mark.parametrize(
    ("day", "verdict", "severity"),
    [(dt.date(2026, 12, 31), "pass", "advice"), (dt.date(2027, 1, 1), "fail", "error")],
)
def test_a_waiver_holds_to_the_end_of_its_last_day(day: dt.date, verdict: str, severity: str) -> None:
    """Then it counts as not there, and both are said."""
    write("preflight.toml", WAIVER)
    submission = preflight.Submission(train_image=SMALL, voice_name="anna")

    report = preflight.check(submission, load_configuration(today=TODAY).options(), today=day)

    shown = {
        "rule": "image-too-small",
        "reason": "for this test",
        "until": "2026-12-31",
        "source": "preflight.toml",
    }
    policy = report.to_dict()["policy"]
    held = verdict == "pass"
    assert (verdict, {severity}) == (
        report.verdict,
        {str(one.severity) for one in report.findings if one.rule == "image-too-small"},
    )
    assert ([shown] if held else [], [] if held else [shown]) == (
        policy["waivers"],
        policy["expired_waivers"],
    )
    said = preflight_text(report)
    assert ("Waived until 2026-12-31 by preflight.toml: image-too-small (for this test)" in said) == held
    assert ("No longer waived, ended on 2026-12-31 in preflight.toml: image-too-small" in said) == (not held)
    assert ("1 waived" in said.splitlines()[0]) == held


def preflight_text(report: preflight.Report) -> str:
    from preflight.render.text import render_report

    return render_report(report, width=200)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([RuleWaiver("image-too-small", "known", None)], "until: is missing"),
        ([RuleWaiver("image-too-small", " ", TODAY)], "reason: is blank"),
        ([RuleWaiver("image-too-small", "known", dt.date(2028, 1, 1))], "at most a year ahead"),
        ([RuleWaiver("image-to-small", "known", TODAY)], "no rule's name"),
        ([RuleWaiver("image-too-small", "known", TODAY)] * 2, "is waived already, by options"),
        ([RuleWaiver("image-blurred", "known", TODAY)], "is waived already, by policy 'studio'"),
    ],
)
def test_waivers_of_options_are_as_strict(given: list[RuleWaiver], said: str) -> None:
    """A rule is waived in one place: whose end counts would not be clear."""
    text = f'{POLICY}[waivers.image-blurred]\nreason = "soft lenses"\nread = 2026-11-24\n'
    options = Options(write("studio.toml", text), waivers=tuple(given))

    with pytest.raises(preflight.UsageError, match=said):
        preflight.check(preflight.Submission(train_image=SMALL), options, today=TODAY)


# ---- hostile files


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["preflight", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code


def huge(path: Path) -> None:
    path.write_bytes(b"# preflight\n" * 30_000)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def unreadable(path: Path) -> None:
    path.write_text("depth = 'deep' # preflight")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("nothing is unreadable to this user")


MAKERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "huge": (huge, "is larger than 262144 bytes, and not read"),
    "sparse": (sparse, "is larger than 262144 bytes, and not read"),
    "loop": (loop, "cannot be read: too many levels of symbolic links"),
    "dangling": (dangling, "cannot be read: no such file or directory"),
    "device": (device, "cannot be read: is not a regular file"),
    "pipe": (lambda path: os.mkfifo(path), "cannot be read: is not a regular file"),
    "folder": (lambda path: path.mkdir(), "cannot be read: is a directory"),
    "unreadable": (unreadable, "cannot be read: permission denied"),
    "latin-1": (
        lambda path: path.write_bytes(b"# preflight\nx = '\xe9'") and None,
        "is not UTF-8 (at line 2, column 6)",
    ),
    "utf-16": (
        lambda path: path.write_bytes("# preflight".encode("utf-16") + b"preflight") and None,
        "is not UTF-8 (at line 1, column 1)",
    ),
    "nul": (lambda path: path.write_text("# preflight\n\x00") and None, "is not valid TOML: "),
    "deep": (
        lambda path: path.write_text(f"# preflight\nx = {'[' * 100_000}") and None,
        "is not read: it is nested too deeply",
    ),
    "dots": (
        lambda path: path.write_text(f"# preflight\n{'a.' * 100_000}a = 1") and None,
        "is not read: line 2 has more than 200 dots",
    ),
    "digits": (
        lambda path: path.write_text(f"# preflight\n\nx = {'9' * 5000}") and None,
        "is not read: a number is too long (at line 3, column 5)",
    ),
}


@pytest.mark.parametrize("name", ["preflight.toml", "pyproject.toml"])
@pytest.mark.parametrize(("make", "said"), MAKERS.values(), ids=MAKERS)
def test_a_hostile_file_is_refused_in_a_line(
    project: Path, make: Callable[[Path], None], said: str, name: str
) -> None:
    """At once, whether it is found or named; the search does not step over it."""
    make(project / name)
    before = time.process_time()

    for path in (None, name):
        with pytest.raises(ConfigurationError) as refusal:
            load_configuration(path)
        assert str(refusal.value).startswith(f"{name}: {said}")
        assert str(refusal.value) == printable(str(refusal.value))
    assert time.process_time() - before < 2


def test_many_keys_below_a_long_one_are_read_within_seconds() -> None:
    """The worst that is let through to the reader of TOML."""
    lines = [f"[{'.'.join('a' * 200)}]", *(f"k{number} = 1" for number in range(20_000))]
    before = time.process_time()

    assert "a: is no setting" in refused("\n".join(lines))
    assert time.process_time() - before < 30


def test_deep_tables_are_looked_through() -> None:
    """A key of many parts is deeper than the functions of Python may call each other."""
    deep = f"[{'.'.join('a' * 200)}]\n{'.'.join('b' * 200)} = "

    assert "a: is no setting" in refused(f"{deep}1")
    assert "TAVUS_API_KEY" in refused(f"{deep}{{api-key = 1}}")


def test_names_that_are_none() -> None:
    for name in ("", "a\0b", "x" * 300, "missing.toml", "https://host/p.toml?token=canary"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            load_configuration(name)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*value_types(Settings), *value_types(Waived), "api-key", "full-name"]) | st.text(
    max_size=9
)


def toml(value: Any) -> str:
    """A value as TOML writes it; lone surrogates and nothing have no spelling, and are left out."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return "0" if value is None else str(value)


def loads_or_says(data: bytes) -> None:
    """Settings, or one short line that begins with the name of the file and steers no terminal."""
    Path("preflight.toml").write_bytes(data)
    try:
        load_configuration(today=TODAY)
    except ConfigurationError as exc:
        said = str(exc)
        assert said.startswith("preflight.toml: ")
        assert said == printable(said, limit=600)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, VALUES, max_size=4))
@example({"waivers": [{"rule": "image-too-small", "reason": "x", "until": "2026-12-31"}]})
def test_any_toml_loads_or_is_refused_in_a_line(document: dict[str, Any]) -> None:
    loads_or_says("".join(f"{toml(key)} = {toml(value)}\n" for key, value in document.items()).encode())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text("[]{}=.'\"\\\n#ae-190:T_+, \x00\u202e", max_size=60).map(str.encode))
@example(b"a = 1e999999999")
@example(b"a = 0001-01-01T00:00:00+23:59")
@example(b"[[waivers]]\n[waivers.rule]")
def test_any_bytes_load_or_are_refused_in_a_line(data: bytes) -> None:
    loads_or_says(data)


# ---- the schema


def as_json(document: Any) -> Any:
    return json.loads(json.dumps(document, default=lambda day: day.isoformat()))


def fits(text: str) -> bool:
    return bool(VALIDATOR.is_valid(as_json(tomllib.loads(text))))


def test_the_schema_is_one_and_closed() -> None:
    """Every key is described, and no other is allowed. A waiver needs all of its own."""
    Draft202012Validator.check_schema(SCHEMA)

    waived = SCHEMA["$defs"]["Waived"]
    assert descriptions(Settings) == {key: one["description"] for key, one in SCHEMA["properties"].items()}
    assert descriptions(Waived) == {key: one["description"] for key, one in waived["properties"].items()}
    assert (False, False) == (SCHEMA["additionalProperties"], waived["additionalProperties"])
    assert [*value_types(Waived)] == waived["required"]
    assert all(allowed_in(kind) for table in (Settings, Waived) for kind in value_types(table).values())


def test_good_files_fit_the_schema() -> None:
    """The same for the table of a pyproject.toml."""
    assert fits("")
    assert fits(WHOLE)
    table = tomllib.loads(in_pyproject(WHOLE))["tool"]["preflight"]
    assert VALIDATOR.is_valid(as_json(table))


ONLY_HERE = {
    *("policy", "policy-far", "policy-folder", "policy-long"),  # which files there are
    "model-date",  # in JSON a day is a text
    "cache-float",  # and there is no such number
    "cache-large",  # nor does Python write one of so many digits
}
"""Faults that a schema cannot see."""


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in ONLY_HERE])
def test_bad_files_do_not_fit_the_schema(name: str) -> None:
    assert not fits(FAULTS[name][0])


@pytest.mark.parametrize(
    "text",
    [
        waiver(rule=None),
        waiver(reason=None),
        waiver(until=None),
        waiver(reason='" "'),
        waiver(until='"soon"'),
        waiver(rule='"IMG002"'),
        waiver(more="1"),
    ],
)
def test_bad_waivers_do_not_fit_the_schema(text: str) -> None:
    assert not fits(text)


# ---- from end to end


def test_a_project_with_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    """A photo that is too small is let through by a waiver, and the report says by which."""
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
    write("pyproject.toml", in_pyproject(f'voice-name = "anna"\nformat = "json"\n{waiver(until=str(until))}'))
    photo = project / "photos" / "portrait.jpg"
    photo.parent.mkdir()
    photo.write_bytes(SMALL.read_bytes())
    os.chdir(photo.parent)

    codes = [run(monkeypatch, "check", "--train-image", "portrait.jpg")]
    report = json.loads(capsys.readouterr().out)
    codes.append(run(monkeypatch, "check", "--train-image", "portrait.jpg", "--format", "text"))
    text = capsys.readouterr().out
    codes.append(
        run(monkeypatch, "check", "--train-image", "portrait.jpg", "--no-config", "--voice-name", "anna")
    )
    without = capsys.readouterr().out

    assert [0, 0, 1] == codes
    assert ["pyproject.toml"] == [one["source"] for one in report["policy"]["waivers"]]
    assert "1 waived" in " ".join(text.split())
    assert f"Waived until {until} by pyproject.toml: image-too-small" in " ".join(text.split())
    assert "aived" not in without


def test_the_doctor_says_which_file_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    """And what of it is in force; a broken one is a thing to be mended."""
    run(monkeypatch, "doctor")
    assert "ok       configuration: no file makes settings\n" in capsys.readouterr().out

    write(
        "preflight.toml",
        f"depth = 'deep'\nasr-model = 'nowhere/model'\npolicy = 'tavus-face-phoenix-4'\n{WAIVER}",
    )
    run(monkeypatch, "doctor")
    said = capsys.readouterr().out
    named = f"ok       configuration: {project / 'preflight.toml'} sets policy, asr-model, depth, waivers\n"
    assert named in said
    assert str(project / "nowhere/model") in said
    assert "policy: tavus-face-phoenix-4" in said

    write("preflight.toml", "dept = 1")
    assert 2 == run(monkeypatch, "doctor")
    assert (
        "MISSING  configuration: preflight.toml: dept: is no setting; did you mean depth?"
        in capsys.readouterr().out
    )


def test_a_broken_file_could_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one line, before anything is looked at; --no-config leaves it out."""
    write("preflight.toml", "dept = 1")
    missing = ("--train-video", "missing.mp4")

    codes = [run(monkeypatch, "check", *missing)]
    broken = capsys.readouterr()
    codes.append(run(monkeypatch, "check", *missing, "--no-config"))
    without = capsys.readouterr()
    codes.append(run(monkeypatch, "check", *missing, "--no-config", "--config", "preflight.toml"))
    both = capsys.readouterr()

    assert [2, 2, 2] == codes
    assert ("", "preflight: preflight.toml: dept: is no setting; did you mean depth?\n") == broken
    assert "missing.mp4: no such file" in without.err
    assert "Give either --config or --no-config" in both.err


# ---- the page in the docs

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_of_the_page_is_one() -> None:
    """It loads, beside the policy that it names, and fits the schema."""
    (text,) = blocks("toml")
    write("studio.toml", POLICY)
    write("preflight.toml", text)

    found = load_configuration(today=TODAY)

    assert ("deep", ["frame-rate-doubtful"]) == (found.depth, [one.rule for one in found.waivers])
    assert fits(text)


def test_the_program_of_the_page_runs() -> None:
    (program,) = blocks("python")
    write("preflight.toml", "voice-name = 'anna'")
    Path("photo.jpg").write_bytes(SMALL.read_bytes())
    names: dict[str, Any] = {}

    exec(program, names)  # noqa: S102 - our own page

    assert "fail" == names["report"].verdict
    assert {"IMG002"} == {one.code for one in names["report"].findings if one.blocks}
