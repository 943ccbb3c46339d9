"""The door against servers, names and certificates that misbehave: each ends in time and tells no secrets."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import anyio
import pytest

from preflight.errors import SourceError
from preflight.network.address import IPAddress
from preflight.network.answers import require_file
from preflight.network.door import MAX_REDIRECTS, Answer, Door, Patience, Resolver
from preflight.network.url import read_url
from tests import web_server
from tests.web_server import Manner, WebServer, redirects, serving, status

pytestmark = [pytest.mark.media, pytest.mark.timeout(20)]

CANARY = "canary-in-the-query"
HOST = "media.example"
PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "2606:4700::1111"
USUAL = Patience(connect_s=5.0, read_s=5.0, answer_s=10.0)
QUICK = Patience(connect_s=0.15, read_s=0.1, answer_s=0.25, slow_for_s=0.15, slowest=2_000, body_s=5.0)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; loading certificates takes time


@dataclass(frozen=True, slots=True)
class Got:
    answer: Answer
    body: bytes


def fetched(
    url: str,
    *,
    allow: Sequence[str] = ("127.0.0.1",),
    patience: Patience = USUAL,
    resolver: Resolver | None = None,
    tls: ssl.SSLContext = NO_TLS,
    at_most: int = 1 << 20,
    **part: Any,
) -> Got:
    """What is behind an address, as far as ``at_most``; nothing of it may be left over."""

    async def ask() -> Got:
        body = b""
        async with (
            Door(allow_hosts=allow, patience=patience, resolver=resolver, tls=tls) as door,
            door.ask(read_url(url), **part) as answer,
        ):
            require_file(answer, read_url(url), part=bool(part))
            async for chunk in answer.chunks():
                body += chunk
                if len(body) >= at_most:
                    break
        assert [asyncio.current_task()] == [*asyncio.all_tasks()]
        return Got(answer, body)

    return asyncio.run(ask())


def refused(url: str, **options: Any) -> str:
    """The message of the refusal. Its traceback may not hold the canary."""
    with pytest.raises(SourceError) as refusal:
        fetched(url, **options)
    told = traceback.format_exception(refusal.value)
    assert not [line for line in told if CANARY in line]
    return str(refusal.value)


class Names:
    """A resolver: the first answer for the first question, and so on, the last one from then on."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[IPAddress]:
        self.asked.append(host)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return [ip_address(text) for text in answer]


class Dialled(list[tuple[str, int]]):
    """Every connection that was tried. Those to public addresses go to a server of this machine."""

    def __init__(self) -> None:
        self.leads_to: dict[str, WebServer] = {}


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    dials, connect = Dialled(), anyio.connect_tcp

    async def dial(remote_host: str, remote_port: int, **options: Any) -> Any:
        dials.append((remote_host, remote_port))
        server = dials.leads_to.get(remote_host)
        if server is not None:
            return await connect(server.host, server.port, **options)
        if not ip_address(remote_host).is_loopback:
            raise OSError("nobody is there")
        return await connect(remote_host, remote_port, **options)

    monkeypatch.setattr(anyio, "connect_tcp", dial)
    return dials


# ---- what is asked


def test_a_file_is_fetched() -> None:
    """Its bytes, what the server says of it, and one connection, which is closed afterwards."""
    with serving(b"clip" * 50_000) as server:
        got = fetched(server.url())

        assert server.wait_until_idle()
    assert b"clip" * 50_000 == got.body
    assert ("video/mp4", '"v1"', 200) == (
        got.answer.headers["content-type"],
        got.answer.headers["etag"],
        got.answer.status,
    )
    assert (1, 200_000, 200_000) == (server.connections, server.sent_bytes, got.answer.received)


