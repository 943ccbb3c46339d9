"""The create request, as each era of the service documents it, and what makes two of them the same.

Source: the service's documentation of POST /v2/replicas (May 2026) and POST /v2/faces (from about July 2026),
read 2026-11-22.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from preflight.errors import UsageError
from preflight.network.public import public_url
from preflight.network.url import Url, is_address
from preflight.report import Clearance, Identity
from preflight.submission import Role, Submission
from preflight.text import redacted as redacted_text
from submit.errors import ConfigurationError

__all__ = ["FaceRequest", "ReplicaRequest", "Sending", "Served", "name_of", "redacted", "sending"]

SERVED_AT = {
    Role.TRAINING_VIDEO: "train_video_url",
    Role.CONSENT_VIDEO: "consent_video_url",
    Role.TRAINING_IMAGE: "train_image_url",
}
_KEY_VERSION = 1
_NAMED_BY = 10  # digits of the key in the name of a replica that nobody named


class CreateRequest(BaseModel):
    """What both eras have in common: which fields there are, and which go together.

    A field that is ``None`` is not sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    route: ClassVar[str]
    name_field: ClassVar[str]

    model_name: str = Field(min_length=1)
    train_video_url: str | None = Field(None, min_length=1, repr=False)
    train_image_url: str | None = Field(None, min_length=1, repr=False)
    consent_video_url: str | None = Field(None, min_length=1, repr=False)
    voice_name: str | None = Field(None, min_length=1)
    auto_fix_training_image: Literal[True] | None = None
    callback_url: str | None = Field(None, min_length=1, repr=False)

    @model_validator(mode="after")
    def _together(self) -> CreateRequest:
        image, video = self.train_image_url is not None, self.train_video_url is not None
        if image == video:
            raise ValueError("exactly one of train_video_url and train_image_url is sent")
        if image and self.voice_name is None:
            raise ValueError("train_image_url needs a voice_name")
        if video and self.auto_fix_training_image:
            raise ValueError("auto_fix_training_image goes with train_image_url alone")
        return self

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return self.model_dump(exclude_none=True)

    def encoded(self) -> bytes:
        return json.dumps(self.body, ensure_ascii=False).encode()


class ReplicaRequest(CreateRequest):
    """POST /v2/replicas."""

    route = "/v2/replicas"
    name_field = "replica_name"
    replica_name: str = Field(min_length=1)


class FaceRequest(CreateRequest):
    """POST /v2/faces, which calls replicas faces."""

    route = "/v2/faces"
    name_field = "face_name"
    face_name: str = Field(min_length=1)


_ERAS: dict[str, type[CreateRequest]] = {era.route: era for era in (ReplicaRequest, FaceRequest)}


@dataclass(frozen=True, slots=True)
class Served:
    """Where the service will find a file, and what identifies the bytes of it that were checked.

    ``checked_there`` says that it was read from this very address.
    """

    role: Role
    field: str
    url: Url
    identity: Identity
    checked_there: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """One submission, ready to be sent. ``key`` is the same for whatever would create the same replica."""

    key: str
    request: CreateRequest = field(repr=False)
    served: tuple[Served, ...]
    name: str
    content: bytes = field(repr=False)

    @property
    def hidden(self) -> tuple[str, ...]:
        """What no message may repeat, should the service: the path of the callback address."""
        parts = urlsplit(self.request.callback_url or "")
        paths = {parts.path, parts.path.rstrip("/"), unquote(parts.path)}
        return tuple(path for path in sorted(paths, key=len, reverse=True) if path.strip("/"))

    @property
    def intent(self) -> dict[str, Any]:
        """What is kept of it in the ledger: nothing that is secret."""
        return {
            "route": self.request.route,
            "request": redacted(self.request.body),
            "media": {str(served.role): _identified(served) for served in self.served},
        }


