"""Policies: strict to the letter, every number with its source."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from preflight.errors import PolicyError
from preflight.policy import Limit, Policy, bundled_policies, load_policy

TEXT = (resources.files("preflight") / "policies" / "tavus-replica-phoenix-4.toml").read_text()


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
        (TEXT.replace("value  = 60\n", "value = 'sixty'\n", 1), "min_duration"),
        (
            TEXT.replace('consent_requirement = "required"', 'consent_requirement = "off"'),
            "consent_requirement",
        ),
        (TEXT.replace("value  = 60\n", "value = nan\n", 1), "video.min_duration.value"),
        (TEXT.replace("value  = 60\n", "value = -inf\n", 1), "video.min_duration.value"),
        (TEXT.replace("value  = 60\n", "value = -1\n", 1), "video.min_duration.value"),
        (TEXT.replace('unit   = "s"', 'unit = "min"', 1), "unit"),
        (TEXT.replace('endpoint = "/v2/replicas"', 'endpoint = "https://evil.example/x"'), "endpoint"),
        (TEXT.replace('endpoint = "/v2/replicas"', 'endpoint = "//evil.example/x"'), "endpoint"),
        (TEXT.replace('title = "Tavus', 'title = "\\u001b[2JTavus'), "title"),
        (TEXT.replace("value  = 60\n", "value = 1\n", 1), "give it an id of its own"),
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
    changed = TEXT.replace("value  = 60\n", "value = 90\n", 1).replace(
        '"tavus-replica-phoenix-4"', '"ours"', 1
    )

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
