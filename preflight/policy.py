"""Policies: the numbers that rules judge by, each with its source and the day it was read.

A policy is a TOML file. Its shape is the classes below: an unknown, missing or duplicate key is an error,
so that a misspelt limit can never be ignored in silence. So is a value that is no limit (``nan``, a negative
number) and a unit other than the one a limit has.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar, cast

import msgspec

from preflight.errors import PolicyError

__all__ = ["Limit", "Policy", "Requirement", "bundled_policies", "load_policy"]

T = TypeVar("T")
U = TypeVar("U")

_MAX_POLICY_BYTES = 1_000_000

# Finite and not negative: with a limit of "nan" everything would pass, since nothing is below it.
Number = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[tuple[Line, ...], msgspec.Meta(min_length=1)]
# A path on the service, never an address: the API key is sent there.
ServicePath = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^(/[a-z0-9_-]+)+$")]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the policy file in which every key is known and every known key is present."""


class Limit(_Strict, Generic[T, U], frozen=True, kw_only=True):
    """One value, where it was read and when. ``unit`` is ``None`` where the value is not a quantity.

    The unit of each limit is fixed, so that ``value = 1, unit = "min"`` is refused, not taken for a second.
    """

    value: T
    source: Line
    read: dt.date
    unit: U = cast(U, None)


Seconds = Limit[Number, Literal["s"]]
FrameRate = Limit[Number, Literal["fps"]]
SpeechRate = Limit[Number, Literal["words/s"]]
Pixels = Limit[Count, Literal["px"]]
Bytes = Limit[Count, Literal["bytes"]]
Percent = Limit[Number, Literal["%"]]
Decibels = Limit[Number, Literal["dB"]]
Level = Limit[Annotated[float, msgspec.Meta(ge=-120, le=0)], Literal["dBFS"]]
Choice = Limit[Words, None]


class Requirement(StrEnum):
    """Whether a policy asks for a spoken consent. A policy that does not is not supported yet."""

    REQUIRED = "required"


class RequestLimits(_Strict, frozen=True, kw_only=True):
    models: Choice
    models_without_image: Choice


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
    max_frame_gap: Seconds
    min_frame_rate: FrameRate
    documented_frame_rate: FrameRate
    frame_rate_tolerance: FrameRate
    min_short_side: Pixels
    documented_short_side: Pixels


class AudioLimits(_Strict, frozen=True, kw_only=True):
    codecs: Choice
    max_start_offset: Seconds
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
    min_word_probability: Limit[Number, None]
    language: Limit[Line, None]


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
    colour_modes: Choice
    max_pixels: Pixels


class Policy(_Strict, frozen=True, kw_only=True):
    """Everything a rule may ask of the policy; one field per table of the file."""

    id: Line
    title: Line
    read: dt.date
    consent_requirement: Requirement
    endpoint: ServicePath
    request: RequestLimits
    container: ContainerLimits
    video: VideoLimits
    audio: AudioLimits
    consent: ConsentLimits
    face: FaceLimits
    image: ImageLimits


def bundled_policies() -> tuple[str, ...]:
    """The ids of the policies that come with this version."""
    folder = resources.files("preflight") / "policies"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_policy(name: str | Path) -> Policy:
    """The policy of that id, or of that file.

    Raises PolicyError when there is none, when the file is not exactly a policy, or when it bears the id of
    a bundled policy and differs from it: a report names its policy by id.
    """
    text = str(name)
    if text in bundled_policies():
        return _load_bundled(text)
    policy = _parse(_read(text), text)
    if policy.id in bundled_policies() and policy != _load_bundled(policy.id):
        raise PolicyError(f"policy {text!r} differs from the bundled {policy.id}; give it an id of its own")
    return policy


@lru_cache(maxsize=8)
def _load_bundled(name: str) -> Policy:
    return _parse((resources.files("preflight") / "policies" / f"{name}.toml").read_bytes(), name)


def _read(text: str) -> bytes:
    path = Path(text)
    if not path.is_file():
        known = ", ".join(bundled_policies())
        raise PolicyError(f"policy {text!r} is neither a file nor a known id (known: {known})")
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_POLICY_BYTES + 1)
    except OSError as exc:
        raise PolicyError(f"policy {text!r} cannot be read: {exc.strerror}") from exc
    if len(data) > _MAX_POLICY_BYTES:
        raise PolicyError(f"policy {text!r} is larger than {_MAX_POLICY_BYTES} bytes")
    return data


def _parse(data: bytes, name: str) -> Policy:
    try:
        return msgspec.convert(tomllib.loads(data.decode()), Policy)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise PolicyError(f"policy {name!r} is not valid: {exc}") from exc
