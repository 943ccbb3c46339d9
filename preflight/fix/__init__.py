"""Mending what needs no new recording, into another file. The original stays as it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from preflight.errors import ToolError, UsageError
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.file import Container, FileFacts, resolve
from preflight.fix.output import folder_beside, free, publish
from preflight.fix.photo import Photo
from preflight.fix.subject import Subject
from preflight.fix.video import Video
from preflight.mend import Mend, Mending
from preflight.policy import Policy, load_policy
from preflight.report import Finding
from preflight.rule import find_rule
from preflight.submission import DEFAULT_POLICY, Role

__all__ = ["Fixed", "fix"]


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
    role: Role | None = None,
    ffmpeg: Ffmpeg | None = None,
) -> Fixed:
    """Mend a video or a photo into a new file. Neither the original nor any other file is ever written to.

    The result is looked at before it gets its name: a video has to be as long as the original, in picture
    and sound, a photo has to look like it; without the faults that were to be mended and without new ones.
    Otherwise nothing is left behind and ToolError says why. Raises UsageError for a file that has to be left
    alone. ``role`` is what the file is for: a training video or a photo, if not a consent clip.
    """
    limits = load_policy(policy)
    path = resolve(source)
    target = free(output, path)
    original = _subject(path, source, role, limits, ffmpeg)
    extension = _extension(output, original)
    before = original.findings()
    plan = original.plan(before, extension)
    if plan is None:
        _require_leave(original.name, before)
        return Fixed(None, tuple(before))
    with folder_beside(target) as folder:
        made = folder / f"mended{extension}"
        after = original.mend(plan, made)
        _require_mended(plan, before, after)
        original.evidence.seal()
        publish(made, target)
    still = {*plan.mends, *(finding.code for finding in after)}
    unseen = (finding for finding in before if finding.assessed and finding.code not in still)
    return Fixed(plan, tuple(after), tuple(unseen))


def _subject(
    path: Path,
    source: str | os.PathLike[str],
    role: Role | None,
    policy: Policy,
    ffmpeg: Ffmpeg | None,
) -> Subject[Any]:
    """The file as what it is. Raises UsageError for what is neither video nor photo, or not of that role."""
    video = Video(path, source, role or Role.TRAINING_VIDEO, policy, ffmpeg)
    if video.evidence.is_media and role is not Role.TRAINING_IMAGE:
        return video
    file = video.evidence.get(FileFacts)
    if file.container in (Container.JPEG, Container.PNG) and role in (None, Role.TRAINING_IMAGE):
        return Photo(path, source, Role.TRAINING_IMAGE, policy, ffmpeg)
    wanted = {
        None: "videos and photos (JPEG or PNG) are mended",
        Role.TRAINING_IMAGE: "a photo is JPEG or PNG",
    }
    raise UsageError(f"{video.name}: is {file.kind}; {wanted.get(role, 'a recording is a video')}")


def _extension(output: str | os.PathLike[str], subject: Subject[Any]) -> str:
    """How the mended file is named, which says what is written. Raises UsageError for other names."""
    found = Path(os.fsdecode(output)).suffix.lower()
    if found not in subject.extensions:
        raise UsageError(
            f"{os.fsdecode(output)}: give the mended file a name that ends in "
            f"{' or '.join(subject.extensions)}, which is what is written"
        )
    return found


def _require_leave(name: str, findings: list[Finding]) -> None:
    """Raise UsageError where mending is not refused for want of faults, but because of one."""
    for finding in findings:
        rule = find_rule(finding.code)
        if rule is not None and rule.mends is Mend.LEAVE_ALONE:
            _refuse(name, finding)


def _refuse(name: str, finding: Finding) -> NoReturn:
    raise UsageError(f"{name}: is left as it is ({finding.code} {finding.message}). {finding.remedy}")


def _require_mended(plan: Mending, before: list[Finding], after: list[Finding]) -> None:
    """Raise ToolError where the result still has what was to be mended, or has a fault of its own."""
    old = {finding.code for finding in before} - set(plan.mends)
    for finding in after:
        if finding.code not in old:
            raise ToolError(
                f"the result would not do ({finding.code} {finding.message}); nothing was written"
            )
