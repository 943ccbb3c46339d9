"""Checks replica training media before submission: consent wording, video, sound and image requirements.

    report = preflight.check(preflight.Submission(train_video="clip.mp4", full_name="Maria Lopez"))
    clearance = report.clear()

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preflight.version import __version__

if TYPE_CHECKING:
    from preflight.configuration import Configuration, load_configuration
    from preflight.consent import ConsentMatch, match_consent
    from preflight.engine import acheck, check
    from preflight.errors import (
        ConfigurationError,
        NotCleared,
        PolicyError,
        PreflightError,
        RecogniserError,
        SourceError,
        ToolError,
        UsageError,
    )
    from preflight.report import Clearance, Finding, Report
    from preflight.rule import Severity
    from preflight.submission import Depth, Options, Role, RuleWaiver, Submission
    from preflight.verdict import Verdict

__all__ = [
    "Clearance",
    "Configuration",
    "ConfigurationError",
    "ConsentMatch",
    "Depth",
    "Finding",
    "NotCleared",
    "Options",
    "PolicyError",
    "PreflightError",
    "RecogniserError",
    "Report",
    "Role",
    "RuleWaiver",
    "Severity",
    "SourceError",
    "Submission",
    "ToolError",
    "UsageError",
    "Verdict",
    "__version__",
    "acheck",
    "check",
    "load_configuration",
    "match_consent",
]

_HOME = {
    "Configuration": "configuration",
    "load_configuration": "configuration",
    "ConsentMatch": "consent",
    "match_consent": "consent",
    "acheck": "engine",
    "check": "engine",
    "Clearance": "report",
    "Finding": "report",
    "Report": "report",
    "Severity": "rule",
    "Depth": "submission",
    "Options": "submission",
    "Role": "submission",
    "RuleWaiver": "submission",
    "Submission": "submission",
    "Verdict": "verdict",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"preflight.{_HOME.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
