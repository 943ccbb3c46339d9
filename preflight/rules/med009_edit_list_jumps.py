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
    "MED009",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=BoxFacts,
    remedy="Send the recording as the camera made it, in one take, without anything cut out.",
    prevents=("video_editing_detected",),
    mends=Mend.LEAVE_ALONE,
    passing={
        "no edit list": boxes(),
        "all of it, after an encoder's delay": boxes((0.07, 66.07)),
        "two parts that follow on each other": boxes((0.0, 30.0), (30.0, 66.0)),
        "a tenth of a second passed over": boxes((0.0, 30.0), (30.1, 66.0)),
        "not a file made of boxes": BoxFacts(()),
    },
    failing={
        "ten seconds passed over": boxes((0.0, 30.0), (40.0, 76.0), media=76.0),
        "a little more than a tenth of a second": boxes((0.0, 30.0), (30.11, 66.0)),
        "something played twice": boxes((0.0, 30.0), (20.0, 56.0)),
        "in the sound alone": boxes((0.0, 30.0), (40.0, 76.0), kind="audio"),
    },
)
def edit_list_jumps(boxes: BoxFacts, policy: Policy) -> Iterator[Violation]:
    """The file is cut by an edit list: parts of it are passed over or played twice.

    The media are all there and a list in the header says what to play. Players follow the list, other
    programs may not: what you see is not what everybody gets, words of the consent included. It is a cut
    however it is played.
    """
    limit = policy.edits.max_jump
    joints = [(abs(jump), jump, at, track.kind) for track in boxes.tracks for at, jump in track.joints]
    if not joints:
        return
    size, jump, at, kind = max(joints)
    if size > limit.value:
        does = "passes over" if jump > 0 else "goes back by"
        yield Violation(
            f"an edit list of the {kind} track {does} {rounded_up(size, 2):g} s",
            measured=rounded_up(size, 3),
            limit=limit,
            at=(at, at),
        )
