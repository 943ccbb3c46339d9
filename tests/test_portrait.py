"""Faces in photos: what is found in photos of a sitter, and that each fault gives its own code.

One portrait, before a plain wall or synthetic patterns. That they pass says nothing about other people.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fixtures.faces import PATTERNS, SEED
from fixtures.photos import CROWN, FAULTS, GOOD, HEAD, SITTER, Photo
from preflight import Submission, check
from preflight.errors import Unavailable
from preflight.evidence.faces import FaceKind
from preflight.evidence.portrait import PortraitFacts, portrait_facts
from preflight.policy import load_policy
from preflight.rule import Severity, all_rules
from preflight.rules.examples import portrait, sitter
from tests.test_faces import StandIn

Gray = NDArray[np.uint8]

POLICY = load_policy("tavus-replica-phoenix-4")
RULES = [rule for rule in all_rules() if rule.needs is PortraitFacts]
OURS = {label: fault for label, fault in FAULTS.items() if fault[0] in {rule.code for rule in RULES}}
ERRORS = {
    "two people",
    "very far away",
    "nothing but a head",
    "far aside",
    "without a forehead",
    "on its side",
    "upside down",
}


def judged(facts: PortraitFacts) -> dict[str, Severity]:
    """The rules that speak, and how much what each finds matters."""
    found = ((rule, list(rule.judge(facts, POLICY))) for rule in RULES)
    return {rule.code: rule.severity_of(said[0]) for rule, said in found if said}


def looked_at(photo: Photo, wall: Gray | None = None) -> PortraitFacts:
    return portrait_facts(photo.gray(wall))


def seated(**facts: Any) -> Photo:
    return Photo(sitters=(replace(SITTER, **facts),))


# ---- faults


@pytest.mark.media
@pytest.mark.parametrize("photo", GOOD.values(), ids=GOOD)
def test_good_photo(photo: Photo) -> None:
    """Square, upright, lying, near, farther, at an angle: nothing to say."""
    assert {} == judged(looked_at(photo))


@pytest.mark.media
@pytest.mark.parametrize("label", OURS)
def test_fault_gives_its_own_code(label: str) -> None:
    """Each fault is found, and none is mistaken for another; those beyond doubt are errors, and no others."""
    code, photo = OURS[label]
    severity = Severity.ERROR if label in ERRORS else Severity.WARNING

    assert {code: severity} == judged(looked_at(photo))


def test_every_rule_has_a_fault_made_of_pixels() -> None:
    assert {rule.code for rule in RULES} == {code for code, _ in OURS.values()}


@pytest.mark.media
@pytest.mark.parametrize(
    "spoiled", [{"light": 0.4}, {"light": 1.3}, {"noise": 12.0}, {"blur": 3.0}, {"quality": 10}]
)
def test_light_noise_and_blur_are_no_faults_of_the_face(spoiled: dict[str, Any]) -> None:
    """They have rules of their own; the face is found, and where it is."""
    assert {} == judged(looked_at(Photo(**spoiled)))


# ---- what is measured


@pytest.mark.media
def test_face_is_measured() -> None:
    """Place and size of the one face, and both its eyes."""
    facts = looked_at(Photo())

    assert facts.face is not None
    assert facts.is_sure
    assert pytest.approx((SITTER.x, SITTER.y), abs=0.01) == facts.face.centre
    assert 0.75 < facts.face.light_ratio < 0.95
    assert "Haar cascades" in facts.detector


@pytest.mark.media
@pytest.mark.parametrize("height", [0.25, 0.45, 0.63, 0.9])
def test_head_and_the_room_around_it(height: float) -> None:
    """The head's height within a tenth; the room above its crown within an eighth of it."""
    facts = looked_at(seated(height=height))
    crown = (SITTER.y - CROWN * height) / (HEAD * height)

    assert pytest.approx(HEAD * height, rel=0.1) == facts.head
    assert pytest.approx(crown, abs=0.125) == facts.room


@pytest.mark.media
@pytest.mark.parametrize("cut", [0.05, 0.12, 0.2, 0.3, 0.4, 0.48])
def test_crown_that_the_edge_cuts(cut: float) -> None:
    """What is cut off is measured within a tenth of the head, down to the eyes."""
    y = (CROWN - cut * HEAD) * SITTER.height
    facts = looked_at(seated(y=y))

    assert facts.is_sure
    assert facts.room is not None
    assert pytest.approx(cut, abs=0.1) == -facts.room


@pytest.mark.media
@pytest.mark.parametrize("tilt", [-90, -60, -40, -25, -10, 0, 10, 25, 40, 60, 90])
def test_tilt(tilt: int) -> None:
    """Clockwise, within three degrees; she holds her head at 3 degrees herself."""
    facts = looked_at(seated(tilt=float(tilt)))

    assert facts.frontal is not None
    assert facts.is_sure
    assert pytest.approx(3.3 - tilt, abs=3) == facts.frontal.roll


