"""The commands that show the ledger and settle what is in doubt, as they are started."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from submit.cli import main
from submit.ledger import Ledger, State
from submit.ledger_cli import _STATES

pytestmark = [pytest.mark.media, pytest.mark.timeout(30)]

KEY = "0123456789" + "ab" * 27
ID = "r90bbd427f71"
LONG_AGO = dt.datetime(2026, 11, 1, 9, 30, tzinfo=dt.UTC)
HOSTILE = "\x1b]0;title\x07\u202e\u009b31m"


@dataclass(frozen=True, slots=True)
class Ran:
    code: object
    out: str
    err: str


Preflight = Callable[..., Ran]


@pytest.fixture
def preflight(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Preflight:
    """Run a command line to its exit."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["preflight", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(left.value.code, said.out, said.err)

    return run


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ledger:
    """The ledger of the environment, whose clock stands still long ago: leases are over."""
    for name in os.environ:
        if name.startswith(("TAVUS_", "PREFLIGHT_")):
            monkeypatch.delenv(name)
    place = tmp_path / "ledger.sqlite3"
    monkeypatch.setenv("PREFLIGHT_LEDGER", str(place))
    return Ledger(place, now=lambda: LONG_AGO)


def fill(ledger: Ledger, state: str, key: str = KEY, **intent: Any) -> None:
    """Bring a submission to that state."""
    claim = ledger.claim(key, intent or {"replica_name": "Maria"}, lease_s=60)
    assert claim is not None
    if state == "refused":
        claim.refused("said no")
    if state in ("claimed", "refused"):
        return
    claim.sending()
    if state in ("unknown", "released"):
        claim.unknown("the connection broke")
    if state == "released":
        ledger.settle(key, not_created=True, note="not in the list")
    if state == "created":
        claim.created(ID, "started")


def test_the_states_are_known() -> None:
    """The command line does not import the ledger to list them."""
    assert tuple(State) == _STATES


def test_an_empty_ledger(ledger: Ledger, preflight: Preflight) -> None:
    """Says so, and where it is."""
    assert Ran(0, f"no submission in the ledger {ledger.place}\n", "") == preflight("ledger", "list")
    assert {"submissions": []} == json.loads(preflight("ledger", "list", "--format", "json").out)


def test_the_list(ledger: Ledger, preflight: Preflight) -> None:
    """A line for each: short key, state, when, name, replica, training."""
    fill(ledger, "created")
    fill(ledger, "unknown", "f" * 64, body={"replica_name": "João"})
    ledger.seen(ID, status="completed")

    expected = """\
key         state    changed (UTC)     name   replica       training
0123456789  created  2026-11-01 09:30  Maria  r90bbd427f71  completed
ffffffffff  unknown  2026-11-01 09:30  João   -             -
"""
    assert Ran(0, expected, "") == preflight("ledger", "list")


@pytest.mark.parametrize("name", ["M" * 300, "名" * 300, HOSTILE * 20, "a\nb", "", None, 7])
def test_the_list_fits_the_terminal(ledger: Ledger, preflight: Preflight, name: object) -> None:
    """80 columns, whatever is in it, and nothing that steers a terminal."""
    fill(ledger, "unknown", replica_name=name)
    ledger.settle(KEY, replica_id="r" * 100, note=HOSTILE)
    ledger.seen("r" * 100, status="s" * 100)

    for ran in (preflight("ledger", "list"), preflight("ledger", "show", KEY)):
        assert 0 == ran.code
        assert all(line.isprintable() for line in ran.out.splitlines())
    lines = preflight("ledger", "list").out.splitlines()
    assert 2 == len(lines)
    assert max(cell_len(line) for line in lines) <= 80
    assert "r" * 100 in preflight("ledger", "show", KEY).out


