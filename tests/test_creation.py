"""One submission, one replica: what is known is returned, what is in doubt is looked for, and not sent."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from preflight.submission import Role
from submit import (
    AsyncReplicaClient,
    Ledger,
    LedgerError,
    NotReached,
    NotRecorded,
    NotThere,
    OutcomeUnknown,
    PlanRequired,
    Refused,
    Replica,
    ReplicaClient,
    SlowDown,
    Underway,
)
from submit.answers import Page, read_replicas
from submit.ledger import Claim, Entry, State
from submit.request import sending
from submit.service import Patience, Reply, Service
from submit.testing import FakeReplicaService, serving_fake
from tests.fake_service import MEDIA, passing_report
from tests.web_server import serving as serving_files

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

QUICK = Patience(attempts=2, pause_s=0.01, answer_s=5.0, question_s=2.0, longest_pause_s=0.2, lease_s=8.0)
BY_HAND = {"train_video_url": "https://a.example/b.mp4", "model_name": "phoenix-4"}
LATER = dt.timedelta(hours=1)

Create = Callable[..., Replica]


@pytest.fixture
def service() -> Iterator[FakeReplicaService]:
    with serving_fake(training_s=3600.0) as service:
        yield service


@pytest.fixture
def media() -> Iterator[str]:
    with serving_files(MEDIA[Role.TRAINING_VIDEO]) as files:
        yield files.url()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        yield ledger


@pytest.fixture
def create(service: FakeReplicaService, media: str, ledger: Ledger) -> Create:
    """Submit, with these fields; ``by`` is another ledger on the same file, ``patience`` another one."""

    def create(*, by: Ledger | None = None, patience: Patience = QUICK, **fields: Any) -> Replica:
        report = passing_report(train_video_url=media, **({"replica_name": "Maria"} | fields))
        with client_of(service, by or ledger, patience) as client:
            return client.create(report.clear())

    return create


def client_of(service: FakeReplicaService, ledger: Ledger, patience: Patience = QUICK) -> ReplicaClient:
    return ReplicaClient(
        api_key="key",
        base_url=service.url,
        allow_hosts=("127.0.0.1",),
        ledger=ledger,
        patience=patience,
    )


def later(ledger: Ledger) -> Ledger:
    """The same ledger, when every lease of now is over."""
    return Ledger(Path(ledger.place), now=lambda: dt.datetime.now(dt.UTC) + LATER)


def the(ledger: Ledger) -> Entry:
    (entry,) = ledger.entries()
    return entry


# Once


def test_the_same_submission_again_is_the_same_replica(
    create: Create, service: FakeReplicaService, ledger: Ledger
) -> None:
    """Nothing is sent; the state is that of now."""
    first = create()
    service.advance(3601)
    second = create()

    assert (first.replica_id, "started", None) == (second.replica_id, first.status, first.known_since)
    assert ("completed", the(ledger).sent_at) == (second.status, second.known_since)
    assert 1 == len(service.creates)


def test_what_is_known_needs_no_file_any_more(
    service: FakeReplicaService, ledger: Ledger, media: str, create: Create
) -> None:
    """A link that has run out since does not keep anybody from asking what became of it."""
    create()
    report = passing_report(train_video_url="https://gone.example/clip.mp4", replica_name="Maria")
    with client_of(service, ledger) as client:
        again = client.create(report.clear())

    assert service.replicas[0].replica_id == again.replica_id


def test_a_known_replica_that_is_gone_is_told(
    create: Create, service: FakeReplicaService, ledger: Ledger
) -> None:
    """Deleted, or another account's: a person says whether it is wanted again."""
    first = create()
    with client_of(service, ledger) as client:
        client.delete(first.replica_id)
    with pytest.raises(NotThere, match=r"preflight ledger resolve [0-9a-f]{12} --again"):
        create()
    ledger.settle(the(ledger).key, again=True, note="a person")
    second = create()

    assert first.replica_id != second.replica_id
    assert [second.replica_id] == [replica.replica_id for replica in service.replicas]


