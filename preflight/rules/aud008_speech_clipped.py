from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.sound import SoundFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, known, rule
from preflight.rules.examples import heard
from preflight.submission import Depth, Role
from preflight.text import rounded_up


@rule(
    "AUD008",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO},
    needs=SoundFacts,
    estimate=True,
    depth=Depth.STANDARD,
    remedy="Turn the microphone's level down or move away from it, and record again.",
    prevents=("audio_processing",),
    passing={
        "loud and clean": heard((1.0, 30.0), full_scale_share=0.001, flat_share=0.002),
        "silence, which AUD003 speaks of": heard(full_scale_share=0.0),
        "a tone and no speech": heard(full_scale_share=0.0, flat_share=0.3),
    },
    failing={
        "distorted": heard((1.0, 30.0), full_scale_share=0.02, flat_share=0.02),
        "distorted, then turned down, suspected": heard((1.0, 30.0), full_scale_share=0.0, flat_share=0.02),
        "now and then, suspected": heard((1.0, 30.0), full_scale_share=0.0011, flat_share=0.0011),
        "now and then, and turned down, suspected": heard(
            (1.0, 30.0), full_scale_share=0.0, flat_share=0.0021
        ),
    },
)
def speech_clipped(sound: SoundFacts, policy: Policy) -> Iterator[Violation]:
    """The sound is distorted: it was louder than the microphone or the recorder could take.

    The tops of its waves are cut off flat, and many samples are as high as can be. Judged by the share of
    samples within 1 dB of full scale and, for sound that was turned down afterwards, at the level where the
    counts of samples rise like a cliff.
    """
    if not sound.regions:
        return
    limits = policy.audio
    full = 100 * known(sound.full_scale_share, "share of samples at full scale")
    flat = 100 * known(sound.flat_share, "share of samples at cut tops")
    if full > limits.clipped_suspected.value:
        certain = full > limits.clipped_certain.value
        yield Violation(
            f"{rounded_up(full, 2):g} % of the sound is as loud as can be",
            measured=rounded_up(full, 3),
            limit=limits.clipped_certain if certain else limits.clipped_suspected,
            suspected=not certain,
        )
    elif flat > limits.flat_suspected.value:
        yield Violation(
            f"the tops of the waves are cut off in {rounded_up(flat, 2):g} % of the sound",
            measured=rounded_up(flat, 3),
            limit=limits.flat_suspected,
            suspected=True,
        )
