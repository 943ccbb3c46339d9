"""The page: whole, alone, the same as the JSON report, and harmless whatever it shows."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

import submit.cli  # noqa: F401 - adds the commands that send
from preflight.cli import cli
from preflight.exhibit import Exhibits
from preflight.render.html import render_html
from preflight.report import Report
from preflight.submission import Role
from tests.fake_service import passing_report
from tests.pages import HOSTILE, failing, finding, hostile, passing, reviewed, shown_beside

pytestmark = pytest.mark.media

REPORTS = {"pass": passing, "review": reviewed, "fail": failing, "hostile": hostile}
VOID = {"meta", "br", "img", "hr", "input", "link"}
DRAWN = {"path", "rect", "line", "circle"}
MOST_BYTES = 5 << 20


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    content: list[Element | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def classes(self) -> set[str]:
        return set(self["class"].split())

    @property
    def children(self) -> list[Element]:
        return [part for part in self.content if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """Its own."""
        return "".join(part for part in self.content if isinstance(part, str))

    @property
    def whole_text(self) -> str:
        """As a reader has it, blanks made one."""
        parts = (part if isinstance(part, str) else part.whole_text for part in self.content)
        return " ".join(" ".join(parts).split())


class Page(HTMLParser):
    """The elements of a page, read as a browser reads it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{element.tag}> is left open" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        parent = self._open[-1] if self._open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, parent)
        self.elements.append(element)
        if parent is not None:
            parent.content.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop().tag != tag:
            self.faults.append(f"</{tag}> closes what is not open")

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].content.append(data)

    def of(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]


@cache
def rendered(name: str, pictures: int = 2) -> str:
    report = REPORTS[name]()
    return render_html(report, shown_beside(report, pictures=pictures))


@cache
def page(name: str) -> Page:
    return Page(rendered(name))


pages = pytest.mark.parametrize("name", REPORTS)


@pages
def test_markup_is_sound(name: str) -> None:
    """What is opened is closed, ids are there once, and what refers to one finds it."""
    found = page(name)
    ids = [element["id"] for element in found.elements if element["id"]]
    named = [
        target
        for element in found.elements
        for target in [*element["aria-labelledby"].split(), element["href"].removeprefix("#")]
        if target
    ]

    assert [] == found.faults
    assert len(ids) == len(set(ids))
    assert set() == set(named) - set(ids)


def test_what_was_not_assessed_for_one_reason_is_told_once() -> None:
    """And can be led to by the code of each rule."""
    unsure = [
        finding(code, f"rule-{code}", "too dark to tell", at=(at, at + 1.0), assessed=False)
        for at, code in enumerate(("VID020", "VID021", "VID021"))
    ]
    report = replace(reviewed(), findings=tuple(unsure))

    found = Page(render_html(report))

    assert 1 == found.of("section")[0].whole_text.count("too dark to tell")
    assert {"finding-1", "finding-2", "finding-3"} <= {element["id"] for element in found.elements}
    assert {"#finding-1", "#finding-2"} <= {a["href"] for a in found.of("a") if "label" in a.classes}


@pages
def test_a_screen_reader_finds_its_way(name: str) -> None:
    """Landmarks, one first heading, no level left out, names for what has no text."""
    found = page(name)
    levels = [int(heading.tag[1]) for heading in found.of("h1", "h2", "h3", "h4", "h5", "h6")]
    figures = [svg for svg in found.of("svg") if svg.parent is None or svg.parent.tag != "svg"]

    assert [1, 1, 1] == [len(found.of(tag)) for tag in ("header", "main", "footer")]
    assert "en-GB" == found.of("html")[0]["lang"]
    assert found.of("nav")[0]["aria-label"]
    assert (1, 1) == (levels[0], levels.count(1))
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(section["aria-labelledby"] for section in found.of("section"))
    assert all(svg["aria-hidden"] == "true" or (svg["role"] and svg["aria-label"]) for svg in figures)
    assert all(image["alt"] for image in found.of("img"))
    assert all(head["scope"] in ("col", "row") for head in found.of("th"))


