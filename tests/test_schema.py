"""The published schema fits every report that is written, and nothing that is not one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from msgspec.structs import replace

import preflight
from preflight import Finding, Options, Report, Role, Severity, Submission
from preflight.cli import cli
from preflight.consent import NameVerdict, WordStatus
from preflight.policy import Policy, Waiver, load_policy
from preflight.render.json import render_json
from preflight.report import AssetReport
from preflight.rule import all_rules
from preflight.rules.consent_words import STATEMENT, Heard
from preflight.submission import Depth

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
POLICY = load_policy("tavus-replica-phoenix-4")
ADVISED = load_policy("tavus-face-phoenix-4")
STUDIO = replace(
    POLICY,
    id="studio",
    extends=POLICY.id,
    endpoint="/v2/faces",
    request=replace(POLICY.request, models=replace(POLICY.request.models, value=("phoenix-4",))),
    waivers={
        "video-hdr": Waiver(reason="graded", read=POLICY.read, until=POLICY.read),
        "video-interlaced": Waiver(reason="graded", read=POLICY.read),
    },
)
SCHEMA = json.loads((resources.files("preflight") / "schemas" / "report-1.schema.json").read_text("utf-8"))
SPOKEN = {
    f"{rule.code}-{label}": example
    for rule in all_rules()
    for label, example in {**rule.passing, **rule.failing}.items()
    if isinstance(example, Heard)
}


REPORT = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
WORDS_ALONE = REPORT.evolve(schema={"$ref": "#/$defs/words_alone", "$defs": SCHEMA["$defs"]})


def validate(document: object, validator: Any = REPORT) -> None:
    validator.validate(document)


def fits(document: object) -> bool:
    return bool(REPORT.is_valid(document))


def finding(*, severity: Severity = Severity.ERROR, assessed: bool = True, code: str = "VID001") -> Finding:
    return Finding(
        code=code,
        rule="training-video-too-short",
        severity=severity,
        assessed=assessed,
        asset=Role.TRAINING_VIDEO,
        message="lasts 41.200 s; at least 60 s is required",
        remedy="Record again in one take.",
        measured=41.2,
        limit=60,
        unit="s",
        at=(0.0, 41.2),
        prevents=("video_duration",),
    )


def report(*findings: Finding, heard: Heard | None = None, policy: Policy = POLICY) -> dict[str, Any]:
    """A report as read back from its JSON: one video, these findings, this consent."""
    facts = {"container": "mp4", "brand": None}
    video = AssetReport(Role.TRAINING_VIDEO, "clip.mp4", "a" * 64, 40_000_000, facts)
    made = Report(
        submission=Submission(train_video="clip.mp4"),
        policy=policy,
        assets=(video,),
        findings=findings,
        passed=("VID002", "VID003"),
        consent=(heard or Heard()).match(POLICY),
        consent_asset=Role.TRAINING_VIDEO,
        environment={"depth": "standard", "ffmpeg": "5.1.9", "asr_threads": 2, "asr_notice": None},
        waived=tuple(policy.waivers)[:1],
    )
    document: dict[str, Any] = json.loads(render_json(made.to_dict()))
    return document


def short_report() -> dict[str, Any]:
    """A report with every kind of object in it, and one word."""
    document = report(finding(), policy=STUDIO)
    document["consent"]["words"] = document["consent"]["words"][:1]
    return document


def objects(document: Any, path: str = "report") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a report whose keys are fixed, with the place where it stands."""
    if isinstance(document, dict):
        yield path, document
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in pairs:
        if isinstance(value, (dict, list)) and key not in ("facts", "environment"):
            yield from objects(value, f"{path}.{key}")


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for value in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(value, (dict, list)):
            yield from subschemas(value)


# ---- the schema as data


