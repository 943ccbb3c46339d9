"""The site: what stands where, where links lead, and that nothing is broken or fetched from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import preflight
import submit
from preflight.cli import cli
from preflight.policy import bundled_policies, load_policy, policy_limits
from preflight.rule import all_rules

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import build_site  # noqa: E402 - a script beside the pages
from site_check import faults_of  # noqa: E402
from site_source import Layout, Plan, SiteError, cut, place, read_plan  # noqa: E402

pytestmark = pytest.mark.media

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def layout() -> Any:
    return build_site.laid_out()


@pytest.fixture(scope="module")
def texts(layout: Any) -> dict[str, str]:
    finished: dict[str, str] = layout.finished()
    return finished


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file into a small repository of its own."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return written


# ---- what stands where


def test_every_rule_has_a_page(texts: dict[str, str]) -> None:
    """With its limits, examples, remedy, and what proves it."""
    for rule in all_rules():
        page = texts[f"rules/{rule.code.lower()}-{rule.name}.md"]
        assert page.startswith(f"# {rule.code} {rule.name}\n")
        for said in (rule.page, rule.remedy, "; ".join(rule.passing), "## What proves it", "Silent on: "):
            assert said in page, rule.code
        family = texts[f"rules/{rule.code[:3].lower()}.md"]
        assert f"/rules/{rule.code.lower()}-{rule.name}\n" in family


def test_every_command_and_option_is_there(texts: dict[str, str]) -> None:
    """Those of groups as well, with the words of their help."""
    page = texts["reference/command-line.md"]
    for path, command in commands(cli, "preflight"):
        section = page.partition(f"\n## {path}\n")[2].partition("\n## ")[0]
        options = [o for p in command.params if isinstance(p, click.Option) for o in p.opts]
        assert section
        assert [option for option in options if option not in section] == []


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_every_exported_name_is_there(texts: dict[str, str]) -> None:
    """In the reference of its package."""
    for package in (preflight, submit):
        page = texts[f"reference/library-{package.__name__}.rst"]
        named = re.findall(rf"^\.\. auto\w+:: {package.__name__}\.(\w+)$", page, re.MULTILINE)
        assert set(named) == {name for name in package.__all__ if not name.startswith("__")}


def test_every_limit_of_every_policy_is_there(texts: dict[str, str]) -> None:
    """All of the default's, and of the others what they say differently."""
    default = policy_limits(load_policy("tavus-replica-phoenix-4"))
    for name in bundled_policies():
        named = set(re.findall(r"^\| `([\w.]+)` \|", texts[f"policies/{name}.md"], re.MULTILINE))
        own = policy_limits(load_policy(name))
        differing = {key for key in own if name == "tavus-replica-phoenix-4" or own[key] != default[key]}
        assert named == differing


def test_exit_codes_are_those_of_the_readme(texts: dict[str, str]) -> None:
    """One table, in both places."""
    codes = re.findall(r"^\| (\d) \| .+ \|$", texts["reference/exit-codes.md"], re.MULTILINE)

    assert codes == ["0", "1", "2", "3", "4", "5"]


def test_nothing_of_the_readme_is_lost_or_told_twice() -> None:
    """Every line of it stands on one page."""
    readme = (ROOT / "README.md").read_text("utf-8")
    done = cut(readme, lambda level, title: f"{level}-{title}" if level < 4 else None)
    lines = [line for page in done.pages.values() for line in page]

    assert sorted(bare(line) for line in lines) == sorted(map(bare, readme.splitlines(keepends=True)))


def bare(line: str) -> str:
    """A line without its level: a heading moves up where it begins a page."""
    return re.sub(r"^#+ ", "# ", line)


def test_every_page_is_in_a_section(layout: Any, texts: dict[str, str]) -> None:
    """The navigation of the front page, with what stands below other pages, holds all but shown files."""
    listed = {line for text in texts.values() for line in re.findall(r"^/(\S+)$", text, re.MULTILINE)}

    assert listed | {"index"} == {path for path, page in layout.pages.items() if page.listed}