def test_a_known_replica_is_told_while_the_service_is_away(
    create: Create, service: FakeReplicaService
) -> None:
    """As the ledger has it."""
    first = create()
    service.fault("503", times=9, on="get")

    assert (first.replica_id, "started") == (create().replica_id, create().status)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("402", PlanRequired), ("401", Refused), ("429", SlowDown)],
)
def test_what_was_refused_may_be_submitted_again(
    create: Create, service: FakeReplicaService, ledger: Ledger, fault: str, error: type[Refused]
) -> None:
    """Nothing was created, and the ledger says so, with the reason."""
    service.fault(fault, times=QUICK.attempts if fault == "429" else 1)
    with pytest.raises(error):
        create()
    refused = the(ledger)
    created = create()

    assert (State.REFUSED, True) == (refused.state, bool(refused.note))
    assert (State.CREATED, 2, created.replica_id) == (
        the(ledger).state,
        the(ledger).attempts,
        the(ledger).replica_id,
    )


@pytest.mark.parametrize("value", [None, 0, 0.1])
def test_a_create_that_was_not_begun_is_repeated(
    create: Create, service: FakeReplicaService, value: float | None
) -> None:
    """429 means that nothing was done; how long to wait is the service's to say."""
    service.fault("429", value, times=1)

    assert "started" == create().status
    assert 2 == len(service.creates)


def test_who_asks_for_too_long_a_pause_is_not_waited_for(create: Create, service: FakeReplicaService) -> None:
    service.fault("429", 3600, times=1)
    with pytest.raises(SlowDown):
        create()

    assert 1 == len(service.creates)


# In doubt

AFTER = ["dropped-after", "reset-after", "500-after", "503-after", "without-id", "not-json", "truncated"]
BEFORE = ["dropped", "reset", "500", "502", "503", "504"]


@pytest.mark.parametrize("fault", [*AFTER, "cut-short", "html", "504-after"])
def test_what_was_created_in_doubt_is_found(
    create: Create, service: FakeReplicaService, ledger: Ledger, fault: str
) -> None:
    """The first call says that nobody knows; the second one looks, finds it, and sends nothing."""
    service.fault(fault)
    with pytest.raises(OutcomeUnknown, match="preflight ledger resolve") as doubt:
        create()
    unknown = the(ledger)
    found = create()

    assert (State.UNKNOWN, doubt.value.key) == (unknown.state, unknown.key)
    assert (State.CREATED, found.replica_id) == (the(ledger).state, the(ledger).replica_id)
    assert found.known_since == unknown.sent_at
    assert [found.replica_id] == [replica.replica_id for replica in service.replicas]
    assert 1 == len(service.creates)


@pytest.mark.parametrize("fault", BEFORE)
def test_what_was_not_created_in_doubt_is_not_sent_again(
    create: Create, service: FakeReplicaService, ledger: Ledger, fault: str
) -> None:
    """However often it is tried: until a person says that it was not created."""
    service.fault(fault)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            create()
    ledger.settle(the(ledger).key, not_created=True, note="a person looked")

    assert [] == list(service.replicas)
    assert "started" == create().status
    assert (1, 2) == (len(service.replicas), len(service.creates))


def test_what_the_list_does_not_show_yet_is_not_sent_again(
    create: Create, service: FakeReplicaService
) -> None:
    """A list may lag behind: that it shows nothing proves nothing."""
    service.fault("unlisted", 60.0)
    service.fault("dropped-after")
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            create()
    service.advance(61)

    assert service.replicas[0].replica_id == create().replica_id
    assert 1 == len(service.creates)


def test_what_is_in_doubt_stays_so_while_the_list_cannot_be_had(
    create: Create, service: FakeReplicaService
) -> None:
    service.fault("dropped-after")
    service.fault("503", times=9, on="list")
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            create()

    assert 1 == len(service.creates)


def test_another_of_the_same_name_leaves_the_doubt(create: Create, service: FakeReplicaService) -> None:
    """Two that may be it are as good as none; a person looks, and is told which."""
    service.fault("dropped-after")
    with pytest.raises(OutcomeUnknown):
        create()
    created_by_hand(service, "Maria")
    with pytest.raises(OutcomeUnknown, match=r"several fit \(r\w+, r\w+\)"):
        create()

    assert 2 == len(service.creates)


@pytest.mark.parametrize("name", ["maria", "Maria L", "Someone"])
def test_one_of_another_name_is_not_taken_for_it(
    create: Create, service: FakeReplicaService, name: str
) -> None:
    service.fault("dropped")
    with pytest.raises(OutcomeUnknown):
        create()
    created_by_hand(service, name)

    with pytest.raises(OutcomeUnknown, match="none that fits"):
        create()


