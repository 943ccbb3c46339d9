"""The receiver of callbacks: who is let in, what is believed, and that an end is told once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import queue
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import submit.callback
from preflight.policy import load_policy
from preflight.submission import Role
from submit import (
    AsyncReplicaClient,
    ConfigurationError,
    Ledger,
    NotThere,
    Patience,
    Replica,
    ReplicaClient,
    callback_app,
    new_token,
)
from submit.callback import MAX_BODY, MIN_TOKEN
from submit.testing import FakeReplicaService, serving_fake
from tests.fake_service import MEDIA, passing_report
from tests.test_creation import BY_HAND, QUICK
from tests.web_app import serving_app
from tests.web_server import serving as serving_files

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

TOKEN = "cAnArY-7f3a_0123456789"
KEY = "canary-key-5b1e"
HOUR = 3600.0
_numbers = itertools.count()


class Ends:
    """Is told of ends; ``trouble`` is what it raises."""

    def __init__(self) -> None:
        self.told: queue.Queue[Replica] = queue.Queue()
        self.trouble: Exception | None = None

    def __call__(self, replica: Replica) -> None:
        self.told.put(replica)
        if self.trouble is not None:
            raise self.trouble

    @property
    def states(self) -> list[str]:
        return [replica.status for replica in self.told.queue]


class Receiver:
    """One served receiver."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, document: Any = None, *, path: str = f"/{TOKEN}", **how: Any) -> httpx.Response:
        body = {"json": document} if document is not None else {}
        return httpx.post(f"{self.url}{path}", **(body | how), trust_env=False, timeout=20)


@pytest.fixture
def service() -> Iterator[FakeReplicaService]:
    with serving_fake(training_s=HOUR) as service:
        yield service


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        yield ledger


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def receiver(
    service: FakeReplicaService, ledger: Ledger, ends: Ends, caplog: pytest.LogCaptureFixture
) -> Iterator[Receiver]:
    """Mounted in an application, with every log record kept."""
    caplog.set_level(logging.DEBUG)
    with receiving(service, ledger, ends) as url:
        yield Receiver(url)
    require_no_secret_in(caplog)