def test_a_page_in_no_section_is_named() -> None:
    """Where it would otherwise be lost in silence."""
    plan = Plan((("Use", ("use/*", "a")),), {}, {})

    assert place(["a", "use/b"], plan) == [("Use", ["use/b", "a"])]
    with pytest.raises(SiteError, match=r"in no section of the site: c; name it in docs/site/nav\.toml"):
        place(["a", "c"], plan)


def test_a_decision_is_found_by_itself(texts: dict[str, str]) -> None:
    """No file names them but their own list."""
    for file in (DOCS / "decisions").glob("0*.md"):
        assert f"/decisions/{file.stem}\n" in texts["decisions/index.md"]
        assert f"]({file.stem}.md)" in texts["decisions/index.md"]


# ---- links


def small(write: Write, page: str) -> Layout:
    """A repository with a page, another one, a picture and a program."""
    write("README.md", "# front\n\n## Faces\n\nfaces\n")
    write("docs/page.md", page)
    write("docs/other.md", "# Other\n\n## Further down\n")
    write("CHANGELOG.md", "# Changes\n")
    write("fixtures/README.md", "# Fixtures\n")
    root = write("docs/shown.svg", "<svg/>").parent.parent
    layout = Layout(root, Plan((("All", ("*",)),), {"front": "index"}, {}))
    layout.add_docs()
    return layout


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("other.md", "other.md"),
        ("other.md#further-down", "other.md#further-down"),
        ("../README.md#faces", "use/faces.md"),
        ("../README.md", "index.md"),
        ("shown.svg", "pictures/shown.svg"),
        ("#page", "#page"),
        ("https://example.com/a#b", "https://example.com/a#b"),
    ],
)
def test_links_between_files_lead_to_pages(target: str, leads_to: str, write: Write) -> None:
    """What works on a code host works on the site."""
    texts = small(write, f"# Page\n\nA [`link`]({target}).\n").finished()

    assert texts["page.md"] == f"# Page\n\nA [`link`]({leads_to}).\n"


def test_a_link_to_a_program_shows_it(texts: dict[str, str]) -> None:
    """On a page that is reached by links alone."""
    assert "(../source/submit/errors.py.md)" in texts["use/library.md"]
    shown = texts["source/submit/errors.py.md"]
    assert shown.startswith("---\norphan: true\nnosearch: true\n---\n")
    assert (ROOT / "submit" / "errors.py").read_text("utf-8") in shown


@pytest.mark.parametrize("target", ["gone.py", "../../etc/passwd", "../README.md#gone"])
def test_a_broken_link_fails(target: str, write: Write) -> None:
    """Before anything is built."""
    with pytest.raises(SiteError):
        small(write, f"# Page\n\nA [link]({target}).\n").finished()


def test_code_is_left_alone(write: Write) -> None:
    """A link in code is none, nor is a comment in it."""
    page = "# Page\n\n`[a](gone.md)`\n\n```text\n[b](gone.md)\n<!-- kept -->\n# no heading\n```\n"

    assert small(write, page).finished()["page.md"] == page


def test_headings_that_the_readme_lacks_are_named(write: Write) -> None:
    """A heading was renamed: its page would have been swallowed by the one above."""
    write("README.md", "# front\n")
    layout = Layout(write("x", "").parent, Plan((), {"front": "index", "Gone": "gone"}, {}))

    with pytest.raises(SiteError, match="lacks: Gone"):
        layout.add_docs()


def test_the_plan_fits_the_readme() -> None:
    """Every heading that begins a page is one of the README's."""
    readme = (ROOT / "README.md").read_text("utf-8")

    assert [name for name in read_plan().readme if not re.search(rf"^#+ {name}$", readme, re.MULTILINE)] == []


# ---- what is looked at afterwards

