"""Policies: the numbers that rules judge by, each with its source and the day it was read.

A policy is a TOML file. Its shape is the classes below: an unknown, missing or duplicate key is an error,
so that a misspelt limit can never be ignored in silence. So is a value that is no limit (``nan``, a negative
number) and a unit other than the one a limit has.

A file that ``extends`` a bundled policy says only what it changes, each limit whole. What protects the person
who speaks cannot be loosened by any file: see ``_require_consent_kept``.
"""

from __future__ import annotations

import datetime as dt
import operator
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from preflight.convert import converted
from preflight.errors import PolicyError
from preflight.submission import DEFAULT_POLICY, RuleWaiver

__all__ = [
    "Limit",
    "Override",
    "PhotoLimits",
    "Policy",
    "Requirement",
    "Waiver",
    "bundled_policies",
    "guards_consent",
    "load_policy",
    "overrides",
    "policy_limits",
]

T = TypeVar("T")
U = TypeVar("U")

_MAX_POLICY_BYTES = 1_000_000

# Finite and not negative: with a limit of "nan" everything would pass, since nothing is below it.
Number = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
# A line that says something. A final line break is one too, which "$" alone would let pass.
Reason = Annotated[
    str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^(?=.*\S)[^\x00-\x1f\x7f]+$(?!\n)")
]
Words = Annotated[tuple[Line, ...], msgspec.Meta(min_length=1)]
# A path on the service, never an address: the API key is sent there.
ServicePath = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^(/[a-z0-9_-]+)+$")]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the policy file in which every key is known and every known key is present."""


class Limit(_Strict, Generic[T, U], frozen=True, kw_only=True):
    """One value, where it was read and when.

    The unit of each limit is fixed and must be given, so that ``value = 1, unit = "min"`` is refused, not
    taken for a second.
    """

    value: T
    source: Line
    read: dt.date
    unit: U


class Plain(Limit[T, None], Generic[T], frozen=True, kw_only=True):
    """A limit that is no quantity."""

    unit: None = None


Seconds = Limit[Number, Literal["s"]]
Characters = Limit[Count, Literal["characters"]]
Hours = Limit[Number, Literal["h"]]
FrameRate = Limit[Number, Literal["fps"]]
SpeechRate = Limit[Number, Literal["words/s"]]
Pixels = Limit[Count, Literal["px"]]
Bytes = Limit[Count, Literal["bytes"]]
Percent = Limit[Number, Literal["%"]]
Decibels = Limit[Number, Literal["dB"]]
Level = Limit[Annotated[float, msgspec.Meta(ge=-120, le=0)], Literal["dBFS"]]
Correlation = Limit[Annotated[float, msgspec.Meta(ge=0, le=1)], Literal["correlation"]]
Ratio = Limit[Number, Literal["ratio"]]
Width = Limit[Number, Literal["px"]]
GreyLevels = Limit[Number, Literal["grey levels"]]
JpegQuality = Limit[Annotated[int, msgspec.Meta(ge=0, le=100)], Literal["quality"]]
Degrees = Limit[Number, Literal["degrees"]]
Choice = Plain[Words]


class Requirement(StrEnum):
    """Whether a policy asks for a spoken consent."""

    REQUIRED = "required"
    ADVISED = "advised"
    """What was heard is reported; only that somebody refuses decides anything."""


class Waiver(_Strict, frozen=True, kw_only=True):
    """Why what a rule finds is only advice, since when, and the last day on which it is."""

    reason: Reason
    read: dt.date
    until: dt.date | None = None


class RequestLimits(_Strict, frozen=True, kw_only=True):
    models: Choice
    models_without_image: Choice
    consent_video: Plain[Literal["accepted", "deprecated"]]
    clearance_validity: Limit[Annotated[float, msgspec.Meta(gt=0, le=168)], Literal["h"]]
    max_name_length: Characters
    name_marks: Plain[Line]
    min_callback_token: Characters


class LinkLimits(_Strict, frozen=True, kw_only=True):
    min_validity: Hours
    generic_types: Choice


class ContainerLimits(_Strict, frozen=True, kw_only=True):
    accepted: Choice
    doubtful: Choice
    extensions: Choice
    max_size: Bytes
    doubtful_size: Bytes
    max_missing: Seconds


