from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.boxes import BoxFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import boxes
from preflight.submission import Role


@rule(
    "MED012",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=BoxFacts,
    remedy="Send one recording, made in one take; do not join several.",
    prevents=("video_editing_detected",),
    mends=Mend.LEAVE_ALONE,
    passing={"one description": boxes(), "a text track": boxes(kind="other", descriptions=2)},
    failing={"two descriptions": boxes(descriptions=2)},
)
def recordings_joined(boxes: BoxFacts, policy: Policy) -> Iterator[Violation]:
    """A track describes its samples in more than one way, as a file does that was joined from several.

    A camera describes them once. Files that are joined without encoding them again keep their descriptions.
    """
    for track in boxes.tracks:
        if track.kind != "other" and track.descriptions > 1:
            yield Violation(
                f"the {track.kind} track is joined from {track.descriptions} differently encoded parts",
                measured=track.descriptions,
            )
            return
