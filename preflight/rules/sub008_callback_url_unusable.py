from __future__ import annotations

from collections.abc import Iterator

from preflight.evidence.callback import CallbackFacts
from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import callback


@rule(
    "SUB008",
    severity=Severity.ERROR,
    needs=CallbackFacts,
    remedy="Give a public https address of your own, without user and fragment, or leave --callback-url out.",
    passing={
        "a public https address": callback("https://hooks.studio.dev/done/Zk3vQx81LmT0aRb7CyWd2g"),
        "an unusual port": callback("https://hooks.studio.dev:8443/done"),
        "a public IP address": callback("https://93.184.216.34/done"),
        "a private host that is allowed": callback("http://10.0.0.1:8000/done", allow_hosts=("10.0.0.1",)),
        "a host of samples that is allowed": callback(
            "https://hooks.example.com/done", allow_hosts=("hooks.example.com",)
        ),
        "a host that only begins like one of samples": callback("https://static.7.your-server.de/done"),
        "braces of JSON in the query": callback("https://hooks.studio.dev/?state=%7B%22job%22%3A1%7D"),
    },
    failing={
        "plain http": callback("http://hooks.studio.dev/done"),
        "another scheme": callback("ftp://hooks.studio.dev/done"),
        "no address": callback("hooks.studio.dev/done"),
        "blanks": callback("  "),
        "a user": callback("https://me:secret@hooks.studio.dev/done"),
        "a fragment": callback("https://hooks.studio.dev/done#now"),
        "this machine": callback("https://localhost:8000/done"),
        "loopback": callback("https://127.0.0.1/done"),
        "a private address": callback("https://192.168.1.7/done"),
        "a link-local address": callback("https://[fe80::1]/done"),
        "a host without a domain": callback("https://intranet/done"),
        "a name of a local network": callback("https://nas.local/done"),
        "a host for documentation": callback("https://api.example.com/done"),
        "a top level for tests": callback("https://hooks.studio.test/done"),
        "the service's own sample": callback("https://yourwebsite.com/webhook"),
        "a sample's host": callback("https://your-domain.com/done"),
        "a gap in the host": callback("https://<your-host>/done"),
        "a gap in the path": callback("https://hooks.studio.dev/{token}"),
        "a sample's path": callback("https://hooks.studio.dev/your-callback-url"),
        "letters that are not ASCII": callback("https://hooks.studio.dev/f\xe9rtig"),
    },
)
def callback_url_unusable(callback: CallbackFacts, policy: Policy) -> Iterator[Violation]:
    """The service cannot report the end of the training to the callback address, or should not.

    Training takes hours, and its end is reported once; a report that goes nowhere is missed without a word.
    Addresses of samples are refused too: their hosts belong to strangers. Whether anybody answers at the
    address is not asked.
    """
    if callback.unusable is not None:
        yield Violation(callback.unusable, measured=callback.shown)