def test_the_list_is_cut_and_says_so(
    ledger: Ledger, preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On standard error, so that what reads the list is not disturbed."""
    monkeypatch.setattr("submit.ledger_cli._SHOWN", 2)
    for digit in "abc":
        fill(ledger, "refused", digit * 64)

    ran = preflight("ledger", "list", "--format", "json")

    assert 2 == len(json.loads(ran.out)["submissions"])
    assert "there are more" in ran.err


def test_the_list_of_a_state(ledger: Ledger, preflight: Preflight) -> None:
    """Only those in it."""
    fill(ledger, "created")
    fill(ledger, "unknown", "f" * 64)

    ran = preflight("ledger", "list", "--state", "unknown", "--format", "json")

    assert ["f" * 64] == [one["key"] for one in json.loads(ran.out)["submissions"]]
    assert "no submission is claimed" in preflight("ledger", "list", "--state", "claimed").out


def test_one_submission(ledger: Ledger, preflight: Preflight) -> None:
    """With its history, as text and as JSON; it may be named by six digits."""
    fill(ledger, "created")
    ledger.seen(ID, status="error", error_message="no face")

    text = preflight("ledger", "show", KEY[:6])
    document = json.loads(preflight("ledger", "show", KEY, "--format", "json").out)

    assert 0 == text.code
    for part in (
        KEY,
        ID,
        "error_message: no face",
        "replica_name: Maria",
        "claimed -> sending",
        "2026-11-01T09:30:00Z",
    ):
        assert part in text.out
    assert (KEY, "created", ID, "error", "no face") == tuple(
        document[name] for name in ("key", "state", "replica_id", "status", "error_message")
    )
    assert [None, "claimed", "sending", "created"] == [line["before"] for line in document["history"]]
    assert ["claimed", "sending", "created", "created"] == [line["after"] for line in document["history"]]
    assert {"replica_name": "Maria"} == document["intent"]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_doubtful_submission_says_what_to_do(ledger: Ledger, preflight: Preflight, state: str) -> None:
    """The two commands that settle it."""
    fill(ledger, state)

    said = preflight("ledger", "show", KEY).out

    assert f"preflight ledger resolve {KEY[:10]} --created ID" in said
    assert f"preflight ledger resolve {KEY[:10]} --not-created" in said


@pytest.mark.parametrize("state", ["claimed", "created", "refused", "released"])
def test_nothing_is_to_be_done_about_others(ledger: Ledger, preflight: Preflight, state: str) -> None:
    fill(ledger, state)

    assert "resolve" not in preflight("ledger", "show", KEY).out


RESOLVED = [
    ("unknown", ("--created", "r1"), "created", "preflight status r1"),
    ("sending", ("--created", "r1"), "created", "preflight status r1"),
    ("unknown", ("--not-created",), "released", "may send it again"),
    ("sending", ("--not-created",), "released", "may send it again"),
    ("created", ("--again",), "released", "a second replica"),
]


@pytest.mark.parametrize(("state", "options", "after", "words"), RESOLVED)
def test_a_person_settles(
    ledger: Ledger, preflight: Preflight, state: str, options: tuple[str, ...], after: str, words: str
) -> None:
    """What was done, and what may be done next; the history says that it was a person."""
    fill(ledger, state)

    ran = preflight("ledger", "resolve", KEY[:6], *options)

    assert (0, "") == (ran.code, ran.err)
    assert f"submission {KEY[:10]} is now {after}" in ran.out
    assert words in ran.out
    entry = ledger.look(KEY)
    assert entry is not None
    assert after == entry.state
    assert "a person" in (ledger.history(KEY)[-1].note or "")


@pytest.mark.parametrize("option", [("--created", "r1"), ("--not-created",), ("--again",)])
@pytest.mark.parametrize("state", State)
def test_what_does_not_fit_is_not_done(
    ledger: Ledger, preflight: Preflight, state: str, option: tuple[str, ...]
) -> None:
    """Exit code 2, a reason, and the entry as it was."""
    if any((state, option) == (before, options) for before, options, *_ in RESOLVED):
        return
    fill(ledger, state)
    before = ledger.look(KEY)

    ran = preflight("ledger", "resolve", KEY, *option)

    assert (2, "") == (ran.code, ran.out)
    assert f"submission {KEY[:10]} is {state}" in ran.err
    assert before == ledger.look(KEY)


def test_a_submission_that_is_being_sent_is_left_alone(ledger: Ledger, preflight: Preflight) -> None:
    """Until its time is over."""
    with Ledger(ledger.place) as now:
        fill(now, "sending")

    ran = preflight("ledger", "resolve", KEY, "--not-created")

    assert 2 == ran.code
    assert "being sent" in ran.err


@pytest.mark.parametrize(
    "options",
    [("--again", "--not-created"), ("--created", "r1", "--again"), ("--created", "r1", "--not-created")],
)
def test_one_thing_is_said_at_most(ledger: Ledger, preflight: Preflight, options: tuple[str, ...]) -> None:
    fill(ledger, "unknown")

    ran = preflight("ledger", "resolve", KEY, *options)

    assert 2 == ran.code
    assert "Give one of --created ID, --not-created and --again, or none." in ran.err
    entry = ledger.look(KEY)
    assert entry is not None
    assert State.UNKNOWN is entry.state


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "ffffff"), "no submission ffffff"),
        (("show", "fff"), "6 or more"),
        (("resolve", "ffffff", "--again"), "no submission"),
        (("resolve", KEY, "--created", "r 1; rm"), "letters and digits"),
        (("list", "--state", "sent"), "sent"),
    ],
)
def test_what_cannot_be_done(
    ledger: Ledger, preflight: Preflight, arguments: tuple[str, ...], words: str
) -> None:
    """Exit code 2, and one line that says why."""
    fill(ledger, "unknown")

    ran = preflight("ledger", *arguments)

    assert (2, "") == (ran.code, ran.out)
    assert words in ran.err


def test_the_place_of_the_ledger_gives_no_password_away(
    preflight: Preflight, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Wherever it is wrong."""
    for place in (
        "postgresql://user:canary@127.0.0.1:1/db?application_name=canary",
        "mysql://user:canary@h/db?canary",
        "postgresql://user:canary@h/db?canary",
    ):
        monkeypatch.setenv("PREFLIGHT_LEDGER", place)
        ran = preflight("ledger", "list")
        assert (2, "") == (ran.code, ran.out)
        assert "ledger" in ran.err
        assert "canary" not in ran.err
        assert "internal error" not in ran.err
