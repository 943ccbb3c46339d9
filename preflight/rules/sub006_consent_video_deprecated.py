from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB006",
    severity=Severity.WARNING,
    needs=Submission,
    policy="tavus-face-phoenix-4",
    remedy="Leave --consent-video out; the statement may stay at the opening of the training video.",
    passing={"no consent clip": Submission(train_video="a.mp4")},
    failing={"a consent clip": Submission(train_video="a.mp4", consent_video="b.mp4")},
)
def consent_video_deprecated(request: Submission, policy: Policy) -> Iterator[Violation]:
    """A consent clip is sent to a route that has deprecated it.

    The newer route still takes the field, calls it legacy, and tells new integrations to leave it out. Keep
    your own record of the consent either way.
    """
    if request.consent_video is not None and policy.request.consent_video.value == "deprecated":
        yield Violation(f"a consent video is given; {policy.endpoint} calls consent_video_url deprecated")
