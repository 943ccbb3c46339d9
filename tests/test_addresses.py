"""Checks of files behind addresses, from the command line and the library, against a real server."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import preflight
from preflight.errors import PreflightError
from preflight.network import door
from submit.cli import main
from tests.conftest import ROOT
from tests.web_server import (
    Exchange,
    Manner,
    WebServer,
    drips_body,
    endless,
    gzipped,
    html,
    ignores_ranges,
    properly,
    redirects,
    resets,
    serving,
    silent,
    stalls,
    status,
    too_few_bytes,
    too_many_bytes,
)

pytestmark = [pytest.mark.media, pytest.mark.asr, pytest.mark.timeout(120)]

CANARY = "cAnArY7f3a"
PORTRAIT = (ROOT / "fixtures/training_image/portrait-valid/portrait.jpg").read_bytes()
CLIP = (ROOT / "fixtures/training_video/statement-at-opening-valid/clip.mp4").read_bytes()
SMALL_FILES = """
id = "small"
extends = "tavus-replica-phoenix-4"
title = "Small files alone"
read = 2026-11-25
[container.max_size]
value = 1000000
unit = "bytes"
source = "so that a test need not wait"
read = 2026-11-25
"""
HASTY = door.Patience(connect_s=0.5, read_s=0.5, answer_s=1.0, slow_for_s=0.3)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Servers that keep silent are waited for no longer than a test may take; caches and settings are new."""
    defaults = door.Door.__init__.__kwdefaults__
    monkeypatch.setattr(door.Door.__init__, "__kwdefaults__", defaults | {"patience": HASTY})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("temporary", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Callable[..., tuple[object, str, str]]:
    """A command line to its exit; with every log record there is."""
    caplog.set_level(logging.DEBUG)

    def command(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["preflight", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return command


def signed(server: WebServer, hours: float, target: str = "/photo.jpg") -> str:
    """An address as S3 signs it (version 4), with a canary in everything that is secret."""
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{CANARY}%2F20261125%2Feu-west-1%2Fs3%2Faws4_request",
        "X-Amz-Date": f"{start:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": str(round(3600 * (hours + 1))),
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": CANARY,
    }
    return server.url(f"{target}?{'&'.join(f'{name}={value}' for name, value in query.items())}")


def photo(url: str, **options: Any) -> preflight.Report:
    submission = preflight.Submission(train_image=url, voice_name="anna")
    return preflight.check(submission, preflight.Options(allow_hosts=("127.0.0.1",), **options))


def codes(report: preflight.Report, severity: str = "error") -> set[str]:
    return {f.code for f in report.findings if f.assessed and f.severity == severity}


# ---- what passes


def test_a_photo_behind_an_address() -> None:
    """The report names it without its query, identifies it by both, and a clearance carries that."""
    with serving(PORTRAIT) as server:
        server.content_type = "image/jpeg"
        report = photo(signed(server, 48))

    (asset,) = report.to_dict()["assets"]
    local = preflight.check(
        preflight.Submission(
            train_image=ROOT / "fixtures/training_image/portrait-valid/portrait.jpg", voice_name="anna"
        )
    )
    assert ("pass", '"v1"') == (report.verdict, asset["etag"])
    assert (server.url("/photo.jpg"), local.assets[0].sha256) == (asset["source"], asset["sha256"])
    assert asset["sha256"] == report.clear().sha256[preflight.submission.Role.TRAINING_IMAGE]
    assert {"URL009"} == codes(report, "warning")


def test_a_video_behind_an_address(recogniser_folder: Path) -> None:
    """The findings are those of the local file."""
    local_file = ROOT / "fixtures/training_video/statement-at-opening-valid/clip.mp4"
    with serving(CLIP) as server:
        remote, local = (
            preflight.check(
                preflight.Submission(train_video=source, full_name="Maria Lopez"),
                preflight.Options(asr_model=recogniser_folder, allow_hosts=("127.0.0.1",)),
            )
            for source in (server.url(), local_file)
        )

    assert ("pass", "pass") == (remote.verdict, local.verdict)
    shown = [
        [f.to_dict() for f in report.findings if not f.code.startswith("URL")] for report in (remote, local)
    ]
    assert shown[0] == shown[1]
    assert remote.consent == local.consent


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with serving(PORTRAIT) as server:
        photo(server.url("/photo.jpg"))

    assert [] == [*(tmp_path / "temporary").iterdir(), *(tmp_path / "cache").iterdir()]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_leaves_nothing(how: signal.Signals, tmp_path: Path) -> None:
    """In the middle of a download, as where a CI job is cancelled."""
    temporary = tmp_path / "temporary"
    arguments = ["check", "--train-image", "--allow-host", "127.0.0.1", "--voice-name", "anna"]
    with serving(PORTRAIT, stalls(30_000)) as server:
        arguments[2:2] = [server.url("/photo.jpg")]
        process = subprocess.Popen(
            [Path(sys.executable).with_name("preflight"), *arguments],
            env={**os.environ, "TMPDIR": str(temporary)},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(how, signal.SIG_DFL),  # who runs the tests may ignore it
        )
        for _ in range(200):
            if any(path.stat().st_size for path in temporary.glob("*/*")):
                break
            time.sleep(0.1)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)

    assert (130, "preflight: interrupted") == (process.returncode, said.strip())
    assert [] == [*temporary.iterdir(), *(tmp_path / "cache").iterdir()]


def test_a_download_is_kept_where_that_is_asked_for() -> None:
    """The second check asks for the start alone, under another signature."""
    with serving(PORTRAIT) as server:
        first = photo(signed(server, 48), cache=True)
        sent = server.sent_bytes
        second = photo(signed(server, 47), cache=True)

    assert server.sent_bytes - sent <= 65_536 < len(PORTRAIT) == sent
    assert first.assets[0].sha256 == second.assets[0].sha256
    assert ("pass", "pass") == (first.verdict, second.verdict)


def test_submitting_names_the_address_that_was_checked(run: Callable[..., Any]) -> None:
    with serving(PORTRAIT) as server:
        url = signed(server, 48)
        arguments = ("submit", "--train-image", url, "--voice-name", "anna", "--allow-host", "127.0.0.1")
        code, out, _ = run(*arguments, "--dry-run")
        other = run(*arguments, "--dry-run", "--train-image-url", server.url("/other.jpg"))

    assert (0, True, False) == (code, server.url("/photo.jpg?***") in out, CANARY in out)
    assert (2, "") == other[:2]
    assert "train_image_url is another address than the one that was checked" in other[2]


# ---- what fails


@pytest.mark.parametrize(("hours", "found"), [(1, {"URL001"}), (23.9, {"URL001"}), (25, set()), (160, set())])
def test_a_signature_lasts_a_day(hours: float, found: set[str]) -> None:
    with serving(PORTRAIT) as server:
        assert found == codes(photo(signed(server, hours)))


def test_an_expired_address_is_not_even_asked_for() -> None:
    """The date is named; the server would only say that access is denied."""
    with serving(PORTRAIT) as server:
        report = photo(signed(server, -0.5))

    (finding,) = (finding for finding in report.findings if finding.code == "URL001")
    end = dt.datetime.now(dt.UTC) - dt.timedelta(hours=0.5)
    assert ("fail", True) == (report.verdict, f"ran out on {end:%Y-%m-%d}" in finding.message)
    assert [] == server.requests


def test_a_page_in_place_of_a_file() -> None:
    with serving(PORTRAIT, html) as server:
        report = photo(server.url("/photo.jpg"))

    assert ("fail", {"IMG001", "URL004"}) == (report.verdict, codes(report))


def test_a_file_that_is_too_large_is_not_read() -> None:
    """Its size is a finding, and no more than its start is transferred."""
    with serving(CLIP) as server:

        def boasts(exchange: Any) -> None:
            exchange.answer(
                206,
                CLIP[:65_536],
                server.file_headers() | {"Content-Range": f"bytes 0-65535/{900_000_000}"},
            )

        server.manner = boasts
        report = preflight.check(
            preflight.Submission(train_video=server.url()),
            preflight.Options(asr_model="fixtures/recogniser", allow_hosts=("127.0.0.1",)),
        )

    assert "MED003" in codes(report)
    assert server.sent_bytes <= 200_000


# ---- what cannot be reached

UNREACHED: dict[str, tuple[Manner, str]] = {
    "silent": (silent, "did not answer for 0.5 s"),
    "stalling": (stalls(50_000), "sent no more for 0.3 s after 50000 bytes"),
    "dripping": (drips_body(after=5_000), "the server is too slow"),
    "resetting": (resets(5_000), "broke"),
    "ending early": (too_few_bytes(), "ended the answer early"),
    "forbidden": (status(403), "403"),
    "absent": (status(404), "404"),
    "broken": (status(500), "500"),
    "busy": (status(503), "503"),
    "compressing": (gzipped, "gzip"),
    "leading astray": (redirects("http://169.254.169.254/latest/meta-data"), "169.254.169.254"),
}


@pytest.mark.parametrize(("manner", "said"), UNREACHED.values(), ids=UNREACHED)
def test_a_server_that_does_not_deliver(
    manner: Manner, said: str, run: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Exit code 2 in time, its own message, no secret in it, nothing left behind."""
    with serving(PORTRAIT, manner) as server:
        code, out, err = run(
            *("check", "--train-image", signed(server, 48), "--voice-name", "anna"),
            *("--allow-host", "127.0.0.1"),
        )

    assert (2, "") == (code, out)
    assert err.startswith("preflight: http://127.0.0.1:")
    assert said in err
    assert CANARY not in err + caplog.text
    assert [] == list((tmp_path / "temporary").iterdir())


def endless_photo(exchange: Exchange) -> None:
    """The beginning of a photo, and then bytes without end."""
    exchange.head(200, {"Connection": "close"})
    exchange.send(PORTRAIT)
    while not exchange.server.ended:
        exchange.send(bytes(65_536))
    exchange.hang_up()


@pytest.mark.parametrize(
    ("manner", "expected"),
    [(too_many_bytes(), 0), (ignores_ranges, 0), (endless, 1), (endless_photo, 2)],
    ids=["too many bytes", "no ranges", "nothing, endlessly", "a photo, endlessly"],
)
def test_a_server_with_other_manners_ends_as_well(
    manner: Manner, expected: int, run: Callable[..., Any], tmp_path: Path
) -> None:
    """Bytes beyond the promise are not read, nor is more of what is no photo; the rest ends at the limit."""
    policy = tmp_path / "policy.toml"
    policy.write_text(SMALL_FILES)
    with serving(PORTRAIT, manner) as server:
        code, _, err = run(
            *("check", "--train-image", signed(server, 48), "--voice-name", "anna"),
            *("--allow-host", "127.0.0.1", "--policy", str(policy)),
        )

    assert (expected, expected == 2) == (code, "goes on after 1000000 bytes" in err)


# ---- secrets


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "manner", [properly, ignores_ranges, html, redirects(f"/x?token={CANARY}"), status(403)]
)
def test_no_canary_in_any_output(
    manner: Manner,
    form: str,
    run: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Standard output and error, the report in a file, every log record at DEBUG."""
    target = tmp_path / "report"
    with serving(PORTRAIT, manner) as server:
        url = signed(server, 2)  # a finding that speaks of the signature
        arguments = ("check", "--train-image", url, "--voice-name", "anna", "--allow-host", "127.0.0.1")
        first = run(*arguments, "--format", form)
        second = run(*arguments, "--format", form, "--output", str(target))

    written = target.read_text("utf-8") if target.exists() else ""
    assert CANARY not in f"{first}{second}{written}{caplog.text}"


def test_no_canary_in_reprs_and_tracebacks() -> None:
    with serving(PORTRAIT, status(404)) as server:
        url = signed(server, 48)
        with pytest.raises(PreflightError) as refusal:
            photo(url)
        server.manner = properly
        report = photo(url)

    told = "".join(traceback.format_exception(refusal.value))
    assert CANARY not in told
    assert CANARY not in f"{report!r}{report.clear()!r}{report.submission!r}{json.dumps(report.to_dict())}"
