from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import DecodeFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import decoded
from preflight.rules.med005_media_damaged import media_damaged
from preflight.rules.med015_pictures_undecodable import pictures_undecodable
from preflight.submission import Role


@rule(
    "MED006",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=DecodeFacts,
    remedy="Play the recording to its end; if it stutters anywhere, copy or export it again.",
    prevents=("video_processing_file",),
    passing={
        "nothing to complain of": decoded(),
        "cut short, which MED005 says": decoded(missing_s=20.0, complaints=("[mov] partial file",)),
    },
    failing={"one bad packet": decoded(complaints=("[aac] Input buffer exhausted",))},
)
def decoder_complaints(decode: DecodeFacts, policy: Policy) -> Iterator[Violation]:
    """The decoder complained, although nearly everything could be read.

    Small damage is often harmless. The service may still refuse the file.
    """
    damaged = any(any(rule.judge(decode, policy)) for rule in (media_damaged, pictures_undecodable))
    if decode.complaints and not damaged:
        yield Violation(f"the decoder says: {decode.complaints[0]}", measured=len(decode.complaints))
