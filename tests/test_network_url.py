"""One reading of an address: what is taken, spelt how, and what is refused, without repeating a secret."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import UsageError
from preflight.network.url import Url, is_address, plain_host, read_url

pytestmark = pytest.mark.timeout(20)

QUERY = "canary-query"
USER = "canary-user"
PASSWORD = "canary-password"
NAME = "media.example"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (f"https://{NAME}/clip.mp4", f"https://{NAME}/clip.mp4"),
        (f"https://{NAME}", f"https://{NAME}/"),
        (f"https://{NAME}?a=b", f"https://{NAME}/?a=b"),
        (f"https://{NAME}/?", f"https://{NAME}/?"),
        (f"https://{NAME}/a#part", f"https://{NAME}/a"),
        (f"https://{NAME}/a?b#part?c", f"https://{NAME}/a?b"),
        (f"HTTPS://{NAME.upper()}/Clip.MP4?A=B", f"https://{NAME}/Clip.MP4?A=B"),
        (f"https://{NAME}./a", f"https://{NAME}/a"),
        (f"https://{NAME}:443/a", f"https://{NAME}/a"),
        (f"https://{NAME}:/a", f"https://{NAME}/a"),
        (f"https://{NAME}:08443/a", f"https://{NAME}:8443/a"),
        (f"http://{NAME}:443/a", f"http://{NAME}:443/a"),
        ("http://localhost:8000/a", "http://localhost:8000/a"),
        ("https://my_bucket.s3.amazonaws.com/a", "https://my_bucket.s3.amazonaws.com/a"),
        ("https://8.8.8.8/a", "https://8.8.8.8/a"),
        ("https://[2606:4700:0::1111]/a", "https://[2606:4700::1111]/a"),
        ("https://[::FFFF:8.8.8.8]:99/a", "https://[::ffff:808:808]:99/a"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://BÜCHER。example/a", "https://xn--bcher-kva.example/a"),
        ("https://faß.example/a", "https://xn--fa-hia.example/a"),
        ("https://８.８.８.８/a", "https://8.8.8.8/a"),
        ("https://127.0.0.1.example/a", "https://127.0.0.1.example/a"),
        (f"https://{NAME}/a/../b/./c//d", f"https://{NAME}/a/../b/./c//d"),
        (f"https://{NAME}/%41%2f%2E?x=%7e+%20", f"https://{NAME}/%41%2f%2E?x=%7e+%20"),
        (f"https://{NAME}/ü?ü={{}}", f"https://{NAME}/%C3%BC?%C3%BC=%7B%7D"),
        (f"https://{NAME}//evil.example/a", f"https://{NAME}//evil.example/a"),
        (f"https://{NAME}/a@b:c", f"https://{NAME}/a@b:c"),
    ],
)
def test_an_address_is_read_one_way(text: str, whole: str) -> None:
    """Scheme, host and port are written one way; of path and query no byte that may be there is touched."""
    url = read_url(text)

    assert whole == url.origin + url.target
    assert whole.partition("?")[0] == str(url)


SECRETS = f"{USER}:{PASSWORD}@{NAME}/clip.mp4?sig={QUERY}#{QUERY}"
TAIL = f"/clip.mp4?sig={QUERY}"
READ_DIFFERENTLY = "programs read differently"
REFUSED = [
    (f"https://{SECRETS}", "a user or a password"),
    (f"https://{USER}@{NAME}{TAIL}", "a user or a password"),
    (f"https://:@{NAME}{TAIL}", "a user or a password"),
    (f"https://@{NAME}{TAIL}", "a user or a password"),
    (f"https://{USER}:p@{PASSWORD}@{NAME}{TAIL}", "a user or a password"),
    (f"https://{USER}:pa/{PASSWORD}@{NAME}{TAIL}", "cannot be read"),
    (f"https://{USER}:pa?{PASSWORD}@{NAME}{TAIL}", "cannot be read"),
    (f"https://{USER}:pa#{PASSWORD}@{NAME}{TAIL}", "cannot be read"),
    (f"https://{NAME}\\@other.example{TAIL}", "a backslash"),
    (f"https:\\\\{NAME}{TAIL}", "a backslash"),
    (f"https://{NAME}\t{TAIL}", "cannot be seen"),
    (f"https://{NAME}/\n{TAIL}", "cannot be seen"),
    (f"https://{NAME}{TAIL}\r\nX-Header: {QUERY}", "cannot be seen"),
    (f" https://{NAME}{TAIL}", "blank"),
    (f"https://{NAME}/my clip.mp4?{QUERY}", "blank"),
    (f"https://{NAME}{TAIL}\u202e", "cannot be seen"),
    (f"https://{NAME}{TAIL}\ud800", "cannot be seen"),
    (f"https://{NAME}\x00{TAIL}", "cannot be seen"),
    (f"https://2130706433{TAIL}", READ_DIFFERENTLY),
    (f"https://0x7f000001{TAIL}", READ_DIFFERENTLY),
    (f"https://017700000001{TAIL}", READ_DIFFERENTLY),
    (f"https://0177.0.0.1{TAIL}", READ_DIFFERENTLY),
    (f"https://127.1{TAIL}", READ_DIFFERENTLY),
    (f"https://0x7f.1{TAIL}", READ_DIFFERENTLY),
    (f"https://127.0.0.0x1{TAIL}", READ_DIFFERENTLY),
    (f"https://127.0.0.1.5{TAIL}", READ_DIFFERENTLY),
    (f"https://256.0.0.1{TAIL}", READ_DIFFERENTLY),
    (f"https://0{TAIL}", READ_DIFFERENTLY),
    (f"https://media.7{TAIL}", READ_DIFFERENTLY),
    (f"https://１２７。1{TAIL}", READ_DIFFERENTLY),
    (f"https://①②⑦.①{TAIL}", READ_DIFFERENTLY),
    (f"https://[fe80::1%25eth0]{TAIL}", "with a zone"),
    (f"https://[fe80::1%eth0]{TAIL}", "with a zone"),
    (f"https://[::1{TAIL}", "cannot be read"),
    (f"https://[127.0.0.1]{TAIL}", "no IPv6 address"),
    (f"https://[v1.a]{TAIL}", "no IPv6 address"),
    (f"https://[]{TAIL}", "no IPv6 address"),
    (f"https://{NAME}[::1]{TAIL}", "cannot be read"),
    (f"https://[::1]{NAME}{TAIL}", "cannot be read"),
    (f"https://::1{TAIL}", "cannot be read"),
    (f"https://{NAME}:0{TAIL}", "no port 0"),
    (f"https://{NAME}:65536{TAIL}", "no port 65536"),
    (f"https://{NAME}:99999{TAIL}", "no port 99999"),
    (f"https://{NAME}:443443{TAIL}", "cannot be read"),
    (f"https://{NAME}:{PASSWORD}{TAIL}", "cannot be read"),
    (f"https://{NAME}:４４３{TAIL}", "cannot be read"),
    (f"https://{NAME}:-1{TAIL}", "cannot be read"),
    (f"https://{NAME}:80:80{TAIL}", "cannot be read"),
    (f"https://exa%6dple.com{TAIL}", "no name that can be looked up"),
    (f"https://media..example{TAIL}", "no name that can be looked up"),
    (f"https://.{NAME}{TAIL}", "no name that can be looked up"),
    (f"https://{NAME}..{TAIL}", "no name that can be looked up"),
    (f"https://.{TAIL}", "no name that can be looked up"),
    (f"https://{'a' * 64}.example{TAIL}", "no name that can be looked up"),
    (f"https://{'a.' * 127}example{TAIL}", "no name that can be looked up"),
    (f"https://{'ü' * 3000}.example{TAIL}", "no name that can be looked up"),
    (f"https://\u2028{TAIL}", "cannot be seen"),
    (f"https://me\u00addia.example{TAIL}", "cannot be seen"),
    (f"https://media.ex*mple{TAIL}", "no name that can be looked up"),
    (f"https://☃️.example{TAIL}", "no name that can be looked up"),
    (f"https://media.example／{TAIL}", "no name that can be looked up"),
    (f"https://media.example？{TAIL}", "no name that can be looked up"),
    (f"https://{TAIL}", "names no host"),
    (f"https://:443{TAIL}", "names no host"),
    (f"https://?{QUERY}", "names no host"),
    (f"https:{TAIL}", "names no host"),
    (f"https:/{NAME}{TAIL}", "names no host"),
    (f"https:{SECRETS}", "names no host"),
    (f"https:///{NAME}{TAIL}", "names no host"),
    (f"//{NAME}{TAIL}", "only https:// is read"),
    (f"{NAME}{TAIL}", "only https:// is read"),
    (f"{SECRETS}", "only https:// is read"),
    (f"data:video/mp4;base64,{QUERY}", "only https:// is read"),
    (f"file:///etc/passwd?{QUERY}", "only https:// is read"),
    (f"ftp://{SECRETS}", "only https:// is read"),
    (f"s3://bucket/key?{QUERY}", "only https:// is read"),
    (f"gs://bucket/key?{QUERY}", "only https:// is read"),
    (f"gopher://{NAME}{TAIL}", "only https:// is read"),
    (f"javascript:{QUERY}", "only https:// is read"),
    (f"httpsx://{NAME}{TAIL}", "only https:// is read"),
    ("", "only https:// is read"),
    (f"https://{NAME}/clip.mp4?{QUERY * 1000}", "at most 8192 characters"),
    (f"https://{NAME}/{'a' * 9000}?{QUERY}", "at most 8192 characters"),
    (f"https://{'a' * 9000}?{QUERY}", "at most 8192 characters"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_is_not_plain_is_refused(text: str, why: str) -> None:
    """In one line, of which no part may be a secret; not even the traceback holds one."""
    with pytest.raises(UsageError) as refusal:
        read_url(text)

    message = str(refusal.value)
    told = "".join(traceback.format_exception(refusal.value, limit=0)) + message
    assert why in message
    assert message.isprintable()
    assert len(message) < 400
    assert not [secret for secret in (QUERY, USER, PASSWORD) if secret in told.replace(text, "")]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_another_name_may_stand_for_the_address(text: str, why: str) -> None:
    """For those that may not be shown at all."""
    with pytest.raises(UsageError) as refusal:
        read_url(text, name="callback_url")

    assert str(refusal.value).startswith("callback_url: ")
    assert NAME not in str(refusal.value)


def test_messages_name_the_address() -> None:
    """So that one of several can be found."""
    with pytest.raises(UsageError, match=rf"^https://{NAME}:99999/clip\.mp4: "):
        read_url(
            f"https://{USER}:{PASSWORD}@{NAME}:99999/clip.mp4?{QUERY}".replace(f"{USER}:{PASSWORD}@", "")
        )


@given(st.text(alphabet=st.sampled_from("htps:/?#@[]%.\\ \taé1０\udc80"), max_size=30), st.booleans())
def test_reading_never_fails_otherwise(text: str, prefixed: bool) -> None:
    """Nonsense is refused as such; what is read is read the same when it is written out."""
    try:
        url = read_url("https://" * prefixed + text)
    except UsageError:
        return

    assert url == read_url(url.origin + url.target)


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("/b", f"https://{NAME}/b"),
        ("b", f"https://{NAME}/d/b"),
        ("?c", f"https://{NAME}/d/a?c"),
        ("../b", f"https://{NAME}/b"),
        ("//other.example/b", "https://other.example/b"),
        ("https://other.example/b?c=%2F+;", "https://other.example/b?c=%2F+;"),
        (" /b ", f"https://{NAME}/b"),
        ("/my clip.mp4", f"https://{NAME}/my%20clip.mp4"),
        ("http://other.example/", "http://other.example/"),
    ],
)
def test_a_redirect_is_read_from_where_it_is(location: str, to: str) -> None:
    """Its query is its own."""
    url = read_url(f"https://{NAME}/d/a?{QUERY}").joined(location)

    assert to == url.origin + url.target


@pytest.mark.parametrize(
    "location",
    [
        *(text for text, _ in REFUSED if "://" in text[:9] and "my clip" not in text and text[0] != " "),
        f"data:text/html,{QUERY}",
        f"http://[{QUERY}",
        f"/\t{QUERY}",
        f"//{USER}:{PASSWORD}@{NAME}/",
    ],
)
def test_a_redirect_to_what_is_not_plain_is_refused(location: str) -> None:
    """As if it had been given."""
    with pytest.raises(UsageError) as refusal:
        read_url(f"https://{NAME}/a").joined(location)

    assert not [secret for secret in (QUERY, USER, PASSWORD) if secret in str(refusal.value)]


def test_an_address_hides_its_query() -> None:
    """However it is shown."""
    url = read_url(f"https://{NAME}/clip.mp4?sig={QUERY}")

    assert [f"https://{NAME}/clip.mp4", f"Url('https://{NAME}/clip.mp4')"] == [str(url), repr(url)]
    assert QUERY not in f"{url} {[url]} {url!r} {url.origin} {url.netloc}"
    assert isinstance(url, Url)


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("https://a/b", True),
        ("HTTPS://a/b", True),
        (" https://a/b", True),
        ("https:/a/b?c", True),
        ("https:a", True),
        ("data:video/mp4,x", True),
        ("s3://bucket/key", True),
        ("unknown+scheme://x", True),
        ("clip.mp4", False),
        ("./https://a/b", False),
        ("/https://a/b", False),
        ("take:1.mp4", False),
        ("folder/a://b", False),
        ("", False),
        (None, False),
    ],
)
def test_addresses_are_told_from_files(source: object, meant: bool) -> None:
    """What is meant as an address is refused as one, and not looked for among the files."""
    assert meant is is_address(source)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Media.Example.", "media.example"),
        ("::1", "::1"),
        ("[0:0::1]", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_by_itself_is_spelt_as_in_addresses(text: str, host: str) -> None:
    """So that one that is allowed is the one that is asked."""
    assert host == plain_host(text)


@pytest.mark.parametrize(
    "text",
    ["", "localhost:8000", "http://a", "a/b", "a?b", "u@a", "[[::1]]", "127.1", "*.a", "fe80::1%1"],
)
def test_more_or_less_than_a_host_is_refused(text: str) -> None:
    """An option that allows nothing would be thought to allow something."""
    with pytest.raises(UsageError, match="is not a host by itself"):
        plain_host(text)
