"""A fixed sample of the proof on speech: frozen clips of synthetic voices, judged as consent clips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.consent import Placement, Verdict, match_consent
from preflight.evaluate import Outcome, Recording, evaluate
from preflight.evidence.transcript import load_recogniser
from preflight.submission import Options
from tests.proof.sounds import SAMPLE, utterances

pytestmark = [pytest.mark.asr, pytest.mark.media]

_ALL: list[dict[str, Any]] = json.loads((SAMPLE / "sample.json").read_text())
CLIPS = [one for one in _ALL if one["group"] == "exact"]
CLIPS += [one for one in _ALL if one["group"] == "altered"][::2]
MOST_LOST = 1  # of the altered statements; what the recogniser loses, no rule can see


@pytest.fixture(scope="module")
def outcomes(recogniser_folder: Path) -> dict[str, Outcome]:
    """The verdict on each clip, with the second opinion where the first does not pass."""
    recordings = [
        Recording(
            path=one["file"],
            expected=expected(one),
            full_name=one["name"],
            placement=Placement.OPENING if one["kind"].startswith("remark") else Placement.ALONE,
        )
        for one in CLIPS
    ]
    found = evaluate(recordings, Options(asr_model=recogniser_folder), folder=SAMPLE)
    return {outcome.recording.path: outcome for outcome in found}


def expected(one: dict[str, Any]) -> Verdict:
    """What the words that are said come to."""
    return match_consent(one["text"], full_name=one["name"], placement="alone").verdict


def test_honest_readings_pass(outcomes: dict[str, Outcome]) -> None:
    honest = [one for one in CLIPS if one["group"] == "exact"]

    assert 8 == len(honest)
    assert all(expected(one) is Verdict.PASS for one in honest)
    assert {} == {
        one["file"]: outcomes[one["file"]].match
        for one in honest
        if outcomes[one["file"]].verdict is not Verdict.PASS
    }


def test_attacks_pass_only_where_the_recogniser_lost_them(
    outcomes: dict[str, Outcome], recogniser_folder: Path
) -> None:
    """A pass over other words than the statement's would be the engine's own."""
    attacks = [one for one in CLIPS if expected(one) is not Verdict.PASS]
    passed = [one for one in attacks if outcomes[one["file"]].verdict is Verdict.PASS]

    assert len(attacks) >= 14
    assert len(passed) <= MOST_LOST
    recogniser = load_recogniser(recogniser_folder)
    for one in passed:
        heard = recogniser.transcribe(_sound(one["file"])).text
        assert Verdict.PASS is match_consent(heard, full_name=one["name"], placement="alone").verdict


def _sound(file: str) -> Any:
    at = sorted(path.name for path in SAMPLE.glob("*.opus")).index(file)
    return utterances()[at]
