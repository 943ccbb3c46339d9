"""As a new user types it: files and addresses in, a trained replica out, or what went wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from submit.cli import main
from submit.testing import FakeReplicaService, serving_fake
from tests.web_server import WebServer
from tests.web_server import serving as serving_files

pytestmark = [pytest.mark.media, pytest.mark.timeout(90)]

ROOT = Path(__file__).resolve().parent.parent
PORTRAIT = ROOT / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg"
COMMAND = (sys.executable, "-c", "from submit.cli import main; main()")
NAME = "Maria Lopez"
KEY, QUERY, TOKEN = "canary-key", "canary-query", "canary-token-of-22-characters"
CANARIES = (KEY, QUERY, TOKEN)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Preflight = Callable[..., Ran]


@pytest.fixture
def service() -> Iterator[FakeReplicaService]:
    with serving_fake(training_s=0.5) as service:
        yield service


@pytest.fixture
def files() -> Iterator[WebServer]:
    with serving_files(PORTRAIT.read_bytes()) as files:
        files.content_type = "image/jpeg"
        yield files


@pytest.fixture
def environment(tmp_path: Path, service: FakeReplicaService) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": "",
        "TAVUS_API_KEY": KEY,
        "TAVUS_BASE_URL": service.url,
        "PREFLIGHT_ALLOW_HOSTS": "127.0.0.1",
    }


@pytest.fixture
def alone(tmp_path: Path, environment: dict[str, str]) -> Preflight:
    """The command, in a process of its own."""

    def run(*arguments: str, **more: str) -> Ran:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env=environment | {"PYTHONWARNINGS": "error"} | more,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return without_canaries(Ran(done.returncode, done.stdout, done.stderr))

    return run


@pytest.fixture
def preflight(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Preflight:
    """The command, in this process: a tenth of the time."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["preflight", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return without_canaries(Ran(int(left.value.code or 0), said.out, said.err))

    return run


def without_canaries(ran: Ran) -> Ran:
    assert not [canary for canary in CANARIES if canary in ran.out + ran.err]
    return ran


def image(files: WebServer, *more: str) -> tuple[str, ...]:
    """A photo of this machine, and where it is served."""
    served = files.url(f"/portrait.jpg?token={QUERY}")
    return ("--train-image", str(PORTRAIT), "--train-image-url", served, "--voice-name", "anna", *more)


def test_a_local_file_becomes_a_replica(
    alone: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    """Checked, compared with what is served, created, watched to its end; and again: nothing is sent."""
    callback = ("--callback-url", f"https://studio.tavus.io/{TOKEN}")
    first = alone("submit", *image(files, *callback), "--replica-name", "Maria", "--wait")
    (replica,) = service.replicas
    second = alone("submit", *image(files), "--replica-name", "Maria", "--wait")

    shown = f"{replica.replica_id}: started"
    assert (0, "", f"created {shown}") == (first.code, first.err, first.out.splitlines()[0][: len(shown) + 8])
    assert f"{replica.replica_id}: completed" == first.out.splitlines()[-1].partition(" (")[0]
    assert (0, f"already created {replica.replica_id}: completed") == (
        second.code,
        second.out.partition(" (")[0],
    )
    assert 1 == len(service.creates)


def test_an_address_becomes_a_replica(
    preflight: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    """Nothing else has to be said."""
    source = files.url(f"/portrait.jpg?token={QUERY}")
    done = preflight("submit", "--train-image", source, "--voice-name", "Anna", "--wait", "--format", "json")

    lines = [json.loads(line) for line in done.out.splitlines()]
    assert (0, ["started", "completed"]) == (done.code, [line["status"] for line in lines])
    assert source == service.creates[0]["train_image_url"]


@pytest.mark.asr
def test_a_video_becomes_a_replica(
    preflight: Preflight, service: FakeReplicaService, files: WebServer, recogniser_folder: Path
) -> None:
    """With a consent that is heard; the training ends in an error, which is explained: exit code 4."""
    video = ROOT / "fixtures" / "training_video" / "statement-at-opening-valid" / "clip.mp4"
    files.content, files.content_type = video.read_bytes(), "video/mp4"
    service.fault("training-error", "video_fps")
    done = preflight(
        *("submit", "--train-video", str(video), "--full-name", NAME, "--asr-model", str(recogniser_folder)),
        *("--train-video-url", files.url("/clip.mp4"), "--wait"),
    )

    assert 4 == done.code
    assert done.out.startswith("created r")
    assert {"minimum frame rate", "video_fps", "VID003"} <= {
        text for text in ("minimum frame rate", "video_fps", "VID003") if text in done.err
    }


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("401", 4, "check TAVUS_API_KEY"),
        ("402", 4, "the key itself is fine"),
        ("403", 4, "check TAVUS_API_KEY"),
        ("429=3600", 4, "slow down"),
        ("500", 5, "preflight ledger resolve"),
        ("503-after", 5, "preflight ledger resolve"),
        ("dropped", 5, "preflight ledger resolve"),
        ("dropped-after", 5, "preflight ledger resolve"),
        ("reset-after", 5, "preflight ledger resolve"),
        ("without-id", 5, "preflight ledger resolve"),
        ("html", 5, "preflight ledger resolve"),
        ("truncated", 5, "preflight ledger resolve"),
    ],
)
def test_every_failure_has_its_code_and_says_what_to_do(
    preflight: Preflight, service: FakeReplicaService, files: WebServer, fault: str, code: int, said: str
) -> None:
    name, _, value = fault.partition("=")
    service.fault(name, value or None)
    failed = preflight("submit", *image(files))

    assert (code, "") == (failed.code, failed.out)
    assert said in failed.err
    assert 1 == failed.err.count("\n")


