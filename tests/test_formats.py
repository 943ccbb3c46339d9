"""Reports for CI systems: read back as those read them, and never at odds with the JSON report.

Whatever comes from files, names, words and addresses is hostile here.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as Xml
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace as replace_fields
from xmlschema import XMLSchema

from preflight.consent import match_consent
from preflight.engine import _subjects
from preflight.evidence.gather import Evidence, Workshop
from preflight.policy import Waiver, load_policy
from preflight.render.cases import judged
from preflight.render.formats import FORMATS
from preflight.render.github import render_github
from preflight.render.junit import render_junit
from preflight.render.markdown import render_markdown
from preflight.render.sarif import render_sarif
from preflight.report import AssetReport, Finding, ListedAt, Report
from preflight.rule import Severity, all_rules
from preflight.rules.consent_words import STATEMENT
from preflight.submission import Depth, Role, Submission
from preflight.verdict import Verdict
from tests.fake_service import passing_report

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8")))
JUNIT = XMLSchema(SCHEMAS / "junit.xsd")
RENDERERS: tuple[Callable[[Sequence[Report]], str], ...] = (
    render_junit,
    render_sarif,
    render_github,
    render_markdown,
)
HOSTILE = (
    "::error file=x,line=1::injected",
    "a\n::set-output name=x::y\r\n##[add-mask]z",
    "%0A::error::x %25 :,;=",
    "a|b\\|c\\\\|d",
    "`x` ```y``` ``",
    "<script>alert(1)</script><!-- -->&lt;",
    "[click](https://evil.example) ![x](y) <https://a.example>",
    "@octocat #12 GH-3 a@b.example www.evil.example https://evil.example/x",
    "{0} {{1}} [1](1)",
    "]]><failure/>\x00\x1b[31m\ufffe\ud800",
    "---\n# heading\n| a |\n|---|",
    "- item",
    "1. item",
    "=== ### $x$ ~~a~~ **b** _c_ \u202e",
    "   ",
    "",
)


# ---- what the other side does with a report


@dataclass(frozen=True)
class Command:
    """A workflow command, as a runner understands it."""

    name: str
    properties: dict[str, str]
    data: str


def run_by_github(text: str) -> list[Command]:
    """What the runner makes of the output of a step. Source: actions/runner, ActionCommand.cs."""
    found = []
    for line in text.splitlines():
        trimmed = line.lstrip()
        end = trimmed.find("::", 2)
        if not trimmed.startswith("::") or end < 0:
            assert "##[" not in line, "an older form of commands, anywhere in a line"
            continue
        name, _, rest = trimmed[2:end].partition(" ")
        pairs = [pair.split("=", 1) for pair in rest.strip().split(",") if pair]
        properties = {pair[0]: unescaped(pair[1], ":,") for pair in pairs if len(pair) == 2}
        found.append(Command(name, properties, unescaped(trimmed[end + 2 :])))
    return found


def unescaped(text: str, more: str = "") -> str:
    for character in f"\r\n{more}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
STRUCTURE = {
    "html_block",
    "html_inline",
    "link_open",
    "image",
    "em_open",
    "strong_open",
    "s_open",
    "blockquote_open",
    "ordered_list_open",
    "hr",
    "code_block",
    "hardbreak",
}


def all_tokens(text: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, as plain text, without its head."""
    found: list[list[str]] = []
    for before, token in zip([None, *MARKDOWN.parse(text)], MARKDOWN.parse(text), strict=False):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and before is not None and before.type == "td_open":
            found[-1].append("".join(child.content for child in token.children or ()))
    return [row for row in found if row]


# ---- reports of every kind

