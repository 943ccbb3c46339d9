"""Submissions that are killed, and made again: run by test_kills.py in a process of its own, which forks.

    python -m tests.kills kill LEDGER SERVICE MEDIA FIRST COUNT
    python -m tests.kills race LEDGER SERVICE MEDIA SUBMITTERS ROUNDS

Each line of the output is a JSON object about one submission. Everything is imported once and then forked, so
that hundreds of submitters take seconds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from submit import Ledger, OutcomeUnknown, Patience, ReplicaClient
from tests.fake_service import passing_report

_LATER = dt.timedelta(hours=1)
_PATIENCE = Patience(attempts=2, pause_s=0.01, answer_s=20.0)
_HEARD = {"execute", "commit", "sendall", "send", "recv", "recv_into", "connect"}
_WATCHED = (f"{os.sep}submit{os.sep}",)
_STATEMENTS = {"do_begin", "do_execute", "do_commit", "do_rollback", "do_connect"}


def submit(place: str, service: str, media: str, name: str, *, later: bool = False) -> dict[str, Any]:
    """Submit, and say what came of it. ``later``: when the lease of whoever was killed is over."""
    clock = (lambda: dt.datetime.now(dt.UTC) + _LATER) if later else (lambda: dt.datetime.now(dt.UTC))
    report = passing_report(train_video_url=media, replica_name=name, voice_name="anna")
    with Ledger(place, now=clock) as ledger:
        client = ReplicaClient(
            api_key="key", base_url=service, allow_hosts=("127.0.0.1",), ledger=ledger, patience=_PATIENCE
        )
        try:
            replica = client.create(report.clear())
        except OutcomeUnknown as exc:
            return {"outcome": "unknown", "key": exc.key}
        return {
            "outcome": "created" if replica.known_since is None else "known",
            "replica_id": replica.replica_id,
        }


def counted(kill_at: int | None, work: Callable[[], Any]) -> int:
    """Do the work, and count its steps: calls and returns in our code, and what it asks of the database and
    of sockets. At step ``kill_at`` this very process is killed, as by the power switch."""
    lock, steps = threading.Lock(), 0

    def step(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal steps
        if event in ("call", "return"):
            code = frame.f_code
            ours = code.co_name in _STATEMENTS or any(part in code.co_filename for part in _WATCHED)
        else:
            ours = event in ("c_call", "c_return") and getattr(argument, "__name__", "") in _HEARD
        if ours:
            with lock:
                steps += 1
                if steps == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(step)
    sys.setprofile(step)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return steps


def forked(work: Callable[[], Any]) -> tuple[bool, Any]:
    """Do the work in a child. Whether the child lived to the end, and what came of it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            os.write(writing, json.dumps(work()).encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False, None
    if status != 0:
        raise RuntimeError(f"a submitter ended with {status}")
    return True, json.loads(said)


def kill(place: str, service: str, media: str, first: int, count: int) -> None:
    """Kill ``count`` submissions at steps that are spread over a whole one, and make each again."""
    forked(lambda: submit(place, service, media, f"warm-{first}"))
    _, total = forked(lambda: counted(None, lambda: submit(place, service, media, f"whole-{first}")))
    for number in range(first, first + count):
        name, at = f"killed-{number}", 1 + (number * total) // (first + count)
        lived, _ = forked(lambda at=at, name=name: counted(at, lambda: submit(place, service, media, name)))
        _, second = forked(lambda name=name: submit(place, service, media, name, later=True))
        after = second
        if second["outcome"] == "unknown":  # nothing was created: the service's list would have shown it
            with Ledger(place, now=lambda: dt.datetime.now(dt.UTC) + _LATER) as ledger:
                ledger.settle(second["key"], not_created=True, note="looked at the list")
            _, after = forked(lambda name=name: submit(place, service, media, name, later=True))
        tell({"name": name, "at": at, "of": total, "lived": lived, "second": second, "after": after})


def race(place: str, service: str, media: str, submitters: int, rounds: int) -> None:
    """Let so many submitters begin with the same submission at the same moment."""
    for number in range(rounds):
        reading, writing = os.pipe()
        children = []
        for _ in range(submitters):
            out, into = os.pipe()
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    os.close(writing)
                    os.read(reading, 1)  # the end of the pipe, for all of them at once
                    os.write(into, json.dumps(submit(place, service, media, f"race-{number}")).encode())
                    code = 0
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(code)
            os.close(into)
            children.append((pid, out))
        os.close(reading)
        os.close(writing)
        outcomes = []
        for pid, out in children:
            with os.fdopen(out, "rb") as pipe:
                outcomes.append(json.loads(pipe.read() or b'{"outcome": "broken"}'))
            os.waitpid(pid, 0)
        tell({"name": f"race-{number}", "outcomes": outcomes})


def tell(document: dict[str, Any]) -> None:
    print(json.dumps(document), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    how, place, service, media, one, two = sys.argv[1:]
    with Ledger(place) as ledger:  # whatever it takes is imported before anything is forked
        assert ledger.look("0" * 64) is None
    {"kill": kill, "race": race}[how](place, service, media, int(one), int(two))
