"""Mending a photo: a clean copy is written anew, and looks like the original as viewers show it."""

from __future__ import annotations

import math
from pathlib import Path

from preflight.engine import faults
from preflight.errors import ToolError, UsageError
from preflight.evidence.file import FileFacts
from preflight.evidence.image import ImageFacts, LoadedImage
from preflight.evidence.image_write import rewrite_image
from preflight.fix.subject import Subject
from preflight.mend import photo
from preflight.mend.photo import PhotoMending
from preflight.report import Finding

__all__ = ["Photo"]

_LONGEST_JPEG = 65_500  # pixels; libjpeg writes no longer ones
_NEAR_DB = 34.0  # white noise of every colour, the worst there is, comes to 36 dB at quality 95
_OTHER_LOOK = 48.0  # levels of 255 on average; from inks or a wide gamut to sRGB it is less than 30


class Photo(Subject[PhotoMending]):
    kinds = (FileFacts, ImageFacts)
    extensions = photo.EXTENSIONS

    def plan(self, findings: list[Finding], extension: str) -> PhotoMending | None:
        facts = self.evidence.get(ImageFacts)
        if extension != ".png" and max(facts.width or 0, facts.height or 0) > _LONGEST_JPEG:
            raise UsageError(f"{self.name}: has a side too long for JPEG; name a file that ends in .png")
        return photo.plan(faults(self.evidence, findings), facts, extension)

    def mend(self, plan: PhotoMending, target: Path) -> list[Finding]:
        nearness_db = rewrite_image(
            self.evidence.get(FileFacts),
            self.evidence.get(ImageFacts),
            target,
            use_profile=plan.use_profile,
            same_tables=plan.same_tables,
        )
        result = Photo(target, target, self.role, self.policy, self.ffmpeg)
        after = result.findings()
        _require_written(nearness_db, lossless=plan.extension == ".png")
        _require_same(self.evidence.get(LoadedImage), result.evidence.get(LoadedImage))
        return after


def _require_written(nearness_db: float, *, lossless: bool) -> None:
    if nearness_db < (math.inf if lossless else _NEAR_DB):
        raise ToolError("what was written is not what was to be written; nothing is left of it")


def _require_same(before: LoadedImage, after: LoadedImage) -> None:
    """Raise ToolError unless the copy has the size of the original as it is shown, and its light and dark.

    The colours are compared by their light alone, and loosely: a profile may change them, a broken one must
    not turn the picture into another.
    """
    import numpy as np

    was, now = before.facts, after.facts
    if (was.width, was.height) != (now.width, now.height):
        raise ToolError(
            f"the copy would be {now.width} x {now.height} instead of {was.width} x {was.height}; "
            "nothing was written"
        )
    changed = float(np.abs(before.pixels.astype(np.int16) - after.pixels).mean())
    if changed > _OTHER_LOOK:
        raise ToolError(f"the copy would look unlike the photo, by {changed:.0f} of 255; nothing was written")
