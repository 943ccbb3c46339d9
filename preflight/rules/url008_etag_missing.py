from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.download import DownloadFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import download
from preflight.submission import Role


@rule(
    "URL008",
    severity=Severity.ADVICE,
    roles=set(Role),
    needs=DownloadFacts,
    remedy="Serve the file with a strong ETag, as object stores do, and do not replace it after the check.",
    passing={
        "a strong one": download(),
        "none, but all of the file was read": download(etag=None, whole=True, sha256="0" * 64),
    },
    failing={"none": download(etag=None), "a weak one": download(etag='W/"6f1c2a"')},
)
def etag_missing(download: DownloadFacts, policy: Policy) -> Iterator[Violation]:
    """Nothing says whether the file is still the one that was checked.

    Only a part of it was read, and the server gives it no strong ETag, which would change with any byte.
    """
    if not download.whole and download.strong_etag is None:
        which = "only a weak ETag" if download.etag else "no ETag"
        yield Violation(f"the server gives the file {which}; a change after the check would go unseen")
