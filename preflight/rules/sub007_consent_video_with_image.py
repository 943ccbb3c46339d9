from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB007",
    severity=Severity.WARNING,
    needs=Submission,
    remedy="Leave --consent-video out; keep your own record that the person in the photo agrees.",
    passing={
        "an image alone": Submission(train_image="a.jpg", voice_name="anna"),
        "a consent clip with a video": Submission(train_video="a.mp4", consent_video="b.mp4"),
    },
    failing={"a consent clip with an image": Submission(train_image="a.jpg", consent_video="b.mp4")},
)
def consent_video_with_image(request: Submission, policy: Policy) -> Iterator[Violation]:
    """A consent clip is given with an image, for which the service asks for no recording.

    Whoever submits an image affirms the rights to it with the request. What becomes of a clip that is sent
    all the same is not documented. It is checked like any other.
    """
    if request.consent_video is not None and request.train_image is not None:
        yield Violation("a consent video is given with an image; the service asks for none")
