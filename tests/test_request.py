"""What is sent for a clearance, and which submissions count as the same."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from preflight.report import AssetReport
from preflight.submission import Role
from submit import ConfigurationError
from submit.request import FaceRequest, ReplicaRequest, Sending, sending
from tests.fake_service import passing_report

VIDEO, IMAGE, CONSENT = Role.TRAINING_VIDEO, Role.TRAINING_IMAGE, Role.CONSENT_VIDEO
SERVICE = "https://tavusapi.com"
CANARY = "canary"
AN_IMAGE = {"train_image_url": "https://media.example/a.jpg", "voice_name": "anna", "roles": (IMAGE,)}


def made(service: str = SERVICE, **fields: Any) -> Sending:
    return sending(passing_report(**fields).clear(), service=service)


# The two eras


@pytest.mark.parametrize("era", [ReplicaRequest, FaceRequest])
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "exactly one of train_video_url and train_image_url"),
        ({"train_video_url": "v", "train_image_url": "i", "voice_name": "a"}, "exactly one of"),
        ({"train_image_url": "i"}, "needs a voice_name"),
        ({"train_video_url": "v", "auto_fix_training_image": True}, "goes with train_image_url alone"),
        ({"train_video_url": ""}, "at least 1 character"),
        ({"train_video_url": "v", "model_name": ""}, "at least 1 character"),
        ({"train_video_url": "v", "replica_type": "user"}, "Extra inputs"),
        ({"train_video_url": "v", "train_audio_url": "a"}, "Extra inputs"),
        ({"train_video_url": 1}, "valid string"),
    ],
)
def test_fields_that_do_not_go_together_make_no_request(
    era: type[ReplicaRequest | FaceRequest], fields: dict[str, Any], said: str
) -> None:
    """As the service documents them, and nothing that only third parties name."""
    with pytest.raises(ValueError, match=said):
        era.model_validate({"model_name": "phoenix-4", era.name_field: "Maria"} | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"train_video_url": "v"},
        {"train_video_url": "v", "consent_video_url": "c", "voice_name": "anna"},
        {"train_image_url": "i", "voice_name": "anna", "auto_fix_training_image": True},
    ],
)
def test_fields_that_go_together_are_sent_and_no_others(fields: dict[str, Any]) -> None:
    for era in (ReplicaRequest, FaceRequest):
        whole = {"model_name": "phoenix-4", era.name_field: "Maria"} | fields
        assert whole == era.model_validate(whole).body


def test_a_replica_that_nobody_named_is_named_by_its_key() -> None:
    """So that it can be told from all others in the service's list, should its creation end in doubt."""
    unnamed, again, other = made(), made(), made(model_name="phoenix-3")

    assert re.fullmatch(r"preflight-[0-9a-f]{10}", unnamed.name)
    assert (
        unnamed.name == again.name == unnamed.request.body["replica_name"] == f"preflight-{unnamed.key[:10]}"
    )
    assert other.name != unnamed.name


@pytest.mark.parametrize("name", ["", " ", " \t\n"])
def test_a_blank_name_is_none(name: str) -> None:
    """The service's list would not show it."""
    assert made() == made(replica_name=name)


# The same submission


@pytest.mark.parametrize(
    "fields",
    [
        {"train_video_url": "https://other.example/b.mp4?signature=2"},
        {"callback_url": "https://studio.example/token"},
        {"full_name": "Maria L."},
    ],
)
def test_the_same_bytes_and_wishes_are_the_same_submission(fields: dict[str, Any]) -> None:
    """A new link, or another receiver of the news, makes no other replica."""
    assert made().key == made(**fields).key


@pytest.mark.parametrize(
    "fields",
    [
        {"replica_name": "Maria"},
        {"model_name": "phoenix-3"},
        {"voice_name": "anna"},
        {"policy": "tavus-face-phoenix-4"},
        {"roles": (VIDEO, CONSENT), "consent_video_url": "https://media.example/c.mp4"},
        {"service": "http://127.0.0.1:8000"},
        AN_IMAGE,
    ],
)
def test_another_wish_is_another_submission(fields: dict[str, Any]) -> None:
    assert made().key != made(**fields).key


def test_voices_have_no_case() -> None:
    """Nor has the service's list of them."""
    assert made(**AN_IMAGE).key == made(**(AN_IMAGE | {"voice_name": "ANNA"})).key


def test_a_tag_identifies_bytes_at_its_address_alone() -> None:
    """Another server may give the same tag to another file; a new signature of the same address may not."""

    def key(address: str, etag: str = '"1"', size: int = 10) -> str:
        report = passing_report(train_video=address, train_video_url=None)
        asset = AssetReport(VIDEO, "clip", None, size, etag=etag)
        return sending(replace(report, assets=(asset,)).clear(), service=SERVICE).key

    here = "https://media.example/clip.mp4"
    assert key(here) == key(f"{here}?X-Amz-Signature=2")
    assert 4 == len(
        {key(here), key("https://other.example/clip.mp4"), key(here, etag='"2"'), key(here, size=11)}
    )


def test_what_is_kept_of_a_submission_is_no_secret() -> None:
    """The ledger gets no query strings and no token of a callback."""
    intent = made(
        train_video_url=f"https://media.example/a.mp4?token={CANARY}",
        callback_url=f"https://studio.example/{CANARY}",
        voice_name="anna",
    ).intent

    assert CANARY not in repr(intent)
    assert {"route", "request", "media"} == set(intent)
    assert "https://media.example/a.mp4?***" == intent["request"]["train_video_url"]


def test_a_route_of_a_policy_file_is_one_of_the_service() -> None:
    """The key is sent to known routes alone."""
    report = passing_report()
    elsewhere = replace(report, policy=msgspec.structs.replace(report.policy, endpoint="/v2/elsewhere"))

    with pytest.raises(ConfigurationError, match="known: /v2/replicas, /v2/faces"):
        sending(elsewhere.clear(), service=SERVICE)


def test_no_message_repeats_what_was_given() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        made(model_name="", train_video_url=f"https://media.example/{CANARY}")

    assert CANARY not in str(refusal.value)
