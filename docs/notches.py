"""Spoils something good notch by notch, and records at which notch which rule speaks.

``python docs/notches.py`` (``make notches``) makes the clips and photos, checks them, writes what was found
to ``docs/notches.json`` and draws the page and the figures from that. Names of ladders measure those alone,
and ``--draw`` measures nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

if not __package__:
    DOCS = Path(__file__).resolve().parent
    sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from ladder import Ladder
from notches_shown import RECORD, draw, read, write_page
from photo_ladders import LADDERS as PHOTOS
from take_ladders import LADDERS as TAKES

from preflight import Submission, check
from preflight.errors import Unavailable
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.gather import Evidence, Workshop
from preflight.policy import Policy, load_policy
from preflight.rule import Violation, find_rule
from preflight.submission import DEFAULT_POLICY, Depth, Options
from tests.listener import Listener

__all__ = ["LADDERS", "climb", "main"]

LADDERS: tuple[Ladder, ...] = (*TAKES, *PHOTOS)


# ---- climbing them


def climb(ladder: Ladder, folder: Path) -> Iterator[dict[str, Any]]:
    """Each notch: what it is called, what the rule measured, what was found and what could not be judged."""
    for at, (name, spoiled) in enumerate(ladder.notches.items()):
        path = folder / f"{ladder.name}-{at}{ladder.suffix}"
        ladder.make(path, spoiled)
        yield {"at": name, **_seen(ladder, path)}
        path.unlink()


def _seen(ladder: Ladder, path: Path) -> dict[str, Any]:
    submission = ladder.submission(path)
    report = check(submission, Options(depth=ladder.depth), recogniser=Listener())
    told = [f for f in report.findings if f.code not in ladder.ignored and not f.code.startswith("CON")]
    unassessed = {f.code for f in told if not f.assessed}
    return {
        "value": _value(ladder, submission, path),
        "found": {f.code: str(f.severity) for f in sorted(told, key=lambda f: f.code) if f.assessed},
        "not_assessed": sorted(unassessed - ({"VID020"} if ladder.depth is not Depth.DEEP else set())),
    }


def _value(ladder: Ladder, submission: Submission, path: Path) -> float | None:
    """What the rule measures, whether or not it speaks: its limits are moved until it does."""
    code = ladder.rules[-1] if ladder.rules else ladder.measures
    rule = find_rule(code)
    assert rule is not None, code  # noqa: S101 - a slip in this file
    policy = _moved(load_policy(DEFAULT_POLICY), ladder.moved)
    workshop = Workshop(submission, policy, ladder.depth, recogniser=Listener)
    try:
        evidence = Evidence(ladder.role, path, workshop).get(rule.needs)
        measured = [one.measured for one in rule.judge(evidence, policy) if isinstance(one, Violation)]
    except Unavailable:
        return None
    return float(measured[0]) if measured and measured[0] is not None else ladder.nothing


def _moved(policy: Policy, limits: Mapping[str, float]) -> Policy:
    replace = msgspec.structs.replace
    for key, value in limits.items():
        table, _, name = key.partition(".")
        part = getattr(policy, table)
        policy = replace(
            policy, **{table: replace(part, **{name: replace(getattr(part, name), value=value)})}
        )
    return policy


# ---- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the ladders that are named, or all, and draw what is recorded then."""
    names = [ladder.name for ladder in LADDERS]
    parser = argparse.ArgumentParser(
        description="Spoils something good notch by notch; records which rules speak."
    )
    parser.add_argument("ladder", nargs="*", help=f"measure these alone: {', '.join(names)}")
    parser.add_argument("--draw", action="store_true", help="measure nothing; draw what is recorded")
    given = parser.parse_args(arguments)
    if unknown := set(given.ladder) - set(names):
        parser.error(f"no such ladder: {', '.join(sorted(unknown))}")
    if not given.draw:
        _record(given.ladder or names)
    write_page()
    draw()
    return 0


def _record(wanted: Sequence[str]) -> None:
    """Measure some ladders; of the others the description is renewed. What was measured is kept at once."""
    known = {one["name"]: one for one in read()["ladders"]} if RECORD.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        for ladder in LADDERS:
            if ladder.name in wanted:
                print(ladder.name, flush=True)  # noqa: T201
                today = dt.datetime.now(dt.UTC).date().isoformat()
                known[ladder.name] = {"measured": today, "notches": list(climb(ladder, Path(folder)))}
                _write(known)


def _described(ladder: Ladder, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": ladder.name,
        "title": ladder.title,
        "about": ladder.about,
        "group": ladder.group,
        "note": ladder.note,
        "measured": known["measured"],
        "asset": ladder.asset,
        "size": None if ladder.size is None else "{} x {}".format(*ladder.size),
        "seconds": ladder.seconds,
        "depth": str(ladder.depth),
        "rules": list(ladder.rules),
        "unit": ladder.unit,
        "warns_at": ladder.warns_at,
        "fails_at": ladder.fails_at,
        "notches": known["notches"],
    }


def _write(known: Mapping[str, Mapping[str, Any]]) -> None:
    ladders = [_described(ladder, known[ladder.name]) for ladder in LADDERS if ladder.name in known]
    record = {"policy": DEFAULT_POLICY, "ffmpeg": Ffmpeg.locate().version, "ladders": ladders}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
