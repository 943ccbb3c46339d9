"""What is measured of a photo, on pixels that show one thing each; and which rules speak of which fault."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import preflight
from fixtures import photos
from fixtures.cases import Case, load_cases, submission
from fixtures.faces import SITTER, Sitter, picture
from preflight.errors import Unavailable
from preflight.evidence.faces import Face, FaceKind
from preflight.evidence.photo import PhotoFacts, Region, photo_facts
from preflight.policy import load_policy
from preflight.rule import Violation, all_rules

pytestmark = pytest.mark.media

Gray = NDArray[np.uint8]
POLICY = load_policy("tavus-replica-phoenix-4")
RULES = [rule for rule in all_rules() if rule.needs is PhotoFacts]
SIZE = (640, 640)
MIDDLE = Face(0.25, 0.25, 0.5, 0.5, FaceKind.FRONTAL, 2, 0.0, 0.0)
SEATED = Face(0.36, 0.25, 0.27, 0.27, FaceKind.FRONTAL, 2, 0.0, 0.0)
"""Where the face of ``portrait`` is, about as the detector has it."""


def grey(level: int, size: tuple[int, int] = (320, 320)) -> Gray:
    return np.full(size, level, np.uint8)


def measured(pixels: Gray, face: Face | None = None, *, full_size: bool = True) -> PhotoFacts:
    return photo_facts(pixels, face, full_size=full_size)


def coded(pixels: Gray, quality: int) -> Gray:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored))


# ---- measures


def test_light_of_known_pixels() -> None:
    """Half black, half white: everything about the light follows."""
    half = grey(0)
    half[:, 160:] = 255
    facts = measured(half)

    assert (0.5, 0.25, 1.0) == (facts.luminance_mean, facts.luminance_variance, facts.dynamic_range)
    assert (1.0, 1.0, 0.5, 0.5) == (
        facts.bright_end,
        facts.contrast,
        facts.under_exposure,
        facts.over_exposure,
    )


@pytest.mark.parametrize(("levels", "bits"), [(1, 0.0), (2, 1.0), (16, 4.0), (256, 8.0)])
def test_dynamic_range_is_entropy(levels: int, bits: float) -> None:
    ramp = np.tile(np.repeat(np.arange(levels) * (256 // levels), 256 // levels), (64, 1)).astype(np.uint8)

    assert pytest.approx(bits) == measured(ramp).dynamic_range


@pytest.mark.parametrize(
    ("level", "black", "white"), [(25, 1.0, 0.0), (26, 0.0, 0.0), (246, 0.0, 0.0), (247, 0.0, 1.0)]
)
def test_as_good_as_black_and_white(level: int, black: float, white: float) -> None:
    facts = measured(grey(level))

    assert (black, white) == (facts.under_exposure, facts.over_exposure)


def test_contrast_is_the_same_however_dark() -> None:
    """Unlike the range of brightness, so that dark skin has as much of it as light skin."""
    one = np.random.default_rng(1).integers(50, 200, (320, 320)).astype(np.uint8)

    assert pytest.approx(0.59, abs=0.02) == measured(one).contrast
    assert pytest.approx(0.59, abs=0.02) == measured((one * 0.3).astype(np.uint8)).contrast
    assert measured(one // 2 + 125).contrast < 0.25


def test_measured_on_the_face() -> None:
    """What is around it, and at the edge of its box, is not looked at, but for the brightest of it."""
    pixels = grey(250)
    pixels[96:224, 96:224] = 100
    facts = measured(pixels, MIDDLE)

    assert (Region.FACE, 100 / 255, 0.0) == (facts.region, facts.luminance_mean, facts.over_exposure)
    assert 250 / 255 == facts.picture_bright_end


def test_halves_of_a_face() -> None:
    even, lit, covered = grey(120), grey(120), grey(120)
    lit[:, 160:] = 60
    covered[:200, 180:] = 20

    assert (1.0, 1.0) == (
        measured(even, MIDDLE).illumination_uniformity,
        measured(even, MIDDLE).light_ratio,
    )
    assert (0.0, 0.5) == (measured(lit, MIDDLE).illumination_uniformity, measured(lit, MIDDLE).light_ratio)
    assert measured(covered, MIDDLE).light_ratio == 1.0
    assert measured(lit).light_ratio is None


def test_a_face_that_is_too_small_is_not_measured() -> None:
    pixels = grey(100)
    tiny, small = (replace(MIDDLE, w=size / 320, h=size / 320) for size in (20, 60))

    assert (Region.PICTURE, None) == (measured(pixels, tiny).region, measured(pixels, tiny).light_ratio)
    assert (Region.FACE, Region.PICTURE) == (measured(pixels, small).region, measured(pixels, small).edges_in)


def ramps(width: int) -> Gray:
    """Upright bars whose borders are so many pixels wide."""
    edge = np.interp(np.arange(48), [24 - width / 2, 24 + width / 2], [60, 190])
    return np.tile(np.concatenate([edge, edge[::-1]] * 4), (384, 1)).astype(np.uint8)


@pytest.mark.parametrize("width", [2, 4, 8])
def test_edge_width_of_a_face(width: int) -> None:
    found = measured(ramps(width), MIDDLE).edge_width_px

    assert found is not None
    assert pytest.approx(width, rel=0.5) == found


def test_sharp_surroundings_do_not_hide_a_blurred_face() -> None:
    pixels = np.vstack([ramps(1), grey(60, (120, 384))])
    pixels[104:400, 80:304] = np.vstack([ramps(8)] * 2)[104:400, 80:304]

    facts, whole = measured(pixels, MIDDLE), measured(pixels)

    assert facts.edge_width_px is not None
    assert whole.edge_width_px is not None
    assert facts.edge_width_px > 5 > 2 * whole.edge_width_px


@pytest.mark.parametrize("sigma", [0, 2, 8, 20])
def test_noise_beside_and_on_texture(sigma: int) -> None:
    """What edges there are changes little: the calmest tiles count."""
    pixels = (ramps(4) * 0.6 + 40).astype(np.uint8)
    pixels[:, :200] = 100
    noisy = (pixels + np.random.default_rng(2).normal(0, sigma, pixels.shape)).round()

    assert pytest.approx(sigma, rel=0.15, abs=0.1) == measured(noisy.clip(0, 255).astype(np.uint8)).noise


def test_black_and_white_have_no_noise_to_measure() -> None:
    assert (None, None, 0.0) == tuple(measured(grey(level)).noise for level in (5, 250, 128))


def test_blocks_are_found_from_any_corner() -> None:
    """A photo that was turned has its grid at the corner where the file began."""
    rng = np.random.default_rng(5)
    blocks = np.kron(rng.integers(40, 200, (38, 38)), np.ones((8, 8)))[:300, :300]
    pixels = (blocks + rng.integers(0, 3, blocks.shape)).astype(np.uint8)

    found = [measured(np.ascontiguousarray(np.rot90(pixels, turn))).blockiness for turn in range(4)]

    assert all(one is not None and one > 10 for one in found)
    assert (
        pytest.approx(1.0, abs=0.1) == measured(rng.integers(0, 255, (300, 300)).astype(np.uint8)).blockiness
    )
    assert measured(pixels, full_size=False).blockiness is None


def test_faint_blocks_in_a_calm_picture_are_none() -> None:
    """Rounding alone makes steps of half a level, and leaves some blocks flat."""
    calm = (portrait() * 0.1 + 115).round().astype(np.uint8)

    found = measured(coded(calm, 50)).blockiness

    assert found is not None
    assert found < POLICY.photo.blockiness_suspected.value


SHAPES = [(1, 1), (1, 5000), (5000, 1), (2, 2), (17, 17), (18, 18), (33, 47), (64, 64), (130, 70)]
PLACES = [None, MIDDLE, replace(MIDDLE, x=-0.2, y=0.9), replace(MIDDLE, x=1.0, y=1.0, w=0.0, h=0.0)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_shape_is_measured_and_judged(shape: tuple[int, int]) -> None:
    for level in (0, 128, 255):
        for face in PLACES:
            facts = measured(grey(level, shape), face)

            assert level / 255 == pytest.approx(facts.luminance_mean)
            assert codes(facts) <= {"IMG013", "IMG014", "IMG015"}


def test_the_same_every_time() -> None:
    one = noisy(15)(portrait())

    assert measured(one, SEATED) == measured(one.copy(), SEATED)


# ---- photos, good and faulty


@cache
def portrait(sitter: Sitter = SITTER, size: tuple[int, int] = SIZE, wall: int = 150) -> Gray:
    """The sitter with a little noise, as of a camera in good light."""
    shown = picture(replace(sitter, height=0.7), size=size, wall=np.full(size[::-1], wall, np.uint8))
    return noisy(1.5)(shown)


Fault = Callable[[Gray], Gray]


def noisy(sigma: float) -> Fault:
    def spoil(pixels: Gray) -> Gray:
        grain = np.random.default_rng(7).normal(0, sigma, pixels.shape)
        return (pixels + grain).round().clip(0, 255).astype(np.uint8)

    return spoil


def lit(gain: float, added: float = 0.0) -> Fault:
    return lambda pixels: (pixels * gain + added).round().clip(0, 255).astype(np.uint8)


def veiled(left: float) -> Fault:
    return lit(left, 220 * (1 - left))


def blurred(sigma: float) -> Fault:
    def spoil(pixels: Gray) -> Gray:
        soft = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma))
        return noisy(1.5)(np.asarray(soft))

    return spoil


def compressed(quality: int) -> Fault:
    return lambda pixels: coded(pixels, quality)


def side_lit(right: float) -> Fault:
    return lambda _: portrait(replace(SITTER, right_light=right))


def face_alone(change: Fault) -> Fault:
    """The face, its neck and the hair beside it, softly; the rest as it was."""

    def spoil(pixels: Gray) -> Gray:
        height, width = pixels.shape
        down, across = np.mgrid[:height, :width]
        far = np.hypot(
            (across / width - SEATED.centre[0]) / (0.62 * SEATED.w),
            (down / height - SEATED.centre[1]) / (0.8 * SEATED.h),
        )
        mask = 1 / (1 + np.exp(12 * (far - 1)))
        mixed: Gray = (pixels * (1 - mask) + change(pixels) * mask).astype(np.uint8)
        return mixed

    return spoil


def bearded(pixels: Gray) -> Gray:
    shown, (height, width) = pixels.copy(), pixels.shape
    below, half = round((SEATED.y + 0.65 * SEATED.h) * height), round(0.5 * SEATED.w * width)
    middle = round(SEATED.centre[0] * width)
    shown[below : below + half, middle - half : middle + half] //= 6
    return shown


def fringe(pixels: Gray) -> Gray:
    """Hair over the upper right of the face."""
    shown, (height, width) = pixels.copy(), pixels.shape
    shown[: round(SEATED.centre[1] * height), round(SEATED.centre[0] * width) :] = 25
    return shown


def on_wall(level: int, change: Fault = lit(1.0)) -> Fault:  # noqa: B008 (a constant)
    return lambda _: change(portrait(wall=level))


GOOD: Mapping[str, Fault] = {
    "as it is": lit(1.0),
    "JPEG of quality 75": compressed(75),
    "half its light": lit(0.5),
    "low key": on_wall(5, lit(0.75)),
    "high key": on_wall(255, lit(0.8, 40)),
    "black wall": on_wall(0),
    "white wall": on_wall(255),
    "dark skin": face_alone(lit(0.45)),
    "dark skin before a white wall": on_wall(255, face_alone(lit(0.3))),
    "very dark skin before a white wall": on_wall(255, face_alone(lit(0.2))),
    "very dark skin before a black wall": on_wall(0, face_alone(lit(0.2))),
    "pale": face_alone(lambda pixels: (255 * (pixels / 255) ** 0.5).astype(np.uint8)),
    "beard": bearded,
    "fringe": fringe,
    "film": lambda pixels: noisy(7)((255 / (1 + np.exp(3.5 - 7 * (pixels / 255)))).astype(np.uint8)),
    "lit a little from the left": side_lit(0.6),
    "a little soft": blurred(1.0),
}

LADDERS: Mapping[str, tuple[str, Fault, Fault, Fault]] = {
    "darkness": ("IMG013", lit(0.4), lit(0.25), lit(0.12)),
    "a face before a window": (
        "IMG013",
        on_wall(255, face_alone(lit(0.2))),
        on_wall(255, face_alone(lit(0.13))),
        on_wall(255, face_alone(lit(0.07))),
    ),
    "too much light": ("IMG014", lit(1.15), lit(1.3), lit(1.8)),
    "a veil": ("IMG015", veiled(0.5), veiled(0.3), veiled(0.15)),
    "blur": ("IMG016", blurred(1.5), blurred(3.0), blurred(6.0)),
    "blur of the face alone": (
        "IMG016",
        face_alone(blurred(1.0)),
        face_alone(blurred(3.0)),
        face_alone(blurred(6.0)),
    ),
    "noise": ("IMG017", noisy(8), noisy(16), noisy(35)),
    "compression": ("IMG018", compressed(15), compressed(5), compressed(1)),
    "light from one side": ("IMG019", side_lit(0.5), side_lit(0.35), side_lit(0.1)),
}
NOTCHES = [
    pytest.param(code, spoil, suspected, id=f"{name}-{notch}")
    for name, (code, *notches) in LADDERS.items()
    for spoil, suspected, notch in zip(
        notches, (None, True, False), ("fine", "suspected", "certain"), strict=True
    )
]


def findings(facts: PhotoFacts) -> dict[str, bool]:
    """The codes of the rules that speak, and whether they only suspect."""
    found: dict[str, bool] = {}
    for rule in RULES:
        try:
            for finding in rule.judge(facts, POLICY):
                assert isinstance(finding, Violation)
                found[rule.code] = finding.suspected
        except Unavailable:
            continue
    return found


def codes(facts: PhotoFacts) -> set[str]:
    return set(findings(facts))


@pytest.mark.parametrize("spoil", GOOD.values(), ids=GOOD)
def test_good_photos(spoil: Fault) -> None:
    """With the face and without, and every rule is assessed where it is known."""
    shown = spoil(portrait())

    assert {} == findings(measured(shown, SEATED))
    assert {} == findings(measured(shown))
    assert [] == [f for rule in RULES for f in rule.judge(measured(shown, SEATED), POLICY)]


@pytest.mark.parametrize(("code", "spoil", "suspected"), NOTCHES)
def test_ladder(code: str, spoil: Fault, suspected: bool | None) -> None:
    """A photo beyond a limit gives its own code and no other; before it, none."""
    expected = {} if suspected is None else {code: suspected}

    assert expected == findings(measured(spoil(portrait()), SEATED))


@pytest.mark.parametrize(("code", "spoil", "suspected"), NOTCHES)
def test_ladder_without_a_face(code: str, spoil: Fault, suspected: bool | None) -> None:
    """No other code where nobody knows where the face is either, though some faults are not seen."""
    assert findings(measured(spoil(portrait()))).keys() <= {code}


@pytest.mark.parametrize("size", [(512, 512), (768, 1024), (1080, 1080)], ids=str)
def test_other_sizes(size: tuple[int, int]) -> None:
    """The limits hold for photos that are smaller and larger."""
    shown = portrait(size=size)
    face = replace(SEATED, w=SEATED.h * size[1] / size[0], x=0.5 - SEATED.h * size[1] / size[0] / 2)

    assert {} == findings(measured(shown, face))
    assert {"IMG013": False} == findings(measured(lit(0.12)(shown), face))
    assert {"IMG014": False} == findings(measured(lit(1.8)(shown), face))
    assert {"IMG015": False} == findings(measured(veiled(0.15)(shown), face))
    assert {"IMG016": False} == findings(measured(blurred(6)(shown), face))
    assert {"IMG017": False} == findings(measured(noisy(35)(shown), face))
    assert {"IMG018"} == codes(measured(coded(shown, 3), face))


# ---- through the whole checker

CASES = {case.name: case for case in load_cases() if case.role == "training_image"}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_cases_have_none_of_these_faults(case: Case) -> None:
    report = preflight.check(preflight.Submission(**submission(case)))

    assert set() == {rule.code for rule in RULES} & {f.code for f in report.findings if f.assessed}


def spoken(photo: photos.Photo, path: Path) -> set[str]:
    """Which of these rules speak of a photo, by the whole checker."""
    report = preflight.check(preflight.Submission(train_image=str(photo.save(path)), voice_name="anna"))
    return {rule.code for rule in RULES} & {f.code for f in report.findings if f.assessed}


@pytest.mark.parametrize("photo", photos.GOOD.values(), ids=photos.GOOD)
def test_good_colour_photos(photo: photos.Photo, tmp_path: Path) -> None:
    assert set() == spoken(photo, tmp_path / "photo.jpg")


OURS = {name: fault for name, fault in photos.FAULTS.items() if fault[0] in {rule.code for rule in RULES}}


@pytest.mark.parametrize(("code", "photo"), OURS.values(), ids=OURS)
def test_faulty_colour_photos(code: str, photo: photos.Photo, tmp_path: Path) -> None:
    """However it is stored: the fault is in the pixels."""
    assert {code} == spoken(photo, tmp_path / "photo.jpg")
    assert {code} == spoken(photo, tmp_path / "photo.png")


def test_report_tells_what_was_measured() -> None:
    report = preflight.check(
        preflight.Submission(**submission(CASES["training_image/portrait-valid"])),
    )
    facts = report.assets[0].facts

    assert {"measured_on", "luminance_mean", "edge_width_px", "blockiness"} < set(facts)
    assert facts["luminance_mean"] == round(facts["luminance_mean"], 3)
