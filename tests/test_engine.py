"""The engine: evidence once and only when asked for, failures remembered, unknown never fine."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import preflight
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.transcript import DECODE_PROFILE, SECOND_PROFILE, Transcript
from preflight.rules.consent_words import STATEMENT, Heard
from tests import scripted_whisper
from tests.conftest import ROOT
from tests.listener import Listener

MEDIA = ROOT / "fixtures" / "training_video"
GOOD = MEDIA / "statement-at-opening-valid" / "clip.mp4"


class CountingFfmpeg(Ffmpeg):
    """The real tools, with a count of what was asked of them."""

    def __init__(self) -> None:
        real = Ffmpeg.locate()
        super().__init__(real.ffmpeg, real.ffprobe)
        self.__dict__["asked"] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if name in ("probe", "packets", "decode_sound", "decode_pictures"):
            self.__dict__["asked"][name] += 1
        return super().__getattribute__(name)


def codes(report: preflight.Report, *, assessed: bool = True) -> set[str]:
    return {f.code for f in report.findings if f.assessed is assessed}


@pytest.mark.media
@pytest.mark.asr
def test_evidence_is_gathered_once() -> None:
    """Forty rules ask; each tool runs once, the recogniser once."""
    listener, ffmpeg = Listener(), CountingFfmpeg()

    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), recogniser=listener, ffmpeg=ffmpeg
    )

    assert ("pass", 1) == (report.verdict, listener.calls)
    assert {"probe": 1, "packets": 1, "decode_sound": 1, "decode_pictures": 1} == dict(
        ffmpeg.__dict__["asked"]
    )


@pytest.mark.media
@pytest.mark.asr
def test_silence_is_never_transcribed() -> None:
    """A recogniser that would recite the statement is not asked where nobody speaks."""
    listener = Listener()

    report = preflight.check(
        preflight.Submission(train_video=MEDIA / "silence-error" / "clip.mp4", full_name="Maria Lopez"),
        recogniser=listener,
    )

    assert ("fail", 0) == (report.verdict, listener.calls)
    assert {"AUD003", "CON001"} == codes(report)


def test_unreadable_file_is_never_transcribed(tmp_path: Path) -> None:
    """A file that is no video costs one look at its first bytes; every other rule says why it is silent."""
    listener = Listener()
    (tmp_path / "x.mp4").write_bytes(b"words\n")

    report = preflight.check(
        preflight.Submission(train_video=tmp_path / "x.mp4"), recogniser=listener, ffmpeg=Ffmpeg("", "")
    )

    assert (0, {"MED001"}) == (listener.calls, codes(report))
    assert {"CON004", "VID001", "MED005"} <= codes(report, assessed=False)
    assert {"the file is not a video (plain text)"} == {f.message for f in report.findings if not f.assessed}


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(
    ("listener", "code"),
    [
        (Listener(STATEMENT.replace("and consent", "and do not consent")), "CON004"),
        (Listener(STATEMENT.split(" I understand")[0]), "CON006"),
        (Listener(STATEMENT.replace("Tavus", "Acme")), "CON011"),
        (Listener(language="fr"), "CON002"),
        (Listener(""), "CON001"),
    ],
    ids=["negated", "second sentence missing", "other company", "French", "no words"],
)
def test_what_was_heard_decides(listener: Listener, code: str) -> None:
    """The same good clip fails, by exactly one code, when the words are not the statement's."""
    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), recogniser=listener
    )

    assert ("fail", {code}) == (report.verdict, codes(report))


