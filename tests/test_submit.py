"""Only what was cleared is sent, once; what the service did is told apart; keys and addresses stay inside."""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import pickle
import re
import signal
import socket
import tempfile
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.report import Clearance
from preflight.submission import Role
from submit import (
    AsyncReplicaClient,
    BadKey,
    ConfigurationError,
    Ledger,
    NotReached,
    NotThere,
    OutcomeUnknown,
    Patience,
    PlanRequired,
    Refused,
    Replica,
    ReplicaClient,
    SlowDown,
    StillTraining,
    SubmitError,
    TrainingFailed,
)
from submit.answers import read_voices
from submit.ledger import State
from submit.request import redacted, sending
from submit.service import read_base
from tests.fake_service import (
    BAD_KEY,
    BAD_REQUEST,
    BROKEN,
    COMPLETED,
    CREATED,
    CREATED_FACE,
    CUT_SHORT,
    FAILED,
    FORBIDDEN,
    HANGS_UP,
    NO_PLAN,
    NOT_FOUND,
    NOT_JSON,
    READY,
    REPLICA_ID,
    SILENT,
    STARTED,
    TOO_MANY,
    UNAVAILABLE,
    WITHOUT_ID,
    Answer,
    FakeService,
    Received,
    passing_report,
    saying,
    serving,
    training,
)

pytestmark = [pytest.mark.media, pytest.mark.timeout(20)]

KEY = "canary-key"
QUERY = "canary-query"
TOKEN = "canary-token"
VIDEO = "https://media.example/clip.mp4"
VIDEO_ROLE, CONSENT_ROLE, IMAGE_ROLE = Role.TRAINING_VIDEO, Role.CONSENT_VIDEO, Role.TRAINING_IMAGE
NUMBERS = count()
NAME = re.compile(r"preflight-[0-9a-f]{10}")

ClientOf = Callable[[FakeService], ReplicaClient]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service of these tests is on this machine."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def options(service: FakeService, folder: Path) -> dict[str, Any]:
    """What a client of that service is told: a ledger of its own, and not to wait long."""
    wait_s = service.worth_waiting_s
    return {
        "api_key": KEY,
        "base_url": service.url,
        "allow_hosts": ("127.0.0.1",),
        "ledger": folder / f"{next(NUMBERS)}.sqlite3",
        "patience": Patience(
            connect_s=5.0, read_s=wait_s, answer_s=wait_s, attempts=1, question_s=5.0, longest_pause_s=1.0
        ),
    }


@pytest.fixture
def client_of(tmp_path: Path) -> ClientOf:
    return lambda service: ReplicaClient(**options(service, tmp_path))


def create_both_ways(service: FakeService, clearance: Clearance) -> list[Replica | Exception]:
    """What the client and its asynchronous twin return or raise."""

    async def create() -> Replica:
        async with AsyncReplicaClient(**options(service, folder)) as async_client:
            return await async_client.create(clearance)

    def create_now() -> Replica:
        with ReplicaClient(**options(service, folder)) as client:
            return client.create(clearance)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [outcome(create_now), outcome(lambda: asyncio.run(create()))]


def outcome(action: Callable[[], Replica]) -> Replica | Exception:
    try:
        return action()
    except Exception as exc:  # the point is to see which
        return exc


def created(*, roles: tuple[Role, ...] = (VIDEO_ROLE,), **fields: Any) -> dict[str, Any]:
    """The body that asks the service for what passed; a name of our own making is left out."""
    body = asked_for(passing_report(roles=roles, **fields).clear())
    if NAME.fullmatch(body["replica_name"]):
        del body["replica_name"]
    return body


def asked_for(clearance: Clearance, allow_hosts: tuple[str, ...] = ()) -> dict[str, Any]:
    return sending(clearance, service="https://tavusapi.com", allow_hosts=allow_hosts).request.body


def copied(clearance: Clearance) -> Any:
    """A look-alike: every field of a clearance, in another type."""
    return SimpleNamespace(**{name: getattr(clearance, name) for name in FIELDS})


# What is accepted


