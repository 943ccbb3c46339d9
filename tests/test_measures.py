"""What is measured of frames, sound and times, on arrays and numbers that show one thing each."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from preflight.errors import Unavailable
from preflight.evidence.media import Packet, Timeline
from preflight.evidence.picture import Frame, PictureFacts, Viewing, detail_size, small_size
from preflight.evidence.sound import SAMPLE_RATE, Listening, SoundFacts, SpeechFacts, joined
from preflight.policy import load_policy
from preflight.rules.cuts import cuts_in

Gray = NDArray[np.uint8]
SIZE = (320, 180)
POLICY = load_policy("tavus-replica-phoenix-4")


def scene(seed: int = 1) -> Gray:
    """Blocks of many greys: a scene in which everything can be told."""
    rng = np.random.default_rng(seed)
    return np.kron(rng.integers(40, 200, (9, 16)), np.ones((20, 20))).astype(np.uint8)


def seen(*frames: Gray, details: tuple[Gray, ...] = ()) -> PictureFacts:
    larger = details[0].shape[::-1] if details else SIZE
    viewing = Viewing(SIZE, (larger[0], larger[1]), full_size=True, frames_a_second=2)
    for frame in frames:
        viewing.take(frame.tobytes())
    for detail in details:
        viewing.take_detail(detail.tobytes())
    times = [0.04 * at for at in range(len(frames))]
    return viewing.facts(times, end_s=0.04 * len(frames))


def last(*frames: Gray) -> Frame:
    return seen(*frames).frames[-1]


# ---- pictures


def test_likeness_is_that_of_patterns() -> None:
    """The same scene is alike however it is lit; another one is not, and its negative is the opposite."""
    one, other = scene(1), scene(2)

    assert pytest.approx(1.0, abs=0.01) == last(one, (one * 0.5).astype(np.uint8)).likeness
    assert pytest.approx(0.0, abs=0.3) == last(one, other).likeness
    assert pytest.approx(-1.0, abs=0.01) == last(one, 255 - one).likeness
    assert last(one, np.full_like(one, 90)).likeness is None


def test_gain_is_beside_the_first_frame_that_is_not_black() -> None:
    one = scene()
    brighter = (one * 1.2).astype(np.uint8)

    assert pytest.approx(1.2, abs=0.01) == last(np.zeros_like(one), one, brighter).gain
    assert last(one, scene(2)).gain is None
    assert (1.0, (0.0, 0.0)) == (last(one).gain, last(one).shift)


def test_gain_is_not_changed_by_what_moves() -> None:
    """A border of the picture goes black, the rest is as it was."""
    one = scene()
    hidden = one.copy()
    hidden[:, :20] = 0

    assert pytest.approx(1.0, abs=0.01) == last(one, hidden).gain


def test_changed_counts_pixels_that_differ_at_all() -> None:
    one = scene()
    half = one.copy()
    half[:, :160] += 1

    assert 0.0 == last(one, one).changed
    assert 0.5 == last(one, half).changed
    assert last(one).changed is None


def test_held_looks_through_an_encoder_and_not_through_movement() -> None:
    """Five levels anywhere are an encoder's; one pixel a frame adds up."""
    one = scene()
    coarse = (one + 5 * (np.arange(one.size).reshape(one.shape) % 2)).astype(np.uint8)
    drifting = [np.clip(one.astype(int) + 2 * step, 0, 255).astype(np.uint8) for step in range(6)]

    assert [0, 1, 2, 3] == [frame.held for frame in seen(one, coarse, one, coarse).frames]
    assert [0, 1, 2, 3, 0, 1] == [frame.held for frame in seen(*drifting).frames]
    assert [0, 0] == [frame.held for frame in seen(one, np.roll(one, 4, axis=1)).frames]


@pytest.mark.parametrize(("across", "down"), [(0, 0), (16, 0), (0, -12), (-32, 8)])
def test_shift_is_that_of_the_whole_picture(across: int, down: int) -> None:
    rng = np.random.default_rng(3)
    large = np.kron(rng.integers(40, 200, (30, 50)), np.ones((8, 8))).astype(np.uint8)
    before, after = (large[y : y + 180, x : x + 320] for y, x in ((30, 40), (30 - down, 40 - across)))

    shift = last(before, after).shift

    assert shift is not None
    assert pytest.approx((across / 320, down / 180), abs=0.01) == shift


