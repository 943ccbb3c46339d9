"""What a report says of each rule on each file: also that a rule passed there, which only its code tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from preflight.consent import ConsentMatch
from preflight.evidence.callback import CallbackFacts
from preflight.evidence.download import DownloadFacts
from preflight.evidence.link import LinkFacts
from preflight.network.url import is_address
from preflight.report import Finding, Report
from preflight.rule import Rule, all_rules
from preflight.submission import Role

__all__ = ["Case", "cases", "judged"]


@dataclass(frozen=True, slots=True)
class Case:
    """One rule on one file, or on the request as a whole (``role`` is ``None``). No findings: it passed."""

    role: Role | None
    code: str
    rule: str
    findings: tuple[Finding, ...] = ()


def cases(report: Report) -> tuple[Case, ...]:
    """Every case that the report tells of: the request's first, then by file; each part by code.

    A rule that passed is in at least one of them, and so is every finding.
    """
    found: dict[tuple[Role | None, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        found[finding.asset, finding.code].append(finding)
    broken = {finding.code for finding in report.findings}
    names = {finding.code: finding.rule for finding in report.findings}
    known = {rule.code: rule for rule in all_rules()}
    for code in (*report.passed, *broken):
        rule = known.get(code)
        names.setdefault(code, code if rule is None else rule.name)
        roles = () if rule is None else judged(rule, report)
        if code not in broken:
            roles = roles or (None,)
        for role in roles:
            found[role, code]  # no findings: it passed there
    order = (None, *Role)
    keys = sorted(found, key=lambda key: (order.index(key[0]), key[1]))
    return tuple(Case(role, code, names[code], tuple(found[role, code])) for role, code in keys)


def judged(rule: Rule[Any], report: Report) -> Sequence[Role | None]:
    """What the rule was applied to, as the engine applies it."""
    return tuple(_judged(rule, report))


def _judged(rule: Rule[Any], report: Report) -> Iterator[Role | None]:
    if not rule.roles:
        if rule.needs is not CallbackFacts or report.submission.callback_url:
            yield None
        return
    sources = dict(report.submission.sources())
    for role in (asset.role for asset in report.assets if asset.role in rule.roles):
        remote = is_address(sources.get(role))
        served = report.submission.served_at(role) is not None
        there = {
            ConsentMatch: role is report.consent_asset,
            LinkFacts: remote or served,
            DownloadFacts: remote,
        }
        if there.get(rule.needs, True):
            yield role