RULES = all_rules()
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
sources = texts.filter(lambda text: text != "").map(lambda text: text.replace("\0", ""))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    rule = draw(st.sampled_from(RULES))
    return Finding(
        code=rule.code,
        rule=rule.name,
        severity=draw(st.sampled_from(Severity)),
        assessed=draw(st.booleans()),
        asset=draw(st.sampled_from((None, *sorted(rule.roles)))),
        message=draw(texts),
        remedy=draw(texts),
        measured=draw(st.sampled_from((None, 1, 2.5, "hevc|@x"))),
        at=draw(st.sampled_from((None, (0.0, 1.5), (59.96, 60.0)))),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    roles = draw(st.lists(st.sampled_from(Role), unique=True, max_size=3))
    assets = tuple(
        AssetReport(
            role,
            draw(sources),
            draw(st.sampled_from((None, "ab" * 32))),
            draw(st.sampled_from((None, 0, 4321))),
            etag=draw(st.sampled_from((None, '"x|@y"'))),
        )
        for role in sorted(roles)
    )
    found = sorted(draw(st.lists(findings(), max_size=6)), key=lambda finding: finding.sort_key)
    broken = {finding.code for finding in found}
    passed = draw(st.lists(st.sampled_from(RULES), unique_by=lambda rule: rule.code, max_size=6))
    words = draw(texts)
    spoken = draw(
        st.sampled_from((STATEMENT, STATEMENT.replace("and consent", f"and {words} consent"), words))
    )
    waiver = Waiver(reason=draw(texts) or "-", read=load_policy("tavus-replica-phoenix-4").read)
    policy = replace_fields(load_policy("tavus-replica-phoenix-4"), waivers={"video-hdr": waiver})
    return replace(
        passing_report(),
        submission=Submission(full_name=draw(texts)),
        policy=policy,
        assets=assets,
        findings=tuple(found),
        passed=tuple(sorted({rule.code for rule in passed} - broken)),
        consent=draw(st.sampled_from((None, match_consent(spoken, full_name="Maria Lopez")))),
        waived=draw(st.sampled_from(((), ("video-hdr",)))),
        listed_at=draw(st.sampled_from((None, ListedAt(draw(sources), 7)))),
    )


def finding(
    code: str = "VID001",
    severity: Severity = Severity.ERROR,
    *,
    assessed: bool = True,
    asset: Role | None = Role.TRAINING_VIDEO,
    message: str = "lasts 41.2 s; at least 60 s is required",
    measured: float = 41.2,
) -> Finding:
    rule = next(rule for rule in RULES if rule.code == code)
    return Finding(
        code,
        rule.name,
        severity,
        assessed,
        asset,
        message,
        rule.remedy,
        measured=measured,
        limit=60,
        unit="s",
    )


def report(*found: Finding, source: str = "clips/a.mp4", **changes: Any) -> Report:
    passing = passing_report()
    assets = (replace(passing.assets[0], source=source),)
    return replace(passing, **({"assets": assets, "findings": found, "passed": ("VID002",)} | changes))


def cases_of(text: str) -> list[TestCase]:
    return [case for suite in JUnitXml.fromstring(text) for case in suite]


def outcome(case: TestCase) -> type | None:
    return type(case.result[0]) if case.result else None


# ---- all forms say the same


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(reports(), min_size=1, max_size=3))
def test_all_forms_agree_with_the_json_report(made: list[Report]) -> None:
    """On verdicts, codes, severities and outcomes, whatever the files are called and people say."""
    documents = [one.to_dict() for one in made]

    agree_junit(render_junit(made), documents)
    agree_sarif(render_sarif(made), documents)
    agree_github(render_github(made), documents)
    agree_markdown(render_markdown(made), documents)


