from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.callback import CallbackFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import callback


@rule(
    "SUB009",
    severity=Severity.ADVICE,
    needs=CallbackFacts,
    remedy="Put a long random token into its path, and let nobody in who comes without it.",
    passing={
        "22 characters of base64url in the path": callback(
            "https://a.studio.dev/done/Zk3vQx81LmT0aRb7CyWd2g"
        ),
        "as a value of the query": callback("https://a.studio.dev/done?token=Zk3vQx81LmT0aRb7CyWd2g"),
        "hexadecimal": callback("https://a.studio.dev/9f86d081884c7d659a2feaa0c55ad015/done"),
        "a UUID": callback("https://a.studio.dev/3b241101-e2bb-4255-8caf-4136c566a962"),
    },
    failing={
        "21 characters of base64url": callback("https://a.studio.dev/done/Zk3vQx81LmT0aRb7CyWd2"),
        "words": callback("https://a.studio.dev/done"),
        "many words": callback("https://a.studio.dev/replica-training-has-ended-callback"),
        "many words with a date": callback("https://a.studio.dev/replica-training-2026-11-25-callback"),
        "words with numbers between": callback("https://a.studio.dev/job-123456-user-42-callback"),
        "many words in one": callback("https://a.studio.dev/ReplicaTrainingHasEndedCallback"),
        "a long number": callback("https://a.studio.dev/?job=00000000000000000000000017"),
        "a token in the host, which is no secret": callback(
            "https://9f86d081884c7d659a2feaa0c55a.studio.dev/"
        ),
    },
)
def callback_url_unguarded(callback: CallbackFacts, policy: Policy) -> Iterator[Violation]:
    """The callback address has no part that a stranger could not guess.

    The service signs nothing and names no address that it sends from, so whoever guesses the address can
    report the end of a training. A secret part keeps strangers out; ask the service for the state all the
    same before acting on a report.
    """
    limit, found = policy.request.min_callback_token, callback.token_chars
    if found is None:
        return  # not to be read at all, which SUB008 says
    if found < limit.value:
        what = (
            f"the longest random part of {callback.shown} has {found} characters"
            if found
            else f"{callback.shown} has no random part"
        )
        yield Violation(f"{what}; {limit.value} keep strangers out", measured=found, limit=limit)
