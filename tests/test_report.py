"""The verdict follows from the findings, and a clearance follows from the verdict alone."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import types
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace as replace_fields

from preflight.consent import match_consent
from preflight.errors import NotCleared
from preflight.policy import Policy, Waiver, load_policy
from preflight.report import AssetReport, Clearance, Finding, Identity, Report
from preflight.rule import Severity
from preflight.rules.consent_words import STATEMENT
from preflight.submission import Role
from preflight.verdict import Verdict
from tests.fake_service import MEDIA, passing_report

pytestmark = pytest.mark.timeout(20)

TOP = {
    "schema_version",
    "tool",
    "verdict",
    "policy",
    "assets",
    "findings",
    "passed",
    "consent",
    "environment",
}
FINDING = {
    "code",
    "rule",
    "severity",
    "outcome",
    "asset",
    "message",
    "measured",
    "limit",
    "unit",
    "at",
    "remedy",
    "prevents",
}
CONSENT = {
    "verdict",
    "reasons",
    "statement",
    "asset",
    "heard",
    "start_s",
    "end_s",
    "name",
    "words",
    "decodes",
}
WORD = {"expected", "heard", "status", "critical", "start_s", "end_s", "probability"}


def finding(
    severity: Severity = Severity.ERROR,
    *,
    assessed: bool = True,
    code: str = "VID001",
    at: tuple[float, float] | None = None,
) -> Finding:
    return Finding(
        code=code,
        rule="training-video-too-short",
        severity=severity,
        assessed=assessed,
        asset=Role.TRAINING_VIDEO,
        message="lasts 41.2 s; at least 60 s is required",
        remedy="Record again.",
        at=at,
    )


def image_report(**changes: Any) -> Report:
    return replace(passing_report(roles=(Role.TRAINING_IMAGE,)), **changes)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (Verdict.PASS, {}),
        (Verdict.FAIL, {"findings": (finding(),)}),
        (Verdict.REVIEW, {"findings": (finding(assessed=False),)}),
        (Verdict.FAIL, {"findings": (finding(assessed=False), finding(code="VID002"))}),
        (Verdict.PASS, {"findings": (finding(Severity.WARNING),)}),
        (Verdict.PASS, {"findings": (finding(Severity.ADVICE), finding(Severity.WARNING, assessed=False))}),
        (Verdict.REVIEW, {"passed": ()}),
        (Verdict.REVIEW, {"assets": ()}),
        (Verdict.REVIEW, {"consent": None}),
        (Verdict.REVIEW, {"consent": match_consent("I do not consent", full_name="Maria Lopez")}),
        (Verdict.FAIL, {"consent": None, "findings": (finding(),)}),
    ],
)
def test_the_verdict_follows_from_what_was_found(expected: Verdict, changes: dict[str, Any]) -> None:
    """Errors fail, doubts need a person, warnings change nothing; passing takes a file, a rule, a consent."""
    report = replace(passing_report(), **changes)

    assert expected == report.verdict


def test_a_consent_clip_beside_an_image_is_asked_for_consent() -> None:
    """Every spoken asset makes consent required, whatever else is sent with it."""
    assets = passing_report(roles=(Role.CONSENT_VIDEO, Role.TRAINING_IMAGE)).assets

    assert Verdict.REVIEW == image_report(assets=assets).verdict


def test_an_image_needs_no_consent() -> None:
    """Nobody speaks in a still image."""
    report = image_report()

    assert report.consent is None
    assert Verdict.PASS == report.verdict


def test_nobody_sets_the_verdict() -> None:
    """A report is frozen, and its verdict has no place to be stored in."""
    report = replace(passing_report(), findings=(finding(),))

    for name, value in (("verdict", Verdict.PASS), ("findings", ())):
        with pytest.raises((AttributeError, TypeError)):
            setattr(report, name, value)

    assert Verdict.FAIL == report.verdict


@pytest.mark.parametrize(
    ("codes", "changes"),
    [
        ("VID001", {"findings": (finding(),)}),
        ("VID001", {"findings": (finding(assessed=False),)}),
        ("AUD001, VID001", {"findings": (finding(), finding(code="AUD001"), finding(code="AUD001"))}),
        ("VID001", {"findings": (finding(), finding(Severity.WARNING, code="AUD002"))}),
        ("nothing was assessed", {"passed": ()}),
    ],
)
def test_what_did_not_pass_is_not_cleared(codes: str, changes: dict[str, Any]) -> None:
    """The refusal names the rules that block, each once, and no others."""
    report = replace(passing_report(), **changes)

    with pytest.raises(NotCleared) as refusal:
        report.clear()

    assert f"the verdict is {report.verdict}, not pass ({codes})" == str(refusal.value)


def test_a_file_that_nothing_identifies_is_not_cleared() -> None:
    """A clearance binds bytes; where they were not identified there is nothing to bind."""
    report = replace(passing_report(), assets=(AssetReport(Role.TRAINING_VIDEO, "clip.mp4", None, 9 << 30),))

    with pytest.raises(NotCleared, match=r"clip\.mp4: nothing identifies the bytes"):
        report.clear()


def test_a_strong_entity_tag_identifies_bytes_too() -> None:
    """Of a file behind an address, not every byte has to be read."""
    asset = AssetReport(Role.TRAINING_VIDEO, "https://a.example/clip.mp4", None, 1_000, etag='"v1"')
    clearance = replace(passing_report(), assets=(asset,)).clear()

    assert {Role.TRAINING_VIDEO: Identity(1_000, etag='"v1"')} == dict(clearance.identities)
    assert {} == dict(clearance.sha256)


def test_a_clearance_binds_what_was_checked() -> None:
    """It holds the submission, the digest of each file by its role, and the policy's endpoint."""
    report = passing_report(roles=(Role.TRAINING_VIDEO, Role.CONSENT_VIDEO))

    clearance = report.clear()

    roles = (Role.TRAINING_VIDEO, Role.CONSENT_VIDEO)
    assert {role: sha256(MEDIA[role]).hexdigest() for role in roles} == dict(clearance.sha256)
    assert report.submission == clearance.submission
    assert "/v2/replicas" == clearance.policy_endpoint
    assert "tavus-replica-phoenix-4" == clearance.policy_id