class VideoLimits(_Strict, frozen=True, kw_only=True):
    codecs: Choice
    pixel_formats: Choice
    hdr_transfers: Choice
    min_duration: Seconds
    advised_duration: Seconds
    speaking_duration: Seconds
    still_duration: Seconds
    structure_tolerance: Seconds
    max_frame_gap: Seconds
    min_frame_rate: FrameRate
    documented_frame_rate: FrameRate
    high_frame_rate: FrameRate
    max_uneven: Percent
    frame_rate_tolerance: FrameRate
    min_short_side: Pixels
    documented_short_side: Pixels


class PictureLimits(_Strict, frozen=True, kw_only=True):
    """What is estimated from decoded frames. In pairs: beyond the one a fault is suspected, beyond the other
    it is certain."""

    max_key_gap: Seconds
    black: Percent
    max_black: Seconds
    repeated: Percent
    frozen_suspected: Seconds
    frozen_certain: Seconds
    likeness_jump: Correlation
    likeness_suspected: Correlation
    likeness_certain: Correlation
    gain_suspected: Ratio
    gain_certain: Ratio
    dim_suspected: Percent
    dim_certain: Percent
    blown_suspected: Percent
    blown_certain: Percent
    edge_width_suspected: Width
    edge_width_certain: Width
    blockiness_suspected: Ratio
    blockiness_certain: Ratio
    max_shift: Percent


class EditLimits(_Strict, frozen=True, kw_only=True):
    max_jump: Seconds
    max_crowded: Limit[Count, Literal["packets"]]
    max_odd_steps: Limit[Count, Literal["steps"]]
    max_hidden: Seconds
    editors: Choice


class AudioLimits(_Strict, frozen=True, kw_only=True):
    codecs: Choice
    max_start_offset: Seconds
    max_gap: Seconds
    dropout_level: Level
    min_dropout: Seconds
    max_dropouts: Limit[Count, Literal["dropouts"]]
    clipped_suspected: Percent
    clipped_certain: Percent
    flat_suspected: Percent
    max_still_speech: Seconds
    min_speech_level: Level
    min_snr: Decibels


class ConsentLimits(_Strict, frozen=True, kw_only=True):
    max_start: Seconds
    opening_window: Seconds
    search_window: Seconds
    max_clip: Seconds
    min_rate: SpeechRate
    max_rate: SpeechRate
    max_gap: Seconds
    min_word_probability: Plain[Number]
    language: Plain[Line]


class FaceLimits(_Strict, frozen=True, kw_only=True):
    min_found: Percent
    max_several: Percent
    min_head: Percent
    max_head: Percent
    max_offset: Percent
    max_size_change: Percent
    max_turned: Percent
    max_travel: Percent
    max_lost: Percent
    min_light_ratio: Percent


class ImageLimits(_Strict, frozen=True, kw_only=True):
    formats: Choice
    min_side: Pixels
    extensions: Choice
    colour_modes: Choice
    max_bits: Limit[Count, Literal["bits"]]
    wide_profiles: Choice
    max_pixels: Pixels
    auto_fixed: Plain[tuple[Line, ...]]
    max_scanned: Pixels
    max_coefficients: Limit[Count, Literal["coefficients"]]
    max_scan_bytes: Bytes
    max_unpacked: Bytes
    max_parts: Limit[Count, Literal["parts"]]


class PortraitLimits(_Strict, frozen=True, kw_only=True):
    """What is estimated from the faces in a photo, in pairs like what is estimated from frames."""

    second_certain: Percent
    min_head_suspected: Percent
    min_head_certain: Percent
    max_head_suspected: Percent
    max_head_certain: Percent
    offset_suspected: Percent
    offset_certain: Percent
    cut_suspected: Percent
    cut_certain: Percent
    tilt_suspected: Degrees
    tilt_certain: Degrees


class PhotoLimits(_Strict, frozen=True, kw_only=True):
    """What is estimated from the pixels of a photo, in pairs like those of videos; of its face, if one is
    known. Where none is, walls are as bright or black as they like, and less is certain."""

    dim_suspected: Percent
    dim_certain: Percent
    black_face_suspected: Percent
    black_face_certain: Percent
    white_face_suspected: Percent
    white_face_certain: Percent
    white_picture_suspected: Percent
    contrast_suspected: Percent
    contrast_certain: Percent
    edge_width_suspected: Width
    edge_width_certain: Width
    edge_width_picture_suspected: Width
    edge_width_picture_certain: Width
    noise_suspected: GreyLevels
    noise_certain: GreyLevels
    blockiness_suspected: Ratio
    blockiness_certain: Ratio
    jpeg_quality_suspected: JpegQuality
    jpeg_quality_certain: JpegQuality
    light_ratio_suspected: Percent
    light_ratio_certain: Percent


