"""What ffprobe's words mean: geometry, rates, tracks, timelines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from preflight.errors import Unavailable
from preflight.evidence.media import MediaFacts, Packet, PacketFacts, Timeline


def document(**stream: Any) -> dict[str, Any]:
    video = {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080}
    return {"streams": [video | stream], "format": {"duration": "66.000000"}}


def shown(**stream: Any) -> tuple[int, int]:
    track = MediaFacts.from_ffprobe(document(**stream)).first_video
    return track.width, track.height


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ({}, (1920, 1080)),
        ({"side_data_list": [{"side_data_type": "Display Matrix", "rotation": -90}]}, (1080, 1920)),
        ({"side_data_list": [{"side_data_type": "Display Matrix", "rotation": 180}]}, (1920, 1080)),
        ({"side_data_list": [{"side_data_type": "Display Matrix", "rotation": 270}]}, (1080, 1920)),
        ({"tags": {"rotate": "90"}}, (1080, 1920)),
        ({"width": 1440, "sample_aspect_ratio": "4:3"}, (1920, 1080)),
        ({"sample_aspect_ratio": "0:1"}, (1920, 1080)),
        ({"sample_aspect_ratio": "N/A"}, (1920, 1080)),
        (
            {"width": 720, "height": 576, "sample_aspect_ratio": "64:45", "tags": {"rotate": "90"}},
            (576, 1024),
        ),
    ],
)
def test_shown_size(stream: dict[str, Any], expected: tuple[int, int]) -> None:
    """The size that counts is the one a viewer sees: pixel aspect first, then rotation."""
    assert expected == shown(**stream)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30000/1001", Fraction(30000, 1001)),
        ("25/1", Fraction(25)),
        ("0/0", None),
        ("N/A", None),
        (None, None),
    ],
)
def test_declared_frame_rate_is_exact(text: str | None, expected: Fraction | None) -> None:
    """29.97 is a fraction; a rate the file does not say is None."""
    assert expected == MediaFacts.from_ffprobe(document(avg_frame_rate=text)).first_video.average_frame_rate


def test_attached_picture_is_no_video() -> None:
    """Cover art is counted apart, so that a sound file has no video track."""
    facts = MediaFacts.from_ffprobe(document(disposition={"attached_pic": 1}))

    assert ((), 1) == (facts.video, facts.attached_pictures)
    with pytest.raises(Unavailable, match="no video track"):
        _ = facts.first_video


def test_unreadable_file_says_why() -> None:
    """Where ffprobe found nothing, its first line is the reason."""
    with pytest.raises(Unavailable, match="moov atom not found"):
        MediaFacts.from_ffprobe({"error": "[mov] moov atom not found\nInvalid data"})


@pytest.mark.parametrize("duration", ["nan", "inf", "1e300", "N/A", None])
def test_absurd_duration_is_unknown(duration: str | None) -> None:
    """A number that cannot be is no number."""
    facts = MediaFacts.from_ffprobe({"streams": document()["streams"], "format": {"duration": duration}})

    assert facts.duration_s is None


def rows(count: int, rate: float, *, index: str = "0") -> list[list[str]]:
    return [
        [index, f"{n / rate:.6f}", "N/A", f"{1 / rate:.6f}", "K_" if n % 10 == 0 else "__"]
        for n in range(count)
    ]


def test_frame_rate_is_measured_from_the_packets() -> None:
    """The header says 30; the frames arrive at 24."""
    media = MediaFacts.from_ffprobe(document(avg_frame_rate="30/1"))

    video = PacketFacts.from_ffprobe(rows(241, 24.0), media).video

    assert video is not None
    assert video.mean_frame_rate == pytest.approx(24.0, abs=1e-3)
    assert (241, 25) == (video.packets, video.key_packets)
    assert video.end_s == pytest.approx(241 / 24)


def test_reordered_packets_are_measured_in_the_order_they_are_shown() -> None:
    """B-frames arrive out of order; the rate is that of the times, sorted."""
    shuffled = [rows(100, 25.0)[n] for n in sorted(range(100), key=lambda n: (n // 4, -n))]

    video = PacketFacts.from_ffprobe(shuffled, MediaFacts.from_ffprobe(document())).video

    assert video is not None
    assert video.mean_frame_rate == pytest.approx(25.0, abs=1e-3)
    assert video.longest_gap_s == pytest.approx(0.04)


def test_discarded_and_timeless_packets_do_not_count() -> None:
    """Packets outside the edit list are not shown, and a packet without a time has no place."""
    table = [
        *rows(10, 25.0),
        ["0", "9.0", "9.0", "0.04", "_D"],
        ["0", "N/A", "N/A", "0.04", "__"],
        ["", "x"],
    ]

    video = PacketFacts.from_ffprobe(table, MediaFacts.from_ffprobe(document())).video

    assert video is not None
    assert 10 == video.packets


def test_single_frame_has_no_rate() -> None:
    """One frame spans no time."""
    assert Timeline.of([Packet(0.0, 0.04, True)]).mean_frame_rate is None


def test_track_without_packets_is_unavailable() -> None:
    """A promised track that holds nothing is no evidence."""
    with pytest.raises(Unavailable, match="holds no packets"):
        PacketFacts.from_ffprobe([], MediaFacts.from_ffprobe(document()))