LOST = STATEMENT.replace("clone of me", "clone of")
REFUSED = STATEMENT.replace("and consent", "and do not consent")
REVOKED = f"{STATEMENT} I take it back."


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(
    ("listener", "verdict", "decodes"),
    [
        (Listener(), "pass", 1),
        (Listener(LOST, STATEMENT), "pass", 2),
        (Listener("", STATEMENT), "pass", 2),
        (Listener(LOST, REFUSED), "fail", 2),
        (Listener(LOST, LOST), "fail", 2),
        (Listener(REFUSED, STATEMENT), "fail", 1),
    ],
    ids=["good", "lost, then heard", "nothing, then all", "then a refusal", "lost twice", "refusal first"],
)
def test_words_are_listened_for_twice_before_they_are_missed(
    listener: Listener, verdict: str, decodes: int
) -> None:
    """Another decode, with the other settings, unless the first one passes or hears a refusal."""
    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), recogniser=listener
    )

    assert (verdict, decodes) == (report.verdict, listener.calls)
    again = {**SECOND_PROFILE, "language": "en"}
    assert [DECODE_PROFILE, again][:decodes] == listener.profiles
    consent = report.to_dict()["consent"]
    assert (decodes if decodes > 1 else 0) == len(consent["decodes"])


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (STATEMENT, "pass"),
        (REFUSED, "fail"),
        (LOST, "pass"),
        (STATEMENT.replace("of me", "of him"), "review"),
    ],
    ids=["agrees", "hears a refusal", "loses a word", "hears another word"],
)
def test_second_model_listens_too(text: str, verdict: str, tmp_path: Path) -> None:
    """It may confirm, and it may veto, a statement that the first model heard whole."""
    second = scripted_whisper.build(tmp_path / "second", text, seconds_per_token=0.3)

    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"),
        preflight.Options(asr_second_model=second),
        recogniser=Listener(),
    )

    assert verdict == report.verdict
    assert ["first decode", "second model"] == [d["listener"] for d in report.to_dict()["consent"]["decodes"]]
    assert "second" == report.environment["asr_second_model"]


@pytest.mark.media
@pytest.mark.asr
def test_statement_written_in_english_over_another_language_fails(tmp_path: Path) -> None:
    """The real engine with a model that hears French and writes the English statement all the same."""
    french = scripted_whisper.build(tmp_path / "french", STATEMENT, language="fr", seconds_per_token=0.3)

    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"),
        preflight.Options(asr_model=french),
    )

    assert ("fail", {"CON002"}) == (report.verdict, codes(report))


@pytest.mark.media
@pytest.mark.asr
def test_missing_second_model_is_said(tmp_path: Path) -> None:
    """A second opinion that was asked for is never left out in silence."""
    with pytest.raises(preflight.RecogniserError, match="does not exist"):
        preflight.check(
            preflight.Submission(train_video=GOOD),
            preflight.Options(asr_second_model="./no-such-model"),
            recogniser=Listener(),
        )


@pytest.mark.media
@pytest.mark.asr
def test_statement_after_the_opening_is_found_and_still_too_late() -> None:
    """What the opening lacks is looked for once in the rest, so that the message can say where it is."""

    class Later(Listener):
        def transcribe(self, samples: Any, profile: Any = DECODE_PROFILE) -> Transcript:
            self.profiles.append(profile)
            words = Heard(seconds_per_word=0.3)._words() if self.calls == 4 else ()
            return Transcript(words, "en", 0.99)  # in the second of two stretches, after two decodes

    listener = Later()
    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), recogniser=listener
    )

    assert ("fail", 4) == (report.verdict, listener.calls)
    assert report.consent is not None
    assert "consent-late" in report.consent.reasons
    late = next(f for f in report.findings if f.code == "CON015")
    assert re.search(r"was found at [1-5]\d\.\d s", late.message)


@pytest.mark.media
@pytest.mark.asr
def test_consent_is_sought_in_its_own_clip() -> None:
    """With a consent clip, the training video is not asked for a statement."""
    report = preflight.check(
        preflight.Submission(
            train_video=MEDIA / "separate-consent-valid" / "clip.mp4",
            consent_video=ROOT / "fixtures" / "consent_video" / "statement-alone-valid" / "clip.mp4",
            full_name="Maria Lopez",
        ),
        recogniser=Listener(),
    )

    assert ("pass", "consent_video") == (report.verdict, report.consent_asset)


