"""Sends what passed: creates replicas from clearances, and follows their training."""

from __future__ import annotations

from submit.client import AsyncReplicaClient, ReplicaClient
from submit.errors import (
    BadKey,
    ConfigurationError,
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
