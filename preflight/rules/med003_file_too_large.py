from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import FileFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role


@rule(
    "MED003",
    severity=Severity.ERROR,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=FileFacts,
    remedy="Shorten the recording, or export it again at a lower bit rate (8 Mbit/s is ample for 1080p).",
    prevents=("file_size",),
    passing={"40 MB": file(), "one byte under 750 MiB": file(size=786_431_999)},
    failing={"exactly 750 MiB": file(size=786_432_000), "2 GB": file(size=2_000_000_000)},
)
def file_too_large(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The file is larger than the service takes.

    The service says "less than 750MB" and not which megabyte it means; this rule takes the larger reading,
    MED004 warns of the sizes between the two.
    """
    limit = policy.container.max_size
    if file.size_bytes >= limit.value:
        yield Violation(
            f"holds {file.size_bytes:,} bytes; less than {limit.value:,} are allowed",
            measured=file.size_bytes,
            limit=limit,
        )
