from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.link import LinkFacts, SignatureKind
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import link, signed
from preflight.submission import Role
from preflight.text import rounded_down, spelt_hours


@rule(
    "URL001",
    severity=Severity.ERROR,
    roles=set(Role),
    needs=LinkFacts,
    remedy="Sign the address anew, for two days or longer, just before you submit.",
    prevents=("download_link",),
    passing={
        "an address that is not signed": link(),
        "exactly 24 h": link(signed(24)),
        "a week": link(signed(167.5, kind=SignatureKind.GCS_V4)),
    },
    failing={
        "an hour": link(signed(1)),
        "a second less than 24 h": link(signed(24 - 1 / 3600)),
        "one that ran out yesterday": link(signed(-20, ago=21)),
    },
)
def link_expires_soon(link: LinkFacts, policy: Policy) -> Iterator[Violation]:
    """The address is signed for too short a time, or its time is over.

    The service fetches the file some time after the submission, and asks for an address that is valid for a
    day. One that ends before fails late, after the queue. Where an address is signed and does not say until
    when, a person has to look.
    """
    hours, limit, signature = link.hours_left, policy.link.min_validity, link.signature
    if hours is None or signature is None or signature.expires_at is None or hours >= limit.value:
        return
    end = f"{signature.expires_at:%Y-%m-%d %H:%M} UTC"
    made = ""
    if signature.signed_at is not None:
        lasts = (signature.expires_at - signature.signed_at).total_seconds() / 3600
        made = f" (signed for {spelt_hours(lasts)})"
    left = f"is valid for {spelt_hours(hours)} more, until {end}" if hours > 0 else f"ran out on {end}"
    yield Violation(
        f"{left}{made}; at least {limit.value:g} h after the submission are needed",
        measured=rounded_down(hours, 2),
        limit=limit,
    )