def test_schema_is_one() -> None:
    """The file is a schema of the 2020-12 draft."""
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_objects_are_closed_and_described() -> None:
    """Every object names all its keys, requires each of them, and says in words what each one is."""
    closed = [s for s in subschemas(SCHEMA) if s.get("additionalProperties") is False]

    assert len(closed) == 12
    for schema in closed:
        assert list(schema["properties"]) == schema["required"]
        assert schema["description"]
        assert all(value.get("description") for value in schema["properties"].values())


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ("role", Role),
        ("severity", Severity),
        ("verdict", preflight.Verdict),
    ],
)
def test_enumerations(values: str, known: Any) -> None:
    """The schema lists the values that the code knows."""
    assert set(SCHEMA["$defs"][values]["enum"]) == set(known)


def test_enumerations_of_properties() -> None:
    """The same for values that stand at one place alone."""
    word, name = SCHEMA["$defs"]["word"], SCHEMA["$defs"]["consent"]["properties"]["name"]
    depth = SCHEMA["properties"]["environment"]["properties"]["depth"]

    assert set(word["properties"]["status"]["enum"]) == set(WordStatus)
    assert set(name["properties"]["verdict"]["enum"]) == set(NameVerdict)
    assert set(depth["enum"]) == set(Depth)


# ---- reports made by hand


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((), "pass"),
        ((finding(severity=Severity.WARNING),), "pass"),
        ((finding(assessed=False),), "review"),
        ((finding(),), "fail"),
        ((finding(), finding(assessed=False)), "fail"),
    ],
)
def test_reports(findings: tuple[Finding, ...], verdict: str) -> None:
    """A report of each verdict fits."""
    document = report(*findings)

    assert verdict == document["verdict"]
    validate(document)


@pytest.mark.parametrize("heard", SPOKEN.values(), ids=SPOKEN)
def test_consents(heard: Heard) -> None:
    """Whatever the consent rules' examples lead to fits."""
    validate(report(finding(), heard=heard))


@pytest.mark.parametrize("text", [STATEMENT, STATEMENT.replace("can be", "cannot be"), "Good morning.", ""])
def test_words_alone(text: str) -> None:
    """What `preflight consent` writes is the consent object, without a file and without times."""
    arguments = ["consent", "--text", text, "--full-name", "Maria Lopez", "--format", "json"]
    done = CliRunner().invoke(cli, arguments)

    validate(json.loads(done.stdout), WORDS_ALONE)


@pytest.mark.parametrize(
    ("policy", "overridden"), [(POLICY, []), (ADVISED, []), (STUDIO, ["endpoint", "request.models"])]
)
def test_policies(policy: Policy, overridden: list[str]) -> None:
    """Reports under a bundled policy, and under a file that changes and waives things, fit."""
    document = report(policy=policy)

    validate(document)
    assert overridden == [override["key"] for override in document["policy"]["overrides"]]


NEGATED = Heard(STATEMENT.replace("and consent", "and do not consent"))
ADVICE = finding(severity=Severity.ADVICE, code="CON004")


def test_consent_that_is_only_advised() -> None:
    """It may stand beside a pass, whatever was heard, where a finding of advice says what."""
    advised = report(ADVICE, heard=NEGATED, policy=ADVISED)
    silent = report(heard=Heard("The weather is nice today."), policy=ADVISED)

    assert ("pass", "fail") == (advised["verdict"], advised["consent"]["verdict"])
    assert ("pass", None) == (silent["verdict"], silent["consent"])
    validate(advised)
    validate(silent)


@pytest.mark.parametrize("findings", [(), (finding(severity=Severity.ADVICE),)])
def test_consent_that_failed_beside_a_pass_is_refused(findings: tuple[Finding, ...]) -> None:
    """Nothing says that it was only advised."""
    assert not fits(report(*findings, heard=NEGATED, policy=ADVISED))


def test_missing_key_is_refused() -> None:
    """Without any one of its keys, at any depth, a report is none."""
    whole = short_report()
    for path, thing in objects(whole):
        for key in list(thing):
            kept = thing.pop(key)
            assert not fits(whole), f"{path} without {key}"
            thing[key] = kept

    validate(whole)


