"""The ledger: who may change what, however many try at once and whatever happens to them on the way.

The same on SQLite and on a real PostgreSQL server, except where one of them is the subject.
"""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import event

from submit import LedgerError, LostClaim
from submit.ledger import Claim, Entry, Ledger, State
from submit.ledger.entry import MAX_LEASE_S
from tests.postgres import Server
from tests.rivals import all_at_once

pytestmark = [pytest.mark.media, pytest.mark.timeout(90)]

START = dt.datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=dt.UTC)
LEASE_S = 60.0
INTENT = {"replica_name": "Maria", "train_video_url": "https://media.example/clip.mp4"}
OTHER_ID, ID = "r1111111111a", "r90bbd427f71"
ROOT = Path(__file__).parents[1]
MANY = 8


class Clock:
    """Stands still, until a test sets it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


def new_key() -> str:
    return uuid.uuid4().hex * 2


@pytest.fixture(autouse=True)
def no_ledger_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFLIGHT_LEDGER", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


ON_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.database)]


@pytest.fixture(params=ON_BOTH)
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes places where no ledger is yet."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / uuid.uuid4().hex / "ledger.sqlite3")
    server: Server = request.getfixturevalue("postgres")
    return server.new_place


@pytest.fixture
def place(new_place: Callable[[], str]) -> str:
    return new_place()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(place: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger(place, now=clock, busy_s=20) as opened:
        yield opened


def claimed(ledger: Ledger, key: str, *, lease_s: float = LEASE_S) -> Claim:
    claim = ledger.claim(key, INTENT, lease_s=lease_s)
    assert claim is not None
    return claim


def sent(ledger: Ledger, key: str) -> Claim:
    claim = claimed(ledger, key)
    claim.sending()
    return claim


# What a ledger holds of one submission


def test_a_submission_from_claim_to_replica(ledger: Ledger, clock: Clock) -> None:
    """What is known of it at the end, and how it came to that."""
    key = new_key()
    claim = claimed(ledger, key)
    clock.pass_s(1)
    claim.sending()
    clock.pass_s(1)

    entry = claim.created(ID, "started")

    assert entry == ledger.look(key) == ledger.find(key[:6]) == claim.entry
    assert entry == Entry(
        key=key,
        state=State.CREATED,
        intent=INTENT,
        owner=claim.entry.owner,
        attempts=1,
        claimed_at=START,
        changed_at=START + dt.timedelta(seconds=2),
        sent_at=START + dt.timedelta(seconds=1),
        lease_until=START + dt.timedelta(seconds=1 + LEASE_S),
        replica_id=ID,
        status="started",
    )
    assert entry.is_settled
    assert {ID} == ledger.known_replicas()
    assert [
        (0, None, "claimed", None),
        (1, "claimed", "sending", None),
        (2, "sending", "created", ID),
    ] == [((e.at - START).seconds, e.before, e.after, e.replica_id) for e in ledger.history(key)]


def test_what_is_not_there(ledger: Ledger) -> None:
    """Nothing is known of it, and nothing can be said of it."""
    key = new_key()

    assert ledger.look(key) is None
    assert [] == ledger.history(key) == ledger.entries()
    assert ledger.seen(ID, status="completed") is None
    for action in (
        lambda: ledger.find(key),
        lambda: ledger.doubt(key, "late"),
        lambda: ledger.settle(key, not_created=True, note="looked"),
    ):
        with pytest.raises(LedgerError, match="no submission"):
            action()


def test_an_entry_is_found_by_its_first_digits(ledger: Ledger) -> None:
    """By six or more, if they are those of one submission only."""
    first, second = "abcdef0" + "0" * 57, "abcdef1" + "0" * 57
    for key in (first, second):
        claimed(ledger, key)

    assert first == ledger.find(first).key == ledger.find("ABCDEF0 ").key
    for beginning, why in (
        ("abcdef", "several"),
        ("abcde", "6 or more"),
        ("abcdef%", "6 or more"),
        ("abcdef_", "6 or more"),
        ("0" * 65, "6 or more"),
        ("", "6 or more"),
        ("fedcba", "no submission"),
    ):
        with pytest.raises(LedgerError, match=why):
            ledger.find(beginning)


def test_the_list_begins_with_the_latest_change(ledger: Ledger, clock: Clock) -> None:
    """It may be restricted to states, and in length."""
    keys = [new_key() for _ in range(3)]
    for key in keys:
        clock.pass_s(1)
        claimed(ledger, key).refused("no")
    clock.pass_s(1)
    sent(ledger, keys[0])

    assert [keys[0], keys[2], keys[1]] == [entry.key for entry in ledger.entries()]
    assert [keys[2], keys[1]] == [entry.key for entry in ledger.entries(states=[State.REFUSED])]
    assert [keys[0]] == [entry.key for entry in ledger.entries(states={State.SENDING, State.CREATED})]
    assert [keys[0]] == [entry.key for entry in ledger.entries(limit=1)]
    assert [] == ledger.entries(states=[])


@pytest.mark.parametrize("key", ["", "a" * 63, "A" * 64, "g" * 64, "a" * 65, "é" * 64])
def test_a_key_is_a_digest(key: str, tmp_path: Path) -> None:
    """Anything else is a fault of the caller."""
    with Ledger(tmp_path / "l") as ledger, pytest.raises(ValueError, match="64 hexadecimal"):
        ledger.claim(key, INTENT, lease_s=1)


@pytest.mark.parametrize("lease_s", [-1.0, MAX_LEASE_S + 1, float("inf"), float("nan")])
def test_a_lease_is_bounded(lease_s: float, tmp_path: Path) -> None:
    """No submission is held for ever."""
    with Ledger(tmp_path / "l") as ledger, pytest.raises(ValueError, match="lease"):
        ledger.claim(new_key(), INTENT, lease_s=lease_s)


# Which change is allowed from which state

OPERATIONS: dict[str, Callable[[Ledger, str, Claim], object]] = {
    "claim": lambda ledger, key, _: ledger.claim(key, INTENT, lease_s=LEASE_S),
    "doubt": lambda ledger, key, _: ledger.doubt(key, "late"),
    "settle created": lambda ledger, key, _: ledger.settle(key, replica_id=f"x{key[:8]}", note="seen"),
    "settle not created": lambda ledger, key, _: ledger.settle(key, not_created=True, note="not there"),
    "settle again": lambda ledger, key, _: ledger.settle(key, again=True, note="please"),
    "sending": lambda _, __, claim: claim.sending(),
    "created": lambda _, key, claim: claim.created(f"n{key[:8]}", "started"),
    "refused": lambda _, __, claim: claim.refused("said no"),
    "unknown": lambda _, __, claim: claim.unknown("broke"),
}
KEPT, LOST, WRONG = "as it was", "LostClaim", "LedgerError"
TABLE: dict[str, tuple[str, ...]] = {
    # claim, doubt; settled as created, not created, again; the owner says: sending, created, refused, unknown
    "claimed": (KEPT, KEPT, WRONG, WRONG, WRONG, "sending", LOST, "refused", LOST),
    "claimed, expired": ("claimed", KEPT, WRONG, WRONG, WRONG, "sending", LOST, "refused", LOST),
    "sending": (KEPT, KEPT, WRONG, WRONG, WRONG, LOST, "created", "refused", "unknown"),
    "sending, expired": (
        KEPT,
        "unknown",
        "created",
        "released",
        WRONG,
        LOST,
        "created",
        "refused",
        "unknown",
    ),
    "created": (KEPT, KEPT, WRONG, WRONG, "released", LOST, LOST, LOST, LOST),
    "refused": ("claimed", KEPT, WRONG, WRONG, WRONG, LOST, LOST, KEPT, LOST),
    "unknown": (KEPT, KEPT, "created", "released", WRONG, LOST, "created", "refused", KEPT),
    "doubted": (KEPT, KEPT, "created", "released", WRONG, LOST, "created", "refused", KEPT),
    "released": ("claimed", KEPT, WRONG, WRONG, WRONG, LOST, LOST, LOST, LOST),
    "taken over": (KEPT, KEPT, WRONG, WRONG, WRONG, LOST, LOST, LOST, LOST),
}


def in_condition(name: str, ledger: Ledger, key: str, clock: Clock) -> Claim:
    """A submission in that condition, and the claim that it was made with."""
    claim = claimed(ledger, key)
    if name in ("claimed", "claimed, expired", "taken over"):
        pass
    elif name == "refused":
        claim.refused("no")
    else:
        claim.sending()
    if name in ("created",):
        claim.created(ID, "started")
    if name in ("unknown", "released"):
        claim.unknown("broke")
    if name == "released":
        ledger.settle(key, not_created=True, note="looked")
    if name in ("claimed, expired", "sending, expired", "doubted", "taken over"):
        clock.pass_s(LEASE_S)
    if name == "doubted":
        ledger.doubt(key, "late")
    if name == "taken over":
        claimed(ledger, key)
    return claim


@pytest.mark.parametrize("condition", TABLE)
def test_which_change_is_allowed(condition: str, ledger: Ledger, clock: Clock) -> None:
    """Every change from every state: it is made, and leaves a line; or it leaves nothing."""
    found = {}
    for operation, action in OPERATIONS.items():
        key = new_key()
        clock.now = START
        claim = in_condition(condition, ledger, key, clock)
        before, lines = ledger.look(key), len(ledger.history(key))
        try:
            action(ledger, key, claim)
        except LostClaim:
            outcome = LOST
        except LedgerError:
            outcome = WRONG
        else:
            outcome = ""
        after, more = ledger.look(key), len(ledger.history(key)) - lines
        assert before is not None
        assert after is not None
        changed = after != before
        found[operation] = outcome or (str(after.state) if changed else KEPT)
        assert not (changed and outcome), operation
        late = operation == "created" and outcome == LOST
        assert int(changed or late) == more, operation

    assert dict(zip(OPERATIONS, TABLE[condition], strict=True)) == found


def test_what_is_said_twice_is_said_once(ledger: Ledger) -> None:
    """After an answer that got lost, an owner may repeat itself; it may not say something else."""
    key = new_key()
    claim = sent(ledger, key)
    first = claim.created(ID, "started")

    again = claim.created(ID, "started")

    assert first == again
    assert 3 == len(ledger.history(key))
    with pytest.raises(LostClaim):
        claim.created(OTHER_ID, "started")


def test_sending_is_said_once(ledger: Ledger) -> None:
    """Two threads with one claim: one of them sends."""
    claim = claimed(ledger, new_key())
    claim.sending()

    with pytest.raises(LostClaim):
        claim.sending()


# Claims that are taken over


def test_an_expired_claim_is_taken_over(ledger: Ledger, clock: Clock) -> None:
    """Its owner can change nothing any more, and send nothing."""
    key = new_key()
    old = claimed(ledger, key)
    clock.pass_s(LEASE_S - 0.001)
    assert ledger.claim(key, INTENT, lease_s=LEASE_S) is None
    clock.pass_s(0.001)

    new = claimed(ledger, key)

    assert 2 == new.entry.attempts
    for action in (old.sending, lambda: old.refused("no"), lambda: old.unknown("?")):
        with pytest.raises(LostClaim, match=key[:10]):
            action()
    assert new.entry == ledger.look(key)
    new.sending()
    assert new.created(ID, None) == ledger.look(key)


@pytest.mark.parametrize("later_s", [LEASE_S, 3600, MAX_LEASE_S, 400 * 24 * 3600, -3600, -400 * 24 * 3600])
def test_what_may_have_been_sent_is_never_taken_over(ledger: Ledger, clock: Clock, later_s: float) -> None:
    """However late it is, and however wrong a clock."""
    key = new_key()
    sent(ledger, key)
    clock.pass_s(later_s)

    assert ledger.claim(key, INTENT, lease_s=LEASE_S) is None
    assert ledger.doubt(key, "late").state in (State.SENDING, State.UNKNOWN)
    assert ledger.claim(key, INTENT, lease_s=LEASE_S) is None


def test_a_lease_begins_anew_with_sending(ledger: Ledger, clock: Clock) -> None:
    """What went before it took its time."""
    key = new_key()
    claim = claimed(ledger, key)
    clock.pass_s(LEASE_S - 1)
    claim.sending()
    clock.pass_s(LEASE_S - 1)

    assert State.SENDING is ledger.doubt(key, "late").state
    clock.pass_s(1)
    assert State.UNKNOWN is ledger.doubt(key, "late").state


def test_a_replica_of_a_lost_claim_is_not_forgotten(ledger: Ledger, clock: Clock) -> None:
    """A person said that nothing was created; then the answer came."""
    key = new_key()
    claim = sent(ledger, key)
    clock.pass_s(LEASE_S)
    ledger.settle(key, not_created=True, note="not in the list")

    with pytest.raises(LostClaim, match="released"):
        claim.created(ID, "started")

    assert {ID} == ledger.known_replicas()
    last = ledger.history(key)[-1]
    assert (State.RELEASED, State.RELEASED, ID) == (last.before, last.after, last.replica_id)
    entry = ledger.look(key)
    assert entry is not None
    assert entry.replica_id is None


def test_the_old_replica_of_what_is_submitted_again_stays_known(ledger: Ledger) -> None:
    """So that it is not taken for the new one."""
    key = new_key()
    sent(ledger, key).created(OTHER_ID, "started")
    ledger.settle(key, again=True, note="a second one, please")
    claim = sent(ledger, key)

    assert claim.entry.replica_id is claim.entry.status is None
    assert 2 == claim.entry.attempts
    claim.created(ID, "started")
    assert {ID, OTHER_ID} == ledger.known_replicas()
    assert ledger.seen(OTHER_ID, status="completed") is None


# What a person or the service's list says


def test_one_replica_belongs_to_one_submission(ledger: Ledger) -> None:
    """The list of the service may show that of another submission under the same name."""
    mine, other = new_key(), new_key()
    sent(ledger, other).created(ID, "started")
    sent(ledger, mine).unknown("broke")

    with pytest.raises(LedgerError, match=f"another submission, {other[:10]}"):
        ledger.settle(mine, replica_id=ID, note="found")

    entry = ledger.settle(mine, replica_id=OTHER_ID, note="found")
    assert entry == ledger.settle(mine, replica_id=OTHER_ID, note="found by another at the same time")


def test_two_cannot_settle_on_one_replica(ledger: Ledger) -> None:
    """At the same moment: one of them is told."""
    keys = [new_key() for _ in range(4)]
    for key in keys:
        sent(ledger, key).unknown("broke")
    outcomes: list[object] = []
    start = threading.Barrier(len(keys))

    def settle(key: str) -> None:
        start.wait(timeout=30)
        try:
            outcomes.append(ledger.settle(key, replica_id=ID, note="found").state)
        except LedgerError as exc:
            outcomes.append(exc)

    in_threads([lambda key=key: settle(key) for key in keys])  # type: ignore[misc]

    assert 1 == outcomes.count(State.CREATED)
    assert len(keys) - 1 == sum("another submission" in str(one) for one in outcomes)


@pytest.mark.parametrize(
    "said", [{}, {"replica_id": ID, "again": True}, {"again": True, "not_created": True}]
)
def test_exactly_one_thing_is_said(said: dict[str, Any], tmp_path: Path) -> None:
    """Nothing, or two things, is a fault of the caller."""
    with Ledger(tmp_path / "l") as ledger, pytest.raises(ValueError, match="exactly one"):
        ledger.settle(new_key(), note="", **said)


@pytest.mark.parametrize("replica_id", ["", "r1 2", "r1'--", "r\x1b[0m", "r" * 101])
def test_a_replica_id_is_letters_and_digits(ledger: Ledger, replica_id: str) -> None:
    """Nothing else is kept as one."""
    key = new_key()
    claim = sent(ledger, key)
    with pytest.raises(LedgerError, match="letters and digits"):
        claim.created(replica_id, "started")
    claim.unknown("broke")
    with pytest.raises(LedgerError, match="letters and digits"):
        ledger.settle(key, replica_id=replica_id, note="found")


# The training


@pytest.mark.parametrize("end", ["completed", "ready", "error"])
def test_the_end_of_a_training_is_final(ledger: Ledger, end: str) -> None:
    """News that arrive late, or are forged, change nothing."""
    key = new_key()
    sent(ledger, key).created(ID, "started")
    ledger.seen(ID, status="training")
    entry = ledger.seen(ID, status=end, error_message="no face" if end == "error" else None)
    lines = ledger.history(key)

    assert entry is not None
    assert (State.CREATED, end) == (entry.state, entry.status)
    for later in ("started", "completed", "ready", "error"):
        assert entry == ledger.seen(ID, status=later, error_message="late")
    assert lines == ledger.history(key)
    assert [None, None, None, "training: training", f"training: {end}"] == [
        line.note and line.note.partition(": no")[0] for line in lines
    ]


def test_the_end_of_a_training_is_news_once(ledger: Ledger) -> None:
    """Whoever brings it first is told so, in whichever way others bring it."""
    key = new_key()
    sent(ledger, key).created(ID, "started")

    assert [False, True, True, False, False] == [
        ledger.news(ID, status=status) for status in ("started", "training", "completed", "ready", "error")
    ]
    assert not ledger.news(OTHER_ID, status="completed")
    assert "completed" == getattr(ledger.look(key), "status", None)


def test_many_bring_the_same_news(ledger: Ledger) -> None:
    """At the same moment: one of them is told that it was news."""
    sent(ledger, new_key()).created(ID, "started")
    start, told = threading.Barrier(6), []

    def bring() -> None:
        start.wait(timeout=30)
        told.append(ledger.news(ID, status="completed"))

    threads = [threading.Thread(target=bring) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [False] * 5 + [True] == sorted(told)


def test_an_entry_is_found_by_its_replica(ledger: Ledger) -> None:
    key = new_key()
    entry = sent(ledger, key).created(ID, "started")

    assert entry == ledger.find_replica(ID)
    for other in (OTHER_ID, "", ID[:-1], f"{ID} ", f"{ID}\0", "\ud800", "%", "é" * 12, "x" * 9_000):
        assert ledger.find_replica(other) is None


def test_no_news_is_no_line(ledger: Ledger) -> None:
    """Whoever polls for hours leaves no trace of it."""
    key = new_key()
    sent(ledger, key).created(ID, "started")

    for _ in range(5):
        ledger.seen(ID, status="started")

    assert 3 == len(ledger.history(key))


# Times


def test_times_are_instants(ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the zone of the clock, of the process and of the server: UTC, to the microsecond."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        clock.now = START.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
        key = new_key()
        entry = sent(ledger, key).entry
        again = ledger.look(key)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert again == entry
    times = (entry.claimed_at, entry.changed_at, entry.sent_at, ledger.history(key)[0].at)
    assert {START} == set(times)
    assert {dt.UTC} == {at.tzinfo for at in (*times, entry.lease_until) if at is not None}


def test_a_clock_without_a_zone_is_refused(ledger: Ledger, clock: Clock) -> None:
    """It would mean something else on every machine."""
    clock.now = dt.datetime(2026, 11, 25, 12, 0, 0)

    with pytest.raises(ValueError, match="time zone"):
        ledger.claim(new_key(), INTENT, lease_s=1)
    assert [] == ledger.entries()


def test_a_clock_is_set_back(ledger: Ledger, clock: Clock) -> None:
    """What comes later is not dated earlier, and a claim that runs is left alone."""
    first, second = new_key(), new_key()
    claimed(ledger, second)
    claim = claimed(ledger, first)
    clock.pass_s(-1800)

    claim.sending()

    assert [first, second] == sorted((entry.key for entry in ledger.entries()), key=[first, second].index)
    assert START == claim.entry.changed_at == ledger.history(first)[-1].at
    assert START - dt.timedelta(seconds=1800) == claim.entry.sent_at
    assert ledger.claim(second, INTENT, lease_s=LEASE_S) is None


def test_a_clock_that_was_years_ahead_blocks_nobody(ledger: Ledger, clock: Clock) -> None:
    """Its leases are longer than any may be."""
    key, doubtful = new_key(), new_key()
    clock.pass_s(10 * 365 * 24 * 3600)
    claimed(ledger, key)
    sent(ledger, doubtful)
    clock.now = START

    assert State.UNKNOWN is ledger.doubt(doubtful, "late").state
    assert ledger.claim(key, INTENT, lease_s=LEASE_S) is not None


# What others write


HOSTILE = (
    "\x1b]0;title\x07\u202e\x00\ud800"
    + "https://user:canary-pw@h.example/p?token=canary-query\n"
    + "x" * 5000
)


def test_notes_are_made_harmless(ledger: Ledger) -> None:
    """Long, steering, secret: one line that is bounded and shows nothing."""
    key = new_key()
    claim = ledger.claim(key, {"name": HOSTILE, "more": [HOSTILE, {HOSTILE: HOSTILE}], "n": 1}, lease_s=60)
    assert claim is not None
    claim.sending()
    claim.unknown(HOSTILE)
    ledger.settle(key, replica_id=ID, note=HOSTILE)
    entry = ledger.seen(ID, status=HOSTILE, error_message=HOSTILE)

    assert entry is not None
    for text in (repr(entry), repr(ledger.history(key)), repr(ledger.look(key))):
        assert "canary" not in text
        assert "h.example/p" in text
        assert not {"\\x1b", "\\x07", "\\u202e", "\\x00", "\\ud800"} & {
            text[i : i + 4] for i in range(len(text))
        }
        assert "\\u202e" not in text
    assert entry.note is not None
    assert 1000 == len(entry.note)
    assert 100 == len(entry.status or "")
    assert 2000 == len(entry.intent["name"])
    assert entry.note.isprintable()


def test_secrets_are_not_hidden_from_redaction(ledger: Ledger) -> None:
    """By characters that are taken out, or at the place where a text is cut."""
    key = new_key()
    tricks = [
        "https://h.example/p?a=\u2028canary",
        "https://user:can\x00ary@h.example/",
        "x" * 980 + " https://user:canary@h.example/" + "y" * 90,
        "https://h.example/p?" + "canary" * 2000,
    ]
    claim = claimed(ledger, key)
    claim.refused(tricks[0])
    for trick in tricks:
        again = ledger.claim(key, {"u": trick}, lease_s=60)
        assert again is not None
        again.refused(trick)

    assert "can" not in repr(ledger.history(key)) + repr(ledger.look(key))


def test_an_intent_is_bounded(tmp_path: Path) -> None:
    """It is a request, no place to keep things."""
    with Ledger(tmp_path / "l") as ledger:
        with pytest.raises(ValueError, match="intent"):
            ledger.claim(new_key(), {str(n): "x" * 2000 for n in range(50)}, lease_s=1)
        with pytest.raises(ValueError):
            ledger.claim(new_key(), {"n": float("nan")}, lease_s=1)
        assert [] == ledger.entries()


# Many at once


def in_threads(actions: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=action, daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)


def test_threads_share_a_ledger(ledger: Ledger) -> None:
    """It belongs to no thread; one of them gets the claim."""
    key, won = new_key(), []
    start = threading.Barrier(MANY)

    def claim() -> None:
        start.wait(timeout=30)
        got = ledger.claim(key, INTENT, lease_s=LEASE_S)
        if got is not None:
            won.append(got)

    in_threads([claim] * MANY)

    assert 1 == len(won)
    in_threads([won[0].sending])
    assert 2 == len(ledger.history(key))


@pytest.mark.parametrize("lease_s", [LEASE_S, 0.0])
def test_one_of_many_processes_sends(place: str, lease_s: float) -> None:
    """With a lease one claims; with none all take over from one another, and one of them sends all the same.

    The first key finds no tables, which are made by all at once.
    """
    keys = [new_key() for _ in range(20)]

    sent = all_at_once(place, keys, lease_s=lease_s, processes=MANY, patience_s=70)

    assert sorted(keys) == sorted(sent)
    with Ledger(place) as ledger:
        for key in keys:
            history = ledger.history(key)
            assert 1 == sum(line.after is State.SENDING for line in history)
            assert lease_s == 0 or 2 == len(history)


def test_tables_are_made_once(new_place: Callable[[], str]) -> None:
    """By many that open new ledgers at the same moment."""
    for _ in range(5):
        place, start = new_place(), threading.Barrier(MANY)

        def opening(place: str = place, start: threading.Barrier = start) -> None:
            with Ledger(place) as ledger:
                start.wait(timeout=30)
                ledger.claim(new_key(), INTENT, lease_s=1)

        in_threads([opening] * MANY)
        with Ledger(place) as ledger:
            assert MANY == len(ledger.entries())


def meanwhile(ledger: Ledger, statement: str, action: Callable[[], object]) -> None:
    """Let another act at the moment at which this ledger has read and is about to write."""
    done: list[object] = []

    @event.listens_for(ledger._engine, "before_cursor_execute")
    def act(*arguments: Any) -> None:
        if arguments[2].startswith(statement) and not done:
            done.append(None)
            action()


UPDATE = "UPDATE preflight_submissions"


@pytest.fixture
def two(postgres: Server, clock: Clock) -> Iterator[tuple[Ledger, Ledger]]:
    """Two programs on one server. On SQLite who writes is alone from before it reads."""
    place = postgres.new_place()
    with Ledger(place, now=clock, busy_s=20) as one, Ledger(place, now=clock, busy_s=20) as other:
        other.entries()
        yield one, other


@pytest.mark.database
@pytest.mark.parametrize("condition", ["new", "claimed, expired", "refused", "released"])
def test_another_claims_at_this_moment(two: tuple[Ledger, Ledger], clock: Clock, condition: str) -> None:
    """One of them gets it."""
    one, other = two
    key, got = new_key(), []
    if condition != "new":
        in_condition(condition, one, key, clock)
    statement = "INSERT INTO preflight_submissions" if condition == "new" else UPDATE
    meanwhile(one, statement, lambda: got.append(other.claim(key, INTENT, lease_s=LEASE_S)))

    assert one.claim(key, INTENT, lease_s=LEASE_S) is None
    assert [one.look(key)] == [claim and claim.entry for claim in got]


@pytest.mark.database
def test_a_claim_is_taken_over_at_the_moment_of_sending(two: tuple[Ledger, Ledger], clock: Clock) -> None:
    """Then nothing is sent by who lost it, and the other may."""
    one, other = two
    key = new_key()
    claim = claimed(one, key)
    clock.pass_s(LEASE_S)
    meanwhile(one, UPDATE, lambda: claimed(other, key))

    with pytest.raises(LostClaim):
        claim.sending()
    assert [None, "claimed"] == [line.before for line in one.history(key)]


@pytest.mark.database
@pytest.mark.parametrize("operation", ["doubt", "settle not created", "settle created"])
def test_the_answer_comes_at_the_moment_of_doubt(
    two: tuple[Ledger, Ledger], clock: Clock, operation: str
) -> None:
    """What the owner knows counts."""
    one, other = two
    key = new_key()
    claim = sent(other, key)
    clock.pass_s(LEASE_S)
    meanwhile(one, UPDATE, lambda: claim.created(ID, "started"))

    if operation == "doubt":
        assert State.CREATED is one.doubt(key, "late").state
    else:
        with pytest.raises(LedgerError, match="at this moment"):
            OPERATIONS[operation](one, key, claim)
    assert claim.entry == one.look(key)
    assert State.CREATED is claim.entry.state


@pytest.mark.database
@pytest.mark.parametrize("operation", ["created", "refused"])
def test_a_doubt_comes_at_the_moment_of_the_answer(
    two: tuple[Ledger, Ledger], clock: Clock, operation: str
) -> None:
    """Not even then is the answer lost."""
    one, other = two
    key = new_key()
    claim = sent(one, key)
    clock.pass_s(LEASE_S)
    meanwhile(one, UPDATE, lambda: other.doubt(key, "late"))

    OPERATIONS[operation](one, key, claim)

    assert operation == claim.entry.state
    assert ["sending", "unknown", operation] == [line.after for line in one.history(key)][1:]


@pytest.mark.database
def test_a_training_ends_at_the_moment_of_older_news(two: tuple[Ledger, Ledger]) -> None:
    """They come too late."""
    one, other = two
    key = new_key()
    sent(one, key).created(ID, "started")
    meanwhile(one, UPDATE, lambda: other.seen(ID, status="completed"))

    entry = one.seen(ID, status="training")

    assert entry is not None
    assert "completed" == entry.status
    assert 4 == len(one.history(key))


# Ends in the middle

_VICTIM = """
import os, sys
from sqlalchemy import event
from submit.ledger import Ledger

