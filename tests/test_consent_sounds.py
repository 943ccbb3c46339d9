"""A fixed sample of the proof on sound: nothing passes where nobody says the statement."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from preflight.consent import Verdict
from preflight.evidence.model import find_model
from preflight.evidence.transcript import FasterWhisper
from tests import scripted_whisper
from tests.proof.attacks import C1
from tests.proof.no_speech import hear
from tests.proof.sounds import NOBODY, Clip, nobody_speaks, utterances

pytestmark = [pytest.mark.asr, pytest.mark.media]

COUNT = 12  # said here, so that the clips are made when they are heard, not whenever tests are collected


@cache
def clips() -> tuple[Clip, ...]:
    return tuple(clip for clip in nobody_speaks(3) if len(clip.audio) >= 9 * 16_000)


@pytest.fixture(scope="module")
def recognisers(
    tmp_path_factory: pytest.TempPathFactory, recogniser_folder: Path
) -> dict[str, FasterWhisper]:
    """One that listens, and one that recites the statement over anything."""
    script = scripted_whisper.build(tmp_path_factory.mktemp("script") / "model", C1, seconds_per_token=0.3)
    return {
        "listening": FasterWhisper(find_model(recogniser_folder)),
        "reciting": FasterWhisper(find_model(script)),
    }


@pytest.mark.parametrize("at", range(COUNT))
def test_nothing_passes_where_nobody_says_the_statement(
    at: int, recognisers: dict[str, FasterWhisper]
) -> None:
    """With each recogniser, setting and placement."""
    verdicts = hear(recognisers, clips()[at].audio)

    assert 16 == len(verdicts)
    assert Verdict.PASS not in verdicts.values()


def test_the_reciting_recogniser_is_only_stopped_by_the_evidence(
    recognisers: dict[str, FasterWhisper],
) -> None:
    """Over the speech of one voice it is believed: what stops it above is the sound, not the script."""
    voice = next(audio for audio in utterances() if len(audio) > 14 * 16_000)

    assert Verdict.PASS in hear({"reciting": recognisers["reciting"]}, voice).values()


def test_every_kind_is_there() -> None:
    assert (COUNT, set(NOBODY)) == (len(clips()), {clip.kind for clip in clips()})
