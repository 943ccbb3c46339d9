"""httpcore logs the headers of answers, and where a redirect leads is often a key."""

from __future__ import annotations

import logging

__all__ = ["keep_quiet"]

_LOGGERS = ("httpcore.connection", "httpcore.http11")


class _WithoutValues(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition(" ")[0], None
        return True


_WITHOUT_VALUES = _WithoutValues()


def keep_quiet() -> None:
    """Have these loggers say what happens, and no values. Twice is as good as once."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_WITHOUT_VALUES)