place, key, when = sys.argv[1:]
ledger = Ledger(place)
claim = ledger.claim(key, {}, lease_s=0)

def stop_here(*_):
    print("here", flush=True)
    sys.stdin.read()

if when == "before commit":
    event.listen(ledger._engine, "commit", stop_here)
claim.sending()
stop_here()
"""


@pytest.mark.parametrize(
    ("when", "state", "lines"), [("before commit", "claimed", 1), ("after commit", "sending", 2)]
)
def test_a_sender_is_killed(place: str, when: str, state: str, lines: int) -> None:
    """What was committed lasts, what was not has not happened, and nobody is blocked."""
    key = new_key()
    victim = subprocess.Popen(
        [sys.executable, "-c", _VICTIM, place, key, when],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout is not None
    assert victim.stdin is not None
    try:
        assert "here\n" == victim.stdout.readline()
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait(timeout=20)
        victim.stdout.close()
        victim.stdin.close()

    with Ledger(place, busy_s=20) as ledger:
        entry = ledger.look(key)
        assert entry is not None
        assert (state, lines) == (entry.state, len(ledger.history(key)))
        taken = ledger.claim(key, {}, lease_s=LEASE_S)
        assert (state == "claimed") == (taken is not None)


# Against a model


class Model(RuleBasedStateMachine):
    """A ledger and a plain account of what it should hold do the same."""

    place = ""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.ledger = Ledger(self.place, now=self.clock)
        self.key = new_key()
        self.state: State | None = None
        self.owner = -1
        self.lease_until = START
        self.claims: list[Claim] = []
        self.replica: str | None = None
        self.sent = self.allowed = 0
        self.lines = 0

    @property
    def expired(self) -> bool:
        return not self.clock.now < self.lease_until <= self.clock.now + dt.timedelta(seconds=MAX_LEASE_S)

    def becomes(self, state: State) -> None:
        self.state = state
        self.lines += 1

    @rule(seconds=st.sampled_from([1, 30, 61, 4000, -20, -4000, 3 * MAX_LEASE_S]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_s(seconds)

    @rule(lease_s=st.sampled_from([0.0, LEASE_S]))
    def claim(self, lease_s: float) -> None:
        may = self.state in (None, State.REFUSED, State.RELEASED)
        may = may or (self.state is State.CLAIMED and self.expired)
        claim = self.ledger.claim(self.key, INTENT, lease_s=lease_s)
        assert may == (claim is not None)
        if claim is not None:
            if self.state in (None, State.RELEASED, State.REFUSED):
                self.allowed += 1
            self.owner = len(self.claims)
            self.claims.append(claim)
            self.lease_s = lease_s
            self.lease_until = self.clock.now + dt.timedelta(seconds=lease_s)
            self.replica = None
            self.becomes(State.CLAIMED)

    def says(self, which: int, after: State, allowed: set[State], action: Callable[[Claim], object]) -> bool:
        """Whether the change was made, which is as it should be."""
        number = which % len(self.claims)
        mine = number == self.owner
        made = mine and self.state in allowed
        again = mine and self.state is after and after is not State.SENDING
        try:
            action(self.claims[number])
        except LostClaim:
            assert not made
            assert not again or after is State.CREATED
            return False
        assert made or again
        if made:
            self.becomes(after)
        return made

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 5))
    def sending(self, which: int) -> None:
        if self.says(which, State.SENDING, {State.CLAIMED}, Claim.sending):
            self.sent += 1
            self.lease_until = self.clock.now + dt.timedelta(seconds=self.lease_s)

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 5))
    def created(self, which: int) -> None:
        new = f"r{uuid.uuid4().hex[:10]}"
        doubtful = {State.SENDING, State.UNKNOWN}
        if self.says(which, State.CREATED, doubtful, lambda claim: claim.created(new, "started")):
            self.replica = new
        else:
            self.lines += 1  # the history keeps the id
        assert new in self.ledger.known_replicas()

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 5))
    def refused(self, which: int) -> None:
        allowed = {State.CLAIMED, State.SENDING, State.UNKNOWN}
        self.says(which, State.REFUSED, allowed, lambda claim: claim.refused("no"))

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 5))
    def unknown(self, which: int) -> None:
        self.says(which, State.UNKNOWN, {State.SENDING}, lambda claim: claim.unknown("broke"))

    @precondition(lambda self: self.claims)
    @rule()
    def doubt(self) -> None:
        entry = self.ledger.doubt(self.key, "late")
        if self.state is State.SENDING and self.expired:
            self.becomes(State.UNKNOWN)
        assert self.state is entry.state

    @precondition(lambda self: self.claims)
    @rule(what=st.sampled_from(["created", "not created", "again"]))
    def settle(self, what: str) -> None:
        doubtful = self.state is State.UNKNOWN or (self.state is State.SENDING and self.expired)
        may = self.state is State.CREATED if what == "again" else doubtful
        new = f"r{uuid.uuid4().hex[:10]}"
        said: dict[str, Any] = {"created": {"replica_id": new}, "not created": {"not_created": True}}.get(
            what, {"again": True}
        )
        try:
            self.ledger.settle(self.key, note="", **said)
        except LedgerError:
            assert not may
            return
        assert may
        self.becomes(State.CREATED if what == "created" else State.RELEASED)
        if what == "created":
            self.replica = new

    def teardown(self) -> None:
        entry = self.ledger.look(self.key)
        assert self.lines == len(self.ledger.history(self.key))
        assert self.sent <= self.allowed  # once each time that somebody said so
        if self.state is None:
            assert entry is None
        else:
            assert entry is not None
            assert (self.state, self.replica) == (entry.state, entry.replica_id)
            assert len(self.claims) == entry.attempts
        self.ledger.close()


def test_a_ledger_does_what_its_model_does(place: str) -> None:
    """Whatever happens in whatever order."""
    on_this = type("OnThisPlace", (Model,), {"place": place})
    quick = settings(
        max_examples=15 if "://" in place else 40,
        stateful_step_count=30,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(on_this, settings=quick)  # type: ignore[no-untyped-call]
