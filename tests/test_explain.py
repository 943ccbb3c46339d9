"""What is said of a training that failed, and of one that goes on."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from preflight.rule import find_rule
from preflight.text import printable
from preflight.vendor import vendor_errors
from submit.explain import Explanation, explained, explained_text
from submit.progress import LONGEST_S, STANDSTILL_S, USUAL_S, fraction, progress_text

WIDTH, LINES = 80, 8
MESSAGES = [(key, message) for key, error in vendor_errors().items() for message in error.messages]
ONE_BY_ONE = pytest.mark.parametrize(
    ("key", "message"), MESSAGES, ids=[f"{number}-{key}" for number, (key, _) in enumerate(MESSAGES)]
)
HOUR = 3_600


def codes(explanation: Explanation) -> list[str]:
    return [rule.code for error in explanation.errors for rule in error.rules]


def test_all_published_errors_are_tried() -> None:
    """38 errors; one of them has two texts."""
    assert (38, 39) == (len(vendor_errors()), len(MESSAGES))


@ONE_BY_ONE
def test_a_published_message_is_explained(key: str, message: str) -> None:
    """By its error alone, however it is spaced, spelt and surrounded; by every rule that prevents it, or why
    none does."""
    error = vendor_errors()[key]
    found = explained(message)
    again = explained(f"training failed:\n  {'   '.join(message.split()).upper()} (job 17)")

    assert [error] == [each.error for each in found.errors] == [each.error for each in again.errors]
    rules = [find_rule(code) for code in codes(found)]
    assert all(rule is not None and key in rule.prevents for rule in rules)
    assert bool(rules) is error.is_predicted is (error.why_not is None)


@ONE_BY_ONE
def test_its_text_fits_a_terminal(key: str, message: str) -> None:
    """Eight lines of 80 columns: the type, the surest rule with what to do, the others or how to see them."""
    error, text = vendor_errors()[key], explained_text(explained(message))
    lines = text.splitlines()

    assert len(lines) <= LINES
    assert all(len(line) <= WIDTH and line == line.rstrip() for line in lines)
    assert lines[0].startswith(f"Published error {error.type}")
    words = " ".join(text.split())
    if error.why_not is not None:
        assert error.why_not in words
        return
    first, *others = explained(message).errors[0].rules
    assert f"{first.code} {first.name}" in words
    assert first.remedy in words
    unseen = [rule for rule in others if rule.remedy not in words]
    assert not unseen or f"preflight explain {error.type}" in words
    assert all(rule.code in words for rule in unseen) or f"and {len(unseen)} more" in words
    assert "refund" in lines[-1]


@ONE_BY_ONE
def test_its_json_says_all(key: str, message: str) -> None:
    """Each rule with what it says to do."""
    document = json.loads(json.dumps(explained(message).to_dict()))

    (error,) = document["errors"]
    assert " ".join(message.split()) == " ".join(document["message"].split())
    assert vendor_errors()[key].type == error["type"]
    assert vendor_errors()[key].predicted == error["predicted"]
    assert all(rule["remedy"].endswith(".") and rule["code"] for rule in error["rules"])


def test_both_frame_rates_are_one_error() -> None:
    """The documentation says 25, a rejection of 2026 said 23."""
    texts = [message for key, message in MESSAGES if key == "video_fps"]
    stripped = [text.rstrip(".") for text in texts]

    assert ["25fps", "23fps"] == [text[-5:] for text in stripped]
    assert 1 == len({explained_text(explained(text)) for text in (*texts, *stripped)})
    assert "VID003" in codes(explained(texts[1]))


@pytest.mark.parametrize("gap", [" ", "  ", "\n", "\u00a0 "])
def test_the_doubled_space_makes_no_difference(gap: str) -> None:
    """It is in the service's own text of face_turned_away; not everybody keeps it."""
    (message,) = vendor_errors()["face_turned_away"].messages

    assert "replica.  User" in message
    assert ["face_turned_away"] == [e.type for e in explained(message.replace("  ", gap)).errors]


@pytest.mark.parametrize("message", ["", " ", "Out of GPUs", "There was an error", "video", "a" * 10_000_000])
def test_an_unknown_message_is_said_to_be_one(message: str) -> None:
    """Nothing is guessed."""
    found = explained(message)

    assert () == found.errors
    assert "No error that the service publishes" in explained_text(found)
    assert [] == found.to_dict()["errors"]


@pytest.mark.parametrize(
    ("message", "types"),
    [
        ("video_processing", ["video_processing"] * 2),
        (
            "There was an issue processing your training video. The video provided",
            ["video_format", "video_codec", "video_duration", "video_fps"],
        ),
    ],
)
def test_what_several_errors_share_is_said_to_be_that(message: str, types: list[str]) -> None:
    """A type that the service uses twice, and a message that is cut off."""
    found = explained(message)
    text = explained_text(found)

    assert types == [error.type for error in found.errors]
    assert f"{len(types)} published errors" in text
    assert all(kind in text for kind in types)
    assert len(text.splitlines()) <= LINES


@pytest.mark.parametrize("hidden", ["\x1b]0;owned\x07", "\x1b[2J", "\u202e", "\r\n", "\x00", "\udce9"])
def test_hostile_text_steers_no_terminal(hidden: str) -> None:
    """Whatever the service says, or a proxy before it."""
    known = vendor_errors()["file_size"].messages[0]
    for message in (f"{hidden}nothing{hidden}", f"{hidden}{known}{hidden}"):
        found = explained(message)
        assert found.message.isprintable()
        assert explained_text(found).replace("\n", "").isprintable()
        json.dumps(found.to_dict()).encode()

    assert ["file_size"] == [error.type for error in explained(f"{hidden} {known} {hidden}").errors]


