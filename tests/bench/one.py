"""``python -m tests.bench.one DEPTH CLIP``: one check in a process of its own, and what it took.

Everything is done that ``preflight check`` does, except that the words are those of a listener: how long a
recogniser takes depends on its model. Prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import preflight.engine
import preflight.evidence.gather
import preflight.evidence.sound
from submit.cli import main as command
from tests.listener import Listener

__all__ = ["main"]


def _own_peak_mib() -> float:
    """The peak of this program. ``ru_maxrss`` would begin with that of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak_kib) / 1024


def main(depth: str, clip: str) -> None:
    """Check, and print the exit code, the processor time of the detectors, and the peaks of memory."""
    speech = _Watch(preflight.evidence.sound.detect_speech)
    for module in (preflight.evidence.sound, preflight.evidence.gather):
        module.detect_speech = speech  # type: ignore[attr-defined]
    preflight.engine.load_recogniser = lambda model: Listener()  # type: ignore[attr-defined,assignment,return-value]
    preflight.engine.find_model = lambda model: None  # type: ignore[attr-defined,assignment]
    sys.argv = ["preflight", "check", "--train-video", clip, "--full-name", "Maria Lopez"]
    sys.argv += ["--depth", depth, "--format", "json"]
    faces = _Watch(preflight.evidence.gather.face_facts)
    preflight.evidence.gather.face_facts = faces  # type: ignore[assignment]
    report = io.StringIO()
    try:
        with contextlib.redirect_stdout(report):
            command()
    except SystemExit as end:
        code = end.code
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "exit_code": code,
        "speech_s": speech.spent_s,
        "faces_s": faces.spent_s,
        "tools_s": children.ru_utime + children.ru_stime,
        "own_mib": _own_peak_mib(),
        # of the largest process that was started; at least what this one had when it started it
        "tool_mib": children.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


class _Watch:
    """A function, and the processor time that all calls of it took, imports included."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self._work = work
        self.spent_s = 0.0

    def __call__(self, *arguments: Any) -> Any:
        start = time.process_time()
        try:
            return self._work(*arguments)
        finally:
            self.spent_s += time.process_time() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
