"""The fake service over the wire: every route, every documented refusal, and every fault."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jsonschema
import pytest

import submit.cli  # noqa: F401 - adds the command
from preflight.cli import cli
from preflight.vendor import vendor_errors
from submit.errors import ConfigurationError
from submit.testing import FAULTS, FakeReplicaService, Fault, fake_service, openapi_document, serving_fake
from submit.testing import app as app_module
from submit.testing.faults import Moment, Operation

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

KEY = {"x-api-key": "test"}
TRAINING_S = 100.0
VIDEO = {"train_video_url": "https://media.example/clip.mp4?signature=secret", "replica_name": "Maria"}
IMAGE = {"train_image_url": "https://media.example/photo.jpg", "voice_name": "anna"}
A_VIDEO, AN_IMAGE = (
    {"train_video_url": VIDEO["train_video_url"]},
    {"train_image_url": IMAGE["train_image_url"]},
)


@pytest.fixture(scope="module")
def _running() -> Iterator[FakeReplicaService]:
    with serving_fake(training_s=TRAINING_S, refused_keys={"stolen"}) as running:
        yield running


@pytest.fixture
def service(_running: FakeReplicaService) -> FakeReplicaService:
    _running.reset()
    return _running


@pytest.fixture(scope="module")
def client(_running: FakeReplicaService) -> Iterator[httpx.Client]:
    # no connection is kept: the server closes those that idle, perhaps at the moment of the next question
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=_running.url, headers=KEY, timeout=10, limits=limits) as asking:
        yield asking


@pytest.fixture(scope="module")
def voice_id(client: httpx.Client) -> str:
    return str(client.get("/v2/voices").json()["data"][0]["voice_id"])


def created(client: httpx.Client, route: str = "/v2/replicas", /, **body: Any) -> str:
    """The id of a new replica."""
    answer = client.post(route, content=json.dumps(body or VIDEO))
    assert answer.status_code == 200, answer.text
    return str(answer.json()[f"{route.rpartition('/')[2][:-1]}_id"])


# ---- the routes


def test_voices(service: FakeReplicaService, client: httpx.Client) -> None:
    """They have names and ids, and come in pages."""
    everything = client.get("/v2/voices").json()
    second = client.get("/v2/voices", params={"limit": 4, "page": 2}).json()

    assert everything["total_count"] == 6
    assert [voice["voice_name"] for voice in everything["data"]] == [
        "anna",
        "benjamin",
        "james",
        "julia",
        "liam",
        "ivy",
    ]
    assert {"total_count": 6, "data": everything["data"][4:]} == second


def test_a_replica(service: FakeReplicaService, client: httpx.Client) -> None:
    """It is made, and can be asked for by its id."""
    answer = client.post("/v2/replicas", json=VIDEO)
    replica_id = answer.json()["replica_id"]
    document = client.get(f"/v2/replicas/{replica_id}").json()

    assert answer.json() == {"replica_id": replica_id, "status": "started"}
    assert replica_id.startswith("r")
    assert len(replica_id) == 12
    assert document == {
        "replica_id": replica_id,
        "replica_name": "Maria",
        "thumbnail_video_url": None,
        "training_progress": "0/100",
        "status": "started",
        "created_at": document["created_at"],
        "updated_at": document["created_at"],
        "error_message": None,
        "model_name": "phoenix-4",
    }
    assert (VIDEO,) == service.creates
    assert [replica_id] == [replica.replica_id for replica in service.replicas]


def test_a_face(service: FakeReplicaService, client: httpx.Client, voice_id: str) -> None:
    """The newer route says face where the older one says replica; what there is, is the same on both."""
    face_id = created(
        client, "/v2/faces", **A_VIDEO, face_name="Maria", model_name="phoenix-4.5", default_voice_id=voice_id
    )
    face = client.get(f"/v2/faces/{face_id}", params={"verbose": "true"}).json()
    replica = client.get(f"/v2/replicas/{face_id}", params={"verbose": "true"}).json()

    assert ("Maria", "user", voice_id) == (face["face_name"], face["face_type"], face["default_voice_id"])
    assert ("Maria", "user") == (replica["replica_name"], replica["replica_type"])
    assert face["finetune_status"] is None


@pytest.mark.parametrize("noun", ["replica", "face"])
def test_the_list(noun: str, service: FakeReplicaService, client: httpx.Client) -> None:
    """The newest first, in pages, of one kind, of some ids."""

    def listed(**query: Any) -> tuple[list[str], int]:
        document = client.get(f"/v2/{noun}s", params=query).json()
        return [item[f"{noun}_id"] for item in document["data"]], document["total_count"]

    ids = [created(client) for _ in range(12)][::-1]
    kind, some = f"{noun}_type", f"{noun}_ids"
    stock, _ = listed(**{kind: "system"})

    assert len(stock) == 2
    assert (ids[:10], 14) == listed()
    assert (ids[10:] + stock, 14) == listed(page=2)
    assert (ids, 12) == listed(**{kind: "user", "limit": 100})
    assert ([ids[4]], 12) == listed(**{kind: "user", "limit": 1, "page": 5})
    assert ([], 14) == listed(page=999)
    assert ([ids[1], ids[3]], 2) == listed(**{some: f"{ids[3]}, {ids[1]},r00000000000"})
    assert kind not in client.get(f"/v2/{noun}s").json()["data"][0]
    assert "user" == client.get(f"/v2/{noun}s", params={"verbose": "true"}).json()["data"][0][kind]


def test_renaming(service: FakeReplicaService, client: httpx.Client, voice_id: str) -> None:
    """The older route takes a name, the newer one a merge patch, in which null takes away."""
    one = created(client)

    def shown() -> tuple[str, str]:
        face = client.get(f"/v2/faces/{one}").json()
        return face["face_name"], face["default_voice_id"]

    service.advance(5)
    assert client.patch(f"/v2/replicas/{one}/name", json={"replica_name": "Ana"}).status_code == 204
    assert shown() == ("Ana", None)
    assert client.patch(f"/v2/faces/{one}", json={"default_voice_id": voice_id}).content == b""
    assert shown() == ("Ana", voice_id)
    assert client.patch(f"/v2/faces/{one}", json={"face_name": None}).status_code == 204
    assert shown() == (None, voice_id)
    face = client.get(f"/v2/faces/{one}").json()
    assert face["updated_at"] > face["created_at"]


@pytest.mark.parametrize("route", ["/v2/replicas", "/v2/faces"])
def test_deleting(route: str, service: FakeReplicaService, client: httpx.Client) -> None:
    """What was deleted is gone, and remembered as such."""
    one = created(client)
    done = client.delete(f"{route}/{one}")

    assert (204, b"") == (done.status_code, done.content)
    assert () == service.replicas
    for answer in (client.get(f"{route}/{one}"), client.delete(f"{route}/{one}")):
        assert (404, {"message": "Not found"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("noun", ["replica", "face"])
def test_an_unknown_id(noun: str, service: FakeReplicaService, client: httpx.Client) -> None:
    """It is refused with the documented text, and so is changing what is not one's own."""
    stock = client.get(f"/v2/{noun}s", params={f"{noun}_type": "system"}).json()["data"][0][f"{noun}_id"]
    answers = [
        client.get(f"/v2/{noun}s/r00000000000"),
        client.delete(f"/v2/{noun}s/nonsense"),
        client.delete(f"/v2/{noun}s/{stock}"),
        client.patch(f"/v2/{noun}s/{stock}" + "/name" * (noun == "replica"), json={f"{noun}_name": "x"}),
    ]

    assert 200 == client.get(f"/v2/{noun}s/{stock}").status_code
    for answer in answers:
        assert (400, {"error": f"Invalid {noun}_id"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("key", [None, "", "stolen"])
def test_a_key_that_is_not_accepted(key: str | None, service: FakeReplicaService) -> None:
    """The documented answer, before anything else of the request is looked at, and before any fault."""
    service.fault("503", on="any")
    answer = httpx.post(
        f"{service.url}/v2/replicas", content=b"{", headers={} if key is None else {"x-api-key": key}
    )

    assert (401, {"message": "Invalid access token"}) == (answer.status_code, answer.json())
    assert 1 == len(service.faults)


def test_what_is_not_a_route(service: FakeReplicaService, client: httpx.Client) -> None:
    """It is answered in JSON, never redirected, and remembered."""
    lost = client.get("/v2/replicas/")
    wrong = client.put("/v2/replicas", json=VIDEO)

    assert (404, {"message": "Not Found"}) == (lost.status_code, lost.json())
    assert (405, {"message": "Method Not Allowed"}) == (wrong.status_code, wrong.json())
    assert {"GET", "HEAD", "POST"} == set(wrong.headers["allow"].split(", "))
    assert [("/v2/replicas/", None, 404), ("/v2/replicas", None, 405)] == [
        (r.path, r.operation, r.status) for r in service.requests
    ]


# ---- what is refused

UNKNOWN, NOT_TEXT, NULL = ["Unknown field."], ["Not a valid string."], ["Field may not be null."]
REPLICAS, FACES = "/v2/replicas", "/v2/faces"


def fields(**problems: Any) -> str:
    return f"Bad Request. {problems!r}"


REFUSED: list[tuple[str, Any, str]] = [
    (REPLICAS, {}, fields(train_video_url=["Exactly one of train_video_url and train_image_url."])),
    (
        REPLICAS,
        VIDEO | IMAGE,
        fields(train_video_url=["Exactly one of train_video_url and train_image_url."]),
    ),
    (REPLICAS, {"train_video_url": ""}, "Invalid train_video_url"),
    (REPLICAS, {"train_video_url": "clip.mp4"}, "Invalid train_video_url"),
    (REPLICAS, {"train_video_url": "ftp://media.example/clip.mp4"}, "Invalid train_video_url"),
    (REPLICAS, {"train_video_url": "https://media.example/a clip.mp4"}, "Invalid train_video_url"),
    (REPLICAS, VIDEO | {"train_image_url": ""}, "Invalid train_image_url"),
    (REPLICAS, VIDEO | {"consent_video_url": ""}, "Invalid consent_video_url"),
    (REPLICAS, VIDEO | {"callback_url": "here"}, "Invalid callback_url"),
    (REPLICAS, VIDEO | {"train_video_url": 1}, fields(train_video_url=NOT_TEXT)),
    (REPLICAS, VIDEO | {"replica_name": None}, fields(replica_name=NULL)),
    (REPLICAS, VIDEO | {"replica_name": ""}, fields(replica_name=["Shorter than minimum length 1."])),
    (
        REPLICAS,
        VIDEO | {"auto_fix_training_image": "yes"},
        fields(auto_fix_training_image=["Not a valid boolean."]),
    ),
    (
        REPLICAS,
        VIDEO | {"auto_fix_training_image": True},
        fields(auto_fix_training_image=["Needs train_image_url."]),
    ),
    (REPLICAS, VIDEO | {"face_name": "Maria"}, fields(face_name=UNKNOWN)),
    (REPLICAS, VIDEO | {"replica_type": "user"}, fields(replica_type=UNKNOWN)),
    (REPLICAS, VIDEO | {"default_voice_id": "v1"}, fields(default_voice_id=UNKNOWN)),
    (REPLICAS, VIDEO | {"properties": {"hat": True}}, fields(hat=UNKNOWN)),
    (REPLICAS, VIDEO | {"properties": []}, fields(properties=["Not a valid mapping type."])),
    (REPLICAS, VIDEO | {"voice_name": "nobody"}, "Invalid voice_name"),
    (REPLICAS, VIDEO | {"voice_name": ""}, "Invalid voice_name"),
    (REPLICAS, VIDEO | {"model_name": "phoenix-5"}, "Invalid model_name"),
    (REPLICAS, VIDEO | {"model_name": "phoenix-1"}, "Invalid model_name"),
    (REPLICAS, AN_IMAGE, fields(voice_name=["Missing data for required field."])),
    (REPLICAS, IMAGE | {"model_name": "phoenix-3"}, fields(train_image_url=["Not available for phoenix-3."])),
    (REPLICAS, [VIDEO], fields(_schema=["Invalid input type."])),
    (REPLICAS, "clip", fields(_schema=["Invalid input type."])),
    (FACES, A_VIDEO | {"replica_name": "Maria"}, fields(replica_name=UNKNOWN)),
    (FACES, A_VIDEO | {"properties": {}}, fields(properties=UNKNOWN)),
    (FACES, A_VIDEO | {"model_name": "phoenix-2"}, "Invalid model_name"),
    (FACES, AN_IMAGE | {"default_voice_id": "anna"}, "Invalid default_voice_id"),
    (FACES, AN_IMAGE, fields(voice_name=["Missing data for required field."])),
    (
        FACES,
        IMAGE | {"default_voice_id": "v1"},
        fields(voice_name=["Exactly one of voice_name and default_voice_id."]),
    ),
]


@pytest.mark.parametrize(("route", "body", "text"), REFUSED)
def test_a_create_request_that_is_refused(
    route: str, body: Any, text: str, service: FakeReplicaService, client: httpx.Client
) -> None:
    """400 with a reason, and nothing is made."""
    answer = client.post(route, json=body)

    assert (400, {"error": text}) == (answer.status_code, answer.json())
    assert () == service.replicas


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (REPLICAS, IMAGE | {"voice_name": "Anna", "auto_fix_training_image": True}),
        (REPLICAS, VIDEO | {"voice_name": "JULIA", "auto_fix_training_image": False}),
        (REPLICAS, VIDEO | {"callback_url": "", "consent_video_url": "http://127.0.0.1:1/consent.mp4"}),
        (REPLICAS, VIDEO | {"model_name": "phoenix-2", "properties": {"gaze_correction": True}}),
        (FACES, A_VIDEO | {"face_name": "\ud800 é", "model_name": "phoenix-3"}),
    ],
)
def test_a_create_request_that_is_taken(
    route: str, body: dict[str, Any], service: FakeReplicaService, client: httpx.Client
) -> None:
    """Voices are found in any case; an empty callback_url is none; what is odd is kept as it is."""
    one = created(client, route, **body)

    assert (body,) == service.creates
    assert client.get(f"{route}/{one}").status_code == 200


