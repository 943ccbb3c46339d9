"""Ways to spoil a photo, and the notches of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from ladder import ALWAYS, NEVER_ENOUGH, Ladder

from fixtures.photos import SITTER, Photo
from preflight import Submission
from preflight.submission import Role

__all__ = ["LADDERS", "PhotoLadder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLadder(Ladder):
    """Notches are photos of `fixtures/photos.py`, saved losslessly but for those that are about JPEG."""

    size: tuple[int, int] | None = (640, 640)

    asset: ClassVar[str] = "photo"
    role: ClassVar[Role] = Role.TRAINING_IMAGE
    suffix: ClassVar[str] = ".png"

    def make(self, path: Path, spoiled: Photo) -> None:
        spoiled.save(path)

    def submission(self, path: Path) -> Submission:
        return Submission(train_image=path, voice_name="anna")


class JpegLadder(PhotoLadder):
    """The same, stored as they are said to be."""

    suffix: ClassVar[str] = ".jpg"


def seated(**facts: Any) -> Photo:
    """The good photo with something else about the sitter."""
    return Photo(sitters=(replace(SITTER, **facts),))


def limits(name: str, moved: float, *, certain: bool = True) -> Mapping[str, Any]:
    """A pair of limits: compared with both, measured whatever the first one is."""
    first = f"{name}_suspected"
    fails_at = f"{name}_certain" if certain else None
    return {"moved": {first: moved}, "warns_at": first, "fails_at": fails_at}


LIGHT = "Light and sharpness"

LADDERS: tuple[PhotoLadder, ...] = (
    PhotoLadder(
        name="photo-blur",
        title="Blur",
        about="Gaussian, sigma",
        group=LIGHT,
        rules=("IMG016",),
        notches={f"{sigma:g} px": Photo(blur=sigma) for sigma in (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8)},
        unit="px",
        note="Measured on the face, in pixels of the photo.",
        **limits("photo.edge_width", ALWAYS),
    ),
    PhotoLadder(
        name="photo-dark",
        title="Too little light",
        about="what is left of it",
        group=LIGHT,
        rules=("IMG013",),
        notches={
            f"{100 * light:g} %": Photo(light=light) for light in (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1)
        },
        unit="%",
        **limits("photo.dim", NEVER_ENOUGH),
    ),
    PhotoLadder(
        name="photo-bright",
        title="Too much light",
        about="as much as should be",
        group=LIGHT,
        rules=("IMG014",),
        notches={f"{light:g} x": Photo(light=light) for light in (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.7, 2)},
        unit="%",
        **limits("photo.white_face", ALWAYS),
    ),
    PhotoLadder(
        name="photo-veil",
        title="A veil of light",
        about="what is left of the contrast",
        group=LIGHT,
        rules=("IMG015",),
        notches={
            f"{100 * left:g} %": Photo(contrast=left) for left in (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.1)
        },
        unit="%",
        **limits("photo.contrast", NEVER_ENOUGH),
    ),
    PhotoLadder(
        name="photo-side-light",
        title="Light from one side",
        about="what is left on the other",
        group=LIGHT,
        rules=("IMG019",),
        notches={
            f"{100 * left:g} %": seated(right_light=left)
            for left in (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.1)
        },
        unit="%",
        **limits("photo.light_ratio", NEVER_ENOUGH),
    ),
    PhotoLadder(
        name="photo-noise",
        title="Noise of the sensor",
        about="sigma, of 255",
        group=LIGHT,
        rules=("IMG017",),
        notches={f"{sigma}": Photo(noise=sigma) for sigma in (0, 2, 5, 8, 10, 15, 20, 30, 40)},
        unit="grey levels",
        **limits("photo.noise", ALWAYS),
    ),
    JpegLadder(
        name="photo-jpeg",
        title="JPEG",
        about="quality",
        group=LIGHT,
        rules=("IMG018",),
        notches={f"{quality}": Photo(quality=quality) for quality in (95, 75, 50, 30, 20, 15, 10, 5, 2)},
        unit="quality",
        **limits("photo.jpeg_quality", NEVER_ENOUGH),
    ),
)
