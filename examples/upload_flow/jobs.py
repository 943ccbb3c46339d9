"""What becomes of an upload."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["Job", "State"]


class State(StrEnum):
    QUEUED = "queued"
    CHECKING = "checking"
    NOT_CLEARED = "not-cleared"
    """The findings say what to do; nothing was stored or sent."""
    NEEDS_PERSON = "needs-person"
    """Nothing failed, but somebody has to look; nothing was stored or sent."""
    SUBMITTING = "submitting"
    DOUBTFUL = "doubtful"
    """A replica may or may not exist. Uploading the same again looks for it, and creates nothing."""
    REFUSED = "refused"
    """By the service, or because it could not be asked; nothing was created."""
    TRAINING = "training"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass
class Job:
    """One upload. Its files are in ``folder`` under names of our own, until the check is over."""

    folder: TemporaryDirectory[str]
    fields: dict[str, Any]
    files: dict[str, Path]
    """By field of a Submission: ``train_video``, ``consent_video`` or ``train_image``."""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: State = State.QUEUED
    progress: float | None = None
    """Of what is being done now, from 0 to 1; None where that is not known."""
    report: dict[str, Any] | None = None
    replica_id: str | None = None
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "job": self.id,
            "state": str(self.state),
            "progress": self.progress,
            "replica_id": self.replica_id,
            "message": self.message,
            "report": self.report,
        }
