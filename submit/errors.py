"""What can go wrong between a clearance and a trained replica.

    SubmitError
    ├── ConfigurationError     no key, no usable base address, or no address for a checked file
    │   └── UnknownVoice       the service has no voice of that name
    ├── NotAsChecked           the clearance is too old, or its file is not served as it was checked
    ├── NotReached             nothing was created: the service could not be reached or could not answer
    ├── Refused                the service answered, and refused; nothing was created
    │   ├── BadKey             401 or 403
    │   ├── PlanRequired       402: the plan does not include custom training; the key itself is fine
    │   ├── NotThere           404: there is no such replica
    │   └── SlowDown           429
    ├── TrainingFailed         the replica was created, and its training ended in error
    ├── StillTraining          the time to wait is over; the training goes on
    ├── OutcomeUnknown         the request may or may not have created a replica; never repeat it blindly
    ├── Underway               the same submission is being made by somebody else
    └── LedgerError            the ledger of submissions cannot be opened, read or written, or what is asked
        │                      of it does not fit what it holds
        ├── LostClaim          another took the submission over, or settled it
        └── NotRecorded        a replica was created, and the ledger could not be told

Messages hold no keys and no query strings.
"""

from __future__ import annotations

__all__ = [
    "BadKey",
    "ConfigurationError",
    "LedgerError",
    "LostClaim",
    "NotAsChecked",
    "NotReached",
    "NotRecorded",
    "NotThere",
    "OutcomeUnknown",
    "PlanRequired",
    "Refused",
    "SlowDown",
    "StillTraining",
    "SubmitError",
    "TrainingFailed",
    "Underway",
    "UnknownVoice",
]


class SubmitError(Exception):
    """Base of everything this package raises."""


class ConfigurationError(SubmitError):
    """No key, no usable base address, or no address for a checked file."""


class UnknownVoice(ConfigurationError):  # noqa: N818
    """The service has no voice of that name; nothing was sent."""


class NotAsChecked(SubmitError):  # noqa: N818
    """The clearance is too old, or its file is not served as it was checked; nothing was sent."""


class NotReached(SubmitError):  # noqa: N818
    """Nothing was created: the service could not be reached, or could not answer a harmless question."""


class Refused(SubmitError):  # noqa: N818
    """The service answered, and refused; nothing was created. ``status`` is the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class BadKey(Refused):
    """The API key was not accepted."""


class PlanRequired(Refused):
    """The plan does not include custom training; the key itself is fine."""


class NotThere(Refused):
    """There is no such replica, or it belongs to the account of another key."""


class SlowDown(Refused):
    """Too many requests: try later."""


class TrainingFailed(SubmitError):  # noqa: N818
    """The replica was created, and its training ended in error."""


class StillTraining(SubmitError):  # noqa: N818
    """The time to wait is over; the training goes on."""


class OutcomeUnknown(SubmitError):  # noqa: N818
    """The request may or may not have created a replica: ``what`` happened, and how to find out.

    ``key`` is that of the submission in the ledger, where it is known there.
    """

    def __init__(self, what: str, *, key: str | None = None) -> None:
        self.what, self.key = what, key
        look = "Look for it in the service's list of replicas before submitting again"
        if key is not None:
            short = key[:12]
            look = (
                "Submitting the same again looks for it in the service's list and creates nothing. If it is "
                f"not found there: preflight ledger show {short}, look at the replicas of the account, and "
                f"say what you saw with preflight ledger resolve {short} --created ID, or --not-created"
            )
        super().__init__(f"{what}; a replica may or may not have been created. {look}")


class Underway(SubmitError):  # noqa: N818
    """The same submission is being made by somebody else, who does not come to an end; nothing was sent."""


class LedgerError(SubmitError):
    """The ledger cannot be opened, read or written, or what is asked of it does not fit what it holds."""


class LostClaim(LedgerError):  # noqa: N818
    """Another took the submission over, or settled it. Who holds the claim no more must not send."""


class NotRecorded(LedgerError):  # noqa: N818
    """A replica was created, and the ledger could not be told. ``replica_id`` is the replica's."""

    def __init__(self, replica_id: str, key: str, why: Exception) -> None:
        self.replica_id = replica_id
        super().__init__(
            f"replica {replica_id} was created, but the ledger could not be told ({why}). Once it can: "
            f"preflight ledger resolve {key[:12]} --created {replica_id}"
        )
