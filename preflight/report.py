"""What a check found, and the clearance that only a passing one gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from weakref import WeakSet

from preflight.consent import ConsentMatch, NameMatch, NameVerdict
from preflight.errors import NotCleared
from preflight.exhibit import Exhibits
from preflight.mend import Mending
from preflight.policy import Override, Policy, Requirement, overrides
from preflight.rule import Measure, Severity
from preflight.submission import Role, RuleWaiver, Submission
from preflight.verdict import Verdict
from preflight.version import __version__

__all__ = ["AssetReport", "Clearance", "Finding", "Identity", "ListedAt", "Report"]

SCHEMA_VERSION = 1
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.ADVICE: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that was broken, or that could not be assessed. Never a rule that passed."""

    code: str
    rule: str
    severity: Severity
    assessed: bool
    asset: Role | None
    message: str
    remedy: str
    measured: Measure = None
    limit: Measure = None
    unit: str | None = None
    at: tuple[float, float] | None = None
    prevents: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """``violation``, or ``not-assessed`` where the evidence allowed no decision."""
        return "violation" if self.assessed else "not-assessed"

    @property
    def blocks(self) -> bool:
        """Whether this keeps the submission from passing."""
        return self.severity is Severity.ERROR

    @property
    def sort_key(self) -> tuple[bool, int]:
        """Violations first, then what was not assessed; each by severity."""
        return (not self.assessed, _ORDER[self.severity])

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "rule": self.rule,
            "severity": str(self.severity),
            "outcome": self.outcome,
            "asset": None if self.asset is None else str(self.asset),
            "message": self.message,
            "measured": self.measured,
            "limit": self.limit,
            "unit": self.unit,
            "at": None if self.at is None else list(self.at),
            "remedy": self.remedy,
            "prevents": list(self.prevents),
        }


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies the bytes that were checked: their digest where all of them were read, and the strong
    entity tag that a server gave them, with their length."""

    size_bytes: int | None
    sha256: str | None = None
    etag: str | None = None

    @property
    def is_known(self) -> bool:
        return self.sha256 is not None or self.etag is not None


@dataclass(frozen=True, slots=True)
class AssetReport:
    """One checked file: what it is called, what identifies its bytes, what it turned out to be.

    ``etag`` is the strong entity tag of a file behind an address. ``size_bytes`` is ``None`` for an address
    that nobody was asked about, because it says itself that it leads to no file. ``fix`` is what mends some
    of its faults without a new recording or photo, ``None`` where nothing does.
    """

    role: Role
    source: str
    sha256: str | None
    size_bytes: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    fix: Mending | None = None
    etag: str | None = None

    @property
    def identity(self) -> Identity:
        return Identity(self.size_bytes, self.sha256, self.etag)

    def to_dict(self) -> dict[str, Any]:
        return {
            "role": str(self.role),
            "source": self.source,
            "sha256": self.sha256,
            "etag": self.etag,
            "size_bytes": self.size_bytes,
            "facts": dict(self.facts),
            "fix": None if self.fix is None else self._fix_dict(self.fix),
        }

    def _fix_dict(self, fix: Mending) -> dict[str, Any]:
        return {"command": fix.command(self.source), "mends": list(fix.mends), "steps": list(fix.steps)}


@dataclass(frozen=True, slots=True)
class ListedAt:
    """The line of a list of submissions that asked for a check; lines are counted from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a check found. The verdict follows from the findings; nobody sets it.

    ``waived`` names the rules whose waivers held on the day of the check, ``waivers`` are those that the
    options added to the policy's. ``listed_at`` is where the submission stands in a list of many, and
    ``exhibits`` what a page may show of the files, where ``Options.shown`` asked for it; neither is part of
    the JSON report.
    """

    submission: Submission
    policy: Policy
    assets: tuple[AssetReport, ...]
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    consent: ConsentMatch | None
    consent_asset: Role | None
    environment: Mapping[str, Any]
    waived: tuple[str, ...] = ()
    waivers: tuple[RuleWaiver, ...] = ()
    exhibits: Exhibits | None = field(default=None, repr=False, compare=False)
    listed_at: ListedAt | None = None

    @property
    def verdict(self) -> Verdict:
        """``fail`` if a rule of severity error is broken; ``review`` if one was not assessed; else ``pass``.

        Passing takes what is present, not only the absence of faults: a file, rules that passed and, where
        the policy requires consent, a consent that passed.
        """
        consented = self.consent is not None and self.consent.verdict is Verdict.PASS
        if any(f.blocks and f.assessed for f in self.findings):
            return Verdict.FAIL
        if any(f.blocks for f in self.findings) or not self.passed or not self.assets:
            return Verdict.REVIEW
        if self.consent_required and not consented:
            return Verdict.REVIEW
        return Verdict.PASS

    @property
    def consent_required(self) -> bool:
        """Whether the policy asks a spoken consent of this submission: of video, never of still images."""
        asked = self.policy.consent_requirement is Requirement.REQUIRED
        return asked and any(asset.role is not Role.TRAINING_IMAGE for asset in self.assets)

    @property
    def consent_shown(self) -> ConsentMatch | None:
        """What was heard of a consent, as far as it is worth showing.

        Where none is required, a recording without a statement, or an attempt at one, says nothing of it.
        """
        match = self.consent
        none_there = match is None or match.statement is None
        return None if none_there and not self.consent_required else match

    def waivers_that(self, *, hold: bool) -> tuple[RuleWaiver, ...]:
        """The waivers of policy and options that held on the day of the check, or that had ended; by rule."""
        given = (*self.policy.rule_waivers, *self.waivers)
        chosen = (waiver for waiver in given if (waiver.rule in self.waived) == hold)
        return tuple(sorted(chosen, key=lambda waiver: waiver.rule))

    def clear(self) -> Clearance:
        """The right to submit exactly what was checked. Raises NotCleared unless the verdict is ``pass``."""
        return Clearance._of(self)

    def to_dict(self) -> dict[str, Any]:
        """The JSON report, schema version 1."""
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "replica-preflight", "version": __version__},
            "verdict": str(self.verdict),
            "policy": self._policy_dict(),
            "assets": [asset.to_dict() for asset in self.assets],
            "findings": [finding.to_dict() for finding in self.findings],
            "passed": list(self.passed),
            "consent": self._consent_dict(),
            "environment": dict(self.environment),
        }

    def _policy_dict(self) -> dict[str, Any]:
        policy = self.policy
        return {
            "id": policy.id,
            "read": policy.read.isoformat(),
            "extends": policy.extends,
            "overrides": [_override_dict(override) for override in overrides(policy)],
            "waivers": [_waiver_dict(waiver) for waiver in self.waivers_that(hold=True)],
            "expired_waivers": [_waiver_dict(waiver) for waiver in self.waivers_that(hold=False)],
        }

    def _consent_dict(self) -> dict[str, Any] | None:
        if not self.consent_required and self.consent_shown is None:
            return None
        match = self.consent or NOT_HEARD
        asset = None if self.consent_asset is None else str(self.consent_asset)
        verdict = Verdict.REVIEW if self.consent is None else match.verdict
        return match.to_dict() | {"verdict": str(verdict), "asset": asset}


def _override_dict(override: Override) -> dict[str, Any]:
    return {
        "key": override.key,
        "value": override.value,
        "base": override.base,
        "source": override.source,
    }


def _waiver_dict(waiver: RuleWaiver) -> dict[str, Any]:
    until = None if waiver.until is None else waiver.until.isoformat()
    return {"rule": waiver.rule, "reason": waiver.reason, "until": until, "source": waiver.source}


NOT_HEARD = ConsentMatch(
    statement=None,
    heard="",
    start_s=None,
    end_s=None,
    name=NameMatch(None, None, NameVerdict.MISSING),
    words=(),
    causes=(),
)
"""Stands for a consent that is required and could not be listened to; the findings say why."""

_SEAL = object()
_ISSUED: WeakSet[Clearance] = WeakSet()


class Clearance:
    """Proof that one submission passed: what was asked for, under which policy, with which bytes.

    Only ``Report.clear()`` makes one. It cannot be built, changed, copied or unpickled, and those that were
    made are remembered, so that code which needs a Clearance cannot be handed anything else by accident.
    Whoever writes a passing Report by hand gets one: this keeps mistakes out, not sabotage.
    """

    __slots__ = ("__weakref__", "expires_at", "identities", "issued_at", "policy", "submission")

    submission: Submission
    identities: Mapping[Role, Identity]
    policy: Policy
    issued_at: dt.datetime
    expires_at: dt.datetime

    def __init__(self, seal: object = None) -> None:
        if seal is not _SEAL:
            raise NotCleared("a clearance is made by Report.clear() alone")

    @classmethod
    def _of(cls, report: Report) -> Clearance:
        if report.verdict is not Verdict.PASS:
            codes = ", ".join(sorted({f.code for f in report.findings if f.blocks})) or "nothing was assessed"
            raise NotCleared(f"the verdict is {report.verdict}, not pass ({codes})")
        identities = {asset.role: asset.identity for asset in report.assets}
        for asset in report.assets:
            if not asset.identity.is_known:
                raise NotCleared(f"{asset.source}: nothing identifies the bytes that were checked")
        clearance = cls(_SEAL)
        now = dt.datetime.now(dt.UTC)
        for name, value in (
            ("submission", report.submission),
            ("identities", MappingProxyType(identities)),
            ("policy", report.policy),
            ("issued_at", now),
            ("expires_at", now + dt.timedelta(hours=report.policy.request.clearance_validity.value)),
        ):
            object.__setattr__(clearance, name, value)
        _ISSUED.add(clearance)
        return clearance

    @property
    def policy_id(self) -> str:
        return self.policy.id

    @property
    def policy_endpoint(self) -> str:
        """The route that replicas are created on."""
        return self.policy.endpoint

    @property
    def sha256(self) -> Mapping[Role, str]:
        """The digests of the files of which every byte was read."""
        known = {role: identity.sha256 for role, identity in self.identities.items()}
        return MappingProxyType({role: digest for role, digest in known.items() if digest is not None})

    @staticmethod
    def is_genuine(candidate: object) -> bool:
        """Whether this very object was made by ``Report.clear()``."""
        return type(candidate) is Clearance and candidate in _ISSUED

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a clearance cannot be changed ({name})")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a clearance cannot be changed ({name})")

    def __reduce__(self) -> str:
        raise TypeError("a clearance cannot be copied or pickled; check again where it is needed")

    def __init_subclass__(cls) -> None:
        raise TypeError("a clearance cannot be subclassed")

    def __repr__(self) -> str:
        roles = ", ".join(self.identities)
        return f"<Clearance {self.policy_id}: {roles}; issued {self.issued_at:%Y-%m-%d %H:%M} UTC>"
