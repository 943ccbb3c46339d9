from __future__ import annotations

from collections.abc import Iterator

from preflight.errors import Unavailable
from preflight.evidence.photo import PhotoFacts
from preflight.policy import PhotoLimits, Policy
from preflight.rule import Severity, Violation, rule
from preflight.rules.examples import photo
from preflight.submission import Role
from preflight.text import rounded_up


@rule(
    "IMG018",
    severity=Severity.ERROR,
    roles={Role.TRAINING_IMAGE},
    needs=PhotoFacts,
    estimate=True,
    remedy="Send the original photo, not a preview, a screenshot or a copy that a messenger shrank.",
    prevents=("ImageQualityError",),
    passing={
        "as a camera saves": photo(),
        "as a messenger saves": photo(blockiness=2.0, jpeg_quality=60),
        "just good enough": photo(blockiness=2.5, jpeg_quality=25),
        "PNG": photo(blockiness=1.0, jpeg_quality=None),
        "a large one": photo(blockiness=None, jpeg_quality=80),
    },
    failing={
        "nothing but blocks, saved as PNG": photo(blockiness=4.6, jpeg_quality=None),
        "blocks, suspected": photo(blockiness=2.6),
        "a very coarse JPEG": photo(jpeg_quality=9),
        "the coarsest, in which blocks are only suspected": photo(blockiness=2.6, jpeg_quality=3),
        "a coarse JPEG, suspected": photo(jpeg_quality=24),
        "a large one, whose blocks are smaller, suspected": photo(blockiness=None, jpeg_quality=5),
    },
)
def image_overcompressed(photo: PhotoFacts, policy: Policy) -> Iterator[Violation]:
    """The photo falls into blocks: too few bits were spent on it.

    Judged by the steps at the borders of the 8 x 8 blocks of JPEG beside those within them, which show in a
    PNG too that was made of one, and by the quality that a JPEG was saved with. The former is only seen
    where the photo need not be reduced to be looked at: up to 1080 pixels on the shorter side.
    """
    if photo.blockiness is None and photo.jpeg_quality is None:
        raise Unavailable("blocks are only seen in a photo of at most 1080 pixels on its shorter side")
    found = [*_blocks(photo, policy.photo), *_quality(photo, policy.photo)]
    yield from sorted(found, key=lambda violation: violation.suspected)[:1]


def _blocks(photo: PhotoFacts, limits: PhotoLimits) -> Iterator[Violation]:
    blocks = photo.blockiness
    if blocks is not None and blocks > limits.blockiness_suspected.value:
        certain = blocks > limits.blockiness_certain.value
        yield Violation(
            f"the borders of coded blocks stand out {rounded_up(blocks, 1):g} times",
            measured=rounded_up(blocks, 2),
            limit=limits.blockiness_certain if certain else limits.blockiness_suspected,
            suspected=not certain,
        )


def _quality(photo: PhotoFacts, limits: PhotoLimits) -> Iterator[Violation]:
    quality = photo.jpeg_quality
    if quality is not None and quality < limits.jpeg_quality_suspected.value:
        certain = photo.blockiness is not None and quality < limits.jpeg_quality_certain.value
        yield Violation(
            f"was saved with the JPEG quality {quality} of 100",
            measured=quality,
            limit=limits.jpeg_quality_certain if certain else limits.jpeg_quality_suspected,
            suspected=not certain,
        )