def test_a_query_that_the_service_repeats_is_not_told() -> None:
    """It may be a key."""
    found = explained("cannot read https://me:s3cret@media.studio.dev/a.mp4?token=s3cret#s3cret")

    assert "s3cret" not in json.dumps(found.to_dict()) + repr(found) + explained_text(found)


def test_the_surest_rule_comes_first() -> None:
    """What reads the fault off the file before what estimates it, and warnings last."""
    assert "AUD001" == codes(explained("audio_processing"))[0]
    assert ["error", "warning"] == [str(rule.severity) for rule in explained("file_size").errors[0].rules]


@pytest.mark.parametrize("key", vendor_errors())
def test_estimates_come_after_what_is_read_off_the_file(key: str) -> None:
    """Of those of one severity."""
    (message, *_) = vendor_errors()[key].messages
    ranks = [
        (["error", "warning", "advice"].index(rule.severity), rule.estimate)
        for rule in explained(message).errors[0].rules
    ]

    assert sorted(ranks) == ranks


@pytest.mark.parametrize(
    "beginning",
    [
        "There was an issue processing your training file:",
        "There was an error processing your image.",
        "There was a quality issue with your replica.",
    ],
)
def test_a_beginning_that_many_share_fits_as_well(beginning: str) -> None:
    """The first eight types, and how many there are beyond."""
    found = explained(beginning)
    lines = explained_text(found).splitlines()

    assert len(found.errors) >= 8
    assert 8 == sum(error.type in " ".join(lines) for error in found.errors)
    assert (len(found.errors) > 8) is (f"and {len(found.errors) - 8} more" in " ".join(lines))
    assert len(lines) <= LINES
    assert all(len(line) <= WIDTH for line in lines)


def test_a_narrow_terminal_gets_the_first_rule_all_the_same() -> None:
    """Rather than nothing to do."""
    assert "AUD001" in explained_text(explained("audio_processing"), width=24)


def test_a_rule_of_another_depth_says_so() -> None:
    """Whoever checked with the usual depth did not have it assessed."""
    depths = {
        rule.depth: rule.name
        for key in vendor_errors()
        for rule in explained(key).errors[0].rules
        if rule.depth == "deep"
    }
    texts = [explained_text(explained(message), width=200) for _, message in MESSAGES]

    for name in depths.values():
        shown = [text for text in texts if f" {name}" in text]
        assert all(f"{name} (--depth deep)" in text for text in shown)


# progress


@pytest.mark.parametrize(
    ("progress", "done"),
    [
        ("40/100", 0.4),
        ("0/100", 0.0),
        ("100/100", 1.0),
        (" 7 / 8\n", 0.875),
        (None, None),
        ("", None),
        ("40", None),
        ("40%", None),
        ("101/100", None),
        ("0/0", None),
        ("-1/100", None),
        ("40/100/100", None),
        ("\u0664\u0660/100", None),
        ("1e2/1e3", None),
        ("9" * 1_000_000 + "/100", None),
        ("1/" + "9" * 10_000, None),
    ],
)
def test_progress_is_read_with_care(progress: str | None, done: float | None) -> None:
    """It is a text of the service, and may be anything."""
    assert done == fraction(progress)


@example("9" * 1_000, 1e308, 1e308)
@given(st.none() | st.text(), st.floats(), st.floats())
def test_any_progress_is_one_line(progress: str | None, since_s: float, unchanged_s: float) -> None:
    """Printable and not long, whatever the service and the clock say."""
    done, line = fraction(progress), progress_text(progress, since_s=since_s, unchanged_s=unchanged_s)

    assert done is None or 0 <= done <= 1
    assert printable(line) == line
    assert len(line) <= 180


@pytest.mark.parametrize(
    ("since_s", "unchanged_s", "line"),
    [
        (0, 0, "40/100 after less than a minute"),
        (80 * 60, STANDSTILL_S - 1, "40/100 after 1 h 20 min"),
        (
            80 * 60,
            STANDSTILL_S,
            "40/100 after 1 h 20 min, unchanged for 30 min; "
            "it may stand still for long: 3 to 4 h are usual, 6 h for older models",
        ),
        (USUAL_S, 60, "40/100 after 4 h"),
        (
            USUAL_S + 60,
            60,
            "40/100 after 4 h 1 min; "
            "longer than most, and not stuck yet: 3 to 4 h are usual, 6 h for older models",
        ),
        (
            LONGEST_S,
            2 * HOUR,
            "40/100 after 6 h, unchanged for 2 h; "
            "longer than most, and not stuck yet: 3 to 4 h are usual, 6 h for older models",
        ),
        (
            LONGEST_S + 60,
            60,
            "40/100 after 6 h 1 min; longer than any model usually takes (6 h): ask the service's support",
        ),
        (-5, math.nan, "40/100 after less than a minute"),
        (math.inf, -math.inf, "40/100 after less than a minute"),
    ],
)
def test_progress_is_put_into_words(since_s: float, unchanged_s: float, line: str) -> None:
    """A standstill is explained before anybody calls it stuck; each threshold from both sides."""
    assert line == progress_text("40/100", since_s=since_s, unchanged_s=unchanged_s)


@pytest.mark.parametrize("progress", [None, "", " ", "\n"])
def test_no_progress_is_said_to_be_none(progress: str | None) -> None:
    """The service may leave it out."""
    assert "progress not told after 2 min" == progress_text(progress, since_s=125, unchanged_s=125)
