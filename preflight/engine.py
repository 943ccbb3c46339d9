"""Checking: every rule that applies to a submission, on evidence gathered as the rules ask for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from preflight.consent import REASONS, ConsentMatch
from preflight.consent.name import declare
from preflight.errors import Unavailable, UsageError
from preflight.evidence.boxes import BoxFacts
from preflight.evidence.callback import CallbackFacts
from preflight.evidence.download import DownloadFacts
from preflight.evidence.exhibits import exhibited
from preflight.evidence.faces import FaceFacts
from preflight.evidence.ffmpeg import Ffmpeg
from preflight.evidence.file import FileFacts
from preflight.evidence.gather import SECOND_MODEL, Evidence, Workshop
from preflight.evidence.image import ImageFacts
from preflight.evidence.link import LinkFacts
from preflight.evidence.media import DecodeFacts, MediaFacts, PacketFacts
from preflight.evidence.model import find_model
from preflight.evidence.photo import PhotoFacts
from preflight.evidence.picture import PictureFacts
from preflight.evidence.portrait import PortraitFacts
from preflight.evidence.sound import SoundFacts, SpeechFacts
from preflight.evidence.transcript import Recogniser, Transcript, load_recogniser
from preflight.mend import Mend, Mending, photo, video
from preflight.network.cache import user_cache
from preflight.network.callback import read_callback
from preflight.network.fetch import Fetching
from preflight.network.remote import Progress
from preflight.policy import Policy, Requirement, load_policy
from preflight.report import AssetReport, Finding, Report
from preflight.rule import Doubt, Rule, Severity, Violation, all_rules, require_known_waivers
from preflight.stage import Watch, unwatched
from preflight.submission import Depth, Options, Role, Shown, Submission
from preflight.vendor import vendor_type
from preflight.waiver import require_waivable, waived_on

__all__ = ["acheck", "check", "faults", "judge"]

# Cheap evidence first: a file that fails early is reported without the work of the later kinds.
_BY_COST = (
    Submission,
    CallbackFacts,
    LinkFacts,
    DownloadFacts,
    FileFacts,
    ImageFacts,
    PortraitFacts,
    PhotoFacts,
    MediaFacts,
    BoxFacts,
    PacketFacts,
    DecodeFacts,
    PictureFacts,
    FaceFacts,
    SpeechFacts,
    SoundFacts,
    ConsentMatch,
)


def check(
    submission: Submission,
    options: Options | None = None,
    *,
    recogniser: Recogniser | None = None,
    ffmpeg: Ffmpeg | None = None,
    today: dt.date | None = None,
    progress: Progress | None = None,
    watch: Watch = unwatched,
) -> Report:
    """Check a submission against a policy.

    ``recogniser`` and ``ffmpeg`` replace the ones that the options and PATH name, ``today`` the day (UTC) by
    which waivers end. ``progress`` is called while a file behind an address is read, from another thread;
    ``watch`` is entered for each stage of the work (``preflight.stage``).
    Raises PreflightError (see ``preflight.errors``) when the check cannot be made; what is wrong with the
    media is in the report.
    """
    options = options or Options()
    policy = load_policy(options.policy)
    require_known_waivers(policy)
    day = today or dt.datetime.now(dt.UTC).date()
    require_waivable(options.waivers, policy, day)
    waived = waived_on(day, (*policy.rule_waivers, *options.waivers))
    depth, shown = _depth(options.depth), _shown(options.shown)
    _require_sense(submission, options)
    model, second = options.asr_model_or_default, options.asr_second_model_or_default
    fetching = Fetching(
        max_bytes=policy.container.max_size.value,
        allow_hosts=options.allow_hosts,
        progress=progress,
        cache=user_cache() if options.cache else None,
    )
    workshop = Workshop(
        submission,
        policy,
        depth,
        recogniser=(lambda: recogniser) if recogniser is not None else partial(load_recogniser, model),
        second_recogniser=None if second is None else partial(load_recogniser, second),
        locate_ffmpeg=Ffmpeg.locate if ffmpeg is None else lambda: ffmpeg,
        fetch=fetching.open,
        allow_hosts=options.allow_hosts,
        watch=watch,
    )
    with fetching:
        report = _checked(workshop, waived, shown, None if recogniser is not None else model, second)
    return replace(report, waivers=tuple(options.waivers))


def _checked(workshop: Workshop, waived: tuple[str, ...], shown: Shown, *models: str | None) -> Report:
    """The report; ``models`` are the recognisers that have to be there if anything is listened to."""
    submission, policy = workshop.submission, workshop.policy
    assets = [Evidence(role, source, workshop) for role, source in submission.sources()]
    speaking = next((a for a in assets if a.bears_consent), None)
    required = policy.consent_requirement is Requirement.REQUIRED
    if required and speaking is not None and speaking.is_media:
        # a missing model is said at once, not after the picture has been decoded
        for name in models:
            if name is not None:
                find_model(name)
    found, passed = judge(
        submission, policy, workshop.depth, assets, all_rules(), allow_hosts=workshop.allow_hosts
    )
    findings = [_weighed(finding, submission, policy, waived) for finding in found]
    consent = None if speaking is None else speaking.gathered(ConsentMatch)
    return Report(
        submission=submission,
        policy=policy,
        assets=tuple(_asset_report(asset, findings, policy) for asset in assets),
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        passed=tuple(sorted(passed)),
        consent=consent,
        consent_asset=None if speaking is None else speaking.role,
        environment=_environment(assets, workshop),
        waived=waived,
        exhibits=None if shown is Shown.NOTHING else exhibited(assets, pictures=shown is Shown.PICTURES),
    )


async def acheck(
    submission: Submission,
    options: Options | None = None,
    *,
    recogniser: Recogniser | None = None,
    ffmpeg: Ffmpeg | None = None,
    today: dt.date | None = None,
    progress: Progress | None = None,
    watch: Watch = unwatched,
) -> Report:
    """``check`` in a thread of its own, for asynchronous callers.

    Cancelling the caller does not stop the check: it runs to its end, within its deadlines, unheard.
    """
    import asyncio

    work = partial(
        check,
        submission,
        options,
        recogniser=recogniser,
        ffmpeg=ffmpeg,
        today=today,
        progress=progress,
        watch=watch,
    )
    return await asyncio.to_thread(work)


def _require_sense(submission: Submission, options: Options) -> None:
    """Raise UsageError for names that nothing can be compared with, and for one text in place of several."""
    for field, value in (("accepted_names", submission.accepted_names), ("allow_hosts", options.allow_hosts)):
        if isinstance(value, str):
            raise UsageError(f"{field} is a sequence of texts, not one text")
    if submission.full_name is None:
        if submission.accepted_names:
            raise UsageError("accepted names are other spellings of the full name; give that too")
        return
    try:
        declare(submission.full_name, tuple(submission.accepted_names))
    except ValueError as exc:
        raise UsageError(str(exc)) from exc


def _depth(depth: Depth | str) -> Depth:
    try:
        return Depth(depth)
    except ValueError as exc:
        raise UsageError(f"depth {depth!r} is unknown; known: {', '.join(Depth)}") from exc


def _shown(shown: Shown | str) -> Shown:
    try:
        return Shown(shown)
    except ValueError as exc:
        raise UsageError(f"shown {shown!r} is unknown; known: {', '.join(Shown)}") from exc


def judge(
    submission: Submission,
    policy: Policy,
    depth: Depth,
    assets: Sequence[Evidence],
    rules: Iterable[Rule[Any]],
    *,
    allow_hosts: tuple[str, ...] = (),
) -> tuple[list[Finding], set[str]]:
    """What these rules find, and the codes of those that find nothing.

    The callback address may be on a host of ``allow_hosts``, whatever that is.
    """
    findings: list[Finding] = []
    passed: set[str] = set()
    broken: set[str] = set()
    for rule in sorted(rules, key=lambda rule: _BY_COST.index(rule.needs)):
        for asset, evidence in _subjects(rule, submission, depth, assets, allow_hosts):
            found = list(_apply(rule, asset, evidence, policy))
            findings += found
            (broken if found else passed).add(rule.code)
    return findings, passed - broken


def _subjects(
    rule: Rule[Any],
    submission: Submission,
    depth: Depth,
    assets: Sequence[Evidence],
    allow_hosts: tuple[str, ...],
) -> Iterator[tuple[Role | None, Callable[[], Any]]]:
    """What a rule applies to: the request, its callback address if it has one, or each asset of its roles."""
    if rule.needs is Submission:
        yield None, lambda: submission
        return
    if rule.needs is CallbackFacts:
        if submission.callback_url:  # the service's samples send an empty one
            yield None, partial(read_callback, submission.callback_url, allow_hosts)
        return
    for asset in assets:
        if not asset.offers(rule.needs):
            continue
        if asset.role in rule.roles and (rule.needs is not ConsentMatch or asset.bears_consent):
            seen = depth.reaches(rule.depth)
            yield asset.role, partial(asset.get, rule.needs) if seen else partial(_beyond, depth, rule, asset)


class _NotLookedAt(Unavailable):
    """The evidence was not gathered, because nobody asked for that depth."""


def _beyond(depth: Depth, rule: Rule[Any], asset: Evidence) -> Any:
    """Raise Unavailable: a file that cannot be read at all, or else what the depth leaves out."""
    asset.get(MediaFacts)
    raise _NotLookedAt(f"not looked at with --depth {depth}; --depth {rule.depth} does")


def _apply(
    rule: Rule[Any], asset: Role | None, evidence: Callable[[], Any], policy: Policy
) -> Iterator[Finding]:
    try:
        for found in rule.judge(evidence(), policy):
            yield _finding(rule, asset, found)
    except _NotLookedAt as exc:
        # whoever asked for less chose so: it is said, and keeps nothing from passing
        certain = rule.severity is Severity.ERROR and not rule.estimate
        severity = Severity.WARNING if certain else Severity.ADVICE
        yield replace(_finding(rule, asset, Doubt(str(exc))), severity=severity)
    except Unavailable as exc:
        yield _finding(rule, asset, Doubt(str(exc)))


def _finding(rule: Rule[Any], asset: Role | None, found: Violation | Doubt) -> Finding:
    violation = found if isinstance(found, Violation) else Violation(found.message, at=found.at)
    limit = violation.limit
    value = None if limit is None else limit.value
    return Finding(
        code=rule.code,
        rule=rule.name,
        severity=rule.severity_of(found),
        assessed=isinstance(found, Violation),
        asset=asset,
        message=violation.message,
        remedy=rule.remedy,
        measured=violation.measured,
        limit=", ".join(value) if isinstance(value, tuple) else value,
        unit=violation.unit or (None if limit is None else limit.unit),
        at=None if violation.at is None else (_rounded(violation.at[0]), _rounded(violation.at[1])),
        prevents=tuple(dict.fromkeys(vendor_type(key) for key in rule.prevents)),
    )


_REFUSALS = {"consent-negated", "consent-revoked"}


def _weighed(finding: Finding, submission: Submission, policy: Policy, waived: tuple[str, ...]) -> Finding:
    """The finding as the policy weighs it: what it waives is advice, and so is a consent that it advises.

    What the service is asked to mend in a photo, and is said to, is a warning. Somebody who is heard to
    refuse is not submitted, whether the service asks for a consent or not.
    """
    if finding.rule in _REFUSALS and finding.assessed:
        return finding
    advised = policy.consent_requirement is Requirement.ADVISED and finding.rule in REASONS
    if advised or finding.rule in waived:
        return replace(finding, severity=Severity.ADVICE)
    if submission.auto_fix_training_image and _is_auto_fixed(finding, policy):
        return replace(
            finding,
            severity=Severity.WARNING,
            message=f"{finding.message}; auto_fix_training_image is said to mend this",
        )
    return finding


def _is_auto_fixed(finding: Finding, policy: Policy) -> bool:
    """Whether the service's fixer is said to mend this fault of a photo."""
    mended = finding.asset is Role.TRAINING_IMAGE and finding.rule in policy.image.auto_fixed.value
    return mended and finding.assessed and finding.severity is not Severity.ADVICE


