"""The report as SARIF 2.1.0: a result for each finding, in one run.

=================================  ==========  ===========
finding                            kind        level
=================================  ==========  ===========
violation, error                   ``fail``    ``error``
violation, warning                 ``fail``    ``warning``
violation, advice                  ``fail``    ``note``
not assessed, error: it blocks     ``review``  ``none``
not assessed, warning or advice    ``open``    ``none``
=================================  ==========  ===========

SARIF has no other level for what did not fail (3.27.10). Verdicts are in the run's ``properties``, with the
codes of the rules that passed; what a policy waives is a suppressed result.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from preflight.network.url import is_address
from preflight.render.json import render_json
from preflight.report import AssetReport, Finding, Report
from preflight.rule import Rule, Severity, all_rules
from preflight.text import printable
from preflight.vendor import vendor_type
from preflight.version import __version__

__all__ = ["render_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_SHOWN = 2_000  # characters of a message; ours are a few hundred
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_SHOWN_AS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "recommendation"}
_UNRESERVED = "/!$&'()*+,;=@~-._"  # a colon in the first part of a relative path would be read as a scheme
_OF_ADDRESSES = f"{_UNRESERVED}:%[]"


def render_sarif(reports: Sequence[Report]) -> str:
    """One document with one run. No times: the same reports give the same bytes."""
    codes = sorted({finding.code for report in reports for finding in report.findings})
    artifacts = _Artifacts()
    seen: Counter[str] = Counter()
    results = [
        _result(report, number, finding, codes, artifacts, seen)
        for number, report in enumerate(reports)
        for finding in report.findings
    ]
    submissions = [_submission(report, artifacts) for report in reports]
    run = {
        "tool": {"driver": _driver(codes, reports)},
        "invocations": [{"executionSuccessful": True}],
        "artifacts": artifacts.listed,
        "results": results,
        "properties": {"submissions": submissions},
    }
    return render_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


class _Artifacts:
    """The files, each once, in the order in which they are first named."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self._known: dict[tuple[object, ...], int] = {}

    def index(self, asset: AssetReport) -> int:
        key = (asset.role, asset.source, asset.sha256, asset.etag)
        if key not in self._known:
            self._known[key] = len(self.listed)
            self.listed.append(self._artifact(asset))
        return self._known[key]

    def _artifact(self, asset: AssetReport) -> dict[str, Any]:
        artifact: dict[str, Any] = {"location": {"uri": _uri(asset.source)}, "roles": ["analysisTarget"]}
        if asset.size_bytes is not None:
            artifact["length"] = asset.size_bytes
        if asset.sha256 is not None:
            artifact["hashes"] = {"sha-256": asset.sha256}
        etag = {} if asset.etag is None else {"etag": asset.etag}
        return artifact | {"properties": {"role": str(asset.role), **etag}}


def _submission(report: Report, artifacts: _Artifacts) -> dict[str, Any]:
    return {
        "verdict": str(report.verdict),
        "policy": report.policy.id,
        "artifacts": [artifacts.index(asset) for asset in report.assets],
        "passed": list(report.passed),
    }


def _driver(codes: Sequence[str], reports: Sequence[Report]) -> dict[str, Any]:
    known = {rule.code: rule for rule in all_rules()}
    names = {finding.code: finding.rule for report in reports for finding in report.findings}
    rules = [
        _descriptor(known[code]) if code in known else {"id": code, "name": names[code]} for code in codes
    ]
    return {"name": "replica-preflight", "version": __version__, "rules": rules}


def _descriptor(rule: Rule[Any]) -> dict[str, Any]:
    """The rule's page. What it says is ours, and Markdown."""
    prevents = list(dict.fromkeys(vendor_type(key) for key in rule.prevents))
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.page},
        "help": {
            "text": f"{rule.page}\n\nWhat to do: {rule.remedy}",
            "markdown": f"{rule.page}\n\n**What to do:** {rule.remedy}",
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "problem.severity": _SHOWN_AS[rule.severity],
            "estimate": rule.estimate,
            "prevents": prevents,
        },
    }