@pytest.mark.parametrize(
    "content", [b"", b"{", b"train_video_url=https", b"\xff", b"[" * 100_000, b'{"a": ' + b"1" * 5_000 + b"}"]
)
def test_a_body_that_is_not_json(content: bytes, service: FakeReplicaService, client: httpx.Client) -> None:
    """Nothing that can be sent makes it stumble."""
    answer = client.post("/v2/replicas", content=content)

    assert 400 == answer.status_code
    assert "not JSON" in answer.json()["error"]


def test_a_body_that_is_too_large(service: FakeReplicaService, client: httpx.Client) -> None:
    """It is refused, and not remembered."""
    answer = client.post("/v2/replicas", json=VIDEO | {"replica_name": "x" * 1_000_000})

    assert 413 == answer.status_code
    assert service.requests[0].body is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/replicas/{}/name", {}),
        ("/v2/replicas/{}/name", {"replica_name": ""}),
        ("/v2/replicas/{}/name", {"replica_name": None}),
        ("/v2/replicas/{}/name", {"face_name": "x"}),
        ("/v2/faces/{}", {"face_name": ""}),
        ("/v2/faces/{}", {"replica_name": "x"}),
        ("/v2/faces/{}", {"default_voice_id": "v1"}),
        ("/v2/faces/{}", []),
    ],
)
def test_a_new_name_that_is_refused(
    path: str, body: Any, service: FakeReplicaService, client: httpx.Client
) -> None:
    """And the old one stays."""
    answer = client.patch(path.format(created(client)), json=body)

    assert 400 == answer.status_code
    assert "Maria" == service.replicas[0].name


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=", "page=0", "page=-1", "page=1&page=2", "verbose=1", "type=user"],
)
def test_a_query_that_is_refused(query: str, service: FakeReplicaService, client: httpx.Client) -> None:
    """Out of bounds, twice, or unknown."""
    assert 400 == client.get(f"/v2/replicas?{query}").status_code


