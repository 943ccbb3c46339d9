from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import Container, FileFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role


@rule(
    "MED002",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=FileFacts,
    remedy="Convert the recording to an .mp4 file with H.264 video and AAC sound, which is safe.",
    prevents=("video_format", "video_codec_and_format"),
    mends=Mend.REMUX,
    passing={"an MP4 file": file()},
    failing={"a WebM file": file(Container.WEBM, kind="a WebM file")},
)
def container_doubtful(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The service's pages disagree about this container format.

    WebM is listed as accepted on the requirements page, while the training error says that only .mp4 is.
    """
    limits = policy.container
    if file.container in limits.doubtful.value:
        yield Violation(
            f"is {file.kind}; the service's pages disagree whether it is accepted",
            measured=str(file.container),
            limit=limits.accepted,
        )
