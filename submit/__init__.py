"""Sends what passed: creates replicas from clearances, each of them once, and follows their training.

Names are loaded when they are first used: the command line imports this package to list its commands.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from submit.answers import Replica, Voice
    from submit.callback import callback_app, new_token
    from submit.client import AsyncReplicaClient, Confirmed, ReplicaClient
    from submit.errors import (
        BadKey,
        ConfigurationError,
        LedgerError,
        LostClaim,
        NotAsChecked,
        NotReached,
        NotRecorded,
        NotThere,
        OutcomeUnknown,
        PlanRequired,
        Refused,
        SlowDown,
        StillTraining,
        SubmitError,
        TrainingFailed,
        Underway,
        UnknownVoice,
    )
    from submit.ledger import Ledger
    from submit.service import Patience

__all__ = [
    "AsyncReplicaClient",
    "BadKey",
    "ConfigurationError",
    "Confirmed",
    "Ledger",
    "LedgerError",
    "LostClaim",
    "NotAsChecked",
    "NotReached",
    "NotRecorded",
    "NotThere",
    "OutcomeUnknown",
    "Patience",
    "PlanRequired",
    "Refused",
    "Replica",
    "ReplicaClient",
    "SlowDown",
    "StillTraining",
    "SubmitError",
    "TrainingFailed",
    "Underway",
    "UnknownVoice",
    "Voice",
    "callback_app",
    "new_token",
]
_HOME = {
    "AsyncReplicaClient": "client",
    "Confirmed": "client",
    "ReplicaClient": "client",
    "Ledger": "ledger",
    "Patience": "service",
    "Replica": "answers",
    "Voice": "answers",
    "callback_app": "callback",
    "new_token": "callback",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"submit.{_HOME.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