def agree_junit(text: str, documents: list[dict[str, Any]]) -> None:
    JUNIT.validate(Xml.fromstring(text))  # noqa: S314 - our own
    suites = list(JUnitXml.fromstring(text))
    at = 0
    for document in documents:
        # a suite for the request opens each submission's suites
        end = next(
            (n for n in range(at + 1, len(suites)) if re.search(r"\(request\)( #\d+)?$", suites[n].name)),
            None,
        )
        own = suites[at:end]
        at = end or len(suites)
        assert {document["verdict"]} == {
            p.value for suite in own for p in suite.properties() if p.name == "verdict"
        }
        cases = [(suite, case) for suite in own for case in suite]
        blocked = {Failure, Error} & {outcome(case) for _, case in cases}
        assert (document["verdict"] != "pass") == bool(blocked)
        assert (document["verdict"] == "fail") == (Failure in blocked)
        by_code: dict[str, set[type | None]] = {}
        for _, case in cases:
            by_code.setdefault(case.name.split(" ")[0], set()).add(outcome(case))
        by_code.pop("verdict", None)
        assert set(document["passed"]) | {f["code"] for f in document["findings"]} == set(by_code)
        assert all({None} == by_code[code] for code in document["passed"])
        groups: dict[tuple[str, str | None], list[type | None]] = {}
        for found in document["findings"]:
            groups.setdefault((found["code"], found["asset"]), []).append(
                {
                    ("violation", "error"): Failure,
                    ("not-assessed", "error"): Error,
                    ("not-assessed", "warning"): Skipped,
                    ("not-assessed", "advice"): Skipped,
                }.get((found["outcome"], found["severity"]))
            )
        order = [Failure, Error, Skipped, None]
        expected = Counter((code, min(kinds, key=order.index)) for (code, _), kinds in groups.items())
        assert expected <= Counter((case.name.split(" ")[0], outcome(case)) for _, case in cases)


def agree_sarif(text: str, documents: list[dict[str, Any]]) -> None:
    log = json.loads(text)
    SARIF.validate(log)
    (run,) = log["runs"]
    assert [d["verdict"] for d in documents] == [s["verdict"] for s in run["properties"]["submissions"]]
    assert [d["passed"] for d in documents] == [s["passed"] for s in run["properties"]["submissions"]]
    expected = [
        (n, f["code"], f["severity"], f["outcome"]) for n, d in enumerate(documents) for f in d["findings"]
    ]
    assert expected == [
        (r["properties"]["submission"], r["ruleId"], r["properties"]["severity"], r["properties"]["outcome"])
        for r in run["results"]
    ]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"] == "fail") == (result["level"] != "none")
        assert (result["kind"] == "fail") == (result["properties"]["outcome"] == "violation")
        assert (result["kind"], result["level"]) in {
            "error": {("fail", "error"), ("review", "none")},
            "warning": {("fail", "warning"), ("open", "none")},
            "advice": {("fail", "note"), ("open", "none")},
        }[result["properties"]["severity"]]
    prints = [result["partialFingerprints"]["preflightFinding/v1"] for result in run["results"]]
    assert len(prints) == len(set(prints))


LEVELS = {"error": "error", "warning": "warning", "advice": "notice"}


def agree_github(text: str, documents: list[dict[str, Any]]) -> None:
    commands = run_by_github(text)
    assert len(text.splitlines()) == len(commands) == text.count("\n")
    assert {"error", "warning", "notice"} >= {command.name for command in commands}
    verdicts, violated, unassessed = [], Counter[tuple[str, str]](), set()
    for command in commands:
        title = command.properties["title"]
        if title.startswith("preflight: "):
            verdicts.append(title.removeprefix("preflight: "))
            assert (verdicts[-1] == "pass") == (command.name == "notice")
        elif title.startswith("not assessed: "):
            unassessed |= {(code, command.name) for code in title.removeprefix("not assessed: ").split(", ")}
        else:
            violated[title.split(" ")[0], command.name] += 1
    found = [f for document in documents for f in document["findings"]]
    assert [document["verdict"] for document in documents] == verdicts
    assert violated == Counter(
        (f["code"], LEVELS[f["severity"]]) for f in found if f["outcome"] == "violation"
    )
    assert unassessed == {(f["code"], LEVELS[f["severity"]]) for f in found if f["outcome"] == "not-assessed"}


