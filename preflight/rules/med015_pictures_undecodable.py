from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import DecodeFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import decoded
from preflight.submission import Depth, Role


@rule(
    "MED015",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=DecodeFacts,
    depth=Depth.STANDARD,
    remedy="Copy or export the recording again; it was damaged on its way.",
    prevents=("video_processing_file",),
    mends=Mend.LEAVE_ALONE,
    passing={
        "everything decodes": decoded(),
        "a tenth is lost": decoded(frames_decoded=27),
        "no picture at all, which VID007 speaks of": decoded(frames_expected=None, frames_decoded=None),
        "unreadable, which MED005 speaks of": decoded(
            frames_expected=None, frames_decoded=None, unreadable="moov atom not found"
        ),
    },
    failing={
        "no picture decodes": decoded(frames_decoded=0),
        "a fifth of the pictures is lost": decoded(frames_decoded=24),
    },
)
def pictures_undecodable(decode: DecodeFacts, policy: Policy) -> Iterator[Violation]:
    """Many pictures of the file cannot be decoded.

    Pictures that came out of the decoder are counted against those that went in: key frames, or at depth deep
    all of them. Up to a tenth may be lost before this rule speaks, as happens around edits and at the ends of
    a recording; MED006 warns of less.
    """
    if decode.lost_many:
        lost = decode.frames_lost
        yield Violation(
            f"{lost} of {decode.frames_expected} pictures could not be decoded", measured=lost, unit="frames"
        )