def test_one_that_was_there_before_is_not_taken_for_it(
    create: Create, service: FakeReplicaService, ledger: Ledger
) -> None:
    """Of the same name, but made an hour ago: by the service's clock, which may be a little behind."""
    created_by_hand(service, "Maria")
    service.advance(0)
    service.fault("dropped")
    with pytest.raises(OutcomeUnknown):
        create(by=later(ledger))
    with pytest.raises(OutcomeUnknown, match="none that fits"):
        create(by=later(ledger))


@pytest.mark.parametrize("left_out", [{"replica_name"}, {"created_at"}, {"replica_name", "created_at"}])
def test_one_of_which_the_list_says_too_little_is_not_taken_for_it(
    create: Create, service: FakeReplicaService, monkeypatch: pytest.MonkeyPatch, left_out: set[str]
) -> None:
    """It may be of last year: a person is told which one to look at."""
    created_by_hand(service, "Maria")
    (older,) = service.replicas
    service.fault("dropped")
    with pytest.raises(OutcomeUnknown):
        create()
    with monkeypatch.context() as patch:
        patch.setattr("submit.client.read_replicas", saying_less(left_out))
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match=f"{older.replica_id} may be it"):
                create()


@pytest.mark.parametrize("name", [None, "Maria"])
def test_a_name_of_our_making_tells_enough(
    create: Create, service: FakeReplicaService, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    """No other replica has it, whatever its age; one that a user gave may be there twice."""
    service.fault("dropped-after")
    with pytest.raises(OutcomeUnknown):
        create(replica_name=name)
    monkeypatch.setattr("submit.client.read_replicas", saying_less({"created_at"}))

    if name is None:
        assert service.replicas[0].replica_id == create(replica_name=name).replica_id
    else:
        with pytest.raises(OutcomeUnknown):
            create(replica_name=name)


def saying_less(left_out: set[str]) -> Callable[[int, bytes], Page]:
    """Read a list whose replicas lack these fields."""

    def read(status: int, content: bytes) -> Page:
        document = json.loads(content)
        for item in document["data"]:
            for name in left_out:
                del item[name]
        return read_replicas(status, json.dumps(document).encode())

    return read


def test_one_of_another_submission_is_not_taken_for_it(create: Create, service: FakeReplicaService) -> None:
    """Of the same name: another model of the same person."""
    other = create(model_name="phoenix-3")
    service.fault("dropped")
    with pytest.raises(OutcomeUnknown):
        create()
    with pytest.raises(OutcomeUnknown, match="none that fits"):
        create()

    assert [other.replica_id] == [replica.replica_id for replica in service.replicas]


def test_two_of_one_name_in_doubt_are_not_taken_for_each_other(
    create: Create, service: FakeReplicaService, ledger: Ledger
) -> None:
    """One was created, and nobody can tell which."""
    service.fault("dropped-after")
    with pytest.raises(OutcomeUnknown):
        create()
    service.fault("dropped")
    with pytest.raises(OutcomeUnknown):
        create(model_name="phoenix-3")
    for model in ("phoenix-3", "phoenix-4"):
        with pytest.raises(OutcomeUnknown, match="another submission of that name"):
            create(model_name=model)

    assert {State.UNKNOWN} == {entry.state for entry in ledger.entries()}
    assert 2 == len(service.creates)


def test_a_doubt_is_cleared_when_it_is_asked_about(
    create: Create, service: FakeReplicaService, ledger: Ledger
) -> None:
    """Without submitting; and what is not in doubt is said to be so."""
    service.fault("dropped-after")
    with pytest.raises(OutcomeUnknown) as doubt:
        create()
    with client_of(service, ledger) as client:
        found = client.reconcile((doubt.value.key or "")[:10])
        with pytest.raises(LedgerError, match="not in doubt: it is created"):
            client.reconcile(doubt.value.key or "")

    assert service.replicas[0].replica_id == found.replica_id


def test_a_sender_that_is_gone_is_doubted_when_it_is_asked_about(
    service: FakeReplicaService, media: str, ledger: Ledger
) -> None:
    """Killed, it said nothing; but not before its lease is over."""
    claim = claimed(service, media, ledger, lease_s=30.0)
    claim.sending()
    created_by_hand(service, "Maria")
    with (
        client_of(service, ledger) as client,
        pytest.raises(LedgerError, match="not in doubt: it is sending"),
    ):
        client.reconcile(claim.entry.key)
    with client_of(service, later(ledger)) as client:
        found = client.reconcile(claim.entry.key)

    assert service.replicas[0].replica_id == found.replica_id


def created_by_hand(service: FakeReplicaService, name: str) -> None:
    """As somebody does who knows nothing of us."""
    with httpx.Client(base_url=service.url, headers={"x-api-key": "other"}, trust_env=False) as http:
        http.post("/v2/replicas", json=BY_HAND | {"replica_name": name}).raise_for_status()


# Several at once


def claimed(service: FakeReplicaService, media: str, ledger: Ledger, lease_s: float) -> Claim:
    """By somebody else, who is in the middle of it."""
    report = passing_report(train_video_url=media, replica_name="Maria")
    what = sending(report.clear(), service=service.url, allow_hosts=("127.0.0.1",))
    claim = ledger.claim(what.key, what.intent, lease_s=lease_s)
    assert claim is not None
    return claim


@pytest.mark.parametrize("is_sending", [False, True])
def test_who_comes_second_waits_for_the_first(
    create: Create,
    service: FakeReplicaService,
    media: str,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_sending: bool,
) -> None:
    """And is given what the first one made; once, it says what it waits for."""
    monkeypatch.setattr("submit.creation._QUIET_S", 0.1)
    first = claimed(service, media, ledger, lease_s=30.0)
    if is_sending:
        first.sending()
    created_by_hand(service, "by the first")
    found: list[Replica] = []
    second = threading.Thread(target=lambda: found.append(create()))
    second.start()
    for _ in range(1000):
        second.join(0.02)
        if "waiting until" in caplog.text or not second.is_alive():
            break
    assert second.is_alive()
    if not is_sending:
        first.sending()
    first.created(service.replicas[0].replica_id, "started")
    second.join(20)

    assert [service.replicas[0].replica_id] == [replica.replica_id for replica in found]
    assert 1 == len(service.creates)
    assert 1 == caplog.text.count("waiting until")


def test_nobody_is_waited_for_for_ever(
    create: Create, service: FakeReplicaService, media: str, ledger: Ledger
) -> None:
    """Somebody who keeps on claiming, and never sends."""
    claimed(service, media, ledger, lease_s=3600.0)
    hasty = Patience(
        attempts=1, answer_s=0.2, question_s=0.1, longest_pause_s=0.1, lease_s=0.5, connect_s=0.1, read_s=0.1
    )
    with pytest.raises(Underway, match="preflight ledger show"):
        create(patience=hasty)

    assert [] == list(service.creates)


def test_a_claim_that_was_left_is_taken_over(
    create: Create, service: FakeReplicaService, media: str, ledger: Ledger
) -> None:
    """Nothing had been sent; whoever left it cannot send any more."""
    left = claimed(service, media, ledger, lease_s=30.0)
    replica = create(by=later(ledger))
    with pytest.raises(LedgerError):
        left.sending()

    assert [replica.replica_id] == [replica.replica_id for replica in service.replicas]


def test_what_was_being_sent_is_looked_for_when_its_sender_is_gone(
    create: Create, service: FakeReplicaService, media: str, ledger: Ledger
) -> None:
    """It is never sent again; what the list shows is it."""
    claimed(service, media, ledger, lease_s=30.0).sending()
    with pytest.raises(OutcomeUnknown, match="never came back"):
        create(by=later(ledger))
    created_by_hand(service, "Maria")

    assert service.replicas[0].replica_id == create().replica_id
    assert 1 == len(service.creates)


@pytest.mark.parametrize("again", [False, True])
def test_who_slept_while_sending_does_not_send(
    service: FakeReplicaService, media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """A machine that was suspended wakes up after others thought that its request was lost, and sent theirs.

    Before it sent for the first time, or in the pause before it would send once more.
    """
    clock = [dt.datetime.now(dt.UTC)]
    clearance = passing_report(train_video_url=media, replica_name="Maria").clear()

    def sleep(key: str) -> None:
        clock[0] += LATER
        ledger.doubt(key, "it never came back")
        ledger.settle(key, not_created=True, note="a person looked")
        with client_of(service, ledger) as client:
            client.create(clearance)

    with Ledger(tmp_path / "ledger.sqlite3", now=lambda: clock[0]) as ledger, monkeypatch.context() as patch:
        if again:
            service.fault("429", 0)
            once = Service._once

            async def asked(self: Service, method: str, path: str, **options: Any) -> Reply:
                reply = await once(self, method, path, **options)
                if reply.status == 429:
                    await asyncio.to_thread(sleep, the(ledger).key)
                return reply

            patch.setattr(Service, "_once", asked)
        else:
            sending = Claim.sending

            def said(self: Claim) -> None:
                sending(self)
                patch.setattr(Claim, "sending", sending)
                sleep(self.entry.key)

            patch.setattr(Claim, "sending", said)
        with client_of(service, ledger) as client, pytest.raises(NotReached, match="nothing was sent"):
            client.create(clearance)
        entry = the(ledger)

    assert [entry.replica_id] == [replica.replica_id for replica in service.replicas]
    assert State.CREATED == entry.state


# Cancelled


def by_task(task: asyncio.Task[Replica], scope: anyio.CancelScope) -> None:
    """As asyncio.timeout and wait_for do."""
    task.cancel()


def by_scope(task: asyncio.Task[Replica], scope: anyio.CancelScope) -> None:
    """As anyio.move_on_after and ReplicaClient do."""
    scope.cancel()


@pytest.mark.parametrize("cancel", [by_task, by_scope])
@pytest.mark.parametrize("often", [1, 2])
@pytest.mark.parametrize(
    ("owner", "step", "state"),
    [
        (Ledger, "look", None),
        (Ledger, "claim", State.REFUSED),
        (Claim, "sending", State.REFUSED),
        (Claim, "created", State.CREATED),
    ],
)
def test_a_cancelled_create_ends_once_the_ledger_knows(
    service: FakeReplicaService,
    media: str,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    cancel: Callable[[asyncio.Task[Replica], anyio.CancelScope], None],
    often: int,
    owner: type[Ledger | Claim],
    step: str,
    state: State | None,
) -> None:
    """In the middle of each thing that it asks of the ledger; the next one has nobody to wait for."""
    entered, go_on = threading.Event(), threading.Event()
    clearance = passing_report(train_video_url=media, replica_name="Maria").clear()
    work = getattr(owner, step)

    def held_up(*arguments: Any, **options: Any) -> Any:
        entered.set()
        assert go_on.wait(20)
        return work(*arguments, **options)

    async def cancelled() -> State | None:
        client = AsyncReplicaClient(
            api_key="key", base_url=service.url, allow_hosts=("127.0.0.1",), ledger=ledger, patience=QUICK
        )
        scope = anyio.CancelScope()

        async def create() -> Replica:
            with scope:
                return await client.create(clearance)
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(owner, step, held_up)
            task = asyncio.create_task(create())
            await asyncio.to_thread(entered.wait, 20)
            for _ in range(often):
                cancel(task, scope)
                assert not (await asyncio.wait({task}, timeout=0.05))[0]
            go_on.set()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return next((entry.state for entry in ledger.entries()), None)

    assert state == asyncio.run(cancelled())
    with client_of(service, ledger, Patience()) as client:
        client.create(clearance)

    assert 1 == len(service.creates)


def test_a_loop_that_ends_leaves_no_claim_behind(
    service: FakeReplicaService, media: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """asyncio.run cancels whatever is left, the tasks of libraries too."""
    entered, go_on = threading.Event(), threading.Event()
    clearance = passing_report(train_video_url=media).clear()
    claim = Ledger.claim

    def held_up(*arguments: Any, **options: Any) -> Any:
        entered.set()
        assert go_on.wait(20)
        return claim(*arguments, **options)

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            go_on.set()

    async def main() -> list[asyncio.Task[Any]]:
        client = AsyncReplicaClient(
            api_key="key", base_url=service.url, allow_hosts=("127.0.0.1",), ledger=ledger, patience=QUICK
        )
        tasks = [asyncio.create_task(client.create(clearance)), asyncio.create_task(last())]
        await asyncio.to_thread(entered.wait, 20)
        return tasks

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "claim", held_up)
        asyncio.run(main())

    assert State.REFUSED == the(ledger).state


# The ledger itself in trouble


def test_a_replica_is_not_lost_with_the_ledger(
    create: Create, service: FakeReplicaService, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full after the service answered: the id is told, and the next one finds it."""

    def full(*_: object) -> None:
        raise LedgerError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Claim, "created", full)
        with pytest.raises(NotRecorded, match="--created") as lost:
            create()

    assert service.replicas[0].replica_id == lost.value.replica_id
    assert (State.SENDING, lost.value.replica_id) == (the(ledger).state, create(by=later(ledger)).replica_id)
    assert 1 == len(service.creates)


def test_a_refusal_is_told_though_the_ledger_cannot_be(
    create: Create, service: FakeReplicaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what the user has to know."""

    def full(*_: object) -> None:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(Claim, "refused", full)
    service.fault("402")
    with pytest.raises(PlanRequired):
        create()


def test_who_cannot_claim_does_not_send(
    create: Create, service: FakeReplicaService, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not written down is not sent; and nobody has to wait for it when there is room again."""

    def full(*_: object) -> None:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(Claim, "sending", full)
    with pytest.raises(LedgerError):
        create()

    assert [] == list(service.creates)
    assert State.REFUSED == the(ledger).state


# The rest of the client


def test_replicas_are_listed_to_the_last_page(service: FakeReplicaService, ledger: Ledger) -> None:
    """Of either route, the account's own alone."""
    with httpx.Client(base_url=service.url, headers={"x-api-key": "other"}, trust_env=False) as http:
        for number in range(205):
            http.post("/v2/replicas", json=BY_HAND | {"replica_name": f"number {number}"}).raise_for_status()
    with client_of(service, ledger) as client:
        replicas, faces = client.list(), client.list(route="/v2/faces")

    names = {f"number {number}" for number in range(205)}
    assert names == {replica.name for replica in replicas} == {face.name for face in faces}
    assert {"phoenix-4"} == {replica.model_name for replica in replicas}
    assert all(replica.created_at is not None and replica.created_at.tzinfo for replica in replicas)


@pytest.mark.parametrize("policy", ["tavus-replica-phoenix-4", "tavus-face-phoenix-4"])
def test_a_replica_is_renamed_and_deleted(
    create: Create, service: FakeReplicaService, media: str, ledger: Ledger, policy: str
) -> None:
    """On the route that it was made on."""
    report = passing_report(train_video_url=media, policy=policy)
    with client_of(service, ledger) as client:
        replica = client.create(report.clear())
        client.rename(replica.replica_id, "Another name")
        renamed = client.get(replica.replica_id)
        client.delete(replica.replica_id)
        with pytest.raises(NotThere):
            client.get(replica.replica_id)
        with pytest.raises(NotThere):
            client.delete(replica.replica_id)

    route = "faces" if "face" in policy else "replicas"
    assert "Another name" == renamed.name
    assert {f"/v2/{route}"} == {request.path[: len(route) + 4] for request in service.requests}
    assert [] == list(service.replicas)


def test_voices_are_asked_for_once(service: FakeReplicaService, ledger: Ledger) -> None:
    with client_of(service, ledger) as client:
        first, second = client.voices(), client.voices()

    assert {"anna", "benjamin", "james", "julia", "liam", "ivy"} == {voice.name for voice in first}
    assert first is second
    assert 1 == len(service.requests)


@pytest.mark.parametrize("fault", ["503", "429", "502", "504", "dropped", "reset"])
def test_a_harmless_question_is_repeated(service: FakeReplicaService, ledger: Ledger, fault: str) -> None:
    service.fault(fault, on="list")
    with client_of(service, ledger) as client:
        assert () == client.list()

    assert 2 == len(service.requests)


def test_a_harmless_question_is_not_repeated_for_ever(service: FakeReplicaService, ledger: Ledger) -> None:
    service.fault("503", times=99, on="list")
    with client_of(service, ledger) as client, pytest.raises(NotReached):
        client.list()

    assert QUICK.attempts == len(service.requests)


@pytest.mark.parametrize("fault", ["503-after", "dropped-after"])
def test_a_change_in_doubt_is_not_repeated(
    create: Create, service: FakeReplicaService, ledger: Ledger, fault: str
) -> None:
    replica = create()
    service.fault(fault, on="delete")
    with client_of(service, ledger) as client, pytest.raises((OutcomeUnknown, NotReached)):
        client.delete(replica.replica_id)

    assert 1 == len([request for request in service.requests if request.method == "DELETE"])


def test_the_end_of_a_training_is_written_down(
    create: Create, service: FakeReplicaService, ledger: Ledger
) -> None:
    """By whoever waits for it."""
    service.fault("training-error", "video_fps")
    replica = create()
    service.advance(3601)
    with client_of(service, ledger) as client, pytest.raises(Exception, match="minimum frame rate"):
        client.wait(replica.replica_id, poll_s=0.01)

    assert ("error", True) == (the(ledger).status, "frame rate" in (the(ledger).error_message or ""))