def test_a_dry_run_shows_what_would_be_sent(
    preflight: Preflight, service: FakeReplicaService, files: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name that it would have, however the service's address is spelt."""
    monkeypatch.setenv("TAVUS_BASE_URL", service.url + "/")
    shown = preflight("submit", *image(files), "--dry-run", "--format", "json")
    done = preflight("submit", *image(files))

    assert (0, 0) == (shown.code, done.code)
    assert service.creates[0]["replica_name"] == json.loads(shown.out)["body"]["replica_name"]


def test_a_voice_that_is_none_could_not_run(
    preflight: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    done = preflight("submit", "--train-image", files.url("/portrait.jpg"), "--voice-name", "ana")

    assert (2, "", ()) == (done.code, done.out, service.creates)
    assert "alike: anna" in done.err


def test_another_file_at_the_address_is_not_cleared(
    preflight: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    files.content += b"!"
    done = preflight("submit", *image(files))

    assert (1, "", ()) == (done.code, done.out, service.creates)
    assert "does not serve the bytes that were checked" in done.err


def test_a_doubt_is_resolved_as_its_message_says(
    preflight: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    """Word by word: show, look, resolve, submit again."""
    service.fault("dropped")
    doubtful = preflight("submit", *image(files))
    (key,) = set(re.findall(r"preflight ledger (?:show|resolve) ([0-9a-f]+)", doubtful.err))
    again = preflight("submit", *image(files))
    listed, shown = preflight("ledger", "list"), preflight("ledger", "show", key)
    looked = preflight("ledger", "resolve", key)
    resolved = preflight("ledger", "resolve", key, "--not-created")
    done = preflight("submit", *image(files))

    assert (5, 5, 0, 0, 5, 0, 0) == tuple(
        ran.code for ran in (doubtful, again, listed, shown, looked, resolved, done)
    )
    assert "unknown" in listed.out
    assert "unknown" in shown.out
    assert "the service's list shows none that fits" in looked.err
    assert (1, 2) == (len(service.replicas), len(service.creates))


def test_a_doubt_is_resolved_by_the_list(
    preflight: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    """Where it shows what was created."""
    service.fault("dropped-after")
    doubtful = preflight("submit", *image(files))
    (key,) = set(re.findall(r"preflight ledger show ([0-9a-f]+)", doubtful.err))
    resolved = preflight("ledger", "resolve", key)

    assert (5, 0) == (doubtful.code, resolved.code)
    assert service.replicas[0].replica_id in resolved.out


def test_an_id_of_nothing_resolves_no_doubt(
    preflight: Preflight, service: FakeReplicaService, files: WebServer
) -> None:
    """A slip of the pen would hide a replica for ever."""
    service.fault("dropped-after")
    doubtful = preflight("submit", *image(files))
    (key,) = set(re.findall(r"preflight ledger show ([0-9a-f]+)", doubtful.err))
    wrong = preflight("ledger", "resolve", key, "--created", "r0000000000")
    right = preflight("ledger", "resolve", key, "--created", service.replicas[0].replica_id)

    assert (4, 0) == (wrong.code, right.code)
    assert "knows no such replica" in wrong.err


def test_nothing_secret_is_kept(
    alone: Preflight, service: FakeReplicaService, files: WebServer, tmp_path: Path
) -> None:
    """Not in the ledger's bytes, nor in anything else that is left on the disk."""
    service.fault("503-after")
    alone("submit", *image(files), "--callback-url", f"https://studio.tavus.io/{TOKEN}")
    alone("submit", *image(files), PREFLIGHT_DEBUG="1")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert b"portrait.jpg" in kept
    assert not [canary for canary in CANARIES if canary.encode() in kept]


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_end_says_what_is_in_doubt(
    preflight: Preflight,
    environment: dict[str, str],
    service: FakeReplicaService,
    files: WebServer,
    told: signal.Signals,
) -> None:
    """As a CI job is whose time is over, while the service has the request; nobody waits after that."""
    service.fault("slow", 60.0)
    submitting = subprocess.Popen(
        [*COMMAND, "submit", *image(files)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(told, signal.SIG_DFL),  # who runs the tests may ignore it
    )
    try:
        until(lambda: len(service.creates) == 1)
        submitting.send_signal(told)
        _, said = submitting.communicate(timeout=20)
    finally:
        submitting.kill()
        submitting.wait()
    again = preflight("submit", *image(files))

    assert (5, True) == (submitting.returncode, "preflight ledger resolve" in said)
    assert (0, 1) == (again.code, len(service.creates))


def until(holds: Callable[[], bool], *, longest_s: float = 30.0) -> None:
    """Wait for it."""
    end = time.monotonic() + longest_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_fake_service_is_one_command_away(files: WebServer, tmp_path: Path) -> None:
    """For a CI job in any language; it ends when it is told to."""
    fake = subprocess.Popen(
        [*COMMAND, "fake-service", "--training-s", "0.2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert fake.stdout is not None
        (url,) = set(re.findall(r"http://127\.0\.0\.1:\d+", fake.stdout.readline()))
        done = subprocess.run(
            [*COMMAND, "submit", *image(files), "--wait"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "TAVUS_API_KEY": KEY,
                "TAVUS_BASE_URL": url,
                "PREFLIGHT_ALLOW_HOSTS": "127.0.0.1",
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        fake.send_signal(signal.SIGTERM)
        fake.communicate(timeout=10)
    finally:
        fake.kill()

    assert (0, 0) == (done.returncode, fake.returncode)
    assert "completed" in done.stdout
