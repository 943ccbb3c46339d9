from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import Container, FileFacts
from preflight.mend import Mend
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role


@rule(
    "MED008",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=FileFacts,
    remedy="Name the file with the extension of what it is: .mp4.",
    prevents=("video_format",),
    mends=Mend.REMUX,
    passing={
        "an MP4 file named .mp4": file(),
        "in capitals": file(name="CLIP.MP4"),
        "a WebM file, which MED002 speaks of": file(Container.WEBM, name="clip.webm"),
    },
    failing={
        "named .mov": file(name="clip.mov"),
        "named .m4v": file(name="clip.m4v"),
        "without an extension": file(name="clip"),
    },
)
def extension_mismatched(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The file is an MP4 file under another name.

    The service asks for a .mp4 file. Whether it looks at the name or at the content is not published.
    """
    known = policy.container.extensions
    suffix = file.path.suffix
    if file.container is Container.MP4 and suffix.lower() not in known.value:
        yield Violation(
            f'is {file.kind} named "{suffix}"; the service asks for {", ".join(known.value)}'
            if suffix
            else f"is {file.kind} without an extension; the service asks for {', '.join(known.value)}",
            measured=suffix,
            limit=known,
        )
