"""Policies: strict to the letter, every number with its source."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from importlib import resources
from pathlib import Path

import msgspec
import pytest

import preflight.policy
from preflight.errors import PolicyError
from preflight.policy import (
    Limit,
    Override,
    Policy,
    Requirement,
    bundled_policies,
    load_policy,
    overrides,
    policy_limits,
)
from preflight.rule import all_rules, require_known_waivers
from preflight.waiver import waived_on

DEFAULT = "tavus-replica-phoenix-4"
TEXT = (resources.files("preflight") / "policies" / "tavus-replica-phoenix-4.toml").read_text()


def lasting(value: str) -> str:
    """The policy file with another shortest duration of a video."""
    table = "[video.min_duration]\nvalue "
    assert f"{table} = 60\n" in TEXT
    return TEXT.replace(f"{table} = 60\n", f"{table} = {value}\n")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return path


def limits(struct: object) -> list[Limit[object, object]]:
    values = [getattr(struct, field) for field in getattr(struct, "__struct_fields__", ())]
    here = [value for value in values if isinstance(value, Limit)]
    return here + [limit for value in values if not isinstance(value, Limit) for limit in limits(value)]


@pytest.mark.parametrize("name", bundled_policies())
def test_every_limit_has_a_source_and_a_date(name: str) -> None:
    """A number nobody can check again is no limit."""
    found = limits(load_policy(name))

    assert len(found) >= 25
    assert all(len(limit.source) > 10 and limit.read <= dt.date(2100, 1, 1) for limit in found)


def test_file_and_id_are_the_same_policy(tmp_path: Path) -> None:
    """A policy file may stand anywhere."""
    assert load_policy("tavus-replica-phoenix-4") == load_policy(write(tmp_path, TEXT))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (TEXT.replace("[video.min_duration]", "[video.min_durration]"), "min_durration|min_duration"),
        (TEXT.replace("[audio.codecs]", "[audio.codex]"), "codex|codecs"),
        (TEXT + "\n[extra]\nvalue = 1\n", "extra"),
        (TEXT + "\n[audio.codecs]\nvalue = []\n", "codecs"),
        (lasting("'sixty'"), "min_duration"),
        (
            TEXT.replace('consent_requirement = "required"', 'consent_requirement = "off"'),
            "consent_requirement",
        ),
        (lasting("nan"), "video.min_duration.value"),
        (lasting("-inf"), "video.min_duration.value"),
        (lasting("-1"), "video.min_duration.value"),
        (TEXT.replace('unit   = "s"', 'unit = "min"', 1), "unit"),
        (TEXT.replace('unit   = "s"', "", 1), "required field `unit`"),
        (TEXT.replace('endpoint = "/v2/replicas"', 'endpoint = "https://evil.example/x"'), "endpoint"),
        (TEXT.replace('endpoint = "/v2/replicas"', 'endpoint = "//evil.example/x"'), "endpoint"),
        (TEXT.replace('title = "Tavus', 'title = "\\u001b[2JTavus'), "title"),
        (lasting("1"), "give it an id of its own"),
        ("", "required field"),
        ("\x00", "not valid"),
        ("a = [", "not valid"),
    ],
)
def test_anything_but_exactly_a_policy_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """Unknown, missing, duplicate and mistyped keys are errors that name the key."""
    with pytest.raises(PolicyError, match=complaint):
        load_policy(write(tmp_path, text))


def test_changed_policy_needs_a_name_of_its_own(tmp_path: Path) -> None:
    """A user's policy is recognised in the report by its id."""
    changed = lasting("90").replace('"tavus-replica-phoenix-4"', '"ours"', 1)

    policy = load_policy(write(tmp_path, changed))

    assert ("ours", 90) == (policy.id, policy.video.min_duration.value)


def test_missing_file_names_the_known_policies() -> None:
    """A slip in the id shows the ids there are."""
    with pytest.raises(PolicyError, match="tavus-replica-phoenix-4"):
        load_policy("tavus-replica-pheonix-4")


