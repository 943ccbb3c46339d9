"""The proof on speech: attacks and honest readings in synthetic voices, through the real engine.

The voices are some that the fixture recogniser was trained on and some that it was not, clean and with noise.
An attack can pass only where the recogniser lost what was said: each such loss is listed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import wave
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from preflight.consent import Placement, Verdict, match_consent
from preflight.evaluate import Outcome, Recording, evaluate, rows
from preflight.evidence.sound import SAMPLE_RATE, from_pcm
from preflight.evidence.transcript import load_recogniser
from preflight.submission import Options
from tests.conftest import RECOGNISER, ROOT
from tests.proof.sounds import noisy, say_in
from tests.proof.tables import record, say, upper_bound

sys.path[:0] = [str(ROOT / "fixtures" / "recogniser" / "training")]

from texts import Texts, split_sentences  # noqa: E402 - the training scripts are no package

__all__ = ["Said", "attacks", "honest", "main"]

TRAINED = ("flite:slt", "flite:rms", "flite:awb", "flite:kal16", "espeak:en-us", "espeak:en")
HELD_OUT = ("flite:kal", "espeak:en-us+f3", "espeak:en-gb-x-rp")
CONDITIONS = ("clean", "noise at 20 dB")
EACH = 17  # texts of each sort for each voice and condition
DROPPED: list[
    str
] = []  # drawn, but by their words no attack, or no honest reading: a "the" for an "a", "I refuse."
_FILLERS = ("um", "uh")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said, by whose name, and where it stands."""

    kind: str
    text: str
    full_name: str
    placement: Placement = Placement.ALONE


def _exact(texts: Texts, name: str, number: int) -> str:
    wording = "give_consent_to" if number % 3 == 2 else "consent"
    return texts.statements[wording].replace("{name}", name).replace("{company}", texts.expected)


def attacks(seed: int = 1) -> Iterator[Said]:
    """Altered statements in the words that the fixture recogniser knows, of all kinds in turn."""
    texts, r = Texts(), random.Random(seed)  # noqa: S311 - no secrets here
    number = 0
    while True:
        number += 1
        name = texts.name(r)
        kind, text, placement = _altered(texts, r, _exact(texts, name, number), name, number)
        if match_consent(text, full_name=name, placement=placement).verdict is not Verdict.PASS:
            yield Said(kind, text, name, placement)
        else:
            DROPPED.append(text)


def _altered(
    texts: Texts, r: random.Random, exact: str, name: str, number: int
) -> tuple[str, str, Placement]:
    words = exact.split()
    at = r.randrange(4, len(words))
    kind = number % 9
    if kind in (0, 1, 2):
        key = r.choice([key for key in texts.edits if key in exact])
        return "word or phrase changed", exact.replace(key, r.choice(texts.edits[key]), 1), Placement.ALONE
    if kind == 3:
        words.insert(at, r.choice(["not", "never", "do not"]))
        return "negation put in", " ".join(words), Placement.ALONE
    if kind == 4:
        words.insert(at, r.choice(texts.critical))
        return "word put in", " ".join(words), Placement.ALONE
    if kind == 5:
        first, second = split_sentences(exact)
        return "sentence left out", r.choice([first, second]), Placement.ALONE
    if kind == 6:
        return "another name", exact.replace(name, texts.name(r)), Placement.ALONE
    if kind == 7:
        return (
            "another company",
            exact.replace(texts.expected, r.choice(texts.other_companies)),
            Placement.ALONE,
        )
    return "taken back", f"{exact} {texts.fill(r, r.choice(texts.after))}", Placement.OPENING


def honest(seed: int = 2) -> Iterator[Said]:
    """Honest readings: plain, with a filler, after a greeting, with everyday speech after them."""
    texts, r = Texts(), random.Random(seed)  # noqa: S311 - no secrets here
    number = 0
    while True:
        number += 1
        name = texts.name(r)
        exact = _exact(texts, name, number)
        kind, text, placement = "plain", exact, Placement.ALONE
        if number % 4 == 1:
            words = exact.split()
            words.insert(r.randrange(4, len(words)), f"{r.choice(_FILLERS)},")
            kind, text = "with a filler", " ".join(words)
        elif number % 4 == 2:
            kind, text = "after a greeting", f"Good morning. {exact}"
        elif number % 4 == 3:
            later = " ".join(texts.everyday(r) for _ in range(2))
            kind, text, placement = "with speech after it", f"{exact} {later}", Placement.OPENING
        if match_consent(text, full_name=name, placement=placement).verdict is Verdict.PASS:
            yield Said(kind, text, name, placement)
        else:
            DROPPED.append(text)


