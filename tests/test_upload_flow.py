"""The example of an upload flow, end to end: a bucket, a service, callbacks and all, on this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from examples.upload_flow.app import create_app
from examples.upload_flow.settings import Settings
from submit import new_token
from submit.testing import FakeReplicaService, serving_fake
from tests.web_app import serving_app

pytestmark = [
    pytest.mark.media,
    pytest.mark.timeout(120),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:moto"),
]

ROOT = Path(__file__).resolve().parent.parent
PORTRAIT = ROOT / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg"
SMALL = ROOT / "fixtures" / "training_image" / "too-small-error" / "portrait.jpg"
CLIP = ROOT / "fixtures" / "training_video" / "statement-at-opening-valid" / "clip.mp4"
KEY, TOKEN = "canary-key", new_token()
OVER = {"not-cleared", "needs-person", "doubtful", "refused", "completed", "failed"}


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Where an S3-compatible store answers."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    resource: Any = boto3.resource("s3", endpoint_url=store)
    return resource.create_bucket(Bucket=tmp_path.name.replace("_", "-").lower()[-60:])


@pytest.fixture
def service() -> Iterator[FakeReplicaService]:
    with serving_fake(training_s=1.0) as service:
        yield service


@pytest.fixture
def settings(
    bucket: Any, store: str, service: FakeReplicaService, recogniser_folder: Path, tmp_path: Path
) -> Settings:
    (tmp_path / "uploads").mkdir()
    return Settings(
        api_key=KEY,
        bucket=bucket.name,
        bucket_endpoint=store,
        base_url=service.url,
        callback_token=TOKEN,
        asr_model=str(recogniser_folder),
        allow_hosts=("127.0.0.1",),
        ledger=str(tmp_path / "ledger.sqlite3"),
        folder=tmp_path / "uploads",
        poll_s=0.1,
    )


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    with serving_app(lambda url: create_app(replace(settings, public_url=url))) as url:
        yield url


def uploaded(site: str, files: dict[str, Path], **fields: str) -> httpx.Response:
    """Under a name that would be another place, were it one."""
    sent = {name: (f"../../{path.name}", path.read_bytes()) for name, path in files.items()}
    return httpx.post(f"{site}/uploads", files=sent, data=fields, timeout=30, trust_env=False)


def followed(site: str, job: dict[str, Any], *, until: Callable[[str], bool] = OVER.__contains__) -> Any:
    """The upload, once it has come so far."""
    deadline = time.monotonic() + 90
    while not until(job["state"]):
        assert time.monotonic() < deadline, job
        threading.Event().wait(0.05)
        job = httpx.get(f"{site}/uploads/{job['job']}", timeout=30, trust_env=False).json()
    return job


def test_a_photo_becomes_a_replica_once(
    site: str, service: FakeReplicaService, bucket: Any, settings: Settings
) -> None:
    """The end comes by a callback; the same photo again is the same replica."""
    jobs = [
        followed(site, uploaded(site, {"train_image": PORTRAIT}, voice_name="Anna").json()) for _ in range(2)
    ]
    (replica,) = service.replicas

    assert ["completed", "completed"] == [job["state"] for job in jobs]
    assert {replica.replica_id} == {job["replica_id"] for job in jobs}
    assert 1 == len(service.creates) == len(service.calls_back)
    assert 204 == service.calls_back[0].status
    assert PORTRAIT.read_bytes() == next(iter(bucket.objects.all())).get()["Body"].read()
    assert "X-Amz-Expires=172800" in service.creates[0]["train_image_url"]
    assert [] == list((settings.folder or Path()).iterdir())
    shown = repr(jobs)
    assert not [secret for secret in (KEY, TOKEN, "X-Amz-Signature") if secret in shown]


@pytest.mark.asr
def test_a_video_becomes_a_replica(settings: Settings, service: FakeReplicaService) -> None:
    """Its consent is heard; where nobody calls, the training is asked about."""
    with serving_app(lambda _: create_app(replace(settings, callback_token=None))) as site:
        job = uploaded(site, {"train_video": CLIP}, full_name="Maria Lopez", replica_name="Maria").json()
        done = followed(site, job)

    assert ("completed", "pass") == (done["state"], done["report"]["verdict"])
    assert "Maria" == service.replicas[0].name
    assert "callback_url" not in service.creates[0]


def test_what_does_not_pass_is_neither_stored_nor_sent(
    site: str, service: FakeReplicaService, bucket: Any, settings: Settings
) -> None:
    done = followed(site, uploaded(site, {"train_image": SMALL}, voice_name="anna").json())

    assert ("not-cleared", ()) == (done["state"], service.creates)
    assert {"IMG002"} <= {finding["code"] for finding in done["report"]["findings"]}
    assert [] == list(bucket.objects.all())
    assert [] == list((settings.folder or Path()).iterdir())


def test_a_doubt_is_shown_and_resolved_by_uploading_again(site: str, service: FakeReplicaService) -> None:
    service.fault("dropped-after")
    first = followed(site, uploaded(site, {"train_image": PORTRAIT}, voice_name="anna").json())
    second = followed(site, uploaded(site, {"train_image": PORTRAIT}, voice_name="anna").json())

    assert ("doubtful", True) == (first["state"], "preflight ledger" in first["message"])
    assert ("completed", 1) == (second["state"], len(service.creates))


@pytest.mark.parametrize(("fault", "said"), [("402", "plan"), ("401", "TAVUS_API_KEY")])
def test_a_refusal_is_told(site: str, service: FakeReplicaService, fault: str, said: str) -> None:
    service.fault(fault)
    done = followed(site, uploaded(site, {"train_image": PORTRAIT}, voice_name="anna").json())

    assert ("refused", True) == (done["state"], said in done["message"])


def test_a_training_that_fails_is_told(site: str, service: FakeReplicaService) -> None:
    service.fault("training-error", "ImageQualityError")
    done = followed(site, uploaded(site, {"train_image": PORTRAIT}, voice_name="anna").json())

    assert ("failed", True) == (done["state"], "blurry" in done["message"])


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        ({}, {}),
        ({"train_video": CLIP, "train_image": PORTRAIT}, {"full_name": "Maria Lopez"}),
        ({"train_video": SMALL}, {}),
        ({"train_video": SMALL}, {"full_name": " "}),
        ({"train_image": SMALL}, {"voice_name": "x" * 101}),
    ],
)
def test_what_makes_no_sense_is_not_taken(site: str, files: dict[str, Path], fields: dict[str, str]) -> None:
    assert 422 == uploaded(site, files, **fields).status_code


@pytest.mark.parametrize("length", [None, "1", "400000"])
def test_an_upload_has_a_limit(settings: Settings, length: str | None) -> None:
    """Whatever it says of its length: the answer comes before all of it was sent."""
    limited = replace(settings, max_bytes=100_000)
    with serving_app(lambda _: create_app(limited)) as site:
        host, port = site.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            how = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
            form = "Content-Type: multipart/form-data; boundary=b"
            head = f"POST /uploads HTTP/1.1\r\nHost: x\r\n{form}\r\n{how}"
            start = b'--b\r\nContent-Disposition: form-data; name="train_video"; filename="a"\r\n\r\n'
            line.sendall(f"{head}\r\n\r\n".encode())
            answer = b""
            try:
                for _ in range(50):
                    part = start + b"a" * (8_000 - len(start))
                    line.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n" if length is None else part)
                    start = b""
            except OSError:
                pass
            try:
                answer = line.recv(1000)
            except ConnectionResetError:
                answer = b"reset"

    assert length == "1" or answer.startswith(b"HTTP/1.1 413 ") or answer == b"reset"
    assert length != "1" or answer.startswith(b"HTTP/1.1 4")
    assert [] == list((settings.folder or Path()).iterdir())


def test_a_queue_has_a_limit(settings: Settings, service: FakeReplicaService) -> None:
    """Who comes too late is told so, and nothing of the upload is kept."""
    service.fault("slow", 3.0)
    with serving_app(lambda _: create_app(replace(settings, max_waiting=1))) as site:
        first = uploaded(site, {"train_image": PORTRAIT}, voice_name="anna").json()
        followed(site, first, until=lambda state: state != "queued")
        answers = [uploaded(site, {"train_image": SMALL}, voice_name="anna") for _ in range(3)]

    assert [202, 503, 503] == [answer.status_code for answer in answers]
    assert [] == list((settings.folder or Path()).iterdir())


def test_strangers_are_told_nothing(site: str) -> None:
    for path in ("/uploads/x", "/uploads/", "/uploads", "/callbacks/x"):
        assert httpx.get(f"{site}{path}", timeout=30, trust_env=False).status_code in (404, 405, 307)


def test_the_page_asks_nobody_else(site: str) -> None:
    page = httpx.get(site, timeout=30, trust_env=False)

    assert ("text/html; charset=utf-8", 200) == (page.headers["content-type"], page.status_code)
    assert "http" not in page.text.replace('lang="en"', "")
