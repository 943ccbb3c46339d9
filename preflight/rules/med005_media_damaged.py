from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.media import DecodeFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import decoded
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "MED005",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=DecodeFacts,
    remedy="Copy or export the recording again; the file was cut short or damaged on its way.",
    prevents=("video_processing_file",),
    mends=Mend.LEAVE_ALONE,
    passing={"everything decodes": decoded(), "sound ends a second early": decoded(missing_s=1.0)},
    failing={
        "the header cannot be read": decoded(unreadable="moov atom not found"),
        "the last 20 s are missing": decoded(missing_s=20.0),
        "a little more than a second is missing": decoded(missing_s=1.01),
        "its last box ends beyond its end": decoded(missing_bytes=1),
    },
)
def media_damaged(decode: DecodeFacts, policy: Policy) -> Iterator[Violation]:
    """The file is cut short: what it promises is not there.

    A tool that reads video reports success on a file whose second half is missing, so what was read is
    counted: the time each track reaches against the length its header declares, and the bytes of the file
    against those its boxes claim. Pictures that cannot be decoded are MED015's.
    """
    limit = policy.container.max_missing
    if decode.unreadable is not None:
        yield Violation(f"cannot be read: {decode.unreadable}")
    elif decode.missing_s > limit.value:
        yield Violation(
            f"ends {rounded_up(decode.missing_s, 1):g} s before the length its header declares",
            measured=rounded_up(decode.missing_s, 3),
            limit=limit,
        )
    elif decode.missing_bytes:
        yield Violation(
            f"ends {decode.missing_bytes:,} bytes before its last box does",
            measured=decode.missing_bytes,
            unit="bytes",
        )
