from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB001",
    severity=Severity.ERROR,
    needs=Submission,
    remedy="Give either a training video or a training image.",
    passing={"a video": Submission(train_video="a.mp4"), "an image": Submission(train_image="a.jpg")},
    failing={"neither": Submission(), "both": Submission(train_video="a.mp4", train_image="a.jpg")},
)
def training_source_ambiguous(request: Submission, policy: Policy) -> Iterator[Violation]:
    """A request trains from one video or from one image, never from both and never from nothing."""
    given = (request.train_video is not None) + (request.train_image is not None)
    if given != 1:
        both = (
            "both a training video and a training image are" if given else "neither a video nor an image is"
        )
        yield Violation(f"{both} given; exactly one is required", measured=given)
