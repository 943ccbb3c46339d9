from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.link import LinkFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import link, signed
from preflight.submission import Role


@rule(
    "URL002",
    severity=Severity.WARNING,
    roles=set(Role),
    needs=LinkFacts,
    remedy="Sign with long-lived credentials, or make sure that the session lasts a day longer.",
    prevents=("download_link",),
    passing={"not signed": link(), "signed by an account": link(signed(48))},
    failing={"signed by a session": link(signed(48, temporary=True))},
)
def link_credentials_temporary(link: LinkFacts, policy: Policy) -> Iterator[Violation]:
    """The address is signed with temporary credentials, which may end before the date in it.

    An address signed by a session, such as that of a role of AWS, is dead as soon as the session is, whatever
    date it names. When that is, the address does not say; sessions often last an hour.
    """
    if link.signature is not None and link.signature.temporary:
        yield Violation("is signed with temporary credentials; it ends with them, whatever date it names")
