"""What is planned for which faults: nothing is cut, made up or decided for the person who recorded."""

from __future__ import annotations

import shlex
from dataclasses import replace
from fractions import Fraction

import pytest

from preflight.evidence.media import PacketFacts
from preflight.mend import Mend
from preflight.mend.video import VideoMending, plan
from preflight.policy import load_policy
from preflight.rule import all_rules
from preflight.rules.examples import media, packets, sound, video

POLICY = load_policy("tavus-replica-phoenix-4")
GOOD = media(video(matrix="bt709"))


def timed(rate: float, slowest: int) -> PacketFacts:
    facts = packets(rate)
    assert facts.video is not None
    return replace(facts, video=replace(facts.video, slowest_frame_rate=slowest))


def planned(*mends: Mend, facts: object = GOOD, times: PacketFacts | None = None) -> VideoMending | None:
    faults = {f"VID9{at:02d}": mend for at, mend in enumerate(mends)}
    return plan(faults, facts, times, POLICY)  # type: ignore[arg-type]


def options(mending: VideoMending | None) -> dict[str, str]:
    assert mending is not None
    names, values = mending.arguments[::2], mending.arguments[1::2]
    return {name: value for name, value in zip(names, values, strict=True) if name != "-map"}


@pytest.mark.parametrize("mend", [Mend.REMUX, Mend.FASTSTART, Mend.FIRST_TRACKS])
def test_what_needs_no_encoding_is_copied(mend: Mend) -> None:
    """Picture and sound alike."""
    found = options(planned(mend))

    assert ("copy", "copy") == (found["-c:v"], found["-c:a"])
    assert "-vf" not in found


@pytest.mark.parametrize(
    "mend", [m for m in Mend if m not in (Mend.EDIT_LIST, Mend.TRANSCODE_AUDIO, Mend.CLEAN_COPY)]
)
def test_the_sound_is_copied_whatever_the_picture_needs(mend: Mend) -> None:
    """The consent is in it."""
    facts = media(video(transfer="smpte2084", sample_aspect_ratio=Fraction(4, 3)))
    mending = planned(mend, Mend.REMUX, facts=facts, times=timed(60, 60))

    assert mend is Mend.LEAVE_ALONE or "copy" == options(mending)["-c:a"]


def test_what_no_mp4_file_holds_is_converted() -> None:
    """PCM sound of a QuickTime movie, whether or not a rule asks for it."""
    mending = planned(Mend.REMUX, facts=media(video(), audio=(sound("pcm_s16le"),)))

    assert "aac" == options(mending)["-c:a"]
    assert mending is not None
    assert any("pcm_s16le to AAC" in step for step in mending.steps)


def test_filters_come_in_the_order_of_what_they_work_on() -> None:
    """Fields, light, size, rate."""
    facts = media(
        video(1440, 1080, transfer="arib-std-b67", field_order="tt", sample_aspect_ratio=Fraction(4, 3))
    )
    mends = (Mend.CONSTANT_RATE, Mend.SQUARE_PIXELS, Mend.TONE_MAP, Mend.DEINTERLACE)

    filters = options(planned(*mends, facts=facts, times=timed(29.97, 29)))["-vf"].split(",")

    assert ["bwdif=mode=send_frame", "scale=1920:1080", "setsar=1", "fps=30000/1001"] == [
        filters[0],
        *filters[-3:],
    ]
    assert filters[1].startswith("zscale=transferin=arib-std-b67:")


@pytest.mark.parametrize(
    ("rate", "slowest", "expected"),
    [
        (60, 60, "fps=30"),
        (59.94, 59, "fps=30000/1001"),
        (59.9, 52, "fps=30000/1001"),
        (50, 50, "fps=25"),
        (120, 119, "fps=30"),
        (100, 99, "fps=25"),
        (29.6, 27, "fps=30000/1001"),
        (30.02, 29, "fps=30"),
        (25, 24, "fps=25"),
        (28.2, 26, "fps=30000/1001"),
        (24.96, 24, "fps=25"),
    ],
)
def test_rate(rate: float, slowest: int, expected: str) -> None:
    """The usual rate that leaves out whole frames, or the nearest one."""
    assert expected == options(planned(Mend.HALVE_RATE, times=timed(rate, slowest)))["-vf"]


@pytest.mark.parametrize(
    ("rate", "slowest"), [(24, 24), (20, 20), (30, 20), (28, 12), (60, 15), (48, 48), (35, 30), (15, 15)]
)
def test_no_frames_are_made_up(rate: float, slowest: int) -> None:
    """A rate that is too low in any second, or fits no usual one, is left to a new recording."""
    assert planned(Mend.CONSTANT_RATE, times=timed(rate, slowest)) is None