# ---- training


def test_training_goes_on_with_the_clock(service: FakeReplicaService, client: httpx.Client) -> None:
    """From started through n/100 to completed; the change is at the time of the end."""
    one = created(client)
    began = client.get(f"/v2/replicas/{one}").json()
    service.advance(TRAINING_S * 0.4)
    halfway = client.get(f"/v2/replicas/{one}").json()
    service.advance(TRAINING_S)
    done = client.get(f"/v2/replicas/{one}").json()

    assert ("started", "0/100") == (began["status"], began["training_progress"])
    assert ("started", "40/100") == (halfway["status"], halfway["training_progress"])
    assert ("completed", "100/100") == (done["status"], done["training_progress"])
    assert done["thumbnail_video_url"].startswith("https://")
    lasted = dt.datetime.fromisoformat(done["updated_at"]) - dt.datetime.fromisoformat(done["created_at"])
    assert TRAINING_S == lasted.total_seconds()


@pytest.mark.parametrize("error", sorted(vendor_errors()))
def test_a_training_error_that_the_request_asks_for(
    error: str, service: FakeReplicaService, client: httpx.Client
) -> None:
    """Any published error, by its type in the address or in the name. Progress stays at 0 until then."""
    by_name = created(client, **A_VIDEO, replica_name=f"fails-{error}")
    by_address = created(client, train_video_url=f"https://media.example/fails-{error}.mp4")
    service.advance(TRAINING_S / 2)
    before = client.get(f"/v2/replicas/{by_name}").json()
    service.advance(TRAINING_S)

    assert ("started", "0/100", None) == (
        before["status"],
        before["training_progress"],
        before["error_message"],
    )
    for one in (by_name, by_address):
        after = client.get(f"/v2/replicas/{one}").json()
        assert ("error", "0/100") == (after["status"], after["training_progress"])
        assert after["error_message"] in vendor_errors()[error].messages


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, vendor_errors()["video_duration"].messages[0]),
        ("VIDEO_FPS", vendor_errors()["video_fps"].messages[0]),
        ("A message of one's own.", "A message of one's own."),
    ],
)
def test_a_training_error_by_fault(
    value: str | None, message: str, service: FakeReplicaService, client: httpx.Client
) -> None:
    """A type that is published, or any text; and the one after that succeeds."""
    service.fault("training-error", value)
    first, second = created(client), created(client)
    service.advance(TRAINING_S)

    assert message == client.get(f"/v2/replicas/{first}").json()["error_message"]
    assert "completed" == client.get(f"/v2/replicas/{second}").json()["status"]