@pytest.mark.parametrize(
    ("part", "asked", "body"),
    [
        ({"first": 3, "last": 5}, "bytes=3-5", b"345"),
        ({"first": 990}, "bytes=990-", b"0123456789"),
        ({"last": 1}, "bytes=0-1", b"01"),
        ({}, None, b"0123456789" * 100),
    ],
)
def test_parts_are_asked_for(part: dict[str, int], asked: str | None, body: bytes) -> None:
    """Both ends are included."""
    with serving() as server:
        got = fetched(server.url(), **part)

    assert ([asked], body) == (server.ranges, got.body)


def test_connections_are_kept_for_the_next_part() -> None:
    """One connection, one look-up."""
    names = Names(["127.0.0.1"])

    async def ask_three_times(url: str) -> None:
        async with Door(allow_hosts=[HOST], resolver=names, tls=NO_TLS) as door:
            for first in range(3):
                async with door.ask(read_url(url), first=first, last=first) as answer:
                    assert [b"%d" % first] == [chunk async for chunk in answer.chunks()]

    with serving() as server:
        asyncio.run(ask_three_times(server.url(host=HOST)))

    assert ([HOST], 1, 3) == (names.asked, server.connections, len(server.requests))


@pytest.mark.parametrize(
    "target",
    [
        "/clip.mp4?X-Amz-Signature=a%2Fb+c%20d;e~f&g=%e2%82%ac&h",
        "/clip.mp4?a=b;c=d,e:f@g!h$i'j(k)l*m/n?o",
        "/%2e%2E/%41/../b/./c//d;e=f?",
        "/a+b%2Bc%20d~e!$&'()*,;=:@?x=[y]|z",
        "/?%",
        "/clip.mp4?sig=%zz&a=%2",
        f"/clip.mp4?token={'A' * 6000}",
        "//two/slashes?a=?b",
    ],
)
def test_the_target_arrives_byte_for_byte(target: str) -> None:
    """A presigned address is signed as it stands: nothing is decoded, sorted, or written another way."""
    with serving() as server:
        fetched(server.url(target))

    assert [f"GET {target} HTTP/1.1".encode()] == [request.line for request in server.requests]


def test_what_may_not_stand_in_an_address_is_encoded() -> None:
    """As browsers do."""
    with serving() as server:
        fetched(server.url('/ü"<>?ü={}^`#part'))

    assert b"GET /%C3%BC%22%3C%3E?%C3%BC=%7B%7D%5E%60 HTTP/1.1" == server.requests[0].line


def test_the_request_says_little() -> None:
    """No cookies, credentials or referrer; nothing packed."""
    with serving() as server:
        fetched(server.url())

    assert {"host", "user-agent", "accept", "accept-encoding"} == set(server.requests[0].headers)
    assert f"127.0.0.1:{server.port}" == server.requests[0].headers["host"]
    assert "identity" == server.requests[0].headers["accept-encoding"]


