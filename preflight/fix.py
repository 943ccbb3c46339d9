"""Mending what needs no new recording, into another file. The original stays as it is."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from preflight.engine import judge, mending
from preflight.errors import SourceError, ToolError, Unavailable, UsageError
from preflight.evidence.boxes import BoxFacts
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.file import FileFacts, resolve
from preflight.evidence.gather import Evidence, Workshop
from preflight.evidence.media import DecodeFacts, MediaFacts, PacketFacts
from preflight.evidence.transcript import Recogniser
from preflight.mend import Mend, Mending
from preflight.policy import Policy, load_policy
from preflight.report import Finding
from preflight.rule import all_rules, find_rule
from preflight.submission import DEFAULT_POLICY, Depth, Role, Submission

__all__ = ["Fixed", "fix"]

_EXTENSION = ".mp4"
_TOLERANCE_S = 0.1  # less than the eye takes for a cut, more than a frame or a packet of sound lasts
_SLACK = 64 << 20
_GROWTH = 8  # times the original: H.264 beside HEVC or AV1 of the same look


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was mended: nothing, where ``mending`` is ``None``; and what of the file is still at fault.

    ``unseen`` are faults that were not mended and cannot be seen any more, because encoding or leaving out
    metadata took away what showed them. They are as true as before.
    """

    mending: Mending | None
    left: tuple[Finding, ...]
    unseen: tuple[Finding, ...] = ()


def fix(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    policy: str | Path = DEFAULT_POLICY,
    role: Role = Role.TRAINING_VIDEO,
    ffmpeg: Ffmpeg | None = None,
) -> Fixed:
    """Mend a video into a new file. Neither the original nor any other file is ever written to.

    The result is looked at before it gets its name: it has to be as long as the original, in picture and
    sound, without the faults that were to be mended and without new ones. Otherwise nothing is left behind
    and ToolError says why. Raises UsageError for a file that has to be left alone.
    """
    limits = load_policy(policy)
    path, target = resolve(source), _free(output, resolve(source))
    original = _Video(path, source, role, limits, ffmpeg)
    original.require_video()
    before = original.findings()
    plan = mending(original.evidence, before, limits)
    if plan is None:
        _require_leave(original.name, before)
        return Fixed(None, tuple(before))
    with _folder_beside(target) as folder:
        made = folder / f"mended{_EXTENSION}"
        original.rewrite(made, plan)
        result = _Video(made, made, role, limits, ffmpeg)
        after = result.findings()
        _require_same(original.evidence.get(PacketFacts), result.packets(), plan)
        _require_mended(plan, before, after)
        original.evidence.seal()
        _publish(made, target)
    still = {*plan.mends, *(finding.code for finding in after)}
    unseen = (finding for finding in before if finding.assessed and finding.code not in still)
    return Fixed(plan, tuple(after), tuple(unseen))


class _Video:
    """A file in its role, judged by the rules that look at the file alone and listen to no words."""

    def __init__(
        self,
        path: Path,
        source: str | os.PathLike[str],
        role: Role,
        policy: Policy,
        ffmpeg: Ffmpeg | None,
    ) -> None:
        clip = role is Role.CONSENT_VIDEO
        submission = Submission(consent_video=path) if clip else Submission(train_video=path)
        locate = Ffmpeg.locate if ffmpeg is None else lambda: ffmpeg
        self._path, self._policy, self._submission = path, policy, submission
        self._workshop = Workshop(submission, policy, Depth.STANDARD, _no_recogniser, locate)
        self.evidence = Evidence(role, source, self._workshop)
        self.name = self.evidence.name

    def require_video(self) -> None:
        file = self.evidence.get(FileFacts)
        if not self.evidence.is_media:
            raise UsageError(f"{self.name}: is {file.kind}; only videos are mended so far")

    def findings(self) -> list[Finding]:
        kinds = (FileFacts, MediaFacts, BoxFacts, PacketFacts, DecodeFacts)
        rules = [rule for rule in all_rules() if rule.needs in kinds]
        found, _ = judge(self._submission, self._policy, Depth.STANDARD, [self.evidence], rules)
        return sorted(found, key=lambda finding: finding.sort_key)

    def packets(self) -> PacketFacts:
        try:
            return self.evidence.get(PacketFacts)
        except Unavailable as exc:
            raise ToolError(f"what ffmpeg wrote cannot be read: {exc}") from exc

    def rewrite(self, target: Path, plan: Mending) -> None:
        size = self.evidence.get(FileFacts).size_bytes
        duration = self.evidence.get(MediaFacts).duration_s
        self._workshop.ffmpeg.rewrite(
            self._path,
            self.evidence.demuxer,
            target,
            plan.arguments,
            timeout_s=_deadline(duration),
            max_bytes=(_GROWTH if plan.encodes else 2) * size + _SLACK,
        )