def require_no_secret_in(caplog: pytest.LogCaptureFixture) -> None:
    """Nor the bodies. Of the callers, which live in this process as well, the client names the address."""
    kept = [record for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    records = [r for r in kept if not (r.name == "httpx" and "/callbacks/" in r.getMessage())]
    logged = "\n".join(caplog.handler.format(record) for record in records)
    assert "uvicorn" in logged or not records
    for secret in (TOKEN, KEY, "9999", "canary in the body"):
        assert secret not in logged


@contextlib.contextmanager
def receiving(service: FakeReplicaService, ledger: Ledger, on_end: Any) -> Iterator[str]:
    def app(_: str) -> FastAPI:
        app = FastAPI()
        app.mount("/callbacks", callback_app(client_of(service, ledger), token=TOKEN, on_end=on_end))
        return app

    with serving_app(app) as url:
        yield f"{url}/callbacks"


def client_of(service: FakeReplicaService, ledger: Ledger, patience: Patience = QUICK) -> AsyncReplicaClient:
    return AsyncReplicaClient(api_key=KEY, base_url=service.url, ledger=ledger, patience=patience)


def training(service: FakeReplicaService, ledger: Ledger, route: str = "/v2/replicas") -> str:
    """The id of a replica that is in training, and in the ledger."""
    name = {"face_name" if route == "/v2/faces" else "replica_name": "Maria"}
    with httpx.Client(base_url=service.url, headers={"x-api-key": "other"}, trust_env=False) as http:
        document = http.post(route, json=BY_HAND | name).raise_for_status().json()
    claim = ledger.claim(f"{next(_numbers):064x}", {"route": route, "request": {}}, lease_s=60)
    assert claim is not None
    claim.sending()
    replica_id: str = document.get("replica_id") or document["face_id"]
    claim.created(replica_id, "started")
    return replica_id


def asked(service: FakeReplicaService) -> int:
    return sum(request.operation == "get" for request in service.requests)


# What the service calls


@pytest.mark.media
@pytest.mark.parametrize("faults", [(), ("callback-twice",)])
def test_the_end_of_a_submission_is_told_once(
    tmp_path: Path, ends: Ends, faults: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """From the clearance to the callback, which the service itself sends."""
    caplog.set_level(logging.DEBUG)
    with (
        serving_fake(training_s=0.2, faults=faults) as service,
        serving_files(MEDIA[Role.TRAINING_VIDEO]) as files,
        Ledger(tmp_path / "ledger.sqlite3") as ledger,
        receiving(service, ledger, ends) as url,
        ReplicaClient(
            api_key=KEY, base_url=service.url, allow_hosts=("127.0.0.1",), ledger=ledger, patience=QUICK
        ) as client,
    ):
        report = passing_report(train_video_url=files.url(), callback_url=f"{url}/{TOKEN}")
        created = client.create(report.clear())
        service.wait_for(lambda s: len(s.calls_back) == 1 + len(faults), timeout_s=20)
        entry = ledger.find_replica(created.replica_id)

    assert {204} == {call.status for call in service.calls_back}
    assert 1 + len(faults) == len(service.calls_back)
    assert [created.replica_id] == [replica.replica_id for replica in ends.told.queue]
    assert ["completed"] == ends.states
    assert "completed" == (entry and entry.status)
    require_no_secret_in(caplog)


def test_a_training_that_failed(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    """The reason is the service's own, not what the callback says."""
    service.fault("training-error", "no face was found")
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    answer = receiver.post({"replica_id": replica_id, "status": "error", "error_message": "forged"})

    entry = ledger.find_replica(replica_id)
    assert (204, b"") == (answer.status_code, answer.content)
    assert [("error", "no face was found")] == [(r.status, r.error_message) for r in ends.told.queue]
    assert ("error", "no face was found") == (entry and entry.status, entry and entry.error_message)


def test_a_face_is_asked_for_where_it_was_made(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    replica_id = training(service, ledger, "/v2/faces")
    service.advance(HOUR + 1)
    answer = receiver.post({"face_id": replica_id, "status": "ready"})

    assert (204, ["completed"]) == (answer.status_code, ends.states)
    assert f"/v2/faces/{replica_id}" == service.requests[-1].path


def test_a_coroutine_function_is_awaited(service: FakeReplicaService, ledger: Ledger) -> None:
    told: list[str] = []

    async def on_end(replica: Replica) -> None:
        await asyncio.sleep(0)
        told.append(replica.replica_id)

    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    with receiving(service, ledger, on_end) as url:
        assert 204 == Receiver(url).post({"replica_id": replica_id}).status_code

    assert [replica_id] == told


def test_nobody_need_be_told(service: FakeReplicaService, ledger: Ledger) -> None:
    """The ledger is."""
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    with receiving(service, ledger, None) as url:
        assert 204 == Receiver(url).post({"replica_id": replica_id}).status_code

    assert "completed" == getattr(ledger.find_replica(replica_id), "status", None)


# What is not believed


@pytest.mark.parametrize("status", ["ready", "completed", "error", None, 7])
def test_one_that_still_trains_has_not_ended(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends, status: Any
) -> None:
    """Whatever the callback says: the ledger is as it was, and the true end is told later."""
    replica_id = training(service, ledger)
    before = ledger.find_replica(replica_id)
    lie = receiver.post({"replica_id": replica_id, "status": status})
    after = ledger.find_replica(replica_id)
    service.advance(HOUR + 1)
    truth = receiver.post({"replica_id": replica_id, "status": "ready"})

    assert (202, b"", before) == (lie.status_code, lie.content, after)
    assert (204, ["completed"]) == (truth.status_code, ends.states)


def test_one_that_is_trained_has_not_failed(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    receiver.post({"replica_id": replica_id, "status": "error", "error_message": "a lie"})

    assert [("completed", None)] == [(r.status, r.error_message) for r in ends.told.queue]


@pytest.mark.parametrize(
    "named", ["r90bbd427f71", "", "../voices", "r1?x=1", "r\u0000", "\ud800", "é", "x" * 9_000]
)
def test_what_is_not_in_the_ledger_is_not_asked_about(
    service: FakeReplicaService, receiver: Receiver, ends: Ends, named: str
) -> None:
    """Who knows the token cannot make us ask for anything."""
    answer = receiver.post(content=json.dumps({"replica_id": named, "status": "ready"}).encode())

    assert 202 == answer.status_code or (named, 400) == ("", answer.status_code)
    assert b"" == answer.content
    assert ((), []) == (service.requests, ends.states)


def test_one_that_others_made_is_not_asked_about(
    service: FakeReplicaService, receiver: Receiver, ledger: Ledger
) -> None:
    """A replica of the same account that the ledger does not know."""
    with Ledger(Path(ledger.place).with_name("other.sqlite3")) as other:
        replica_id = training(service, other)
    service.advance(HOUR + 1)

    assert 202 == receiver.post({"replica_id": replica_id, "status": "ready"}).status_code
    assert 0 == asked(service)


def test_one_that_was_deleted_has_not_ended(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    replica_id = training(service, ledger)
    with httpx.Client(base_url=service.url, headers={"x-api-key": "other"}, trust_env=False) as http:
        http.delete(f"/v2/replicas/{replica_id}").raise_for_status()

    assert 202 == receiver.post({"replica_id": replica_id, "status": "ready"}).status_code
    assert [] == ends.states


# Once


def test_a_replay_is_told_to_nobody(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    """Nor does it make us ask: what has ended does not begin again."""
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    answers = [receiver.post({"replica_id": replica_id, "status": "ready"}) for _ in range(4)]

    assert [204] * 4 == [answer.status_code for answer in answers]
    assert (["completed"], 1) == (ends.states, asked(service))


def test_an_end_that_somebody_waited_for_is_told_to_nobody_else(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    asyncio.run(client_of(service, ledger).wait(replica_id))

    assert 204 == receiver.post({"replica_id": replica_id, "status": "ready"}).status_code
    assert [] == ends.states


@pytest.mark.media
def test_two_at_once_are_told_once(service: FakeReplicaService, ledger: Ledger, ends: Ends) -> None:
    """To two applications with a ledger each, on one file; both have asked before either writes."""
    with (
        Ledger(Path(ledger.place)) as second,
        receiving(service, ledger, ends) as one,
        receiving(service, second, ends) as two,
        ThreadPoolExecutor(6) as callers,
    ):
        for _ in range(5):
            replica_id = training(service, ledger)
            service.advance(HOUR + 1)
            service.fault("slow", 0.2, times=6, on="get")
            posts = [
                callers.submit(Receiver(url).post, {"replica_id": replica_id, "status": "ready"})
                for url in (one, two) * 3
            ]
            answers = [post.result(timeout=20).status_code for post in posts]
            service.clear_faults()

            assert [204] * 6 == answers
            assert [replica_id] == [ends.told.get_nowait().replica_id]
            assert ends.told.empty()


NEWS = """
import sys
from submit.ledger import Ledger
with Ledger(sys.argv[1]) as ledger:
    ledger.find_replica("none")
    print("ready", flush=True)
    for replica_id in sys.stdin.readline().split():
        print(replica_id, ledger.news(replica_id, status="completed"), flush=True)
"""


@pytest.mark.media
def test_of_several_processes_one_is_told(service: FakeReplicaService, ledger: Ledger) -> None:
    """The news of an end is a change of one row, and one process makes it."""
    ids = [training(service, ledger) for _ in range(20)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", NEWS, ledger.place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(" ".join(ids) + "\n")
        process.stdin.flush()
    said = [line for process in processes for line in process.communicate(timeout=50)[0].splitlines()]

    assert {0} == {process.returncode for process in processes}
    assert 80 == len(said)
    assert sorted(ids) == sorted(line.split()[0] for line in said if line.endswith("True"))


# What fails


def test_who_calls_while_the_service_is_away_may_call_again(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    service.fault("503", times=QUICK.attempts, on="get")
    answers = [receiver.post({"replica_id": replica_id, "status": "ready"}) for _ in range(2)]

    assert [503, 204] == [answer.status_code for answer in answers]
    assert b"" == answers[0].content
    assert ["completed"] == ends.states


def test_a_service_that_is_not_there(
    service: FakeReplicaService, ledger: Ledger, receiver: Receiver, ends: Ends
) -> None:
    """Refused connections, and a key that is no longer accepted."""
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    service.fault("dropped", times=QUICK.attempts, on="get")
    service.fault("401", on="get")
    answers = [receiver.post({"replica_id": replica_id}).status_code for _ in range(3)]

    assert [503, 503, 204] == answers


def test_a_ledger_that_cannot_be_read(
    service: FakeReplicaService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Is said in the log; the same callback may come again."""
    place = tmp_path / "ledger.sqlite3"
    place.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with Ledger(place) as ledger, receiving(service, ledger, None) as url:
        assert 503 == Receiver(url).post({"replica_id": "r90bbd427f71"}).status_code

    assert "is not a database" in caplog.text
    assert () == service.requests


def test_who_fails_to_take_an_end_in_catches_up(
    service: FakeReplicaService,
    ledger: Ledger,
    receiver: Receiver,
    ends: Ends,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The end is written down; it is not told again, and can be asked for."""
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    ends.trouble = ValueError(f"{TOKEN} {KEY}")
    answers = [receiver.post({"replica_id": replica_id}).status_code for _ in range(2)]
    caught_up = asyncio.run(client_of(service, ledger).confirm(replica_id))

    assert ([500, 204], 1) == (answers, len(ends.states))
    assert caught_up is not None
    assert ("completed", False) == (caught_up.replica.status, caught_up.is_news)
    assert f"replica {replica_id} has ended (completed), and on_end failed with ValueError" in caplog.text


# Who is let in


STRANGERS = [
    ("GET", f"/{TOKEN}"),
    ("HEAD", f"/{TOKEN}"),
    ("PUT", f"/{TOKEN}"),
    ("DELETE", f"/{TOKEN}"),
    ("OPTIONS", f"/{TOKEN}"),
    ("POST", f"/{TOKEN[:-1]}"),
    ("POST", f"/{TOKEN}x"),
    ("POST", f"/{TOKEN.lower()}"),
    ("POST", f"/{TOKEN}/"),
    ("POST", f"//{TOKEN}"),
    ("POST", f"/{TOKEN}/{TOKEN}"),
    ("POST", f"/?token={TOKEN}"),
    ("POST", "/"),
    ("POST", "/%00%ff"),
    ("POST", "/%E2%82%AC"),
    ("GET", "/docs"),
]


def test_strangers_find_nothing(
    service: FakeReplicaService,
    ledger: Ledger,
    receiver: Receiver,
    ends: Ends,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The same empty answer to everything but a POST to the secret path."""
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    for method, path in STRANGERS:
        answer = httpx.request(
            method, f"{receiver.url}{path}", json={"replica_id": replica_id}, trust_env=False, timeout=20
        )
        assert (404, b"") == (answer.status_code, answer.content), (method, path)
        assert {"content-length", "date", "server"} == set(answer.headers)

    assert (0, []) == (asked(service), ends.states)
    assert "/callbacks/callback" in caplog.text  # the access log is kept, and does not say which path it was


@pytest.mark.parametrize("token", ["", "x" * 21, "x" * 21 + "/", "x" * 22 + "\n", "é" * 22, "x" * 22 + " "])
def test_a_token_that_could_be_guessed_or_not_be_sent(service: FakeReplicaService, token: str) -> None:
    with pytest.raises(ConfigurationError, match="at least 22 characters") as refusal:
        callback_app(AsyncReplicaClient(api_key="k", base_url=service.url), token=token)

    assert not token or token not in str(refusal.value)


def test_a_new_token() -> None:
    """Is long enough for every policy, and for the receiver."""
    tokens = {new_token() for _ in range(50)}
    callback_app(AsyncReplicaClient(api_key="k"), token=min(tokens, key=len))

    assert 50 == len(tokens)
    assert MIN_TOKEN == load_policy("tavus-replica-phoenix-4").request.min_callback_token.value


def test_a_token_is_compared_in_constant_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the standard library has for it, and by nothing before it."""
    compared: list[tuple[bytes, bytes]] = []
    genuine = secrets.compare_digest

    def compare(given: bytes, own: bytes) -> bool:
        compared.append((given, own))
        return genuine(given, own)

    monkeypatch.setattr(submit.callback.secrets, "compare_digest", compare)
    for path in ("/x", f"/{TOKEN}"):
        receiver.post({}, path=path)

    assert [(b"x", TOKEN.encode()), (TOKEN.encode(), TOKEN.encode())] == compared


def test_no_secret_in_what_is_shown(service: FakeReplicaService, ledger: Ledger) -> None:
    app = callback_app(client_of(service, ledger), token=TOKEN)
    shown = f"{app!r} {app.routes!r} {[vars(route) for route in app.routes]!r}"

    assert TOKEN not in shown
    assert KEY not in shown


# What is read


NO_CALLBACKS = [
    b"",
    b"ready",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"replica_id"',
    b"{}",
    b'{"replica_id": null}',
    b'{"replica_id": 7, "face_id": ["x"]}',
    b'{"replica_id": {"replica_id": "r1"}}',
    b'{"status": "a canary in the body"}',
    b"[" * 60_000,
    b'{"replica_id": ' + b"9" * 60_000 + b"}",
    b"replica_id=r90bbd427f71&status=ready",
    b'{"replica_id": "r90bbd427f71"',
]


def test_what_is_no_callback(receiver: Receiver, service: FakeReplicaService) -> None:
    """400, without a word of it."""
    for body in NO_CALLBACKS:
        answer = receiver.post(content=body)
        assert (400, b"") == (answer.status_code, answer.content), body[:60]

    assert () == service.requests


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large(receiver: Receiver, declared: bool) -> None:
    """At most 64 KiB are read, whether its length is declared or not."""
    small = json.dumps({"replica_id": "r90bbd427f71"}).encode()
    fits = small + b" " * (MAX_BODY - len(small))

    def sent(content: bytes) -> int:
        parts = content if declared else (content[i : i + 9_000] for i in range(0, len(content), 9_000))
        return receiver.post(content=parts).status_code

    assert (202, 413) == (sent(fits), sent(fits + b" "))


def raw(receiver: Receiver, *, length: str, body: bytes = b"") -> socket.socket:
    """A connection on which a request has begun."""
    host, _, rest = receiver.url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    connection = socket.create_connection((name, int(port)), timeout=20)
    head = f"POST /{rest}/{TOKEN} HTTP/1.1\r\nHost: {host}\r\n{length}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def all_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("length", ["Content-Length: 500", "Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come(receiver: Receiver, length: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends the connection in time, and holds nobody else up."""
    monkeypatch.setattr(submit.callback, "READ_S", 0.3)
    began = time.monotonic()
    with raw(receiver, length=length, body=b"") as connection:
        assert 202 == receiver.post({"replica_id": "r90bbd427f71"}).status_code
        answer = all_of(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
    assert time.monotonic() - began < 5


def test_who_hangs_up_before_the_end(receiver: Receiver, service: FakeReplicaService) -> None:
    """Is no trouble to anybody."""
    with raw(receiver, length="Content-Length: 500", body=b'{"replica_id": "r1"'):
        pass

    assert 202 == receiver.post({"replica_id": "r90bbd427f71"}).status_code
    assert () == service.requests


def test_who_hangs_up_without_the_answer_is_still_heard(
    receiver: Receiver, service: FakeReplicaService, ledger: Ledger, ends: Ends
) -> None:
    """The service may not wait for us: the end is written down, and told, all the same."""
    replica_id = training(service, ledger)
    service.advance(HOUR + 1)
    service.fault("slow", 0.3, on="get")
    body = json.dumps({"replica_id": replica_id}).encode()
    with raw(receiver, length=f"Content-Length: {len(body)}", body=body):
        assert service.wait_for(lambda s: asked(s) == 1, timeout_s=10)

    assert replica_id == ends.told.get(timeout=10).replica_id
    assert "completed" == getattr(ledger.find_replica(replica_id), "status", None)


# The client's part


def test_confirming(service: FakeReplicaService, ledger: Ledger) -> None:
    """One in training, one that ended, one of which that is known, and one that nobody knows."""
    replica_id = training(service, ledger)

    async def confirm() -> list[Any]:
        client = client_of(service, ledger)
        said = [await client.confirm(replica_id)]
        service.advance(HOUR + 1)
        return [*said, *[await client.confirm(replica_id) for _ in range(2)], await client.confirm("r1")]

    running, news, known, unknown = asyncio.run(confirm())

    assert ("started", False) == (running.replica.status, running.is_news)
    assert ("completed", True) == (news.replica.status, news.is_news)
    assert ("completed", False) == (known.replica.status, known.is_news)
    assert unknown is None
    assert 2 == asked(service)


def test_confirming_one_that_is_gone(service: FakeReplicaService, ledger: Ledger) -> None:
    replica_id = training(service, ledger)
    service.reset()
    with pytest.raises(NotThere):
        asyncio.run(client_of(service, ledger).confirm(replica_id))