def faults(asset: Evidence, findings: Iterable[Finding]) -> dict[str, Mend]:
    """What mends the faults found in a file, by the codes of their rules.

    A doubt calls for no mending. But where a rule says ``LEAVE_ALONE``, its doubt counts too: a file that
    nobody could look through may be damaged.
    """
    known = {rule.code: rule.mends for rule in all_rules() if rule.mends is not None}
    return {
        finding.code: known[finding.code]
        for finding in findings
        if finding.asset is asset.role
        and finding.code in known
        and (finding.assessed or known[finding.code] is Mend.LEAVE_ALONE)
    }


def _mending(asset: Evidence, findings: Iterable[Finding], policy: Policy) -> Mending | None:
    """What mends the faults found in a file that is here; ``None`` where nothing does, or nothing may."""
    if asset.is_remote:
        return None
    media, image = asset.gathered(MediaFacts), asset.gathered(ImageFacts)
    found = faults(asset, findings)
    if media is not None:
        return video.plan(found, media, asset.gathered(PacketFacts), policy)
    return None if image is None else photo.plan(found, image)


def _asset_report(asset: Evidence, findings: Iterable[Finding], policy: Policy) -> AssetReport:
    try:
        file = asset.seal()
    except Unavailable:
        return AssetReport(asset.role, asset.name, None, None)
    facts: dict[str, Any] = {"container": str(file.container), "brand": file.brand}
    media, packets = asset.gathered(MediaFacts), asset.gathered(PacketFacts)
    if media is not None:
        facts |= _media_facts(media, packets)
    sound = asset.gathered(SoundFacts)
    if sound is not None:
        facts |= {"loudness_lufs": sound.loudness_lufs, "true_peak_dbtp": sound.true_peak_dbtp}
    faces = asset.gathered(FaceFacts)
    if faces is not None:
        facts |= {"faces_looked_for_by": faces.detector, "pictures_with_one_face": len(faces.single)}
    portrait = asset.gathered(PortraitFacts)
    if portrait is not None:
        facts |= {"faces_looked_for_by": portrait.detector, "faces": len(portrait.faces)}
    speech = asset.gathered(SpeechFacts)
    if speech is not None:
        facts |= {"listened_s": _rounded(speech.heard_s), "speech_s": _rounded(speech.speech_s)}
    image = asset.gathered(ImageFacts)
    if image is not None:
        facts |= _image_facts(image)
    look = asset.gathered(PhotoFacts)
    if look is not None:
        facts |= _photo_facts(look)
    download = asset.download()
    if download is not None:
        facts |= {"served_from": download.url, "redirects": download.redirects}
        facts |= {"read_bytes": download.read_bytes, "requests": download.requests}
    fix = _mending(asset, findings, policy)
    etag = None if download is None else download.strong_etag
    return AssetReport(asset.role, asset.name, file.sha256, file.size_bytes, facts, fix, etag)