@pytest.mark.parametrize(
    "offer",
    [
        lambda report: report,
        lambda report: report.to_dict(),
        lambda report: asked_for(report.clear(), ("127.0.0.1",)),
        lambda report: report.submission,
        lambda report: copied(report.clear()),
        lambda report: Clearance,
        lambda report: object.__new__(Clearance),
        lambda report: Clearance.__new__(Clearance),
        lambda report: None,
        lambda report: True,
    ],
)
def test_only_a_clearance_is_submitted(offer: Callable[[Any], Any]) -> None:
    """Nothing that resembles a clearance, and none that was not issued, reaches the service."""
    with serving() as service:
        outcomes = create_both_ways(service, offer(passing_report(at=service)))

    assert [] == service.received == service.fetched
    assert all(isinstance(what, (TypeError, AttributeError)) for what in outcomes)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_clearance_cannot_be_kept_for_later(duplicate: Callable[[Clearance], Any]) -> None:
    """There is no copy to submit when the check is long past."""
    with pytest.raises(TypeError):
        duplicate(passing_report().clear())


FIELDS = tuple(name for name in Clearance.__slots__ if not name.startswith("_"))


def filled(clearance: Clearance) -> Any:
    """Made past the constructor, with the fields of a real one."""
    forged = object.__new__(Clearance)
    for name in FIELDS:
        object.__setattr__(forged, name, getattr(clearance, name))
    return forged


def test_a_forged_clearance_is_refused() -> None:
    """A clearance that no report issued is none, whatever its type and its fields say."""
    clearance = passing_report().clear()
    forged = filled(clearance)

    assert (Clearance, clearance.sha256) == (type(forged), forged.sha256)
    with pytest.raises(TypeError, match="only a Clearance"):
        asked_for(forged)


# What is sent


@pytest.mark.parametrize(
    ("expected", "roles", "fields"),
    [
        ({"train_video_url": VIDEO}, (VIDEO_ROLE,), {}),
        (
            {"train_video_url": VIDEO, "consent_video_url": "https://media.example/consent.mp4"},
            (VIDEO_ROLE, CONSENT_ROLE),
            {"consent_video_url": "https://media.example/consent.mp4"},
        ),
        (
            {"train_image_url": "https://media.example/face.jpg", "voice_name": "anna"},
            (IMAGE_ROLE,),
            {"train_image_url": "https://media.example/face.jpg", "voice_name": "anna"},
        ),
        (
            {
                "train_image_url": "https://media.example/face.jpg",
                "voice_name": "anna",
                "auto_fix_training_image": True,
            },
            (IMAGE_ROLE,),
            {
                "train_image_url": "https://media.example/face.jpg",
                "voice_name": "anna",
                "auto_fix_training_image": True,
            },
        ),
        (
            {
                "train_video_url": f"{VIDEO}?token={QUERY}",
                "replica_name": "Maria",
                "callback_url": "https://studio.example/done",
            },
            (VIDEO_ROLE,),
            {
                "train_video_url": f"{VIDEO}?token={QUERY}",
                "replica_name": "Maria",
                "callback_url": "https://studio.example/done",
            },
        ),
    ],
)
def test_the_request_asks_for_what_was_cleared(
    expected: dict[str, Any], roles: tuple[Role, ...], fields: dict[str, Any]
) -> None:
    """The model is always named, because the service's default moves; nothing else is added."""
    assert {"model_name": "phoenix-4"} | expected == created(roles=roles, **fields)


def test_the_model_that_was_asked_for_is_sent() -> None:
    """Not the default."""
    assert "phoenix-3" == created(model_name="phoenix-3")["model_name"]


@pytest.mark.parametrize(
    ("policy", "route", "name", "answer"),
    [
        ("tavus-replica-phoenix-4", "/v2/replicas", "replica_name", CREATED),
        ("tavus-replica-phoenix-3", "/v2/replicas", "replica_name", CREATED),
        ("tavus-face-phoenix-4", "/v2/faces", "face_name", CREATED_FACE),
    ],
)
def test_the_policy_decides_the_route_and_what_it_calls_things(
    client_of: ClientOf, policy: str, route: str, name: str, answer: Answer
) -> None:
    """The newer route calls replicas faces, in the request and in the answer, and is asked about them."""
    with serving(answer) as service, client_of(service) as client:
        clearance = passing_report(policy=policy, replica_name="Maria", at=service).clear()
        replica = client.wait(client.create(clearance).replica_id)

    assert (REPLICA_ID, True) == (replica.replica_id, replica.done)
    assert [("POST", route), ("GET", f"{route}/{REPLICA_ID}")] == [
        (request.method, request.path) for request in service.received
    ]
    assert [{"model_name": "phoenix-4", "train_video_url": service.media_url(VIDEO_ROLE), name: "Maria"}] == (
        service.creates
    )


