"""A file that may be mended: what is wrong with it, what would mend that, and the mended file beside it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from preflight.engine import judge
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.gather import Evidence, Workshop
from preflight.evidence.transcript import Recogniser
from preflight.mend import Mending
from preflight.policy import Policy
from preflight.report import Finding
from preflight.rule import all_rules
from preflight.submission import Depth, Role, Submission

__all__ = ["Subject"]

M = TypeVar("M", bound=Mending)


class Subject(ABC, Generic[M]):
    """A file in its role, judged by the rules that look at the file alone and listen to no words.

    ``kinds`` are what these rules need, ``extensions`` how the name of a mended file may end.
    """

    kinds: ClassVar[tuple[type, ...]]
    extensions: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        path: Path,
        source: str | os.PathLike[str],
        role: Role,
        policy: Policy,
        ffmpeg: Ffmpeg | None,
    ) -> None:
        locate = Ffmpeg.locate if ffmpeg is None else lambda: ffmpeg
        self.path, self.role, self.policy, self.ffmpeg = path, role, policy, ffmpeg
        self._submission = _submission(path, role)
        self.workshop = Workshop(self._submission, policy, Depth.STANDARD, _no_recogniser, locate)
        self.evidence = Evidence(role, source, self.workshop)
        self.name = self.evidence.name

    def findings(self) -> list[Finding]:
        rules = [rule for rule in all_rules() if rule.needs in self.kinds]
        found, _ = judge(self._submission, self.policy, Depth.STANDARD, [self.evidence], rules)
        return sorted(found, key=lambda finding: finding.sort_key)

    @abstractmethod
    def plan(self, findings: list[Finding], extension: str) -> M | None:
        """What mends these faults, in a file whose name ends so; ``None`` where nothing does."""

    @abstractmethod
    def mend(self, plan: M, target: Path) -> list[Finding]:
        """Write the mended file, and say what is at fault with it. Raises ToolError if it is not the same."""


def _submission(path: Path, role: Role) -> Submission:
    if role is Role.TRAINING_IMAGE:
        return Submission(train_image=path)
    return Submission(consent_video=path) if role is Role.CONSENT_VIDEO else Submission(train_video=path)


def _no_recogniser() -> Recogniser:
    raise AssertionError("mending listens to nothing")
