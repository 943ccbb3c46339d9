"""Callback addresses: which ones no report reaches, which ones a stranger could guess, what is shown."""

from __future__ import annotations

import re
import secrets
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import preflight
from preflight.errors import UsageError
from preflight.network.callback import placeholders, read_callback
from preflight.network.public import public_url
from preflight.policy import load_policy
from preflight.rule import Violation, find_rule
from submit.cli import main

pytestmark = pytest.mark.media

SECRET = "Zk3vQx81LmT0aRb7CyWd2g"
PORTRAIT = Path(__file__).parents[1] / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg"
POLICY = load_policy("tavus-replica-phoenix-4")
CALLBACK_RULES = {"SUB008", "SUB009"}


def check(*, allow_hosts: tuple[str, ...] = (), **fields: str | None) -> preflight.Report:
    """A photo that passes, with these fields in the request."""
    submission = preflight.Submission(train_image=PORTRAIT, voice_name="anna", **fields)  # type: ignore[arg-type]
    return preflight.check(submission, preflight.Options(allow_hosts=allow_hosts))


def findings(report: preflight.Report) -> dict[str, preflight.Finding]:
    return {finding.code: finding for finding in report.findings if finding.code.startswith("SUB")}


# which addresses no report reaches


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"http://hooks.studio.dev/{SECRET}", "must be an https address"),
        (f"wss://hooks.studio.dev/{SECRET}", "is no https address"),
        (f"//hooks.studio.dev/{SECRET}", "is no https address"),
        (f"https:/hooks.studio.dev/{SECRET}", "is no https address"),
        (f"https:///{SECRET}", "names no host"),
        (f"https://me@hooks.studio.dev/{SECRET}", "carries a user"),
        (f"https://me:{SECRET}@hooks.studio.dev/", "carries a user"),
        (f"https://hooks.studio.dev/{SECRET}#{SECRET}", "fragment"),
        (f"https://hooks.studio.dev/{SECRET}#", "fragment"),
        (f"https://hooks.studio.dev:99999/{SECRET}", "no port"),
        (f"https://hooks.studio.dev/{SECRET} ", "blank"),
        (f"https://hooks.studio.dev/\x1b[31m{SECRET}", "cannot be seen"),
        (f"https://hooks.studio.dev/\udce9{SECRET}", "encode it"),
        (f"https://hooks.studio.dev/{SECRET}/\xe9", "encode it"),
        (f"https://localhost/{SECRET}", "no domain"),
        (f"https://api.localhost/{SECRET}", "local network"),
        (f"https://nas.local/{SECRET}", "local network"),
        (f"https://db.corp.internal/{SECRET}", "local network"),
        (f"https://tv.home.arpa/{SECRET}", "local network"),
        (f"https://127.0.0.1/{SECRET}", "loopback"),
        (f"https://[::1]/{SECRET}", "loopback"),
        (f"https://[::ffff:10.0.0.1]/{SECRET}", "private"),
        (f"https://172.31.255.255/{SECRET}", "private"),
        (f"https://169.254.169.254/{SECRET}", "link-local"),
        (f"https://100.64.0.1/{SECRET}", "carrier-grade NAT"),
        (f"https://2130706433/{SECRET}", "read differently"),
        (f"https://example.com/{SECRET}", "documentation"),
        (f"https://deep.hooks.example.org/{SECRET}", "documentation"),
        (f"https://hooks.studio.EXAMPLE/{SECRET}", "documentation"),
        (f"https://hooks.invalid./{SECRET}", "documentation"),
        (f"https://yourwebsite.com/{SECRET}", "sample code"),
        (f"https://api.your-domain.com/{SECRET}", "sample code"),
        (f"https://your.domain.com/{SECRET}", "sample code"),
        (f"https://your-app.herokuapp.com/{SECRET}", "sample code"),
        (f"https://YOUR_SUBDOMAIN.ngrok-free.app/{SECRET}", "sample code"),
        (f"https://your-server.com/{SECRET}", "sample code"),
        ("https://your-callback-url", "sample code"),
        (f"https://<your-domain>/{SECRET}", "nobody filled in"),
        (f"https://{{host}}/{SECRET}", "nobody filled in"),
        ("https://hooks.studio.dev/<token>", "nobody filled in"),
        ("https://hooks.studio.dev/${CALLBACK_TOKEN}", "nobody filled in"),
        ("https://hooks.studio.dev/{{ token }}", "nobody filled in"),
        ("https://hooks.studio.dev/%7Btoken%7D", "nobody filled in"),
        ("https://hooks.studio.dev/done?token={}", "nobody filled in"),
        ("https://hooks.studio.dev/[your token]", "nobody filled in"),
        ("https://hooks.studio.dev/your-callback-url", "words of a sample"),
        ("https://hooks.studio.dev/?token=YOUR_SECRET_TOKEN", "words of a sample"),
        ("https://hooks.studio.dev/changeme", "words of a sample"),
        ("\x00", "no https address"),
        (" ", "no https address"),
    ],
)
def test_an_address_that_no_report_reaches(address: str, why: str) -> None:
    """The reason is said, in one line, without the path, which may hold what keeps strangers out."""
    facts = read_callback(address)

    assert facts.unusable is not None
    assert why in facts.unusable
    assert facts.unusable.isprintable()
    assert SECRET not in repr(facts)


