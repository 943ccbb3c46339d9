"""httpx logs whole addresses, which are often keys, and httpcore headers, which hold some."""

from __future__ import annotations

import logging

from preflight.text import redacted

__all__ = ["keep_quiet"]

_LOGGERS = ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        # of httpcore only what happens is kept: a header may hold half an address
        record.msg = redacted(said) if record.name == "httpx" else said.partition(" ")[0]
        record.args = None
        return True


_REDACTING = _Redacting()


def keep_quiet() -> None:
    """Have every record of these loggers redacted before a handler sees it. Twice is as good as once."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_REDACTING)