def test_policy_that_is_no_text(tmp_path: Path) -> None:
    """A binary file named as a policy is refused in words."""
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(PolicyError, match="not valid"):
        load_policy(path)


def test_policy_cannot_be_changed() -> None:
    """A rule that writes to the policy is refused."""
    policy: Policy = load_policy("tavus-replica-phoenix-4")

    with pytest.raises((AttributeError, msgspec.ValidationError)):
        policy.video.min_duration = None  # type: ignore[misc,assignment]


# ---- files that extend a bundled policy

HEAD = """
id = "studio"
title = "Our studio"
read = 2026-11-24
"""
EXTENDS = f'{HEAD}extends = "{DEFAULT}"\n'
LIMIT = """
[video.min_duration]
value = 90
unit = "s"
source = "ours: what our editors cut away"
read = 2026-11-24
"""
WAIVER = """
[waivers.video-hdr]
reason = "our graders map the tones"
read = 2026-11-24
"""


def limit(key: str, value: object, unit: str | None = None) -> str:
    units = "" if unit is None else f'unit = "{unit}"\n'
    return f'\n[{key}]\nvalue = {value}\n{units}source = "ours, for this test"\nread = 2026-11-24\n'


def test_a_file_that_extends_says_only_what_it_changes(tmp_path: Path) -> None:
    """Its name, its title, its day, and one limit; all else is the base's."""
    base, policy = load_policy(DEFAULT), load_policy(write(tmp_path, EXTENDS + LIMIT))

    assert ("studio", DEFAULT, dt.date(2026, 11, 24)) == (policy.id, policy.extends, policy.read)
    changed = {key for key, limit in policy_limits(policy).items() if limit != policy_limits(base)[key]}
    assert {"video.min_duration"} == changed
    assert (90, "ours: what our editors cut away") == (
        policy.video.min_duration.value,
        policy.video.min_duration.source,
    )
    assert (base.endpoint, base.consent_requirement) == (policy.endpoint, policy.consent_requirement)


def test_a_file_without_changes_extends_too(tmp_path: Path) -> None:
    """It judges as its base does, under another name."""
    policy = load_policy(write(tmp_path, EXTENDS))

    assert policy_limits(load_policy(DEFAULT)) == policy_limits(policy)
    assert () == overrides(policy)


def test_a_chain_of_two(tmp_path: Path) -> None:
    """A file may extend a bundled policy that extends another."""
    policy = load_policy(write(tmp_path, HEAD + 'extends = "tavus-replica-phoenix-3"\n' + LIMIT))

    assert (90, 120, 720) == (
        policy.video.min_duration.value,
        policy.video.advised_duration.value,
        policy.video.min_short_side.value,
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (EXTENDS + LIMIT.replace("min_duration", "min_durration"), "min_durration"),
        (EXTENDS + LIMIT.replace("[video.", "[vidoe."), "vidoe"),
        (EXTENDS + LIMIT + LIMIT, "not valid"),
        (EXTENDS + LIMIT.replace("value = 90\n", ""), r"required field `value`.*video\.min_duration"),
        (EXTENDS + LIMIT.replace('unit = "s"\n', ""), "required field `unit`"),
        (EXTENDS + limit("consent.min_word_probability", 0.5, "s"), r"min_word_probability\.unit"),
        (EXTENDS + LIMIT.replace('"s"', '"min"'), r"video\.min_duration\.unit"),
        (EXTENDS + LIMIT.replace("value = 90", "value = '90'"), r"video\.min_duration\.value"),
        (EXTENDS + LIMIT.replace("value = 90", "value = nan"), r"video\.min_duration\.value"),
        (EXTENDS + LIMIT.replace("read =", "# read ="), "required field `read`"),
        (EXTENDS + LIMIT.replace("source =", "# source ="), "required field `source`"),
        (EXTENDS + "video = 3\n", "video"),
        (EXTENDS + "[video]\nmin_duration = 90\n", "min_duration"),
        (EXTENDS + 'colour = "red"\n', "colour"),
        (EXTENDS.replace("id =", "# id ="), "required field `id`"),
        (EXTENDS.replace("title =", "# title ="), "required field `title`"),
        (EXTENDS.replace("read =", "# read ="), "required field `read`"),
        (EXTENDS.replace(f'"{DEFAULT}"', "3"), f"no bundled policy .known: .*{DEFAULT}"),
        (EXTENDS.replace(f'"{DEFAULT}"', '["a"]'), "no bundled policy"),
        (EXTENDS.replace(f'"{DEFAULT}"', '"studio"'), "no bundled policy"),
        (EXTENDS.replace(f'"{DEFAULT}"', '"policy.toml"'), "no bundled policy"),
        (EXTENDS.replace(f'"{DEFAULT}"', f'"../{DEFAULT}"'), "no bundled policy"),
        (EXTENDS.replace('"studio"', f'"{DEFAULT}"'), "give it an id of its own"),
        (HEAD + LIMIT, "required field"),
    ],
)
def test_a_file_that_extends_is_read_as_strictly(tmp_path: Path, text: str, complaint: str) -> None:
    """Half a limit, a slip, a base that is a file: all are errors that name what is wrong."""
    with pytest.raises(PolicyError, match=complaint):
        load_policy(write(tmp_path, text))


