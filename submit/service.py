"""One question to the service, and its answer: bounded in size and in time, with the key in one place.

No connection is kept for the next question: one that the service closed meanwhile would leave the outcome of
a create in doubt.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import logging
import math
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import stamina

from submit.errors import ConfigurationError, NotReached, OutcomeUnknown

__all__ = ["DEFAULT_BASE_URL", "Patience", "Reply", "Service", "read_base"]

DEFAULT_BASE_URL = "https://tavusapi.com"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ANSWER_BYTES = 4_000_000
_PASSING = frozenset({429, 502, 503, 504})
_SOON_S = 0.01
_JSON = {"content-type": "application/json"}
_LEAVES = "send_request_headers.started"
"""What httpcore calls the moment at which there is a connection, and nothing has been sent on it."""


logging.getLogger("stamina").addHandler(logging.NullHandler())  # repeating is no news for a terminal


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds.

    One answer may take ``answer_s`` in all. A harmless question is put up to ``attempts`` times within
    ``question_s``, the next after ``pause_s``, doubled each time, with jitter; or when the service says,
    unless that is more than ``longest_pause_s`` away. A create is repeated only where it is certain that the
    service has not begun with it. ``lease_s`` is how long others wait for one who is creating the same thing;
    it is more than a create may take.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    answer_s: float = 60.0
    attempts: int = 4
    question_s: float = 90.0
    pause_s: float = 0.5
    longest_pause_s: float = 30.0
    voices_s: float = 600.0
    lease_s: float = 240.0

    def __post_init__(self) -> None:
        longest = self.question_s + self.longest_pause_s + self.answer_s
        if self.lease_s <= longest:
            raise ConfigurationError(
                f"lease_s must be more than a create may take ({longest:g} s): else one that is still under "
                "way is taken for one that was left"
            )


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as far as it is read: the body has no key of ours in it."""

    status: int
    content: bytes = field(repr=False)
    retry_after_s: float | None = None