def test_cookies_are_not_sent_back() -> None:
    """Neither along redirects nor with the next part."""
    kept = status(302, location="/b", set_cookie=f"session={CANARY}; Path=/")

    async def ask_twice(url: str) -> None:
        async with Door(allow_hosts=["127.0.0.1"], tls=NO_TLS) as door:
            for _ in range(2):
                async with door.ask(read_url(url)) as answer:
                    [chunk async for chunk in answer.chunks()]

    with serving(manner=web_server.in_turn(kept, web_server.cookie(CANARY))) as server:
        asyncio.run(ask_twice(server.url()))

    assert 3 == len(server.requests)
    assert not [request for request in server.requests if "cookie" in request.headers]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would look names up itself, and see the address. Nor are passwords of ~/.netrc."""
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login a password {CANARY}")
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving() as proxy, serving() as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        fetched(server.url())

    assert (0, 1) == (proxy.connections, server.connections)
    assert "authorization" not in server.requests[0].headers


# ---- servers that misbehave


@pytest.mark.parametrize(
    ("manner", "said", "within_s"),
    [
        (web_server.silent, "did not answer for 0.1 s", 0.1),
        (web_server.drips_headers(), "no answer came within 0.25 s", 0.25),
        (web_server.drips_body(50, after=10), "is too slow", 0.15),
        (web_server.drips_chunk_size(), "sent no more for 0.", 0.15),
        (web_server.stalls(), "s after 100 bytes; try again later", 0.1),
        (web_server.resets(), "broke the connection after 100 bytes", 0.05),
        (web_server.too_few_bytes(), "ended the answer early after 990 bytes", 0.0),
        (web_server.nonsense(b""), "hung up, or does not answer in HTTP", 0.0),
        (web_server.nonsense(b"SSH-2.0-OpenSSH\r\n\r\n"), "hung up, or does not answer in HTTP", 0.0),
        (web_server.nonsense(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000), "hung up, or does not", 0.0),
        (web_server.nonsense(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "hung up, or does not", 0.0),
        (web_server.gzipped, "packs the file (gzip)", 0.0),
        (status(401), "answered 401: the file needs a login; make a link", 0.0),
        (status(403), "answered 403: the file needs a login, or the link has expired; make a new link", 0.0),
        (status(404), "answered 404: there is no file at this address; check it", 0.0),
        (status(410), "answered 410: the file is there no longer; upload it again", 0.0),
        (status(416), "answered 416: the file is shorter than it was said to be", 0.0),
        (status(429, retry_after="5"), "answered 429: the server was asked too often; try again later", 0.0),
        (status(500), "answered 500: it is in trouble; try again later", 0.0),
        (status(503), "answered 503: it is in trouble; try again later", 0.0),
        (status(302), "answered 302: it redirects without saying where to", 0.0),
        (status(206), "answered 206: a part of the file, which was not asked for", 0.0),
        (status(204), "answered 204: that is not a file", 0.0),
        (status(418), "answered 418: that is not a file", 0.0),
        (status(302, location=f"/?{CANARY}"), f"redirects more than {MAX_REDIRECTS} times", 0.0),
        (status(302, location=f"file:///etc/passwd?{CANARY}"), "redirects to what is not read", 0.0),
        (status(302, location=f"data:,{CANARY}"), "redirects to what is not read", 0.0),
        (status(302, location=f"http://[{CANARY}"), "redirects to what is not read", 0.0),
        (status(302, location=f"//{CANARY}@other.example/"), "redirects to what is not read", 0.0),
        (status(302, location=f"http://other.example/?{CANARY}"), "plain http is not read", 0.0),
    ],
)
def test_misbehaviour_is_told_in_time(manner: Manner, said: str, within_s: float) -> None:
    """Each in words of its own that name the address, soon after its deadline; nothing is left behind."""
    threads = threading.active_count()
    with serving(manner=manner) as server:
        url = server.url(f"/clip.mp4?sig={CANARY}")
        began = time.monotonic()
        message = refused(url, patience=QUICK if within_s else USUAL)
        took = time.monotonic() - began

        assert server.wait_until_idle()
    assert message.startswith(url.partition("?")[0] + ": ")
    assert said in message
    assert within_s <= took < within_s + 2.0
    assert threads >= threading.active_count()


@pytest.mark.parametrize("manner", [web_server.endless, web_server.endless_chunks])
def test_an_endless_body_ends_where_the_reader_does(manner: Manner) -> None:
    """How much is read is the reader's to say; the connection is closed on the spot."""
    with serving(manner=manner) as server:
        got = fetched(server.url(), at_most=100_000)

        assert server.wait_until_idle()
    assert 100_000 <= len(got.body) < 300_000


def test_more_than_was_promised_is_not_read() -> None:
    """The file ends where Content-Length says."""
    with serving(b"x" * 100, web_server.too_many_bytes()) as server:
        assert 100 == len(fetched(server.url()).body)


