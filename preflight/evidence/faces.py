"""Where faces are in a few pictures of a video, or in a photo: the one door to OpenCV.

An estimate. The Haar cascades that come with OpenCV know faces that look into the camera, and faces seen from
the side badly. That none is found does not mean that none is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import combinations
from math import atan2, degrees, hypot
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

from preflight.errors import Unavailable, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

__all__ = ["EXTRA", "Face", "FaceFacts", "FaceFinder", "FaceFrame", "FaceKind", "face_facts", "load_finder"]

EXTRA = "faces are not looked at without the extra: pip install 'replica-preflight[faces]'"
MODEL = "PREFLIGHT_FACE_MODEL"
_MAX_MODEL_BYTES = 100_000_000

_LONGEST_SIDE = 640
"""Pixels to which a picture is reduced. Faces below 32 of them, 9 % of the height of 16:9, are not found."""
_SMALLEST = 32
_BOTH = 2
_UPPER = 0.6
_TILT_DEGREES = 20
_EYES_WIDTH = 200
"""Pixels to which the upper half of a face is brought, so that eyes have one size whatever the face's."""

_PHOTO_PIXELS = 500_000
"""To how many a photo is reduced for the first look, whatever its shape. A square's head of 8 % is found."""
_FURTHER_PIXELS = 120_000
"""And for all further looks, of which there are many."""
_BORDER = 0.25
"""What is put round a photo, as a share of its shorter side, for faces that are partly outside."""
_PHOTO_TILTS = (30, -30, 60, -60, 90, -90, 180)
_EYES_APART = (0.25, 0.65)
"""How far, in widths of the box of a face, two eyes are from each other."""
_EYES_TILT = 25.0
"""Degrees by which a pair of eyes may be tilted in a face that was found upright."""


class FaceKind(StrEnum):
    FRONTAL = "frontal"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Face:
    """One face: its box in fractions of the picture, ``x`` and ``y`` being the top left corner.

    The box of a cascade reaches from the fringe to below the mouth. In a photo it may reach out of the frame,
    as the face does. ``eyes`` is how many were found in it, of a photo's at most two. ``left_luma`` and
    ``right_luma`` are the mean brightness, 0 to 255, of its halves as they are seen. ``roll`` is by how many
    degrees the face is tilted clockwise, -180 to 180, where that was looked at: in photos.
    """

    x: float
    y: float
    w: float
    h: float
    kind: FaceKind
    eyes: int
    left_luma: float
    right_luma: float
    roll: float = 0.0

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def light_ratio(self) -> float:
        """The darker half by the brighter one: 1 where both are alike."""
        darker, brighter = sorted((self.left_luma, self.right_luma))
        return darker / brighter if brighter > 0 else 1.0


@dataclass(frozen=True, slots=True)
class FaceFrame:
    """One picture and the faces in it. Those in profile are looked for only where none looks ahead."""

    time_s: float
    width: int
    height: int
    faces: tuple[Face, ...]

    @property
    def frontal(self) -> tuple[Face, ...]:
        return tuple(face for face in self.faces if face.kind is FaceKind.FRONTAL)

    def size(self, face: Face) -> float:
        """The height of the box as a share of the picture's shorter side, upright or lying."""
        return face.h * self.height / min(self.width, self.height)


