"""The service's answers: read defensively, since its documentation leaves much of them open.

Pure functions between a status with a body and a typed result or an error.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from preflight.text import printable, redacted
from submit.errors import (
    BadKey,
    NotReached,
    NotThere,
    OutcomeUnknown,
    PlanRequired,
    Refused,
    SlowDown,
)

__all__ = [
    "Page",
    "Replica",
    "Voice",
    "as_said",
    "read_changed",
    "read_created",
    "read_replica",
    "read_replicas",
    "read_voices",
]

DONE = frozenset({"completed", "ready"})
"""The service says ``completed`` of a replica, and ``ready`` in a callback."""
FAILED = "error"
_QUERY = re.compile(r"(?<=\S)\?[^\s'\"<>?]{0,8192}=[^\s'\"<>]*")


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica as the service describes it; ``None`` is what it does not say.

    ``progress`` is the service's own text, such as ``40/100``. ``known_since`` is set where nothing was
    created now, because the ledger says that this very submission created it before.
    """

    replica_id: str
    status: str
    progress: str | None = None
    error_message: str | None = None
    name: str | None = None
    model_name: str | None = None
    created_at: dt.datetime | None = None
    known_since: dt.datetime | None = None

    @property
    def done(self) -> bool:
        """Trained."""
        return self.status in DONE

    @property
    def failed(self) -> bool:
        """The training ended in error."""
        return self.status == FAILED

    @property
    def ended(self) -> bool:
        """The training is over, one way or the other."""
        return self.done or self.failed

    def to_dict(self) -> dict[str, Any]:
        return {
            "replica_id": self.replica_id,
            "replica_name": self.name,
            "status": self.status,
            "training_progress": self.progress,
            "error_message": self.error_message,
            "model_name": self.model_name,
            "created_at": _iso(self.created_at),
            "known_since": _iso(self.known_since),
        }


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of the service. ``name`` is the slug that a request names it by."""

    name: str
    voice_id: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list of replicas. ``total`` is how many there are in all, if the service says so.

    ``unreadable`` counts the items that are no replicas as far as we can read.
    """

    replicas: tuple[Replica, ...]
    total: int | None
    unreadable: int = 0


def read_created(status: int, content: bytes, hidden: Iterable[str] = ()) -> Replica:
    """The answer to a create request. Raises Refused, or OutcomeUnknown if it leaves open what happened.

    It may quote the request; what is ``hidden`` of that is not repeated.
    """
    document = {name: _without(value, hidden) for name, value in _document(content).items()}
    if 200 <= status < 300:
        replica = _replica(document)
        if replica is None:
            raise OutcomeUnknown(f"the service answered {status} without an id")
        return replica
    if status >= 500 or status in (303, 408):  # 303: done, look for the answer elsewhere
        raise OutcomeUnknown(f"the service answered {status}")
    raise _refusal(status, document)


def read_replica(status: int, content: bytes) -> Replica:
    """The answer to a question for one replica. Raises Refused (NotThere), or NotReached."""
    document = _answered(status, content)
    replica = _replica(document)
    if replica is None:
        raise Refused(f"the service answered {status} without a replica", status=status)
    return replica


def read_replicas(status: int, content: bytes) -> Page:
    """A page of the list of replicas. Raises as ``read_replica`` does; NotReached for what is no list."""
    document = _answered(status, content)
    items = document.get("data")
    if not isinstance(items, list):
        raise NotReached("the service's list of replicas cannot be read")
    replicas = [_replica(item) if isinstance(item, dict) else None for item in items]
    read = tuple(replica for replica in replicas if replica is not None)
    total = document.get("total_count")
    return Page(read, total if isinstance(total, int) and total >= 0 else None, len(items) - len(read))


def read_voices(status: int, content: bytes) -> tuple[Voice, ...]:
    """A page of the list of voices. Its shape is documented in part, so that every known one is taken.

    Raises as ``read_replica`` does; NotReached for what is no list.
    """
    _answered(status, content)
    document: object = None
    with suppress(ValueError, RecursionError):
        document = json.loads(content)
    if isinstance(document, dict):
        document = next((document[key] for key in ("data", "voices") if key in document), None)
    if not isinstance(document, list):
        raise NotReached("the service's list of voices cannot be read")
    voices = (_voice(item) for item in document)
    return tuple(voice for voice in voices if voice is not None)


def read_changed(status: int, content: bytes) -> None:
    """The answer to a change of a replica: of its name, or its deletion. Raises as ``read_replica`` does."""
    if not 200 <= status < 300:
        _answered(status, content)


def _answered(status: int, content: bytes) -> dict[str, Any]:
    """What the service says to a harmless question, if it answers it. A list counts as no words at all."""
    if status >= 500:
        raise NotReached(f"the service is in trouble ({status}); try again later")
    document = _document(content)
    if not 200 <= status < 300:
        raise _refusal(status, document)
    if not document and not content.lstrip().startswith(b"["):
        raise NotReached(f"the service answered {status} with what is not JSON; try again later")
    return document


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _replica(document: Mapping[str, Any]) -> Replica | None:
    """From an answer of either era: replicas are called faces in the newer one."""
    replica_id = document.get("replica_id") or document.get("face_id")
    if not isinstance(replica_id, str) or not (replica_id.isascii() and replica_id.isalnum()):
        return None
    return Replica(
        replica_id=replica_id[:100],
        status=as_said(document.get("status")) or "unknown",
        progress=as_said(document.get("training_progress")),
        error_message=as_said(document.get("error_message")),
        name=as_said(document.get("replica_name")) or as_said(document.get("face_name")),
        model_name=as_said(document.get("model_name")),
        created_at=_time(document.get("created_at")),
    )


def _voice(item: object) -> Voice | None:
    if isinstance(item, str):
        return Voice(item)
    if not isinstance(item, dict):
        return None
    name = as_said(item.get("voice_name")) or as_said(item.get("name"))
    return (
        None if name is None else Voice(name, as_said(item.get("voice_id")), as_said(item.get("voice_type")))
    )


def _refusal(status: int, document: Mapping[str, Any]) -> Refused:
    said = as_said(document.get("error")) or as_said(document.get("message")) or "no reason given"
    if status in (401, 403):
        return BadKey(
            f"the service did not accept the API key ({status}: {said}); check TAVUS_API_KEY", status=status
        )
    if status == 402:
        return PlanRequired(
            f"the account's plan does not include custom replicas (402: {said}); the key itself is fine: "
            "they need a paid plan, see the service's billing page",
            status=status,
        )
    if status == 404 or (status == 400 and "replica_id" in said.replace("face_id", "replica_id")):
        return NotThere(
            f"the service knows no such replica ({status}: {said}): it was deleted, or belongs to the "
            "account of another API key",
            status=status,
        )
    if status == 429:
        return SlowDown(
            f"the service asks to slow down (429: {said}); nothing was created, try later", status=status
        )
    return Refused(f"the service refused the request ({status}: {said})", status=status)


def as_said(value: object) -> str | None:
    """What the service says, fit to repeat: one line, bounded, no query strings, not even of a bare path."""
    if not isinstance(value, str):
        return None
    return printable(_QUERY.sub("?***", redacted(value.strip())), limit=1000) or None


def _without(value: object, hidden: Iterable[str]) -> object:
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, "***")
    return value


def _time(value: object) -> dt.datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = dt.datetime.fromisoformat(value)
        return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):  # the latter for the first and the last day of the calendar
        return None


def _iso(time: dt.datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")
