"""The fake service against its own OpenAPI document, with requests that schemathesis makes up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from submit.testing import FakeReplicaService, openapi_document, serving_fake

pytestmark = [pytest.mark.media, pytest.mark.timeout(60)]

EXAMPLES = 15
KEY = {"x-api-key": "test"}
OPERATIONS = [
    (path, method)
    for path, item in openapi_document()["paths"].items()
    for method in item
    if method != "parameters"
]


@pytest.fixture(scope="module")
def service() -> Iterator[FakeReplicaService]:
    with serving_fake() as running:
        yield running


@pytest.fixture(scope="module")
def client(service: FakeReplicaService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, headers=KEY) as running:
        yield running


def real(case: Any, client: httpx.Client) -> None:
    """Put an id and a voice that there are into a request; no document can name them."""
    if case.path_parameters:
        made = client.post("/v2/replicas", json={"train_video_url": "https://media.example/clip.mp4"}).json()
        case.path_parameters = dict.fromkeys(case.path_parameters, made["replica_id"])
    if isinstance(case.body, dict):
        voice = client.get("/v2/voices").json()["data"][0]
        known = {"voice_name": voice["voice_name"].upper(), "default_voice_id": voice["voice_id"]}
        case.body |= {name: value for name, value in known.items() if case.body.get(name) is not None}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("sound", [True, False], ids=["sound", "unsound"])
def test_the_fake_keeps_to_its_document(path: str, method: str, client: httpx.Client, *, sound: bool) -> None:
    """What the document allows is done and what it forbids is refused; every answer is as described."""
    import schemathesis
    from hypothesis import HealthCheck, given, settings
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        negative_data_rejection,
        response_schema_conformance,
        status_code_conformance,
    )

    operation = schemathesis.openapi.from_dict(openapi_document())[path][method]
    mode = GenerationMode.POSITIVE if sound else GenerationMode.NEGATIVE
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
        negative_data_rejection,
    ]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        if sound:
            real(case, client)
        key = KEY if sound else None  # an unsound request may be one without a key
        answer = case.call_and_validate(base_url=str(client.base_url), headers=key, checks=checks)

        assert not sound or answer.status_code in (200, 204)

    ask()