def test_a_face_is_asked_about_where_it_was_made_by_asynchronous_callers_too(tmp_path: Path) -> None:
    """And an id that this client did not create is asked for on the older route."""

    async def create() -> None:
        async with AsyncReplicaClient(**options(service, tmp_path)) as client:
            replica = await client.create(passing_report(policy="tavus-face-phoenix-4", at=service).clear())
            await client.wait(replica.replica_id)
            await client.get("r1")

    with serving(CREATED_FACE) as service:
        asyncio.run(create())

    assert ["/v2/faces", f"/v2/faces/{REPLICA_ID}", "/v2/replicas/r1"] == [r.path for r in service.received]


class OfOneEra(FakeService):
    """It knows its faces by the newer route alone."""

    def answer(self, request: Received) -> Answer:
        if not request.path.startswith("/v2/replicas/"):
            return super().answer(request)
        self.received.append(request)
        return NOT_FOUND


def test_a_face_is_found_by_who_did_not_make_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By another process, of which the id is all that it knows."""
    monkeypatch.setattr("tests.fake_service.FakeService", OfOneEra)
    with serving(CREATED_FACE, states=[STARTED, COMPLETED]) as service:
        with ReplicaClient(**options(service, tmp_path)) as client:
            client.create(passing_report(policy="tavus-face-phoenix-4", at=service).clear())
        with ReplicaClient(**options(service, tmp_path)) as client:
            replica = client.wait(REPLICA_ID, poll_s=0.01)

    assert "completed" == replica.status
    asked = [request.path for request in service.received if request.method == "GET"]
    assert [f"/v2/replicas/{REPLICA_ID}", *[f"/v2/faces/{REPLICA_ID}"] * 2] == asked


def test_empty_fields_are_left_out() -> None:
    """An empty text is no value; the service would judge it."""
    body = created(voice_name="", replica_name="", callback_url="", consent_video_url="", train_image_url="")

    assert {"model_name", "train_video_url"} == set(body)


def test_an_address_of_a_file_that_was_not_checked_is_not_sent() -> None:
    """Addresses follow the digests of the clearance, never the other way round."""
    body = created(
        consent_video_url="https://media.example/unchecked.mp4",
        train_image_url="https://media.example/unchecked.jpg",
    )

    assert {"model_name", "train_video_url"} == set(body)


def test_the_request_is_a_json_post_with_the_key(client_of: ClientOf) -> None:
    """Method, path and headers as the service documents them."""
    with serving() as service, client_of(service) as client:
        replica = client.create(passing_report(at=service).clear())
    (request,) = service.received

    assert Replica(REPLICA_ID, "started") == replica
    assert ("POST", "/v2/replicas") == (request.method, request.path)
    assert (KEY, "application/json") == (request.headers["x-api-key"], request.headers["content-type"])


@pytest.mark.parametrize(
    ("option", "roles"),
    [
        ("--train-video-url", (VIDEO_ROLE,)),
        ("--consent-video-url", (VIDEO_ROLE, CONSENT_ROLE)),
        ("--train-image-url", (IMAGE_ROLE,)),
    ],
)
def test_a_file_without_an_address_is_not_sent(option: str, roles: tuple[Role, ...]) -> None:
    """The message names the option that says where the file is served."""
    fields = {option.lstrip("-").replace("-", "_"): None}

    with pytest.raises(ConfigurationError, match=f"{option}$"):
        created(roles=roles, **fields)


@pytest.mark.parametrize("field", ["train_video_url", "callback_url"])
@pytest.mark.parametrize(
    "address",
    [
        f"http://media.example/clip.mp4?token={QUERY}",
        f"https://user:{QUERY}@media.example/clip.mp4",
        f"https://{QUERY}@media.example/clip.mp4",
        f"https://:{QUERY}@media.example/clip.mp4",
        f"ftp://media.example/clip.mp4?token={QUERY}",
        f"file:///clip.mp4?token={QUERY}",
        f"clip.mp4?token={QUERY}",
        f"https:///clip.mp4?token={QUERY}",
        f"https://[clip.mp4?token={QUERY}",
        f"https://user:pass/{QUERY}@media.example/clip.mp4",
        f"https://media.example:99999/{QUERY}/clip.mp4",
        f"https://2130706433/{QUERY}",
        f"https:/media.example/clip.mp4?token={QUERY}",
        f"data:video/mp4;base64,{QUERY}",
    ],
)
def test_an_address_the_service_cannot_fetch_is_refused(
    client_of: ClientOf, field: str, address: str
) -> None:
    """Before anything is sent, and without repeating the address, which may be a credential."""
    with serving() as service, client_of(service) as client, pytest.raises(ConfigurationError) as refusal:
        client.create(passing_report(at=service, **{field: address}).clear())

    assert [] == service.received
    assert field in str(refusal.value)
    assert QUERY not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost/clip.mp4",
        "https://127.0.0.1/clip.mp4",
        "https://10.0.0.1/clip.mp4",
        "https://169.254.169.254/clip.mp4",
        "https://[::1]/clip.mp4",
        "https://[::ffff:10.0.0.1]/clip.mp4",
        "https://[64:ff9b::7f00:1]/clip.mp4",
        "https://168.63.129.16/clip.mp4",
        "https://192.0.0.192/clip.mp4",
        "https://0x7f000001/clip.mp4",
        "https://127.1/clip.mp4",
        "https://media/clip.mp4",
        "https://media.local./clip.mp4",
        "https://bücher.example/clip.mp4",
        "https://media.example\\@other.example/clip.mp4",
        "https://media example/clip.mp4",
        "https://media.example:port/clip.mp4",
        "https://media.example/\nclip.mp4",
    ],
)
def test_private_and_malformed_addresses_are_refused(address: str) -> None:
    """The service cannot fetch them; private ones are for hosts that were allowed by name."""
    with pytest.raises(ConfigurationError):
        asked_for(passing_report(train_video_url=address).clear())


def test_an_allowed_host_may_be_served_by_http() -> None:
    """That host, and no other."""
    allowed = ("media.example",)
    near = passing_report(train_video_url="http://media.example/clip.mp4").clear()
    far = passing_report(train_video_url="http://other.media.example/clip.mp4").clear()

    assert "http://media.example/clip.mp4" == asked_for(near, allow_hosts=allowed)["train_video_url"]
    with pytest.raises(ConfigurationError):
        asked_for(far, allow_hosts=allowed)


def test_an_allowed_host_is_a_name_in_any_case() -> None:
    """Host names have no case."""
    clearance = passing_report(train_video_url="http://Media.example/clip.mp4").clear()

    assert "train_video_url" in asked_for(clearance, allow_hosts=("MEDIA.example",))


def test_an_allowed_host_that_is_none_is_refused() -> None:
    """It would allow nothing."""
    clearance = passing_report(train_video_url="http://localhost:8000/clip.mp4").clear()

    with pytest.raises(ConfigurationError, match="localhost:8000' is not a host by itself"):
        asked_for(clearance, allow_hosts=("localhost:8000",))


@pytest.mark.parametrize("address", ["http://[::1]:8000/a", "http://127.0.0.1/a?b", "https://localhost./a"])
def test_an_allowed_host_may_be_this_machine(address: str) -> None:
    """However it is spelt; the address is sent as it was given."""
    clearance = passing_report(train_video_url=address).clear()

    allowed = ("[0::1]", "127.0.0.1", "LocalHost")
    assert address == asked_for(clearance, allow_hosts=allowed)["train_video_url"]


# What comes back


@pytest.mark.parametrize("answer", [CREATED, CREATED_FACE])
def test_a_created_replica_is_returned(answer: Answer) -> None:
    """From either era of the service: it calls replicas faces in the newer one."""
    with serving(answer) as service:
        outcomes = create_both_ways(service, passing_report(at=service).clear())

    assert [Replica(REPLICA_ID, "started")] * 2 == outcomes
    assert 2 == len(service.creates)


@pytest.mark.parametrize(
    ("answer", "error", "status", "said"),
    [
        (BAD_REQUEST, Refused, 400, "Invalid train_video_url"),
        (BAD_KEY, BadKey, 401, "Invalid access token"),
        (NO_PLAN, PlanRequired, 402, "Payment required"),
        (FORBIDDEN, BadKey, 403, "no reason given"),
        (NOT_FOUND, NotThere, 404, "no reason given"),
        (TOO_MANY, SlowDown, 429, "Too many requests"),
        (Answer(302, headers={"Location": "/v2/elsewhere"}), Refused, 302, "no reason given"),
        (Answer(307, headers={"Location": "/v2/elsewhere"}), Refused, 307, "no reason given"),
    ],
)
def test_a_refusal_is_told_and_not_repeated(
    answer: Answer, error: type[Refused], status: int, said: str
) -> None:
    """One request each, the narrowest error, the service's own words; a redirect is followed nowhere."""
    with serving(answer) as service:
        outcomes = create_both_ways(service, passing_report(at=service).clear())

    assert [error, error] == [type(what) for what in outcomes]
    assert [status, status] == [what.status for what in outcomes if isinstance(what, Refused)]
    assert all(said in str(what) for what in outcomes)
    assert ["/v2/replicas"] * 2 == [request.path for request in service.received]


