"""The example of an upload flow, end to end: a real application, a bucket and a fake service on loopback."""

from __future__ import annotations

import contextlib
import logging
import re
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from examples.upload_flow.app import create_app
from examples.upload_flow.settings import POLICY, Settings
from preflight.policy import load_policy
from submit import Ledger, new_token
from submit.ledger import State
from submit.testing import FakeReplicaService, serving_fake
from tests.conftest import ROOT
from tests.web_app import serving_app

pytestmark = [pytest.mark.media, pytest.mark.timeout(120)]

IMAGES, VIDEOS = ROOT / "fixtures" / "training_image", ROOT / "fixtures" / "training_video"
PORTRAIT = IMAGES / "portrait-valid" / "portrait.jpg"
FAULTY = next((IMAGES / "too-small-error").glob("*.*g"))
EXAMPLE = ROOT / "examples" / "upload_flow"
KEY, TOKEN, BUCKET = "canary-key-91d7", new_token(), "uploads"
RUNNING = {"queued", "checking", "submitting"}
LONGEST_S = 60.0


class Flow:
    """One served application, and what it works with."""

    def __init__(self, url: str, service: FakeReplicaService, bucket: Any) -> None:
        self.url, self.service, self._bucket = url, service, bucket

    def post(self, path: Path | None = None, field: str = "train_image", **texts: str) -> httpx.Response:
        files = {} if path is None else {field: (path.name, path.read_bytes(), "image/jpeg")}
        return self.send(files, **texts)

    def send(self, files: dict[str, Any], **texts: str) -> httpx.Response:
        return httpx.post(f"{self.url}/uploads", files=files, data=texts, trust_env=False, timeout=30)

    def photo(self, path: Path = PORTRAIT) -> str:
        """The address of an upload that was taken in."""
        answer = self.post(path, voice_name="anna")
        assert (202, "queued") == (answer.status_code, answer.json()["state"])
        return str(answer.headers["location"])

    def job(self, location: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}{location}", trust_env=False, timeout=30).raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    def until(self, location: str, happened: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """As its page does: ask until it is so."""
        deadline = time.monotonic() + LONGEST_S
        while not happened(job := self.job(location)):
            assert time.monotonic() < deadline, job
            time.sleep(0.02)
        return job

    def settled(self, location: str) -> dict[str, Any]:
        return self.until(location, lambda job: job["state"] not in RUNNING)

    @property
    def stored(self) -> list[str]:
        return [entry["Key"] for entry in self._bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """An empty one. Its endpoint and keys are where boto3 looks for them, and no others are."""
    for name, value in {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{endpoint}/moto-api/reset", trust_env=False, timeout=30).raise_for_status()
    bucket = boto3.client("s3")
    bucket.create_bucket(Bucket=BUCKET)
    return bucket


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The ledger's; as the environment names it."""
    place = str(tmp_path / "ledger.sqlite3")
    monkeypatch.setenv("PREFLIGHT_LEDGER", place)
    return place


@pytest.fixture
def serve(
    bucket: Any,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Callable[..., Any]]:
    """Serve the application beside a fake service; nothing of it is left on the disk, nor secrets in logs."""
    caplog.set_level(logging.DEBUG)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    @contextlib.contextmanager
    def serve(*, training_s: float = 3600.0, **settings: Any) -> Iterator[Flow]:
        with serving_fake(training_s=training_s) as service:

            def make(url: str) -> Any:
                given: dict[str, Any] = {"public_url": url, "callback_token": TOKEN} | settings
                return create_app(
                    Settings(
                        api_key=KEY,
                        bucket=BUCKET,
                        base_url=service.url,
                        allow_hosts=("127.0.0.1",),
                        **given,
                    )
                )

            with serving_app(make) as url:
                yield Flow(url, service, bucket)

    yield serve
    assert [] == list(temporary.iterdir())
    kept = [record for phase in ("setup", "call", "teardown") for record in caplog.get_records(phase)]
    ours = [r for r in kept if not (r.name == "httpx" and "/callbacks/" in r.getMessage())]
    logged = "\n".join(map(caplog.handler.format, ours))
    assert TOKEN not in logged
    assert KEY not in logged


