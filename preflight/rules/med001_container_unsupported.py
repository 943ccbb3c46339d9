from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import Container, FileFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role


@rule(
    "MED001",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=FileFacts,
    remedy="Export or convert the recording as an .mp4 file with H.264 video and AAC sound.",
    prevents=("video_format", "video_codec_and_format"),
    mends=Mend.REMUX,
    passing={"an MP4 file": file(), "a WebM file, which MED002 speaks of": file(Container.WEBM)},
    failing={
        "a QuickTime movie": file(Container.QUICKTIME, kind="a QuickTime movie"),
        "a playlist named .mp4": file(Container.OTHER, kind="an HLS playlist"),
        "a photo": file(Container.JPEG, kind="a JPEG image"),
        "an empty file": file(Container.OTHER, kind="empty", size=0),
    },
)
def container_unsupported(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The file is not in a container format that the service takes.

    What counts is how the file begins, not what it is called. A file in any other format is refused by the
    service after the upload.
    """
    limits = policy.container
    if file.container not in (*limits.accepted.value, *limits.doubtful.value):
        photo = file.container in (Container.JPEG, Container.PNG)
        yield Violation(
            f"is {file.kind}; the service takes {', '.join(limits.accepted.value)}"
            + ("; a photo is given as the training image" if photo else ""),
            measured=file.kind,
            limit=limits.accepted,
        )