@pytest.mark.media
@pytest.mark.asr
def test_clip_with_more_than_is_listened_to_needs_a_person(tmp_path: Path) -> None:
    """What was not heard to its end may hold a refusal, so it does not pass."""
    import tomllib
    from importlib import resources

    text = (resources.files("preflight") / "policies" / "tavus-replica-phoenix-4.toml").read_text()
    policy = tmp_path / "policy.toml"
    shorter = text.replace("[consent.max_clip]\nvalue  = 120", "[consent.max_clip]\nvalue  = 10")
    policy.write_text(shorter.replace('"tavus-replica-phoenix-4"', '"short-clips"', 1))
    assert tomllib.loads(policy.read_text())["consent"]["max_clip"]["value"] == 10

    report = preflight.check(
        preflight.Submission(
            train_video=MEDIA / "separate-consent-valid" / "clip.mp4",
            consent_video=ROOT / "fixtures" / "consent_video" / "statement-alone-valid" / "clip.mp4",
            full_name="Maria Lopez",
        ),
        preflight.Options(policy=policy),
        recogniser=Listener(),
    )

    assert ("review", set()) == (report.verdict, codes(report))
    assert {f"CON{n:03}" for n in range(1, 18)} == codes(report, assessed=False) - {"VID020"}


def test_missing_model_is_said_before_any_decoding(tmp_path: Path) -> None:
    """A recogniser that is not there stops the check before a tool is started, and is never a pass."""
    with pytest.raises(preflight.RecogniserError, match="does not exist"):
        preflight.check(
            preflight.Submission(train_video=GOOD),
            preflight.Options(asr_model="./no-such-model"),
            ffmpeg=Ffmpeg("/no-such-ffmpeg", "/no-such-ffprobe"),
        )


def test_image_needs_neither_ffmpeg_nor_recogniser() -> None:
    """A still image is read with Pillow alone."""
    report = preflight.check(
        preflight.Submission(
            train_image=ROOT / "fixtures" / "training_image" / "portrait-valid" / "portrait.jpg",
            voice_name="anna",
        ),
        preflight.Options(asr_model="./no-such-model"),
        ffmpeg=Ffmpeg("/no-such-ffmpeg", "/no-such-ffprobe"),
    )

    assert ("pass", None) == (report.verdict, report.consent)
    assert "pillow" in report.environment


def test_video_and_image_together_are_one_fault(tmp_path: Path) -> None:
    """Both at once is reported by its rule."""
    (tmp_path / "x.mp4").write_bytes(b"")

    report = preflight.check(
        preflight.Submission(
            train_video=tmp_path / "x.mp4", train_image=tmp_path / "x.mp4", voice_name="anna"
        )
    )

    assert {"SUB001", "MED001", "IMG001"} == codes(report)


def test_nothing_at_all_does_not_pass() -> None:
    """An empty submission is a fault, not a success."""
    report = preflight.check(preflight.Submission())

    assert ("fail", {"SUB001"}) == (report.verdict, codes(report))


@pytest.mark.parametrize("name", ["", "  ", "...", "\u200b", "1234", "½"])
def test_empty_name_is_an_error(name: str) -> None:
    """A declared name without a letter cannot be compared, and is not taken for "no name declared"."""
    with pytest.raises(preflight.UsageError, match="name"):
        preflight.check(preflight.Submission(train_video="x.mp4", full_name=name))


def test_accepted_names_need_a_name_to_stand_for() -> None:
    """Other spellings alone would compare with nothing, and let anyone's name through."""
    with pytest.raises(preflight.UsageError, match="other spellings of the full name"):
        preflight.check(preflight.Submission(train_video="x.mp4", accepted_names=("John Smith",)))


