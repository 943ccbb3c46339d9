"""The plot of the notches: what is recorded agrees with rules and policy, and measuring it again works."""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from preflight.policy import load_policy, policy_limits
from preflight.rule import all_rules

DOCS = Path(__file__).resolve().parent.parent / "docs"
LEVELS = ("none", "advice", "warning", "error")


@pytest.fixture(scope="module", autouse=True)
def _beside_the_pages() -> Any:
    """The scripts of the docs import each other by name."""
    sys.path.insert(0, str(DOCS))
    yield
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def shown() -> ModuleType:
    return importlib.import_module("notches_shown")


@pytest.fixture(scope="module")
def notches() -> ModuleType:
    return importlib.import_module("notches")


@pytest.fixture(scope="module")
def record(shown: ModuleType) -> dict[str, Any]:
    recorded: dict[str, Any] = shown.read()
    return recorded


def level(ladder: dict[str, Any], notch: dict[str, Any]) -> int:
    """How grave the ladder's own rules find a notch."""
    return max((LEVELS.index(notch["found"].get(code, "none")) for code in ladder["rules"]), default=0)


# ---- what is recorded


def test_record_holds_the_ladders_of_the_script(record: dict[str, Any], notches: ModuleType) -> None:
    """A ladder that was changed has to be measured again."""
    ours = ("name", "asset", "title", "about", "group", "note", "unit", "warns_at", "fails_at", "seconds")
    expected = [
        ({key: getattr(ladder, key) for key in ours}, list(ladder.rules), list(ladder.notches))
        for ladder in notches.LADDERS
    ]

    assert expected == [
        ({key: one[key] for key in ours}, one["rules"], [notch["at"] for notch in one["notches"]])
        for one in record["ladders"]
    ]


def test_record_speaks_of_rules_and_limits_that_exist(record: dict[str, Any]) -> None:
    ladders = record["ladders"]
    codes = {
        *(code for one in ladders for code in one["rules"]),
        *(code for one in ladders for notch in one["notches"] for code in notch["found"]),
        *(code for one in ladders for notch in one["notches"] for code in notch["not_assessed"]),
    }
    limits = {one[key] for one in ladders for key in ("warns_at", "fails_at")} - {None}

    assert codes <= {rule.code for rule in all_rules()}
    assert limits <= set(policy_limits(load_policy(record["policy"])))


def test_good_clips_are_good(record: dict[str, Any]) -> None:
    """The first notch of every ladder spoils nothing, and nothing is found there."""
    assert {} == {
        one["name"]: one["notches"][0]["found"] for one in record["ladders"] if one["notches"][0]["found"]
    }


def test_worse_is_never_better(record: dict[str, Any], notches: ModuleType) -> None:
    """Once a rule speaks about its own ladder it goes on to do so, and no more mildly; some are blind."""
    blind = {ladder.name for ladder in notches.LADDERS if ladder.blind}
    for one in record["ladders"]:
        levels = [level(one, notch) for notch in one["notches"]]

        assert sorted(levels) == levels, one["name"]
        assert (levels[-1] == 0) == (one["name"] in blind or not one["rules"]), one["name"]


@pytest.mark.parametrize(("key", "from_level"), [("warns_at", "advice"), ("fails_at", "error")])
def test_limits_lie_between_silence_and_speech(record: dict[str, Any], key: str, from_level: str) -> None:
    """A limit of the policy separates the last notch without the finding from the first one with it."""
    limits = policy_limits(load_policy(record["policy"]))
    for one in record["ladders"]:
        if one[key] is None:
            continue
        for before, after in pairwise(one["notches"]):
            if level(one, before) < LEVELS.index(from_level) <= level(one, after):
                between = sorted((before["value"], after["value"]))

                assert between[0] <= limits[one[key]].value <= between[1], (one["name"], key)


def test_page_shows_what_is_recorded(record: dict[str, Any], shown: ModuleType) -> None:
    page = shown.PAGE.read_text("utf-8")

    assert shown.notches_page() == page
    assert [one["title"] for one in record["ladders"]] == re.findall(r"^### (.+)$", page, re.MULTILINE)


def test_figure_was_drawn_from_what_is_recorded(shown: ModuleType) -> None:
    """Its bytes depend on the version of matplotlib, so it says what it was drawn from."""
    for path in shown.FIGURES.values():
        figure = path.read_text("utf-8")

        assert f"sha256 {shown.digest()}" in figure
        assert "<dc:date>" not in figure


# ---- measuring it again

AGAIN: dict[str, list[tuple[str, dict[str, str]]]] = {
    "blur": [("0 px", {}), ("2 px", {"VID025": "warning"}), ("6 px", {"VID025": "error"})],
    "light-step": [("0 %", {}), ("20 %", {"VID022": "warning"}), ("40 %", {"VID022": "error"})],
    "clipping": [("0 dB", {}), ("7.5 dB", {"AUD008": "warning"}), ("12 dB", {"AUD008": "error"})],
}


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(("name", "expected"), AGAIN.items(), ids=AGAIN)
def test_rules_speak_at_their_notches(
    name: str, expected: list[tuple[str, dict[str, str]]], notches: ModuleType, tmp_path: Path
) -> None:
    """Three notches of a ladder, on a smaller and shorter take: silence, a warning, an error."""
    (ladder,) = (one for one in notches.LADDERS if one.name == name)
    few = {at: ladder.notches[at] for at, _ in expected}
    seconds = 2.5 if name == "blur" else 7.0
    small = replace(ladder, notches=few, size=min(ladder.size, (640, 360)), seconds=seconds)

    found = [(notch["at"], notch["found"]) for notch in notches.climb(small, tmp_path)]

    assert expected == found
