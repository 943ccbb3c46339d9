"""The bodies of requests, read as strictly as the service's documentation allows.

The rules are those of the service documentation, read 2026-11-22: the pages Create Replica and Create Face.
Of the texts, ``Invalid train_video_url`` is documented, and the form of ``Bad Request.`` was seen on a
sibling route; the others are made like them. Where nothing is documented the fake refuses, so that no client
comes to rely on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["DIALECTS", "FACES", "REPLICAS", "URL_PATTERN", "BadRequest", "Dialect", "Voices", "read_create"]

DEFAULT_MODEL = "phoenix-4"
URL_PATTERN = r"^https?://[A-Za-z0-9\[][!-~]*$"
_URL = re.compile(URL_PATTERN)
_SHARED_FIELDS: dict[str, type] = {
    "train_video_url": str,
    "train_image_url": str,
    "consent_video_url": str,
    "voice_name": str,
    "auto_fix_training_image": bool,
    "callback_url": str,
    "model_name": str,
}
_PROPERTIES: dict[str, type] = {"background_green_screen": bool, "gaze_correction": bool}
_REASONS = {str: "Not a valid string.", bool: "Not a valid boolean.", dict: "Not a valid mapping type."}


class BadRequest(Exception):  # noqa: N818 - the name of the status
    """The request is refused with 400 and this text."""


def bad_fields(problems: Mapping[str, Any]) -> BadRequest:
    """The text for fields, in the form that was seen on a sibling route."""
    return BadRequest(f"Bad Request. {dict(problems)!r}"[:2000])


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one of the two routes speaks: what is a replica on the older one is a face on the newer one.

    The models are those that the pages of the routes name. Whether /v2/replicas takes phoenix-4.5, which is
    offered since about June 2026, is not documented; the fake does, as the policy of that route does.
    """

    noun: str
    models: tuple[str, ...]
    own_fields: tuple[tuple[str, type], ...]

    @property
    def path(self) -> str:
        return f"/v2/{self.noun}s"

    @property
    def id_key(self) -> str:
        return f"{self.noun}_id"

    @property
    def name_key(self) -> str:
        return f"{self.noun}_name"

    @property
    def type_key(self) -> str:
        return f"{self.noun}_type"

    @property
    def fields(self) -> dict[str, type]:
        return _SHARED_FIELDS | dict(self.own_fields)


REPLICAS = Dialect(
    "replica",
    ("phoenix-4", "phoenix-3", "phoenix-2", "phoenix-4.5"),
    (("replica_name", str), ("properties", dict)),
)
FACES = Dialect(
    "face",
    ("phoenix-4", "phoenix-3", "phoenix-4.5"),
    (("face_name", str), ("default_voice_id", str)),
)
DIALECTS = (REPLICAS, FACES)


class Voices:
    """The voices that there are, by name in any case and by id."""

    def __init__(self, by_id: Mapping[str, str]) -> None:
        self.by_id = dict(by_id)
        self._names = {name.casefold(): voice_id for voice_id, name in by_id.items()}

    def named(self, name: str) -> str | None:
        """The id of a voice, by its name (service documentation, read 2026-11-22: case-insensitive)."""
        return self._names.get(name.casefold())


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises BadRequest."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise BadRequest("Bad Request. The body is not JSON.") from None
    if not isinstance(document, dict):
        raise bad_fields({"_schema": ["Invalid input type."]})
    return document


def require_fields(
    document: Mapping[str, Any], fields: Mapping[str, type], *, nullable: Collection[str] = ()
) -> None:
    """Every field is known and of its type. Raises BadRequest that names each one that is not."""
    problems = {name: reason for name in document if (reason := _problem(document, name, fields, nullable))}
    if problems:
        raise bad_fields(problems)


def read_create(content: bytes, dialect: Dialect, voices: Voices) -> dict[str, Any]:
    """The body of a create request. Raises BadRequest.

    Exactly one of a video and an image; an image needs a voice, and a model other than phoenix-3; a voice is
    looked up even beside a video; of the two ways to name one, at most one (service documentation, read
    2026-11-22). That ``auto_fix_training_image`` is refused beside a video is not documented.
    """
    body = read_object(content)
    require_fields(body, dialect.fields)
    if "properties" in body:
        require_fields(body["properties"], _PROPERTIES)
    for field in ("train_video_url", "train_image_url", "consent_video_url", "callback_url"):
        _require_address(body, field)
    has_image = "train_image_url" in body
    if has_image == ("train_video_url" in body):
        raise bad_fields({"train_video_url": ["Exactly one of train_video_url and train_image_url."]})
    if body.get("model_name", DEFAULT_MODEL) not in dialect.models:
        raise BadRequest("Invalid model_name")
    if body.get(dialect.name_key) == "":
        raise bad_fields({dialect.name_key: ["Shorter than minimum length 1."]})
    _require_voice(body, dialect, voices, needed=has_image)
    if has_image and body.get("model_name") == "phoenix-3":
        raise bad_fields({"train_image_url": ["Not available for phoenix-3."]})
    if body.get("auto_fix_training_image") and not has_image:
        raise bad_fields({"auto_fix_training_image": ["Needs train_image_url."]})
    return body


def read_rename(content: bytes) -> dict[str, Any]:
    """The body of PATCH /v2/replicas/{replica_id}/name. Raises BadRequest."""
    body = read_object(content)
    require_fields(body, {"replica_name": str})
    if not body.get("replica_name"):
        raise bad_fields({"replica_name": ["Missing data for required field."]})
    return body


def read_merge_patch(content: bytes, voices: Voices) -> dict[str, Any]:
    """The body of PATCH /v2/faces/{face_id}, a merge patch: null takes a value away. Raises BadRequest."""
    body = read_object(content)
    fields = {"face_name": str, "default_voice_id": str}
    require_fields(body, fields, nullable=fields)
    if body.get("face_name") == "":
        raise bad_fields({"face_name": ["Shorter than minimum length 1."]})
    if body.get("default_voice_id") is not None and body["default_voice_id"] not in voices.by_id:
        raise BadRequest("Invalid default_voice_id")
    return body


def _problem(
    document: Mapping[str, Any], name: str, fields: Mapping[str, type], nullable: Collection[str]
) -> list[str] | None:
    kind = fields.get(name)
    value = document[name]
    if kind is None:
        return ["Unknown field."]
    if value is None:
        return None if name in nullable else ["Field may not be null."]
    return None if isinstance(value, kind) else [_REASONS[kind]]


def _require_address(body: Mapping[str, Any], field: str) -> None:
    """The documentation's own samples send an empty ``callback_url``; that is none."""
    address = body.get(field)
    if address is None or (field == "callback_url" and address == ""):
        return
    if not _URL.match(address):
        raise BadRequest(f"Invalid {field}")


def _require_voice(body: Mapping[str, Any], dialect: Dialect, voices: Voices, *, needed: bool) -> None:
    if "voice_name" in body and "default_voice_id" in body:
        raise bad_fields({"voice_name": ["Exactly one of voice_name and default_voice_id."]})
    if "voice_name" in body and voices.named(body["voice_name"]) is None:
        raise BadRequest("Invalid voice_name")
    if "default_voice_id" in body and body["default_voice_id"] not in voices.by_id:
        raise BadRequest("Invalid default_voice_id")
    if needed and "voice_name" not in body and "default_voice_id" not in body:
        raise bad_fields({"voice_name": ["Missing data for required field."]})
