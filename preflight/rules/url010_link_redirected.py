from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.download import DownloadFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import download
from preflight.submission import Role


@rule(
    "URL010",
    severity=Severity.ADVICE,
    roles=set(Role),
    needs=DownloadFacts,
    remedy="Give the address that serves the file, where it lasts.",
    passing={
        "none": download(),
        "one on the same host": download(redirects=1, hosts=("media.example", "media.example")),
    },
    failing={"one to another host": download(redirects=1, hosts=("go.example", "media.example"))},
)
def link_redirected(download: DownloadFacts, policy: Policy) -> Iterator[Violation]:
    """The file does not come from the host that the address names, but from one that this one led to.

    Where a redirect leads can change after the check. Whether the service follows redirects is not
    documented.
    """
    hosts = tuple(dict.fromkeys(download.hosts))
    if len(hosts) > 1:
        yield Violation(f"{hosts[0]} leads on to {', '.join(hosts[1:])}", measured=download.redirects)