# What is cleared


def test_an_upload_becomes_a_replica(serve: Callable[..., Any], place: str) -> None:
    """Once, although it is uploaded twice; its end comes by the callback, and is in the ledger."""
    with serve(training_s=1.0) as flow:
        first, second = flow.photo(), flow.photo()
        done = [flow.until(job, lambda job: job["state"] == "completed") for job in (first, second)]
        flow.service.wait_for(lambda service: service.calls_back, timeout_s=10)

    (body,) = flow.service.creates
    (called,) = flow.service.calls_back
    (replica,) = flow.service.replicas
    assert (first == second, called.status, [replica.replica_id] * 2) == (
        False,
        204,
        [job["replica"]["replica_id"] for job in done],
    )
    assert "anna" == body["voice_name"]
    assert f"{flow.url}/callbacks/{TOKEN}" == body["callback_url"]
    assert ["172800"] == parse_qs(urlsplit(body["train_image_url"]).query)["X-Amz-Expires"]
    assert 1 == len(flow.stored)
    assert {"pass"} == {job["report"]["verdict"] for job in done}
    assert {"train_image"} == {job["report"]["assets"][0]["source"] for job in done}
    with Ledger(place) as ledger:
        assert ["completed"] == [entry.status for entry in ledger.entries()]


def test_a_training_that_fails(serve: Callable[..., Any]) -> None:
    """Is told as the service tells it."""
    with serve(training_s=0.5) as flow:
        flow.service.fault("training-error", "HeadphonesError")
        job = flow.until(flow.photo(), lambda job: job["state"] == "failed")

    assert "Headphones or a headset were detected" in job["error"]
    assert "error" == job["replica"]["status"]


@pytest.mark.parametrize("settings", [{"public_url": None, "callback_token": None}, {}])
def test_a_callback_that_never_comes(serve: Callable[..., Any], settings: dict[str, Any]) -> None:
    """Trainings are asked for all the same."""
    with serve(ask_again_s=0.05, **settings) as flow:
        flow.service.fault("callback-never")
        location = flow.photo()
        training = flow.settled(location)
        flow.service.fault("503", times=4, on="get")
        flow.service.advance(3601)
        job = flow.until(location, lambda job: job["state"] != "training")

    assert ("training", "completed") == (training["state"], job["state"])
    assert bool(settings) is not ("callback_url" in flow.service.creates[0])


