"""The documentation says what is there: rules, links, commands, options, targets, exit codes."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

import preflight.cli
import submit.cli  # noqa: F401 - adds the commands that send
from preflight.consent import REASONS, match_consent
from preflight.consent.lexicon import lexicon
from preflight.policy import bundled_policies, load_policy, policy_limits
from preflight.rule import all_rules
from preflight.rules.consent_words import STATEMENT
from preflight.vendor import vendor_errors

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
}
RULES = PAGES["docs/rules.md"]
COVERAGE = PAGES["docs/coverage.md"]
EXIT_CODES = {
    0: "cleared (for `submit`: created; with `--wait`: training completed)",
    1: "not cleared: at least one rule of severity `error` is violated",
    2: "could not run: usage, configuration, missing tool or model, source that cannot be reached",
    3: "needs a person: nothing failed, but the verdict is `review` (a mandatory rule could not be assessed, "
    "or the consent needs a look)",
    4: "the service refused the request, or training ended in error",
    5: "the outcome of a create request is unknown; the message says how to find out; it is never repeated "
    "blindly",
}
by_page = pytest.mark.parametrize(("page", "text"), PAGES.items(), ids=PAGES)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def code(text: str) -> Iterator[str]:
    """What a page shows as code: inline, and lines of console and YAML blocks with continued lines joined."""
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(text)))
    for block in re.findall(r"^```(?:console|yaml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from re.sub(r"\\\n(?:>\s*)?\s*", "", block).splitlines()


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# ---- docs/rules.md


@pytest.mark.media
def test_pages_are_up_to_date(generate: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/rules.md, docs/coverage.md and the excerpts are what `make docs` writes."""
    code = generate.main(["--check"])

    assert capsys.readouterr().out == ""
    assert code == 0


