"""The fake service without its network: questions in, answers out, and a record of both.

The routes and answers are those of the service documentation, read 2026-11-22, of both its eras: replicas,
and the faces that they were renamed to. Not documented, and decided here so that clients come to rely on
little:

- Authentication comes first. Any key but an empty one is accepted, save those that are refused by name.
- An id that was never given out is ``400 Invalid replica_id``; a deleted one is 404 with a ``message``.
- Renaming and deleting answer 204 without a body. Stock replicas can be neither renamed nor deleted (400).
- Lists begin with the newest, at page 1, with 10 a page and at most 100; without a type they show both.
- A parameter of the query that the route does not know is refused, as a field of the body is.
- A body of more than a megabyte is 413. The Content-Type of a request is not looked at.
- The name of a replica may be anything but empty, and its address anything that looks like one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypedDict

from preflight.text import redacted as redacted_text
from submit.errors import ConfigurationError
from submit.testing.bodies import (
    REPLICAS,
    BadRequest,
    Dialect,
    Voices,
    bad_fields,
    read_create,
    read_merge_patch,
    read_rename,
)
from submit.testing.faults import Fault, Faults, Moment, Operation, training_message
from submit.testing.replicas import FakeReplica, error_asked_for

__all__ = ["DEFAULT_VOICES", "Answer", "CallBack", "FakeReplicaService", "Question", "Received", "Settings"]

DEFAULT_VOICES = ("anna", "benjamin", "james", "julia", "liam", "ivy")
"""The example names of the service documentation, read 2026-11-22; the full list is not documented."""

DEFAULT_TRAINING_S = 3.0
MAX_BODY = 1_000_000
MAX_RECORDED = 10_000  # requests and callbacks that are remembered
MAX_ADVANCE_S = 10 * 365 * 86_400.0
DEFAULT_LIMIT, MAX_LIMIT = 10, 100
_STOCK = ("Stock One", "Stock Two")
_STOCK_CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """A request to one of the documented routes. ``body`` is None where it was too large to be read."""

    operation: Operation
    dialect: Dialect
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    replica_id: str = ""
    body: bytes | None = field(default=b"", repr=False)
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, and how: ``wait_s`` before it, ``ending`` where the connection ends with it.

    ``ending`` is "closed" or "reset" without an answer, or "cut-short" in the middle of it.
    """

    status: int
    content: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    ending: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived, and the status it was answered with; None where it got no answer."""

    method: str
    path: str
    operation: Operation | None
    query: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | None = field(repr=False)
    key: str = field(repr=False)
    at: dt.datetime
    status: int | None

    @property
    def document(self) -> Any:
        """The JSON of the body; None where it is none."""
        try:
            return json.loads(self.body or b"")
        except (ValueError, RecursionError):
            return None

    def to_dict(self) -> dict[str, Any]:
        """Fit to show: without the key, the values of the query, and the queries of addresses."""
        return {
            "method": self.method,
            "path": self.path,
            "query": {name: "***" for name, _ in self.query},
            "x-api-key": "***" if self.key else None,
            "body": fit_to_show(self.document),
            "status": self.status,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class CallBack:
    """A callback: to where, with what, and what came of it. ``trouble`` says why there is no ``status``."""

    url: str = field(repr=False)
    document: Mapping[str, Any]
    sent: bool
    status: int | None
    trouble: str | None

    def to_dict(self) -> dict[str, Any]:
        shown = fit_to_show({"callback_url": self.url})["callback_url"]
        return {
            "url": shown,
            "body": dict(self.document),
            "sent": self.sent,
            "status": self.status,
            "trouble": self.trouble,
        }


@dataclass(frozen=True, slots=True)
class _Due:
    """A callback that waits for the end of a training."""

    replica_id: str
    url: str
    late_s: float
    times: int


class Settings(TypedDict, total=False):
    """What a fake service is made with; every part has a default.

    ``training_s``: how long a training takes. ``voices``: their names. ``refused_keys``: keys that are not
    accepted. ``faults``: as on the command line, ``"503:2"``. ``callback_hosts``: hosts beside loopback
    addresses that callbacks are sent to. ``seed``: the ids are made from it and a count, so that the same
    requests give the same ids. ``now``: the clock.
    """

    training_s: float
    voices: Sequence[str]
    refused_keys: Collection[str]
    faults: Iterable[Fault | str]
    callback_hosts: Collection[str]
    seed: str
    now: Callable[[], dt.datetime]


class FakeReplicaService:
    """The fake service. ``url`` is where it answers, once it is served. See ``Settings``.

    Everything here may be called from any thread.
    """

    def __init__(
        self,
        *,
        training_s: float = DEFAULT_TRAINING_S,
        voices: Sequence[str] = DEFAULT_VOICES,
        refused_keys: Collection[str] = (),
        faults: Iterable[Fault | str] = (),
        callback_hosts: Collection[str] = (),
        seed: str = "0",
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        if not 0 <= training_s <= MAX_ADVANCE_S:
            raise ConfigurationError(f"a training takes 0 to {MAX_ADVANCE_S:.0f} seconds")
        self.url = ""
        self.callback_hosts = frozenset(callback_hosts)
        self._training_s = training_s
        self._refused_keys = frozenset(refused_keys)
        self._seed = seed
        self._clock = now
        self._voices = Voices({digits("v", f"voice {name}"): name for name in voices})
        self._first_faults = tuple(Fault.read(f) if isinstance(f, str) else f for f in faults)
        self._changed = threading.Condition(threading.RLock())
        self._faults = Faults()
        self._requests: deque[Received] = deque(maxlen=MAX_RECORDED)
        self._calls_back: deque[CallBack] = deque(maxlen=MAX_RECORDED)
        self._replicas: dict[str, FakeReplica] = {}
        self._deleted: set[str] = set()
        self._due: list[_Due] = []
        self._ahead = dt.timedelta()
        self._count = 0
        self.reset()

    # ---- what happened

    @property
    def requests(self) -> tuple[Received, ...]:
        """Every request to the service, oldest first."""
        with self._changed:
            return tuple(self._requests)

    @property
    def creates(self) -> tuple[Any, ...]:
        """The JSON of every create request, refused ones among them, oldest first."""
        return tuple(r.document for r in self.requests if r.operation is Operation.CREATE)

    @property
    def replicas(self) -> tuple[FakeReplica, ...]:
        """Every replica that was created and not deleted, oldest first, without the stock ones."""
        with self._changed:
            return tuple(replica for replica in self._replicas.values() if not replica.is_stock)

    @property
    def calls_back(self) -> tuple[CallBack, ...]:
        """Every callback that was due, sent or not, oldest first."""
        with self._changed:
            return tuple(self._calls_back)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that have still to strike."""
        with self._changed:
            return self._faults.waiting()

    def wait_for(self, happened: Callable[[FakeReplicaService], bool], *, timeout_s: float = 5.0) -> bool:
        """Wait until something is so, and say whether it came to be: ``wait_for(lambda s: s.calls_back)``."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: happened(self), timeout_s))

    # ---- what shall happen

    def fault(
        self,
        name: str,
        value: str | float | None = None,
        *,
        times: int = 1,
        on: str = Operation.CREATE,
    ) -> Fault:
        """Let something go wrong with the next ``times`` requests that do ``on``. See ``FAULTS``."""
        fault = Fault(name, value, times, on)  # type: ignore[arg-type]
        with self._changed:
            self._faults.add(fault)
        return fault

    def clear_faults(self) -> None:
        with self._changed:
            self._faults.clear()

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        if not 0 <= seconds <= MAX_ADVANCE_S:
            raise ConfigurationError(
                f"the clock goes forward, by at most {MAX_ADVANCE_S:.0f} seconds at a time"
            )
        with self._changed:
            try:
                self._clock() + self._ahead + 2 * dt.timedelta(seconds=seconds)
            except OverflowError:
                raise ConfigurationError("the clock cannot go that far") from None
            self._ahead += dt.timedelta(seconds=seconds)
            self._changed.notify_all()

    def reset(self) -> None:
        """Begin anew: as it was made, with the faults it was made with."""
        with self._changed:
            self._requests.clear()
            self._calls_back.clear()
            self._due.clear()
            self._deleted.clear()
            self._ahead = dt.timedelta()
            self._count = 0
            self._replicas = {replica.replica_id: replica for replica in map(_stock, _STOCK)}
            self._faults.clear()
            for fault in self._first_faults:
                self._faults.add(fault)
            self._changed.notify_all()

    def now(self) -> dt.datetime:
        with self._changed:
            return self._clock() + self._ahead

    # ---- what the network side asks

    def answer(self, question: Question) -> Answer:
        """Do what is asked, or what a fault makes of it, and remember the question."""
        with self._changed:
            answer = self._answer(question)
            self.record(question, None if answer.ending in ("closed", "reset") else answer.status)
            return answer

    def record(self, question: Question, status: int | None, *, known: bool = True) -> None:
        """Remember a question, also one to a route that there is not."""
        with self._changed:
            self._requests.append(
                Received(
                    method=question.method,
                    path=question.path,
                    operation=question.operation if known else None,
                    query=question.query,
                    body=question.body,
                    key=question.key,
                    at=self.now(),
                    status=status,
                )
            )
            self._changed.notify_all()

    @property
    def awaits_callbacks(self) -> bool:
        with self._changed:
            return bool(self._due)

    def take_due(self) -> list[tuple[str, dict[str, Any]]]:
        """The callbacks whose time has come: to where, and what. They are not given out twice."""
        taken: list[tuple[str, dict[str, Any]]] = []
        with self._changed:
            now, waiting = self.now(), []
            for due in self._due:
                replica = self._replicas.get(due.replica_id)
                if replica is None or replica.ends_at is None:
                    continue
                if now < replica.ends_at + dt.timedelta(seconds=due.late_s):
                    waiting.append(due)
                else:
                    taken += [(due.url, replica.callback())] * due.times
            self._due = waiting
        return taken

    def called_back(self, call: CallBack) -> None:
        with self._changed:
            self._calls_back.append(call)
            self._changed.notify_all()

    # ---- answering

    def _answer(self, question: Question) -> Answer:
        if not question.key or question.key in self._refused_keys:
            return said(401, message="Invalid access token")
        fault = self._faults.next(question.operation, Moment.BEFORE)
        if fault is not None:
            self._faults.struck(fault)
            return struck_before(fault)
        try:
            answer = self._do(question)
        except BadRequest as exc:
            return said(400, error=str(exc))
        fault = self._faults.next(question.operation, Moment.AFTER)
        if fault is None or answer.status >= 400:
            return answer
        self._faults.struck(fault)
        return struck_after(fault, answer)

    def _do(self, question: Question) -> Answer:
        if question.body is None:
            return said(413, error=f"The body is larger than {MAX_BODY} bytes.")
        match question.operation:
            case Operation.VOICES:
                return self._list_voices(question)
            case Operation.CREATE:
                return self._create(question, question.body)
            case Operation.LIST:
                return self._list(question)
        replica = self._replicas.get(question.replica_id)
        if replica is None and question.replica_id in self._deleted:
            return said(404, message="Not found")
        if replica is None or (replica.is_stock and question.operation is not Operation.GET):
            raise BadRequest(f"Invalid {question.dialect.id_key}")
        if question.operation is Operation.GET:
            verbose = read_query(question, {"verbose": read_switch}).get("verbose", False)
            return said(200, **replica.document(question.dialect, self.now(), verbose=verbose))
        read_query(question, {})
        if question.operation is Operation.DELETE:
            del self._replicas[replica.replica_id]
            self._deleted.add(replica.replica_id)
            return Answer(204)
        return self._rename(replica, question, question.body)

    def _create(self, question: Question, content: bytes) -> Answer:
        read_query(question, {})
        dialect = question.dialect
        body = read_create(content, dialect, self._voices)
        self._count += 1
        replica_id = digits("r", f"{self._seed} {self._count}")
        training, callback, listing = (
            self._take(moment) for moment in (Moment.TRAINING, Moment.CALLBACK, Moment.LISTING)
        )
        error = error_asked_for(body.get(dialect.name_key), body)
        stuck_at = None
        if training is not None and training.name == "training-error":
            error = training_message(training.text or "")
        elif training is not None:
            stuck_at = int(training.number)
        now = self.now()
        unlisted_s = 0.0 if listing is None else listing.number
        voice = body.get("voice_name")
        self._replicas[replica_id] = FakeReplica(
            replica_id=replica_id,
            request=MappingProxyType(body),
            dialect=dialect,
            name=body.get(dialect.name_key),
            created_at=now,
            changed_at=now,
            training_s=self._training_s,
            error_message=error,
            stuck_at=stuck_at,
            listed_from=now + dt.timedelta(seconds=unlisted_s),
            default_voice_id=body.get("default_voice_id") or (self._voices.named(voice) if voice else None),
        )
        called = "" if callback is None else callback.name
        if body.get("callback_url") and called != "callback-never":
            late_s = callback.number if callback is not None and called == "callback-late" else 0.0
            times = 2 if called == "callback-twice" else 1
            self._due.append(_Due(replica_id, body["callback_url"], late_s, times))
        return said(200, **{dialect.id_key: replica_id, "status": "started"})

    def _take(self, moment: Moment) -> Fault | None:
        fault = self._faults.next(Operation.CREATE, moment)
        if fault is not None:
            self._faults.struck(fault)
        return fault

    def _rename(self, replica: FakeReplica, question: Question, content: bytes) -> Answer:
        if question.dialect is REPLICAS:
            changes = {"name": read_rename(content)["replica_name"]}
        else:
            patch = read_merge_patch(content, self._voices)
            names = {"face_name": "name", "default_voice_id": "default_voice_id"}
            changes = {names[key]: value for key, value in patch.items()}
        self._replicas[replica.replica_id] = replace(replica, **changes, changed_at=self.now())
        return Answer(204)

    def _list(self, question: Question) -> Answer:
        dialect = question.dialect
        query = read_query(
            question,
            {
                "limit": read_limit,
                "page": read_page,
                "verbose": read_switch,
                dialect.type_key: read_type,
                f"{dialect.id_key}s": read_ids,
            },
        )
        now = self.now()
        wanted, kind = query.get(f"{dialect.id_key}s"), query.get(dialect.type_key)
        found = [
            replica
            for replica in reversed(self._replicas.values())
            if now >= replica.listed_from
            and (wanted is None or replica.replica_id in wanted)
            and (kind is None or replica.is_stock == (kind == "system"))
        ]
        verbose = query.get("verbose", False)
        return page_of([r.document(dialect, now, verbose=verbose) for r in found], query)

    def _list_voices(self, question: Question) -> Answer:
        query = read_query(question, {"limit": read_limit, "page": read_page})
        shown = [
            {"voice_id": voice_id, "voice_name": name, "voice_type": "system", "status": "completed"}
            for voice_id, name in self._voices.by_id.items()
        ]
        return page_of(shown, query)


# ---- the query of a request


def read_query(question: Question, readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """The parameters of a request. Raises BadRequest for one that is unknown, or that comes twice."""
    read: dict[str, Any] = {}
    for name, text in question.query:
        if name not in readers:
            raise bad_fields({name: ["Unknown field."]})
        if name in read:
            raise BadRequest(f"Invalid {name}")
        try:
            read[name] = readers[name](text)
        except ValueError:
            raise BadRequest(f"Invalid {name}") from None
    return read


def read_page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError(text)
    return int(text)


def read_limit(text: str) -> int:
    limit = read_page(text)
    if limit > MAX_LIMIT:
        raise ValueError(text)
    return limit


def read_switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def read_type(text: str) -> str:
    if text not in ("user", "system"):
        raise ValueError(text)
    return text


def read_ids(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(","))


# ---- answers


def said(status: int, /, **document: Any) -> Answer:
    """A JSON answer. Everything beyond ASCII is escaped, lone surrogates among it."""
    return Answer(status, json.dumps(document).encode())


def page_of(items: Sequence[Any], query: Mapping[str, Any]) -> Answer:
    limit = query.get("limit", DEFAULT_LIMIT)
    first = (query.get("page", 1) - 1) * limit
    return said(200, data=list(items[first : first + limit]), total_count=len(items))


_TEXTS = {
    500: b"Internal Server Error",
    502: b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    503: b"Service Unavailable",
    504: b"<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
    403: b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>",
}


def in_trouble(status: int, retry_after: str | None = None) -> Answer:
    """As a gateway says it: text or a page, no JSON. The bodies of these are not documented."""
    text = _TEXTS[status]
    kind = "text/html" if text.startswith(b"<") else "text/plain"
    return Answer(status, text, kind, {} if retry_after is None else {"retry-after": retry_after})


def struck_before(fault: Fault) -> Answer:
    match fault.name:
        case "dropped":
            return Answer(0, ending="closed")
        case "reset":
            return Answer(0, ending="reset")
        case "401":
            return said(401, message="Invalid access token")
        case "402":
            return said(402, message="Payment required")  # reported by others, not documented
        case "429":
            answer = said(429, error="Too many requests")  # not documented
            return replace(answer, headers={} if fault.text is None else {"retry-after": fault.text})
    return in_trouble(int(fault.name), fault.text)


def struck_after(fault: Fault, answer: Answer) -> Answer:
    match fault.name:
        case "dropped-after":
            return replace(answer, ending="closed")
        case "reset-after":
            return replace(answer, ending="reset")
        case "cut-short":
            return replace(answer, ending="cut-short")
        case "slow":
            return replace(answer, wait_s=fault.number)
        case "truncated":
            return replace(answer, content=answer.content[: len(answer.content) // 2])
        case "without-id":
            if not answer.content:
                return answer
            document = json.loads(answer.content)
            return said(answer.status, **{k: v for k, v in document.items() if not k.endswith("_id")})
        case "not-json":
            return Answer(200, b"OK", "text/plain")
        case "html":
            return Answer(200, b"<html><body>OK</body></html>", "text/html")
    return in_trouble(int(fault.name.removesuffix("-after")))


def fit_to_show(value: Any) -> Any:
    """JSON without the queries of addresses, and without the path of a callback, which may be its secret."""
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, list):
        return [fit_to_show(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {redacted_text(key): fit_to_show(item) for key, item in value.items()}
    if shown.get("callback_url"):
        shown["callback_url"] = without_path(shown["callback_url"])
    return shown


def without_path(address: Any) -> str:
    scheme, mark, rest = address.partition("://") if isinstance(address, str) else ("", "", "")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}/***" if mark else "***"


def digits(letter: str, of: str) -> str:
    """An id: a letter and eleven hexadecimal digits, as in the documentation's examples."""
    return letter + hashlib.sha256(of.encode()).hexdigest()[:11]


def _stock(name: str) -> FakeReplica:
    return FakeReplica(
        replica_id=digits("r", f"stock {name}"),
        request=MappingProxyType({}),
        dialect=REPLICAS,
        name=name,
        created_at=_STOCK_CREATED,
        changed_at=_STOCK_CREATED,
        training_s=0.0,
        listed_from=_STOCK_CREATED,
        is_stock=True,
    )
