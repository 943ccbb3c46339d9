from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB002",
    severity=Severity.ERROR,
    needs=Submission,
    remedy="Name one of the service's voices with --voice-name, for example anna.",
    passing={
        "a voice": Submission(train_image="a.jpg", voice_name="anna"),
        "a video, which has its own": Submission(train_video="a.mp4"),
    },
    failing={
        "no voice": Submission(train_image="a.jpg"),
        "a blank one": Submission(train_image="a.jpg", voice_name=" "),
    },
)
def image_voice_missing(request: Submission, policy: Policy) -> Iterator[Violation]:
    """An image has no voice of its own, so the request must name one."""
    if request.train_image is not None and not (request.voice_name or "").strip():
        yield Violation("no voice is named; a replica from an image needs one")