@pytest.mark.parametrize(
    ("submission", "options"),
    [
        (preflight.Submission(full_name="A B", accepted_names="A C"), preflight.Options()),  # type: ignore[arg-type]
        (preflight.Submission(), preflight.Options(allow_hosts="media.example")),  # type: ignore[arg-type]
    ],
)
def test_one_text_is_no_sequence(submission: preflight.Submission, options: preflight.Options) -> None:
    """A text where several are expected would be taken for its letters."""
    with pytest.raises(preflight.UsageError, match="not one text"):
        preflight.check(submission, options)


def test_unknown_depth_is_an_error() -> None:
    """A slip in the depth shows the depths there are."""
    with pytest.raises(preflight.UsageError, match="quick, standard, deep"):
        preflight.check(preflight.Submission(), preflight.Options(depth="deeper"))


# ---- policies that advise, and policies that waive

FACE = preflight.Options(policy="tavus-face-phoenix-4")
NO_MODEL = preflight.Options(policy="tavus-face-phoenix-4", asr_model="./no-such-model")
GARDEN = "The weather is nice today and I would like to talk about my garden."


def severities(report: preflight.Report, family: str) -> set[str]:
    return {str(f.severity) for f in report.findings if f.code.startswith(family)}


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(
    ("listener", "broken", "shown"),
    [(Listener(), set(), True), (Listener(GARDEN), {"CON003"}, False)],
    ids=["good", "something else"],
)
def test_advised_consent_is_heard_and_decides_nothing(
    listener: Listener, broken: set[str], shown: bool
) -> None:
    """What a required consent fails by is advice here; what was heard of a statement is still shown."""
    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), FACE, recogniser=listener
    )

    assert ("pass", broken) == (report.verdict, codes(report))
    assert severities(report, "CON") <= {"advice"}
    assert shown == (report.to_dict()["consent"] is not None)
    assert "/v2/faces" == report.clear().policy_endpoint


@pytest.mark.media
@pytest.mark.asr
@pytest.mark.parametrize(("words", "code"), [(REFUSED, "CON004"), (REVOKED, "CON005")])
def test_refusal_counts_where_consent_is_only_advised(words: str, code: str) -> None:
    """Nobody is cloned who is heard to say no, whatever the service asks for."""
    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), FACE, recogniser=Listener(words)
    )

    assert ("fail", {code}) == (report.verdict, codes(report))
    with pytest.raises(preflight.NotCleared):
        report.clear()


@pytest.mark.media
@pytest.mark.asr
def test_missing_model_does_not_stop_what_needs_none() -> None:
    """An advised consent that nobody could listen for is not assessed, and says what to get."""
    report = preflight.check(preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), NO_MODEL)

    unheard = [f for f in report.findings if f.code.startswith("CON")]
    assert ("pass", None, set()) == (report.verdict, report.to_dict()["consent"], codes(report))
    assert 17 == len(unheard)
    assert all("does not exist" in f.message and not f.assessed for f in unheard)
    assert {"advice"} == severities(report, "CON")
    assert "asr_model" not in report.environment


@pytest.mark.media
@pytest.mark.asr
def test_missing_second_model_of_an_advised_consent_is_said_too() -> None:
    """What was asked for is not left out in silence: the consent is then not assessed."""
    options = preflight.Options(policy="tavus-face-phoenix-4", asr_second_model="./no-such-model")

    report = preflight.check(
        preflight.Submission(train_video=GOOD, full_name="Maria Lopez"), options, recogniser=Listener()
    )

    assert ("pass", set()) == (report.verdict, codes(report))
    assert "CON004" in codes(report, assessed=False)


def test_other_rules_weigh_what_they_did(tmp_path: Path) -> None:
    """That the consent is advised makes nothing else advice."""
    (tmp_path / "x.mp4").write_bytes(b"words\n")

    report = preflight.check(preflight.Submission(train_video=tmp_path / "x.mp4"), NO_MODEL)

    assert ("fail", {"MED001"}) == (report.verdict, codes(report))
    assert ({"error"}, {"advice"}) == (severities(report, "MED001"), severities(report, "CON"))