def sending(clearance: Clearance, *, service: str, allow_hosts: tuple[str, ...] = ()) -> Sending:
    """What asks the service at that base address for exactly what was cleared.

    Raises ConfigurationError where a checked file has no address, or one that the service cannot fetch, and
    TypeError for anything that is not a Clearance.
    """
    if not Clearance.is_genuine(clearance):
        raise TypeError("only a Clearance can be submitted; Report.clear() makes one")
    era = _ERAS.get(clearance.policy_endpoint)
    if era is None:
        raise ConfigurationError(
            f"policy {clearance.policy_id} names the route {clearance.policy_endpoint}; "
            f"known: {', '.join(_ERAS)}"
        )
    submission = clearance.submission
    fields: dict[str, Any] = {"model_name": submission.model_name}
    fields |= {name: getattr(submission, name) or None for name in ("voice_name", "callback_url")}
    fields["auto_fix_training_image"] = submission.auto_fix_training_image or None
    if fields["callback_url"]:
        _require_public(fields["callback_url"], "callback_url", allow_hosts)
    served = tuple(_served(clearance, role, allow_hosts) for role in clearance.identities)
    fields |= {place.field: _as_sent(submission, place) for place in served}
    named = submission.replica_name if (submission.replica_name or "").strip() else None
    key = _key(era, fields, served, named, service)
    name = named or name_of(key)
    try:
        request = era.model_validate(fields | {era.name_field: name})
        return Sending(key, request, served, name, request.encoded())
    except ValidationError as exc:
        raise ConfigurationError(f"the request cannot be sent: {_said(exc)}") from None
    except UnicodeEncodeError:
        raise ConfigurationError("a name in the request holds characters that are not text") from None


def name_of(key: str) -> str:
    """The name of a replica that nobody named."""
    return f"preflight-{key[:_NAMED_BY]}"


def redacted(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body, fit to show: without the query strings of its addresses, which are often credentials."""
    shown = {key: redacted_text(value) if key.endswith("_url") else value for key, value in body.items()}
    if "callback_url" in shown:  # its path may hold the token that keeps strangers out
        parts = urlsplit(body["callback_url"])
        shown["callback_url"] = f"{parts.scheme}://{parts.hostname}/***"
    return shown


def _key(
    era: type[CreateRequest],
    fields: Mapping[str, Any],
    served: tuple[Served, ...],
    name: str | None,
    service: str,
) -> str:
    """A digest of what decides which replica comes of it.

    Not of the addresses: a new link to the same bytes makes the same replica. Nor of where the end of the
    training is reported.
    """
    voice = fields.get("voice_name")
    document = {
        "version": _KEY_VERSION,
        "service": service,
        "route": era.route,
        "model_name": fields["model_name"],
        "voice_name": None if voice is None else voice.casefold(),
        "auto_fix_training_image": bool(fields.get("auto_fix_training_image")),
        "name": name,
        "media": {str(place.role): _identified(place) for place in served},
    }
    text = json.dumps(document, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _identified(served: Served) -> dict[str, Any]:
    """What tells the bytes apart from all others: their digest; or the tag that one address gives them."""
    identity = served.identity
    if identity.sha256 is not None:
        return {"sha256": identity.sha256}
    return {"etag": identity.etag, "size_bytes": identity.size_bytes, "at": str(served.url)}


def _served(clearance: Clearance, role: Role, allow_hosts: tuple[str, ...]) -> Served:
    submission, field = clearance.submission, SERVED_AT[role]
    source = dict(submission.sources()).get(role)
    there = source is not None and is_address(source)
    text = os.fsdecode(source) if there and source is not None else getattr(submission, field)
    if there and getattr(submission, field) not in (None, "", text):
        raise ConfigurationError(f"{field} is another address than the one that was checked; leave it out")
    if not text:
        option = "--" + field.replace("_", "-")
        raise ConfigurationError(
            f"the service fetches files by address: say where the checked file is served, with {option}"
        )
    url = _require_public(text, field, allow_hosts)
    return Served(role, field, url, clearance.identities[role], there)


def _as_sent(submission: Submission, served: Served) -> str:
    """The address as it was given, to the letter: a signature covers its spelling."""
    source = dict(submission.sources()).get(served.role)
    if served.checked_there and source is not None:
        return os.fsdecode(source)
    return str(getattr(submission, served.field))


def _require_public(text: str, field: str, allow_hosts: tuple[str, ...]) -> Url:
    """Refuse what the service could not fetch, or should not be told. Names are not resolved."""
    try:
        return public_url(text, name=field, allow_hosts=allow_hosts)
    except UsageError as exc:
        raise ConfigurationError(str(exc)) from None


def _said(exc: ValidationError) -> str:
    """What is wrong, without what was given."""
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'request'}: {error['msg'].removeprefix('Value error, ')}"
        for error in exc.errors(include_input=False, include_url=False, include_context=False)
    )