@pytest.mark.parametrize(
    "answer",
    [BROKEN, UNAVAILABLE, Answer(408), WITHOUT_ID, NOT_JSON, saying(200), CUT_SHORT, HANGS_UP, SILENT],
)
def test_an_unknown_outcome_is_told_and_not_repeated(answer: Answer) -> None:
    """The replica may exist and be paid for: one request, and the advice to look before another."""
    with serving(answer) as service:
        outcomes = create_both_ways(service, passing_report(at=service).clear())

    assert [OutcomeUnknown, OutcomeUnknown] == [type(what) for what in outcomes]
    assert all("preflight ledger resolve" in str(what) for what in outcomes)
    assert 2 == len(service.received)


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"])
def test_a_day_that_is_none_is_no_time(client_of: ClientOf, day: str) -> None:
    """In another zone it is before the first day of the calendar, or after the last."""
    answer = saying(200, replica_id=REPLICA_ID, status="started", created_at=day)
    with serving(answer) as service, client_of(service) as client:
        replica = client.create(passing_report(at=service).clear())

    assert Replica(REPLICA_ID, "started") == replica


def test_a_fault_of_ours_leaves_the_outcome_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request has left; what this program made of the answer says nothing about the replica."""

    def broken(*_: object) -> Replica:
        raise ArithmeticError

    monkeypatch.setattr("submit.creation.read_created", broken)
    with serving() as service:
        outcomes = create_both_ways(service, passing_report(at=service).clear())

    assert [OutcomeUnknown, OutcomeUnknown] == [type(what) for what in outcomes]
    assert all("ArithmeticError" in str(what) for what in outcomes)


@pytest.mark.parametrize("content", [b"[oops", b"[" * 100_000, b'{"data": 1}', b"{}", b""])
def test_voices_that_cannot_be_read_are_a_trouble_of_the_service(content: bytes) -> None:
    with pytest.raises(NotReached):
        read_voices(200, content)


@pytest.mark.parametrize(
    ("proxy", "error"),
    [
        (f"socks5://user:{QUERY}@127.0.0.1:9", ConfigurationError),
        (f"ftp://user:{QUERY}@127.0.0.1:9", ConfigurationError),
        (f"http://user:{QUERY}@127.0.0.1:port", ConfigurationError),
        (None, NotReached),
    ],
)
def test_a_proxy_that_does_not_connect_leaves_no_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str | None, error: type[SubmitError]
) -> None:
    """One that cannot be used, and one that refuses: nothing reached the service."""
    with serving() as service:
        monkeypatch.setenv("HTTPS_PROXY", proxy or service.url)
        told = options(service, tmp_path) | {"base_url": "https://tavusapi.example"}
        with ReplicaClient(**told) as client, pytest.raises(error) as refusal:
            client.create(passing_report(at=service).clear())
        (entry,) = Ledger(told["ledger"]).entries()

    assert State.REFUSED == entry.state
    assert QUERY not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize(
    "answer", [Answer(200, b"not gzip", {"Content-Encoding": "gzip"}), Answer(200, b"[" * 100_000)]
)
def test_an_unreadable_answer_leaves_the_outcome_unknown(answer: Answer) -> None:
    """An answer that cannot be decoded, or parsed, says nothing about what was created."""
    with serving(answer) as service:
        outcomes = create_both_ways(service, passing_report(at=service).clear())

    assert [OutcomeUnknown, OutcomeUnknown] == [type(what) for what in outcomes]
    assert 2 == len(service.received)


def test_nothing_was_sent_where_no_one_listens() -> None:
    """A refused connection is the one failure after which another try is harmless."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        deaf = FakeService(CREATED, [])
        deaf.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with serving() as service:
            outcomes = create_both_ways(deaf, passing_report(at=service).clear())

    assert [NotReached, NotReached] == [type(what) for what in outcomes]
    assert all("nothing was sent" in str(what) for what in outcomes)


