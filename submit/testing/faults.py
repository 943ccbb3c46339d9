"""What the fake service can be told to do wrong, and how often.

None of it is documented by the service. It is what clients of services meet: refusals of gateways, answers
that come late, broken or not at all, before and after a replica was made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from preflight.text import printable
from preflight.vendor import find_vendor_errors, vendor_errors
from submit.errors import ConfigurationError

__all__ = ["FAULTS", "Fault", "Faults", "Moment", "Operation", "training_message"]

MAX_TIMES = 1_000_000
MAX_SECONDS = 86_400.0
MAX_TEXT = 1_000


class Operation(StrEnum):
    """What a request asks for."""

    CREATE = "create"
    GET = "get"
    LIST = "list"
    RENAME = "rename"
    DELETE = "delete"
    VOICES = "voices"
    ANY = "any"


class Moment(StrEnum):
    """When a fault strikes. A request or a replica meets at most one fault of each moment."""

    BEFORE = "before the request is looked at"
    AFTER = "once the request was carried out"
    TRAINING = "while the replica trains"
    CALLBACK = "when the callback is due"
    LISTING = "when the replicas are listed"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What there is to know of a fault: when it strikes, what its value means (None: it takes none)."""

    moment: Moment
    help: str
    value: str | None = None
    default: str | float | None = None


