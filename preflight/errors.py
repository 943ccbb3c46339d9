"""What can go wrong in the world, as opposed to in the media.

    PreflightError            the check could not be made; the command line exits with 2
    ├── UsageError            what was asked makes no sense, or is outside what this version reads
    ├── ConfigurationError    a file of settings cannot be read, or sets what cannot be set
    ├── PolicyError           the policy file is missing, malformed or incomplete
    ├── SourceError           the input cannot be read, or changed while it was being read
    ├── ToolError             ffmpeg or ffprobe is missing or failed in a way that says nothing of the media
    └── RecogniserError       the speech recogniser cannot be loaded or run
    NotCleared                a clearance was asked of a report that did not pass
    Unavailable               a fact could not be established; the rules that need it are "not assessed"

Messages name the input, the fact and the remedy. They hold no query strings and no keys.
"""

from __future__ import annotations

__all__ = [
    "ConfigurationError",
    "NotCleared",
    "PolicyError",
    "PreflightError",
    "RecogniserError",
    "SourceError",
    "ToolError",
    "Unavailable",
    "UsageError",
]


class PreflightError(Exception):
    """The check could not be made."""


class UsageError(PreflightError):
    """What was asked makes no sense, or is outside what this version reads."""


class ConfigurationError(PreflightError):
    """A file of settings cannot be read, or sets what cannot be set."""


class PolicyError(PreflightError):
    """The policy file is missing, malformed or incomplete."""


class SourceError(PreflightError):
    """The input cannot be read, or changed while it was being read."""


class ToolError(PreflightError):
    """ffmpeg or ffprobe is missing, or failed in a way that says nothing of the media."""


class RecogniserError(PreflightError):
    """The speech recogniser cannot be loaded or run."""


class NotCleared(Exception):  # noqa: N818 - part of the public contract
    """A clearance was asked of a report that did not pass."""


class Unavailable(Exception):  # noqa: N818 - a state of the evidence, not a fault of the program
    """A fact could not be established, and why. Never means "fine"."""
