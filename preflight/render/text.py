"""The report for people: what failed, measured against what limit, where in the clip, what to do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from preflight.consent import ConsentMatch, WordMatch, WordStatus
from preflight.policy import overrides
from preflight.render.headline import headline
from preflight.report import AssetReport, Finding, Report
from preflight.rule import Severity
from preflight.submission import Role
from preflight.text import clock, printable
from preflight.verdict import Verdict

if TYPE_CHECKING:
    from preflight.fix import Fixed

__all__ = ["render_consent", "render_fixed", "render_report"]

_VERDICT_STYLE = {Verdict.PASS: "bold green", Verdict.REVIEW: "bold yellow", Verdict.FAIL: "bold red"}
_SEVERITY_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}
_WORD_STYLE = {
    WordStatus.MATCH: "green",
    WordStatus.ALIAS: "green",
    WordStatus.TOLERATED: "green",
    WordStatus.FILLER: "dim",
    WordStatus.MISSING: "bold red",
    WordStatus.INSERTED: "bold red",
    WordStatus.SUBSTITUTED: "bold red",
}


def render_report(report: Report, *, colour: bool = False, width: int = 80) -> str:
    """The whole report. The first line, however long, is the verdict, the file and the first cause."""
    console = _console(colour, width)
    console.print(_title(report.verdict, headline(report)), soft_wrap=True)
    for finding in (f for f in report.findings if f.assessed):
        _print_finding(console, finding)
    _print_unassessed(console, [f for f in report.findings if not f.assessed])
    for asset in report.assets:
        _print_mending(console, asset)
    if report.consent_shown is not None:
        console.print()
        _print_consent(console, report.consent_shown)
    console.print()
    _print_checked(console, report)
    _print_policy(console, report)
    return _written(console)


def render_consent(match: ConsentMatch, *, colour: bool = False, width: int = 80) -> str:
    """The words of a statement beside what was heard, with the causes of the verdict first."""
    console = _console(colour, width)
    first = match.causes[0].message if match.causes else "the statement was said word for word"
    console.print(_title(match.verdict, first), soft_wrap=True)
    for cause in match.causes:
        line = Text.assemble((cause.reason, "bold"), _place(cause.at), f": {printable(cause.message)}")
        console.print(Padding(line, (0, 0, 0, 2)))
    console.print()
    _print_consent(console, match)
    return _written(console)


def render_fixed(source: str, output: str, fixed: Fixed, *, colour: bool = False, width: int = 80) -> str:
    """What was mended, step by step, and what is still at fault."""
    console = _console(colour, width)
    if fixed.mending is None:
        console.print(Text(f"{printable(source)}: there is nothing that can be mended; no file was written"))
    else:
        named = f"  {printable(source)} as {printable(output)} ({', '.join(fixed.mending.mends)})"
        console.print(Text.assemble(("MENDED", "bold green"), named), soft_wrap=True)
        for step in fixed.mending.steps:
            console.print(Padding(Text(printable(step)), (0, 0, 0, 2)))
    _print_left(console, "Only a new recording, photo or export mends what is left:", fixed.left)
    _print_left(console, "Not mended, and not to be seen any more in the mended file:", fixed.unseen)
    console.print()
    note = "Nothing is cleared by this. Check the mended file: preflight check"
    console.print(Text(note, "dim"), soft_wrap=True)
    return _written(console)


def _print_left(console: Console, title: str, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    console.print()
    console.print(Text(title, "bold"))
    for finding in (f for f in findings if f.assessed):
        _print_finding(console, finding)
    _print_unassessed(console, [f for f in findings if not f.assessed])


def _console(colour: bool, width: int) -> Console:
    return Console(
        file=StringIO(),
        force_terminal=colour,
        no_color=not colour,
        width=max(40, width),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _written(console: Console) -> str:
    assert isinstance(console.file, StringIO)  # noqa: S101 - made so above
    return "\n".join(_inert(line.rstrip()) for line in console.file.getvalue().splitlines()) + "\n"


def _inert(line: str) -> str:
    """The line as no command: runners obey what they log. Source: actions/runner, ActionCommand.cs."""
    return re.sub(r"^(\s*:)(?=:)", r"\1 ", line).replace("##[", "## [")


def _title(verdict: Verdict, text: str) -> Text:
    return Text.assemble((verdict.upper(), _VERDICT_STYLE[verdict]), "  ", printable(text))


def _print_finding(console: Console, finding: Finding) -> None:
    about = "request" if finding.asset is None else finding.asset.replace("_", " ")
    console.print()
    console.print(
        Text.assemble(
            (finding.severity.upper(), _SEVERITY_STYLE[finding.severity]),
            f"  {finding.code} ",
            (finding.rule, "bold"),
            f"  ({about}{_place(finding.at)})",
        )
    )
    console.print(Padding(Text(printable(finding.message)), (0, 0, 0, 2)))
    console.print(Padding(Text(f"What to do: {finding.remedy}"), (0, 0, 0, 2)))
    if finding.prevents:
        console.print(Padding(Text(f"Prevents: {', '.join(finding.prevents)}", "dim"), (0, 0, 0, 2)))


def _print_unassessed(console: Console, findings: Iterable[Finding]) -> None:
    """One paragraph for each reason: an unreadable file leaves two dozen rules unassessed."""
    by_reason: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_reason[finding.message].append(finding)
    for reason, group in by_reason.items():
        codes = sorted({f.code for f in group})
        console.print()
        console.print(Text.assemble(("NOT ASSESSED", "bold yellow"), f"  {', '.join(codes)}"))
        console.print(Padding(Text(printable(reason)), (0, 0, 0, 2)))
        if len(codes) == 1 and group[0].blocks:
            console.print(Padding(Text(f"What to do: {group[0].remedy}"), (0, 0, 0, 2)))


def _print_mending(console: Console, asset: AssetReport) -> None:
    """The commands, each on one line however long it is, so that they can be copied."""
    if asset.fix is None:
        return
    clip = asset.role is Role.CONSENT_VIDEO
    own, other = asset.fix.own_command(asset.source, consent_clip=clip), asset.fix.command(asset.source)
    console.print()
    again = "a new photo" if asset.role is Role.TRAINING_IMAGE else "recording again"
    lead = f"Can be mended without {again} ({', '.join(asset.fix.mends)}):"
    if any(printable(line, limit=len(line)) != line for line in (own, other)):
        console.print(Text(f"{lead} see preflight fix --help"), soft_wrap=True)
        return  # a name that must not reach the terminal as it is, and would be another one otherwise
    console.print(Text(f"{lead} {own}"), soft_wrap=True)
    if other != own:
        console.print(Text(f"  {other}"), soft_wrap=True)


def _print_consent(console: Console, match: ConsentMatch) -> None:
    shown = match.statement or "none recognised"
    place = "" if match.start_s is None or match.end_s is None else _place((match.start_s, match.end_s))
    console.print(Text.assemble(("Consent statement", "bold"), f": {shown}{place}"))
    if match.words:
        console.print(Padding(_words(match.words), (0, 0, 0, 2)))
    elif match.heard:
        console.print(Padding(Text(f"heard: {printable(match.heard)}"), (0, 0, 0, 2)))
    name = match.name
    declared = "not declared" if name.declared is None else f"declared {printable(name.declared)}"
    heard = "nothing" if name.heard is None else printable(name.heard)
    console.print(Padding(Text(f"name: heard {heard}, {declared}: {name.verdict}"), (0, 0, 0, 2)))
    for decode in match.decodes:
        line = Text.assemble(
            f"{decode.listener}: ",
            (decode.verdict, _VERDICT_STYLE[decode.verdict]),
            f" ({', '.join(decode.reasons)})" if decode.reasons else "",
        )
        console.print(Padding(line, (0, 0, 0, 2)))
        if decode.heard != match.heard:
            console.print(Padding(Text(f"heard: {printable(decode.heard)}", "dim"), (0, 0, 0, 4)))


def _words(words: Iterable[WordMatch]) -> Text:
    """The words in order; without colours, [-missing-] and {+added+} as in a word diff."""
    line = Text()
    for word in words:
        expected, heard = printable(word.expected or ""), printable(word.heard or "")
        shown = {
            WordStatus.MISSING: f"[-{expected}-]",
            WordStatus.INSERTED: f"{{+{heard}+}}",
            WordStatus.SUBSTITUTED: f"[-{expected}-]{{+{heard}+}}",
            WordStatus.FILLER: f"({heard})",
        }.get(word.status, heard)
        line.append(shown, _WORD_STYLE[word.status])
        line.append(" ")
    return line


def _print_checked(console: Console, report: Report) -> None:
    environment = report.environment
    console.print(Text(f"{len(report.passed)} rules passed under policy {report.policy.id}.", "dim"))
    if "asr_model" in environment:
        console.print(Text(f"Recogniser: {environment['asr_model']}.", "dim"))
    notice = environment.get("asr_notice")
    if notice:
        console.print(Text(f"Note: {printable(str(notice))}", "bold yellow"))


def _print_policy(console: Console, report: Report) -> None:
    """What a policy file changes: whoever reads the verdict did not necessarily write the file."""
    policy, changed = report.policy, overrides(report.policy)
    if changed:
        console.print(Text(f"{policy.id} differs from {policy.extends}:"))
    for one in changed:
        source = f" ({one.source})" if one.source else ""
        line = f"{one.key}: {_amount(one.value, one.unit)}, not {_amount(one.base, one.unit)}{source}"
        console.print(Padding(Text(printable(line)), (0, 0, 0, 2)))
    for waiver in report.waivers_that(hold=True):
        until = "" if waiver.until is None else f" until {waiver.until}"
        by = "" if waiver.source == policy.id else f" by {waiver.source}"
        console.print(Text(printable(f"Waived{until}{by}: {waiver.rule} ({waiver.reason})", limit=1000)))
    for waiver in report.waivers_that(hold=False):
        ended = f"No longer waived, ended on {waiver.until} in {waiver.source}: {waiver.rule}"
        console.print(Text(printable(ended), "yellow"))


def _amount(value: float | int | str, unit: str | None) -> str:
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{shown} {unit}" if unit else shown


def _place(at: tuple[float, float] | None) -> str:
    return "" if at is None else f" at {clock(at[0])} to {clock(at[1])}"