def agree_markdown(text: str, documents: list[dict[str, Any]]) -> None:
    tokens = list(all_tokens(text))
    assert set() == STRUCTURE & {token.type for token in tokens}
    headings = [token.content for before, token in pairwise(tokens) if before.type == "heading_open"]
    assert [d["verdict"].upper() for d in documents] == [
        heading.removeprefix("Preflight: ") for heading in headings if heading.startswith("Preflight: ")
    ]
    assert all(heading.startswith(("Preflight: ", "Consent: ")) for heading in headings)
    found = [f for document in documents for f in document["findings"]]
    table = rows(text)
    assert all(5 == len(row) for row in table)
    assert [(f["severity"], f["code"]) for f in found if f["outcome"] == "violation"] == [
        (row[0], row[1].split(" ")[0]) for row in table
    ]
    noted = re.findall(
        r"^- Not assessed( \(a person has to look\))?: ((?:[A-Z]{3}\d{3}(?:, )?)+):", text, re.MULTILINE
    )
    assert {(f["code"], f["severity"] == "error") for f in found if f["outcome"] == "not-assessed"} == {
        (code, bool(blocks)) for blocks, codes in noted for code in codes.split(", ")
    }
    said = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"@\w|#\d|://\w|www\.", said, re.IGNORECASE)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(reports())
def test_the_same_report_gives_the_same_bytes(made: Report) -> None:
    """And one whose texts cannot be encoded gives some that can."""
    for render in RENDERERS:
        assert render([made]).encode("utf-8") == render([made]).encode("utf-8")


def test_no_reports_are_a_document_too() -> None:
    """An empty list of submissions is no crash."""
    JUNIT.validate(Xml.fromstring(render_junit([])))  # noqa: S314 - our own
    SARIF.validate(json.loads(render_sarif([])))

    assert ("", "") == (render_github([]), render_markdown([]))


def test_every_form_is_in_the_table() -> None:
    """Choices of the command line are read off it."""
    assert {"text", "json", "junit", "sarif", "github", "markdown"} <= set(FORMATS)
    for render in FORMATS.values():
        assert render([report(finding())], False, 80)


# ---- JUnit


def test_rules_are_applied_in_cases_as_the_engine_applies_them(tmp_path: Path) -> None:
    """A code that passed says nothing of the file; where its rule applies is worked out the same way."""
    here, clip = tmp_path / "a.mp4", tmp_path / "c.mp4"
    here.touch()
    clip.touch()
    policy = load_policy("tavus-replica-phoenix-4")
    for submission in (
        Submission(train_video=here),
        Submission(train_video=here, consent_video=clip),
        Submission(train_video=here, train_video_url="https://media.example/a.mp4"),
        Submission(train_image=here, callback_url="https://studio.example/x"),
    ):
        workshop = Workshop(
            submission, policy, Depth.STANDARD, recogniser=lambda: pytest.fail("nothing is heard")
        )
        assets = [Evidence(role, source, workshop) for role, source in submission.sources()]
        speaking = next((asset.role for asset in assets if asset.bears_consent), None)
        made = report(
            submission=submission,
            assets=tuple(AssetReport(asset.role, asset.name, None, 0) for asset in assets),
            consent_asset=speaking,
        )
        for rule in RULES:
            subjects = [role for role, _ in _subjects(rule, submission, Depth.STANDARD, assets, ())]
            assert subjects == list(judged(rule, made)), (rule.code, submission)


@pytest.mark.parametrize(
    ("expected", "severity", "assessed"),
    [
        (Failure, Severity.ERROR, True),
        (Error, Severity.ERROR, False),
        (None, Severity.WARNING, True),
        (None, Severity.ADVICE, True),
        (Skipped, Severity.WARNING, False),
        (Skipped, Severity.ADVICE, False),
    ],
)
def test_junit_outcomes(expected: type | None, severity: Severity, assessed: bool) -> None:
    """What blocks is never green, and what does not is never red."""
    text = render_junit([report(finding(severity=severity, assessed=assessed))])

    (case,) = [case for case in cases_of(text) if case.name.startswith("VID001")]
    assert expected is outcome(case)
    assert ("lasts 41.2 s" in (case.system_out or "")) == (expected is None)
    if expected is not None:
        assert "lasts 41.2 s; at least 60 s is required" == case.result[0].message


@pytest.mark.parametrize("changes", [{"passed": ()}, {"consent": None}, {"assets": ()}])
def test_a_review_without_a_finding_is_no_success(changes: dict[str, Any]) -> None:
    """Nothing was assessed, or nothing was heard: no rule says so, and the document must."""
    made = report(**changes)

    assert Verdict.REVIEW == made.verdict
    assert Error in {outcome(case) for case in cases_of(render_junit([made]))}


