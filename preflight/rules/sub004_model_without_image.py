from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB004",
    severity=Severity.ERROR,
    needs=Submission,
    remedy="Choose phoenix-4 for a training image, or give a training video.",
    passing={
        "phoenix-4 from an image": Submission(train_image="a.jpg"),
        "phoenix-3 from a video": Submission(train_video="a.mp4", model_name="phoenix-3"),
    },
    failing={"phoenix-3 from an image": Submission(train_image="a.jpg", model_name="phoenix-3")},
)
def model_without_image(request: Submission, policy: Policy) -> Iterator[Violation]:
    """The model cannot be trained from an image."""
    limit = policy.request.models_without_image
    if request.train_image is not None and request.model_name in limit.value:
        yield Violation(f"{request.model_name} takes no training image", measured=request.model_name)
