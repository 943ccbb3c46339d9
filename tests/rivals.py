"""Processes that want the same submission at the same moment. Apart from the tests, to start soon."""

from __future__ import annotations

import contextlib
import multiprocessing
from typing import Any

from submit.errors import LostClaim
from submit.ledger import Ledger

__all__ = ["all_at_once"]


def all_at_once(
    place: str, keys: list[str], *, lease_s: float, processes: int, patience_s: float
) -> list[str]:
    """Let so many processes try for every key; the keys that were sent, as often as they were."""
    server = multiprocessing.get_context("forkserver")  # imports once for all of them
    server.set_forkserver_preload(["tests.rivals"])
    start, told = server.Barrier(processes), server.Queue()
    rivals = [
        server.Process(target=_rival, args=(place, keys, lease_s, start, told), daemon=True)
        for _ in range(processes)
    ]
    for rival in rivals:
        rival.start()
    try:
        sent = [key for _ in rivals for key in told.get(timeout=patience_s)]
        for rival in rivals:
            rival.join(timeout=patience_s)
        if any(rival.exitcode for rival in rivals):
            raise RuntimeError("a process failed")
    finally:
        for rival in rivals:
            rival.kill()
    return sent


def _rival(place: str, keys: list[str], lease_s: float, start: Any, told: Any) -> None:
    sent = []
    ledger = Ledger(place)
    for key in keys:
        start.wait(timeout=60)
        claim = ledger.claim(key, {}, lease_s=lease_s)
        if claim is not None:
            with contextlib.suppress(LostClaim):
                claim.sending()
                sent.append(key)
    told.put(sent)
