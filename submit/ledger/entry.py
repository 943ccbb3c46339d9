"""What the ledger holds of one submission."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["FINAL", "MAX_LEASE_S", "Entry", "Event", "State", "require_key"]

MAX_LEASE_S = 24 * 3600.0
"""No submission takes that long. A lease that ends later was written by a clock that was wrong."""

FINAL = frozenset({"completed", "ready", "error"})
"""How the service says that a training has ended; it does not begin again."""

_HEX = frozenset("0123456789abcdef")


class State(StrEnum):
    """How far a submission has come."""

    CLAIMED = "claimed"
    """Somebody is about to send it. Nothing has been sent."""
    SENDING = "sending"
    """It may be on its way. No program sends it again."""
    CREATED = "created"
    """The service made a replica of it."""
    REFUSED = "refused"
    """Nothing was created: the service refused, or was never reached."""
    UNKNOWN = "unknown"
    """It may have been created, or not."""
    RELEASED = "released"
    """A person said that it may be submitted again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission. ``attempts`` is how often it was claimed; ``status`` is that of the training."""

    key: str
    state: State
    intent: Mapping[str, Any]
    owner: str
    attempts: int
    claimed_at: dt.datetime
    changed_at: dt.datetime
    sent_at: dt.datetime | None
    lease_until: dt.datetime
    replica_id: str | None = None
    status: str | None = None
    error_message: str | None = None
    note: str | None = None

    @property
    def is_settled(self) -> bool:
        """Nobody is at work on it, and nothing about it is in doubt."""
        return self.state in (State.CREATED, State.REFUSED, State.RELEASED)

    def expired(self, now: dt.datetime) -> bool:
        """Whether its owner had all the time that was asked for.

        Clocks may be set back: a lease that ends further ahead than any may be long counts as over. That is
        safe, for who lost a claim cannot send, and what may have been sent is never sent again.
        """
        return not now < self.lease_until <= now + dt.timedelta(seconds=MAX_LEASE_S)


@dataclass(frozen=True, slots=True)
class Event:
    """One change of an entry, or news that left its state as it was. ``before`` is None for the first."""

    at: dt.datetime
    before: State | None
    after: State
    owner: str
    note: str | None = None
    replica_id: str | None = None


def require_key(key: str) -> str:
    """The key of a submission. Raises ValueError for anything else."""
    if len(key) != 64 or not _HEX.issuperset(key):
        raise ValueError("the key of a submission is 64 hexadecimal digits")
    return key