@pytest.mark.media
def test_face_half_outside_is_found() -> None:
    """The picture is mirrored at its edge, and its box reaches out of it."""
    (found,) = looked_at(seated(x=0.0)).faces

    assert found.x < 0 < found.x + found.w
    assert pytest.approx(0.0, abs=0.02) == found.centre[0]


@pytest.mark.media
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__)
def test_patterns(pattern: Callable[[Any], Gray]) -> None:
    """Clouds, shelves, blots and letters: no face that anything is certain of, and no second one."""
    rng = np.random.default_rng(SEED)
    walls = [pattern(rng) for _ in range(4)]
    behind = Photo(size=(1080, 1080), sitters=(replace(SITTER, height=0.45),))

    assert not any(portrait_facts(wall).is_sure for wall in walls)
    assert [1] * 4 == [len(looked_at(behind, wall).faces) for wall in walls]


@pytest.mark.media
@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2160, 1080), (33, 33), (3, 40)])
@pytest.mark.parametrize("shade", [0, 255])
def test_photos_of_nothing(shape: tuple[int, int], shade: int) -> None:
    """Any size, one shade: no face, and no crash."""
    facts = portrait_facts(np.full(shape, shade, np.uint8))

    assert () == facts.faces
    assert {"IMG020": Severity.WARNING} == judged(facts)


# ---- facts


def test_nothing_is_measured_without_one_face() -> None:
    """Unknown is None, never zero; of two faces nobody knows whose it would be."""
    for facts in (
        portrait(),
        portrait(sitter(x=0.3), sitter(x=0.7)),
        portrait(sitter(kind=FaceKind.PROFILE)),
    ):
        assert (None, None, None) == (facts.head, facts.offset, facts.room)
        assert not facts.is_sure
        assert not facts.is_cut(0.0)


def test_second_face() -> None:
    assert None is portrait(sitter()).second
    assert pytest.approx(0.25) == portrait(sitter(0.4), sitter(0.1)).second


def test_room_goes_with_the_tilt_of_the_head() -> None:
    """Lying on its side, the crown points at the edge to which the head is tilted."""
    upright, lying = (portrait(sitter(0.6, x=0.75, roll=roll)).room for roll in (0.0, 90.0))

    assert upright is not None
    assert lying is not None
    assert lying < 0 < upright


def test_room_is_that_of_the_nearest_edge() -> None:
    """A head of 0.4 of the height: its crown is 0.23 above the middle of the face, its ears 0.12 beside."""
    assert pytest.approx((0.44 - 0.7 / 3) / 0.4) == portrait(sitter()).room
    assert pytest.approx((0.1 - 0.12) / 0.4) == portrait(sitter(x=0.9)).room


# ---- the door


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not assessed, with the remedy."""
    monkeypatch.setitem(sys.modules, "cv2", None)

    with pytest.raises(Unavailable, match=r"without the extra: pip install 'replica-preflight\[faces\]'"):
        portrait_facts(np.zeros((10, 10), np.uint8))


@pytest.mark.media
def test_model_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its points say how the face is tilted; the largest face comes first. No real weights take part."""
    import cv2

    small = [20.0, 20.0, 50.0, 60.0, 32.0, 40.0, 56.0, 40.0, 44.0, 55.0, 35.0, 70.0, 53.0, 70.0, 0.9]
    large = [
        256.0,
        90.0,
        128.0,
        144.0,
        292.0,
        160.0,
        342.0,
        110.0,
        316.0,
        160.0,
        296.0,
        180.0,
        338.0,
        180.0,
        0.9,
    ]
    (tmp_path / "mine.onnx").touch()
    monkeypatch.setenv("PREFLIGHT_FACE_MODEL", str(tmp_path / "mine.onnx"))
    monkeypatch.setattr(cv2, "FaceDetectorYN", StandIn)
    monkeypatch.setattr(StandIn, "rows", [small, large])

    first, second = portrait_facts(np.zeros((1080, 1920), np.uint8)).faces

    assert (0.2, pytest.approx(-45.0)) == (first.w, first.roll)
    assert (0.078125, 0.0) == (second.w, second.roll)


@pytest.mark.media
def test_report_says_what_looked_and_what_it_found(tmp_path: Path) -> None:
    """A verdict that cannot be repeated is an opinion."""
    photo = Photo(sitters=()).save(tmp_path / "room.png")
    report = check(Submission(train_image=photo, voice_name="anna"))
    facts = report.assets[0].facts

    assert 0 == facts["faces"]
    assert "Haar cascades" in facts["faces_looked_for_by"]
    assert {"IMG020"} <= {finding.code for finding in report.findings}


# ---- the photos themselves


def test_photo_is_saved_as_its_name_says(tmp_path: Path) -> None:
    """The same bytes each time; a JPEG is compressed once."""
    photo = Photo(size=(512, 512), quality=30)
    first, again, png = (photo.save(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.png"))

    assert first.read_bytes() == again.read_bytes()
    with Image.open(first) as jpeg, Image.open(png) as lossless:
        assert ("JPEG", "PNG") == (jpeg.format, lossless.format)
        assert np.array_equal(np.asarray(jpeg.convert("RGB")), np.asarray(lossless))