def test_a_name_that_cannot_be_sent_is_a_configuration_error() -> None:
    """Command lines may hold bytes that are no text; they reach a program as lone surrogates."""
    with pytest.raises(ConfigurationError):
        created(replica_name="Mar\udceda")


def test_every_error_is_a_submit_error() -> None:
    """Callers catch one base, or the narrower ones."""
    assert all(
        issubclass(error, SubmitError)
        for error in (ConfigurationError, NotReached, OutcomeUnknown, Refused, StillTraining, TrainingFailed)
    )
    assert issubclass(BadKey, Refused)
    assert issubclass(PlanRequired, Refused)
    assert not issubclass(PlanRequired, BadKey)


# Following the training


def wait_both_ways(*states: Answer, **how: Any) -> list[Replica | Exception]:
    """What waiting returns or raises, with the same states for both clients and no naps."""

    def wait() -> Replica:
        with serving(states=states) as service, ReplicaClient(**options(service, folder)) as client:
            return client.wait(REPLICA_ID, **({"poll_s": 0.0} | how))

    async def wait_async() -> Replica:
        with serving(states=states) as service:
            async with AsyncReplicaClient(**options(service, folder)) as client:
                return await client.wait(REPLICA_ID, **({"poll_s": 0.0} | how))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [outcome(wait), outcome(lambda: asyncio.run(wait_async()))]


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ("completed", (COMPLETED,)),
        ("ready", (READY,)),
        ("completed", (STARTED, training("training"), training("a word we do not know"), COMPLETED)),
    ],
)
def test_waiting_ends_when_training_does(status: str, states: tuple[Answer, ...]) -> None:
    """Completed and ready are the same success; any other word but error means to go on."""
    assert [Replica(REPLICA_ID, status)] * 2 == wait_both_ways(*states)