def test_brightness() -> None:
    grey = np.full((180, 320), 51, np.uint8)
    window = grey.copy()
    window[:, :160] = 255

    assert pytest.approx((0.2, 0.2, 0.0, 0.0)) == brightness(last(grey))
    assert pytest.approx((0.6, 1.0, 0.0, 0.5)) == brightness(last(window))
    assert pytest.approx((0.0, 0.0, 1.0, 0.0)) == brightness(last(grey * 0))


def brightness(frame: Frame) -> tuple[float, ...]:
    return frame.luma, frame.bright_end, frame.dark, frame.bright


def ramps(width: int) -> Gray:
    """Stripes whose borders are so many pixels wide."""
    edge = np.interp(np.arange(60), [30 - width / 2, 30 + width / 2], [60, 190])
    row = np.concatenate([edge, edge[::-1]] * 4)
    return np.vstack([np.tile(row, (240, 1)), np.full((120, 480), 60)]).astype(np.uint8)


@pytest.mark.parametrize("width", [2, 4, 8, 12])
def test_edge_width(width: int) -> None:
    found = seen(scene(), details=(ramps(width),)).edge_width_px

    assert found is not None
    assert pytest.approx(width, rel=0.35) == found


def test_no_edges_no_width() -> None:
    assert seen(scene(), details=(np.full((240, 480), 120, np.uint8),)).edge_width_px is None
    assert seen(scene(), details=(np.zeros((40, 480), np.uint8),)).edge_width_px is None