@pytest.mark.asr
def test_a_video(serve: Callable[..., Any], recogniser_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the consent in its opening; and one with a consent that is denied, which goes nowhere."""
    monkeypatch.setenv("PREFLIGHT_ASR_MODEL", str(recogniser_folder))
    with serve(training_s=0.5) as flow:
        locations = [
            flow.post(VIDEOS / case / "clip.mp4", "train_video", full_name="Maria Lopez").headers["location"]
            for case in ("statement-at-opening-valid", "negated-error")
        ]
        cleared = flow.until(locations[0], lambda job: job["state"] == "completed")
        refused = flow.settled(locations[1])

    assert ("pass", "match") == (
        cleared["report"]["verdict"],
        cleared["report"]["consent"]["name"]["verdict"],
    )
    assert ("not-cleared", ["consent-negated"]) == (
        refused["state"],
        refused["report"]["consent"]["reasons"],
    )
    assert 1 == len(flow.service.creates) == len(flow.stored)


# What is not


def test_what_is_not_cleared_goes_nowhere(serve: Callable[..., Any]) -> None:
    """The findings say what to do; nothing is stored, nor is anybody asked."""
    with serve() as flow:
        job = flow.settled(flow.photo(FAULTY))

    blocking = [f for f in job["report"]["findings"] if f["severity"] == "error"]
    assert ("not-cleared", "fail") == (job["state"], job["report"]["verdict"])
    assert blocking
    assert all(finding["remedy"] for finding in blocking)
    assert ([], ()) == (flow.stored, flow.service.requests)


def test_what_is_no_picture_at_all(serve: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    with serve() as flow:
        job = flow.settled(flow.photo(path))

    assert ("not-cleared", [], ()) == (job["state"], flow.stored, flow.service.requests)


# What is in doubt, and what fails


def test_an_outcome_in_doubt(serve: Callable[..., Any], place: str) -> None:
    """Says how to settle it; the same upload again looks for it, and makes no second one."""
    with serve() as flow:
        flow.service.fault("dropped-after")
        job = flow.settled(flow.photo())
        with Ledger(place) as ledger:
            (entry,) = ledger.entries()
        again = flow.settled(flow.photo())

    assert ("doubtful", State.UNKNOWN) == (job["state"], entry.state)
    assert [f"preflight ledger show {entry.key[:12]}"] == job["resolve"][:1]
    assert job["resolve"][-1] in f"{job['error']} preflight ledger resolve {entry.key[:12]} --not-created"
    assert ("training", 1, 1) == (again["state"], len(flow.service.creates), len(flow.service.replicas))


@pytest.mark.parametrize(
    ("fault", "said"), [("402", "does not include custom replicas"), ("401", "did not accept the API key")]
)
def test_a_service_that_refuses(serve: Callable[..., Any], fault: str, said: str) -> None:
    """Is said; once it does not, the same upload goes through."""
    with serve() as flow:
        flow.service.fault(fault)
        job, again = flow.settled(flow.photo()), flow.settled(flow.photo())

    assert ("failed", "training") == (job["state"], again["state"])
    assert said in job["error"]


def test_a_bucket_that_is_not_there(serve: Callable[..., Any], bucket: Any) -> None:
    """Nobody is asked to fetch what is not stored; and no word of where that should have been."""
    with serve() as flow:
        bucket.delete_bucket(Bucket=BUCKET)
        job = flow.settled(flow.photo())

    assert ("failed", "the file could not be stored", ()) == (
        job["state"],
        job["error"],
        flow.service.creates,
    )


def test_a_voice_that_there_is_not(serve: Callable[..., Any]) -> None:
    with serve() as flow:
        job = flow.settled(flow.post(PORTRAIT, voice_name="nobody").headers["location"])

    assert "failed" == job["state"]
    assert "no voice 'nobody'" in job["error"]


# What is taken in


def test_a_file_that_is_too_large(serve: Callable[..., Any]) -> None:
    """One file, and a request as a whole: 413, and nothing is kept."""
    with serve(max_file_bytes=10_000, places=1) as flow:
        for size in (10_001, 2 * 10_000 + 70_000):
            answer = flow.send({"train_image": ("a.jpg", bytes(size))}, voice_name="anna")
            assert 413 == answer.status_code
        assert 202 == flow.send({"train_image": ("a.jpg", bytes(10_000))}, voice_name="anna").status_code


def test_no_place_left(serve: Callable[..., Any]) -> None:
    """503 before anything is read, until an upload is done with."""
    with serve(places=1) as flow:
        flow.service.fault("slow", 2.0)
        first = flow.photo()
        refused = flow.post(PORTRAIT, voice_name="anna")
        flow.settled(first)
        flow.until(first, lambda _: flow.post(PORTRAIT, voice_name="anna").status_code == 202)

    assert (503, "60") == (refused.status_code, refused.headers["retry-after"])


def test_forms_that_will_not_do(serve: Callable[..., Any]) -> None:
    """Told at once; each gives its place back."""
    photo = ("a.jpg", b"x")
    with serve(places=1) as flow:
        answers = [
            flow.send({}, full_name="Maria Lopez"),
            flow.send({"train_image": photo, "train_video": photo}),
            flow.send({"consent_video": photo}),
            flow.send({"other": photo}),
            flow.send({"train_image": ("a.jpg", b"")}),
            flow.send({"train_image": photo, "train_video": photo, "consent_video": photo}),
            flow.send({"train_image": photo}, full_name="x" * 2000),
            httpx.post(
                f"{flow.url}/uploads",
                content=b"--x",
                headers={"content-type": "multipart/form-data"},
                trust_env=False,
            ),
            httpx.post(f"{flow.url}/uploads", json={"train_image": "x"}, trust_env=False),
        ]
        codes = [answer.status_code for answer in answers]
        unknown = httpx.get(f"{flow.url}/uploads/unknown", trust_env=False)

    assert [422, 422, 422, 422, 422, 400, 400, 400, 422] == codes
    assert 404 == unknown.status_code


def test_what_a_user_calls_a_file_is_no_path(serve: Callable[..., Any], tmp_path: Path) -> None:
    with serve() as flow:
        name = f"../../../{tmp_path}/evil.jpg"
        answer = flow.send({"train_image": (name, PORTRAIT.read_bytes())}, voice_name="anna")
        job = flow.settled(answer.headers["location"])

    assert ("training", "train_image") == (job["state"], job["report"]["assets"][0]["source"])
    assert [] == list(tmp_path.rglob("evil*"))
    assert "evil" not in str(job) + str(flow.stored)


def test_an_upload_that_does_not_end(serve: Callable[..., Any]) -> None:
    """408, and its place is free again."""

    def slowly() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="train_image"; filename="a.jpg"\r\n\r\n'
        time.sleep(1.0)
        yield b"\r\n--x--\r\n"

    with serve(places=1, upload_s=0.3) as flow:
        answer = httpx.post(
            f"{flow.url}/uploads",
            content=slowly(),
            headers={"content-type": "multipart/form-data; boundary=x"},
            trust_env=False,
            timeout=30,
        )
        second = flow.post(PORTRAIT, voice_name="anna")

    assert (408, 202) == (answer.status_code, second.status_code)


def test_stopping_in_the_middle(serve: Callable[..., Any], place: str) -> None:
    """What is being sent comes to its end, so that there is no doubt about it; the files are deleted."""
    with serve() as flow:
        flow.service.fault("slow", 1.0)
        flow.photo()
        flow.photo(FAULTY)
        assert flow.service.wait_for(lambda service: service.creates, timeout_s=LONGEST_S)

    with Ledger(place) as ledger:
        assert [State.CREATED] == [entry.state for entry in ledger.entries()]


# What is copied with it


def test_the_page_asks_nobody_else(serve: Callable[..., Any]) -> None:
    """It is one file, without an address in it, and shows what was uploaded as text."""
    with serve() as flow:
        page = httpx.get(flow.url, trust_env=False).text

    assert (EXAMPLE / "page.html").read_text("utf-8") == page
    for other in ("http:", "https:", "//cdn", " src=", "<link", "@import", "innerHTML"):
        assert other not in page


def test_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the README lists them."""
    given = {
        "TAVUS_API_KEY": KEY,
        "UPLOAD_BUCKET": BUCKET,
        "PUBLIC_URL": "https://uploads.studio.dev/",
        "CALLBACK_TOKEN": TOKEN,
        "PREFLIGHT_ALLOW_HOSTS": "minio, 127.0.0.1,",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings.of_environment()
    readme = (EXAMPLE / "README.md").read_text("utf-8")

    assert f"https://uploads.studio.dev/callbacks/{TOKEN}" == settings.callback_url
    assert ("minio", "127.0.0.1") == settings.allow_hosts
    assert load_policy(POLICY).container.max_size.value == settings.max_file_bytes
    assert all(f"`{name}`" in readme for name in given)
    assert KEY not in repr(settings)
    assert TOKEN not in repr(settings)


def test_it_uses_what_is_public() -> None:
    """What is copied goes on working: nothing of it is from inside our packages."""
    used = re.findall(
        r"^\s*(?:from|import) ((?:preflight|submit)\b\S*)",
        "\n".join(path.read_text("utf-8") for path in EXAMPLE.glob("*.py")),
        re.MULTILINE,
    )

    assert {"preflight", "submit"} == set(used)


def test_requirements_are_those_of_the_project() -> None:
    """The same bounds as those it is tested with, and no address to fetch anything from."""
    lines = (EXAMPLE / "requirements.txt").read_text("utf-8").split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert "replica-preflight[web]" == lines[0]
    assert set(lines[1:]) <= set(project["dependency-groups"]["dev"])
