"""What a user wants to submit, and how it should be checked."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

__all__ = ["VARIABLES", "Depth", "Options", "Role", "RuleWaiver", "Shown", "Submission", "hosts_in"]

DEFAULT_POLICY = "tavus-replica-phoenix-4"
DEFAULT_ASR_MODEL = "small"
VARIABLES = {
    "asr_model": "PREFLIGHT_ASR_MODEL",
    "asr_second_model": "PREFLIGHT_ASR_SECOND_MODEL",
    "allow_hosts": "PREFLIGHT_ALLOW_HOSTS",
}
"""The settings that an environment variable makes where no option does."""


class Role(StrEnum):
    """What an asset is for. A submission holds at most one asset of each role."""

    TRAINING_VIDEO = "training_video"
    CONSENT_VIDEO = "consent_video"
    TRAINING_IMAGE = "training_image"


class Depth(StrEnum):
    """How much of a video is looked at. Every depth includes the ones before it."""

    QUICK = "quick"
    """Header, packet table, and the opening's sound: no picture is decoded."""
    STANDARD = "standard"
    """And all of the sound, and the key frames."""
    DEEP = "deep"
    """And every frame."""

    def reaches(self, other: Depth) -> bool:
        """Whether what needs the other depth can be assessed at this one."""
        order = list(Depth)
        return order.index(self) >= order.index(other)


class Shown(StrEnum):
    """What is kept of the files, to be shown beside a report. The check looks at it in any case."""

    NOTHING = "nothing"
    CURVES = "curves"
    """Levels of the sound, and where in it somebody speaks."""
    PICTURES = "pictures"
    """And small pictures."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One replica request, before it is sent.

    ``train_video``, ``consent_video`` and ``train_image`` are paths of local files, or http(s) URLs. The
    service fetches URLs, so sending a checked local file also needs the address it is served from: the
    ``…_url`` fields.
    That exactly one of ``train_video`` and ``train_image`` is given is said by a rule, not by this class.
    """

    train_video: str | os.PathLike[str] | None = field(default=None, repr=False)
    consent_video: str | os.PathLike[str] | None = field(default=None, repr=False)
    train_image: str | os.PathLike[str] | None = field(default=None, repr=False)
    full_name: str | None = None
    accepted_names: tuple[str, ...] = ()
    voice_name: str | None = None
    model_name: str = "phoenix-4"
    auto_fix_training_image: bool = False
    replica_name: str | None = None
    callback_url: str | None = field(default=None, repr=False)  # addresses often carry keys
    train_video_url: str | None = field(default=None, repr=False)
    consent_video_url: str | None = field(default=None, repr=False)
    train_image_url: str | None = field(default=None, repr=False)

    def served_at(self, role: Role) -> str | None:
        """Where a checked local file of that role is said to be served, for the service to fetch."""
        return {
            Role.TRAINING_VIDEO: self.train_video_url,
            Role.CONSENT_VIDEO: self.consent_video_url,
            Role.TRAINING_IMAGE: self.train_image_url,
        }[role]

    def sources(self) -> Iterator[tuple[Role, str | os.PathLike[str]]]:
        """The assets that were named, in the order in which they are judged and reported."""
        for role, source in (
            (Role.TRAINING_VIDEO, self.train_video),
            (Role.CONSENT_VIDEO, self.consent_video),
            (Role.TRAINING_IMAGE, self.train_image),
        ):
            if source is not None:
                yield role, source


@dataclass(frozen=True, slots=True)
class RuleWaiver:
    """Why what a rule finds is only advice, and the last day on which it is.

    ``source`` is who says so: the id of a policy, or the name of a configuration file. In ``Options`` the end
    is required, at most a year ahead, and no rule that guards the consent can be waived.
    """

    rule: str
    reason: str
    until: dt.date | None
    source: str = "options"

    def holds_on(self, day: dt.date) -> bool:
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class Options:
    """How to check: the policy, the recogniser, the depth.

    ``policy`` is the id of a bundled policy or the path of a policy file. ``asr_model`` is a Whisper name
    known to faster-whisper or a folder in CTranslate2 format; ``None`` means ``PREFLIGHT_ASR_MODEL`` or
    ``small``. ``asr_second_model`` names another one that listens as well: it may confirm a word that the
    first one lost, and a refusal that it hears counts (``None``: ``PREFLIGHT_ASR_SECOND_MODEL``, or no
    second model). ``allow_hosts`` opens hosts that are otherwise refused, for reading and for submission.
    ``cache`` keeps what was downloaded whole in the user's cache folder, for the next check of those bytes.
    ``waivers`` are added to those of the policy. No file of settings is read; see ``load_configuration``.
    ``shown`` says what ``Report.exhibits`` holds, for a page (``preflight.render.html``).
    """

    policy: str | Path = DEFAULT_POLICY
    asr_model: str | Path | None = None
    asr_second_model: str | Path | None = None
    depth: Depth | str = Depth.STANDARD
    allow_hosts: tuple[str, ...] = ()
    cache: bool = False
    waivers: tuple[RuleWaiver, ...] = ()
    shown: Shown | str = Shown.NOTHING

    @property
    def asr_model_or_default(self) -> str:
        """The recogniser to use: the one that was asked for, the environment's, or the default."""
        return str(self.asr_model or os.environ.get(VARIABLES["asr_model"]) or DEFAULT_ASR_MODEL)

    @property
    def asr_second_model_or_default(self) -> str | None:
        """The second recogniser: the one that was asked for, the environment's, or none."""
        named = self.asr_second_model or os.environ.get(VARIABLES["asr_second_model"])
        return str(named) if named else None


def hosts_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The hosts that the environment opens, which are separated by commas."""
    given = environ.get(VARIABLES["allow_hosts"], "").split(",")
    return tuple(host.strip() for host in given if host.strip())