def _recordings(folder: Path) -> Iterator[tuple[Recording, Said]]:
    generator = np.random.default_rng(7)
    wrong, right = attacks(), honest()
    for voice in TRAINED + HELD_OUT:
        for condition in CONDITIONS:
            for number in range(2 * EACH):
                said, expected = (next(wrong), Verdict.FAIL) if number % 2 else (next(right), Verdict.PASS)
                audio = say_in(voice, said.text)
                if condition != "clean":
                    audio = noisy(audio, 20, generator)
                name = f"{voice.replace(':', '-')}-{condition[:5]}-{number}.wav"
                with wave.open(str(folder / name), "wb") as file:
                    file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
                    file.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
                yield (
                    Recording(
                        path=name,
                        expected=expected,
                        full_name=said.full_name,
                        placement=said.placement,
                        group=f"{voice}, {condition}",
                    ),
                    said,
                )


def _judged(job: tuple[Path, list[Recording]]) -> list[Outcome]:
    folder, recordings = job
    return list(evaluate(recordings, Options(asr_model=RECOGNISER), folder=folder))


def main() -> int:
    """Speak, listen, print and record; 1 where an attack passes that was heard as it was said."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = list(_recordings(folder))
        lots = [
            (folder, [recording for recording, _ in pairs[at : at + 8]]) for at in range(0, len(pairs), 8)
        ]
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            outcomes = [outcome for lot in pool.map(_judged, lots) for outcome in lot]
        figures = _figures(outcomes, {recording.path: one for recording, one in pairs}, folder)
    for sort in ("attacks", "honest"):
        say(sort)
        for row in figures[sort]["by_voice"]:
            say("  " + ", ".join(f"{key}: {value}" for key, value in row.items()))
    for loss in figures["losses"]:
        say(f"lost by the recogniser ({loss['voice']}): {loss['said']}")
    engine = figures["attacks"]["heard_as_said_and_passed"]
    say(f"attacks that were heard as they were said and passed: {engine}")
    record("spoken", figures)
    return 1 if engine or any(outcome.match is None for outcome in outcomes) else 0


def _figures(outcomes: list[Outcome], said: dict[str, Said], folder: Path) -> dict[str, Any]:
    accepted = [outcome for outcome in outcomes if outcome.is_false_accept]
    losses = [_loss(outcome, said[outcome.recording.path], folder) for outcome in accepted]
    sorts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows(outcomes):
        one = {key: value for key, value in asdict(row).items() if key != "expected"}
        sorts["honest" if row.expected is Verdict.PASS else "attacks"].append(one)
    attacked = sum(outcome.recording.expected is not Verdict.PASS for outcome in outcomes)
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for outcome in outcomes:
        right = (outcome.verdict is Verdict.PASS) == (outcome.recording.expected is Verdict.PASS)
        kinds[said[outcome.recording.path].kind][0] += 1
        kinds[said[outcome.recording.path].kind][1] += not right
    return {
        "attacks": {
            "count": attacked,
            "passed": len(accepted),
            "passed_bound_95": round(upper_bound(len(accepted), attacked), 6),
            "heard_as_said_and_passed": sum(loss["heard_as_said"] for loss in losses),
            "by_voice": sorts["attacks"],
        },
        "honest": {"count": len(outcomes) - attacked, "by_voice": sorts["honest"]},
        "wrong_by_kind": {kind: {"count": count, "wrong": wrong} for kind, (count, wrong) in kinds.items()},
        "losses": losses,
        "texts_dropped": DROPPED,
    }


def _loss(outcome: Outcome, said: Said, folder: Path) -> dict[str, Any]:
    """An attack that passed: all that was heard, and whether that is what was said."""
    with wave.open(str(folder / outcome.recording.path)) as file:
        samples = from_pcm(file.readframes(file.getnframes()))
    heard = load_recogniser(RECOGNISER).transcribe(samples).text
    answer = match_consent(heard, full_name=said.full_name, placement=said.placement)
    return {
        "voice": outcome.recording.group,
        "kind": said.kind,
        "said": said.text,
        "heard": heard,
        "heard_as_said": _bare(heard) == _bare(said.text) or answer.verdict is not Verdict.PASS,
    }


def _bare(text: str) -> list[str]:
    return "".join(c for c in text.lower() if c.isalpha() or c in " '").split()