def _image_facts(image: ImageFacts) -> dict[str, Any]:
    return {
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "mode": image.mode,
        "bits": image.bits,
        "frames": image.frames,
        "further_pictures": len(image.further_pictures),
        "orientation": image.orientation,
        "colour_profile": image.profile,
        "quality": image.quality,
        "location_in": list(image.location),
        "appended_bytes": image.appended_bytes,
    }


def _media_facts(media: MediaFacts, packets: PacketFacts | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"duration_s": media.duration_s, "bit_rate": media.bit_rate}
    if media.video:
        track = media.video[0]
        facts |= {"video_codec": track.codec, "width": track.width, "height": track.height}
        facts |= {"rotation": track.rotation, "pixel_format": track.pixel_format}
        facts["declared_frame_rate"] = _ratio(track.average_frame_rate)
        measured = packets.video.mean_frame_rate if packets is not None and packets.video else None
        facts["measured_frame_rate"] = None if measured is None else _rounded(float(measured))
        spacing = packets.video.key_gap_s if packets is not None and packets.video else None
        facts["longest_key_frame_interval_s"] = None if spacing is None else _rounded(spacing)
    if media.audio:
        sound = media.audio[0]
        facts |= {"audio_codec": sound.codec, "sample_rate": sound.sample_rate, "channels": sound.channels}
    return facts | {"video_tracks": len(media.video), "audio_tracks": len(media.audio)}