class Policy(_Strict, frozen=True, kw_only=True):
    """Everything a rule may ask of the policy; one field per table of the file."""

    id: Line
    title: Line
    read: dt.date
    extends: Line | None = None
    consent_requirement: Requirement
    endpoint: ServicePath
    request: RequestLimits
    link: LinkLimits
    container: ContainerLimits
    edits: EditLimits
    video: VideoLimits
    picture: PictureLimits
    audio: AudioLimits
    consent: ConsentLimits
    face: FaceLimits
    image: ImageLimits
    portrait: PortraitLimits
    photo: PhotoLimits
    waivers: Mapping[Line, Waiver] = {}

    @property
    def rule_waivers(self) -> tuple[RuleWaiver, ...]:
        """The waivers, each with its rule and the id of this policy."""
        return tuple(
            RuleWaiver(rule, waiver.reason, waiver.until, self.id) for rule, waiver in self.waivers.items()
        )


@dataclass(frozen=True, slots=True)
class Override:
    """What a policy file says in place of the policy that it extends. ``source`` is a limit's alone."""

    key: str
    value: float | int | str
    base: float | int | str
    unit: str | None = None
    source: str | None = None


def bundled_policies() -> tuple[str, ...]:
    """The ids of the policies that come with this version."""
    folder = resources.files("preflight") / "policies"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_policy(name: str | Path) -> Policy:
    """The policy of that id, or of that file.

    Raises PolicyError when there is none, when the file is not exactly a policy, when it loosens what cannot
    be loosened, or when it bears the id of a bundled policy and differs from it: a report names its policy
    by id.
    """
    text = str(name)
    if text in bundled_policies():
        return _load_bundled(text)
    policy = _made(_parsed(_read(text), text), text)
    if policy.id in bundled_policies() and policy != _load_bundled(policy.id):
        raise PolicyError(f"policy {text!r} differs from the bundled {policy.id}; give it an id of its own")
    return policy


def policy_limits(policy: Policy) -> dict[str, Limit[Any, Any]]:
    """Every limit of the policy by its key, such as ``video.min_duration``."""
    tables = {field: getattr(policy, field) for field in policy.__struct_fields__}
    return {
        f"{name}.{field}": getattr(table, field)
        for name, table in tables.items()
        if isinstance(table, msgspec.Struct)
        for field in table.__struct_fields__
    }


def overrides(policy: Policy) -> tuple[Override, ...]:
    """What the file of a policy changes in the one that it extends. A bundled policy speaks for itself."""
    if policy.extends is None or policy.id in bundled_policies():
        return ()
    return tuple(_differences(policy, _load_bundled(policy.extends)))


_SETTINGS = ("consent_requirement", "endpoint")


def _differences(policy: Policy, base: Policy) -> Iterator[Override]:
    for key in _SETTINGS:
        if getattr(policy, key) != getattr(base, key):
            yield Override(key, str(getattr(policy, key)), str(getattr(base, key)))
    before = policy_limits(base)
    for key, limit in policy_limits(policy).items():
        if limit.value != before[key].value:
            yield Override(key, _shown(limit.value), _shown(before[key].value), limit.unit, limit.source)


def _shown(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, tuple) else value


# ---- from file to policy


@lru_cache(maxsize=8)
def _load_bundled(name: str) -> Policy:
    return _made(_bundled_document(name), name)


def _bundled_document(name: str) -> dict[str, Any]:
    return _parsed((resources.files("preflight") / "policies" / f"{name}.toml").read_bytes(), name)


def _read(text: str) -> bytes:
    path = Path(text)
    if not path.is_file():
        raise PolicyError(f"policy {text!r} is neither a file nor a known id ({_known()})")
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_POLICY_BYTES + 1)
    except OSError as exc:
        raise PolicyError(f"policy {text!r} cannot be read: {exc.strerror}") from exc
    if len(data) > _MAX_POLICY_BYTES:
        raise PolicyError(f"policy {text!r} is larger than {_MAX_POLICY_BYTES} bytes")
    return data


def _known() -> str:
    return f"known: {', '.join(bundled_policies())}"


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as exc:
        raise PolicyError(f"policy {name!r} is not valid: {exc}") from exc


