"""Sends what passed: creates replicas from clearances, and follows their training.

Names are loaded when they are first used: the command line imports this package to list its commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from submit.client import AsyncReplicaClient, ReplicaClient
    from submit.errors import (
        BadKey,
        ConfigurationError,
        LedgerError,
        LostClaim,
        NotReached,
        OutcomeUnknown,
        PlanRequired,
        Refused,
        StillTraining,
        SubmitError,
        TrainingFailed,
    )
    from submit.replica import Replica

__all__ = [
    "AsyncReplicaClient",
    "BadKey",
    "ConfigurationError",
    "LedgerError",
    "LostClaim",
    "NotReached",
    "OutcomeUnknown",
    "PlanRequired",
    "Refused",
    "Replica",
    "ReplicaClient",
    "StillTraining",
    "SubmitError",
    "TrainingFailed",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from submit import client, errors

    return getattr(client if hasattr(client, name) else errors, name)


def __dir__() -> list[str]:
    return sorted(__all__)