@pages
def test_a_page_asks_for_nothing(name: str) -> None:
    """Whatever could make a request leads to the page itself or holds its data."""
    found = page(name)
    leading = ("href", "src", "srcset", "action", "data", "poster", "xlink:href", "background", "ping")
    targets = {element[name] for element in found.elements for name in leading if element[name]}

    assert all(t.startswith(("#", "data:image/jpeg;base64,")) for t in targets)
    assert set() == {e.tag for e in found.elements} & {"link", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"url\(|@import|@font-face", found.of("style")[0].text)
    assert not re.search(r"fetch|XMLHttp|import|innerHTML|eval|\.src\b", found.of("script")[0].text)


@pages
def test_a_policy_allows_its_own_style_and_script_alone(name: str) -> None:
    """By their digests, and before either is met."""
    found = page(name)
    head = next(element for element in found.elements if element.tag == "head")
    csp = next(meta for meta in found.of("meta") if meta["http-equiv"] == "Content-Security-Policy")

    def digest(tag: str) -> str:
        (element,) = found.of(tag)
        return base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()

    assert csp in head.children[:2]
    assert (
        f"default-src 'none'; style-src 'sha256-{digest('style')}'; script-src 'sha256-{digest('script')}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    ) == csp["content"]
    assert not [e.tag for e in found.elements if e["style"]], "style attributes do not pass the policy"


def test_nothing_hostile_comes_to_life() -> None:
    """File names, metadata, names, words, messages and policies are text, and text alone."""
    found, text = page("hostile"), rendered("hostile")
    handlers = {name for element in found.elements for name in element.attributes if name.startswith("on")}
    plain = Page(rendered("pass"))

    assert set() == handlers
    assert [1, 1] == [len(found.of(tag)) for tag in ("script", "style")]
    assert {e.tag for e in found.elements} - {e.tag for e in plain.elements} <= {
        *("del", "ins", "table", "thead", "tbody", "tr", "th", "td"),
        *("article", "blockquote", "pre", "h4", "strong", "text", "line"),
    }
    assert not set("\u202e\u2066\x1b\x00\r\ud800") & set(text)
    assert "{{ 7 * 7 }}" in found.of("body")[0].whole_text


@pages
def test_a_page_is_the_same_in_every_encoding(name: str) -> None:
    """Standard output is what it is; style and script have digests, in which a letter counts."""
    assert rendered(name).isascii()


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_stands_where_it_was_found(text: str) -> None:
    """It is shown, as far as it can be, not dropped."""
    shown = " ".join(text.split("\x00")[0].replace("\u202e", "�").replace("\u2066", "�").split())[:200]

    assert shown.replace("\x1b", "�") in page("hostile").of("body")[0].whole_text


@pages
def test_page_and_json_agree(name: str) -> None:
    """On the verdict, on every code, and on every word."""
    report, found = REPORTS[name](), page(name)
    document = json.loads(json.dumps(report.to_dict()))
    text = found.of("body")[0].whole_text
    codes = set(re.findall(r"\b[A-Z]{3}\d{3}\b", text))
    words = [button for button in found.of("button") if "word" in button.classes]

    assert document["verdict"] in found.of("header")[0].classes
    assert {f["code"] for f in document["findings"]} | set(document["passed"]) <= codes
    assert [w["status"] for w in document["consent"]["words"]] == [
        next(iter(button.classes - {"word", "critical"})) for button in words
    ]
    assert [w["critical"] for w in document["consent"]["words"]] == ["critical" in b.classes for b in words]


def test_measures_and_times_are_shown() -> None:
    """As the JSON report has them, with their units."""
    text = page("fail").of("main")[0].whole_text

    assert "Measured 41.2 s Limit 60 s" in text.replace("\u00a0", " ")
    assert "In the clip 00:02.3 to 00:02.9" in text
    assert "What to do Record it again." in text
    assert "Prevents video_duration" in text


def test_words_are_marked_without_colour() -> None:
    """What was left out, added and changed is said in elements and in words."""
    found = page("fail")
    said = {button.whole_text.partition(" , ")[0]: button.whole_text for button in found.of("button")}
    tags = {
        child.tag: child.text
        for button in found.of("button")
        for child in button.children
        if child.tag in ("ins", "del")
    }

    assert {"del", "ins"} == set(tags)
    assert "do , added, seconds" in said["do"]
    assert "be , missing" in said["be"]
    assert "another word" in said["me him"]


def test_what_waits_for_a_person_is_a_finding() -> None:
    """A page that needs a person says first what for."""
    first = page("review").of("article")[0].whole_text

    assert first.startswith("Not assessed CON014 consent-name-alike sounds alike What to do")


def test_pictures_only_where_they_are_among_the_exhibits() -> None:
    """Curves are measurements; a picture is the person's."""
    assert "<img" not in rendered("pass", 0)
    assert "data:image" not in rendered("pass", 0)
    assert "--embed-media" in rendered("pass", 0)
    assert 2 == len(page("pass").of("img"))
    assert "--embed-media" not in rendered("pass")


def test_without_exhibits_the_page_says_so() -> None:
    """Marks in time are still there."""
    report = failing()
    found = Page(render_html(report))

    assert "made without the sound's curves" in found.of("main")[0].whole_text
    assert {"CON004", "VID021"} <= {a.text for a in found.of("a") if "label" in a.classes}
    assert not [path for path in found.of("path") if "wave" in path.classes]


def test_a_picture_names_what_was_found_at_its_time() -> None:
    """Each stands for the time up to half-way to its neighbours."""
    captions = [e.whole_text for e in page("fail").of("span") if "caption" in e.classes]

    assert ["00:00.0 CON004", "00:05.0 CON004 VID021"] == captions


def test_secrets_are_on_no_page() -> None:
    """Callback tokens, queries and keys are in no JSON report, and so in no page."""
    report = passing_report(
        train_video="https://user:canary-a@media.example/clip.mp4?token=canary-b",
        train_video_url="https://media.example/clip.mp4?sig=canary-c",
        callback_url="https://app.example/hook?key=canary-d",
    )

    assert "canary" not in render_html(report, shown_beside(report))


def test_a_page_has_a_size() -> None:
    """Whatever is found, and however long the names."""
    report = hostile()
    many = tuple(finding("VID021", "picture-cuts", "x" * 10_000, at=(at, at + 1)) for at in range(5000))
    words = report.consent.words * 100 if report.consent else ()
    full = replace(report, findings=many, consent=report.consent and replace(report.consent, words=words))

    shown = render_html(full, shown_beside(report, pictures=24))

    assert len(shown.encode()) < MOST_BYTES
    assert "4700 more findings are in the JSON report" in shown


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan"), 1e9, 0.01])
def test_odd_lengths_make_no_figure_or_a_sound_one(seconds: float) -> None:
    """What a file says of its length is what it likes."""
    report = failing()
    files = tuple(replace(asset, facts={"duration_s": seconds}) for asset in report.assets)

    shown = render_html(replace(report, assets=files), Exhibits(()))

    assert not re.search(r'="[^"]*(nan|inf)[^"]*%', shown)
    assert [] == Page(shown).faults


def test_a_report_on_nothing_has_a_page() -> None:
    """No file, no consent, no rule."""
    report: Report = replace(passing(), assets=(), consent=None, consent_asset=None, passed=())

    assert [] == Page(render_html(report, Exhibits(()))).faults


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """To standard output or to a file, with the exit code of the verdict."""
    clip, output = tmp_path / '"><img src=x onerror=hurt()>.mp4', tmp_path / "report.html"
    clip.write_text("words\n")
    asked = ["check", "--train-video", str(clip), "--format", "html"]

    shown = CliRunner().invoke(cli, asked, standalone_mode=False)
    written = CliRunner().invoke(cli, [*asked, "--output", str(output)], standalone_mode=False)

    assert (1, 1) == (shown.return_value, written.return_value)
    assert shown.output.startswith("<!doctype html>")
    assert shown.output == output.read_text("utf-8")
    assert [] == Page(shown.output).of("img")
    assert "<img src=x onerror=hurt()>.mp4" in Page(shown.output).of("code")[0].text


def test_media_are_embedded_in_a_page_alone() -> None:
    """In no other form is there room for them."""
    done = CliRunner().invoke(cli, ["check", "--train-video", "x.mp4", "--embed-media"])

    assert 2 == done.exit_code
    assert "--embed-media goes with --format html" in done.output


@pytest.mark.parametrize("command", ["consent", "rules", "evaluate"])
def test_other_commands_have_no_page(command: str) -> None:
    """Only a check is shown as one."""
    assert "html" not in CliRunner().invoke(cli, [command, "--help"]).output


def test_roles_are_named_as_people_say_them() -> None:
    """And not as the JSON report spells them."""
    text = Page(render_html(passing_report(roles=list(Role)))).of("main")[0].whole_text

    assert {"Training video", "Consent video", "Training image"} <= set(
        re.findall(r"(?:Training|Consent) (?:video|image)", text)
    )
