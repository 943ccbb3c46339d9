"""The parts of a check that take time, for whoever watches one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum

__all__ = ["Stage", "Watch", "unwatched"]


class Stage(StrEnum):
    """What is being done to a file. One may be part of another: sound is decoded while words are wanted."""

    READ = "read"
    PROBE = "probe"
    SOUND = "decode sound"
    PICTURE = "decode picture"
    SPEECH = "detect speech"
    WORDS = "transcribe"
    FACES = "look for faces"
    PHOTO = "measure photo"


Watch = Callable[[str, Stage], AbstractContextManager[object]]
"""Entered with the name of a file when a stage begins, left when it ends, also where it fails."""


def unwatched(name: str, stage: Stage) -> AbstractContextManager[object]:
    """Nobody looks."""
    return nullcontext()