@pytest.mark.parametrize(
    "address",
    [
        f"https://hooks.studio.dev/{SECRET}",
        f"HTTPS://Hooks.Studio.dev/{SECRET}",
        "https://hooks.studio.dev",
        "https://hooks.studio.dev:8443/done?job=17&state=%7B%22a%22%3A%7B%7D%7D",
        "https://example.com.studio.dev/done",
        "https://myexample.com/done",
        "https://hooks.contest.dev/../",
        "https://testing.dev/test/example.com",
        "https://static.7.2.your-server.de/done",
        "https://bring-your-app-home.dev/done",
        "https://hooks.studio.dev/your-callback-url-of-old",
        "https://localhost.studio.dev/done",
        "https://93.184.216.34/done",
        "https://[2606:2800:220:1::1]/done",
        "https://xn--mnchen-3ya.dev/done",
    ],
)
def test_an_address_that_is_fine(address: str) -> None:
    """Nothing is refused that only looks a little like a sample."""
    assert read_callback(address).unusable is None


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://127.0.0.1:8000/done", "127.0.0.1"),
        ("https://[::1]/done", "[::1]"),
        ("http://hooks.studio.dev/done", "HOOKS.studio.dev"),
        ("https://hooks.example.com/done", "hooks.example.com"),
        ("https://your-app.herokuapp.com/done", "your-app.herokuapp.com"),
    ],
)
def test_an_allowed_host_is_open(address: str, host: str) -> None:
    """Whoever allows a host means it; of another one that says nothing."""
    assert read_callback(address, [host]).unusable is None
    assert read_callback(address, ["other.studio.dev"]).unusable is not None


@pytest.mark.parametrize("rest", ["{token}", "#now", "your-callback-url"])
def test_an_allowed_host_opens_no_more_than_itself(rest: str) -> None:
    """What is wrong with the rest of the address stays wrong."""
    assert read_callback(f"http://127.0.0.1/{rest}", ["127.0.0.1"]).unusable is not None


