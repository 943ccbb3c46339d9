"""The proof on sound in which nobody says the statement: nothing of it passes, whatever a recogniser writes.

Each clip is judged with two recognisers under several decode settings: the fixture one, which listens, and a
scripted one, which recites the statement over anything.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from preflight.consent import Hearing, Limits, Placement, Verdict, Word, judge
from preflight.evidence.model import find_model
from preflight.evidence.sound import Opening, detect_speech
from preflight.evidence.transcript import DECODE_PROFILE, SECOND_PROFILE, FasterWhisper
from preflight.policy import load_policy
from tests import scripted_whisper
from tests.conftest import RECOGNISER
from tests.proof.attacks import C1, NAME
from tests.proof.sounds import NOBODY, nobody_speaks
from tests.proof.tables import record, say, upper_bound

__all__ = ["SETTINGS", "hear", "main"]

EACH = 104  # clips of each kind
SETTINGS: dict[str, dict[str, Any]] = {
    "first setting": DECODE_PROFILE,
    "second setting": SECOND_PROFILE,
    "beam, no filter": {**DECODE_PROFILE, "vad_filter": False},
    "filter, no beam": {**DECODE_PROFILE, "beam_size": 1},
}
PACES_S = (0.22, 0.32)  # a word, of the reciting recogniser
RECITED = tuple(Word(f" {word}", 0.3 * at, 0.3 * at + 0.25, 0.99) for at, word in enumerate(C1.split()))
LIMITS = Limits.of(load_policy("tavus-replica-phoenix-4").consent)


def hear(recognisers: dict[str, FasterWhisper], audio: Any) -> dict[str, Verdict]:
    """The verdict for each recogniser and setting.

    Where no speech is detected a check asks no recogniser; what is judged then is the statement, recited.
    """
    speech = detect_speech(Opening(audio, 999.0))
    found: dict[str, Verdict] = {}
    for name, recogniser in recognisers.items():
        for setting, profile in SETTINGS.items():
            words = recogniser.transcribe(audio, profile).words if speech.regions else RECITED
            hearing = Hearing(words, speech.regions, "en", 0.99, speech.levels)
            for placement in Placement:
                match = judge(hearing, full_name=NAME, placement=placement, limits=LIMITS)
                found[f"{name}, {setting}, {placement}"] = match.verdict
    return found


_listening: dict[str, FasterWhisper] = {}


def _begin(scripts: str) -> None:
    _listening["fixture recogniser"] = FasterWhisper(find_model(RECOGNISER), threads=1)
    for pace in PACES_S:
        folder = find_model(Path(scripts) / f"{pace}")
        _listening[f"reciting recogniser, a word in {pace} s"] = FasterWhisper(folder, threads=1)


def _heard(job: tuple[str, Any]) -> tuple[str, dict[str, Verdict]]:
    kind, audio = job
    return kind, hear(_listening, audio)


def main() -> int:
    """Listen, print and record; 1 where anything passes."""
    with tempfile.TemporaryDirectory() as scripts:
        for pace in PACES_S:
            scripted_whisper.build(Path(scripts) / f"{pace}", C1, seconds_per_token=pace)
        with multiprocessing.get_context("spawn").Pool(None, _begin, (scripts,)) as pool:
            found = list(pool.imap(_heard, (tuple(clip) for clip in nobody_speaks(EACH)), chunksize=4))
    counts: Counter[tuple[str, str]] = Counter()
    passed: Counter[str] = Counter()
    for kind, verdicts in found:
        gravest = Verdict.PASS if Verdict.PASS in verdicts.values() else Verdict.FAIL
        if gravest is not Verdict.PASS and Verdict.REVIEW in verdicts.values():
            gravest = Verdict.REVIEW
        counts[kind, gravest.value] += 1
        passed.update(how for how, verdict in verdicts.items() if verdict is Verdict.PASS)
    figures = {
        kind: {verdict: counts[kind, verdict] for verdict in ("pass", "review", "fail")} for kind in NOBODY
    }
    clips, accepted = len(found), sum(one["pass"] for one in figures.values())
    say("clips that pass, or at best go to review, under any recogniser and setting")
    for kind, one in figures.items():
        shown = ", ".join(f"{number} {verdict}" for verdict, number in one.items())
        say(f"  {kind:<22} {sum(one.values()):>4} clips: {shown}")
    for how, number in sorted(passed.items()):
        say(f"  passed with {how}: {number}")
    bound = f"{100 * upper_bound(accepted, clips):.2f} %"
    say(f"{clips} clips, {accepted} accepted; with 95 % confidence less than {bound}")
    record(
        "no_speech",
        {
            "clips": clips,
            "false_accepts": accepted,
            "bound_95": round(upper_bound(accepted, clips), 6),
            "settings": len(SETTINGS) * (1 + len(PACES_S)),
            "by_kind": figures,
        },
    )
    return 1 if accepted else 0
