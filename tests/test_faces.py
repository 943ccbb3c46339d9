"""Faces: what the detector finds in pictures of a sitter, and that each fault gives its own code.

One portrait, before synthetic walls. That these tests pass says nothing about other people.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fixtures.faces import (
    FAULTS,
    GOOD,
    HAND,
    PATTERNS,
    SEED,
    SITTER,
    Sitter,
    blots,
    noise,
    picture,
    sequence,
)
from fixtures.make import scene
from preflight.errors import Unavailable, UsageError
from preflight.evidence.faces import FaceFacts, FaceKind, face_facts, load_finder
from preflight.policy import load_policy
from preflight.rule import all_rules
from preflight.rules.examples import face, faces

pytestmark = pytest.mark.media

Gray = NDArray[np.uint8]
Seats = Callable[[int], tuple[Sitter, ...]]

POLICY = load_policy("tavus-replica-phoenix-4")
RULES = [rule for rule in all_rules() if rule.needs is FaceFacts]


def codes(facts: FaceFacts) -> set[str]:
    return {rule.code for rule in RULES if list(rule.judge(facts, POLICY))}


def one(gray: Gray) -> FaceFacts:
    return face_facts([(0.0, gray)])


# ---- faults


@pytest.mark.parametrize("seats", GOOD.values(), ids=GOOD)
def test_good_sitter(seats: Seats) -> None:
    """Sitting still, swaying, at an angle, a little unevenly lit: nothing to say."""
    assert set() == codes(face_facts(sequence(seats)))


@pytest.mark.parametrize(("code", "seats"), FAULTS.values(), ids=FAULTS)
def test_fault_gives_its_own_code(code: str, seats: Seats) -> None:
    """Each fault is found, and none is mistaken for another."""
    assert {code} == codes(face_facts(sequence(seats)))


def test_every_rule_has_a_fault_made_of_pixels() -> None:
    assert {rule.code for rule in RULES} == {code for code, _ in FAULTS.values()}


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (854, 480)])
def test_scene_of_the_fixture_clips(size: tuple[int, int]) -> None:
    """The clips that pass are clips in which the face passes, lying or upright."""
    gray = np.asarray(scene(*size).convert("L"))

    assert set() == codes(face_facts([(3.0, gray), (9.0, gray)]))


def test_findings_are_placed() -> None:
    """A face that is lost is lost from the first picture without it to the next one with it."""
    (rule,) = (rule for rule in RULES if rule.code == "VID036")
    (found,) = rule.judge(face_facts(sequence(FAULTS["a hand before the face"][1])), POLICY)

    assert ("the face is lost in 3 of 10 pictures; please check", (33.0, 51.0)) == (found.message, found.at)


# ---- what is found


def test_face_is_measured() -> None:
    """Place, size and light of the one face, in shares of the picture."""
    (found,) = one(picture(SITTER)).frames[0].faces

    assert (FaceKind.FRONTAL, 2) == (found.kind, found.eyes)
    assert pytest.approx((SITTER.x, SITTER.y), abs=0.02) == found.centre
    assert pytest.approx(0.36, abs=0.03) == found.h
    assert pytest.approx(found.h * 1080, abs=2) == found.w * 1920
    assert 0.75 < found.light_ratio < 0.95


def test_head_is_estimated() -> None:
    """The box is larger near by, and so is the head, which is 61 % of the cut in height."""
    for height in (0.5, 0.8, 1.1):
        assert pytest.approx(0.638 * height, rel=0.08) == one(picture(replace(SITTER, height=height))).head


@pytest.mark.parametrize(
    "sitter",
    [
        replace(SITTER, tilt=22.0),
        replace(SITTER, tilt=-25.0),
        replace(SITTER, right_light=0.1),
        replace(SITTER, yaw=45.0),
    ],
    ids=["tilted left", "tilted right", "half in the dark", "turned halfway"],
)
def test_face_that_is_harder_to_find(sitter: Sitter) -> None:
    """Tilted by 20 degrees, hardly lit on one side, half turned: a frontal face, about where it is."""
    facts = one(picture(sitter))

    assert 1 == len(facts.single)
    assert facts.centre_offset is not None
    assert facts.centre_offset < 0.12  # the face of a head that turns is on its side


@pytest.mark.parametrize("light", [0.1, 0.4, 1.3, 1.7])
def test_dim_and_bright_pictures(light: float) -> None:
    """Contrast is made up for: a dark picture is the picture rules' business."""
    dimmed = (picture(SITTER) * light).clip(0, 255).astype(np.uint8)

    assert 1 == len(one(dimmed).single)


@pytest.mark.parametrize("yaw", [65.0, 75.0])
def test_turned_head_is_a_profile(yaw: float) -> None:
    """A head on a cylinder turned so far has no frontal face; the cascade for profiles finds it."""
    (frame,) = one(picture(replace(SITTER, yaw=yaw))).frames

    assert [FaceKind.PROFILE] == [face.kind for face in frame.faces]


def test_covered_face_is_none() -> None:
    """A flat box before eyes, nose and mouth leaves nothing to find."""
    assert () == one(picture(replace(SITTER, covered=HAND))).frames[0].faces


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__)
def test_pattern_behind_a_sitter_is_no_second_face(pattern: Callable[[Any], Gray]) -> None:
    """Clouds, shelves, blots and letters, four of each."""
    rng = np.random.default_rng(SEED)
    facts = face_facts((0.0, picture(replace(SITTER, height=0.7), wall=pattern(rng))) for _ in range(4))

    assert 4 == len(facts.single)