def test_a_body_has_a_deadline_of_its_own() -> None:
    """However steadily it comes."""
    steady = web_server.drips_body(200)
    with serving(manner=steady) as server:
        message = refused(server.url(), patience=replace(QUICK, slowest=1, body_s=0.2))

    assert "was not done after 0.2 s" in message


def test_the_time_of_the_reader_is_not_the_servers() -> None:
    """A slow disk makes no slow server."""
    demanding = replace(QUICK, slow_for_s=0.15, slowest=10e6, body_s=0.2)

    async def read_slowly(url: str) -> int:
        async with (
            Door(allow_hosts=["127.0.0.1"], patience=demanding, tls=NO_TLS) as door,
            door.ask(read_url(url)) as answer,
        ):
            async for _ in answer.chunks():
                await asyncio.sleep(0.05)
            return answer.received

    with serving(b"x" * 300_000) as server:
        assert 300_000 == asyncio.run(read_slowly(server.url()))


def test_nobody_there_is_told() -> None:
    """At once."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert "no connection to 127.0.0.1 could be made" in refused(f"http://127.0.0.1:{port}/?{CANARY}")


# ---- where connections go


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://127.0.0.1/", "127.0.0.1 is at a loopback address"),
        ("https://[::1]/", "::1 is at a loopback address"),
        ("https://[::ffff:169.254.169.254]/", "is at a link-local address"),
        ("https://169.254.169.254/latest/meta-data/", "is at a link-local address"),
        (f"http://{HOST}/", "plain http is not read"),
        (f"https://{HOST}:8443/", f"port 8443 of {HOST} is not the usual one"),
    ],
)
def test_private_addresses_are_not_connected_to(url: str, said: str, dialled: Dialled) -> None:
    """Nor is plain http, nor other ports; the message says what permits it."""
    message = refused(f"{url}?{CANARY}", allow=(), resolver=Names([PUBLIC]))

    assert said in message
    assert "--allow-host" in message
    assert [] == dialled


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["fd00::1", PUBLIC], [PUBLIC, OTHER_PUBLIC, "::"]]
)
def test_one_private_address_is_too_many(answer: list[str], dialled: Dialled) -> None:
    """Whoever answers with both hopes for the other one."""
    assert f"{HOST} is at a " in refused(f"https://{HOST}/", allow=(), resolver=Names(answer))
    assert [] == dialled


def test_a_name_is_looked_up_once(dialled: Dialled) -> None:
    """What a name means later, nobody asks: a rebinding resolver never gets its second answer in."""
    names = Names([PUBLIC], ["127.0.0.1"])

    async def ask_twice() -> None:
        async with Door(resolver=names, patience=QUICK, tls=NO_TLS) as door:
            for _ in range(2):
                with pytest.raises(SourceError, match="no connection"):
                    async with door.ask(read_url(f"https://{HOST}/")):
                        pass

    asyncio.run(ask_twice())

    assert [(PUBLIC, 443)] * 2 == dialled
    assert [HOST] == names.asked


def test_the_next_address_is_tried(dialled: Dialled) -> None:
    """Where nobody is at the first; a few, not all of a thousand."""
    many = [OTHER_PUBLIC, PUBLIC, *(f"93.184.215.{number}" for number in range(100, 200))]

    assert "no connection" in refused(f"https://{HOST}/", allow=(), resolver=Names(many))
    assert [(address, 443) for address in many[:4]] == dialled


def test_the_address_that_answered_is_kept(dialled: Dialled) -> None:
    """The next part is not asked for where nobody was."""

    async def ask_twice(url: str) -> None:
        names = Names([OTHER_PUBLIC, "127.0.0.1"])
        async with Door(allow_hosts=[HOST], resolver=names, tls=NO_TLS) as door:
            for _ in range(2):
                async with door.ask(read_url(url)) as answer:
                    [chunk async for chunk in answer.chunks()]

    with serving() as server:
        asyncio.run(ask_twice(server.url(host=HOST)))

    assert [(OTHER_PUBLIC, server.port), ("127.0.0.1", server.port)] == dialled


@pytest.mark.parametrize("found", [[], None])
def test_an_unknown_name_is_told(found: list[str] | None) -> None:
    """No address, or an error of the resolver."""

    async def unknown(host: str, port: int) -> Sequence[IPAddress]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    resolver = unknown if found is None else Names(found)

    assert f"no address of {HOST} could be found; check the name" in refused(
        f"https://{HOST}/?{CANARY}", allow=(), resolver=resolver
    )


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's cannot be interrupted; its late answer disturbs nobody."""
    answered = threading.Event()

    def look_up(*_: Any, **__: Any) -> Any:
        time.sleep(0.1)
        answered.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    hasty = replace(QUICK, answer_s=0.02)
    assert "no answer came within 0.02 s" in refused(f"https://{HOST}/", allow=(), patience=hasty)
    assert answered.wait(2)
    time.sleep(0.02)  # an error in the thread would fail the test