@dataclass(frozen=True, slots=True)
class FaceFacts:
    """The faces in pictures spread over a video, in order of time. There is at least one picture.

    ``detector`` says what looked for them, ``box_of_head`` how much of a head, from crown to chin, the box
    of a face is high. Sizes, places and light are those of pictures with one frontal face: elsewhere nobody
    knows whose they would be. They are ``None`` where there is no such picture.
    """

    frames: tuple[FaceFrame, ...]
    detector: str
    box_of_head: float

    @property
    def single(self) -> tuple[tuple[FaceFrame, Face], ...]:
        """The pictures with one frontal face, and that face."""
        return tuple((frame, frame.frontal[0]) for frame in self.frames if len(frame.frontal) == 1)

    @property
    def several(self) -> tuple[FaceFrame, ...]:
        """The pictures with more than one frontal face."""
        return tuple(frame for frame in self.frames if len(frame.frontal) > 1)

    @property
    def turned(self) -> tuple[FaceFrame, ...]:
        """The pictures in which a face is seen from the side only."""
        return tuple(
            frame
            for frame in self.frames
            if not frame.frontal and any(self._is_usual(frame, face) for face in frame.faces)
        )

    @property
    def empty(self) -> tuple[FaceFrame, ...]:
        """The pictures without any face."""
        turned = set(self.turned)
        return tuple(frame for frame in self.frames if not frame.frontal and frame not in turned)

    def share(self, frames: Sequence[FaceFrame]) -> float:
        """How much of all pictures that many are."""
        return len(frames) / len(self.frames)

    @property
    def found(self) -> float:
        """In how much of all pictures a face was found, looking ahead or seen from the side."""
        return 1 - self.share(self.empty)

    @property
    def head(self) -> float | None:
        """About how high the head usually is, as a share of the picture's shorter side."""
        box = _median(frame.size(face) for frame, face in self.single)
        return None if box is None else box / self.box_of_head

    @property
    def size_change(self) -> float | None:
        """How much larger than the smallest the largest face is: 0 where all are alike."""
        sizes = [frame.size(face) for frame, face in self.single]
        return max(sizes) / min(sizes) - 1 if sizes else None

    @property
    def centre_offset(self) -> float | None:
        """How far the face usually is from the middle, left or right, as a share of the picture's width."""
        middle = _median(face.centre[0] for _, face in self.single)
        return None if middle is None else abs(middle - 0.5)

    @property
    def travel(self) -> float | None:
        """The largest distance between two places of the face, in widths of the face."""
        width = _median(frame.width * face.w for frame, face in self.single)
        if width is None:
            return None
        places = [
            (frame.width * face.centre[0], frame.height * face.centre[1]) for frame, face in self.single
        ]
        return max((hypot(a[0] - b[0], a[1] - b[1]) / width for a, b in combinations(places, 2)), default=0.0)

    @property
    def light_ratio(self) -> float | None:
        """The usual brightness of the face's darker half by that of its brighter one."""
        return _median(face.light_ratio for _, face in self.single)

    def longest(self, frames: Sequence[FaceFrame]) -> tuple[float, float]:
        """The longest stretch of those pictures, from the first of them to the next that is none of them."""
        return max(self.stretches(frames), key=lambda stretch: stretch[1] - stretch[0])

    def stretches(self, frames: Sequence[FaceFrame]) -> tuple[tuple[float, float], ...]:
        """Where those pictures are, (start, end) in seconds; one that lasts to the end ends with its last."""
        wanted, found = set(frames), list[tuple[float, float]]()
        start: float | None = None
        for frame in self.frames:
            if frame in wanted:
                start = frame.time_s if start is None else start
            elif start is not None:
                found.append((start, frame.time_s))
                start = None
        return (*found, *([] if start is None else [(start, self.frames[-1].time_s)]))

    def _is_usual(self, frame: FaceFrame, face: Face) -> bool:
        """Whether a profile is about where the usual face is, and as large: profiles are often wrong."""
        usual = [face for _, face in self.single]
        if not usual:
            return True
        x, y = median(u.centre[0] for u in usual), median(u.centre[1] for u in usual)
        h = median(u.h for u in usual)
        wide = h * frame.height / frame.width
        near = abs(face.centre[0] - x) <= wide and abs(face.centre[1] - y) <= h
        return near and h / 2 <= face.h <= 2 * h


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return median(known) if known else None


# ---- looking