def test_waiting_for_a_training_that_failed_raises_its_reason() -> None:
    """In the service's own words."""
    outcomes = wait_both_ways(STARTED, FAILED)

    assert [TrainingFailed, TrainingFailed] == [type(what) for what in outcomes]
    assert all("minimum duration requirement" in str(what) for what in outcomes)


def test_waiting_has_an_end() -> None:
    """The training goes on; the message says how far it is."""
    outcomes = wait_both_ways(STARTED, timeout_s=1.0, poll_s=2.0)

    assert [StillTraining, StillTraining] == [type(what) for what in outcomes]
    assert [f"replica {REPLICA_ID} is still training (40/100)"] * 2 == [str(what) for what in outcomes]


def test_waiting_tells_of_every_state(client_of: ClientOf) -> None:
    """To whoever shows them; one question for each."""
    seen: list[str] = []
    with serving(states=(STARTED, STARTED, COMPLETED)) as service, client_of(service) as client:
        client.wait(REPLICA_ID, poll_s=0.01, watcher=lambda replica: seen.append(replica.status))

    assert ["started", "started", "completed"] == seen
    assert [("GET", f"/v2/replicas/{REPLICA_ID}")] * 3 == [(r.method, r.path) for r in service.received]


@pytest.mark.parametrize("passing_trouble", [UNAVAILABLE, TOO_MANY, HANGS_UP])
def test_waiting_outlives_passing_trouble(passing_trouble: Answer) -> None:
    """Training takes hours; a question that fails once is asked again, for asking is harmless."""
    assert [Replica(REPLICA_ID, "completed")] * 2 == wait_both_ways(STARTED, passing_trouble, COMPLETED)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (BAD_KEY, BadKey),
        (NOT_FOUND, NotThere),
        (saying(200, status="started"), Refused),
        (BAD_REQUEST, Refused),
    ],
)
def test_waiting_ends_with_a_refusal(answer: Answer, error: type[SubmitError]) -> None:
    """What will not pass is told at once."""
    outcomes = wait_both_ways(STARTED, answer, COMPLETED)

    assert [error, error] == [type(what) for what in outcomes]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(BROKEN, NotReached), (TOO_MANY, SlowDown), (HANGS_UP, NotReached), (NOT_JSON, NotReached)],
)
def test_waiting_out_trouble_has_an_end(answer: Answer, error: type[SubmitError]) -> None:
    """The last trouble is told when the time is over; asking changes nothing, so no outcome is unknown."""
    outcomes = wait_both_ways(answer, timeout_s=1.0, poll_s=2.0)

    assert [error, error] == [type(what) for what in outcomes]


