"""Where the picture changes to another one; shared by the rules that need to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from preflight.evidence.picture import Frame, PictureFacts
from preflight.policy import Policy

__all__ = ["Cut", "cuts_in"]

_ALONE = 5  # times as different as its neighbours
_AROUND = 3  # frames before and after


@dataclass(frozen=True, slots=True)
class Cut:
    """Between two times, in seconds; how like the frames are; and whether it can be nothing but a cut."""

    likeness: float
    between: tuple[float, float]
    certain: bool


def cuts_in(picture: PictureFacts, policy: Policy) -> list[Cut]:
    """Cuts among the frames. Key frames that are unlike are one only as far as a closer look does not tell
    otherwise: somebody may have leaned aside between them."""
    if picture.every_frame:
        return list(_cuts(picture.frames, policy))
    looks = {look.at: look.frames for look in picture.closer}
    found: list[Cut] = []
    for at, frame in enumerate(picture.frames):
        if frame.likeness is None or frame.likeness >= policy.picture.likeness_suspected.value:
            continue
        if at in looks:
            found += _cuts(looks[at], policy)
        else:
            found.append(Cut(frame.likeness, (picture.frames[at - 1].time_s, frame.time_s), certain=False))
    return found


def _cuts(frames: Sequence[Frame], policy: Policy) -> Iterator[Cut]:
    """Among frames that follow on each other: where two are unlike, or a small jump stands alone."""
    limits = policy.picture
    for at, frame in enumerate(frames):
        if frame.likeness is None:
            continue
        jumped = frame.likeness < limits.likeness_jump.value and _is_alone(frames, at)
        if frame.likeness < limits.likeness_suspected.value or jumped:
            certain = frame.likeness < limits.likeness_certain.value
            yield Cut(frame.likeness, (frames[at - 1].time_s, frame.time_s), certain)


def _is_alone(frames: Sequence[Frame], at: int) -> bool:
    """Whether a frame differs from the one before far more than its neighbours do: no movement does."""
    unlike = [
        1 - frame.likeness for frame in frames[max(0, at - _AROUND) : at + _AROUND + 1] if frame.likeness
    ]
    own = 1 - (frames[at].likeness or 0.0)
    return sum(other > own / _ALONE for other in unlike) == 1
