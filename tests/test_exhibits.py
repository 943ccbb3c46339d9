"""What can be shown of a file: bounded however long it is, of evidence that is there, and nothing unasked."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

import preflight
from preflight import Options, Submission
from preflight.consent import match_consent
from preflight.errors import UsageError
from preflight.evidence.decode import Viewed
from preflight.evidence.exhibits import exhibited
from preflight.evidence.gather import Evidence
from preflight.evidence.image import LoadedImage
from preflight.evidence.picture import Detail, Details
from preflight.evidence.sound import SoundFacts, SpeechFacts
from preflight.exhibit import Exhibit
from preflight.rules.consent_words import STATEMENT
from preflight.submission import Role

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@dataclass
class Gathered:
    """Stands for an asset of which this is known."""

    known: dict[type, Any] = field(default_factory=dict)
    role: Role = Role.TRAINING_VIDEO

    def gathered(self, kind: type) -> Any:
        return self.known.get(kind)


def exhibit(known: dict[type, Any], *, pictures: bool = False) -> Exhibit:
    (shown,) = exhibited([cast(Evidence, Gathered(known))], pictures=pictures).assets
    return shown


def noise(width: int, height: int) -> Any:
    return np.random.default_rng(1).integers(0, 256, (height, width), np.uint8)


def viewed(*pixels: Any) -> Viewed:
    details = Details(tuple(Detail(float(at), frame) for at, frame in enumerate(pixels)))
    return Viewed(cast(Any, None), details, ())


def test_curves_are_those_of_the_levels() -> None:
    """The lowest and the highest of each step, and the mean power of longer ones."""
    shown = exhibit({SoundFacts: SoundFacts(4.0, ((1.0, 2.0),), (-20.0, -60.0) * 200)}).sound

    assert shown is not None
    assert (0.0, 4.0) == (shown.start_s, shown.end_s)
    assert (400, {-20.0, -60.0}) == (len(shown.loud), set(shown.loud))
    assert (10, {-23.0}) == (len(shown.level), set(shown.level))
    assert ((1.0, 2.0),) == shown.regions


def test_four_hours_take_no_more_than_a_minute() -> None:
    """A thousand steps at most, and regions that are a step apart."""
    regions = tuple((float(at), at + 0.5) for at in range(14_400))

    shown = exhibit({SoundFacts: SoundFacts(14_400.0, regions, (-30.0,) * 1_440_000)}).sound

    assert shown is not None
    assert max(len(shown.loud), len(shown.quiet), len(shown.level)) <= 1000
    assert len(shown.regions) <= 1000
    assert (0.0, 14_399.5) == (shown.regions[0][0], shown.regions[-1][1])


def test_the_opening_is_shown_where_the_rest_was_not_heard() -> None:
    """With --depth quick the sound after it is not decoded."""
    shown = exhibit({SpeechFacts: SpeechFacts((), 57.5, (-30.0,) * 5750)}).sound

    assert shown is not None
    assert 57.5 == shown.end_s


def test_the_statement_is_shown_in_finer_steps() -> None:
    """A minute into half an hour, steps of two seconds would hide every word."""
    match = match_consent(STATEMENT)
    placed = type(match)(**{**_fields(match), "start_s": 60.0, "end_s": 75.0})

    shown = exhibit(
        {
            SoundFacts: SoundFacts(1800.0, ((58.0, 90.0),), (-30.0,) * 180_000),
            preflight.ConsentMatch: placed,
        }
    ).statement

    assert shown is not None
    assert (59.5, 75.5) == (shown.start_s, shown.end_s)
    assert shown.step_s < 0.05
    assert ((59.5, 75.5),) == shown.regions


def _fields(match: Any) -> dict[str, Any]:
    return {name: getattr(match, name) for name in match.__dataclass_fields__}


def test_silence_and_nothing_have_no_curve() -> None:
    """Where nothing was heard nothing is drawn."""
    assert exhibit({}) == exhibit({SoundFacts: SoundFacts(0.0, (), ())})


def test_pictures_only_when_asked_for() -> None:
    """They are the person's media; curves are measurements."""
    known = {Viewed: viewed(noise(64, 48))}

    assert () == exhibit(known).pictures
    assert 1 == len(exhibit(known, pictures=True).pictures)


def test_pictures_are_small_grey_and_bare() -> None:
    """320 pixels at most, never enlarged, without metadata."""
    large, small = exhibit({Viewed: viewed(noise(1920, 1080), noise(64, 48))}, pictures=True).pictures

    assert [(320, 180, 0.0), (64, 48, 1.0)] == [(p.width, p.height, p.time_s) for p in (large, small)]
    with Image.open(io.BytesIO(large.jpeg)) as picture:
        assert ("JPEG", "L", (320, 180)) == (picture.format, picture.mode, picture.size)
        assert not picture.getexif()


def test_pictures_have_a_size_together() -> None:
    """Frames of noise, of which no encoder makes little."""
    shown = exhibit({Viewed: viewed(*[noise(320, 320)] * 40)}, pictures=True).pictures

    assert len(shown) <= 24
    assert sum(len(picture.jpeg) for picture in shown) <= 600_000


def test_a_photo_is_shown_itself() -> None:
    """In grey and small as well."""
    loaded = LoadedImage(cast(Any, None), noise(800, 1000))

    (shown,) = exhibit({LoadedImage: loaded}, pictures=True).pictures

    assert (None, 256, 320) == (shown.time_s, shown.width, shown.height)


def test_nothing_is_kept_unasked(tmp_path: Path) -> None:
    """A library that makes thousands of reports keeps no curves of them."""
    (tmp_path / "x.mp4").write_text("words\n")
    submission = Submission(train_video=tmp_path / "x.mp4")

    assert preflight.check(submission).exhibits is None
    assert preflight.check(submission, Options(shown="curves")).exhibits is not None
    with pytest.raises(UsageError, match="shown 'all' is unknown; known: nothing, curves, pictures"):
        preflight.check(submission, Options(shown="all"))


@pytest.mark.media
def test_a_check_hands_out_what_it_looked_at(recogniser_folder: Path) -> None:
    """Curves and pictures of a clip, of one decode."""
    submission = Submission(train_video=FIXTURES / "training_video" / "silence-error" / "clip.mp4")

    report = preflight.check(submission, Options(asr_model=recogniser_folder, shown="pictures"))

    assert report.exhibits is not None
    shown = report.exhibits.of(Role.TRAINING_VIDEO)
    assert shown is not None
    assert shown.sound is not None
    assert {-100.0} == set(shown.sound.loud)
    assert 6 <= len(shown.pictures) <= 12
    assert "exhibits" not in report.to_dict()
    assert "exhibits=" not in repr(report)