@pytest.mark.parametrize("replica_id", ["", "../voices", "r1?verbose=true", "r1/x", "r 1", "r1\n", "ré"])
def test_a_replica_id_is_no_path(client_of: ClientOf, replica_id: str) -> None:
    """What is not an id never becomes part of an address."""
    with serving() as service, client_of(service) as client, pytest.raises(ConfigurationError):
        client.get(replica_id)

    assert [] == service.received


# Keys and addresses


@pytest.mark.parametrize("key", ["", " ", f"{KEY}\n", f"{KEY} x", f"{KEY}é"])
def test_a_malformed_key_is_refused_without_repeating_it(key: str) -> None:
    """The message names the variable, never its value."""
    for client in (ReplicaClient, AsyncReplicaClient):
        with pytest.raises(ConfigurationError, match="TAVUS_API_KEY") as refusal:
            client(api_key=key)

        assert KEY not in str(refusal.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://tavusapi.example",
        "http://127.0.0.1.example",
        "http://127.0.0.1@tavusapi.example",
        f"https://user:{QUERY}@tavusapi.example",
        f"https://tavusapi.example/?token={QUERY}",
        "ftp://tavusapi.example",
        "tavusapi.example",
        "",
    ],
)
def test_the_key_goes_only_where_it_is_safe(base_url: str) -> None:
    """To an https address, or to this machine."""
    for client in (ReplicaClient, AsyncReplicaClient):
        with pytest.raises(ConfigurationError, match="the base address") as refusal:
            client(api_key=KEY, base_url=base_url)

        assert QUERY not in str(refusal.value)


@pytest.mark.parametrize(
    "spelt",
    [
        "https://TavusAPI.example",
        "https://tavusapi.example:443/",
        "https://tavusapi.example.",
        "https://tavusapi.example//?#",
        "HTTPS://tavusapi.example/v0/..",
    ],
)
def test_a_service_is_the_same_however_it_is_spelt(spelt: str) -> None:
    """Else one submission would have two keys, and become two replicas."""
    assert ("https://tavusapi.example", False) == read_base(spelt)