def test_without_times_there_is_no_rate() -> None:
    """What was not measured is not mended."""
    assert planned(Mend.CONSTANT_RATE, times=None) is None
    assert planned(Mend.CONSTANT_RATE, times=packets(30)) is None


def test_every_frame_keeps_its_time_unless_the_rate_is_mended() -> None:
    """Left to itself, ffmpeg repeats and drops frames."""
    assert "passthrough" == options(planned(Mend.TRANSCODE_VIDEO))["-fps_mode"]
    assert "-fps_mode" not in options(planned(Mend.HALVE_RATE, times=timed(60, 60)))


@pytest.mark.parametrize(
    ("matrix", "mend", "tagged"),
    [
        (None, Mend.TRANSCODE_VIDEO, True),
        ("smpte170m", Mend.TRANSCODE_VIDEO, False),
        ("bt2020nc", Mend.TONE_MAP, True),
    ],
)
def test_colours_are_called_what_they_are(matrix: str | None, mend: Mend, tagged: bool) -> None:
    """BT.709 where that was made of them, or where nothing was said; else what the file says."""
    assert tagged == ("-colorspace" in options(planned(mend, facts=media(video(matrix=matrix)))))


def test_odd_sizes_are_made_even() -> None:
    """4:2:0 has no others."""
    mending = planned(Mend.PIXEL_FORMAT, facts=media(video(1921, 1081, pixel_format="yuv444p")))

    assert "crop=trunc(iw/2)*2:trunc(ih/2)*2" == options(mending)["-vf"]


@pytest.mark.parametrize("aspect", [None, Fraction(100, 1), Fraction(1, 100)])
def test_absurd_pixels_are_left(aspect: Fraction | None) -> None:
    """A header can ask for a picture of any width."""
    assert planned(Mend.SQUARE_PIXELS, facts=media(video(sample_aspect_ratio=aspect))) is None


@pytest.mark.parametrize("facts", [video(rotation=45), video(rotation=90, field_order="tt")])
def test_what_ffmpeg_would_turn_wrongly_is_left(facts: object) -> None:
    """Slanted pictures; fields that would be turned before they are woven together. Copying still works."""
    both = planned(Mend.TRANSCODE_VIDEO, Mend.FASTSTART, facts=media(facts))  # type: ignore[arg-type]

    assert both is not None
    assert ("VID901",) == both.mends
    assert "copy" == options(both)["-c:v"]


def test_a_turned_picture_is_said_to_be_turned() -> None:
    """Encoding makes the turn for good, asked for or not; copying keeps it as it is."""
    facts = media(video(rotation=-90))
    encoded, copied = planned(Mend.TRANSCODE_VIDEO, facts=facts), planned(Mend.REMUX, facts=facts)
    assert encoded is not None
    assert copied is not None

    assert any("upright" in step for step in encoded.steps)
    assert not any("upright" in step for step in copied.steps)


def test_damage_and_choices_are_left_alone() -> None:
    """Whatever else could be mended."""
    assert planned(Mend.REMUX, Mend.LEAVE_ALONE) is None
    assert {"MED005", "VID008", "AUD004"} <= {r.code for r in all_rules() if r.mends is Mend.LEAVE_ALONE}
    assert planned(Mend.REMUX, facts=media()) is None
    assert planned() is None


@pytest.mark.parametrize(
    ("name", "read", "written"),
    [
        ("clip.mov", "clip.mov", "clip.fixed.mp4"),
        ("-x y'z.mov", "./-x y'z.mov", "./-x y'z.fixed.mp4"),
        ("http:x.mp4", "./http:x.mp4", "./http:x.fixed.mp4"),
        ("/a/-b c.mov", "/a/-b c.mov", "/a/-b c.fixed.mp4"),
        ("a/$(b).mov", "a/$(b).mov", "a/$(b).fixed.mp4"),
        ("clip", "clip", "clip.fixed.mp4"),
    ],
)
def test_commands_name_files_that_a_shell_and_ffmpeg_take_for_files(
    name: str, read: str, written: str
) -> None:
    """Whatever they are called."""
    mending = planned(Mend.REMUX)
    assert mending is not None
    words = shlex.split(mending.command(name))

    assert (["ffmpeg", "-n", "-protocol_whitelist", "file", "-i", read], written) == (words[:6], words[-1])
    assert ["preflight", "fix", read, "--output", written] == shlex.split(
        mending.own_command(name, consent_clip=False)
    )
    assert "--consent-clip" in mending.own_command(name, consent_clip=True)


def test_place_and_time_of_the_recording_stay_at_home() -> None:
    """Phones write both into the file."""
    found = options(planned(Mend.REMUX))

    assert ("-1", "-1") == (found["-map_metadata"], found["-map_chapters"])
