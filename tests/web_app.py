"""A web application on a loopback port, in a thread of its own, as its users would serve it."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

__all__ = ["serving_app"]

_LONGEST_S = 20.0


@contextlib.contextmanager
def serving_app(make: Callable[[str], Any]) -> Iterator[str]:
    """Serve what ``make`` makes of its own address; the access log goes to the loggers that tests read."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(make(url), log_config=None, ws="none", timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, args=([listening],), name="web application", daemon=True)
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        thread.start()
        deadline = time.monotonic() + _LONGEST_S
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            assert time.monotonic() < deadline, "the application did not start in time"
            thread.join(0.005)
        yield url
    finally:
        server.should_exit = True
        thread.join(_LONGEST_S)
        listening.close()
    assert not thread.is_alive(), "the application did not stop"