def _no_recogniser() -> Recogniser:
    raise AssertionError("mending listens to nothing")


def _deadline(duration_s: float | None) -> float:
    """Slow machines encode a minute of 1080p in ten, with tone mapping; nothing may take longer than 30."""
    return 1800.0 if duration_s is None else min(1800.0, 120.0 + 30.0 * duration_s)


def _free(output: str | os.PathLike[str], source: Path) -> Path:
    """The absolute path to write. Raises UsageError where something is there, or something else is meant."""
    text = os.fsdecode(output)
    target = Path(text).absolute()
    if os.path.lexists(target):
        same = target.exists() and target.samefile(source)
        raise UsageError(
            f"{text}: {'is the original' if same else 'exists already'}; name a file that is not there"
        )
    if target.suffix.lower() != _EXTENSION:
        raise UsageError(f"{text}: the mended file is an MP4 file; give it a name that ends in {_EXTENSION}")
    if not target.parent.is_dir():
        raise UsageError(f"{text}: there is no such folder")
    return target


@contextlib.contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A folder of our own on the same file system, which is gone afterwards whatever happens."""
    try:
        with tempfile.TemporaryDirectory(None, ".preflight-fix-", target.parent) as folder:
            yield Path(folder)
    except OSError as exc:
        raise SourceError(f"{target}: cannot be written: {exc.strerror or exc}") from exc


def _publish(made: Path, target: Path) -> None:
    """Give the file its name, unless somebody else has taken it meanwhile."""
    try:
        os.link(made, target)
    except FileExistsError as exc:
        raise UsageError(f"{target}: exists already; name a file that is not there") from exc
    except OSError:  # a file system without links: the name is taken first, so that no file is overwritten
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError as exc:
            raise UsageError(f"{target}: exists already; name a file that is not there") from exc
        made.replace(target)


def _require_leave(name: str, findings: list[Finding]) -> None:
    """Raise UsageError where mending is not refused for want of faults, but because of one."""
    for finding in findings:
        rule = find_rule(finding.code)
        if rule is not None and rule.mends is Mend.LEAVE_ALONE:
            _refuse(name, finding)


def _refuse(name: str, finding: Finding) -> NoReturn:
    raise UsageError(f"{name}: is left as it is ({finding.code} {finding.message}). {finding.remedy}")


def _require_same(before: PacketFacts, after: PacketFacts, plan: Mending) -> None:
    """Raise ToolError unless picture and sound are all there and start together as they did."""
    for track, old, new in (("picture", before.video, after.video), ("sound", before.audio, after.audio)):
        if (old is None) != (new is None):
            raise ToolError(f"the {track} was lost; nothing was written")
        if old is None or new is None:
            continue
        was, now = old.end_s - old.start_s, new.end_s - new.start_s
        if abs(was - now) > _TOLERANCE_S:
            raise ToolError(f"the {track} would last {now:.2f} s instead of {was:.2f} s; nothing was written")
    if abs(_lag(before) - _lag(after)) > _TOLERANCE_S:
        raise ToolError("picture and sound would be out of step; nothing was written")
    if plan.same_frames and before.video is not None and after.video is not None:
        lost = before.video.packets - after.video.packets
        if abs(lost) > max(1.0, _TOLERANCE_S * float(before.video.mean_frame_rate or 0)):
            raise ToolError(f"{lost} of {before.video.packets} frames would be lost; nothing was written")


def _lag(packets: PacketFacts) -> float:
    """How much later than the picture the sound starts."""
    if packets.video is None or packets.audio is None:
        return 0.0
    return packets.audio.start_s - packets.video.start_s


def _require_mended(plan: Mending, before: list[Finding], after: list[Finding]) -> None:
    """Raise ToolError where the result still has what was to be mended, or has a fault of its own."""
    old = {finding.code for finding in before} - set(plan.mends)
    for finding in after:
        if finding.code not in old:
            raise ToolError(
                f"the result would not do ({finding.code} {finding.message}); nothing was written"
            )