def test_an_error_type_that_there_is_not(service: FakeReplicaService, client: httpx.Client) -> None:
    """A slip in the name of an error does not look like a success."""
    one = created(client, **A_VIDEO, replica_name="fails-video_duratoin")
    service.advance(TRAINING_S)

    assert "error" == client.get(f"/v2/replicas/{one}").json()["status"]


def test_training_that_is_stuck(service: FakeReplicaService, client: httpx.Client) -> None:
    """It never ends."""
    service.fault("training-stuck", 37)
    one = created(client)
    service.advance(TRAINING_S * 1000)
    document = client.get(f"/v2/replicas/{one}").json()

    assert ("started", "37/100") == (document["status"], document["training_progress"])


def test_fine_tuning(service: FakeReplicaService, client: httpx.Client) -> None:
    """With phoenix-4.5 it goes on after the replica is completed."""
    one = created(client, "/v2/faces", **A_VIDEO, model_name="phoenix-4.5")
    service.advance(TRAINING_S)
    document = client.get(f"/v2/faces/{one}").json()
    service.advance(TRAINING_S)

    assert ("completed", "training") == (document["status"], document["finetune_status"])
    assert "completed" == client.get(f"/v2/faces/{one}").json()["finetune_status"]


def test_the_answers_are_as_described(service: FakeReplicaService, client: httpx.Client) -> None:
    """The replica of each state is one that the OpenAPI document describes, on both routes."""
    paths = client.get("/openapi.json").json()["paths"]
    service.fault("training-error")
    ids = [created(client, "/v2/faces", **A_VIDEO, model_name="phoenix-4.5") for _ in range(2)]
    for _ in range(3):
        for path, one in [("/v2/faces/{face_id}", i) for i in ids] + [
            ("/v2/replicas/{replica_id}", i) for i in ids
        ]:
            described = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            asked = path.partition("{")[0] + one
            jsonschema.validate(client.get(asked, params={"verbose": "true"}).json(), described)
        service.advance(TRAINING_S)

    assert openapi_document()["paths"] == paths


# ---- faults


@pytest.mark.parametrize(
    "name", [n for n, kind in FAULTS.items() if kind.moment is Moment.BEFORE and n.isdigit()]
)
def test_a_refusal_before_anything_is_done(
    name: str, service: FakeReplicaService, client: httpx.Client
) -> None:
    """It is answered once, and nothing is made."""
    service.fault(name)
    refused, taken = client.post("/v2/replicas", json=VIDEO), client.post("/v2/replicas", json=VIDEO)

    assert (int(name), 200) == (refused.status_code, taken.status_code)
    assert 1 == len(service.replicas)
    assert "retry-after" not in refused.headers
    assert [int(name), 200] == [request.status for request in service.requests]


def test_what_refusals_say(service: FakeReplicaService, client: httpx.Client) -> None:
    """The texts that are documented or reported, and pages where gateways send them."""

    def said(name: str) -> Any:
        service.fault(name)
        answer = client.post("/v2/replicas", json=VIDEO)
        is_json = answer.headers["content-type"] == "application/json"
        return answer.json() if is_json else answer.headers["content-type"].partition(";")[0]

    assert {"message": "Invalid access token"} == said("401")
    assert {"message": "Payment required"} == said("402")
    assert {"error": "Too many requests"} == said("429")
    assert ["text/html", "text/html", "text/html", "text/plain"] == [
        said(n) for n in ("403", "502", "504", "503")
    ]


