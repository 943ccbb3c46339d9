"""Nothing but a passing, unexpired clearance whose bytes are still served leads to a request."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from preflight.errors import NotCleared
from preflight.report import AssetReport, Report
from preflight.rule import Severity
from preflight.submission import Role
from submit import (
    AsyncReplicaClient,
    Ledger,
    LedgerError,
    NotAsChecked,
    NotReached,
    Patience,
    ReplicaClient,
    UnknownVoice,
)
from tests.fake_service import MEDIA, FakeService, passing_report, serving
from tests.test_report import finding
from tests.web_server import (
    Manner,
    WebServer,
    changes_etag,
    html,
    ignores_ranges,
    properly,
    resets,
    status,
    too_few_bytes,
)
from tests.web_server import serving as serving_files

pytestmark = [pytest.mark.media, pytest.mark.timeout(30)]

VIDEO, IMAGE, CONSENT = Role.TRAINING_VIDEO, Role.TRAINING_IMAGE, Role.CONSENT_VIDEO
CANARY = "canary-query"
KEY = "canary-key"
Way = Callable[[FakeService, Report, Path], None]


def now(service: FakeService, report: Report, folder: Path) -> None:
    with ReplicaClient(**told(service, folder)) as client:
        client.create(report.clear())


def asynchronously(service: FakeService, report: Report, folder: Path) -> None:
    async def create() -> None:
        async with AsyncReplicaClient(**told(service, folder)) as client:
            await client.create(report.clear())

    asyncio.run(create())


WAYS: tuple[Way, ...] = (now, asynchronously)


def refusal_of(service: FakeService, report: Report, folder: Path, way: Way = now) -> Exception | None:
    """What submitting it raises, if anything."""
    try:
        way(service, report, folder)
    except Exception as exc:  # the point is to see which
        return exc
    return None


def told(service: FakeService, folder: Path) -> dict[str, Any]:
    return {
        "api_key": KEY,
        "base_url": service.url,
        "allow_hosts": ("127.0.0.1",),
        "ledger": folder / "ledger.sqlite3",
        "patience": Patience(attempts=1),
    }


def signed(server: WebServer, hours: float) -> str:
    """An address that says that it is valid for so long, with a canary in its query."""
    at = dt.datetime.now(dt.UTC)
    return server.url(
        f"/clip.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={at:%Y%m%dT%H%M%SZ}"
        f"&X-Amz-Expires={round(hours * 3600)}&X-Amz-Credential=x&X-Amz-SignedHeaders=host"
        f"&X-Amz-Signature={CANARY}"
    )


def with_validity(report: Report, hours: float) -> Report:
    """The same under a policy whose clearances hold for so long."""
    limit = msgspec.structs.replace(report.policy.request.clearance_validity, value=hours)
    request = msgspec.structs.replace(report.policy.request, clearance_validity=limit)
    return replace(report, policy=msgspec.structs.replace(report.policy, request=request))


def identified_by(report: Report, asset: AssetReport) -> Report:
    return replace(report, assets=(asset,))


# What is not cleared


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda report: replace(report, findings=(finding(severity=Severity.ERROR),)),
        lambda report: replace(report, findings=(finding(severity=Severity.ERROR, assessed=False),)),
        lambda report: replace(report, passed=()),
        lambda report: replace(report, assets=()),
        lambda report: replace(report, consent=None),
        lambda report: identified_by(report, AssetReport(VIDEO, "clip.mp4", None, 10)),
    ],
)
def test_what_did_not_pass_has_no_way_in(
    way: Way, spoilt: Callable[[Report], Report], tmp_path: Path
) -> None:
    """Each of these is one thing that a passing report has, taken away."""
    with serving() as service, pytest.raises(NotCleared):
        way(service, spoilt(passing_report(at=service)), tmp_path)

    assert [] == service.received == service.fetched


@pytest.mark.parametrize("way", WAYS)
def test_what_passed_goes_in(way: Way, tmp_path: Path) -> None:
    """The other side of every limit here."""
    with serving() as service:
        way(service, passing_report(at=service), tmp_path)

    assert 1 == len(service.creates) == len(service.fetched)


# What is no longer as it was checked


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("served", "said"),
    [
        (MEDIA[VIDEO] + b"!", "bytes, not"),
        (MEDIA[VIDEO][:-1], "bytes, not"),
        (MEDIA[VIDEO][:-1] + b"!", "not the same"),
        (b"", "it has 0 bytes"),
    ],
)
def test_other_bytes_are_not_submitted(way: Way, served: bytes, said: str, tmp_path: Path) -> None:
    """One byte more, one less, another one; the message says what is different, and nothing is sent."""
    with serving() as service:
        service.media[f"/media/{VIDEO}"] = served
        report = passing_report(at=service, train_video_url=service.media_url(VIDEO, f"?{CANARY}"))
        refusal = refusal_of(service, report, tmp_path, way)

    assert [] == service.creates
    assert (NotAsChecked, True, False) == (type(refusal), said in str(refusal), CANARY in str(refusal))


@pytest.mark.parametrize("role", [CONSENT, VIDEO])
def test_every_file_is_compared(role: Role, tmp_path: Path) -> None:
    """Not the first one alone."""
    with serving() as service:
        service.media[f"/media/{role}"] = MEDIA[role][::-1]
        refusal = refusal_of(service, passing_report(roles=(VIDEO, CONSENT), at=service), tmp_path)

    assert [] == service.creates
    assert (NotAsChecked, True) == (type(refusal), f"/media/{role} " in str(refusal))


@pytest.mark.parametrize(
    "manner", [status(404), status(403), status(500), html, too_few_bytes(), resets(after=5)]
)
def test_what_cannot_be_read_is_not_submitted(manner: Manner, tmp_path: Path) -> None:
    """Whatever the server does instead of serving the file."""
    with serving() as service, serving_files(MEDIA[VIDEO], manner) as files:
        refusal = refusal_of(service, passing_report(at=service, train_video_url=files.url()), tmp_path)

    assert [] == service.creates
    assert isinstance(refusal, (NotReached, NotAsChecked))


@pytest.mark.parametrize("way", WAYS)
def test_a_clearance_grows_old(way: Way, tmp_path: Path) -> None:
    """A moment after its end it is worth nothing; the date is named."""
    with serving() as service, pytest.raises(NotAsChecked, match=r"held until .* UTC; check again"):
        way(service, with_validity(passing_report(at=service), 1e-9), tmp_path)

    assert [] == service.received == service.fetched


def test_a_clearance_holds_for_a_day(tmp_path: Path) -> None:
    with serving() as service:
        clearance = passing_report(at=service).clear()
        now(service, with_validity(passing_report(at=service), 0.01), tmp_path)

    assert dt.timedelta(hours=24) == clearance.expires_at - clearance.issued_at
    assert 1 == len(service.creates)


@pytest.mark.parametrize(("hours", "sent"), [(1, 0), (23.9, 0), (24.1, 1)])
def test_a_link_still_lasts_a_day_when_it_is_sent(hours: float, sent: int, tmp_path: Path) -> None:
    """It may have been signed long before; here nothing checked it at all."""
    with serving() as service, serving_files(MEDIA[VIDEO]) as files:
        report = passing_report(at=service, train_video_url=signed(files, hours))
        refusal = refusal_of(service, report, tmp_path)

    assert sent == len(service.creates)
    assert (sent == 0) == ("the service needs 24 h" in str(refusal))
    assert CANARY not in str(refusal)


# A file that was checked behind its address


def checked_there(files: WebServer, **identity: Any) -> Report:
    report = passing_report(train_video=files.url(), train_video_url=None)
    given = {"sha256": None, "size_bytes": len(MEDIA[VIDEO]), "etag": files.etag} | identity
    return identified_by(report, AssetReport(VIDEO, "clip.mp4", **given))


@pytest.mark.parametrize("manner", [properly, ignores_ranges])
def test_a_strong_tag_and_the_length_are_enough(manner: Manner, tmp_path: Path) -> None:
    """One byte is asked for; a server without ranges is not heard to the end."""
    with serving() as service, serving_files(MEDIA[VIDEO], manner) as files:
        now(service, checked_there(files), tmp_path)

    assert 1 == len(service.creates) == len(files.requests)
    assert "bytes=0-0" == files.requests[0].range


@pytest.mark.parametrize(
    "identity",
    [{"etag": '"another"'}, {"size_bytes": 1}, {"etag": 'W/"weak"'}],
    ids=["tag", "length", "weak"],
)
def test_another_tag_or_length_is_not_submitted(identity: dict[str, Any], tmp_path: Path) -> None:
    with serving() as service, serving_files(MEDIA[VIDEO]) as files:
        refusal = refusal_of(service, checked_there(files, **identity), tmp_path)

    assert [] == service.creates
    assert (NotAsChecked, True) == (type(refusal), "no longer names them" in str(refusal))


def test_where_the_tag_changed_the_digest_decides(tmp_path: Path) -> None:
    """A copy of the same bytes has another tag; bytes that changed have another digest."""
    digest = sha256(MEDIA[VIDEO]).hexdigest()
    with serving() as service, serving_files(MEDIA[VIDEO], changes_etag) as files:
        now(service, checked_there(files, sha256=digest), tmp_path)
        files.content = MEDIA[VIDEO][::-1]
        refusal = refusal_of(service, checked_there(files, sha256=digest), tmp_path / "another")

    assert 1 == len(service.creates)
    assert (NotAsChecked, True) == (type(refusal), "not the same" in str(refusal))


def test_a_tag_counts_at_the_address_that_was_checked(tmp_path: Path) -> None:
    """A local file is compared byte for byte, whatever tag another server gives it."""
    asset = AssetReport(VIDEO, "clip.mp4", None, len(MEDIA[VIDEO]), etag='"1"')
    with serving() as service, serving_files(MEDIA[VIDEO], etag='"1"') as files:
        report = identified_by(passing_report(train_video="clip.mp4", train_video_url=files.url()), asset)
        refusal = refusal_of(service, report, tmp_path)

    assert ([], NotAsChecked) == (service.creates, type(refusal))


# Voices


@pytest.mark.parametrize(("voice", "sent"), [("anna", 1), ("ANNA", 1), ("Ben", 1), ("bem", 0), ("x", 0)])
@pytest.mark.parametrize("role", [IMAGE, VIDEO])
def test_a_voice_is_one_of_the_service(voice: str, sent: int, role: Role, tmp_path: Path) -> None:
    """With an image and with a video, in any case; another one is refused with those that are alike."""
    with serving() as service:
        report = passing_report(roles=(role,), at=service, voice_name=voice)
        refusal = refusal_of(service, report, tmp_path)

    assert (sent, not sent) == (len(service.creates), isinstance(refusal, UnknownVoice))
    assert voice != "bem" or "alike: ben" in str(refusal)
    assert voice != "x" or "it has: Anna, ben" in str(refusal)


# Where what is sent is written down


def test_without_a_ledger_nothing_is_sent(tmp_path: Path) -> None:
    """What cannot be written down could be created twice."""
    (tmp_path / "ledger.sqlite3").mkdir()
    with serving() as service:
        refusal = refusal_of(service, passing_report(at=service), tmp_path)

    assert ([], LedgerError) == (service.creates, type(refusal))


def test_what_was_refused_at_the_gate_is_not_in_the_ledger(tmp_path: Path) -> None:
    """Nothing was about to be sent."""
    with serving() as service:
        service.media[f"/media/{VIDEO}"] = b""
        refusal = refusal_of(service, passing_report(at=service), tmp_path)

    assert isinstance(refusal, NotAsChecked)
    assert [] == Ledger(tmp_path / "ledger.sqlite3").entries()
