"""The report as Markdown, for the summary of a job or a comment on a pull request.

Whatever comes from files stands in code, or is escaped so that it can be nothing but text: no HTML, no link,
no cell of a table, no name of somebody whom a site would notify.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from preflight.consent import ConsentMatch, WordMatch, WordStatus
from preflight.policy import overrides
from preflight.render.headline import cause
from preflight.report import Finding, Report
from preflight.submission import Role
from preflight.text import clock, printable

__all__ = ["render_markdown"]

_SHOWN = 1_000  # characters of a text; messages of ours are a few hundred
_WORDS = 4_000  # characters of a line of words; a statement has 300
_HEADS = ("severity", "rule", "about", "what", "what to do")


def render_markdown(reports: Sequence[Report]) -> str:
    """A section for each of them."""
    return "\n".join(line for report in reports for line in _section(report))


def _section(report: Report) -> Iterator[str]:
    yield f"## Preflight: {report.verdict.upper()}"
    yield ""
    yield _text(cause(report))
    yield ""
    yield from _files(report)
    yield from _table([finding for finding in report.findings if finding.assessed])
    yield from _unassessed([finding for finding in report.findings if not finding.assessed])
    if report.consent_shown is not None:
        yield from _consent(report.consent_shown)
    yield f"{len(report.passed)} rules passed under policy {_code(report.policy.id)}."
    yield ""
    yield from _policy(report)


def _files(report: Report) -> Iterator[str]:
    if report.listed_at is not None:
        yield f"- listed at {_code(f'{report.listed_at.file}:{report.listed_at.line}')}"
    for asset in report.assets:
        digest = "" if asset.sha256 is None else f", SHA-256 {_code(asset.sha256)}"
        yield f"- {_about(asset.role)}: {_code(asset.source)}{digest}"
    yield ""


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield _row(_HEADS)
    yield _row("---" for _ in _HEADS)
    for finding in findings:
        at = "" if finding.at is None else f", {clock(finding.at[0])} to {clock(finding.at[1])}"
        rule = f"{finding.code} {_text(finding.rule)}"
        about = f"{_about(finding.asset)}{at}"
        yield _row((finding.severity, rule, about, _text(finding.message), _text(finding.remedy)))
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _about(role: Role | None) -> str:
    return "request" if role is None else role.replace("_", " ")


def _unassessed(findings: Sequence[Finding]) -> Iterator[str]:
    """A line for each reason: an unreadable file leaves two dozen rules unassessed."""
    groups: dict[tuple[bool, str], set[str]] = {}
    for finding in findings:
        groups.setdefault((finding.blocks, finding.message), set()).add(finding.code)
    for (blocks, reason), codes in groups.items():
        why = " (a person has to look)" if blocks else ""
        yield f"- Not assessed{why}: {', '.join(sorted(codes))}: {_text(reason)}"
    if groups:
        yield ""


def _consent(match: ConsentMatch) -> Iterator[str]:
    yield f"### Consent: {match.verdict.upper()}"
    yield ""
    reasons = f" ({', '.join(match.reasons)})" if match.reasons else ""
    at = ""
    if match.start_s is not None and match.end_s is not None:
        at = f", {clock(match.start_s)} to {clock(match.end_s)}"
    yield f"Statement: {_code(match.statement or 'none recognised')}{at}{reasons}"
    yield ""
    lines = list(_words(match.words)) or ([f"  {_spoken([match.heard])}"] if match.heard else [])
    if lines:
        fence = _fence("\n".join(lines), 3)
        yield f"{fence}diff"
        yield from lines
        yield fence
        yield ""
    declared = "not declared" if match.name.declared is None else f"declared {_code(match.name.declared)}"
    heard = "nothing" if match.name.heard is None else _code(match.name.heard)
    yield f"Name: heard {heard}, {declared}: {match.name.verdict}"
    yield ""


def _words(words: Sequence[WordMatch]) -> Iterator[str]:
    """As a diff: what should have been said with a minus, what was said in its place with a plus."""
    kept = {WordStatus.MATCH, WordStatus.ALIAS, WordStatus.TOLERATED, WordStatus.FILLER}
    for is_kept, group in groupby(words, lambda word: word.status in kept):
        run = list(group)
        if is_kept:
            yield f"  {_spoken(word.heard for word in run)}"
            continue
        if any(word.expected for word in run):
            yield f"- {_spoken(word.expected for word in run)}"
        if any(word.heard for word in run):
            yield f"+ {_spoken(word.heard for word in run)}"


def _spoken(words: Iterable[str | None]) -> str:
    return printable(" ".join(word for word in words if word), limit=_WORDS)


def _policy(report: Report) -> Iterator[str]:
    """What a policy file changes: whoever reads the verdict did not necessarily write the file."""
    lines = [
        f"- {_code(one.key)}: {_code(str(one.value))}, not {_code(str(one.base))}"
        for one in overrides(report.policy)
    ]
    for rule in report.waived:
        waiver = report.policy.waivers[rule]
        until = "" if waiver.until is None else f" until {waiver.until}"
        lines.append(f"- waived{until}: {_code(rule)} ({_text(waiver.reason)})")
    if lines:
        yield from lines
        yield ""


_MARKS = re.compile(r"[\\`*_\[\]{}<>&~|!$]|:(?=\S)|(?<=www)\.", re.IGNORECASE)
_CALLS = re.compile(r"[@#]|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_PAUSE = "\u200b"  # a space of no width: sites look for names, numbers and addresses in the finished text


def _text(text: str) -> str:
    """Text and nothing else, wherever it stands. Entities are never structure (CommonMark 0.31, 2.5)."""
    shown = printable(text, limit=_SHOWN).strip() or "–"
    paused = _CALLS.sub(lambda found: f"{found[0]}{_PAUSE}", shown)
    escaped = _MARKS.sub(lambda found: f"&#{ord(found[0])};", paused)
    return re.sub(r"^([-+=#]|\d+[.)])", lambda found: f"&#{ord(found[0][0])};{found[0][1:]}", escaped)


def _code(text: str) -> str:
    """A code span that holds the text as it is. Never in a table: a bar would end the cell."""
    shown = printable(text, limit=_SHOWN) or "–"
    fence = _fence(shown, 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _fence(text: str, least: int) -> str:
    """Longer than any run of backticks in the text."""
    return "`" * max([least, *(len(run) + 1 for run in re.findall("`+", text))])