def test_suites_are_told_apart() -> None:
    """Readers take two suites of one name for one, and lose half of it."""
    names = [suite.name for suite in JUnitXml.fromstring(render_junit([report(), report()]))]

    assert 4 == len(set(names))
    assert ["clips/a.mp4 (request)", "clips/a.mp4 (training video)"] == names[:2]


# ---- SARIF


def results(*made: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render_sarif(made))["runs"][0]["results"]
    return found


def test_fingerprints_outlive_another_measure() -> None:
    """A new take that is still too short is the same alert; another rule or another file is not."""
    before = report(finding(), finding("VID001", message="again"))
    after = report(finding(measured=43.9, message="lasts 43.9 s"), finding("VID001", message="again"))
    other = report(finding(), finding("VID002"), source="clips/b.mp4")

    def prints(made: Report) -> list[str]:
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results(made)]

    assert prints(before) == prints(after)
    assert 4 == len({*prints(before), *prints(other)})


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("clips/a.mp4", "clips/a.mp4"),
        ("clips/a.mp4", "./clips//a.mp4"),
        ("a%20b%23c%3Fd%25.mp4", "a b#c?d%.mp4"),
        ("c%3Ax.mp4", "c:x.mp4"),
        ("file:///tmp/a.mp4", "/tmp/a.mp4"),
        ("na%C3%AFve.mp4", "naïve.mp4"),
        ("%FF.mp4", "\udcff.mp4"),
        ("%ED%A0%80.mp4", "\ud800.mp4"),
        ("https://media.example/a%20b.mp4", "https://media.example/a%20b.mp4"),
        ("a%0A%3A%3Aerror%3A%3A", "a\n::error::"),
    ],
)
def test_sarif_addresses(uri: str, source: str) -> None:
    """Percent-encoded, byte by byte, so that any name is a valid reference and nothing else."""
    (result,) = results(report(finding(), source=source))

    place = result["locations"][0]["physicalLocation"]
    assert {"uri": uri, "index": 0} == place["artifactLocation"]
    assert {"byteOffset": 0, "byteLength": report().assets[0].size_bytes} == place["region"]


def test_a_listed_submission_points_to_its_line() -> None:
    """The line is what a person can change; the file is related."""
    listed = ListedAt("batch, of: may.csv", 12)
    (result,) = results(report(finding(), listed_at=listed))
    (verdict, _) = run_by_github(render_github([report(finding(), listed_at=listed)]))

    place = result["locations"][0]["physicalLocation"]
    assert {"uri": "batch,%20of%3A%20may.csv"} == place["artifactLocation"]
    assert {"startLine": 12} == place["region"]
    assert "clips/a.mp4" == result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert ("batch, of: may.csv", "12") == (verdict.properties["file"], verdict.properties["line"])


def test_what_the_request_lacks_has_a_place_too() -> None:
    """Uploads are refused whole for one result without a file."""
    (result,) = results(report(finding("SUB003", asset=None)))

    (location,) = result["locations"]
    assert "request" == location["logicalLocations"][0]["name"]
    assert "clips/a.mp4" == location["physicalLocation"]["artifactLocation"]["uri"]


def test_a_waived_finding_is_suppressed() -> None:
    """With the reason that the policy gives; nothing else is."""
    policy = load_policy("tavus-replica-phoenix-4")
    waiver = Waiver(reason="graded [so](x)", read=policy.read)
    policy = replace_fields(policy, waivers={"training-video-too-short": waiver})
    waived, other = results(
        report(
            finding(severity=Severity.ADVICE),
            finding("VID002", Severity.ADVICE),
            policy=policy,
            waived=("training-video-too-short",),
        )
    )

    assert [{"kind": "external", "status": "accepted", "justification": "graded [so] (x)"}] == waived[
        "suppressions"
    ]
    assert "suppressions" not in other