def test_stale_page_is_seen(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that is missing or says something else is shown as a difference and left alone, then written."""
    rules, coverage, excerpted = (tmp_path / name for name in ("rules.md", "coverage.md", "adding-a-rule.md"))
    stale = PAGES["docs/adding-a-rule.md"].replace("packets.picture_s", "packets.length")
    excerpted.write_text(stale, "utf-8")
    monkeypatch.setattr(generate, "RULES", rules)
    monkeypatch.setattr(generate, "COVERAGE", coverage)
    monkeypatch.setattr(generate, "EXCERPTED", (excerpted,))

    assert generate.main(["--check"]) == 1
    shown = capsys.readouterr().out
    assert "+# Rules" in shown
    assert "-    duration = packets.length" in shown
    assert not rules.exists()
    assert generate.main([]) == 0
    assert (RULES, COVERAGE) == (rules.read_text("utf-8"), coverage.read_text("utf-8"))
    assert excerpted.read_text("utf-8") == PAGES["docs/adding-a-rule.md"]


def test_a_rule_is_shown_whole() -> None:
    """The page on adding a rule shows the file of a rule, as it is."""
    file = ROOT / "preflight" / "rules" / "vid001_training_video_too_short.py"

    assert f"```python\n{file.read_text('utf-8')}```\n" in PAGES["docs/adding-a-rule.md"]


def test_limits_of_rules(generate: ModuleType) -> None:
    """The limits that decide a rule are found by moving them."""
    used = {rule.code: generate.limits_of(rule) for rule in all_rules()}

    assert used["VID001"] == ("video.min_duration",)
    assert used["MED001"] == ("container.accepted", "container.doubtful")
    assert used["CON015"] == ("consent.max_start",)
    assert used["CON004"] == ()


def test_every_limit_decides_something(generate: ModuleType) -> None:
    """A number in the policy that no rule heeds would be a promise that nobody keeps."""
    used = {key for rule in all_rules() for key in generate.limits_of(rule)}
    engine = {"consent.opening_window", "consent.search_window", "consent.max_clip", "image.auto_fixed"}
    engine.add("request.clearance_validity")

    assert used | engine == set(generate.policy_limits(load_policy("tavus-replica-phoenix-4")))


def test_rules_page_lists_everything() -> None:
    """Every rule has a row and a section; the depth that some need is said."""
    for rule in all_rules():
        assert f"| {rule.code} | [{rule.name}](#{rule.code.lower()}-{rule.name}) |" in RULES
        assert f"\n### {rule.code} {rule.name}\n" in RULES
    deep = [rule.code for rule in all_rules() if rule.depth == "deep"]
    assert f"| `deep` | and every frame | {', '.join(deep)} |" in RULES


# ---- docs/coverage.md


def test_coverage_page_lists_everything() -> None:
    """A row for each published error, in the service's own words, and one for each rule that claims one."""
    errors = list(vendor_errors().values())
    row = r"^\| `(\w+)` \| (.+?) \| (yes|partly|no) \| (.+) \|$"
    rows = re.findall(row, COVERAGE, re.MULTILINE)

    assert [(error.type, error.predicted) for error in errors] == [(found[0], found[2]) for found in rows]
    for error, (_, shown, _, by) in zip(errors, rows, strict=True):
        assert " / ".join(" ".join(message.split()) for message in error.messages) == shown
        assert ("](rules.md#" in by) == error.is_predicted
    claimed = [rule.code for rule in all_rules() if rule.prevents]
    assert claimed == re.findall(r"^\| \[([A-Z]{3}\d{3})\]", COVERAGE, re.MULTILINE)


def test_what_is_predicted_is_predicted_by_rules() -> None:
    """An error that is said to be predicted has rules; one that is not has none, and a reason."""
    for key, error in vendor_errors().items():
        rules = [rule.code for rule in all_rules() if key in rule.prevents]
        assert (error.is_predicted, not error.is_predicted) == (bool(rules), error.why_not is not None), key


def test_video_errors_that_are_predicted() -> None:
    """The headline, so that a smaller number does not go by unseen."""
    videos = [error for error in vendor_errors().values() if error.asset == "video"]

    assert (24, 27) == (sum(error.is_predicted for error in videos), len(videos))
    assert "**24 of 27 published errors about videos are predicted fully or partly**" in COVERAGE


ADDRESSES = {"URL001", "URL002", "URL003", "URL004", "URL006"}
"""What rules say of addresses is proved by addresses, in tests/test_links.py: no fixture is served. Nor has
one a name: SUB010 is proved in tests/test_callback.py."""


def test_what_is_proved_by_media_and_what_is_not() -> None:
    """Every rule that claims an error speaks on some fixture and is silent on another, but for these."""
    rows = re.findall(r"^\| \[(\w+)\].*?\| \w+ \| (.*?) \|", COVERAGE, re.MULTILINE)
    by_examples = {code for code, on in rows if on == "its examples alone"}

    assert {"IMG006", "SUB010", *ADDRESSES} == {code for code in by_examples if not code.startswith("CON")}
    assert "| – |" not in COVERAGE


def test_rules_page_says_what_the_bundled_policies_differ_in() -> None:
    """A column each; a row for the route, for the consent, and for each limit that is not the same in all."""
    section = RULES.partition("## Bundled policies")[2].partition("\n## ")[0]
    heads, _, *rows = (line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|"))

    assert ["differs", *(f"`{name}`" for name in sorted(bundled_policies(), key=by_default))] == heads
    assert ["`endpoint`", "`/v2/replicas`", "`/v2/faces`", "`/v2/replicas`"] in rows
    assert ["`consent_requirement`", "`required`", "`advised`", "`required`"] in rows
    assert ["`video.advised_duration`", "63 s", "63 s", "120 s"] in rows
    assert 2 + len(differing()) == len(rows)


def by_default(name: str) -> bool:
    return name != "tavus-replica-phoenix-4"


def differing() -> set[str]:
    known = [policy_limits(load_policy(name)) for name in bundled_policies()]
    return {key for key in known[0] if len({str(limits[key].value) for limits in known}) > 1}


# ---- docs/consent.md

CONSENT = PAGES["docs/consent.md"]
HEARD = {
    "fillers": (STATEMENT.replace("and consent", "and um consent"), "opening", "pass"),
    "a restart": (STATEMENT.replace("to create an", "to create to create an", 1), "opening", "pass"),
    "a i": (STATEMENT.replace("AI", "a i"), "opening", "pass"),
    "Tavis": (STATEMENT.replace("Tavus", "Tavis"), "opening", "pass"),
    "not": (STATEMENT.replace("and consent", "and do not consent"), "opening", "fail"),
    "never": (STATEMENT.replace("and consent", "and never consent"), "opening", "fail"),
    "cannot": (STATEMENT.replace("can be", "cannot be"), "opening", "fail"),
    "refuse": (STATEMENT.replace("and consent", "and refuse"), "opening", "fail"),
    "clone of him": (STATEMENT.replace("clone of me", "clone of him"), "opening", "fail"),
    "the second sentence missing": (STATEMENT.partition(" I understand")[0], "opening", "fail"),
    "maybe": (STATEMENT.replace("and consent", "and maybe consent"), "opening", "fail"),
    "HeyGen": (STATEMENT.replace("Tavus", "HeyGen"), "opening", "fail"),
    "Travis": (STATEMENT.replace("Tavus", "Travis"), "opening", "review"),
    "taken back": (STATEMENT + " The weather is nice." * 20 + " I take it back.", "opening", "fail"),
    "just kidding": (STATEMENT + " Just kidding.", "opening", "fail"),
    "a negation close by": (STATEMENT + " I do not like rain.", "opening", "review"),
    "a negation in a clip": (STATEMENT + " I do not like rain.", "alone", "fail"),
    "other speech in a clip": (STATEMENT + " The weather is nice today.", "alone", "review"),
    "thanks in a clip": ("Hello. " + STATEMENT + " Thank you.", "alone", "pass"),
    "a middle name more": (STATEMENT.replace("Maria Lopez", "Maria Elena Lopez"), "opening", "review"),
    "one letter apart": (STATEMENT.replace("Maria Lopez", "Maria Lopes"), "opening", "review"),
    "parts in another order": (STATEMENT.replace("Maria Lopez", "Lopez Maria"), "opening", "review"),
    "the placeholder": (STATEMENT.replace("Maria Lopez", "full name"), "opening", "fail"),
}


@pytest.mark.parametrize(("text", "placement", "verdict"), HEARD.values(), ids=HEARD)
def test_consent_page_is_true(text: str, placement: str, verdict: str) -> None:
    """What the page says of a wording is what becomes of it."""
    assert match_consent(text, full_name="Maria Lopez", placement=placement).verdict == verdict


def test_consent_page_order() -> None:
    """The page gives the order of decision as the engine has it."""
    section = CONSENT.partition("## The order of decision")[2].partition("\n## ")[0]
    names = re.findall(r"#con\d{3}-([a-z-]+)\)", section)

    assert names == list(REASONS)


def test_consent_page_data() -> None:
    """Statements, classes and numbers on the page are those of the data files and the policy."""
    words, policy = lexicon(), load_policy("tavus-replica-phoenix-4").consent
    around, text = words.aliases.around, " ".join(CONSENT.split())

    for template in words.templates:
        assert f"| `{template.id}` | {template.text} |" in CONSENT
    for refused in words.refused:
        assert f"`{refused.id}`" in CONSENT
    assert f"at most {words.classes.max_misses} lost or confused" in text
    assert f"provide at most {words.classes.max_weighty_misses};" in text
    assert f"{around.before} words before and {around.after} words after" in text
    assert f"first {policy.opening_window.value:g} s of a training video" in text
    assert f"up to {policy.max_clip.value:g} s" in text
    (critical,) = re.findall(r"^\| critical \| (.*?) \|", CONSENT, re.MULTILINE)
    (function,) = re.findall(r"^\| function \| (.*?) \|", CONSENT, re.MULTILINE)
    assert {word.lower() for word in critical.split(", ")} == set(words.classes.critical)
    assert set(function.split(", ")) == set(words.classes.function)


# ---- all pages


@by_page
def test_links(page: str, text: str) -> None:
    """Every relative link leads to a file in the repository, and to a heading that is there."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        there = path.resolve().is_relative_to(ROOT) and path.exists()
        if not there or (anchor and anchor not in anchors(path.read_text(encoding="utf-8"))):
            broken.append(target)

    assert broken == []


def preflight_lines(text: str) -> Iterator[list[str]]:
    """The commands named in code, split into words."""
    for line in code(text):
        for match in re.finditer(r"(?:^|[\s/])preflight (?=[a-z])([^|;&]*)", line):
            words = re.sub(r"[\"'].*", "", match[1]) if match[1].count('"') % 2 else match[1]
            yield shlex.split(words, posix=True)


def spellings(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


@by_page
def test_commands(page: str, text: str) -> None:
    """Every `preflight` command named in code is one, and has the options named with it."""
    for name, *rest in preflight_lines(text):
        command = preflight.cli.cli.commands.get(name)
        assert command is not None, f"{page}: preflight {name}"
        known = {option for parameter in command.params for option in spellings(parameter)} | {"--help", "-h"}
        assert {word for word in rest if word.startswith("-") and len(word) > 1} <= known, (
            f"{page}: {name} {rest}"
        )


@by_page
def test_options(page: str, text: str) -> None:
    """Options named on their own belong to some command, or to the scripts of the repository."""
    known = {
        option
        for command in preflight.cli.cli.commands.values()
        for parameter in command.params
        for option in spellings(parameter)
    } | {"--check", "--help"}
    named = {
        word for span in re.findall(r"`(--[^`]+)`", prose(text)) for word in re.findall(r"--[a-z-]+", span)
    }

    assert named <= known


@by_page
def test_make_targets(page: str, text: str) -> None:
    """Every `make` target named in code is one of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    lines = "\n".join(code(text))
    named = re.findall(r"(?:^|[\s:$])make (?:-C \S+ )?([a-z-]+)\b", lines, re.MULTILINE)

    assert set(named) <= targets


@by_page
def test_files(page: str, text: str) -> None:
    """Files of the repository named in code exist."""
    named = re.findall(r"`((?:preflight|submit|docs|tests)/[\w./-]+)`", prose(text))

    assert [] == [name for name in named if not (ROOT / name).exists()]


def test_exit_codes() -> None:
    """The README's table is the contract, and the codes are those of the program."""
    rows = re.findall(r"^\| (\d) \| (.+) \|$", PAGES["README.md"], re.MULTILINE)
    known = preflight.cli

    assert {int(number): meaning for number, meaning in rows} == EXIT_CODES
    assert (known.CLEARED, known.EXIT["pass"], known.EXIT["fail"], known.EXIT["review"]) == (0, 0, 1, 3)
    assert (known.COULD_NOT_RUN, known.REFUSED, known.UNKNOWN) == (2, 4, 5)


def test_help_says_the_same() -> None:
    """The help of the program names every exit code too."""
    shown = " ".join(preflight.cli.cli.get_help(click.Context(preflight.cli.cli)).split())

    for number in EXIT_CODES:
        assert re.search(rf"\b{number} \w", shown)
