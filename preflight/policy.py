"""Policies: the numbers that rules judge by, each with its source and the day it was read.

A policy is a TOML file. Its shape is the classes below: an unknown, missing or duplicate key is an error,
so that a misspelt limit can never be ignored in silence.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from preflight.errors import PolicyError

__all__ = ["Limit", "Policy", "Requirement", "bundled_policies", "load_policy"]

T = TypeVar("T")

_MAX_POLICY_BYTES = 1_000_000


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the policy file in which every key is known and every known key is present."""


class Limit(_Strict, Generic[T], frozen=True, kw_only=True):
    """One value, where it was read and when. ``unit`` is ``None`` where the value is not a quantity."""

    value: T
    source: str
    read: dt.date
    unit: str | None = None


class Requirement(StrEnum):
    """Whether a policy asks for a spoken consent. A policy that does not is not supported yet."""

    REQUIRED = "required"


class RequestLimits(_Strict, frozen=True, kw_only=True):
    models: Limit[tuple[str, ...]]
    models_without_image: Limit[tuple[str, ...]]


class ContainerLimits(_Strict, frozen=True, kw_only=True):
    accepted: Limit[tuple[str, ...]]
    doubtful: Limit[tuple[str, ...]]
    max_size: Limit[int]
    doubtful_size: Limit[int]
    max_missing: Limit[float]


class VideoLimits(_Strict, frozen=True, kw_only=True):
    codecs: Limit[tuple[str, ...]]
    min_duration: Limit[float]
    min_frame_rate: Limit[float]
    documented_frame_rate: Limit[float]
    frame_rate_tolerance: Limit[float]
    min_short_side: Limit[int]
    documented_short_side: Limit[int]


class AudioLimits(_Strict, frozen=True, kw_only=True):
    codecs: Limit[tuple[str, ...]]


class ConsentLimits(_Strict, frozen=True, kw_only=True):
    max_start: Limit[float]
    opening_window: Limit[float]
    max_clip: Limit[float]
    min_rate: Limit[float]
    max_rate: Limit[float]
    max_gap: Limit[float]
    min_word_probability: Limit[float]
    language: Limit[str]


class ImageLimits(_Strict, frozen=True, kw_only=True):
    formats: Limit[tuple[str, ...]]
    min_side: Limit[int]
    colour_modes: Limit[tuple[str, ...]]
    max_pixels: Limit[int]


class Policy(_Strict, frozen=True, kw_only=True):
    """Everything a rule may ask of the policy; one field per table of the file."""

    id: str
    title: str
    read: dt.date
    consent_requirement: Requirement
    endpoint: str
    request: RequestLimits
    container: ContainerLimits
    video: VideoLimits
    audio: AudioLimits
    consent: ConsentLimits
    image: ImageLimits


def bundled_policies() -> tuple[str, ...]:
    """The ids of the policies that come with this version."""
    folder = resources.files("preflight") / "policies"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_policy(name: str | Path) -> Policy:
    """The policy of that id, or of that file.

    Raises PolicyError when there is none, or when the file is not exactly a policy.
    """
    return (
        _load_bundled(str(name)) if str(name) in bundled_policies() else _parse(_read(Path(name)), str(name))
    )


@lru_cache(maxsize=8)
def _load_bundled(name: str) -> Policy:
    return _parse((resources.files("preflight") / "policies" / f"{name}.toml").read_bytes(), name)


def _read(path: Path) -> bytes:
    if not path.is_file():
        known = ", ".join(bundled_policies())
        raise PolicyError(f"policy {str(path)!r} is neither a file nor a known id (known: {known})")
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_POLICY_BYTES + 1)
    except OSError as exc:
        raise PolicyError(f"policy {str(path)!r} cannot be read: {exc.strerror}") from exc
    if len(data) > _MAX_POLICY_BYTES:
        raise PolicyError(f"policy {str(path)!r} is larger than {_MAX_POLICY_BYTES} bytes")
    return data


def _parse(data: bytes, name: str) -> Policy:
    try:
        return msgspec.convert(tomllib.loads(data.decode()), Policy)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise PolicyError(f"policy {name!r} is not valid: {exc}") from exc