@pytest.mark.parametrize("name", ["429", "503"])
@pytest.mark.parametrize("value", [7, "0", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_after(name: str, value: Any, service: FakeReplicaService, client: httpx.Client) -> None:
    """In seconds or as a date."""
    service.fault(name, value)

    assert str(value) == client.post("/v2/replicas", json=VIDEO).headers["retry-after"]


@pytest.mark.parametrize("name", ["500-after", "502-after", "503-after", "504-after"])
def test_trouble_after_it_was_done(name: str, service: FakeReplicaService, client: httpx.Client) -> None:
    """The client is told that it failed, and the replica is there."""
    service.fault(name)

    assert int(name[:3]) == client.post("/v2/replicas", json=VIDEO).status_code
    assert 1 == len(service.replicas)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("without-id", b'{"status": "started"}'),
        ("not-json", b"OK"),
        ("html", b"<html><body>OK</body></html>"),
        ("truncated", b'{"replica_id": "r5cc3a655'),
    ],
)
def test_answers_that_say_little(
    name: str, content: bytes, service: FakeReplicaService, client: httpx.Client
) -> None:
    """200, and the replica is there, but the answer does not name it."""
    service.fault(name)
    answer = client.post("/v2/replicas", json=VIDEO)

    assert (200, content) == (answer.status_code, answer.content)
    assert 1 == len(service.replicas)


def raw_answer(url: str) -> bytes:
    """What comes back for a create request, to the last byte. Raises ConnectionResetError."""
    body = json.dumps(VIDEO).encode()
    head = f"POST /v2/replicas HTTP/1.1\r\nHost: fake\r\nx-api-key: k\r\nContent-Length: {len(body)}\r\n\r\n"
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received


@pytest.mark.parametrize(("suffix", "made"), [("", 0), ("-after", 1)])
def test_a_connection_that_ends_without_an_answer(
    suffix: str, made: int, service: FakeReplicaService
) -> None:
    """Closed is an end without a byte, reset is an error; before or after the replica was made."""
    service.fault(f"dropped{suffix}")
    assert b"" == raw_answer(service.url)
    assert made == len(service.replicas)

    service.fault(f"reset{suffix}")
    with pytest.raises(ConnectionResetError):
        raw_answer(service.url)
    assert 2 * made == len(service.replicas)
    assert [None, None] == [request.status for request in service.requests]


def test_an_answer_that_is_cut_short(service: FakeReplicaService) -> None:
    """Half of what Content-Length promised, and then the end."""
    service.fault("cut-short")
    head, _, body = raw_answer(service.url).partition(b"\r\n\r\n")

    assert b"content-length: 51" in head.lower()
    assert b'{"replica_id": "r5cc3a655' == body
    assert 1 == len(service.replicas)


def test_an_answer_that_comes_late(service: FakeReplicaService, client: httpx.Client) -> None:
    """A client that does not wait for it has made a replica without knowing; one that does gets it whole."""
    service.fault("slow", 60)
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v2/replicas", json=VIDEO, timeout=0.2)
    assert 1 == len(service.replicas)

    service.fault("slow", 0.2)
    began = time.monotonic()
    assert 200 == client.post("/v2/replicas", json=VIDEO).status_code
    assert time.monotonic() - began >= 0.2


def test_faults_wait_for_their_operation(service: FakeReplicaService, client: httpx.Client) -> None:
    """Each strikes as often as it was asked to, on what it was asked for, in order."""
    one = created(client)
    service.fault("503", times=2, on="get")
    service.fault("429", on="voices")
    service.fault("500", on="any")
    service.fault("502", on="any")

    assert [503, 503, 500] == [client.get(f"/v2/replicas/{one}").status_code for _ in range(3)]
    assert [429, 502, 200] == [client.get("/v2/voices").status_code for _ in range(3)]
    assert () == service.faults


@pytest.mark.parametrize("operation", [o for o in Operation if o is not Operation.ANY])
def test_every_operation_can_fail(
    operation: Operation, service: FakeReplicaService, client: httpx.Client
) -> None:
    """Before it is done, and after."""
    one = created(client)
    method, path, body = {
        Operation.CREATE: ("POST", "/v2/faces", A_VIDEO),
        Operation.GET: ("GET", f"/v2/faces/{one}", None),
        Operation.LIST: ("GET", "/v2/faces", None),
        Operation.RENAME: ("PATCH", f"/v2/faces/{one}", {}),
        Operation.DELETE: ("DELETE", f"/v2/faces/{one}", None),
        Operation.VOICES: ("GET", "/v2/voices", None),
    }[operation]
    service.fault("503", on=operation)
    service.fault("dropped-after", on=operation)

    assert 503 == client.request(method, path, json=body).status_code
    with pytest.raises(httpx.RemoteProtocolError):
        client.request(method, path, json=body)
    assert operation is service.requests[-1].operation