class _Busy(Exception):  # noqa: N818
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Service:
    """The way to the service. Raises ConfigurationError for a key or a base address that cannot be."""

    def __init__(self, api_key: str, base_url: str, patience: Patience) -> None:
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ConfigurationError("the API key is missing or malformed; set TAVUS_API_KEY")
        self.base_url, self._local = read_base(base_url)
        self._key = api_key
        self.patience = patience
        self._tls: ssl.SSLContext | None = None

    async def ask(self, path: str, params: Mapping[str, Any] | None = None) -> Reply:
        """A harmless question, repeated over passing trouble. Raises NotReached where there is no answer."""
        try:
            return await self._repeated(_may_pass, "GET", path, params=params)
        except httpx.HTTPError as exc:
            raise NotReached(f"the service could not be reached ({type(exc).__name__})") from exc
        except TimeoutError as exc:
            raise NotReached("the service did not come to the end of its answer in time") from exc

    async def tell(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        *,
        before: Callable[[], object] = lambda: None,
    ) -> Reply:
        """Something that changes the service's state: repeated only where it has surely not begun with it.

        ``before`` is called each time that the request is about to leave, and may keep it back by raising.
        Raises NotReached where nothing was sent, OutcomeUnknown where that is not certain.
        """
        try:
            return await self._repeated(_has_not_begun, method, path, content=content, before=before)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as exc:
            raise NotReached(
                f"the service could not be reached ({type(exc).__name__}); nothing was sent"
            ) from exc
        except httpx.HTTPError as exc:
            raise OutcomeUnknown(
                f"the connection broke before the service's answer was read ({type(exc).__name__})"
            ) from exc
        except TimeoutError as exc:
            raise OutcomeUnknown("the service did not come to the end of its answer in time") from exc

    async def _repeated(
        self, again: Callable[[Exception, float], bool | float], method: str, path: str, **options: Any
    ) -> Reply:
        patience = self.patience
        retries = stamina.retry_context(
            on=lambda exc: again(exc, patience.longest_pause_s),
            attempts=patience.attempts,
            timeout=patience.question_s,
            wait_initial=patience.pause_s,
            wait_jitter=patience.pause_s,
            wait_max=patience.longest_pause_s,
        )
        try:
            async for attempt in retries:
                with attempt:
                    reply = await self._once(method, path, **options)
                    if reply.status in _PASSING:
                        raise _Busy(reply)
                    return reply
        except _Busy as exc:
            return exc.reply
        raise AssertionError("an attempt returns or raises")

    def _certificates(self) -> ssl.SSLContext | bool:
        """Loaded once, and not for a service on this machine that needs none."""
        if self.base_url.startswith("http://"):
            return False
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        return self._tls

    def _client(self) -> httpx.AsyncClient:
        """Raises ConfigurationError for proxies of the environment that are none."""
        patience = self.patience
        certificates = self._certificates()
        try:
            return httpx.AsyncClient(
                base_url=self.base_url,
                headers={"x-api-key": self._key},
                timeout=httpx.Timeout(patience.read_s, connect=patience.connect_s),
                follow_redirects=False,
                trust_env=not self._local,  # a proxy of the environment has no business with this machine
                verify=certificates,
            )
        except (ImportError, ValueError, httpx.InvalidURL):  # they may quote it, with its password
            pass
        raise ConfigurationError(
            "a proxy that the environment names (HTTPS_PROXY or ALL_PROXY) cannot be used; it must be an "
            "http:// or https:// address"
        )

    async def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        before: Callable[[], object] = lambda: None,
    ) -> Reply:
        patience = self.patience

        async def watch(event: str, _: object) -> None:
            if event.endswith(_LEAVES):
                before()

        before()
        async with (
            asyncio.timeout(patience.answer_s),
            self._client() as http,
            http.stream(
                method,
                path,
                params=params,
                content=content,
                headers=_JSON if content is not None else None,
                extensions={"trace": watch},
            ) as response,
        ):
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= _ANSWER_BYTES:
                    break
            return Reply(
                response.status_code,
                bytes(body[:_ANSWER_BYTES]).replace(self._key.encode(), b"***"),
                _retry_after(response.headers.get("retry-after"), dt.datetime.now(dt.UTC)),
            )


def _may_pass(exc: Exception, longest_s: float) -> bool | float:
    """Whether to put a harmless question again, or in how many seconds."""
    if isinstance(exc, _Busy):
        return _when(exc.reply, longest_s)
    return isinstance(exc, (httpx.TransportError, TimeoutError))


def _has_not_begun(exc: Exception, longest_s: float) -> bool | float:
    """The same for what must not be done twice: only where there was no connection, or 429."""
    if isinstance(exc, _Busy):
        return exc.reply.status == 429 and _when(exc.reply, longest_s)
    return isinstance(exc, (httpx.ConnectError, httpx.ConnectTimeout))


def _when(reply: Reply, longest_s: float) -> bool | float:
    if reply.retry_after_s is None:
        return True
    return max(reply.retry_after_s, _SOON_S) if reply.retry_after_s <= longest_s else False


def _retry_after(text: str | None, now: dt.datetime) -> float | None:
    """The header's seconds, or those until its date (RFC 9110, 10.2.3)."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        seconds = (email.utils.parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def read_base(base_url: str) -> tuple[str, bool]:
    """The base address, spelt in one way, and whether it is this machine.

    Raises ConfigurationError for an unusable one.
    """
    try:
        parts = httpx.URL(base_url)
    except (httpx.InvalidURL, UnicodeError):
        raise ConfigurationError("the base address is not a web address") from None
    local, host = parts.host in _LOOPBACK, parts.raw_host.decode("ascii").rstrip(".")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ConfigurationError("the base address must be https, or http to a loopback address")
    if parts.userinfo or parts.query or parts.fragment:
        raise ConfigurationError("the base address holds more than a host and a path")
    return str(parts.copy_with(host=host, query=None, fragment=None)).rstrip("/"), local
