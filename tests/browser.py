"""Headless Chromium, driven by its own protocol over two pipes: no driver, no port, no package."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Page", "browsing", "find_chromium"]

_PATIENCE_S = 30
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def find_chromium() -> str:
    """The program. Raises FileNotFoundError, saying how to get it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise FileNotFoundError("chromium is not installed (Debian: apt-get install chromium)")
    return found


class Page:
    """One tab. ``events`` holds what the browser said without being asked, oldest first."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._buffer, self._count, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **params: Any) -> Any:
        """Ask the browser for something, and wait for the answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            answer = self._next(deadline)
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)
        raise TimeoutError(method)

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reading], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._reading, 1 << 20) if ready else b""
            if not chunk:
                raise TimeoutError("the browser says nothing more")
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def open(self, path: Path) -> None:
        """Show a file, and wait until all of it is there."""
        self.events.clear()
        self("Page.navigate", url=path.resolve().as_uri())
        deadline = time.monotonic() + _PATIENCE_S
        while self.run("document.readyState") != "complete" or self.run("location.protocol") != "file:":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} does not load")
            time.sleep(0.02)

    def run(self, script: str) -> Any:
        """The value of a script, awaited if it is a promise."""
        done = self("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"]))
        return done["result"].get("value")

    def resize(self, width: int, height: int = 900, *, scale: float = 1) -> None:
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )

    def prefer(self, **features: str) -> None:
        """What the reader prefers: ``prefer(color_scheme="dark")``."""
        named = [{"name": f"prefers-{name.replace('_', '-')}", "value": v} for name, v in features.items()]
        self("Emulation.setEmulatedMedia", features=named)

    def press(self, key: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=_KEYS[key])

    def of_kind(self, *methods: str) -> Iterator[dict[str, Any]]:
        """What the events of these kinds say."""
        return (event["params"] for event in self.events if event.get("method") in methods)

    def screenshot(self, path: Path) -> None:
        """All of the page, as PNG."""
        shot = self("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


def _launcher(reading: int, writing: int) -> list[str]:
    """Starts a program with these as its descriptors 3 and 4, as the protocol wants them."""
    code = (
        "import fcntl, os, sys\n"
        "high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3]]\n"
        "for fd, wanted in zip(high, (3, 4)): os.dup2(fd, wanted); os.close(fd)\n"
        "os.execv(sys.argv[3], sys.argv[3:])"
    )
    return [sys.executable, "-c", code, str(reading), str(writing)]


_KEYS = {"Tab": 9, "Enter": 13}


@contextmanager
def browsing() -> Iterator[Page]:
    """A browser of its own, with a new profile, ended at the end."""
    program = find_chromium()
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(prefix="preflight-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *_launcher(to_browser, from_browser),
                program,
                *_FLAGS,
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Page(to_us, from_us)
        finally:
            os.close(from_us)  # it ends when nobody speaks to it any more
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            os.close(to_us)