@pytest.mark.parametrize("length", [1, 2, 3])
def test_policies_that_extend_each_other_in_a_circle(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody ships one, and the loader would not spin on it."""
    names = [f"policy-{number}" for number in range(length)]
    after = dict(zip(names, names[1:] + names[:1], strict=True))
    monkeypatch.setattr(preflight.policy, "bundled_policies", lambda: tuple(names))
    monkeypatch.setattr(preflight.policy, "_bundled_document", lambda name: {"extends": after[name]})

    with pytest.raises(PolicyError, match="in the end"):
        preflight.policy._extended({"extends": names[0]}, "studio")
    with pytest.raises(PolicyError, match="in the end"):
        preflight.policy._extended({"extends": after[names[0]]}, names[0])


# ---- the bundled policies


def test_what_the_bundled_policies_differ_in() -> None:
    """Exactly these limits; each says where it was read."""
    base = policy_limits(load_policy(DEFAULT))
    differing = {
        name: {
            key for key, limit in policy_limits(load_policy(name)).items() if limit.value != base[key].value
        }
        for name in bundled_policies()
    }

    assert {
        DEFAULT: set(),
        "tavus-replica-phoenix-3": {
            "request.models",
            "video.advised_duration",
            "video.speaking_duration",
            "video.still_duration",
        },
        "tavus-face-phoenix-4": {"request.consent_video"},
    } == differing


@pytest.mark.parametrize(
    ("name", "endpoint", "requirement"),
    [
        (DEFAULT, "/v2/replicas", Requirement.REQUIRED),
        ("tavus-replica-phoenix-3", "/v2/replicas", Requirement.REQUIRED),
        ("tavus-face-phoenix-4", "/v2/faces", Requirement.ADVISED),
    ],
)
def test_routes_and_consent(name: str, endpoint: str, requirement: Requirement) -> None:
    """The newer route alone goes without a spoken consent."""
    policy = load_policy(name)

    assert (endpoint, requirement) == (policy.endpoint, policy.consent_requirement)


def test_bundled_policies_waive_nothing() -> None:
    """And they speak for themselves: what they change is no override."""
    policies = [load_policy(name) for name in bundled_policies()]

    assert [({}, ())] * 3 == [(policy.waivers, overrides(policy)) for policy in policies]


# ---- what cannot be loosened


@pytest.mark.parametrize("endpoint", ["/v2/replicas", "/v2/replicas/x", "/v3/faces"])
@pytest.mark.parametrize("base", [DEFAULT, "tavus-face-phoenix-4"])
def test_only_faces_go_without_consent(tmp_path: Path, base: str, endpoint: str) -> None:
    """Wherever else a file sends, it asks for the consent, whatever it extends."""
    text = HEAD + f'extends = "{base}"\nconsent_requirement = "advised"\nendpoint = "{endpoint}"\n'

    with pytest.raises(PolicyError, match="consent_requirement"):
        load_policy(write(tmp_path, text))


def test_a_whole_file_cannot_leave_the_consent_out_either(tmp_path: Path) -> None:
    """The same where nothing is extended."""
    text = TEXT.replace(f'"{DEFAULT}"', '"ours"', 1).replace('= "required"', '= "advised"')

    with pytest.raises(PolicyError, match="consent_requirement"):
        load_policy(write(tmp_path, text))


def test_faces_may_be_asked_for_consent(tmp_path: Path) -> None:
    """A file may be stricter than the route."""
    text = HEAD + 'extends = "tavus-face-phoenix-4"\nconsent_requirement = "required"\n'

    policy = load_policy(write(tmp_path, text))

    assert (Requirement.REQUIRED, "/v2/faces") == (policy.consent_requirement, policy.endpoint)


LOOSER = {
    "edits.max_jump": (5, 0.05, "s"),
    "consent.max_start": (10.1, 9, "s"),
    "consent.max_clip": (121, 119, "s"),
    "consent.max_rate": (5.1, 4.9, "words/s"),
    "consent.max_gap": (3.1, 2.9, "s"),
    "consent.min_rate": (0.7, 0.9, "words/s"),
    "consent.min_word_probability": (0.24, 0.26, None),
    "consent.opening_window": (56, 58, "s"),
    "container.max_missing": (1.1, 0.9, "s"),
}


@pytest.mark.parametrize("base", [DEFAULT, "tavus-replica-phoenix-3"])
@pytest.mark.parametrize("key", LOOSER)
def test_a_required_consent_is_not_loosened(tmp_path: Path, base: str, key: str) -> None:
    """Each limit moves one way; the error names the key."""
    looser, stricter, unit = LOOSER[key]
    head = f'{HEAD}extends = "{base}"\n'

    with pytest.raises(PolicyError, match=rf"{key} is {looser}"):
        load_policy(write(tmp_path, head + limit(key, looser, unit)))

    policy = load_policy(write(tmp_path, head + limit(key, stricter, unit)))
    assert stricter == policy_limits(policy)[key].value


def test_the_language_of_a_required_consent_stays(tmp_path: Path) -> None:
    """The statement is published in one language."""
    with pytest.raises(PolicyError, match=r"consent\.language"):
        load_policy(write(tmp_path, EXTENDS + limit("consent.language", '"fr"')))


def test_how_far_a_late_statement_is_looked_for_is_free(tmp_path: Path) -> None:
    """It fails either way."""
    policy = load_policy(write(tmp_path, EXTENDS + limit("consent.search_window", 60, "s")))

    assert 60 == policy.consent.search_window.value


def test_a_whole_file_cannot_loosen_it_either(tmp_path: Path) -> None:
    """The numbers are compared with the bundled ones, extended or not."""
    text = TEXT.replace(f'"{DEFAULT}"', '"ours"', 1)
    looser = text.replace("[consent.max_start]\nvalue  = 10", "[consent.max_start]\nvalue  = 50")

    assert "ours" == load_policy(write(tmp_path, text)).id
    with pytest.raises(PolicyError, match=r"consent\.max_start"):
        load_policy(write(tmp_path, looser))


def test_an_advised_consent_may_be_loosened(tmp_path: Path) -> None:
    """What decides nothing may be as loose as anybody likes."""
    text = HEAD + 'extends = "tavus-face-phoenix-4"\n' + limit("consent.max_start", 60, "s")

    assert 60 == load_policy(write(tmp_path, text)).consent.max_start.value


def test_every_consent_limit_has_a_direction() -> None:
    """A new one cannot be forgotten."""
    known = {*LOOSER, "consent.language", "consent.search_window"}

    assert known - {"container.max_missing", "edits.max_jump"} == {
        key for key in policy_limits(load_policy(DEFAULT)) if key.startswith("consent.")
    }


# ---- waivers


@pytest.mark.parametrize(
    ("day", "until", "holds"),
    [
        ("2026-11-24", None, True),
        ("2099-01-01", None, True),
        ("2026-12-30", "2026-12-31", True),
        ("2026-12-31", "2026-12-31", True),
        ("2027-01-01", "2026-12-31", False),
    ],
)
def test_a_waiver_holds_to_the_end_of_its_last_day(
    tmp_path: Path, day: str, until: str | None, holds: bool
) -> None:
    """Without a last day it has no end."""
    text = EXTENDS + WAIVER + ("" if until is None else f"until = {until}\n")

    waived = waived_on(dt.date.fromisoformat(day), load_policy(write(tmp_path, text)).rule_waivers)

    assert (("video-hdr",) if holds else ()) == waived


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (WAIVER.replace("reason =", "# reason ="), "required field `reason`"),
        (WAIVER.replace("read =", "# read ="), "required field `read`"),
        (WAIVER.replace('"our graders map the tones"', '""'), "reason|length"),
        (WAIVER.replace('"our graders map the tones"', '"  "'), "reason"),
        (WAIVER.replace('"our graders map the tones"', '"known\\n"'), "reason"),
        (WAIVER + "until = 2026-12-31T00:00:00\n", "until|date"),
        (WAIVER + 'until = "soon"\n', "until|date"),
        (WAIVER + "forever = true\n", "forever"),
        (WAIVER + WAIVER, "not valid"),
        ("\n[waivers]\nvideo-hdr = true\n", "waivers"),
    ],
)
def test_a_waiver_is_read_as_strictly(tmp_path: Path, text: str, complaint: str) -> None:
    """It has a reason and a day, and nothing else but an end."""
    with pytest.raises(PolicyError, match=complaint):
        load_policy(write(tmp_path, EXTENDS + text))


GUARDS = {rule.name for rule in all_rules() if rule.name.startswith("consent-")} | {
    "audio-tracks-ambiguous",
    "edit-list-jumps",
}


@pytest.mark.parametrize("rule", sorted(GUARDS))
def test_a_required_consent_is_not_waived(tmp_path: Path, rule: str) -> None:
    """Not by any of its rules, nor by one that does not exist yet, nor by leaving a sound track unheard."""
    text = WAIVER.replace("video-hdr", rule)

    with pytest.raises(PolicyError, match=rule):
        load_policy(write(tmp_path, EXTENDS + text))
    with pytest.raises(PolicyError, match="consent-new"):
        load_policy(write(tmp_path, EXTENDS + text.replace(rule, "consent-new")))


@pytest.mark.parametrize(
    "rule", ["audio-tracks-ambiguous", "edit-list-jumps", "consent-negated", "consent-revoked"]
)
def test_no_policy_waives_a_refusal(tmp_path: Path, rule: str) -> None:
    """Nor what would hide one, even where a consent is only advised."""
    text = HEAD + 'extends = "tavus-face-phoenix-4"\n' + WAIVER.replace("video-hdr", rule)

    with pytest.raises(PolicyError, match=rule):
        load_policy(write(tmp_path, text))


@pytest.mark.parametrize("key", ["consent.opening_window", "container.max_missing", "edits.max_jump"])
def test_no_policy_is_deaf(tmp_path: Path, key: str) -> None:
    """A refusal counts where a consent is only advised, so it has to be heard."""
    looser, stricter, unit = LOOSER[key]
    head = f'{HEAD}extends = "tavus-face-phoenix-4"\n'

    with pytest.raises(PolicyError, match=rf"{key} is {looser}"):
        load_policy(write(tmp_path, head + limit(key, looser, unit)))
    assert (
        stricter == policy_limits(load_policy(write(tmp_path, head + limit(key, stricter, unit))))[key].value
    )


def test_a_rule_of_an_advised_consent_may_be_waived(tmp_path: Path) -> None:
    """It is advice already."""
    text = HEAD + 'extends = "tavus-face-phoenix-4"\n' + WAIVER.replace("video-hdr", "consent-late")
    policy = load_policy(write(tmp_path, text))

    require_known_waivers(policy)

    assert {"consent-late"} == set(policy.waivers)


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("video-hrd", "did you mean video-hdr"),
        ("VID010", "did you mean video-hdr?"),
        ("training-video-to-short", "training-video-too-short"),
        ("zzz", "preflight rules"),
    ],
)
def test_a_waiver_of_no_rule_is_an_error(tmp_path: Path, rule: str, hint: str) -> None:
    """A slip would waive nothing in silence; a code finds its rule."""
    policy = load_policy(write(tmp_path, EXTENDS + WAIVER.replace("video-hdr", rule)))

    with pytest.raises(PolicyError, match=f"{rule}.*") as refusal:
        require_known_waivers(policy)

    assert hint in str(refusal.value)


def test_known_waivers_are_fine(tmp_path: Path) -> None:
    """All rules that may be waived, by their names."""
    text = "".join(WAIVER.replace("video-hdr", rule.name) for rule in all_rules() if rule.name not in GUARDS)

    require_known_waivers(load_policy(write(tmp_path, EXTENDS + text)))


def auto_fixed(rule: str) -> str:
    return f'[image.auto_fixed]\nvalue = ["{rule}"]\nsource = "ours"\nread = 2026-11-25\n'


@pytest.mark.parametrize("rule", ["image-damaged", "image-faces-several", "consent-negated", "zzz"])
def test_no_policy_has_the_service_mend_more(tmp_path: Path, rule: str) -> None:
    """Half a photo would pass with a warning."""
    with pytest.raises(PolicyError, match=f"image.auto_fixed.*{rule}.*some of"):
        load_policy(write(tmp_path, EXTENDS + auto_fixed(rule)))


def test_a_policy_may_have_the_service_mend_less(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, EXTENDS + auto_fixed("image-face-off-centre")))

    assert ("image-face-off-centre",) == policy.image.auto_fixed.value


# ---- what a file changes


def test_overrides(tmp_path: Path) -> None:
    """Key, value, the base's value, unit and source; lists as one text; settings without a source."""
    text = (
        HEAD
        + 'extends = "tavus-face-phoenix-4"\nconsent_requirement = "required"\n'
        + LIMIT
        + limit("request.models", '["phoenix-4"]')
        + limit("video.min_short_side", 720, "px")
    )

    found = overrides(load_policy(write(tmp_path, text)))

    assert (
        Override("consent_requirement", "required", "advised"),
        Override(
            "request.models",
            "phoenix-4",
            "phoenix-4, phoenix-3, phoenix-4.5",
            source="ours, for this test",
        ),
        Override("video.min_duration", 90.0, 60.0, "s", "ours: what our editors cut away"),
    ) == found


def test_a_whole_file_overrides_nothing(tmp_path: Path) -> None:
    """It extends nothing that it could differ from."""
    text = lasting("90").replace(f'"{DEFAULT}"', '"ours"', 1)

    assert () == overrides(load_policy(write(tmp_path, text)))


def test_threads_that_start_together() -> None:
    """Data are read into types one thread at a time; msgspec crashed the process otherwise."""
    program = (
        "import threading\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from preflight.consent.lexicon import lexicon\n"
        "from preflight.policy import load_policy\n"
        "from preflight.vendor import vendor_errors\n"
        "together = threading.Barrier(8)\n"
        "def read(_):\n"
        "    together.wait()\n"
        "    return lexicon(), vendor_errors(), load_policy('tavus-replica-phoenix-4')\n"
        "with ThreadPoolExecutor(8) as threads:\n"
        "    assert len(list(threads.map(read, range(8)))) == 8\n"
    )

    assert 0 == subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode
