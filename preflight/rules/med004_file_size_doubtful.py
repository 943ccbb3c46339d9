from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.file import FileFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import file
from preflight.submission import Role


@rule(
    "MED004",
    severity=Severity.WARNING,
    roles={Role.TRAINING_VIDEO, Role.CONSENT_VIDEO},
    needs=FileFacts,
    remedy="Export the recording again at a slightly lower bit rate, to stay under 750,000,000 bytes.",
    prevents=("file_size",),
    passing={"one byte under 750 MB": file(size=749_999_999), "750 MiB, an error": file(size=786_432_000)},
    failing={"exactly 750 MB": file(size=750_000_000), "one byte under 750 MiB": file(size=786_431_999)},
)
def file_size_doubtful(file: FileFacts, policy: Policy) -> Iterator[Violation]:
    """The file is too large if the service counts a megabyte as a million bytes."""
    limits = policy.container
    if limits.doubtful_size.value <= file.size_bytes < limits.max_size.value:
        yield Violation(
            f"holds {file.size_bytes:,} bytes; less than {limits.doubtful_size.value:,} are surely allowed",
            measured=file.size_bytes,
            limit=limits.doubtful_size,
        )
