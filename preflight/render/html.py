"""The report as one page that needs nothing else: no request, no font, no script but its own.

What the JSON report leaves out the page leaves out, because it is made of that, of curves measured of the
sound and, where they were asked for, of small pictures.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from preflight.consent import NameVerdict, WordStatus
from preflight.exhibit import Exhibit, Exhibits, Picture
from preflight.render.charts import Statement, Timeline, statement, timeline
from preflight.render.headline import cause, first_cause, subject
from preflight.report import AssetReport, Finding, Report
from preflight.rule import Measure, find_rule
from preflight.submission import Role
from preflight.text import clock, printable
from preflight.verdict import Verdict

__all__ = ["render_html"]

_LONGEST_TEXT = 4000  # characters: the words of two minutes are half of that
_MOST_FINDINGS = 300
_MOST_WORDS = 1000  # eight a second, for the longest consent clip
_LONGEST_WORD = 100  # characters
_VERDICTS = {Verdict.PASS: "Cleared", Verdict.REVIEW: "Needs a person", Verdict.FAIL: "Not cleared"}
_NAMES = {
    NameVerdict.MATCH: "The name that was said is the declared one.",
    NameVerdict.ALIKE: "The name that was said sounds like the declared one. A person has to decide.",
    NameVerdict.MISMATCH: "The name that was said is not the declared one.",
    NameVerdict.UNDECLARED: "No name was declared, so the one that was said is compared with nothing.",
    NameVerdict.MISSING: "No name was heard.",
}
_STATUSES = {
    WordStatus.MATCH: "as the statement has it",
    WordStatus.ALIAS: "another spelling of the word",
    WordStatus.TOLERATED: "a slip that changes nothing",
    WordStatus.FILLER: "a sound between words",
    WordStatus.MISSING: "missing",
    WordStatus.INSERTED: "added",
    WordStatus.SUBSTITUTED: "another word",
}
_UNITS = {
    "bit_rate": "bit/s",
    "sample_rate": "Hz",
    "declared_frame_rate": "frames/s",
    "measured_frame_rate": "frames/s",
    "width": "px",
    "height": "px",
    "rotation": "°",
}
_SPELLINGS = {
    "asr": "ASR",
    "ctranslate2": "CTranslate2",
    "ffmpeg": "ffmpeg",
    "jpeg": "JPEG",
    "sha256": "SHA-256",
}
_SUFFIXES = {"_s": "s", "_px": "px", "_bytes": "bytes", "_bits": "bits", "_lufs": "LUFS", "_dbtp": "dBTP"}


@dataclass(frozen=True, slots=True)
class _Unassessed:
    """Findings that were not assessed for the same reason, by their places.

    There is a remedy, and a rule's name, where it is one rule.
    """

    numbers: tuple[int, ...]
    codes: tuple[str, ...]
    rule: str | None
    reason: str
    at: tuple[float, float] | None
    asset: Role | None
    remedy: str | None
    blocks: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """A small picture, and the codes of what was found at about its time."""

    picture: Picture
    source: Markup
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asset:
    """One file as the page has it: ``document`` is its part of the JSON report."""

    role: Role
    document: Mapping[str, Any]
    timeline: Timeline | None
    exhibit: Exhibit | None
    pictures: tuple[_Shown, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Consent:
    document: Mapping[str, Any]
    figure: Statement | None
    name: str


def render_html(report: Report, exhibits: Exhibits | None = None) -> str:
    """One HTML document. Without exhibits, figures have marks in time and no curves, and it says so.

    It is ASCII, so that it is the same in whatever encoding it is written.
    """
    first = first_cause(report)
    document = report.to_dict()
    found = list(enumerate(report.findings[:_MOST_FINDINGS], 1))
    unassessed = _unassessed(found)
    template = _environment().get_template("page.html")
    page = template.render(
        document=document,
        verdict=_VERDICTS[report.verdict],
        subject=subject(report),
        cause=cause(report),
        first=first,
        findings=[(number, finding) for number, finding in found if finding.assessed],
        left_out=max(0, len(report.findings) - _MOST_FINDINGS),
        blocking=[group for group in unassessed if group.blocks],
        unassessed=[group for group in unassessed if not group.blocks],
        consent=_consent(report, document, exhibits),
        assets=[_asset(report, asset, found, exhibits) for asset in report.assets],
        exhibits=exhibits,
        passed=[(code, _name(code)) for code in report.passed],
        **_static(),
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _unassessed(found: Sequence[tuple[int, Finding]]) -> list[_Unassessed]:
    by_reason: dict[str, list[tuple[int, Finding]]] = defaultdict(list)
    for number, finding in found:
        if not finding.assessed:
            by_reason[finding.message].append((number, finding))
    return [_group(group) for group in by_reason.values()]


def _group(group: Sequence[tuple[int, Finding]]) -> _Unassessed:
    first = group[0][1]
    codes = tuple(sorted({finding.code for _, finding in group}))
    alone, blocks = len(codes) == 1, any(finding.blocks for _, finding in group)
    return _Unassessed(
        tuple(number for number, _ in group),
        codes,
        first.rule if alone else None,
        first.message,
        first.at if len(group) == 1 else None,
        first.asset,
        first.remedy if alone and blocks else None,
        blocks,
    )


def _consent(report: Report, document: Mapping[str, Any], exhibits: Exhibits | None) -> _Consent | None:
    shown = document["consent"]
    if shown is None:
        return None
    match = report.consent_shown
    exhibit = None if exhibits is None else exhibits.of(report.consent_asset)
    figure = None if match is None else statement(match, exhibit)
    words = [_short(word) for word in shown["words"][:_MOST_WORDS]]
    return _Consent({**shown, "words": words}, figure, _NAMES[NameVerdict(shown["name"]["verdict"])])


def _short(word: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: word[name] for name in ("expected", "heard") if word[name] is not None}
    return {**word, **{name: printable(text, limit=_LONGEST_WORD) for name, text in texts.items()}}


def _asset(
    report: Report,
    asset: AssetReport,
    found: Sequence[tuple[int, Finding]],
    exhibits: Exhibits | None,
) -> _Asset:
    exhibit = None if exhibits is None else exhibits.of(asset.role)
    own = [(at, finding) for at, finding in found if finding.asset is asset.role]
    match = report.consent_shown if asset.role is report.consent_asset else None
    duration = asset.facts.get("duration_s")
    return _Asset(
        role=asset.role,
        document=asset.to_dict(),
        timeline=timeline(duration, exhibit, own, match),
        exhibit=exhibit,
        pictures=() if exhibit is None else tuple(_pictures(exhibit, [finding for _, finding in own])),
        commands=_commands(asset),
    )


def _pictures(exhibit: Exhibit, found: Sequence[Finding]) -> list[_Shown]:
    """Each stands for the time up to half-way to its neighbours."""
    times = [picture.time_s or 0.0 for picture in exhibit.pictures]
    between = [(before + after) / 2 for before, after in itertools.pairwise(times)]
    reaches = zip([0.0, *between], [*between, float("inf")], strict=True)
    return [
        _Shown(picture, _data_address(picture.jpeg), _codes_within(found, *reach))
        for picture, reach in zip(exhibit.pictures, reaches, strict=False)
    ]


def _codes_within(found: Sequence[Finding], start_s: float, end_s: float) -> tuple[str, ...]:
    within = (f.code for f in found if f.at is not None and f.at[0] < end_s and f.at[1] >= start_s)
    return tuple(dict.fromkeys(within))


def _data_address(jpeg: bytes) -> Markup:
    return Markup(f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}")  # noqa: S704 - base64


def _commands(asset: AssetReport) -> tuple[str, ...]:
    """What mends the file, to be copied; none where a name would not be shown as it is."""
    if asset.fix is None:
        return ()
    clip = asset.role is Role.CONSENT_VIDEO
    lines = (asset.fix.own_command(asset.source, consent_clip=clip), asset.fix.command(asset.source))
    if any(len(line) > _LONGEST_TEXT or printable(line, limit=len(line)) != line for line in lines):
        return ()
    return tuple(dict.fromkeys(lines))


def _name(code: str) -> str:
    rule = find_rule(code)
    return "" if rule is None else rule.name


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Whatever a template shows is made printable and escaped; templates cannot forget it."""
    made = Environment(
        loader=PackageLoader("preflight", "render/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_fit_to_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "amount": _amount,
        "clock": clock,
        "fact": _fact,
        "fact_name": _fact_name,
        "per_cent": lambda share: f"{100 * share:.0f} %",
        "spaced": lambda name: str(name).replace("_", " ").replace("-", " "),
        "status": lambda status: _STATUSES[WordStatus(status)],
    }
    return made


def _fit_to_show(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, limit=_LONGEST_TEXT)
    return value


@lru_cache(maxsize=1)
def _static() -> dict[str, Markup]:
    """Style and script, as they are, and the policy that allows these and nothing else."""
    folder = resources.files("preflight") / "render" / "templates"
    style, script = ((folder / name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src {_digest(style)}",
            f"script-src {_digest(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    # files of this package
    return {"style": Markup(style), "script": Markup(script), "csp": Markup(policy)}  # noqa: S704


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _amount(value: Measure | bool, unit: str | None = None) -> str:
    """A number as the JSON report has it, with its unit; digits in threes where there are many."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    shown = str(value)
    if isinstance(value, int) and abs(value) >= 10_000:
        shown = f"{value:,}".replace(",", "\u00a0")
    return f"{shown}\u00a0{unit}" if unit else shown


def _fact(value: Any, name: str) -> str:
    if value is None:
        return "not said"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    suffix = next((unit for end, unit in _SUFFIXES.items() if name.endswith(end)), None)
    if name.endswith("frame_rate"):
        value = str(value).removesuffix("/1")
    return _amount(value, _UNITS.get(name, suffix))


def _fact_name(name: str) -> str:
    """``longest_key_frame_interval_s`` as words; the unit stands beside the value."""
    end = next((end for end in _SUFFIXES if name.endswith(end)), "")
    words = [_SPELLINGS.get(word, word) for word in name.removesuffix(end).split("_")]
    first, *rest = (words[0].capitalize() if words[0] not in _SPELLINGS.values() else words[0]), *words[1:]
    return " ".join([first, *rest])