def _made(document: dict[str, Any], name: str) -> Policy:
    whole = _extended(document, name)
    try:
        policy = converted(whole, Policy)
    except msgspec.ValidationError as exc:
        raise PolicyError(f"policy {name!r} is not valid: {exc}") from exc
    _require_consent_kept(policy, name)
    return policy


_OWN = ("id", "title", "read", "extends")


def _extended(document: dict[str, Any], name: str, chain: tuple[str, ...] = ()) -> dict[str, Any]:
    """The document, with what it leaves out taken from the bundled policy that it extends."""
    if "extends" not in document:
        return document
    base = document["extends"]
    if base not in bundled_policies():
        raise PolicyError(f"policy {name!r} extends {base!r}, which is no bundled policy ({_known()})")
    if base in (name, *chain):
        raise PolicyError(f"policy {name!r} extends {base!r}, which in the end extends it")
    inherited = _extended(_bundled_document(base), base, (name, *chain))
    merged = {key: value for key, value in inherited.items() if key not in _OWN}
    for key, value in document.items():
        # A limit is replaced whole: half of one would be given the source of the other half.
        tables = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = {**merged[key], **value} if tables else value
    return merged


# ---- what cannot be loosened

_WITHOUT_CONSENT = "/v2/faces"
"""The one route of which the service's pages no longer ask for a spoken consent."""

_Bound = tuple[Callable[[Any, Any], bool], str]

_LOOSER_ANYWHERE: dict[str, _Bound] = {
    "consent.opening_window": (operator.lt, "at least"),
    "container.max_missing": (operator.gt, "at most"),  # in sound that is missing, a refusal is not heard
    "edits.max_jump": (operator.gt, "at most"),  # nor in sound that an edit list passes over
    "image.auto_fixed": (lambda value, kept: not set(value) <= set(kept), "some of"),
}
"""When a limit on what is listened to is looser than the bundled one. A refusal counts under every policy, so
none may be deaf. Nor does any policy say of more faults than the service does that the service mends them."""

_LOOSER: dict[str, _Bound] = {
    "consent.max_start": (operator.gt, "at most"),
    "consent.max_clip": (operator.gt, "at most"),
    "consent.max_rate": (operator.gt, "at most"),
    "consent.max_gap": (operator.gt, "at most"),
    "consent.min_rate": (operator.lt, "at least"),
    "consent.min_word_probability": (operator.lt, "at least"),
    "consent.language": (operator.ne, "always"),
}
"""The same for limits of a consent that is required. ``consent.search_window`` is free: what is found in it
is refused either way."""

_KEPT = ("audio-tracks-ambiguous", "edit-list-jumps", "consent-negated", "consent-revoked")
"""Rules that no policy can waive. Without the first two, a refusal could be where nobody listens."""


def guards_consent(rule: str, *, required: bool = True) -> bool:
    """Whether a rule cannot be waived, where a consent is required or is only advised."""
    return rule in _KEPT or (required and rule.startswith("consent-"))


def _require_consent_kept(policy: Policy, name: str) -> None:
    """Raise PolicyError where a policy leaves the consent out, waives a rule of it, or loosens one."""
    required = policy.consent_requirement is Requirement.REQUIRED
    if not required and policy.endpoint != _WITHOUT_CONSENT:
        raise PolicyError(
            f"policy {name!r}: consent_requirement must be 'required' with endpoint {policy.endpoint!r}; "
            f"only {_WITHOUT_CONSENT!r} goes without"
        )
    for rule in policy.waivers:
        if guards_consent(rule, required=required):
            raise PolicyError(
                f"policy {name!r}: waivers.{rule}: a rule that guards the consent stays in force"
            )
    if policy.id != DEFAULT_POLICY:
        bounds = _LOOSER_ANYWHERE | (_LOOSER if required else {})
        _require_as_strict(policy, _load_bundled(DEFAULT_POLICY), bounds, name)


def _require_as_strict(policy: Policy, base: Policy, bounds: Mapping[str, _Bound], name: str) -> None:
    limits, bundled = policy_limits(policy), policy_limits(base)
    for key, (is_looser, bound) in bounds.items():
        value, kept = limits[key].value, bundled[key].value
        if is_looser(value, kept):
            raise PolicyError(f"policy {name!r}: {key} is {value!r}; no policy loosens it: {bound} {kept!r}")
