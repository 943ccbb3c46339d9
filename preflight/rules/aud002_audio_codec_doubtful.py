from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, sound, video
from preflight.submission import Role


@rule(
    "AUD002",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Export the recording with AAC sound, to be safe.",
    prevents=("audio_processing",),
    mends=Mend.TRANSCODE_AUDIO,
    passing={"AAC": media(video())},
    failing={
        "Opus": media(video(), audio=(sound("opus"),)),
        "PCM": media(video(), audio=(sound("pcm_s16le"),)),
    },
)
def audio_codec_doubtful(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The sound is not in the documented codec.

    The requirements page asks for AAC; no training error names the audio codec, so whether others are
    refused is unknown.
    """
    codec, limit = media.first_audio.codec, policy.audio.codecs
    if codec not in limit.value:
        yield Violation(
            f"the audio codec is {codec}; {', '.join(limit.value)} is documented", measured=codec, limit=limit
        )
