from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.link import LinkFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import link
from preflight.submission import Role


@rule(
    "URL009",
    severity=Severity.WARNING,
    roles=set(Role),
    needs=LinkFacts,
    remedy="Serve the file over https.",
    passing={"https": link()},
    failing={"http": link(url="http://media.example/clip.mp4", scheme="http")},
)
def plain_http(link: LinkFacts, policy: Policy) -> Iterator[Violation]:
    """The address is one of plain http, which is read here only because its host is allowed.

    Anybody on the way can read the recording, and replace it by another one after the check.
    """
    if link.scheme == "http":
        yield Violation("is an address of plain http; anybody on the way can read and replace the file")