def _result(
    report: Report,
    number: int,
    finding: Finding,
    codes: Sequence[str],
    artifacts: _Artifacts,
    seen: Counter[str],
) -> dict[str, Any]:
    kind = "fail" if finding.assessed else "review" if finding.blocks else "open"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "kind": kind,
        "level": _LEVELS[finding.severity] if finding.assessed else "none",
        "message": {"text": _message(finding.message)},
        "locations": [_location(report, finding, artifacts)],
        "partialFingerprints": _fingerprints(report, finding, seen),
    }
    file = _asset(report, finding)
    if report.listed_at is not None and file is not None:
        result["relatedLocations"] = [{"id": 1, "physicalLocation": _whole(file, artifacts)}]
    if finding.rule in report.waived and finding.severity is Severity.ADVICE:
        waiver = report.policy.waivers[finding.rule]
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": _message(waiver.reason)}
        ]
    return result | {"properties": _properties(finding, number)}


def _properties(finding: Finding, number: int) -> dict[str, Any]:
    """What SARIF has no place for: numbers, and times in a recording, in seconds."""
    shown = finding.to_dict()
    kept = ("severity", "outcome", "asset", "measured", "limit", "unit", "at")
    return {"submission": number} | {key: shown[key] for key in kept if shown[key] is not None}


def _location(report: Report, finding: Finding, artifacts: _Artifacts) -> dict[str, Any]:
    """The line that asked for the check, or else the whole file; and what it is for."""
    name = "request" if finding.asset is None else str(finding.asset)
    kind = "object" if finding.asset is None else "resource"
    location: dict[str, Any] = {
        "logicalLocations": [{"name": name, "fullyQualifiedName": name, "kind": kind}]
    }
    file = _asset(report, finding) or next(iter(report.assets), None)
    if report.listed_at is not None:
        place = {"artifactLocation": {"uri": _uri(report.listed_at.file)}}
        location["physicalLocation"] = place | {"region": {"startLine": report.listed_at.line}}
    elif file is not None:
        location["physicalLocation"] = _whole(file, artifacts)
    return location


def _asset(report: Report, finding: Finding) -> AssetReport | None:
    return next((asset for asset in report.assets if asset.role is finding.asset), None)


def _whole(asset: AssetReport, artifacts: _Artifacts) -> dict[str, Any]:
    """All the bytes of a file: media have no lines."""
    place: dict[str, Any] = {"uri": _uri(asset.source), "index": artifacts.index(asset)}
    size = asset.size_bytes
    region = {} if size is None else {"region": {"byteOffset": 0, "byteLength": size}}
    return {"artifactLocation": place, **region}


def _fingerprints(report: Report, finding: Finding, seen: Counter[str]) -> dict[str, str]:
    """The rule and what it is about, not what was measured: the same fault of a new take is the same alert.

    The second name is the one that GitHub reads; its uploader would take lines of the media file for it.
    """
    file = _asset(report, finding)
    about = [finding.code, str(finding.asset), *([] if file is None else [file.source])]
    if file is None:
        about += [asset.source for asset in report.assets]
    key = hashlib.sha256("\0".join(about).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[key] += 1
    value = f"{key}:{seen[key]}"
    return {"preflightFinding/v1": value, "primaryLocationLineHash": value}


def _message(text: str) -> str:
    """Plain text: no placeholders (3.11.5) and no links (3.11.6) come from a file."""
    shown = printable(text, limit=_SHOWN).replace("{", "{{").replace("}", "}}")
    return shown.replace("](", "] (")


def _uri(source: str) -> str:
    """A relative reference for a relative path. Never empty; percent-encoded byte by byte."""
    if is_address(source):
        return quote(source, safe=_OF_ADDRESSES, errors="surrogatepass")
    path = str(PurePosixPath(source))
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    quoted = quote(raw, safe=_UNRESERVED)
    return f"file://{quoted}" if path.startswith("/") else quoted