@pytest.mark.parametrize("name", [name for name, kind in FAULTS.items() if kind.moment is Moment.AFTER])
@pytest.mark.parametrize(("method", "on"), [("DELETE", "delete"), ("GET", "get")])
def test_every_fault_of_afterwards_can_be_played(
    name: str,
    method: str,
    on: str,
    service: FakeReplicaService,
    client: httpx.Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also where the answer has no body: nothing in the server stumbles over it."""
    path = f"/v2/replicas/{created(client)}"
    service.fault(name, 0.01 if name == "slow" else None, on=on)
    with contextlib.suppress(httpx.RemoteProtocolError, httpx.ReadError):
        client.request(method, path)

    assert () == service.faults
    assert [] == [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert len(service.replicas) == (method == "GET")


def test_a_refused_request_meets_no_fault_of_afterwards(
    service: FakeReplicaService, client: httpx.Client
) -> None:
    """They are for what was done; the fault goes on waiting."""
    service.fault("dropped-after")
    service.fault("training-error")

    assert 400 == client.post("/v2/replicas", json={}).status_code
    assert 2 == len(service.faults)


def test_a_replica_that_is_listed_later(service: FakeReplicaService, client: httpx.Client) -> None:
    """It is there from the beginning for those who know its id."""
    service.fault("unlisted", 30)
    one = created(client)

    def total() -> int:
        return int(client.get("/v2/replicas", params={"replica_type": "user"}).json()["total_count"])

    assert 0 == total()
    assert 200 == client.get(f"/v2/replicas/{one}").status_code
    service.advance(30)
    assert 1 == total()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("503", Fault("503")),
        ("503:2", Fault("503", times=2)),
        ("429=7:2@voices", Fault("429", "7", 2, Operation.VOICES)),
        ("slow=0.5@any", Fault("slow", 0.5, 1, Operation.ANY)),
        ("training-error=video_fps", Fault("training-error", "video_fps")),
        ("429=Wed, 21 Oct 2026 07:28:00 GMT", Fault("429", "Wed, 21 Oct 2026 07:28:00 GMT")),
    ],
)
def test_faults_as_they_are_spelt(text: str, fault: Fault) -> None:
    """Name, value, how often, on what."""
    assert fault == Fault.read(text)


@pytest.mark.parametrize(
    "text", ["", "504x", "503:0", "503@nothing", "dropped=1", "slow=x", "slow=-1", "slow=nan", "429=\x1b",
             "training-stuck=100", "training-error@get", "503:2:3", "429=é"]
)  # fmt: skip
def test_faults_that_there_are_not(text: str) -> None:
    """They are refused where they are asked for, not passed over later."""
    with pytest.raises(ConfigurationError):
        Fault.read(text)


# ---- callbacks


@contextmanager
def receiver(status: int = 200, **headers: str) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Somebody who is called back: their address, and what they were told."""
    told: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/token?query=1", told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def finished(service: FakeReplicaService, count: int = 1) -> bool:
    return service.wait_for(lambda s: len(s.calls_back) >= count, timeout_s=10)


@pytest.mark.parametrize("route", [REPLICAS, FACES])
def test_the_callback(route: str, service: FakeReplicaService, client: httpx.Client) -> None:
    """Once, at the end, with what the documentation shows and no more."""
    with receiver() as (url, told):
        one = created(client, route, **A_VIDEO, callback_url=url)
        assert [] == told
        service.advance(TRAINING_S)

        assert finished(service)
    assert [("/hook/token?query=1", {f"{route[4:-1]}_id": one, "status": "ready"})] == told
    assert [(True, 200, None)] == [(call.sent, call.status, call.trouble) for call in service.calls_back]


def test_the_callback_of_an_error(service: FakeReplicaService, client: httpx.Client) -> None:
    """It names the error."""
    service.fault("training-error", "video_fps")
    with receiver() as (url, told):
        one = created(client, **VIDEO, callback_url=url)
        service.advance(TRAINING_S)

        assert finished(service)
    message = vendor_errors()["video_fps"].messages[0]
    assert [{"replica_id": one, "status": "error", "error_message": message}] == [body for _, body in told]


def test_a_callback_that_comes_twice(service: FakeReplicaService, client: httpx.Client) -> None:
    """As networks bring it about."""
    service.fault("callback-twice")
    with receiver() as (url, told):
        created(client, **VIDEO, callback_url=url)
        service.advance(TRAINING_S)

        assert finished(service, 2)
    assert told[0] == told[1]
    assert 2 == len(told)


def test_callbacks_that_come_late_or_never(service: FakeReplicaService, client: httpx.Client) -> None:
    """The replica is completed before, and the others are not held up."""
    service.fault("callback-never")
    service.fault("callback-late", 50)
    with receiver() as (url, told):
        never, late, punctual = (created(client, **VIDEO, callback_url=url) for _ in range(3))
        service.advance(TRAINING_S)
        assert finished(service)
        assert "completed" == client.get(f"/v2/replicas/{late}").json()["status"]
        service.advance(50)
        assert finished(service, 2)
    assert [punctual, late] == [body["replica_id"] for _, body in told]
    assert never not in str(told)


def test_callbacks_stay_on_this_machine(service: FakeReplicaService, client: httpx.Client) -> None:
    """To any other address they are recorded, and not sent."""
    created(client, **VIDEO, callback_url="https://hook.example/token")
    service.advance(TRAINING_S)

    assert finished(service)
    assert [(False, None)] == [(call.sent, call.status) for call in service.calls_back]


def test_callbacks_follow_no_redirect(service: FakeReplicaService, client: httpx.Client) -> None:
    """The answer is taken as it is."""
    with receiver(307, Location="/elsewhere") as (url, told):
        created(client, **VIDEO, callback_url=url)
        service.advance(TRAINING_S)

        assert finished(service)
    assert 307 == service.calls_back[0].status
    assert 1 == len(told)


def test_callbacks_to_nobody(
    service: FakeReplicaService, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is not there, or does not answer, holds nothing up."""
    monkeypatch.setattr(app_module, "CALLBACK_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        created(client, **VIDEO, callback_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        created(client, **VIDEO, callback_url="http://127.0.0.1:1/")
        service.advance(TRAINING_S)

        assert finished(service, 2)
    assert [(True, None)] * 2 == [(call.sent, call.status) for call in service.calls_back]
    assert {"ConnectError"} < {call.trouble for call in service.calls_back}


def test_a_deleted_replica_calls_nobody(service: FakeReplicaService, client: httpx.Client) -> None:
    """Nor does one whose training is stuck."""
    service.fault("training-stuck")
    with receiver() as (url, told):
        created(client, **VIDEO, callback_url=url)
        client.delete(f"/v2/replicas/{created(client, **VIDEO, callback_url=url)}")
        created(client, **VIDEO, callback_url=url)
        service.advance(TRAINING_S)

        assert finished(service)
        assert service.wait_for(lambda s: not s.awaits_callbacks)
    assert 1 == len(told)


# ---- the controls


def test_faults_over_the_wire(service: FakeReplicaService, client: httpx.Client) -> None:
    """For jobs in other languages: set, shown, taken back."""
    one = client.post("/_fake/faults", json={"name": "503", "times": 2, "on": "voices"})
    two = client.post("/_fake/faults", json=["slow=0.1", "429=7:3"])

    assert {"faults": [{"name": "503", "value": None, "times": 2, "on": "voices"}]} == one.json()
    assert ["503", "slow", "429"] == [fault["name"] for fault in two.json()["faults"]]
    assert 503 == client.get("/v2/voices").status_code
    assert 3 == len(client.get("/_fake/faults").json()["faults"])
    assert {"faults": []} == client.delete("/_fake/faults").json()
    assert 200 == client.get("/v2/voices").status_code


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        1,
        {"name": "nothing"},
        {"name": []},
        {"name": "slow", "value": {}},
        {"name": "503", "on": []},
        {"name": "503", "times": True},
        {"name": "503", "more": 1},
        ["503", "nothing"],
    ],
)
def test_faults_over_the_wire_that_there_are_not(
    wanted: Any, service: FakeReplicaService, client: httpx.Client
) -> None:
    """All or none are taken."""
    answer = client.post("/_fake/faults", json=wanted)

    assert 400 == answer.status_code
    assert answer.json()["error"]
    assert () == service.faults


def test_controls_want_json(service: FakeReplicaService, client: httpx.Client) -> None:
    """A page in a browser cannot send that to another origin unasked."""
    plain = client.post("/_fake/faults", content=b'"503"', headers={"content-type": "text/plain"})
    broken = client.post("/_fake/faults", content=b"{", headers={"content-type": "application/json"})

    assert [400, 400] == [plain.status_code, broken.status_code]
    assert () == service.faults


def test_what_was_received_is_shown_without_secrets(
    service: FakeReplicaService, client: httpx.Client
) -> None:
    """Neither the key, nor queries, nor the path of a callback."""
    client.post("/v2/replicas", json=VIDEO | {"callback_url": "https://hook.example/secret"})
    client.get("/v2/replicas", params={"replica_ids": "secret"})
    service.advance(TRAINING_S)
    assert finished(service)
    shown = client.get("/_fake/requests")
    create, listing = shown.json()["requests"]
    calls = client.get("/_fake/callbacks")

    assert create["body"] == {
        "train_video_url": "https://media.example/clip.mp4?***",
        "replica_name": "Maria",
        "callback_url": "https://hook.example/***",
    }
    assert ("***", {"replica_ids": "***"}, 200) == (listing["x-api-key"], listing["query"], listing["status"])
    assert "https://hook.example/***" == calls.json()["callbacks"][0]["url"]
    for text in (shown.text, calls.text, repr(service.requests), repr(service.calls_back)):
        assert "secret" not in text
        assert "'test'" not in text


def test_the_clock_and_the_reset_over_the_wire(service: FakeReplicaService, client: httpx.Client) -> None:
    """Time goes forward, and everything begins anew."""
    one = created(client)
    client.post("/_fake/clock", json={"advance_s": TRAINING_S}).raise_for_status()
    assert "completed" == client.get(f"/v2/replicas/{one}").json()["status"]
    for wrong in ({"advance_s": -1}, {"advance_s": 1e300}, {"advance_s": "1"}, {}):
        assert 400 == client.post("/_fake/clock", json=wrong).status_code

    assert 204 == client.post("/_fake/reset").status_code
    assert ((), ()) == (service.requests, service.replicas)
    assert one == created(client)


# ---- serving it


def test_two_clients_at_once(service: FakeReplicaService) -> None:
    """Every request makes one replica with an id of its own."""

    def make(number: int) -> list[str]:
        with httpx.Client(base_url=service.url, headers=KEY) as mine:
            return [created(mine, **A_VIDEO, replica_name=f"{number} {n}") for n in range(25)]

    with ThreadPoolExecutor(2) as pool:
        ids = [one for made in pool.map(make, range(2)) for one in made]

    assert 50 == len(set(ids)) == len(service.replicas) == len(service.creates)


def test_several_fakes_at_once_and_the_same_ids() -> None:
    """They know nothing of each other; the ids come from the seed alone."""
    with (
        serving_fake() as first,
        serving_fake(voices=["zoe"]) as second,
        serving_fake(seed="other", faults=["503"]) as third,
    ):
        clients = [httpx.Client(base_url=s.url, headers=KEY) for s in (first, second, third)]
        assert 503 == clients[2].post("/v2/replicas", json=VIDEO).status_code
        a, b, c = ([created(one) for _ in range(3)] for one in clients)
        assert 1 == clients[1].get("/v2/voices").json()["total_count"]
        for one in clients:
            one.close()

    assert a == b
    assert not set(a) & set(c)


def test_nothing_is_left_behind() -> None:
    """Neither a thread nor a port, also where an answer was waited for and a callback was still to come."""
    before = set(threading.enumerate())
    with ThreadPoolExecutor(1) as pool:
        with serving_fake(training_s=1000) as service:
            service.fault("slow", 600)
            body = VIDEO | {"callback_url": "http://127.0.0.1:1/"}
            waiting = pool.submit(httpx.post, f"{service.url}/v2/replicas", json=body, headers=KEY)
            assert service.wait_for(lambda s: s.creates)
            began = time.monotonic()
        assert time.monotonic() - began < 5
        assert 200 == waiting.result(5).status_code

    assert before == set(threading.enumerate())
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{service.url}/v2/voices")


def test_it_stops_in_the_middle_of_a_request(caplog: pytest.LogCaptureFixture) -> None:
    """Without a word, and without waiting for the rest of it. What did not arrive whole makes nothing."""
    with serving_fake() as service:
        place = urlsplit(service.url)
        asking = socket.create_connection((place.hostname, place.port), timeout=10)
        whole = json.dumps(VIDEO).encode()
        asking.sendall(
            b"POST /v2/replicas HTTP/1.1\r\nHost: f\r\nx-api-key: k\r\nContent-Length: 500\r\n\r\n" + whole
        )
        assert 401 == httpx.get(f"{service.url}/v2/voices").status_code  # by now the other has been read
        began = time.monotonic()
    stopped = time.monotonic() - began
    asking.close()

    assert stopped < 5
    assert () == service.replicas
    assert [] == [record.message for record in caplog.records if record.levelname in ("ERROR", "WARNING")]


def test_the_readers_line_is_accepted() -> None:
    """The README's line is one that the command takes."""
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^preflight fake-service (.*) &$", readme, re.MULTILINE)

    context = cli.commands["fake-service"].make_context("fake-service", shlex.split(line))

    assert 8421 == context.params["port"]
    assert [Fault("dropped-after")] == [Fault.read(text) for text in context.params["faults"]]


def test_the_application_by_itself() -> None:
    """It can be mounted elsewhere, where only the faults that end a connection cannot be played."""
    import asyncio

    app = fake_service(training_s=0, faults=["dropped@voices"])

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://fake", headers=KEY) as inside:
            with pytest.raises(app_module.ConnectionDropped):
                await inside.get("/v2/voices")
            answer = await inside.post("/v2/replicas", json=VIDEO)
            return await inside.get(f"/v2/replicas/{answer.json()['replica_id']}")

    assert "completed" == asyncio.run(ask()).json()["status"]
    assert 1 == len(app.state.service.creates)


def test_a_clock_of_ones_own() -> None:
    """Times are those of the clock that it was given."""
    midnight = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with (
        serving_fake(now=lambda: midnight) as service,
        httpx.Client(base_url=service.url, headers=KEY) as one,
    ):
        made = one.get(f"/v2/replicas/{created(one)}").json()["created_at"]

    assert "2026-01-01T00:00:00.000Z" == made


@pytest.mark.parametrize(
    "settings", [{"training_s": -1}, {"training_s": float("nan")}, {"faults": ["nothing"]}]
)
def test_settings_that_make_no_sense(settings: Any) -> None:
    """They are refused before anything is served."""
    with pytest.raises(ConfigurationError), serving_fake(**settings):
        pass


def test_without_the_extra() -> None:
    """The message says what to install."""
    code = (
        "import sys; sys.modules['starlette'] = None\n"
        "from submit.errors import ConfigurationError\n"
        "try:\n    from submit.testing import serving_fake\n"
        "except ConfigurationError as exc:\n    print(exc)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )

    assert "needs starlette" in done.stdout
    assert "pip install 'replica-preflight[web]'" in done.stdout


# ---- the command


COMMAND = [sys.executable, "-c", "from submit.cli import main; main()", "fake-service"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command(number: signal.Signals) -> None:
    """It says where it is, answers as it was told to, and ends with 0 when it is told to end."""
    arguments = ["--training-s", "0", "--voices", "zoe, max", "--fault", "503:1@voices"]
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # who runs the tests may ignore it
    ) as run:
        try:
            assert run.stdout is not None
            line = run.stdout.readline()
            url = line.partition(" ")[0]
            with httpx.Client(base_url=url, headers=KEY) as client:
                assert 503 == client.get("/v2/voices").status_code
                assert ["zoe", "max"] == [v["voice_name"] for v in client.get("/v2/voices").json()["data"]]
                assert "completed" == client.get(f"/v2/faces/{created(client)}").json()["status"]
            run.send_signal(number)
            out, err = run.communicate(timeout=10)
        finally:
            run.kill()

    assert f"TAVUS_BASE_URL={url} TAVUS_API_KEY=test preflight submit" in line
    assert (0, "", "") == (run.returncode, out, err)


def fake_service_command(*arguments: str) -> int:
    """Run it in this process, and say how it ended."""
    return int(cli.commands["fake-service"].main(list(arguments), standalone_mode=False))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--host", "0.0.0.0"], "not a loopback address"),  # noqa: S104 - it is refused
        (["--host", "example.com"], "is not an address"),
        (["--fault", "nothing"], "there is no fault 'nothing'"),
        (["--training-s", "nan"], "a training takes"),
    ],
)
def test_what_the_command_refuses(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, before it listens."""
    assert 2 == fake_service_command(*arguments)
    assert "" == (said := capsys.readouterr()).out
    assert complaint in said.err


def test_a_port_that_is_taken(service: FakeReplicaService, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names it."""
    port = str(urlsplit(service.url).port)

    assert 2 == fake_service_command("--port", port)
    assert f"cannot listen on 127.0.0.1 port {port}" in capsys.readouterr().err


def test_the_command_lists_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """Every one, with what its value means."""
    assert 0 == fake_service_command("--list-faults")
    assert list(FAULTS) == [line.split()[0] for line in capsys.readouterr().out.splitlines()]
