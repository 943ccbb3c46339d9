"""What can go wrong between a clearance and a trained replica.

    SubmitError
    ├── ConfigurationError     no key, no usable base address, or no address for a checked file
    ├── NotReached             nothing was created: the service could not be reached or could not answer
    ├── Refused                the service answered, and refused; nothing was created
    │   ├── BadKey             401 or 403
    │   └── PlanRequired       402: the plan does not include custom training; the key itself is fine
    ├── TrainingFailed         the replica was created, and its training ended in error
    ├── StillTraining          the time to wait is over; the training goes on
    ├── LedgerError            the ledger of submissions cannot be opened, read or written, or what is asked
    │   │                      of it does not fit what it holds
    │   └── LostClaim          another took the submission over, or settled it
    └── OutcomeUnknown         the request may or may not have created a replica; never repeat it blindly

Messages hold no keys and no query strings.
"""

from __future__ import annotations

__all__ = [
    "BadKey",
    "ConfigurationError",
    "LedgerError",
    "LostClaim",
    "NotReached",
    "OutcomeUnknown",
    "PlanRequired",
    "Refused",
    "StillTraining",
    "SubmitError",
    "TrainingFailed",
]


class SubmitError(Exception):
    """Base of everything this package raises."""


class ConfigurationError(SubmitError):
    """No key, no usable base address, or no address for a checked file."""


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


class TrainingFailed(SubmitError):  # noqa: N818
    """The replica was created, and its training ended in error."""


class StillTraining(SubmitError):  # noqa: N818
    """The time to wait is over; the training goes on."""


class LedgerError(SubmitError):
    """The ledger cannot be opened, read or written, or what is asked of it does not fit what it holds."""


class LostClaim(LedgerError):  # noqa: N818
    """Another took the submission over, or settled it. Who holds the claim no more must not send."""


class OutcomeUnknown(SubmitError):  # noqa: N818
    """The request may or may not have created a replica. ``what`` happened, in words."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}; a replica may or may not have been created. Look for it in the service's list of "
            "replicas before submitting again"
        )