GOOD = '<html><body id="top"><a href="b.html#x">b</a><a href="https://example.com/">out</a></body></html>'


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (GOOD, None),
        ('<a href="#top">here</a><p id="top">', None),
        ('<a href="gone.html">gone</a>', "gone.html leads nowhere"),
        ('<a href="b.html#gone">gone</a>', "b.html#gone has no such anchor"),
        ('<a href="/b.html">not below another address</a>', "/b.html leads nowhere"),
        ('<a href="../outside.html">outside</a>', "../outside.html leads nowhere"),
        ('<img src="gone.png">', "fetches gone.png, which is not there"),
        (
            '<script src="https://cdn.example/a.js"></script>',
            "fetches https://cdn.example/a.js from elsewhere",
        ),
        ('<link rel="stylesheet" href="//cdn.example/a.css">', "fetches //cdn.example/a.css from elsewhere"),
        ('<img srcset="https://cdn.example/a.png 2x">', "fetches https://cdn.example/a.png from elsewhere"),
        ("<style>@import 'https://cdn.example/f.css'</style>", "fetches https://cdn.example/f.css from"),
        ('<p style="background: url(https://cdn.example/p.png)">', "fetches https://cdn.example/p.png from"),
    ],
)
def test_what_is_wrong_with_a_built_page_is_seen(page: str, fault: str | None, write: Write) -> None:
    """Links, anchors, and what a browser would fetch."""
    folder = write("site/a.html", page).parent
    write("site/b.html", '<p id="x">')
    write("outside.html", "")

    assert [fault in found for found in faults_of(folder)] == ([True] if fault else [])


def test_what_styles_and_scripts_fetch_is_seen(write: Write) -> None:
    """A font from elsewhere, and a program."""
    folder = write("site/a.css", "@font-face { src: url('https://cdn.example/f.woff2') }").parent
    write("site/a.js", 'import("https://cdn.example/a.mjs"); // https://example.com is only named')

    assert len(faults_of(folder)) == 2


def test_the_lock_is_of_hashes_alone() -> None:
    """It names no place to fetch from, and what it shares with the other lock has the same version."""
    lock, other = (
        (ROOT / name).read_text("utf-8") for name in ("requirements-docs.lock", "requirements.lock")
    )
    pins, others = (dict(re.findall(r"^([\w-]+)==(\S+) \\$", text, re.MULTILINE)) for text in (lock, other))

    assert "://" not in lock
    assert {"sphinx-basic-ng", "furo", "myst-parser"} <= set(pins)
    assert {name: pin for name, pin in pins.items() if others.get(name, pin) != pin} == {}
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", lock)[1:])


# ---- the site itself


@pytest.fixture(scope="module")
def site() -> Path:
    done = subprocess.run(
        ["make", "site"], cwd=ROOT, timeout=400, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "build" / "site"


@pytest.mark.site
@pytest.mark.timeout(420)
def test_it_builds_without_a_fault(site: Path) -> None:
    """No warning, no broken link or anchor, nothing fetched from elsewhere; a page for every one laid out."""
    assert faults_of(site) == []
    laid_out = {
        str(path.with_suffix(".html")) for path in relative(site.with_name("site-source"), "md", "rst")
    }
    assert laid_out == {str(path) for path in relative(site, "html")} - {"search.html"}


def relative(folder: Path, *kinds: str) -> list[Path]:
    return [path.relative_to(folder) for kind in kinds for path in folder.rglob(f"*.{kind}")]


@pytest.mark.site
@pytest.mark.timeout(420)
def test_it_is_searchable_light_and_dark(site: Path) -> None:
    """The index is a script, which a page opened from a file may load."""
    assert (site / "searchindex.js").read_text("utf-8").startswith("Search.setIndex(")
    assert "con004-consent-negated" in (site / "searchindex.js").read_text("utf-8")
    page = (site / "rules" / "con004-consent-negated.html").read_text("utf-8")
    assert 'class="theme-toggle' in page
    assert "prefers-color-scheme: dark" in page


@pytest.mark.site
@pytest.mark.parametrize(
    "text",
    ["[a](#gone)", "[a](other.md#gone)", "```{nothing}\n```"],
)
def test_a_warning_is_an_error(text: str, write: Write) -> None:
    """Sphinx sees what the layout did not."""
    source = write("source/index.md", f"# Front\n\n{text}\n\n```{{toctree}}\n/other\n```\n").parent
    write("source/other.md", "# Other\n")

    assert build_site.built(source, source.with_name("out")) != 0


@pytest.mark.site
def test_a_sound_page_is_none(write: Write) -> None:
    """The same without a fault is built."""
    source = write("source/index.md", "# Front\n\n[a](other.md#other)\n\n```{toctree}\n/other\n```\n").parent
    write("source/other.md", "# Other\n")

    assert build_site.built(source, source.with_name("out")) == 0
