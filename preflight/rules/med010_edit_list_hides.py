from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.boxes import BoxFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import boxes
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "MED010",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=BoxFacts,
    remedy="Export the trimmed recording to a new file, so that the file holds what is played and no more.",
    prevents=("video_editing_detected",),
    mends=Mend.EDIT_LIST,
    passing={
        "no edit list": boxes(),
        "an encoder's delay": boxes((0.07, 66.07)),
        "half a second at each end": boxes((0.5, 65.5)),
    },
    failing={
        "ten seconds at the start": boxes((10.0, 66.0)),
        "ten seconds at the end": boxes((0.0, 56.0)),
        "a little more than half a second": boxes((0.51, 66.0)),
    },
)
def edit_list_hides(boxes: BoxFacts, policy: Policy) -> Iterator[Violation]:
    """The file was trimmed by an edit list: its start or end is hidden, and still in it.

    Phones trim that way. Programs that do not follow the list show and hear what was cut off.
    """
    limit = policy.edits.max_hidden
    hidden = [(max(track.hidden_start_s, track.hidden_end_s), track) for track in boxes.tracks]
    if not hidden:
        return
    seconds, track = max(hidden, key=lambda pair: pair[0])
    if seconds > limit.value:
        where = "start" if track.hidden_start_s >= track.hidden_end_s else "end"
        yield Violation(
            f"{rounded_up(seconds, 2):g} s at the {where} of the {track.kind} track are hidden, not cut off",
            measured=rounded_up(seconds, 3),
            limit=limit,
        )
