"""What the commands that send share: the environment's client, and what an error is on a command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from preflight.cli import COULD_NOT_RUN, NOT_CLEARED, REFUSED, UNKNOWN, complain

if TYPE_CHECKING:
    from submit.binding import Progress
    from submit.client import ReplicaClient
    from submit.errors import SubmitError

__all__ = ["base_url", "client", "complain_of_training", "has_key", "reporting"]


def client(allowed: tuple[str, ...] = (), progress: Progress | None = None) -> ReplicaClient:
    """Of the service that the environment names, with its key. Raises ConfigurationError."""
    from submit.client import ReplicaClient

    return ReplicaClient(
        api_key=os.environ.get("TAVUS_API_KEY", ""),
        base_url=base_url(),
        allow_hosts=allowed,
        progress=progress,
    )


def has_key() -> bool:
    return bool(os.environ.get("TAVUS_API_KEY"))


def base_url() -> str:
    """The service that the environment names. Raises ConfigurationError."""
    from submit.service import DEFAULT_BASE_URL, read_base

    return read_base(os.environ.get("TAVUS_BASE_URL") or DEFAULT_BASE_URL)[0]


def reporting(action: Callable[[], int]) -> int:
    """Run, and turn what the service did into a line and an exit code."""
    from submit.errors import SubmitError, TrainingFailed

    try:
        return action()
    except TrainingFailed as exc:
        complain_of_training(str(exc))
        return REFUSED
    except SubmitError as exc:
        complain(str(exc))
        return _exit_code(exc)


def complain_of_training(message: str) -> None:
    """Why it ended in error, and which rules would have told."""
    from submit.explain import explained, explained_text

    complain(f"training ended in error: {message}")
    sys.stderr.write(explained_text(explained(message)))


def _exit_code(exc: SubmitError) -> int:
    from submit.errors import NotAsChecked, NotRecorded, OutcomeUnknown, Refused

    if isinstance(exc, (OutcomeUnknown, NotRecorded)):
        return UNKNOWN
    if isinstance(exc, NotAsChecked):
        return NOT_CLEARED
    return REFUSED if isinstance(exc, Refused) else COULD_NOT_RUN
