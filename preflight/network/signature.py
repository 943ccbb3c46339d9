"""Until when a signed address is valid, read off its query. What signs is looked past, and never kept.

Names of parameters are compared without regard to case: a provider that minds it refuses the address, and
then nobody gets as far as its end. What is said twice, or cannot be a time, makes the whole unreadable.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from preflight.evidence.link import Signature, SignatureKind

__all__ = ["Parameters", "parameters", "read_signature"]

Parameters = Sequence[tuple[str, str]]
"""Names, decoded and in lower case, with values as they stand in the address."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WEEK_S = 7 * 24 * 3600  # S3 and Google Cloud Storage refuse version 4 addresses that ask for more
_STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,13}")
_SECONDS, _MILLISECONDS = range(10**9, 4 * 10**9), range(10**12, 4 * 10**12)  # from 2001 to 2096
_TOKEN = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]+", re.ASCII)
_ENDS = ("expires", "expire", "expiry", "exp", "expires_at", "expiration")
_TOKENS = ("token", "jwt", "access_token", "sig", "signature")


class _Unreadable(Exception):  # noqa: N818 - a state, not a fault of the program
    """Why a signature cannot be read, in words that hold nothing of it."""


class _Query:
    """The parameters of one signature. What is asked for and said twice cannot be read."""

    def __init__(self, found: Parameters) -> None:
        self._found = found

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _ in self._found)

    def get(self, name: str) -> str | None:
        values = [value for known, value in self._found if known == name]
        if len(values) > 1:
            raise _Unreadable(f"its query names {name!r} {len(values)} times")
        return unquote(values[0]) if values else None

    def need(self, name: str) -> str:
        value = self.get(name)
        if not value:
            raise _Unreadable(f"its query lacks {name!r}")
        return value

    def number(self, name: str) -> int:
        value = self.need(name)
        if not _NUMBER.fullmatch(value):
            raise _Unreadable(f"{name!r} is no number of seconds")
        return int(value)

    def unix(self, name: str) -> dt.datetime:
        return _after(_EPOCH, self.number(name), name)

    def stamp(self, name: str) -> dt.datetime:
        """A time such as 20261125T120000Z."""
        value = self.need(name)
        try:
            if _STAMP.fullmatch(value):
                return dt.datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        except ValueError:
            pass
        raise _Unreadable(f"{name!r} is no date")

    def iso(self, name: str) -> dt.datetime:
        """A time such as 2026-11-25T12:00:00Z; without a zone it is UTC."""
        value = self.need(name)
        try:
            if _ISO.fullmatch(value):
                time = dt.datetime.fromisoformat(value)
                return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            pass
        raise _Unreadable(f"{name!r} is no date")