def test_a_malformed_allowed_host_is_a_slip_of_usage() -> None:
    """It is nothing that the address did."""
    with pytest.raises(UsageError, match="is not a host by itself"):
        read_callback("https://hooks.studio.dev/", ["https://hooks.studio.dev"])


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    """Whatever is given as an address."""
    facts = read_callback(text)

    assert facts.unusable is None or facts.unusable.isprintable()


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["your-", "{", "<a", "/[a", "a.", "%7b", "your-a-", "A0"])
def test_a_long_address_is_read_in_time(piece: str) -> None:
    """No pattern of the data looks for long."""
    read_callback("https://" + piece * 200_000)
    read_callback("https://hooks.studio.dev/" + piece * 200_000)
    read_callback("https://" + (piece * 8_192)[:8_100])
    read_callback("https://hooks.studio.dev/" + (piece * 8_192)[:8_100])


def test_the_data_can_be_used() -> None:
    """Each entry says what it is about, where that is known from, and how it is recognised, one way."""
    for placeholder in placeholders():
        ways = (bool(placeholder.hosts), placeholder.host is not None, placeholder.text is not None)
        assert 1 == sum(ways)
        assert placeholder.what.startswith("it")
        assert placeholder.source
        assert all(re.compile(pattern) for pattern in (placeholder.host, placeholder.text) if pattern)


# one definition of what can be reached


