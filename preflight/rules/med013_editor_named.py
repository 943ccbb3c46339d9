from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import MediaFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import media, video
from preflight.submission import Role


@rule(
    "MED013",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=MediaFacts,
    remedy="Send the recording as the camera made it, not an export of an editing program.",
    prevents=("video_editing_detected",),
    passing={
        "a phone": media(video(), software=("17.5.1",)),
        "a converter": media(video(), software=("HandBrake 1.7.3", "Lavf60.16.100")),
    },
    failing={"an editing program": media(video(), software=("Adobe Premiere Pro 24.0 (Windows)",))},
)
def editor_named(media: MediaFacts, policy: Policy) -> Iterator[Violation]:
    """The tags of the file name a program for editing video.

    That does not say that anything was cut. The service asks for an unedited take and can read the same tags.
    """
    limit = policy.edits.editors
    for named in media.software:
        editor = next((editor for editor in limit.value if editor.lower() in named.lower()), None)
        if editor is not None:
            yield Violation(f"was written by an editing program ({editor})", measured=editor)
            return
