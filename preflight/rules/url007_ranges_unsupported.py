from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.download import DownloadFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import download
from preflight.submission import Role


@rule(
    "URL007",
    severity=Severity.ADVICE,
    roles=set(Role),
    needs=DownloadFacts,
    remedy="Serve the file from an object store or a web server that answers range requests.",
    passing={"parts can be asked for": download()},
    failing={"all or nothing": download(ranges=False)},
)
def ranges_unsupported(download: DownloadFacts, policy: Policy) -> Iterator[Violation]:
    """The server gives the whole file or nothing.

    A download that breaks off begins anew, and a check reads all of the file where a part would do.
    """
    if not download.ranges:
        yield Violation(f"{download.hosts[-1]} sends no parts of the file, only all of it")