def test_blockiness() -> None:
    """Noise has no blocks; a picture that is flat within 8 x 8 is nothing but blocks."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 255, (240, 480)).astype(np.uint8)
    blocks = (noise // 40 + np.kron(rng.integers(0, 200, (30, 60)), np.ones((8, 8)))).astype(np.uint8)

    smooth, coarse = (seen(scene(), details=(one,)).blockiness for one in (noise, blocks))

    assert pytest.approx(1.0, abs=0.1) == smooth
    assert coarse is not None
    assert coarse > 10


def test_stretches_and_jumps() -> None:
    """A run ends at the frame after it; a jump stands alone, a movement does not."""
    alone = PictureFacts(
        tuple(Frame(float(at), 0.5, likeness=0.9 if at == 4 else 0.999) for at in range(9)), True
    )
    moving = PictureFacts(tuple(Frame(float(at), 0.5, likeness=0.9) for at in range(9)), True)

    assert [(2.0, 4.0), (8.0, 9.0)] == list(alone.stretches([at in (2, 3, 8) for at in range(9)]))
    assert [(3.0, 4.0)] == [cut.between for cut in cuts_in(alone, POLICY)]
    assert [] == cuts_in(moving, POLICY)


@pytest.mark.parametrize(
    ("size", "small", "detail"),
    [
        ((1920, 1080), (320, 180), (1920, 1080)),
        ((1080, 1920), (180, 320), (1080, 1920)),
        ((3840, 2160), (320, 180), (1920, 1080)),
        ((10_000, 10), (320, 20), (2160, 2)),
        ((0, 0), (20, 20), (2, 2)),
    ],
)
def test_sizes(size: tuple[int, int], small: tuple[int, int], detail: tuple[int, int]) -> None:
    assert (small, detail) == (small_size(*size), detail_size(*size))


# ---- times


def timeline(*times: float) -> Timeline:
    return Timeline.of([Packet(time, 0.04, at % 25 == 0) for at, time in enumerate(times)])


def even(count: int, step: float = 0.04) -> list[float]:
    return [step * at for at in range(count)]


def test_even_times() -> None:
    found = timeline(*even(100))

    assert (0.0, None) == (found.uneven_s, found.uneven_at_s)
    assert (25, 4) == (found.mean_frame_rate, found.key_packets)


@pytest.mark.parametrize(("late", "uneven"), [(0.009, 0.0), (0.011, 0.08)])
def test_a_quarter_off_is_uneven(late: float, uneven: float) -> None:
    """One frame that is late makes one interval long and the next one short."""
    times = even(100)
    times[50] += late

    assert pytest.approx(uneven) == timeline(*times).uneven_s


@pytest.mark.parametrize(("gap", "uneven"), [(0.49, 0.49), (0.51, 0.0)])
def test_gaps_are_apart_from_what_is_uneven(gap: float, uneven: float) -> None:
    times = [time + (gap - 0.04 if at > 50 else 0.0) for at, time in enumerate(even(100))]
    found = timeline(*times)

    assert pytest.approx(uneven) == found.uneven_s
    assert pytest.approx((gap, 2.0)) == (found.longest_gap_s, found.longest_gap_at_s)


def test_longest_uneven_run() -> None:
    times = [0.04 * at for at in range(100) if not (20 < at < 40 and at % 2)]

    found = timeline(*times)

    assert pytest.approx((0.8, 1.6)) == found.uneven_at_s
    assert pytest.approx(0.8) == found.uneven_s


def test_too_little_to_tell() -> None:
    assert (None, None, 0.0) == (
        timeline(1.0).mean_frame_rate,
        timeline(1.0).longest_gap_s,
        timeline(0, 1, 5).uneven_s,
    )
    with pytest.raises(Unavailable, match="holds no packets"):
        timeline()


# ---- sound


def heard(*regions: tuple[float, float], seconds: float = 10.0) -> SpeechFacts:
    return SpeechFacts(regions, seconds, (-60.0,) * round(100 * seconds))


def test_parts_are_joined_at_their_seams() -> None:
    """Speech that goes on over a seam is one region; speech that begins a while later is another."""
    on = joined([heard((1.0, 10.0)), heard((0.3, 4.0)), heard((0.36, 1.0))])

    assert (30.0, ((1.0, 14.0), (20.36, 21.0)), 3000) == (on.duration_s, on.regions, len(on.levels))
    assert 9.0 == on.speech_between(5.0, 14.5)
    assert (0.0, (), 0.0) == (joined([]).duration_s, joined([]).regions, joined([]).speech_end_s)


def test_longest_pause_comes_after_speech() -> None:
    """What is silent before the first word is none."""
    assert (24.0, 30.0) == SoundFacts(30.0, ((9.0, 12.0), (15.0, 24.0))).longest_pause()
    assert (12.0, 20.0) == SoundFacts(30.0, ((9.0, 12.0), (20.0, 24.0))).longest_pause()
    assert (0.0, 30.0) == SoundFacts(30.0, ()).longest_pause()


def levels(*runs: tuple[float, int]) -> SoundFacts:
    steps = tuple(itertools.chain.from_iterable([level] * count for level, count in runs))
    return SoundFacts(len(steps) / 100, (), steps)


@pytest.mark.parametrize(
    ("runs", "found"),
    [
        ([(-60, 100), (-100, 30), (-60, 100)], [(1.0, 1.3)]),
        ([(-60, 100), (-100, 29), (-60, 100)], []),
        ([(-60, 100), (-89, 50), (-60, 100)], []),
        ([(-100, 50), (-60, 100)], []),
        ([(-60, 100), (-100, 50)], []),
    ],
    ids=["long enough", "a step shorter", "as quiet as a room may be", "at the start", "at the end"],
)
def test_dropouts(runs: list[tuple[float, int]], found: list[Any]) -> None:
    dropouts = list(levels(*runs).dropouts(below_dbfs=-90, least_s=0.3))

    assert found == [pytest.approx(dropout) for dropout in dropouts]


def test_listening_keeps_the_opening_and_hears_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks, however the bytes come; nothing is lost and nothing is heard twice."""
    lengths: list[int] = []

    def detect(opening: Any) -> SpeechFacts:
        lengths.append(len(opening.samples))
        return SpeechFacts((), opening.heard_s)

    monkeypatch.setattr("preflight.evidence.sound.detect_speech", detect)
    pcm = bytes(2 * SAMPLE_RATE)
    listening = Listening(2.5)
    for _ in range(35):
        listening.take(pcm[:999])
        listening.take(pcm[999:])

    rest = listening.rest()
    assert (2.5, True) == (listening.opening().heard_s, bool(rest))
    assert [30 * SAMPLE_RATE, round(2.5 * SAMPLE_RATE)] == lengths
    assert 35.0 == listening.opening().heard_s + sum(part.heard_s for part in rest)
    assert rest == listening.rest()