def test_extra_key_is_refused() -> None:
    """Keys that nobody knows are refused at any depth."""
    whole = short_report()
    for path, thing in objects(whole):
        thing["extra"] = 1
        assert not fits(whole), path
        del thing["extra"]

    validate(whole)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "ok"),
        (("schema_version",), 2),
        (("policy", "read"), "yesterday"),
        (("policy", "extends"), ""),
        (("policy", "overrides"), None),
        (("policy", "overrides", 0, "key"), "Endpoint"),
        (("policy", "overrides", 0, "value"), ["/v2/faces"]),
        (("policy", "overrides", 0, "source"), 1),
        (("policy", "waivers", 0, "rule"), "VID010"),
        (("policy", "waivers", 0, "reason"), ""),
        (("policy", "waivers", 0, "until"), "soon"),
        (("policy", "waivers", 0, "source"), ""),
        (("policy", "expired_waivers", 0, "reason"), None),
        (("assets", 0, "role"), "video"),
        (("assets", 0, "sha256"), "A" * 64),
        (("assets", 0, "size_bytes"), -1),
        (("findings", 0, "code"), "VID1"),
        (("findings", 0, "severity"), "fatal"),
        (("findings", 0, "outcome"), "pass"),
        (("findings", 0, "at"), [0.0]),
        (("findings", 0, "measured"), [41.2]),
        (("passed", 0), "vid002"),
        (("passed", 0), "VID003"),
        (("consent", "asset"), None),
        (("consent", "reasons"), ["consent-negated"]),
        (("consent", "name", "verdict"), "similar"),
        (("consent", "words", 0, "status"), "ok"),
        (("consent", "words", 0, "probability"), 1.5),
        (("consent", "words", 0, "start_s"), "0.7"),
    ],
)
def test_wrong_value_is_refused(path: tuple[str | int, ...], value: object) -> None:
    """Values outside what a key can hold are refused."""
    document = report(finding(), policy=STUDIO)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    with pytest.raises(ValidationError):
        validate(document)


@pytest.mark.parametrize(
    ("findings", "claimed"),
    [
        ((), "fail"),
        ((finding(severity=Severity.WARNING),), "fail"),
        ((finding(),), "pass"),
        ((finding(),), "review"),
        ((finding(assessed=False),), "pass"),
        ((finding(assessed=False),), "fail"),
    ],
)
def test_verdict_follows_from_findings(findings: tuple[Finding, ...], claimed: str) -> None:
    """A verdict that the findings do not bear out is refused."""
    with pytest.raises(ValidationError):
        validate(report(*findings) | {"verdict": claimed})


# ---- reports of real runs

VALID = str(FIXTURES / "training_video" / "statement-at-opening-valid" / "clip.mp4")
PORTRAIT = str(FIXTURES / "training_image" / "portrait-valid" / "portrait.jpg")
RUNS = {
    "video-pass": (Submission(train_video=VALID, full_name="Maria Lopez"), "pass"),
    "video-review": (Submission(train_video=VALID, full_name="Maria Lopes"), "review"),
    "video-fail": (Submission(train_video=VALID, full_name="John Smith", model_name="phoenix-9"), "fail"),
    "video-silent": (
        Submission(train_video=str(FIXTURES / "training_video" / "no-audio-error" / "clip.mp4")),
        "fail",
    ),
    "video-unreadable": (
        Submission(train_video=str(FIXTURES / "training_video" / "text-error" / "clip.mp4")),
        "fail",
    ),
    "image-pass": (Submission(train_image=PORTRAIT, voice_name="anna"), "pass"),
    "image-fail": (Submission(train_image=PORTRAIT), "fail"),
}


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(("submission", "verdict"), RUNS.values(), ids=RUNS)
def test_real_reports(submission: Submission, verdict: str, recogniser_folder: Path) -> None:
    """What a check of real media writes fits the schema."""
    found = preflight.check(submission, Options(asr_model=recogniser_folder))
    document = json.loads(render_json(found.to_dict()))

    assert verdict == document["verdict"]
    validate(document)
