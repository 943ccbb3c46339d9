from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import PacketFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import packets
from preflight.submission import Role


@rule(
    "AUD014",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=PacketFacts,
    remedy="Send the recording as the camera made it, in one take; do not join parts.",
    prevents=("video_editing_detected",),
    passing={
        "evenly spaced": packets(30, sound_from=0.0),
        "times from a clock, odd all along": packets(30, sound_from=0.0, odd_steps=400),
        "crowded, which MED014 speaks of": packets(30, sound_from=0.0, odd_steps=1, sound_crowded=100),
        "no sound, which AUD001 speaks of": packets(30),
    },
    failing={
        "one odd step": packets(30, sound_from=0.0, odd_steps=1),
        "three odd steps": packets(30, sound_from=0.0, odd_steps=3),
    },
)
def sound_joined(packets: PacketFacts, policy: Policy) -> Iterator[Violation]:
    """At one place the sound is not as evenly spaced as everywhere else: two recordings meet there.

    Coded sound comes in pieces of one length. Where a file is joined to another, the last piece of the first
    is cut short. Read off the times of the packets, without decoding.
    """
    sound, limit = packets.audio, policy.edits.max_odd_steps
    if sound is None or sound.odd_at_s is None or sound.crowded > policy.edits.max_crowded.value:
        return
    if 0 < sound.odd_steps <= limit.value:
        yield Violation(
            "the sound has a joint, as where two recordings meet",
            measured=sound.odd_steps,
            limit=limit,
            at=(sound.odd_at_s, sound.odd_at_s),
        )
