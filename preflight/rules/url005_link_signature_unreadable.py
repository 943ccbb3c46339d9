from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.link import LinkFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import link, signed
from preflight.submission import Role


@rule(
    "URL005",
    severity=Severity.WARNING,
    roles=set(Role),
    needs=LinkFacts,
    remedy="Sign the address anew, and copy it whole.",
    passing={"not signed": link(), "signed": link(signed(48))},
    failing={"no end": link(signed(None, unreadable="its query lacks 'x-amz-expires'"))},
)
def link_signature_unreadable(link: LinkFacts, policy: Policy) -> Iterator[Violation]:
    """The address is signed, and until when cannot be read: a part is missing, given twice, or no date.

    Perhaps it was cut off when it was copied, or two were joined. URL001 is not assessed then.
    """
    if link.signature is not None and link.signature.unreadable is not None:
        yield Violation(f"its signature ({link.signature.kind}) cannot be read: {link.signature.unreadable}")