def test_the_systems_resolver_is_asked() -> None:
    """For hosts that are not addresses."""
    with serving() as server:
        assert 200 == fetched(server.url(host="localhost"), allow=["LOCALHOST."]).answer.status


@pytest.mark.parametrize(
    "location",
    ["https://127.0.0.1:{port}/?{canary}", "https://[::ffff:127.0.0.1]:{port}/", "https://169.254.169.254/"],
)
@pytest.mark.parametrize("hops", [0, 3])
def test_a_redirect_to_a_private_address_is_refused(
    location: str, hops: int, dialled: Dialled, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """However long the chain: no connection is made to it, as somebody who listens there can tell."""
    with serving() as private, serving(tls=server_tls) as server:
        dialled.leads_to[PUBLIC] = server
        last = location.format(port=private.port, canary=CANARY)
        server.manner = redirects(*["/next"] * hops, last)

        message = refused(f"https://{HOST}/", allow=(), resolver=Names([PUBLIC]), tls=client_tls)

    assert "is at a " in message or "is not the usual one" in message
    assert hops + 1 == len(server.requests)
    assert 0 == private.connections
    assert {(PUBLIC, 443)} == set(dialled)


def test_a_name_in_a_redirect_is_looked_at_too(
    dialled: Dialled, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """It may be at home."""
    with serving(manner=redirects(f"https://inside.example/?{CANARY}"), tls=server_tls) as server:
        dialled.leads_to[PUBLIC] = server
        names = Names([PUBLIC], ["10.0.0.7"])

        message = refused(f"https://{HOST}/", allow=(), resolver=names, tls=client_tls)

    assert "inside.example is at a private address" in message
    assert "--allow-host" not in message  # a server must not make us advise to open a host of its choice
    assert [(PUBLIC, 443)] == dialled


def test_a_redirect_to_plain_http_is_refused(
    dialled: Dialled, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Even to a host that is allowed."""
    with serving() as plain, serving(tls=server_tls) as server:
        dialled.leads_to[PUBLIC] = server
        server.manner = redirects(f"{plain.url()}?{CANARY}")

        message = refused(f"https://{HOST}/", resolver=Names([PUBLIC]), tls=client_tls)

    assert "redirects from https to plain http" in message
    assert 0 == plain.connections


def test_redirects_are_followed() -> None:
    """Up to the limit; relative ones, those to other hosts, and with the range that was asked for."""
    with serving() as other, serving() as server:
        chain = ["/a?b=c%2F+", "d", "?e", other.url("/f").replace("127.0.0.1", "localhost")]
        server.manner = redirects(*chain)
        got = fetched(server.url("/x/y"), allow=["127.0.0.1", "localhost"], first=2, last=3)

    assert ["/x/y", "/a?b=c%2F+", "/d", "/d?e"] == [request.target for request in server.requests]
    assert (["bytes=2-3"], b"23") == (other.ranges, got.body)
    assert f"localhost:{other.port}" == other.requests[0].headers["host"]
    assert 4 == len(got.answer.hops)
    assert got.answer.url == got.answer.hops[-1]


@pytest.mark.parametrize(("hops", "works"), [(MAX_REDIRECTS, True), (MAX_REDIRECTS + 1, False)])
def test_redirects_have_a_limit(hops: int, works: bool) -> None:
    """So that nobody is led about."""
    with serving(manner=redirects(*["/next"] * hops)) as server:
        if works:
            assert 200 == fetched(server.url()).answer.status
        else:
            assert "redirects more than 5 times" in refused(server.url())
    assert 1 + MAX_REDIRECTS == len(server.requests)


# ---- certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes certificates that sign themselves: a file with the certificate and its key, by host."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes certificates with openssl")
    folder = tmp_path_factory.mktemp("certificates")

    def certificate(host: str) -> Path:
        path = folder / f"{host}.pem"
        if not path.exists():
            key = folder / f"{host}.key"
            subprocess.run(
                [
                    *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
                    *(
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        f"/CN={host}",
                        "-addext",
                        f"subjectAltName=DNS:{host}",
                    ),
                    *("-keyout", str(key), "-out", str(path)),
                ],
                check=True,
                capture_output=True,
                timeout=20,
            )
            path.write_text(path.read_text() + key.read_text())
        return path

    return certificate


@pytest.fixture
def server_tls(certificates: Callable[[str], Path]) -> ssl.SSLContext:
    """Of a server that is media.example."""
    return serving_as(certificates(HOST))


@pytest.fixture
def client_tls(certificates: Callable[[str], Path]) -> ssl.SSLContext:
    """Trusts the certificate of media.example, and no other."""
    return trusting(certificates(HOST))


def serving_as(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def trusting(*certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for certificate in certificates:
        context.load_verify_locations(certificate)
    return context


def test_the_certificate_is_that_of_the_name(
    dialled: Dialled, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """The connection goes to the address that was looked at, and asks there for the host by its name."""
    with serving(tls=server_tls) as server:
        dialled.leads_to[PUBLIC] = server
        names = Names([PUBLIC], ["127.0.0.1"])

        got = fetched(f"https://{HOST}/a?b", allow=(), resolver=names, tls=client_tls)

    assert 1_000 == len(got.body)
    assert ([(PUBLIC, 443)], [HOST]) == (dialled, names.asked)
    assert ([HOST], HOST) == (server.server_names, server.requests[0].headers["host"])


@pytest.mark.parametrize(
    ("of", "trusted", "said"),
    [
        (HOST, "other.example", "certificate of media.example is not valid: self-signed certificate"),
        ("other.example", "other.example", "is not valid for 'media.example'"),
    ],
)
def test_a_wrong_certificate_is_refused(
    of: str, trusted: str, said: str, dialled: Dialled, certificates: Callable[[str], Path]
) -> None:
    """One that nobody vouches for, and one that is another's; nothing is asked of such a server."""
    with serving(tls=serving_as(certificates(of))) as server:
        dialled.leads_to[PUBLIC] = server
        message = refused(
            f"https://{HOST}/?{CANARY}",
            allow=(),
            resolver=Names([PUBLIC]),
            tls=trusting(certificates(trusted)),
        )

        assert server.wait_until_idle()
    assert said in message.replace("self signed", "self-signed")
    assert [] == server.requests


def test_hosts_at_one_address_share_no_connection(
    dialled: Dialled, certificates: Callable[[str], Path]
) -> None:
    """A redirect to another name at the same address is checked against the certificate of that name."""
    both = trusting(certificates(HOST), certificates("other.example"))
    with serving(tls=serving_as(certificates(HOST)), manner=redirects("https://other.example/")) as server:
        dialled.leads_to[PUBLIC] = server
        message = refused(f"https://{HOST}/", allow=(), resolver=Names([PUBLIC]), tls=both)

    assert "the certificate of other.example is not valid" in message
    assert [HOST, "other.example"] == server.server_names


@pytest.mark.parametrize(
    ("said_first", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "media.example does not speak TLS as it should"),
        (b"", "no connection to media.example could be made"),
    ],
)
def test_what_is_no_handshake_is_told(said_first: bytes, message: str, dialled: Dialled) -> None:
    """Plain text where TLS was expected, and silence: accepting is not answering."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = WebServer(b"", web_server.silent, etag=None, latency_s=0)
        server.host, server.port = listener.getsockname()
        dialled.leads_to[PUBLIC] = server
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(
                refused, f"https://{HOST}/", allow=(), resolver=Names([PUBLIC]), patience=QUICK
            )
            connection, _ = listener.accept()
            with connection:
                connection.sendall(said_first)
                assert message in asked.result(5)


def test_the_certificates_of_the_world_are_trusted(dialled: Dialled) -> None:
    """Without a context of the test: those that come with httpx, whatever the environment names."""

    async def ask() -> None:
        async with Door(resolver=Names([PUBLIC]), patience=QUICK) as door:
            with pytest.raises(SourceError, match="no connection"):
                async with door.ask(read_url(f"https://{HOST}/")):
                    pass
            assert door._tls is not None
            assert door._tls.verify_mode is ssl.CERT_REQUIRED
            assert door._tls.check_hostname
            assert len(door._tls.get_ca_certs()) > 50

    asyncio.run(ask())


# ---- secrets


MISDEEDS = [
    web_server.properly,
    web_server.silent,
    web_server.stalls(),
    web_server.resets(),
    web_server.too_few_bytes(),
    web_server.nonsense(f"{CANARY}\r\n\r\n".encode()),
    web_server.nonsense(f"HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n".encode()),
    web_server.nonsense(f"HTTP/1.1 200 OK\r\nLocation: /?{CANARY}\r\nX: \x00\r\n\r\n".encode()),
    web_server.cookie(CANARY),
    status(302, location=f"/next?{CANARY}"),
    redirects(f"?{CANARY}", f"next?{CANARY}", f"/clip.mp4?{CANARY}"),
    redirects(f"http://127.0.0.1:1/?{CANARY}"),
    redirects(f"https://other.example/?{CANARY}#{CANARY}"),
    redirects(f"https://{CANARY}:{CANARY}@other.example/"),
    redirects(f"//[{CANARY}]/"),
    redirects(f"https://other.example:{CANARY}/"),
    status(403, location=f"/?{CANARY}", x_amz_request=CANARY),
]


@pytest.mark.parametrize("manner", MISDEEDS)
def test_secrets_are_not_told(manner: Manner, caplog: pytest.LogCaptureFixture) -> None:
    """Not by any logger at DEBUG, nor by an error with all it was caused by, nor by what an answer is."""
    with caplog.at_level(logging.DEBUG), serving(manner=manner) as server:
        try:
            got = fetched(server.url(f"/clip.mp4?sig={CANARY}"), patience=QUICK)
        except SourceError as exc:
            shown = [*traceback.format_exception(exc), repr(exc)]
        else:
            shown = [repr(got.answer), str(got.answer.url), repr(got.answer.hops)]

    logged = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert not [line for line in [*shown, *logged] if CANARY in line]


def test_no_cause_of_an_error_holds_the_signature() -> None:
    """httpx keeps the request with its exceptions, for whoever shows them in full."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(SourceError) as refusal:
        fetched(f"http://127.0.0.1:{port}/clip.mp4?{CANARY}")

    causes: list[BaseException] = []
    cause: BaseException | None = refusal.value
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    requests = [getattr(exc, "_request", None) for exc in causes]
    assert len(causes) > 1
    assert not [request for request in requests if request is not None and CANARY in str(request.url)]
