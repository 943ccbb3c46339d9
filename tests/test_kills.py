"""Killed at any step, or made by many at once: a submission becomes one replica, never two and never none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from preflight.submission import Role
from submit.ledger import Ledger, State
from submit.testing import FakeReplicaService, serving_fake
from tests.fake_service import MEDIA
from tests.web_server import serving as serving_files

pytestmark = [pytest.mark.media, pytest.mark.timeout(400)]


@dataclass(frozen=True)
class Trial:
    place: str
    kills: int
    rounds: int


ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 2  # processes that kill
SUBMITTERS = 8


@pytest.fixture(
    params=[
        pytest.param(("sqlite", 24, 2), id="sqlite, a few"),
        pytest.param(("sqlite", 216, 8), id="sqlite", marks=pytest.mark.database),
        pytest.param(("postgresql", 216, 8), id="postgresql", marks=pytest.mark.database),
    ]
)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    """Where the ledger is, how many kills, and how many rounds of a race."""
    kind, kills, rounds = request.param
    if kind == "sqlite":
        return Trial(str(tmp_path / "ledger.sqlite3"), kills, rounds)
    return Trial(request.getfixturevalue("postgres").new_place(), kills, rounds)


@pytest.fixture
def service() -> Iterator[FakeReplicaService]:
    with serving_fake(training_s=3600.0) as service:
        yield service


@pytest.fixture
def media() -> Iterator[str]:
    with serving_files(MEDIA[Role.TRAINING_VIDEO]) as files:
        yield files.url()


def started(how: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.kills", how, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )


def said(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    out, err = process.communicate(timeout=350)
    assert (0, "") == (process.returncode, err)
    return [json.loads(line) for line in out.splitlines()]


def creates(service: FakeReplicaService) -> Counter[str]:
    """How many replicas the service made under each name."""
    return Counter(replica.name for replica in service.replicas)


def test_kills_create_each_replica_once(trial: Trial, service: FakeReplicaService, media: str) -> None:
    """Whatever step it is killed at: made again, the submission ends with one replica, known to the ledger.

    Where the outcome is unknown, nothing was created: what was, is found in the list.
    """
    each = trial.kills // AT_ONCE
    running = [started("kill", trial.place, service.url, media, first, each) for first in (0, each)]
    trials = [one for process in running for one in said(process)]

    made, by_name = creates(service), {replica.name: replica.replica_id for replica in service.replicas}
    with Ledger(trial.place) as ledger:
        entries = {entry.intent["request"]["replica_name"]: entry for entry in ledger.entries()}
        states = Counter(entry.state for entry in entries.values())
    killed = [one for one in trials if not one["lived"]]
    assert len(killed) >= 0.95 * trial.kills
    assert {1} == {made[one["name"]] for one in trials}
    assert {State.CREATED: len(entries)} == states
    assert by_name == {name: entry.replica_id for name, entry in entries.items()}
    assert {"created", "known"} == {one["after"]["outcome"] for one in trials}
    assert {"created", "known", "unknown"} >= {one["second"]["outcome"] for one in trials}
    assert [] == [
        one
        for one in trials
        if one["second"]["outcome"] == "unknown" and one["after"]["outcome"] != "created"
    ]


def test_of_many_at_once_one_creates(trial: Trial, service: FakeReplicaService, media: str) -> None:
    """The others wait, and are given the same replica."""
    rounds = said(started("race", trial.place, service.url, media, SUBMITTERS, trial.rounds))

    assert trial.rounds == len(rounds)
    for race in rounds:
        assert {"created": 1, "known": SUBMITTERS - 1} == Counter(one["outcome"] for one in race["outcomes"])
        assert 1 == len({one["replica_id"] for one in race["outcomes"]})
    assert {1} == set(creates(service).values())
