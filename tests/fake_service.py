"""A replica service on loopback that answers as it is told, and a report that passed, to send to it.

The server is real, so that tests see what goes over the wire: how often, where, with which headers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from preflight.consent import match_consent
from preflight.policy import load_policy
from preflight.report import AssetReport, Report
from preflight.rules.consent_words import STATEMENT
from preflight.submission import Role, Submission

REPLICA_ID = "r90bbd427f71"
MEDIA = {role: f"the bytes of the {role}".encode() for role in Role}
FIELDS = {
    Role.TRAINING_VIDEO: "train_video_url",
    Role.CONSENT_VIDEO: "consent_video_url",
    Role.TRAINING_IMAGE: "train_image_url",
}


def passing_report(
    *,
    roles: Sequence[Role] = (Role.TRAINING_VIDEO,),
    policy: str = "tavus-replica-phoenix-4",
    at: FakeService | None = None,
    **fields: Any,
) -> Report:
    """A report that passed, as a check of these files would have made it. ``fields`` are the submission's.

    The files are served ``at`` the service itself, or else at an address where nobody answers.
    """
    spoken = next((role for role in (Role.CONSENT_VIDEO, Role.TRAINING_VIDEO) if role in roles), None)
    served = {"train_video_url": "https://media.example/clip.mp4", "full_name": "Maria Lopez"}
    if at is not None:
        served |= {FIELDS[role]: at.media_url(role) for role in roles}
    return Report(
        submission=Submission(**(served | fields)),
        policy=load_policy(policy),
        assets=tuple(
            AssetReport(role, f"{role}.file", sha256(MEDIA[role]).hexdigest(), len(MEDIA[role]))
            for role in roles
        ),
        findings=(),
        passed=("VID001",),
        consent=None if spoken is None else match_consent(STATEMENT, full_name="Maria Lopez"),
        consent_asset=spoken,
        environment={},
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service does once it has read a request: it answers, or it hangs up, or it says nothing."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    keeps_silent: bool = False


def saying(status: int, /, **document: Any) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/json"})


def training(status: str, /, **document: Any) -> Answer:
    """The answer to a question for the state of a training."""
    return saying(200, replica_id=REPLICA_ID, status=status, **document)


CREATED = saying(200, replica_id=REPLICA_ID, status="started")
CREATED_FACE = saying(200, face_id=REPLICA_ID, status="started")
BAD_REQUEST = saying(400, error="Invalid train_video_url")
BAD_KEY = saying(401, message="Invalid access token")
NO_PLAN = saying(402, message="Payment required")
FORBIDDEN = Answer(403, b"<html>Forbidden</html>")
NOT_FOUND = Answer(404, b"")
TOO_MANY = saying(429, error="Too many requests")
BROKEN = Answer(500, b"Internal Server Error")
UNAVAILABLE = Answer(503, b"Service Unavailable")
WITHOUT_ID = saying(200, status="started")
NOT_JSON = Answer(200, b"<html>OK</html>")
CUT_SHORT = Answer(200, b'{"replica_id"', {"Content-Length": "500"})
HANGS_UP = Answer(hangs_up=True)
SILENT = Answer(keeps_silent=True)
STARTED = training("started", training_progress="40/100")
COMPLETED = training("completed")
READY = training("ready")
FAILED = training("error", error_message="The video provided does not meet the minimum duration requirement")


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class FakeService:
    """Creates answer ``create``; questions are answered by ``states`` in turn, the last one for ever.

    It has every voice, no replicas, and serves the checked files as well.
    """

    def __init__(self, create: Answer, states: Sequence[Answer]) -> None:
        self.received: list[Received] = []
        self.media = {f"/media/{role}": content for role, content in MEDIA.items()}
        self.fetched: list[str] = []
        self.on_create: Callable[[], object] = lambda: None
        self.released = threading.Event()
        self.url = ""
        self._create = create
        self._states = list(states)

    @property
    def worth_waiting_s(self) -> float:
        """How long a client should wait for this service: hardly, where no answer will come."""
        return 0.2 if self._create.keeps_silent else 5.0

    def media_url(self, role: Role, query: str = "") -> str:
        """Where a checked file is served."""
        return f"{self.url}/media/{role}{query}"

    @property
    def creates(self) -> list[dict[str, Any]]:
        """The body of every POST."""
        return [json.loads(request.body) for request in self.received if request.method == "POST"]

    def answer(self, request: Received) -> Answer:
        path = request.path.partition("?")[0]
        if path in self.media:
            self.fetched.append(request.path)
            return Answer(body=self.media[path])
        self.received.append(request)
        if path == "/v2/voices":
            return saying(200, data=[{"voice_name": name} for name in ("Anna", "ben")], total_count=2)
        if request.method == "GET" and path in ("/v2/replicas", "/v2/faces"):
            return saying(200, data=[], total_count=0)
        if request.method == "POST":
            self.on_create()
            return self._create
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]


@contextmanager
def serving(create: Answer = CREATED, *, states: Sequence[Answer] = (COMPLETED,)) -> Iterator[FakeService]:
    """Run the service on a free port of the loopback interface."""
    service = FakeService(create, states)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    server.daemon_threads = False  # closing waits for them, so that every request has been recorded
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(service: FakeService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = service.answer(Received(self.command, self.path, headers, body))
            if answer.keeps_silent:
                service.released.wait(5)
            if answer.keeps_silent or answer.hangs_up:
                return
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(answer.body))} | dict(answer.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at what the client prints."""

    return Handler
