from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.download import DownloadFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import download, link, signed
from preflight.submission import Role
from preflight.text import rounded_down, spelt_hours


@rule(
    "URL006",
    severity=Severity.WARNING,
    roles=set(Role),
    needs=DownloadFacts,
    remedy="Give an address that serves the file itself for a day, without a redirect.",
    prevents=("download_link",),
    passing={
        "no redirect": download(),
        "one to an address that lasts": download(redirects=1, target=link()),
        "one that is signed for two days": download(redirects=1, target=link(signed(48))),
    },
    failing={"one that is signed for five minutes": download(redirects=1, target=link(signed(1 / 12)))},
)
def redirect_expires_soon(download: DownloadFacts, policy: Policy) -> Iterator[Violation]:
    """The address leads on to one that is signed for a short time.

    Many servers do that and sign a new one for whoever asks; then all is well. It fails where the service
    keeps the address that it was led to and comes back later, which is not documented either way.
    """
    limit = policy.link.min_validity
    hours = None if download.target is None else download.target.hours_left
    if hours is not None and hours < limit.value:
        yield Violation(
            f"leads on to an address at {download.hosts[-1]} that ends in {spelt_hours(hours)}; "
            f"{limit.value:g} h are asked for",
            measured=rounded_down(hours, 2),
            limit=limit,
        )
