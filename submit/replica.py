"""The create request and the answers to it: pure functions between a Clearance and JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from preflight.errors import UsageError
from preflight.network.public import public_url
from preflight.network.url import is_address
from preflight.report import Clearance
from preflight.submission import Role, Submission
from preflight.text import printable
from preflight.text import redacted as redacted_text
from submit.errors import BadKey, ConfigurationError, NotReached, OutcomeUnknown, PlanRequired, Refused

__all__ = ["Replica", "create_request", "read_created", "read_replica", "redacted"]

_SERVED_AT = {
    Role.TRAINING_VIDEO: "train_video_url",
    Role.CONSENT_VIDEO: "consent_video_url",
    Role.TRAINING_IMAGE: "train_image_url",
}
_CALLED = {("/v2/faces", "replica_name"): "face_name"}
"""What a field is called on a route that calls it something else."""
_DONE = {"completed", "ready"}


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica as the service describes it. ``progress`` is the service's own text, such as ``40/100``."""

    replica_id: str
    status: str
    progress: str | None = None
    error_message: str | None = None

    @property
    def done(self) -> bool:
        """Trained. The service says ``completed`` in one place and ``ready`` in another."""
        return self.status in _DONE

    @property
    def failed(self) -> bool:
        return self.status == "error"


def create_request(clearance: Clearance, *, allow_hosts: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON body that asks for exactly what was cleared.

    Raises ConfigurationError where a checked file has no address, or one the service cannot fetch, and
    TypeError for anything that is not a Clearance.
    """
    if not Clearance.is_genuine(clearance):
        raise TypeError("only a Clearance can be submitted; Report.clear() makes one")
    submission = clearance.submission
    body: dict[str, Any] = {"model_name": submission.model_name}
    sources = dict(submission.sources())
    for role in clearance.identities:
        field = _SERVED_AT[role]
        body[field] = _served_at(submission, sources.get(role), field, allow_hosts)
    for field in ("voice_name", "replica_name", "callback_url"):
        value = getattr(submission, field)
        if value:
            body[_CALLED.get((clearance.policy_endpoint, field), field)] = value
    if submission.auto_fix_training_image:
        body["auto_fix_training_image"] = True
    if body.get("callback_url"):
        _require_public(body["callback_url"], "callback_url", allow_hosts)
    return body


def redacted(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body, fit to show: without the query strings of its addresses, which are often credentials."""
    shown = {key: redacted_text(value) if key.endswith("_url") else value for key, value in body.items()}
    if "callback_url" in shown:  # its path may hold the token that keeps strangers out
        parts = urlsplit(body["callback_url"])
        shown["callback_url"] = f"{parts.scheme}://{parts.hostname}/***"
    return shown


def read_created(status: int, content: bytes) -> Replica:
    """The answer to a create request. Raises Refused, or OutcomeUnknown if it leaves open what happened."""
    document = _document(content)
    if 200 <= status < 300:
        replica = _replica(document)
        if replica is None:
            raise OutcomeUnknown(f"the service answered {status} without an id")
        return replica
    if status >= 500 or status in (303, 408):  # 303: done, look for the answer elsewhere
        raise OutcomeUnknown(f"the service answered {status}")
    raise _refusal(status, document)


def read_replica(status: int, content: bytes) -> Replica:
    """The answer to a request for one replica. Raises Refused, or NotReached for trouble that may pass."""
    if status >= 500:
        raise NotReached(f"the service is in trouble ({status}); try again later")
    document = _document(content)
    replica = _replica(document) if 200 <= status < 300 else None
    if replica is None:
        raise _refusal(status, document)
    return replica


def _served_at(
    submission: Submission, source: str | os.PathLike[str] | None, field: str, allow_hosts: tuple[str, ...]
) -> str:
    """Where the service finds what was checked: at the address that was, or where a local file is served."""
    url: str | None = getattr(submission, field)
    if source is not None and is_address(source):
        if url and url != source:
            raise ConfigurationError(
                f"{field} is another address than the one that was checked; leave it out"
            )
        url = os.fsdecode(source)
    if not url:
        option = "--" + field.replace("_", "-")
        raise ConfigurationError(
            f"the service fetches files by address: say where the checked file is served, with {option}"
        )
    _require_public(url, field, allow_hosts)
    return url


def _require_public(text: str, field: str, allow_hosts: tuple[str, ...]) -> None:
    """Refuse what the service could not fetch, or should not be told. Names are not resolved."""
    try:
        public_url(text, name=field, allow_hosts=allow_hosts)
    except UsageError as exc:
        raise ConfigurationError(str(exc)) from None


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _replica(document: Mapping[str, Any]) -> Replica | None:
    """From an answer of either era: replicas are called faces in the newer one."""
    replica_id = document.get("replica_id") or document.get("face_id")
    if not isinstance(replica_id, str) or not replica_id.isalnum():
        return None
    return Replica(
        replica_id=replica_id,
        status=_text(document.get("status")) or "unknown",
        progress=_text(document.get("training_progress")),
        error_message=_text(document.get("error_message")),
    )


def _refusal(status: int, document: Mapping[str, Any]) -> Refused:
    said = _text(document.get("error")) or _text(document.get("message")) or "no reason given"
    if status in (401, 403):
        return BadKey(
            f"the service did not accept the API key ({status}: {said}); check TAVUS_API_KEY", status=status
        )
    if status == 402:
        return PlanRequired(
            f"the account's plan does not include custom replicas (402: {said}); the key itself is fine",
            status=status,
        )
    if status == 429:
        return Refused(
            f"the service asks to slow down (429: {said}); nothing was created, try later", status=status
        )
    return Refused(f"the service refused the request ({status}: {said})", status=status)


def _text(value: object) -> str | None:
    """What the service says, fit to repeat: one line, bounded, no query strings."""
    return printable(redacted_text(value.strip()), limit=1000) or None if isinstance(value, str) else None
