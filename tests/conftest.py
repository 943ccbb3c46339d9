"""Shared by all tests: where the recogniser is, a database server, and a guard against the network."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Server, serving_postgres

ROOT = Path(__file__).resolve().parent.parent
RECOGNISER = Path(os.environ.get("PREFLIGHT_ASR_MODEL") or ROOT / "fixtures" / "recogniser")


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes into the ledger of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.delenv("PREFLIGHT_LEDGER", raising=False)
        yield


@pytest.fixture(scope="session")
def recogniser_folder() -> Path:
    """The recogniser that ships with the fixtures, or the one the environment names."""
    return RECOGNISER


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, started when a test first asks for it. Such tests are marked ``database``."""
    with serving_postgres() as server:
        yield server


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a server's, a browser's or the site's programs is no part of the fast loop either."""
    for item in items:
        if any(item.get_closest_marker(name) for name in ("database", "browser", "site")):
            item.add_marker("media")


def _refuse_the_network(event: str, args: tuple[Any, ...]) -> None:
    """Names are not resolved and nothing but this machine is connected to, in any test."""
    if event == "socket.getaddrinfo" and args[0] not in (None, "", "localhost"):
        _require_loopback(str(args[0]), event)
    if event == "socket.connect" and isinstance(args[1], tuple):
        _require_loopback(str(args[1][0]), event)


def _require_loopback(host: str, event: str) -> None:
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise PermissionError(f"a test reached for the network: {event} {host}")


sys.addaudithook(_refuse_the_network)
