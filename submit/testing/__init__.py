"""A faithful fake of the replica service, for tests and for CI jobs: nothing leaves this machine.

    from submit.testing import serving_fake

    with serving_fake(training_s=0.5) as service:
        service.fault("503", times=2)
        ...  # a client of service.url
    assert len(service.creates) == 1

It needs the extra ``web`` (starlette and uvicorn). ``preflight fake-service`` runs it for other languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from submit.errors import ConfigurationError

if TYPE_CHECKING:
    from submit.testing.app import fake_service
    from submit.testing.faults import FAULTS, Fault, Operation
    from submit.testing.openapi import openapi_document
    from submit.testing.replicas import FakeReplica
    from submit.testing.server import serving, serving_fake
    from submit.testing.service import CallBack, FakeReplicaService, Received, Settings

__all__ = [
    "FAULTS",
    "CallBack",
    "FakeReplica",
    "FakeReplicaService",
    "Fault",
    "Operation",
    "Received",
    "Settings",
    "fake_service",
    "openapi_document",
    "serving",
    "serving_fake",
]

_EXTRA = ("starlette", "uvicorn", "h11")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from submit.testing import app, faults, openapi, replicas, server, service
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] not in _EXTRA:
            raise
        raise ConfigurationError(
            f"the fake service needs {exc.name}, which is not installed: pip install 'replica-preflight[web]'"
        ) from exc
    return next(
        vars(module)[name]
        for module in (app, faults, openapi, replicas, server, service)
        if name in module.__all__
    )


def __dir__() -> list[str]:
    return sorted(__all__)
