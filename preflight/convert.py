"""Reading data into types, one thread at a time.

msgspec 0.22 looks at a type when it first meets it, and crashes the whole process when two threads do that at
once; two checks that start together would.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

__all__ = ["converted"]

T = TypeVar("T")
_LOCK = threading.Lock()


def converted(data: Any, kind: type[T]) -> T:
    """The data as that type. Raises msgspec.ValidationError where it is not."""
    with _LOCK:
        return msgspec.convert(data, kind)
