from __future__ import annotations

from collections.abc import Iterator

from preflight.policy import Policy
from preflight.rule import Severity, Violation, rule
from preflight.submission import Submission


@rule(
    "SUB003",
    severity=Severity.ERROR,
    needs=Submission,
    remedy="Choose one of the models that the policy lists with --model-name.",
    passing={"the default": Submission(train_video="a.mp4"), "phoenix-3": Submission(model_name="phoenix-3")},
    failing={
        "a slip": Submission(model_name="pheonix-4"),
        "a retired one": Submission(model_name="phoenix-2"),
    },
)
def model_unknown(request: Submission, policy: Policy) -> Iterator[Violation]:
    """The model is not one that the service offers on this route."""
    limit = policy.request.models
    if request.model_name not in limit.value:
        yield Violation(
            f"model {request.model_name!r} is not known; known: {', '.join(limit.value)}",
            measured=request.model_name,
            limit=limit,
        )