@pytest.mark.parametrize(
    "host", ["localhost", "10.0.0.1", "nas.local", "intranet", "[fe80::1]", "169.254.169.254", "192.0.2.1"]
)
def test_checking_and_sending_agree(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no report arrives, no file is fetched from either: there is one definition."""
    address = f"https://{host}/{SECRET}"
    photo = (
        "--train-image",
        str(PORTRAIT),
        "--voice-name",
        "anna",
        "--train-image-url",
        f"{address}?{SECRET}",
    )

    def exit_code(*options: str) -> object:
        monkeypatch.setattr("sys.argv", ["preflight", "submit", *photo, *options, "--dry-run"])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code

    assert 2 == exit_code()
    assert SECRET not in "".join(capsys.readouterr())
    assert 0 == exit_code("--allow-host", host)
    assert read_callback(address).unusable is not None
    assert read_callback(address, [host]).unusable is None


def test_a_public_address_is_returned_as_it_was_read() -> None:
    """For whoever goes on with it."""
    url = public_url("https://Hooks.studio.dev./a?b", name="callback_url")

    assert ("hooks.studio.dev", "/a?b") == (url.host, url.target)


# which addresses a stranger could guess


@pytest.mark.parametrize(
    ("address", "chars"),
    [
        (f"https://hooks.studio.dev/{SECRET}", 22),
        (f"https://hooks.studio.dev/{SECRET}.json", 22),
        (f"https://hooks.studio.dev/?{SECRET}", 22),
        (f"https://hooks.studio.dev/?a=b&token={SECRET}", 22),
        (f"https://hooks.studio.dev/%5A{SECRET[1:]}", 22),
        (f"https://hooks.studio.dev/a1b2c3d4/{SECRET[:-1]}", 21),
        (f"https://hooks.studio.dev/?{SECRET}=a", 0),
        (f"https://{SECRET}.studio.dev/", 0),
        ("https://hooks.studio.dev/replica-training-has-ended", 0),
        ("https://hooks.studio.dev/2026/11/25/20261125120000000000000000", 0),
        ("https://hooks.studio.dev/v2-callbacks-for-client-17", 0),
        ("https://hooks.studio.dev/replica-oauth2callback", 0),
        ("https://user@hooks.studio.dev/", None),
    ],
)
def test_what_looks_random_is_measured(address: str, chars: int | None) -> None:
    """In the path and in the values of the query, which alone are kept from others on the way."""
    assert chars == read_callback(address).token_chars


def test_most_random_tokens_look_random() -> None:
    """99 % of what people are told to use; one that is missed costs a line of advice."""
    made = (secrets.token_urlsafe(16), secrets.token_hex(16), str(uuid.uuid4()))
    makers = (lambda: secrets.token_urlsafe(16), lambda: secrets.token_hex(16), lambda: str(uuid.uuid4()))
    for make, example in zip(makers, made, strict=True):
        tokens = [make() for _ in range(2_000)]
        seen = sum(
            read_callback(f"https://hooks.studio.dev/{token}").token_chars == len(example) for token in tokens
        )
        assert seen >= 0.97 * len(tokens)


# in a check


def test_an_unusable_address_fails_the_check() -> None:
    """Nothing of it is in the report but scheme and host."""
    report = check(callback_url=f"http://user:{SECRET}@127.0.0.1/{SECRET}?{SECRET}#{SECRET}")

    assert "fail" == report.verdict
    assert {"SUB008"} == set(findings(report))
    assert SECRET not in repr(report.to_dict())
    assert SECRET not in repr(report)


def test_a_guessable_address_is_no_obstacle() -> None:
    """Advice, with the measure and the limit."""
    report = check(callback_url="https://hooks.studio.dev/done")

    (finding,) = findings(report).values()
    assert ("pass", "SUB009", "advice") == (report.verdict, finding.code, finding.severity)
    assert (0, 22, "characters") == (finding.measured, finding.limit, finding.unit)
    assert "SUB008" in report.passed


def test_a_good_address_passes() -> None:
    """Both rules say so."""
    report = check(callback_url=f"https://hooks.studio.dev/{SECRET}")

    assert CALLBACK_RULES <= set(report.passed)
    assert "pass" == report.verdict


@pytest.mark.parametrize("address", [None, ""])
def test_no_address_is_not_judged(address: str | None) -> None:
    """The service's samples send an empty text: it is none."""
    report = check(callback_url=address)

    assert {} == findings(report)
    assert set() == CALLBACK_RULES & set(report.passed)


def test_an_allowed_host_passes_the_check() -> None:
    """The option that opens hosts for files opens them for callbacks."""
    address = f"http://127.0.0.1:8000/{SECRET}"

    assert {"SUB008"} == set(findings(check(callback_url=address)))
    assert {} == findings(check(callback_url=address, allow_hosts=("127.0.0.1",)))


# the name


def named(name: str) -> list[Violation]:
    rule = find_rule("SUB010")
    assert rule is not None
    return list(rule.judge(preflight.Submission(replica_name=name), POLICY))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        ("Mar\xeda", "\xed (U+00ED)"),
        ("a\x1b[31mb", "U+001B, [ (U+005B)"),
        ("a\udcedb", "U+DCED"),
        ("a\u202eb", "U+202E"),
        ("a\xa0b", "U+00A0"),
        ("e\u0301", "U+0301"),
        ("\U0001f600", "\U0001f600 (U+1F600)"),
        ("/\\/\\", "/ (U+002F), \\ (U+005C)"),
        ("!?*+~#", "! (U+0021), ? (U+003F), * (U+002A), + (U+002B), ~ (U+007E), \u2026"),
        ("\u0661", "\u0661 (U+0661)"),
    ],
)
def test_odd_characters_are_named_and_never_sent_to_the_terminal(name: str, measured: str) -> None:
    """Each once, the first five, by number where they cannot be seen."""
    (found,) = named(name)

    assert measured == found.measured
    assert found.message.isprintable()
    assert measured in found.message


@pytest.mark.parametrize("length", [61, 10_000])
def test_a_long_name_is_measured(length: int) -> None:
    """One character more than is safe is too many."""
    (found,) = named("m" * length)

    assert (length, 60) == (found.measured, None if found.limit is None else found.limit.value)
    assert len(found.message) < 100


@pytest.mark.parametrize("name", ["m" * 60, "Maria Lopez-2_final.v1", ""])
def test_a_plain_name_is_fine(name: str) -> None:
    """So is none."""
    assert [] == named(name)


def test_an_odd_name_is_a_warning() -> None:
    """It keeps nothing from being submitted."""
    report = check(replica_name="Mar\xeda")

    assert ("pass", "warning") == (report.verdict, findings(report)["SUB010"].severity)
    assert ("audio_processing",) == findings(report)["SUB010"].prevents