def test_sarif_describes_rules_by_their_pages() -> None:
    """Help is the page that `preflight explain` shows, and files are named with their digests."""
    (run,) = json.loads(render_sarif([report(finding())]))["runs"]

    (rule,) = run["tool"]["driver"]["rules"]
    known = next(rule for rule in RULES if rule.code == "VID001")
    assert (known.code, known.name, known.page) == (rule["id"], rule["name"], rule["fullDescription"]["text"])
    assert known.remedy in rule["help"]["markdown"]
    assert [{"executionSuccessful": True}] == run["invocations"]
    assert report().assets[0].sha256 == run["artifacts"][0]["hashes"]["sha-256"]


@pytest.mark.parametrize("text", HOSTILE)
def test_sarif_messages_are_plain_text(text: str) -> None:
    """Neither a link nor a placeholder comes from a file."""
    (result,) = results(report(finding(message=text)))

    said = result["message"]["text"]
    assert "](" not in said
    assert not re.search(r"(?<!\{)(\{\{)*\{(?!\{)", said)


# ---- GitHub


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_injects_a_command(text: str) -> None:
    """As file name, message and heard words: one command a line, and what it says is what was said."""
    made = report(finding(message=text), source=text or "x", listed_at=ListedAt(text or "x", 1))
    verdict, found = run_by_github(render_github([made]))

    assert {"error"} == {verdict.name, found.name}
    assert {"file", "line", "title"} == set(verdict.properties) | {"file"}
    assert "preflight: fail" == verdict.properties["title"]
    assert "VID001 training-video-too-short" == found.properties["title"]


def test_properties_come_back_as_they_were() -> None:
    """Percent signs, colons and commas of names."""
    (_, found) = run_by_github(render_github([report(finding(), source="a:b,c%3A=d.mp4")]))

    assert "a:b,c%3A=d.mp4" == found.properties["file"]


def test_an_address_is_no_file_of_the_repository() -> None:
    """An annotation of one would have no place."""
    (_, found) = run_by_github(render_github([report(finding(), source="https://media.example/a.mp4")]))

    assert {"title"} == set(found.properties)


# ---- Markdown


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_of_hostile_text_is_text(text: str) -> None:
    """In a cell of the table, in the heading line, as a file name, as words: no structure comes from it."""
    heard = match_consent(
        STATEMENT.replace("and consent", f"and not {text} consent"), full_name=f"Maria {text} L"
    )
    made = report(
        finding(message=text), source=text or "x", consent=heard, listed_at=ListedAt(text or "x", 3)
    )

    shown = render_markdown([made])

    assert set() == STRUCTURE & {token.type for token in all_tokens(shown)}
    ((severity, rule, about, what, remedy),) = rows(shown)
    assert ("error", "training video", made.findings[0].remedy) == (severity, about, remedy)
    assert "VID001 training-video-too-short" == rule
    plain = what.replace("\u200b", "")
    assert plain == "–" or all(word in text for word in plain.replace("�", " ").split())
    assert 1 == sum(token.type == "fence" for token in all_tokens(shown))


def test_markdown_shows_what_was_said_as_a_difference() -> None:
    """Missing words with a minus, added ones with a plus, the rest as context."""
    changed = STATEMENT.replace("and consent", "and do not consent").replace("be used", "used")

    shown = render_markdown([report(consent=match_consent(changed, full_name="Maria Lopez"))])

    (fence,) = [token for token in all_tokens(shown) if token.type == "fence"]
    lines = fence.content.splitlines()
    assert "diff" == fence.info
    assert ["+ do not", "- be"] == [line for line in lines if line[0] in "+-"]
    assert "  I Maria Lopez am currently speaking and" == lines[0]


@pytest.mark.parametrize("name", ["`", "``a`", " a ", "a\\", "|", "x" * 2_000])
def test_a_name_in_code_is_shown_as_it_is(name: str) -> None:
    """Up to its bound."""
    tokens = list(all_tokens(render_markdown([report(source=name)])))

    spans = [token.content for token in tokens if token.type == "code_inline"]
    assert (name if len(name) < 1_000 else name[:999] + "…") == spans[0]