@pytest.mark.parametrize(
    ("spelt", "base"),
    [
        ("https://gateway.example/Tavus/", "https://gateway.example/Tavus"),
        ("https://gateway.example:8443", "https://gateway.example:8443"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_another_service_is_another(spelt: str, base: str) -> None:
    assert base == read_base(spelt)[0]


@pytest.mark.parametrize(
    "base_url",
    [
        "https://.",
        "https://tavusapi.example\x01",
        "https://tavusapi.example:port",
        f"https://:{QUERY}@tavusapi.example",
    ],
)
def test_a_malformed_base_address_is_a_configuration_error(base_url: str) -> None:
    """Like any other that cannot be used."""
    with pytest.raises(ConfigurationError):
        ReplicaClient(api_key=KEY, base_url=base_url)


def test_plain_http_stays_on_this_machine(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that may travel unencrypted because it goes to loopback must not go to a proxy."""
    with serving() as proxy, serving() as service:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with client_of(service) as client:
            client.create(passing_report(at=service).clear())

    assert [] == proxy.received
    assert 1 == len(service.creates)


@pytest.mark.parametrize("answer", [CREATED, BAD_REQUEST, BAD_KEY, BROKEN, NOT_JSON, HANGS_UP, SILENT])
def test_keys_and_query_strings_are_not_told(
    client_of: ClientOf, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    """Not by the clients, not by their errors with all causes, not by the HTTP library's logs at DEBUG."""
    with caplog.at_level(logging.DEBUG), serving(answer, states=[answer]) as service:
        clearance = passing_report(
            train_video_url=service.media_url(VIDEO_ROLE, f"?token={QUERY}"),
            callback_url=f"https://studio.example/?token={QUERY}",
        ).clear()
        outcomes = create_both_ways(service, clearance)
        with client_of(service) as client:
            outcomes.append(outcome(lambda: client.get(REPLICA_ID)))
            shown = [repr(client), repr(clearance)]

    shown += [repr(what) for what in outcomes]
    shown += ["".join(traceback.format_exception(what)) for what in outcomes if isinstance(what, Exception)]
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert KEY not in "".join([*shown, caplog.text])
    assert QUERY not in "".join([*shown, caplog.text])


@pytest.mark.parametrize(
    "answer",
    [
        saying(400, error=f"Invalid train_video_url {VIDEO}?token={QUERY}"),
        saying(401, message=f"Invalid access token {KEY}"),
        saying(400, error=f"GET /clip.mp4?token={QUERY} gave 403"),
        saying(400, error=f"callback https://studio.example/{TOKEN}/ cannot be reached"),
        saying(400, error=f"POST '/{TOKEN}' gave 404"),
        saying(200, replica_id=REPLICA_ID, status="error", error_message=f"POST /{TOKEN} gave 404"),
    ],
)
def test_what_the_service_repeats_is_not_told(answer: Answer) -> None:
    """A service that quotes the request must not make us print its secrets."""
    with serving(answer) as service:
        address = service.media_url(VIDEO_ROLE, f"?token={QUERY}")
        callback = f"https://studio.example/{TOKEN}"
        clearance = passing_report(train_video_url=address, callback_url=callback).clear()
        outcomes = create_both_ways(service, clearance)

    assert not [what for what in outcomes for secret in (KEY, QUERY, TOKEN) if secret in repr(what)]


def test_what_is_about_to_be_sent_can_be_shown() -> None:
    """Tools that report a traceback with the values in it show this."""
    clearance = passing_report(
        train_video_url=f"{VIDEO}?token={QUERY}", callback_url=f"https://studio.example/{TOKEN}"
    ).clear()
    what = sending(clearance, service="https://tavusapi.com")

    assert TOKEN in what.content.decode()
    assert not [secret for secret in (QUERY, TOKEN) if secret in repr((what, what.request))]


def test_a_shown_request_has_no_query_strings() -> None:
    """Queries and fragments go, and of a callback address the path too; that there was more can be seen."""
    shown = redacted(
        {
            "model_name": "phoenix-4",
            "train_video_url": f"{VIDEO}?token={QUERY}",
            "consent_video_url": f"{VIDEO}#{QUERY}",
            "train_image_url": f"{VIDEO}#{QUERY}?{QUERY}",
            "callback_url": f"{VIDEO}?{QUERY}#{QUERY}",
        }
    )

    assert {
        "model_name": "phoenix-4",
        "train_video_url": f"{VIDEO}?***",
        "consent_video_url": f"{VIDEO}?***",
        "train_image_url": f"{VIDEO}?***",
        "callback_url": "https://media.example/***",
    } == shown


@pytest.mark.timeout(5)
def test_a_long_answer_is_told_in_time(client_of: ClientOf) -> None:
    """A service, or a proxy before it, may answer with a megabyte of one word."""
    answer = saying(400, error="a" * 1_000_000)
    with serving(answer) as service, client_of(service) as client, pytest.raises(Refused) as refusal:
        client.create(passing_report(at=service).clear())

    assert len(str(refusal.value)) < 2_000


def test_an_interrupted_create_leaves_the_outcome_unknown(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whoever presses Ctrl-C while the service is being asked may have a replica all the same."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with serving(SILENT) as service:
        told = options(service, tmp_path) | {"patience": Patience()}
        service.on_create = lambda: os.kill(os.getpid(), signal.SIGINT)
        with ReplicaClient(**told) as client, pytest.raises(OutcomeUnknown, match="interrupted while"):
            client.create(passing_report(at=service).clear())
        (entry,) = Ledger(told["ledger"]).entries()

    assert State.UNKNOWN == entry.state


def test_a_see_other_leaves_the_outcome_unknown() -> None:
    """303 says that the request was carried out, and where to look."""
    with serving(Answer(303)) as service:
        outcomes = create_both_ways(service, passing_report(at=service).clear())

    assert [OutcomeUnknown, OutcomeUnknown] == [type(what) for what in outcomes]