def test_a_clearance_cannot_be_changed() -> None:
    """Neither its fields nor the digests in it, nor can anything be hung onto it."""
    clearance = passing_report().clear()
    before = (clearance.submission, dict(clearance.sha256), clearance.issued_at)

    for name in ("submission", "sha256", "policy_id", "policy_endpoint", "issued_at", "forced"):
        with pytest.raises(AttributeError):
            setattr(clearance, name, None)
        with pytest.raises(AttributeError):
            delattr(clearance, name)
    with pytest.raises(TypeError):
        clearance.sha256[Role.TRAINING_VIDEO] = "f" * 64  # type: ignore[index]

    assert before == (clearance.submission, dict(clearance.sha256), clearance.issued_at)


@pytest.mark.parametrize("seal", [(), (None,), (object(),), (True,), ("seal",)])
def test_a_clearance_cannot_be_built(seal: tuple[object, ...]) -> None:
    """Only a report that passed makes one."""
    with pytest.raises(NotCleared):
        Clearance(*seal)


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        lambda clearance: copy.deepcopy([clearance]),
        *(lambda c, p=p: pickle.dumps(c, p) for p in range(pickle.HIGHEST_PROTOCOL + 1)),
    ],
)
def test_a_clearance_cannot_be_duplicated(duplicate: Callable[[Clearance], object]) -> None:
    """A copy would outlive the check, and a pickle could come from anywhere."""
    with pytest.raises(TypeError, match="cannot be copied or pickled"):
        duplicate(passing_report().clear())


@pytest.mark.parametrize("make", [type, types.new_class])
def test_a_clearance_cannot_be_subclassed(make: Callable[..., type]) -> None:
    """A subclass could be built without the seal."""
    arguments: tuple[Any, ...] = ({},) if make is type else ()

    with pytest.raises(TypeError, match="cannot be subclassed"):
        make("Forced", (Clearance,), *arguments)


def test_findings_are_ordered_violations_first() -> None:
    """Errors, warnings, advice; then the same of what was not assessed."""
    expected = [
        finding(severity, assessed=assessed)
        for assessed in (True, False)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.ADVICE)
    ]

    shuffled = expected[::-1]
    ordered = sorted(shuffled, key=lambda f: f.sort_key)

    assert expected == ordered


def test_the_json_report_has_the_published_keys() -> None:
    """Schema version 1: these keys, no more and no fewer, and nothing that JSON cannot hold."""
    report = replace(passing_report(), findings=(finding(at=(0.0, 41.2)),))

    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))

    assert TOP == set(document)
    assert 1 == document["schema_version"]
    assert {"name", "version"} == set(document["tool"])
    assert {"id", "read", "extends", "overrides", "waivers", "expired_waivers"} == set(document["policy"])
    assert {"role", "source", "sha256", "etag", "size_bytes", "facts", "fix"} == set(document["assets"][0])
    assert FINDING == set(document["findings"][0])
    assert CONSENT == set(document["consent"])
    assert {"declared", "heard", "verdict"} == set(document["consent"]["name"])
    assert WORD == set(document["consent"]["words"][0])


