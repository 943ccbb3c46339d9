"""The page in a real browser: it is silent, asks for nothing, fits, and can be used without a mouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import preflight
from preflight import Options, Submission
from preflight.render.html import render_html
from preflight.report import Report
from tests.browser import Page, browsing
from tests.conftest import ROOT
from tests.pages import failing, hostile, passing, reviewed, shown_beside

pytestmark = pytest.mark.browser

AXE = ROOT / "build" / "axe" / "axe_playwright_python" / "axe.min.js"  # make build/axe
WIDTHS = (1280, 390)
CLIP = ROOT / "fixtures" / "training_video" / "negated-error" / "clip.mp4"
NAMES = ("pass", "review", "fail", "hostile", "clip")
STEPS_TO_WORDS = 60  # of the Tab key: links and words before the last word


@pytest.fixture(scope="module")
def reports(recogniser_folder: Path) -> dict[str, Report]:
    """Those that are made up, and one of a check."""
    submission = Submission(train_video=CLIP, full_name="Maria Lopez")
    options = Options(asr_model=recogniser_folder, shown="pictures")
    made: dict[str, Report] = {
        "pass": passing(),
        "review": reviewed(),
        "fail": failing(),
        "hostile": hostile(),
    }
    return made | {"clip": preflight.check(submission, options)}


@pytest.fixture(scope="module")
def files(reports: dict[str, Report], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Their pages."""
    folder = tmp_path_factory.mktemp("pages")
    for name, report in reports.items():
        shown = report.exhibits or shown_beside(report, pictures=3)
        (folder / f"{name}.html").write_text(render_html(report, shown), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with browsing() as page:
        yield page


@pytest.fixture(params=NAMES)
def page(request: pytest.FixtureRequest, browser: Page, files: dict[str, Path]) -> Page:
    """A page of each kind, just opened."""
    return opened(browser, files[request.param])


def opened(browser: Page, file: Path, *, width: int = 1280, scheme: str = "light") -> Page:
    browser.prefer(color_scheme=scheme)
    browser.resize(width)
    browser.open(file)
    return browser


def use_all_of(page: Page) -> None:
    """Open, hover, focus and click everything, as a curious reader does."""
    page.run(
        """(async () => {
          for (const each of document.querySelectorAll("details")) each.open = true;
          for (const each of document.querySelectorAll("body *")) {
            for (const kind of ["pointerenter", "mouseover", "pointerleave", "load", "error"])
              each.dispatchEvent(new Event(kind));
            if (each.focus) each.focus();
            if (each.click && each.tagName !== "A") each.click();
          }
          window.dispatchEvent(new Event("beforeprint"));
          window.dispatchEvent(new Event("afterprint"));
          await new Promise((done) => setTimeout(done, 50));
        })()"""
    )


def test_nothing_complains_and_nothing_is_asked_for(page: Page) -> None:
    """No line on the console, no exception, no request but that for the page, whatever is done to it."""
    use_all_of(page)
    asked = [sent["request"]["url"] for sent in page.of_kind("Network.requestWillBeSent")]
    said = list(page.of_kind("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"))

    assert [] == said
    assert 1 == len([url for url in asked if not url.startswith("data:image/jpeg;base64,")])


def test_nothing_hostile_runs(page: Page) -> None:
    """The canaries of names, words and metadata would set a variable and the title."""
    use_all_of(page)

    assert page.run("window.hurt === undefined")
    assert page.run("document.title").partition(":")[0] in ("Cleared", "Needs a person", "Not cleared")
    assert 1 == page.run("document.scripts.length")


def test_the_policy_refuses_what_is_put_into_the_page(browser: Page, files: dict[str, Path]) -> None:
    """So that a text which gets through all the same does nothing."""
    page = opened(browser, files["fail"])
    page.run(
        """(async () => {
          const script = document.createElement("script");
          script.textContent = "window.hurt = 1";
          document.body.append(script);
          const image = document.createElement("img");
          image.setAttribute("onerror", "window.hurt = 1");
          image.src = "https://canary.example/x.png";
          document.body.append(image);
          await fetch("https://canary.example/").catch(() => 0);
          await new Promise((done) => setTimeout(done, 100));
        })()"""
    )
    answered = list(page.of_kind("Network.responseReceived"))

    assert page.run("window.hurt === undefined")
    assert [] == [one for one in answered if "canary" in one["response"]["url"]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits(browser: Page, files: dict[str, Path], name: str, width: int) -> None:
    """Nothing sticks out to the right, opened or closed; wide tables scroll by themselves."""
    page = opened(browser, files[name], width=width)

    for _ in range(2):
        assert width == page.run("document.documentElement.scrollWidth")
        page.run("document.querySelectorAll('details').forEach((each) => each.open = true)")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["pass", "review", "fail", "clip"])
def test_labels_do_not_overlap(browser: Page, files: dict[str, Path], name: str, width: int) -> None:
    """Texts of a figure keep apart from each other."""
    page = opened(browser, files[name], width=width)
    overlaps = page.run(
        """(() => {
          const found = [];
          for (const figure of document.querySelectorAll("svg.plot")) {
            const texts = [...figure.querySelectorAll("text")];
            const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
            for (const [at, [one, a]] of boxes.entries())
              for (const [other, b] of boxes.slice(at + 1))
                if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
                  found.push([one, other]);
          }
          return found;
        })()"""
    )

    assert [] == overlaps


def test_the_keyboard_reaches_every_word(browser: Page, files: dict[str, Path]) -> None:
    """In order, with a visible focus; each shows its time and its place in the sound."""
    page = opened(browser, files["fail"])
    words: list[str] = []
    for _ in range(STEPS_TO_WORDS):
        page.press("Tab")
        focused = page.run(
            """(() => {
              const word = document.activeElement;
              if (!word.matches("button.word")) return null;
              const block = document.querySelector(`rect[data-word="${word.dataset.word}"]`);
              return [word.dataset.word, document.querySelector("[data-readout]").textContent,
                      getComputedStyle(word).outlineStyle, Boolean(block?.classList.contains("here"))];
            })()"""
        )
        if focused is not None:
            number, said, outline, marked = focused
            words.append(number)
            assert "solid" == outline
            assert marked, "its block is marked"
            assert "seconds" in said or "missing" in said

    assert words == [str(at) for at in range(page.run("document.querySelectorAll('button.word').length"))]


def test_a_link_skips_the_words(browser: Page, files: dict[str, Path]) -> None:
    """Not everybody wants to walk through forty of them."""
    page = opened(browser, files["fail"])
    page.run("document.querySelector('.words-figure .skip').focus()")
    page.press("Enter")
    page.press("Tab")

    assert "SUMMARY" == page.run("document.activeElement.tagName")


def test_a_page_is_whole_without_its_script(browser: Page, files: dict[str, Path]) -> None:
    """Times stand below the words, and in the table."""
    browser("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page = opened(browser, files["fail"])
        document = page("DOM.getDocument", depth=-1)
        shown = page("DOM.getOuterHTML", nodeId=document["root"]["nodeId"])["outerHTML"]
    finally:
        browser("Emulation.setScriptExecutionDisabled", value=False)

    assert "data-readout" in shown
    assert '<span class="time" aria-hidden="true">1.0</span>' in shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_no_barrier_is_found(
    browser: Page, files: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    """By axe-core, contrast included (WCAG 2.2 AA), with everything opened."""
    page = opened(browser, files[name], width=width, scheme=scheme)
    page.run("document.querySelectorAll('details').forEach((each) => each.open = true)")
    page.run(AXE.read_text("utf-8") + "; 0")
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    report: dict[str, Any] = page.run(
        f"axe.run(document, {{runOnly: {tags}}}).then((all) => ({{rules: all.passes.length, violations: "
        "all.violations.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200))])}))"
    )

    assert report["rules"] > 20
    assert [] == report["violations"]


def test_paper_shows_what_is_folded(browser: Page, files: dict[str, Path]) -> None:
    """And no link that paper cannot follow."""
    page = opened(browser, files["fail"])
    page("Emulation.setEmulatedMedia", media="print")
    try:
        page.run("window.dispatchEvent(new Event('beforeprint'))")

        assert page.run("[...document.querySelectorAll('details')].every((each) => each.open)")
        assert "none" == page.run("getComputedStyle(document.querySelector('nav')).display")
        page.run("window.dispatchEvent(new Event('afterprint'))")
        assert page.run("[...document.querySelectorAll('details')].every((each) => !each.open)")
    finally:
        page("Emulation.setEmulatedMedia", media="")
