"""Reports to show on a page: one of each verdict, and one in which all that a stranger may say is hostile."""

from __future__ import annotations

import io
import math
from dataclasses import replace

from PIL import Image

from preflight.consent import ConsentMatch, NameMatch, NameVerdict, WordMatch, WordStatus, match_consent
from preflight.consent.result import Cause, Decode
from preflight.exhibit import Exhibit, Exhibits, Picture, Sound
from preflight.mend import Mend
from preflight.mend.video import plan
from preflight.policy import Waiver, load_policy
from preflight.report import Finding, Report
from preflight.rule import Severity
from preflight.rules.consent_words import STATEMENT
from preflight.rules.examples import media, video
from preflight.submission import Role
from preflight.verdict import Verdict
from tests.fake_service import passing_report

__all__ = ["HOSTILE", "failing", "hostile", "hostile_exhibits", "passing", "reviewed", "shown_beside"]

HOSTILE = (
    "<script>window.hurt = 1; document.title = 'hurt'</script>",
    "\"><img src=x onerror='window.hurt = 1'>",
    "' onmouseover='window.hurt = 1' autofocus onfocus='window.hurt = 1",
    "</style></script><svg onload=window.hurt=1>",
    "javascript:window.hurt=1",
    "https://canary.example/?key=1",
    "{{ 7 * 7 }}{% raw %}",
    "<!--<script>",
    "&lt;b&gt;&amp;",
    "\u202egnp.exe\u2066\x1b[2J\x00\r\n\ud800",
    "a" * 10_000,
)
ALL = " ".join(HOSTILE)


def timed(match: ConsentMatch, *, start_s: float = 1.0) -> ConsentMatch:
    """The match, its words a third of a second apart."""
    words = tuple(
        replace(word, start_s=start_s + at / 3, end_s=start_s + at / 3 + 0.25, probability=0.9)
        if word.heard is not None
        else word
        for at, word in enumerate(match.words)
    )
    return replace(match, words=words, start_s=start_s, end_s=start_s + len(words) / 3)


def passing() -> Report:
    """A training video that passed."""
    report = passing_report()
    files = tuple(replace(asset, facts={"duration_s": 66.0, "width": 1920}) for asset in report.assets)
    return replace(report, assets=files, consent=timed(match_consent(STATEMENT, full_name="Maria Lopez")))


def failing() -> Report:
    """One in which a refusal is heard, a word is missing, one is added and one is another."""
    spoken = (
        STATEMENT.replace("and consent", "and do not consent")
        .replace("be used", "used")
        .replace("of me", "of him")
    )
    match = timed(match_consent(spoken, full_name="Maria Lopez"))
    found = [
        finding("CON004", "consent-negated", 'heard "do not" before "consent" at 2.3 s', at=(2.3, 2.9)),
        finding("VID001", "training-video-too-short", "lasts 41.2 s", measured=41.2, limit=60, unit="s"),
        finding("VID021", "picture-cuts", "cuts", at=(12.0, 12.5), severity=Severity.WARNING),
        finding("VID020", "frames-repeated", "not looked at", assessed=False, severity=Severity.ADVICE),
    ]
    return replace(passing(), findings=tuple(found), consent=match)


def reviewed() -> Report:
    """One that waits for a person."""
    unsure = finding("CON014", "consent-name-alike", "sounds alike", at=(1.3, 1.9), assessed=False)
    match = timed(match_consent(STATEMENT, full_name="Maria Lopes"))
    return replace(passing(), findings=(unsure,), consent=match)


def finding(
    code: str,
    rule: str,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    assessed: bool = True,
    measured: float | None = None,
    limit: float | None = None,
    unit: str | None = None,
    at: tuple[float, float] | None = None,
) -> Finding:
    return Finding(
        code=code,
        rule=rule,
        severity=severity,
        assessed=assessed,
        asset=Role.TRAINING_VIDEO,
        message=message,
        remedy="Record it again.",
        measured=measured,
        limit=limit,
        unit=unit,
        at=at,
        prevents=("video_duration",),
    )


def hostile() -> Report:
    """Everything that comes from files, servers, names, words and policies says what could do harm."""
    report = passing_report(roles=list(Role))
    policy = load_policy("tavus-replica-phoenix-4")
    waiver = Waiver(reason=ALL, read=policy.read)
    changed = type(policy)(
        **{name: getattr(policy, name) for name in policy.__struct_fields__}
        | {"id": ALL, "extends": policy.id, "waivers": {"video-hdr": waiver}}
    )
    fix = plan({"MED007": Mend.FASTSTART}, media(video()), None, policy)
    files = tuple(
        replace(
            asset,
            source=f"{text} {ALL}",
            etag=ALL,
            fix=fix,
            facts={"duration_s": 60.0, "brand": ALL, "location_in": list(HOSTILE), ALL: ALL},
        )
        for asset, text in zip(report.assets, HOSTILE, strict=False)
    )
    said = [
        WordMatch(text, other, status, critical=True, start_s=at / 2, end_s=at / 2 + 0.4, probability=0.5)
        for at, (text, other, status) in enumerate(
            (text, other, status)
            for text, other in zip(HOSTILE, reversed(HOSTILE), strict=True)
            for status in WordStatus
        )
    ]
    match = ConsentMatch(
        statement=ALL,
        heard=ALL,
        start_s=0.0,
        end_s=30.0,
        name=NameMatch(ALL, ALL, NameVerdict.MISMATCH),
        words=tuple(said),
        causes=(Cause("consent-negated", ALL, review=False, at=(1.0, 2.0)),),
        decodes=(Decode(ALL, ALL, Verdict.FAIL, HOSTILE),),
    )
    found = [
        replace(
            finding("VID001", "training-video-too-short", text, at=(at, at + 1.0), assessed=assessed),
            remedy=text,
            rule=text,
            unit=text,
            prevents=(text,),
            measured=text,
            limit=text,
        )
        for at, text in enumerate(HOSTILE)
        for assessed in (True, False)
    ]
    return replace(
        report,
        policy=changed,
        assets=files,
        findings=tuple(found),
        consent=match,
        consent_asset=Role.TRAINING_VIDEO,
        environment={"depth": "standard", "asr_notice": ALL, "asr_model": ALL, ALL: ALL},
        waived=("video-hdr",),
    )


def wave(start_s: float, end_s: float, steps: int = 1000) -> Sound:
    loud = tuple(-20.0 - 15 * (1 + math.sin(at / 9)) for at in range(steps))
    return Sound(
        start_s=start_s,
        end_s=end_s,
        step_s=(end_s - start_s) / steps,
        quiet=tuple(level - 12 for level in loud),
        loud=loud,
        level_step_s=(end_s - start_s) / steps,
        level=loud,
        regions=((start_s, start_s + 5), (end_s - 5, end_s)),
    )


def shown_beside(report: Report, *, pictures: int = 0) -> Exhibits:
    """Curves for each file, and so many pictures."""
    coded = io.BytesIO()
    Image.new("L", (320, 180), 90).save(coded, "JPEG")
    small = tuple(Picture(5.0 * at, 320, 180, coded.getvalue()) for at in range(pictures))
    files = tuple(
        Exhibit(asset.role, 66.0, wave(0.0, 66.0), wave(0.5, 18.0), small) for asset in report.assets
    )
    return Exhibits(files, pictures > 0)


def hostile_exhibits() -> Exhibits:
    return shown_beside(hostile(), pictures=24)
