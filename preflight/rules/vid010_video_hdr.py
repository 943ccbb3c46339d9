from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "VID010",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Turn HDR video off in the camera's settings and record again, or convert it to SDR (BT.709).",
    prevents=("poor_lighting", "quality_issue_detected"),
    mends=Mend.TONE_MAP,
    passing={"SDR": media(video()), "not declared": media(video(transfer=None))},
    failing={"HDR10": media(video(transfer="smpte2084")), "HLG": media(video(transfer="arib-std-b67"))},
)
def video_hdr(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The picture is HDR.

    What reads it as ordinary video shows a grey, washed-out face. Phones record HDR by default.
    """
    hdr = policy.video.hdr_transfers
    for track in media.video[:1]:
        if track.transfer in hdr.value:
            yield Violation(f"is HDR (transfer characteristic {track.transfer})", measured=track.transfer)
