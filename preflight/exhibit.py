"""What can be shown of a file beside what was found in it: curves of its sound, and small pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from preflight.submission import Role

__all__ = ["Exhibit", "Exhibits", "Picture", "Sound"]


@dataclass(frozen=True, slots=True)
class Sound:
    """The levels of a sound, or of a part of it, in dB relative to full scale (RMS of 10 ms).

    ``quiet`` and ``loud`` are the lowest and the highest level in each ``step_s``, from ``start_s`` on.
    ``level`` is that of the mean power of each ``level_step_s``. ``regions`` are those in which somebody
    speaks, as (start, end) in seconds of the file.
    """

    start_s: float
    end_s: float
    step_s: float
    quiet: tuple[float, ...]
    loud: tuple[float, ...]
    level_step_s: float
    level: tuple[float, ...]
    regions: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A small grey picture, as JPEG; ``time_s`` is where in a video it is, ``None`` for a photo."""

    time_s: float | None
    width: int
    height: int
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What can be shown of one file. ``statement`` is the sound around the statement, in finer steps."""

    role: Role
    duration_s: float | None
    sound: Sound | None = None
    statement: Sound | None = None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What can be shown of the files of a report; ``with_pictures`` says whether pictures were asked for."""

    assets: tuple[Exhibit, ...]
    with_pictures: bool = False

    def of(self, role: Role | None) -> Exhibit | None:
        return next((one for one in self.assets if one.role is role), None)
