"""What can be mended without recording again. Opens no file.

A rule says with ``mends=Mend.X`` what mends its fault. A plan turns the faults of one file into one command:
``preflight.mend.video`` into one for ffmpeg, ``preflight.mend.photo`` into one for this program. What a new
recording or photo alone can mend it leaves.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Mend", "Mending", "argument"]


class Mend(StrEnum):
    """What mends a fault, in the order in which the report tells it."""

    REMUX = "remux"
    """Another container, or another name: the tracks are copied into an MP4 file."""
    FASTSTART = "faststart"
    """The index is moved before the media."""
    FIRST_TRACKS = "first-tracks"
    """The one picture and the one sound are kept; cover art, subtitles and data are not."""
    EDIT_LIST = "edit-list"
    """What is shown is encoded again, so that nothing is there besides."""
    TRANSCODE_VIDEO = "transcode-video"
    PIXEL_FORMAT = "pixel-format"
    DEINTERLACE = "deinterlace"
    TONE_MAP = "tone-map"
    SQUARE_PIXELS = "square-pixels"
    UPRIGHT = "upright"
    """The turn that players and viewers are told to make is made for good."""
    HALVE_RATE = "halve-rate"
    """Every second frame of 50 or 60 is left out (of 100 or 120, three of four)."""
    CONSTANT_RATE = "constant-rate"
    """Frames at even distances, where there are enough of them in every second."""
    TRANSCODE_AUDIO = "transcode-audio"
    CLEAN_COPY = "clean-copy"
    """The photo is written anew: what is seen of it, the way it is seen, and nothing besides."""
    LEAVE_ALONE = "leave-alone"
    """Nothing in this file is mended: that would hide the fault, or decide for the person who recorded it."""

    @property
    def spares(self) -> str:
        """What need not be done where this mends the fault."""
        return "a new photo" if self is Mend.CLEAN_COPY else "recording again"


@dataclass(frozen=True, slots=True)
class Mending:
    """The codes of the rules it mends, what it does in words, and how the name of the result ends."""

    mends: tuple[str, ...]
    steps: tuple[str, ...]
    extension: str

    def command(self, source: str) -> str:
        """A line for a shell, which never overwrites a file."""
        return self.own_command(source, consent_clip=False)

    def own_command(self, source: str, *, consent_clip: bool) -> str:
        """The same by this program."""
        option = ("--consent-clip",) if consent_clip else ()
        names = argument(source), argument(self.result(source))
        return shlex.join(("preflight", "fix", names[0], *option, "--output", names[1]))

    def result(self, source: str) -> str:
        """The name of the mended file, beside the original."""
        path = Path(source)
        return str(path.with_name(f"{path.stem}.fixed{self.extension}"))


def argument(name: str) -> str:
    """A path that no program takes for an option or an address."""
    return f"./{name}" if name.startswith("-") or (":" in name and not name.startswith(("/", "."))) else name