def _photo_facts(photo: PhotoFacts) -> dict[str, Any]:
    """What was measured, under the names that ISO/IEC 29794-5 has for it where it has any."""
    measured = {
        "luminance_mean": photo.luminance_mean,
        "luminance_variance": photo.luminance_variance,
        "dynamic_range_bits": photo.dynamic_range,
        "bright_end": photo.bright_end,
        "contrast": photo.contrast,
        "under_exposure": photo.under_exposure,
        "over_exposure": photo.over_exposure,
        "illumination_uniformity": photo.illumination_uniformity,
        "light_ratio": photo.light_ratio,
        "noise_grey_levels": photo.noise,
        "edge_width_px": photo.edge_width_px,
        "blockiness": photo.blockiness,
    }
    facts = {name: None if value is None else _rounded(value) for name, value in measured.items()}
    places = {"measured_on": str(photo.region), "edges_measured_on": str(photo.edges_in)}
    return places | facts | {"jpeg_quality": photo.jpeg_quality}


def _environment(assets: list[Evidence], workshop: Workshop) -> dict[str, Any]:
    """The versions that a verdict depends on, of the tools that were used."""
    used: dict[str, Any] = {"depth": str(workshop.depth)}
    if any(asset.gathered(MediaFacts) is not None for asset in assets):
        used["ffmpeg"] = workshop.ffmpeg.version
    if any(asset.gathered(ImageFacts) is not None for asset in assets):
        from PIL import __version__ as pillow_version

        used["pillow"] = pillow_version
    transcripts = [asset.gathered(Transcript) for asset in assets]
    if any(transcript is not None and transcript.words for transcript in transcripts):
        used |= workshop.recogniser().describe()
        matches = [match for asset in assets if (match := asset.gathered(ConsentMatch)) is not None]
        listeners = {decode.listener for match in matches for decode in match.decodes}
        if workshop.second_recogniser is not None and SECOND_MODEL in listeners:
            other = workshop.second_recogniser().describe()
            used |= {f"asr_second_{key}": other[f"asr_{key}"] for key in ("model", "model_sha256")}
    return used


def _rounded(value: float) -> float:
    return round(value, 3)


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"