class FaceFinder(Protocol):
    """Anything that finds faces in a picture, and can say what it is."""

    @property
    def name(self) -> str: ...

    @property
    def box_of_head(self) -> float:
        """How high its boxes are, as a share of the head from crown to chin."""
        ...

    def find(self, gray: Gray) -> tuple[Face, ...]:
        """The faces in a picture of a video, of shape (height, width), 0 to 255."""
        ...

    def search(self, gray: Gray) -> tuple[Face, ...]:
        """The faces in a photo, the largest first. It takes longer than ``find``, and sees more."""
        ...


def face_facts(frames: Iterable[tuple[float, Gray]], finder: FaceFinder | None = None) -> FaceFacts:
    """Look for faces in pictures, each with its time in seconds, in order.

    Raises Unavailable where there are no pictures or the extra is not installed, before any picture is asked
    for, and UsageError where the model that the environment names is none.
    """
    finder = finder or load_finder()
    looked = tuple(
        FaceFrame(time_s, gray.shape[1], gray.shape[0], finder.find(gray)) for time_s, gray in frames
    )
    if not looked:
        raise Unavailable("there is no picture in which to look for a face")
    return FaceFacts(looked, finder.name, finder.box_of_head)


def load_finder() -> FaceFinder:
    """The cascades, or the YuNet model that ``PREFLIGHT_FACE_MODEL`` names."""
    cv2 = _opencv()
    named = os.environ.get(MODEL)
    return _YuNet(cv2, Path(named)) if named else _Cascades(cv2)


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as exc:  # also raised where a system library is missing
        raise Unavailable(EXTRA) from exc
    cv2.setNumThreads(1)  # pictures are small, and other work waits for the processors
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what goes wrong is said by us
    return cv2


