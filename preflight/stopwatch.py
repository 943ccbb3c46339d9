"""How long each stage of a check takes, without the stages within it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from preflight.stage import Stage

__all__ = ["Stopwatch"]


class Stopwatch:
    """A ``Watch`` that says when a stage has ended; ``say`` gets the file, the stage and its own seconds."""

    def __init__(
        self, say: Callable[[str, Stage, float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say, self._clock = say, clock
        self._within = [0.0]

    @contextmanager
    def __call__(self, name: str, stage: Stage) -> Iterator[None]:
        began = self._clock()
        self._within.append(0.0)
        try:
            yield
        finally:
            took = self._clock() - began
            own = took - self._within.pop()
            self._within[-1] += took
            self._say(name, stage, own)