def test_the_json_report_says_what_was_found() -> None:
    """Enumerations become their words, places become lists, what makes no sense is null."""
    report = replace(
        passing_report(), findings=(finding(at=(0.0, 41.2)), finding(Severity.WARNING, assessed=False))
    )

    document = report.to_dict()
    broken, doubtful = document["findings"]

    assert "fail" == document["verdict"]
    assert ("error", "violation", [0.0, 41.2], None) == tuple(
        broken[key] for key in ("severity", "outcome", "at", "limit")
    )
    assert ("warning", "not-assessed", None) == tuple(doubtful[k] for k in ("severity", "outcome", "at"))
    assert "training_video" == document["consent"]["asset"]
    assert "pass" == document["consent"]["verdict"]


def test_the_json_report_of_an_image_has_no_consent() -> None:
    """Null where no consent is required."""
    assert image_report().to_dict()["consent"] is None


ADVISED = load_policy("tavus-face-phoenix-4")
GARDEN = "The weather is nice today and I would like to talk about my garden."


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (STATEMENT, True),
        (STATEMENT.replace("and consent", "and do not consent"), True),
        (STATEMENT.partition(" I understand")[0], True),
        (
            "I consent to the creation of a digital replica of my likeness for use with Tavus technology.",
            True,
        ),
        (GARDEN, False),
        ("", False),
    ],
    ids=["statement", "negated", "half of it", "a wrong wording", "something else", "nothing"],
)
def test_an_advised_consent_decides_nothing_and_is_shown_where_there_is_one(words: str, shown: bool) -> None:
    """The report says what was heard of a statement; a recording without one says nothing of it."""
    match = match_consent(words, full_name="Maria Lopez")
    report = replace(passing_report(policy=ADVISED.id), consent=match)

    document = report.to_dict()

    assert (Verdict.PASS, False) == (report.verdict, report.consent_required)
    assert shown == (document["consent"] is not None)
    assert (match if shown else None) == report.consent_shown
    if shown:
        assert str(match.verdict) == document["consent"]["verdict"]
    assert "/v2/faces" == report.clear().policy_endpoint


def test_an_advised_consent_that_was_not_listened_for_is_null() -> None:
    """Nothing stands for it, since nothing is missing."""
    report = replace(passing_report(policy=ADVISED.id), consent=None)

    assert (Verdict.PASS, None) == (report.verdict, report.to_dict()["consent"])


def test_a_required_consent_is_shown_whatever_was_heard() -> None:
    """That there is no statement is what a reader looks for."""
    report = replace(passing_report(), consent=match_consent(GARDEN, full_name="Maria Lopez"))

    assert report.consent == report.consent_shown
    assert "fail" == report.to_dict()["consent"]["verdict"]


def studio() -> Policy:
    """A policy file's: it extends the default, changes a limit and waives two rules."""
    base = load_policy("tavus-replica-phoenix-4")
    minimum = replace_fields(base.video.min_duration, value=90.0, source="ours: what our editors cut away")
    waiver = Waiver(reason="our graders map the tones", read=DAY, until=DAY)
    return replace_fields(
        base,
        id="studio",
        extends=base.id,
        video=replace_fields(base.video, min_duration=minimum),
        waivers={"video-hdr": waiver, "video-interlaced": waiver},
    )


DAY = dt.date(2026, 12, 31)
WAIVED = {"reason": "our graders map the tones", "until": "2026-12-31", "source": "studio"}


def test_the_report_says_what_a_policy_file_changes() -> None:
    """Key, value, the base's value and the source; the waivers that held, and apart those that had ended."""
    report = replace(passing_report(), policy=studio(), waived=("video-hdr",))

    assert {
        "id": "studio",
        "read": "2026-11-22",
        "extends": "tavus-replica-phoenix-4",
        "overrides": [
            {
                "key": "video.min_duration",
                "value": 90.0,
                "base": 60.0,
                "source": "ours: what our editors cut away",
            }
        ],
        "waivers": [WAIVED | {"rule": "video-hdr"}],
        "expired_waivers": [WAIVED | {"rule": "video-interlaced"}],
    } == report.to_dict()["policy"]


@pytest.mark.parametrize(
    ("policy", "extends"),
    [("tavus-replica-phoenix-4", None), ("tavus-face-phoenix-4", "tavus-replica-phoenix-4")],
)
def test_a_bundled_policy_overrides_nothing(policy: str, extends: str | None) -> None:
    """Its differences are its own, and on the page of rules."""
    found = passing_report(policy=policy).to_dict()["policy"]

    assert (extends, [], []) == (found["extends"], found["overrides"], found["waivers"])


def test_a_clearance_shows_no_address() -> None:
    """Its repr names the policy and the roles; addresses, which are often credentials, stay inside."""
    report = passing_report(train_video_url="https://media.example/clip.mp4?token=canary")

    assert "canary" not in repr(report.clear())


def test_a_submission_shows_no_query_string() -> None:
    """A submission is logged and shown in tracebacks; the query strings in it are often credentials."""
    report = passing_report(train_video_url="https://media.example/clip.mp4?token=canary")

    assert "canary" not in repr(report.submission)
    assert "canary" not in repr(report)