@pytest.mark.parametrize(("pattern", "seed"), [(blots, 20), (noise, 0)])
def test_face_without_eyes_is_no_second_face(pattern: Callable[[Any], Gray], seed: int) -> None:
    """Two patterns in which the cascade sees a face larger than the sitter's: it has no eyes."""
    wall = pattern(np.random.default_rng(seed))
    facts = one(picture(replace(SITTER, height=0.5, x=0.2), wall=wall))

    ((_, found),) = facts.single
    assert pytest.approx((0.2, SITTER.y), abs=0.02) == found.centre


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (1080, 3), (33, 33), (1080, 1920)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_pictures_of_nothing(shape: tuple[int, int], shade: int) -> None:
    """Any size, one shade: no face, and no crash."""
    assert () == one(np.full(shape, shade, np.uint8)).frames[0].faces


# ---- facts


def test_no_pictures_are_no_evidence() -> None:
    with pytest.raises(Unavailable, match="there is no picture in which to look for a face"):
        face_facts([])


def test_nothing_is_measured_without_a_face() -> None:
    """Unknown is None, never zero."""
    facts = faces()

    assert (None, None, None, None, None) == (
        facts.head,
        facts.size_change,
        facts.centre_offset,
        facts.travel,
        facts.light_ratio,
    )
    assert (0.0, facts.frames) == (facts.found, facts.empty)


def test_two_faces_are_nobodys_size() -> None:
    """Whose face moved, nobody knows: pictures with two faces are left out of what is measured of one."""
    facts = faces(face(x=0.5), but={3: (face(x=0.2), face(0.9, x=0.8))})

    assert (1, 9) == (len(facts.several), len(facts.single))
    assert (0.0, 0.0, 0.0) == (facts.size_change, facts.travel, facts.centre_offset)


def test_stretches() -> None:
    """From the first picture of a kind to the next of another; to the last one at the end."""
    facts = faces(face(), but={0: (), 4: (), 5: (), 9: ()})

    assert ((3.0, 9.0), (27.0, 39.0), (57.0, 57.0)) == facts.stretches(facts.empty)
    assert (27.0, 39.0) == facts.longest(facts.empty)


def test_light_is_a_ratio_either_way() -> None:
    assert face(light=(50.0, 100.0)).light_ratio == face(light=(100.0, 50.0)).light_ratio == 0.5
    assert 1.0 == face(light=(0.0, 0.0)).light_ratio


# ---- the door


def unasked() -> Iterator[tuple[float, Gray]]:
    pytest.fail("a picture was asked for")
    yield


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not assessed, with the remedy, before any picture is decoded for it."""
    monkeypatch.setitem(sys.modules, "cv2", None)

    with pytest.raises(Unavailable, match=r"without the extra: pip install 'replica-preflight\[faces\]'"):
        face_facts(unasked())


def test_opencv_without_cascades(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fifth major version has none; that is said, not crashed on."""
    import cv2

    monkeypatch.delattr(cv2, "CascadeClassifier")

    with pytest.raises(Unavailable, match="comes without cascades"):
        face_facts(unasked())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("absent.onnx", None, "is no .onnx file; name a YuNet model, or unset it"),
        ("yunet.pt", b"weights", "is no .onnx file"),
        ("yunet.onnx", b"not a model", "cannot be loaded as a YuNet model"),
        ("yunet.onnx", b"", "cannot be loaded as a YuNet model"),
    ],
)
def test_model_that_is_none(
    name: str,
    content: bytes | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What the environment names has to be a model; OpenCV's own complaints do not reach the terminal."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("PREFLIGHT_FACE_MODEL", str(tmp_path / name))

    with pytest.raises(UsageError, match=said):
        face_facts(unasked())
    assert ("", "") == capfd.readouterr()


class StandIn:
    """Answers as the header of OpenCV's FaceDetectorYN says that a YuNet model does: 15 numbers a face."""

    rows: list[list[float]] | None = None

    @classmethod
    def create(cls, *_: object) -> StandIn:
        return cls()

    def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802 - OpenCV's name
        assert (640, 360) == size

    def detect(self, image: Gray) -> tuple[int, NDArray[np.float32] | None]:
        assert (360, 640, 3) == image.shape
        return 1, None if self.rows is None else np.array(self.rows, np.float32)


@pytest.mark.parametrize(("nose", "kind"), [(316.0, FaceKind.FRONTAL), (365.0, FaceKind.PROFILE)])
def test_model_of_ones_own(
    nose: float, kind: FaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Box and points are read; a nose beside both eyes is a head turned away. No real weights take part."""
    import cv2

    points = [292.0, 140.0, 342.0, 140.0, nose, 160.0, 296.0, 180.0, 338.0, 180.0]
    (tmp_path / "mine.onnx").touch()
    monkeypatch.setenv("PREFLIGHT_FACE_MODEL", str(tmp_path / "mine.onnx"))
    monkeypatch.setattr(cv2, "FaceDetectorYN", StandIn)
    monkeypatch.setattr(StandIn, "rows", [[256.0, 90.0, 128.0, 144.0, *points, 0.9]])

    facts = one(picture(SITTER))

    (found,) = facts.frames[0].faces
    assert f"opencv {cv2.__version__}, YuNet model mine.onnx" == facts.detector
    assert (kind, 0.4, 0.25, 0.2, 0.4) == (found.kind, found.x, found.y, found.w, found.h)


def test_model_that_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    (tmp_path / "mine.onnx").touch()
    monkeypatch.setenv("PREFLIGHT_FACE_MODEL", str(tmp_path / "mine.onnx"))
    monkeypatch.setattr(cv2, "FaceDetectorYN", StandIn)

    assert () == one(picture(SITTER)).frames[0].faces


def test_detector_is_named() -> None:
    """A verdict that cannot be repeated is an opinion: the report can say what looked."""
    import cv2

    assert f"opencv {cv2.__version__}, Haar cascades" == load_finder().name
