"""Ways to spoil a photo, and the notches of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from ladder import ALWAYS, NEVER_ENOUGH, Ladder

from fixtures.photos import CROWN, HEAD, SITTER, Photo
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


LIGHT, FACE = "Light and sharpness", "The face"

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
    PhotoLadder(
        name="photo-far",
        title="Far away",
        about="height of the head",
        group=FACE,
        rules=("IMG022",),
        notches={
            f"{percent} %": seated(height=percent / 100 / HEAD)
            for percent in (42, 30, 25, 20, 17, 15, 12, 10, 9)
        },
        unit="%",
        note="Below that the face is not found any more, which IMG020 warns of, and nothing is measured.",
        **limits("portrait.min_head", NEVER_ENOUGH),
    ),
    PhotoLadder(
        name="photo-near",
        title="Near",
        about="width of the photo cut to",
        group=FACE,
        rules=("IMG023",),
        notches={
            f"{width} px": Photo(size=(width, 960), sitters=(replace(SITTER, height=0.95),))
            for width in (960, 900, 840, 780, 720, 660, 620, 580, 540)
        },
        unit="%",
        size=None,
        note="The photo is 960 pixels high, the head 610 of them; it is compared with the shorter side.",
        **limits("portrait.max_head", ALWAYS),
    ),
    PhotoLadder(
        name="photo-aside",
        title="Aside",
        about="of the width",
        group=FACE,
        rules=("IMG024",),
        notches={
            f"{percent} %": seated(x=0.5 + percent / 100) for percent in (0, 5, 10, 15, 20, 25, 30, 32, 35)
        },
        unit="%",
        **limits("portrait.offset", ALWAYS),
    ),
    PhotoLadder(
        name="photo-cut",
        title="Cut off at the top",
        about="of the head",
        group=FACE,
        rules=("IMG025",),
        notches={
            f"{percent} %": seated(y=SITTER.height * (CROWN - HEAD * percent / 100))
            for percent in (0, 5, 10, 15, 20, 25, 30, 35, 40)
        },
        unit="%",
        **limits("portrait.cut", ALWAYS),
    ),
    PhotoLadder(
        name="photo-tilt",
        title="Tilted",
        about="the head, in degrees",
        group=FACE,
        rules=("IMG026",),
        notches={f"{degrees}°": seated(tilt=degrees) for degrees in (0, 5, 10, 15, 20, 25, 30, 40, 50)},
        unit="degrees",
        **limits("portrait.tilt", ALWAYS),
    ),
    PhotoLadder(
        name="photo-turned",
        title="Turned",
        about="the head, in degrees",
        group=FACE,
        rules=("IMG028", "IMG020", "IMG027"),
        notches={f"{degrees}°": seated(yaw=degrees) for degrees in (0, 10, 20, 30, 40, 50, 60, 70, 80)},
        moved={},
        unit="",
        note="How far a head is turned is not measured. A face that looks ahead is found, perhaps without "
        "its eyes, or one from the side, or none.",
    ),
)
