from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB005",
    severity=Severity.ERROR,
    needs=Submission,
    remedy="Leave --auto-fix-training-image out; it mends photos only.",
    passing={
        "with an image": Submission(train_image="a.jpg", auto_fix_training_image=True),
        "not asked for": Submission(train_video="a.mp4"),
    },
    failing={"with a video": Submission(train_video="a.mp4", auto_fix_training_image=True)},
)
def auto_fix_without_image(request: Submission, policy: Policy) -> Iterator[Violation]:
    """The service's image fixer is asked for, but there is no image to fix."""
    if request.auto_fix_training_image and request.train_image is None:
        yield Violation("auto_fix_training_image is set without a training image")
