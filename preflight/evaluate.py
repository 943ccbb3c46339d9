"""Measuring a recogniser on recordings of your own: which of them pass, and which should have.

A recogniser's published error rates say little about the words of the statement in your speakers' voices.
Here the consent in each recording of a manifest is judged as a check would judge it, and compared with the
verdict that a person gave it. The picture, and the file as such, are not looked at.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from preflight.consent import ConsentMatch, Placement, Verdict, WordStatus
from preflight.errors import PreflightError, Unavailable, UsageError
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.file import display_name
from preflight.evidence.gather import Evidence, Workshop
from preflight.evidence.transcript import Recogniser, load_recogniser
from preflight.manifest import read_lines
from preflight.policy import Policy, load_policy
from preflight.rule import require_known_waivers
from preflight.submission import Depth, Options, Role, Submission

__all__ = [
    "Outcome",
    "Recording",
    "Row",
    "evaluate",
    "read_manifest",
    "rows",
    "upper_bound",
]

_CONFIRMED = (WordStatus.MATCH, WordStatus.ALIAS)


class Recording(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a manifest.

    ``path`` is a video or sound file, relative to the manifest. ``expected`` is the verdict that a person who
    listened gives it. ``placement`` says whether the recording holds the statement ``alone`` or is the
    ``opening`` of a training video. ``group`` names the row of the table that it counts in.
    """

    path: str
    expected: Verdict
    full_name: str | None = None
    accepted_names: tuple[str, ...] = ()
    placement: Placement = Placement.ALONE
    group: str = "all"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording: a match, or the reason why there is none."""

    recording: Recording
    match: ConsentMatch | None
    problem: str | None = None

    @property
    def verdict(self) -> Verdict | None:
        return None if self.match is None else self.match.verdict

    @property
    def is_false_accept(self) -> bool:
        return self.verdict is Verdict.PASS and self.recording.expected is not Verdict.PASS

    @property
    def critical_words(self) -> int:
        return 0 if self.match is None else sum(word.critical for word in self._expected(self.match))

    @property
    def critical_wrong(self) -> int:
        """Critical words of the statement, the name among them, that were not heard as they are."""
        if self.match is None:
            return 0
        words = self._expected(self.match)
        return sum(word.critical and word.status not in _CONFIRMED for word in words)

    @staticmethod
    def _expected(match: ConsentMatch) -> list[Any]:
        return [word for word in match.words if word.expected is not None]


@dataclass(frozen=True, slots=True)
class Row:
    """The recordings of one group that should come to the same verdict."""

    group: str
    expected: Verdict
    recordings: int
    passed: int
    reviewed: int
    failed: int
    not_assessed: int
    critical_words: int
    critical_wrong: int

    @property
    def wrong(self) -> int:
        """False accepts where nothing may pass; readings that did not pass where all should."""
        if self.expected is Verdict.PASS:
            return self.reviewed + self.failed + self.not_assessed
        return self.passed

    @property
    def bound(self) -> float:
        """The rate of ``wrong`` that 95 % confidence cannot rule out.

        What was not assessed would not pass: it is wrong where all should pass, and no evidence elsewhere.
        """
        if self.expected is Verdict.PASS:
            return upper_bound(self.wrong, self.recordings)
        return upper_bound(self.wrong, self.recordings - self.not_assessed)


def upper_bound(errors: int, count: int, confidence: float = 0.95) -> float:
    """The exact one-sided (Clopper-Pearson) upper bound of a rate, after so many errors in so many cases."""
    if not 0 <= errors <= count:
        raise ValueError(f"{errors} errors in {count} cases")
    if errors == count:
        return 1.0
    low, high = errors / count, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(errors, count, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(errors: int, count: int, rate: float) -> float:
    """The probability of at most so many errors in so many cases at this rate."""
    logs = (
        math.lgamma(count + 1)
        - math.lgamma(k + 1)
        - math.lgamma(count - k + 1)
        + k * math.log(rate)
        + (count - k) * math.log1p(-rate)
        for k in range(errors + 1)
    )
    return math.fsum(math.exp(log) for log in logs) if 0 < rate < 1 else float(rate <= 0)


def read_manifest(name: str | os.PathLike[str]) -> tuple[list[Recording], Path]:
    """The recordings of a manifest and the folder their paths are relative to; ``-`` is standard input.

    JSON Lines, or CSV with a header (``accepted_names`` separated by ``;``). Raises UsageError, naming the
    line, for anything else.
    """
    shown = os.fspath(name)
    lines, folder = read_lines(name, Recording, lists=("accepted_names",))
    found: list[Recording] = []
    for number, read in lines:
        try:
            found.append(read())
        except ValueError as exc:
            raise UsageError(f"{shown}, line {number}: {exc}") from exc
    if not found:
        raise UsageError(f"{shown}: holds no recordings")
    return found, folder


def evaluate(
    recordings: Iterable[Recording],
    options: Options,
    *,
    folder: Path,
    recogniser: Recogniser | None = None,
) -> Iterator[Outcome]:
    """Judge each recording as a check would. One that cannot be judged is an outcome with a problem.

    Raises PreflightError where no recording could be judged: no such policy, no recogniser, no ffmpeg.
    """
    policy = load_policy(options.policy)
    require_known_waivers(policy)
    second = options.asr_second_model_or_default
    if recogniser is None:
        recogniser = load_recogniser(options.asr_model_or_default)
    other = None if second is None else load_recogniser(second)
    ffmpeg = Ffmpeg.locate()
    for recording in recordings:
        try:
            yield Outcome(recording, _judged(recording, folder, policy, recogniser, other, ffmpeg))
        except (Unavailable, PreflightError) as exc:
            shown = str(exc).replace(str(folder / recording.path), recording.path)
            yield Outcome(recording, None, display_name(shown))
        except Exception as exc:  # one recording must not lose what was heard of the others
            yield Outcome(recording, None, f"{type(exc).__name__}: {exc}")


def _judged(
    recording: Recording,
    folder: Path,
    policy: Policy,
    recogniser: Recogniser,
    second: Recogniser | None,
    ffmpeg: Ffmpeg,
) -> ConsentMatch:
    alone = recording.placement is Placement.ALONE
    if "://" in recording.path:
        raise UsageError(f"{display_name(recording.path)}: addresses are not read; name a local copy")
    path = folder / recording.path
    submission = Submission(
        train_video=None if alone else path,
        consent_video=path if alone else None,
        full_name=recording.full_name,
        accepted_names=recording.accepted_names,
    )
    workshop = Workshop(
        submission,
        policy,
        Depth.QUICK,
        recogniser=lambda: recogniser,
        second_recogniser=None if second is None else lambda: second,
        locate_ffmpeg=lambda: ffmpeg,
        sound_files=True,
    )
    role = Role.CONSENT_VIDEO if alone else Role.TRAINING_VIDEO
    return Evidence(role, path, workshop).get(ConsentMatch)


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """The table: a row for each group and expected verdict, in the order of their first recording."""
    groups: dict[tuple[str, Verdict], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.recording.group, outcome.recording.expected), []).append(outcome)
    return [_row(group, expected, found) for (group, expected), found in groups.items()]


def _row(group: str, expected: Verdict, found: list[Outcome]) -> Row:
    verdicts = [outcome.verdict for outcome in found]
    return Row(
        group,
        expected,
        len(found),
        verdicts.count(Verdict.PASS),
        verdicts.count(Verdict.REVIEW),
        verdicts.count(Verdict.FAIL),
        verdicts.count(None),
        sum(outcome.critical_words for outcome in found),
        sum(outcome.critical_wrong for outcome in found),
    )
