from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import FileFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role


@rule(
    "MED007",
    severity=Severity.ADVICE,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=FileFacts,
    remedy="Move the index to the front, without loss, with ffmpeg: -c copy -movflags +faststart.",
    mends=Mend.FASTSTART,
    passing={"index in front": file(), "unknown": file(index_first=None)},
    failing={"index behind the media": file(index_first=False)},
)
def index_at_end(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The index of the file stands behind the media, so that nothing can be read before all of it is there.

    Legal, and what most recorders write. Whoever reads the file over a network waits for its last bytes.
    """
    if file.index_first is False:
        yield Violation("the index (moov) stands behind the media (mdat)")
