from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "AUD009",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Record again in one take with the device's own camera app, and do not cut the recording.",
    prevents=("video_editing_detected", "audio_processing"),
    passing={
        "no gap": packets(30, sound_from=0.0),
        "a tenth of a second": packets(30, sound_from=0.0, sound_gap=0.1),
        "no sound at all, which AUD001 speaks of": packets(30),
    },
    failing={
        "just over a tenth of a second": packets(30, sound_from=0.0, sound_gap=0.11),
        "two seconds": packets(30, sound_from=0.0, sound_gap=2.0),
    },
)
def sound_gaps(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """For a while there is no sound in the file at all: something was lost or cut out.

    Read off the times of the packets, without decoding.
    """
    sound, limit = packets.audio, policy.audio.max_gap
    if sound is None or sound.longest_gap_s is None or sound.longest_gap_at_s is None:
        return
    gap, at = sound.longest_gap_s, sound.longest_gap_at_s
    if gap > limit.value:
        yield Violation(
            f"no sound in the file for {rounded_up(gap, 2):g} s; at most {limit.value:g} s",
            measured=rounded_up(gap, 3),
            limit=limit,
            at=(at, at + gap),
        )
