from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.link import LinkFacts, Service
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import link
from preflight.submission import Role

_PAGE = Service("Dropbox", "the page of a shared file", "the same link with dl=1 leads to the file")


@rule(
    "URL003",
    severity=Severity.ERROR,
    roles=set(Role),
    needs=LinkFacts,
    remedy="Give an address that leads to the file itself, without a page or a login before it.",
    prevents=("download_link",),
    passing={"an address of a file": link()},
    failing={"a shared link": link(url="https://www.dropbox.com/scl/fi/x/clip.mp4", service=_PAGE)},
)
def link_not_direct(link: LinkFacts, policy: Policy) -> Iterator[Violation]:
    """The address is one of a well-known service that shows a page, on which the file is.

    A person clicks there; the service takes what comes first for the video. Links of services that are not
    known here are recognised by what comes back: URL004 speaks of that.
    """
    if link.service is None:
        return
    service, at = link.service, ""
    if link.direct is not None and str(link.direct) != link.url:
        at = f" ({link.direct}{'?…' if link.direct.query else ''})"
    yield Violation(
        f"is a link of {service.name} to {service.what}, and not to the file; {service.how}{at}",
        measured=service.name,
    )