class _Cascades:
    """The frontal cascade, then what is worth a second look where it finds nothing."""

    box_of_head = 0.57  # measured on the one portrait of the fixtures, whose hair adds to the head

    def __init__(self, cv2: Any) -> None:
        if not hasattr(cv2, "CascadeClassifier"):
            raise Unavailable(f"OpenCV {cv2.__version__} comes without cascades; {EXTRA}")
        self._cv2 = cv2
        self._frontal, self._profile, self._eye = (
            cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_{name}.xml")
            for name in ("frontalface_alt2", "profileface", "eye")
        )
        if any(cascade.empty() for cascade in (self._frontal, self._profile, self._eye)):
            raise Unavailable(f"the cascades of OpenCV {cv2.__version__} cannot be read; {EXTRA}")

    @property
    def name(self) -> str:
        return f"opencv {self._cv2.__version__}, Haar cascades"

    def find(self, gray: Gray) -> tuple[Face, ...]:
        small = _stretched(_reduced(self._cv2, gray, _LONGEST_SIDE / max(gray.shape)))
        looks: tuple[Callable[[], list[_Box]], ...] = (
            partial(self._look, self._frontal, small),
            lambda: self._look(self._frontal, self._cv2.equalizeHist(small)),  # overexposed
            partial(self._tilted, small, _TILT_DEGREES),
            partial(self._tilted, small, -_TILT_DEGREES),
        )
        found = next((boxes for look in looks if (boxes := look())), [])
        faces = [_face(gray, small, box, FaceKind.FRONTAL, self._eyes(gray, small, box)) for box in found]
        if faces:
            return _believable(faces)
        return tuple(_face(gray, small, box, FaceKind.PROFILE, 0) for box in self._sideways(small)[:1])

    def search(self, gray: Gray) -> tuple[Face, ...]:
        """Upright faces first; then, where none shows eyes, those that are harder to find, if they do."""
        large = _stretched(_reduced(self._cv2, gray, (_PHOTO_PIXELS / gray.size) ** 0.5))
        upright = _apart([self._seen(gray, large, box, 0) for box in self._look(self._frontal, large)])
        if any(face.eyes for face in upright):
            return _believable(upright)
        small = _stretched(_reduced(self._cv2, gray, (_FURTHER_PIXELS / gray.size) ** 0.5))
        for turned, eyes, look in self._further(small):
            faces = [self._seen(gray, small, box, turned) for box in look()]
            if sure := [face for face in faces if face.eyes >= eyes]:
                return tuple(_apart(sure))
        if upright:
            return _believable(upright)
        return tuple(_face(gray, small, box, FaceKind.PROFILE, 0) for box in self._sideways(small)[:1])

    def _further(self, small: Gray) -> Iterator[tuple[float, int, Callable[[], list[_Box]]]]:
        """Further looks at a photo, each with the degrees by which it is turned.

        Some eyes are needed for what they find to be believed: both, or the one that is in the picture.
        """
        yield 0, _BOTH, lambda: self._look(self._frontal, self._cv2.equalizeHist(small))
        yield 0, 1, partial(self._partly_outside, small)
        for turned in _PHOTO_TILTS:
            yield turned, _BOTH, partial(self._tilted, small, turned, whole=True)

    def _seen(self, gray: Gray, small: Gray, box: _Box, degrees: float) -> Face:
        """A face found in the picture turned by so many degrees, with its eyes and how they are tilted."""
        eyes, tilt = self._eye_pair(_upper_half(self._cv2, gray, small, box, degrees))
        return replace(_face(gray, small, box, FaceKind.FRONTAL, eyes), roll=_half_turn(degrees + tilt))

    def _eye_pair(self, upper: Gray) -> tuple[int, float]:
        """How many eyes of one face are found, and the tilt in degrees of the line through both."""
        found = [(x + w / 2, y + h / 2, w) for x, y, w, h in self._eyes_in(upper)]
        pairs = [
            (abs(tilt), tilt)
            for one, other in combinations(sorted(found), 2)
            if _EYES_APART[0] <= (other[0] - one[0]) / _EYES_WIDTH <= _EYES_APART[1]
            if abs(tilt := degrees(atan2(other[1] - one[1], other[0] - one[0]))) <= _EYES_TILT
        ]
        return (_BOTH, min(pairs)[1]) if pairs else (min(len(found), 1), 0.0)

    def _look(self, cascade: Any, small: Gray) -> list[_Box]:
        found = cascade.detectMultiScale(small, 1.1, 5, minSize=(_SMALLEST, _SMALLEST))
        return sorted(((x, y, w, h) for x, y, w, h in (map(float, box) for box in found)), key=_by_size)

    def _partly_outside(self, small: Gray) -> list[_Box]:
        """Faces that the edge cuts. The picture is mirrored there: half a face becomes a whole one."""
        height, width = small.shape
        border = round(_BORDER * min(height, width))
        wider = self._cv2.copyMakeBorder(small, *[border] * 4, self._cv2.BORDER_REFLECT)
        found = ((x - border, y - border, w, h) for x, y, w, h in self._look(self._frontal, wider))
        return [
            (x, y, w, h)
            for x, y, w, h in found
            if -w / 20 <= x + w / 2 <= width + w / 20 and 0 <= y + h / 2 <= height
            if x < 0 or y < 0 or x + w > width or y + h > height
        ]

    def _tilted(self, small: Gray, degrees: float, *, whole: bool = False) -> list[_Box]:
        """Faces upright once the picture is turned, put back where they are; ``whole`` keeps its corners."""
        height, width = small.shape
        turn = self._cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        size = (width, height)
        if whole:
            across, along = abs(turn[0, 0]), abs(turn[0, 1])
            size = (round(width * across + height * along), round(height * across + width * along))
            turn[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
        back = self._cv2.invertAffineTransform(turn)
        turned = self._cv2.warpAffine(small, turn, size, borderValue=int(small.mean()))
        boxes = []
        for x, y, w, h in self._look(self._frontal, turned):
            centre_x, centre_y = back @ (x + w / 2, y + h / 2, 1.0)
            boxes.append((float(centre_x) - w / 2, float(centre_y) - h / 2, w, h))
        return boxes

    def _sideways(self, small: Gray) -> list[_Box]:
        """Faces that look to one side, then those that look to the other: the cascade knows one."""
        mirrored = self._look(self._profile, self._cv2.flip(small, 1))
        others = [(small.shape[1] - x - w, y, w, h) for x, y, w, h in mirrored]
        return sorted(self._look(self._profile, small) + others, key=_by_size)

    def _eyes(self, gray: Gray, small: Gray, box: _Box) -> int:
        upper = _cut(gray, small, box, bottom=_UPPER)
        if not upper.size:
            return 0
        size = (_EYES_WIDTH, max(1, round(_EYES_WIDTH * upper.shape[0] / upper.shape[1])))
        return len(self._eyes_in(self._cv2.resize(upper, size, interpolation=self._cv2.INTER_AREA)))

    def _eyes_in(self, upper: Gray) -> list[_Box]:
        """The eyes in the upper half of a face, ``_EYES_WIDTH`` pixels wide."""
        equal = self._cv2.equalizeHist(upper)
        found = self._eye.detectMultiScale(equal, 1.1, 4, minSize=(30, 30), maxSize=(90, 90))
        return [(x, y, w, h) for x, y, w, h in (map(float, box) for box in found)]


class _YuNet:
    """A YuNet model in ONNX form, which knows five points of a face as well. Not tried with real weights."""

    box_of_head = 0.75  # a guess: its boxes are said to reach from the forehead to the chin

    def __init__(self, cv2: Any, path: Path) -> None:
        self._cv2, self._path = cv2, path
        if not path.is_file() or path.suffix.lower() != ".onnx":
            raise UsageError(f"{MODEL}: {str(path)!r} is no .onnx file; name a YuNet model, or unset it")
        if path.stat().st_size > _MAX_MODEL_BYTES:
            raise UsageError(f"{MODEL}: {str(path)!r} is larger than {_MAX_MODEL_BYTES} bytes")
        try:
            self._net = cv2.FaceDetectorYN.create(str(path.resolve()), "", (_LONGEST_SIDE, _LONGEST_SIDE))
        except cv2.error as exc:
            raise UsageError(f"{MODEL}: {str(path)!r} cannot be loaded as a YuNet model") from exc

    @property
    def name(self) -> str:
        return f"opencv {self._cv2.__version__}, YuNet model {self._path.name}"

    def find(self, gray: Gray) -> tuple[Face, ...]:
        small = _reduced(self._cv2, gray, _LONGEST_SIDE / max(gray.shape))
        self._net.setInputSize((small.shape[1], small.shape[0]))
        try:
            _, rows = self._net.detect(self._cv2.cvtColor(small, self._cv2.COLOR_GRAY2BGR))
        except self._cv2.error as exc:
            raise UsageError(f"{MODEL}: {str(self._path)!r} does not answer as a YuNet model does") from exc
        return tuple(
            self._read(gray, small, [float(v) for v in row]) for row in (() if rows is None else rows)
        )

    def search(self, gray: Gray) -> tuple[Face, ...]:
        """One look: a model finds small, tilted and cut faces as it finds others, or not at all."""
        return tuple(sorted(self.find(gray), key=lambda face: -face.w * face.h))

    def _read(self, gray: Gray, small: Gray, row: list[float]) -> Face:
        x, y, w, h, *points = row[:9]
        (first, top), (last, bottom) = sorted((tuple(points[:2]), tuple(points[2:4])))
        ahead = last - first > w / 5 and first < points[4] < last
        kind = FaceKind.FRONTAL if ahead else FaceKind.PROFILE
        tilt = degrees(atan2(bottom - top, last - first))
        return replace(_face(gray, small, (x, y, w, h), kind, _BOTH), roll=tilt)


_Box = tuple[float, float, float, float]


def _by_size(box: _Box) -> tuple[float, ...]:
    """Largest first; then by place, so that the order is always the same."""
    return -box[2] * box[3], *box


def _believable(faces: list[Face]) -> tuple[Face, ...]:
    """Of several faces those with eyes, which patterns behind a person rarely have; a single one as it is."""
    with_eyes = [face for face in faces if face.eyes]
    return tuple(with_eyes or faces[:1])


def _apart(faces: list[Face]) -> list[Face]:
    """Without those in the middle of which another face is, with as many eyes or more; largest first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.eyes):
        if not any(_is_within(face, other) or _is_within(other, face) for other in kept):
            kept.append(face)
    return sorted(kept, key=lambda face: -face.w * face.h)


def _half_turn(degrees: float) -> float:
    """The same direction between -180 and 180 degrees."""
    return (degrees + 180) % 360 - 180


def _is_within(face: Face, other: Face) -> bool:
    """Whether the middle of a face is in the box of another."""
    x, y = face.centre
    return other.x <= x <= other.x + other.w and other.y <= y <= other.y + other.h


def _reduced(cv2: Any, gray: Gray, scale: float) -> Gray:
    height, width = gray.shape
    if scale >= 1:
        return gray
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    reduced: Gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return reduced


def _stretched(small: Gray) -> Gray:
    """The picture from black to white. Equalising it instead loses faces that are lit from one side."""
    import numpy as np

    low, high = np.percentile(small, (1, 99))
    scaled = (small.astype(np.float32) - low) * (255 / max(16.0, high - low))
    stretched: Gray = scaled.clip(0, 255).astype(np.uint8)
    return stretched


def _cut(gray: Gray, small: Gray, box: _Box, *, bottom: float = 1.0, edge: float = 0.0) -> Gray:
    """What is in a box of the reduced picture, as it is in the full one, without an edge all round."""
    scale = gray.shape[1] / small.shape[1]
    x, y, w, h = (value * scale for value in box)
    rows = slice(max(0, round(y + edge * h)), max(0, round(y + (bottom - edge) * h)))
    return gray[rows, max(0, round(x + edge * w)) : max(0, round(x + (1 - edge) * w))]


def _upper_half(cv2: Any, gray: Gray, small: Gray, box: _Box, degrees: float) -> Gray:
    """The upper half of a face made upright, as it is in the full picture, whose edges are drawn out."""
    scale = gray.shape[1] / small.shape[1]
    side = max(2, round(1.5 * box[2] * scale))  # so that no corner is missing once it is turned
    left, top = (round((at + size / 2) * scale - side / 2) for at, size in (box[::2], box[1::2]))
    inside = gray[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    missing = (
        max(0, -top),
        max(0, top + side - gray.shape[0]),
        max(0, -left),
        max(0, left + side - gray.shape[1]),
    )
    around = cv2.copyMakeBorder(inside, *missing, cv2.BORDER_REPLICATE) if any(missing) else inside
    full = round(1.5 * _EYES_WIDTH)
    around = cv2.resize(around, (full, full), interpolation=cv2.INTER_AREA)
    if degrees:
        turn = cv2.getRotationMatrix2D((full / 2, full / 2), degrees, 1.0)
        around = cv2.warpAffine(around, turn, (full, full))
    edge = (full - _EYES_WIDTH) // 2
    upper: Gray = around[edge : edge + round(_UPPER * _EYES_WIDTH), edge : edge + _EYES_WIDTH]
    return upper


def _face(gray: Gray, small: Gray, box: _Box, kind: FaceKind, eyes: int) -> Face:
    height, width = small.shape
    x, y, w, h = box
    inner = _cut(gray, small, box, edge=0.1)  # hair and background are at the edge
    half = inner.shape[1] // 2
    left, right = (float(part.mean()) if part.size else 0.0 for part in (inner[:, :half], inner[:, half:]))
    return Face(x / width, y / height, w / width, h / height, kind, eyes, left, right)