def test_consent_clip_is_doubtful_where_it_is_deprecated(tmp_path: Path) -> None:
    """A warning under the newer route's policy, nothing under the older one's."""
    (tmp_path / "x.mp4").write_bytes(b"words\n")
    submission = preflight.Submission(train_video=tmp_path / "x.mp4", consent_video=tmp_path / "x.mp4")

    newer, older = preflight.check(submission, FACE), preflight.check(submission)

    assert {"warning"} == severities(newer, "SUB006")
    assert "SUB006" in older.passed


SMALL = ROOT / "fixtures" / "training_image" / "too-small-error" / "portrait.jpg"


def waiving(tmp_path: Path, *rules: str, until: str | None = None) -> preflight.Options:
    policy = tmp_path / "policy.toml"
    head = 'id = "ours"\nextends = "tavus-replica-phoenix-4"\ntitle = "Ours"\nread = 2026-11-24\n'
    end = "" if until is None else f"until = {until}\n"
    tables = [f'[waivers.{rule}]\nreason = "for this test"\nread = 2026-11-24\n{end}' for rule in rules]
    policy.write_text(head + "".join(tables))
    return preflight.Options(policy=policy)


@pytest.mark.parametrize(
    ("day", "verdict", "severity", "waived"),
    [
        (dt.date(2026, 12, 31), "pass", "advice", ("image-too-small",)),
        (dt.date(2027, 1, 1), "fail", "error", ()),
    ],
)
def test_waived_rule_is_advice_as_long_as_the_waiver_holds(
    tmp_path: Path, day: dt.date, verdict: str, severity: str, waived: tuple[str, ...]
) -> None:
    """It is found and told all the same; the day of the check decides, and can be given."""
    options = waiving(tmp_path, "image-too-small", until="2026-12-31")

    report = preflight.check(preflight.Submission(train_image=SMALL, voice_name="anna"), options, today=day)

    assert (verdict, {"IMG002"}, waived) == (report.verdict, codes(report), report.waived)
    assert {severity} == severities(report, "IMG002")


def test_waiver_without_an_end_holds_today(tmp_path: Path) -> None:
    """And other rules are as before."""
    submission = preflight.Submission(train_image=SMALL)

    report = preflight.check(submission, waiving(tmp_path, "image-too-small"))

    assert ("fail", {"IMG002", "SUB002"}) == (report.verdict, codes(report))
    assert ({"advice"}, {"error"}) == (severities(report, "IMG"), severities(report, "SUB002"))


def test_waived_rule_that_could_not_be_assessed_is_advice(tmp_path: Path) -> None:
    """A waiver is of the rule, whatever it comes to."""
    (tmp_path / "x.mp4").write_bytes(b"words\n")

    report = preflight.check(
        preflight.Submission(train_video=tmp_path / "x.mp4"), waiving(tmp_path, "training-video-too-short")
    )

    assert ({"advice"}, {"error"}) == (severities(report, "VID001"), severities(report, "VID002"))
    assert "VID001" in codes(report, assessed=False)


def test_waiver_of_no_rule_stops_the_check(tmp_path: Path) -> None:
    """Before anything is looked at."""
    with pytest.raises(preflight.PolicyError, match="image-too-small"):
        preflight.check(preflight.Submission(train_image="missing.jpg"), waiving(tmp_path, "image-to-small"))


def test_asynchronous_callers_give_the_day_too(tmp_path: Path) -> None:
    """The same arguments, the same report."""
    options = waiving(tmp_path, "image-too-small", until="2026-12-31")
    submission = preflight.Submission(train_image=SMALL, voice_name="anna")

    report = asyncio.run(preflight.acheck(submission, options, today=dt.date(2026, 12, 31)))

    assert "pass" == report.verdict
