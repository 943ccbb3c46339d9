"""Levels of speech and of what lies between, on real sound: the noise that was put in is found again."""

from __future__ import annotations

import numpy as np
import pytest

from preflight.consent import LEVEL_STEP_S
from preflight.evidence import sound
from preflight.evidence.sound import SAMPLE_RATE, Opening, SpeechFacts, detect_speech
from preflight.policy import load_policy
from preflight.rules.aud006_speech_too_quiet import speech_too_quiet
from preflight.rules.aud007_background_noise import background_noise
from tests.proof.sounds import Audio, utterances

pytestmark = pytest.mark.asr

POLICY = load_policy("tavus-replica-phoenix-4")
PAUSE = np.zeros(2 * SAMPLE_RATE, np.float32)


def with_noise(voice: Audio, snr_db: float) -> SpeechFacts:
    """Speech between two pauses, with white noise all along."""
    sound = np.concatenate([PAUSE, voice, PAUSE])
    power = float(np.sqrt(np.mean(voice**2))) * 10 ** (-snr_db / 20)
    noise = np.random.default_rng(3).standard_normal(len(sound)).astype(np.float32) * np.float32(power)
    return detect_speech(Opening(sound + noise, 999.0))


@pytest.fixture(scope="module")
def voice() -> Audio:
    return utterances()[0]


@pytest.mark.parametrize("snr_db", [30.0, 20.0, 10.0])
def test_signal_to_noise_ratio_is_that_which_was_mixed(voice: Audio, snr_db: float) -> None:
    facts = with_noise(voice, snr_db)

    assert facts.speech_dbfs is not None
    assert facts.noise_dbfs is not None
    assert pytest.approx(snr_db, abs=1.0) == facts.speech_dbfs - facts.noise_dbfs


@pytest.mark.parametrize(("snr_db", "fires"), [(17.0, False), (13.0, True)])
def test_noise_is_found_on_both_sides_of_the_limit(voice: Audio, snr_db: float, fires: bool) -> None:
    assert fires is bool(list(background_noise.judge(with_noise(voice, snr_db), POLICY)))


@pytest.mark.parametrize(("gain_db", "fires"), [(0.0, False), (-40.0, True)])
def test_quiet_speech_is_found(voice: Audio, gain_db: float, fires: bool) -> None:
    facts = with_noise((voice * 10 ** (gain_db / 20)).astype(np.float32), 40.0)

    assert fires is bool(list(speech_too_quiet.judge(facts, POLICY)))


def test_nothing_is_made_up_where_nobody_speaks() -> None:
    facts = detect_speech(Opening(PAUSE, 999.0))

    assert (None, -100.0) == (facts.speech_dbfs, facts.noise_dbfs)
    assert [] == [*background_noise.judge(facts, POLICY), *speech_too_quiet.judge(facts, POLICY)]


def test_a_long_sound_is_heard_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are those of the whole, and who speaks on where a block ends is not cut in two."""
    heard: list[float] = []

    def talking(block: Opening) -> SpeechFacts:
        heard.append(block.heard_s)
        return SpeechFacts(
            ((0.2, block.heard_s),), block.heard_s, (-20.0,) * round(block.heard_s / LEVEL_STEP_S)
        )

    monkeypatch.setattr(sound, "detect_speech", talking)

    facts = sound.detect_speech_in_blocks(Opening(np.zeros(70 * SAMPLE_RATE, np.float32), 600.0))

    assert [30.0, 30.0, 10.0] == heard
    assert (((0.2, 70.0),), 70.0, 70 / LEVEL_STEP_S) == (facts.regions, facts.heard_s, len(facts.levels))
