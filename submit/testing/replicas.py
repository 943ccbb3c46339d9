"""A replica of the fake service: what it was made from, and how its training goes as time goes by."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from submit.testing.bodies import DEFAULT_MODEL, Dialect
from submit.testing.faults import training_message

__all__ = ["FakeReplica"]

_FAILS = re.compile(r"fails-([A-Za-z0-9_]+)")
_OTHER = "other_quality_issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeReplica:
    """A replica at the fake service. Its state is a function of the time and of nothing else."""

    replica_id: str
    request: Mapping[str, Any]
    dialect: Dialect
    name: str | None
    created_at: dt.datetime
    changed_at: dt.datetime
    training_s: float
    error_message: str | None = None
    stuck_at: int | None = None
    listed_from: dt.datetime
    default_voice_id: str | None = None
    is_stock: bool = False

    @property
    def model_name(self) -> str:
        return str(self.request.get("model_name", DEFAULT_MODEL))

    @property
    def ends_at(self) -> dt.datetime | None:
        """When training ends; None where it never does."""
        if self.stuck_at is not None:
            return None
        return self.created_at + dt.timedelta(seconds=self.training_s)

    def ended(self, now: dt.datetime) -> bool:
        return self.ends_at is not None and now >= self.ends_at

    def status(self, now: dt.datetime) -> str:
        if not self.ended(now):
            return "started"
        return "completed" if self.error_message is None else "error"

    def progress(self, now: dt.datetime) -> str:
        """``n/100``. An input that is rejected stays at 0 (service documentation, read 2026-11-22)."""
        if self.error_message is not None:
            return "0/100"
        if self.ended(now):
            return "100/100"
        share = (now - self.created_at).total_seconds() / self.training_s if self.training_s else 1.0
        return f"{min(max(int(100 * share), 0), 99 if self.stuck_at is None else self.stuck_at)}/100"

    def document(self, dialect: Dialect, now: dt.datetime, *, verbose: bool) -> dict[str, Any]:
        """As GET shows it. The example addresses of thumbnails lead nowhere."""
        completed = self.status(now) == "completed"
        changed = self.changed_at if not self.ended(now) else max(self.changed_at, self.ends_at or now)
        shown: dict[str, Any] = {
            dialect.id_key: self.replica_id,
            dialect.name_key: self.name,
            "thumbnail_video_url": f"https://media.example/{self.replica_id}.mp4" if completed else None,
            "training_progress": self.progress(now),
            "status": self.status(now),
            "created_at": spelt(self.created_at),
            "updated_at": spelt(changed),
            "error_message": self.error_message if self.ended(now) else None,
            "model_name": self.model_name,
        }
        if dialect.noun == "face":
            shown["default_voice_id"] = self.default_voice_id
        if self.model_name == "phoenix-4.5":
            shown["finetune_status"] = self._finetuning(now)
        if verbose:
            shown[dialect.type_key] = "system" if self.is_stock else "user"
        return shown

    def callback(self) -> dict[str, Any]:
        """What is posted at the end. That the newer route says ``face_id`` here is not documented."""
        told = {self.dialect.id_key: self.replica_id}
        if self.error_message is None:
            return told | {"status": "ready"}
        return told | {"status": "error", "error_message": self.error_message}

    def _finetuning(self, now: dt.datetime) -> str | None:
        """Goes on after ``completed`` (service documentation, read 2026-11-22); here for as long again."""
        if self.ends_at is None or self.status(now) != "completed":
            return None
        return "completed" if now >= self.ends_at + dt.timedelta(seconds=self.training_s) else "training"


def spelt(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_asked_for(name: str | None, request: Mapping[str, Any]) -> str | None:
    """The training error that ``fails-TYPE`` in the name or in the address of the media asks for.

    A type that there is not fails all the same: a slip must not look like a success.
    """
    for text in (name, request.get("train_video_url"), request.get("train_image_url")):
        found = _FAILS.search(text) if isinstance(text, str) else None
        if found is not None:
            message = training_message(found[1])
            return message if message != found[1] else training_message(_OTHER)
    return None