_BEFORE, _AFTER = Moment.BEFORE, Moment.AFTER
FAULTS: dict[str, _Kind] = {
    "401": _Kind(_BEFORE, "the key is not accepted"),
    "402": _Kind(_BEFORE, "the plan does not include custom replicas"),
    "403": _Kind(_BEFORE, "forbidden, in HTML"),
    "429": _Kind(_BEFORE, "too many requests; with a value, Retry-After says so", "seconds or a date"),
    "500": _Kind(_BEFORE, "internal error; nothing was done"),
    "502": _Kind(_BEFORE, "bad gateway, in HTML; nothing was done"),
    "503": _Kind(_BEFORE, "unavailable; nothing was done; with a value, Retry-After", "seconds or a date"),
    "504": _Kind(_BEFORE, "gateway timeout, in HTML; nothing was done"),
    "dropped": _Kind(_BEFORE, "the connection is closed without an answer; nothing was done"),
    "reset": _Kind(_BEFORE, "the connection is reset without an answer; nothing was done"),
    "500-after": _Kind(_AFTER, "internal error, but it was done"),
    "502-after": _Kind(_AFTER, "bad gateway, but it was done"),
    "503-after": _Kind(_AFTER, "unavailable, but it was done"),
    "504-after": _Kind(_AFTER, "gateway timeout, but it was done"),
    "dropped-after": _Kind(_AFTER, "it was done, and the connection is closed without an answer"),
    "reset-after": _Kind(_AFTER, "it was done, and the connection is reset without an answer"),
    "slow": _Kind(_AFTER, "it was done, and the answer comes late", "seconds", 5.0),
    "without-id": _Kind(_AFTER, "it was done, and the answer names no id"),
    "not-json": _Kind(_AFTER, "it was done, and the answer is text"),
    "html": _Kind(_AFTER, "it was done, and the answer is a page"),
    "truncated": _Kind(_AFTER, "it was done, and the answer is half of its JSON"),
    "cut-short": _Kind(_AFTER, "it was done, and the connection is closed in the middle of the answer"),
    "training-error": _Kind(
        Moment.TRAINING, "training ends in this error", "error type or message", "video_duration"
    ),
    "training-stuck": _Kind(Moment.TRAINING, "training never gets beyond n/100", "n", 40.0),
    "callback-twice": _Kind(Moment.CALLBACK, "the callback is sent twice"),
    "callback-late": _Kind(Moment.CALLBACK, "the callback comes later", "seconds", 5.0),
    "callback-never": _Kind(Moment.CALLBACK, "the callback does not come"),
    "unlisted": _Kind(Moment.LISTING, "the list shows the replica only later", "seconds", 5.0),
}
_NUMBERS = {
    "slow": MAX_SECONDS,
    "callback-late": MAX_SECONDS,
    "unlisted": MAX_SECONDS,
    "training-stuck": 99.0,
}
_SPELT = re.compile(r"(?P<name>[a-z0-9-]+)(?:=(?P<value>.*?))?(?::(?P<times>\d{1,9}))?(?:@(?P<on>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, for the next ``times`` requests that do ``on``.

    ``value`` is the fault's own: the seconds of ``slow``, the message of ``training-error``; see ``FAULTS``.
    Raises ConfigurationError for what there is not.
    """

    name: str
    value: str | float | None = None
    times: int = 1
    on: Operation = Operation.CREATE

    def __post_init__(self) -> None:
        kind = FAULTS.get(self.name) if isinstance(self.name, str) else None
        if kind is None:
            shown = printable(str(self.name), limit=60)
            raise ConfigurationError(f"there is no fault {shown!r}; there are: {', '.join(FAULTS)}")
        if self.on not in tuple(Operation):
            raise ConfigurationError(f"fault {self.name}: strikes on one of: {', '.join(Operation)}")
        if (
            not isinstance(self.times, int)
            or isinstance(self.times, bool)
            or not 1 <= self.times <= MAX_TIMES
        ):
            raise ConfigurationError(f"fault {self.name}: strikes 1 to {MAX_TIMES} times")
        if self.value is not None and kind.value is None:
            raise ConfigurationError(f"fault {self.name}: takes no value")
        if self.about_the_replica and self.on != Operation.CREATE:
            raise ConfigurationError(f"fault {self.name}: strikes on create alone")
        object.__setattr__(self, "on", Operation(self.on))
        object.__setattr__(
            self, "value", self._read_value(kind.default if self.value is None else self.value)
        )

    @classmethod
    def read(cls, text: str) -> Fault:
        """A fault as it is written on a command line: ``NAME[=VALUE][:TIMES][@OPERATION]``."""
        found = _SPELT.fullmatch(text)
        if found is None:
            raise ConfigurationError(
                f"{printable(text, limit=60)!r} is no fault; write NAME[=VALUE][:TIMES][@OPERATION], "
                "such as 503:2 or slow=2@voices"
            )
        on = found["on"] or Operation.CREATE
        return cls(found["name"], found["value"], int(found["times"] or 1), on)  # type: ignore[arg-type]

    @property
    def moment(self) -> Moment:
        return FAULTS[self.name].moment

    @property
    def about_the_replica(self) -> bool:
        """Whether it is about what becomes of a replica, not about one answer."""
        return self.moment in (Moment.TRAINING, Moment.CALLBACK, Moment.LISTING)

    @property
    def number(self) -> float:
        """The value of a fault that takes a number."""
        return float(self.value or 0)

    @property
    def text(self) -> str | None:
        """The value of a fault that takes a text; a whole number of seconds among them."""
        return f"{self.value:g}" if isinstance(self.value, (int, float)) else self.value

    def to_dict(self) -> dict[str, str | float | int | None]:
        return {"name": self.name, "value": self.value, "times": self.times, "on": str(self.on)}

    def _read_value(self, value: object) -> str | float | None:
        if value is None:
            return None
        if self.name in _NUMBERS:
            try:
                number = float(value) if isinstance(value, (str, int, float)) else float("nan")
            except (ValueError, OverflowError):
                number = float("nan")
            if not 0 <= number <= _NUMBERS[self.name]:
                raise ConfigurationError(
                    f"fault {self.name}: its value is a number from 0 to {_NUMBERS[self.name]:g}"
                )
            return number
        text = f"{value:g}" if isinstance(value, (int, float)) else value
        if (
            not isinstance(text, str)
            or not 0 < len(text) <= MAX_TEXT
            or printable(text, limit=MAX_TEXT) != text
        ):
            raise ConfigurationError(
                f"fault {self.name}: its value is one line, of up to {MAX_TEXT} characters"
            )
        if self.name in ("429", "503") and not text.isascii():
            raise ConfigurationError(f"fault {self.name}: Retry-After is seconds or a date")
        return text


class Faults:
    """The faults that have still to strike, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def waiting(self) -> tuple[Fault, ...]:
        return tuple(self._waiting)

    def next(self, operation: Operation, *moments: Moment) -> Fault | None:
        """The next one for such a request. It goes on waiting until it is ``struck``."""
        return next(
            (f for f in self._waiting if f.moment in moments and f.on in (operation, Operation.ANY)), None
        )

    def struck(self, fault: Fault) -> None:
        """It happened once."""
        at = self._waiting.index(fault)
        self._waiting[at : at + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []


def training_message(named: str) -> str:
    """The published message of an error type, whatever its case; any other text as it is."""
    errors = vendor_errors()
    types = {error.type.lower() for error in errors.values()} | set(map(str.lower, errors))
    key = find_vendor_errors(named)[0] if named.lower() in types else None
    return named if key is None else errors[key].messages[0]