def parameters(query: str) -> Parameters:
    """The parameters of a query."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return tuple((unquote(name).lower(), value) for name, _, value in pairs)


def read_signature(found: Parameters) -> Signature | None:
    """The signature among the parameters of an address; ``None`` where there is none that is known."""
    query = _Query(found)
    kind = next((kind for kind, is_it in _KNOWN if is_it(query)), None)
    if kind is None:
        return _token(found) or _plain_end(found)
    try:
        return _READ[kind](query)
    except _Unreadable as exc:
        return Signature(kind, unreadable=str(exc))


def _has(*names: str) -> Callable[[_Query], bool]:
    return lambda query: all(name in query for name in names)


_KNOWN: tuple[tuple[SignatureKind, Callable[[_Query], bool]], ...] = (
    (SignatureKind.S3_V4, lambda query: "x-amz-signature" in query or "x-amz-algorithm" in query),
    (SignatureKind.GCS_V4, lambda query: "x-goog-signature" in query or "x-goog-algorithm" in query),
    (SignatureKind.CLOUDFRONT, _has("key-pair-id")),
    (SignatureKind.S3_V2, _has("awsaccesskeyid", "signature")),
    (SignatureKind.GCS_V2, _has("googleaccessid", "signature")),
    (SignatureKind.AZURE, _has("sv", "sig")),
)


def _version_4(kind: SignatureKind, prefix: str) -> Callable[[_Query], Signature]:
    def read(query: _Query) -> Signature:
        name = f"{prefix}-expires"
        signed_at, seconds = query.stamp(f"{prefix}-date"), query.number(name)
        if seconds > _WEEK_S:
            raise _Unreadable(f"{name!r} asks for more than the seven days that can be signed for")
        return Signature(
            kind,
            signed_at,
            _after(signed_at, seconds, name),
            temporary=_is_temporary(query, f"{prefix}-security-token", f"{prefix}-credential"),
        )

    return read


def _version_2(kind: SignatureKind, key: str) -> Callable[[_Query], Signature]:
    def read(query: _Query) -> Signature:
        temporary = _is_temporary(query, "x-amz-security-token", key)
        return Signature(kind, expires_at=query.unix("expires"), temporary=temporary)

    return read


def _is_temporary(query: _Query, token: str, key: str) -> bool:
    """Whether a session signed: it says so by a token, and by the first letters of its key at Amazon."""
    return token in query or (query.get(key) or "").startswith("ASIA")


def _azure(query: _Query) -> Signature:
    """The end is the first of two where Entra ID signed: that of the address and that of the key."""
    if "se" not in query and "si" in query:  # the end is that of a policy which the account keeps
        return Signature(SignatureKind.AZURE)
    ends = [query.iso("se")] + ([query.iso("ske")] if "ske" in query else [])
    return Signature(SignatureKind.AZURE, query.iso("st") if "st" in query else None, min(ends))


def _cloudfront(query: _Query) -> Signature:
    policy = query.get("policy")
    if policy is None:
        return Signature(SignatureKind.CLOUDFRONT, expires_at=query.unix("expires"))
    condition = _condition(policy)
    return Signature(
        SignatureKind.CLOUDFRONT,
        _policy_time(condition, "DateGreaterThan") if "DateGreaterThan" in condition else None,
        _policy_time(condition, "DateLessThan"),
    )


def _condition(policy: str) -> dict[str, Any]:
    """The condition of a custom policy, which is base64 with three characters replaced."""
    try:
        padded = policy.replace("-", "+").replace("_", "=").replace("~", "/")
        document = json.loads(base64.b64decode(padded, validate=True))
        (statement,) = document["Statement"]
        condition = statement["Condition"]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise _Unreadable("its 'policy' is none of CloudFront's") from exc
    if not isinstance(condition, dict):
        raise _Unreadable("its 'policy' is none of CloudFront's")
    return condition


def _policy_time(condition: dict[str, Any], name: str) -> dt.datetime:
    value = condition.get(name)
    seconds = value.get("AWS:EpochTime") if isinstance(value, dict) else None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
        raise _Unreadable(f"its 'policy' has no {name!r} that is a time")
    return _after(_EPOCH, seconds, "policy")


def _token(found: Parameters) -> Signature | None:
    """A JSON web token whose claims name an end, such as those of Supabase and Mux."""
    claims = [_claims(unquote(value)) for name, value in found if name in _TOKENS]
    ends = [claim for claim in claims if _is_time(claim.get("exp"))]
    if len(ends) != 1:
        return None
    begun = ends[0].get("iat")
    return Signature(
        SignatureKind.TOKEN,
        _unix_time(begun) if _is_time(begun) else None,
        _unix_time(ends[0]["exp"]),
    )


def _claims(token: str) -> dict[str, Any]:
    match = _TOKEN.fullmatch(token)
    try:
        claims = {} if match is None else json.loads(base64.urlsafe_b64decode(match[1] + "==="))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _is_time(value: object) -> bool:
    """Whether a number is a time since 1970, and hardly anything else."""
    return isinstance(value, int) and (value in _SECONDS or value in _MILLISECONDS)


def _plain_end(found: Parameters) -> Signature | None:
    """A parameter that is called an end and can be a time, where there is one such and no more."""
    ends = [int(value) if _NUMBER.fullmatch(value) else None for name, value in found if name in _ENDS]
    if len(ends) != 1 or not _is_time(ends[0]):
        return None
    return Signature(SignatureKind.OTHER, expires_at=_unix_time(ends[0]))


def _unix_time(number: Any) -> dt.datetime:
    """Seconds since 1970, or milliseconds where the number is that long."""
    return _EPOCH + dt.timedelta(seconds=number / 1000 if number in _MILLISECONDS else number)


def _after(start: dt.datetime, seconds: int, name: str) -> dt.datetime:
    try:
        return start + dt.timedelta(seconds=seconds)
    except OverflowError as exc:
        raise _Unreadable(f"{name!r} names a time after every calendar") from exc


_READ: dict[SignatureKind, Callable[[_Query], Signature]] = {
    SignatureKind.S3_V4: _version_4(SignatureKind.S3_V4, "x-amz"),
    SignatureKind.GCS_V4: _version_4(SignatureKind.GCS_V4, "x-goog"),
    SignatureKind.S3_V2: _version_2(SignatureKind.S3_V2, "awsaccesskeyid"),
    SignatureKind.GCS_V2: _version_2(SignatureKind.GCS_V2, "googleaccessid"),
    SignatureKind.CLOUDFRONT: _cloudfront,
    SignatureKind.AZURE: _azure,
}
