"""What a file of settings may say: the shape of ``preflight.toml`` and of ``[tool.preflight]``, as data.

The published schema, the table in the docs and the errors all come from here.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

from preflight.policy import Reason
from preflight.submission import Depth

__all__ = ["Settings", "Waived", "allowed_in", "descriptions", "value_types"]

# Lengths and counts are ours: beyond them a value is a mistake, or meant to harm.
_TEXT = r"^(?=.*\S)[^\x00-\x1f\x7f]+$(?!\n)"
_HOST = r"^[^\s,/\\@?#\x00-\x1f\x7f]+$(?!\n)"
_MAX_HOST = 253  # RFC 1035, section 2.3.4, as text
_MAX_HOSTS = 64
_MAX_WAIVERS = 64
_MAX_MANIFESTS = 64
_MAX_PATH = 1_000


def _text(description: str, allowed: str, *examples: str, longest: int = 200) -> Any:
    return msgspec.Meta(
        min_length=1,
        max_length=longest,
        pattern=_TEXT,
        description=description,
        examples=list(examples),
        extra={"allowed": allowed},
    )


_MODEL = "a Whisper name, or a folder relative to this file"


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    """A table in which every key is known."""


class Waived(_Table, frozen=True, kw_only=True):
    """One rule of which the findings are only advice, until a day."""

    rule: Annotated[
        str,
        msgspec.Meta(
            max_length=80,
            description="The rule's name. None that guards the consent.",
            examples=["frame-rate-doubtful"],
            # for editors alone: who writes a code is told the name that is meant
            extra_json_schema={"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
            extra={"allowed": "the name of a rule; see: preflight rules"},
        ),
    ]
    reason: Annotated[
        Reason,
        msgspec.Meta(
            description="Why it is waived; every report shows it.",
            extra={"allowed": "why the rule is waived, in a line of at most 400 characters"},
        ),
    ]
    until: Annotated[
        dt.date,
        msgspec.Meta(
            description="The last day on which it is, at most a year ahead.",
            extra={"allowed": "the last day, such as 2026-12-31"},
        ),
    ]


class Settings(_Table, frozen=True, kw_only=True):
    """Settings of replica-preflight, as `preflight.toml` or as `[tool.preflight]` in `pyproject.toml`."""

    policy: (
        Annotated[
            str,
            _text(
                "What to judge by: the id of a bundled policy, or a policy file.",
                "the id of a bundled policy, or a file relative to this one",
                "tavus-replica-phoenix-4",
                longest=1000,
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    asr_model: (
        Annotated[
            str,
            _text(
                "The Whisper model that listens: a name, or a folder in CTranslate2 format.",
                _MODEL,
                "small",
                longest=1000,
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    asr_second_model: (
        Annotated[str, _text("A second model that listens too.", _MODEL, "medium", longest=1000)]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    depth: (
        Annotated[
            Depth,
            msgspec.Meta(
                description="How much is looked at: no picture, the key frames, or every frame.",
                extra={"allowed": ", ".join(Depth)},
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    allow_hosts: (
        Annotated[
            tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_HOST, pattern=_HOST)], ...],
            msgspec.Meta(
                max_length=_MAX_HOSTS,
                description="Hosts for which plain http and private addresses are permitted.",
                examples=[["media.example.internal"]],
                extra={"allowed": f"an array of at most {_MAX_HOSTS} host names, without scheme or path"},
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    format: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=r"^[a-z][a-z0-9-]*$(?!\n)",
                max_length=20,
                description="How to report; where to is said by the command line alone.",
                examples=["text", "json"],
                extra={"allowed": "the name of a format, such as text or json, and no file"},
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    cache: (
        Annotated[
            bool,
            msgspec.Meta(
                description="Whether files that were downloaded whole are kept for the next check.",
                extra={"allowed": "true or false"},
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    voice_name: (
        Annotated[str, _text("The service's voice; required with an image.", "the slug of a voice", "anna")]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    model_name: (
        Annotated[str, _text("The model to train.", "the name of a model", "phoenix-4")] | msgspec.UnsetType
    ) = msgspec.UNSET
    manifests: (
        Annotated[
            tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_PATH, pattern=_TEXT)], ...],
            msgspec.Meta(
                max_length=_MAX_MANIFESTS,
                description="Manifests of which the pytest plugin makes a test for each line.",
                examples=[["media/submissions.jsonl"]],
                extra={"allowed": f"an array of at most {_MAX_MANIFESTS} files, relative to this one"},
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    waivers: (
        Annotated[
            tuple[Waived, ...],
            msgspec.Meta(
                max_length=_MAX_WAIVERS,
                description="Rules of which the findings are only advice, each with a reason and an end.",
                extra={"allowed": f"at most {_MAX_WAIVERS} tables [[waivers]] with rule, reason and until"},
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET


@cache
def value_types(table: type[msgspec.Struct]) -> dict[str, Any]:
    """The type of each key of a table, as it has to be when the key is there."""
    hints = get_type_hints(table, include_extras=True)
    return {field.encode_name: _given(hints[field.name]) for field in msgspec.structs.fields(table)}


def _given(hint: Any) -> Any:
    """The type without its being left out."""
    kinds = [kind for kind in get_args(hint) if kind is not msgspec.UnsetType]
    return hint if hasattr(hint, "__metadata__") else kinds[0]


def allowed_in(kind: Any) -> str:
    """What may stand for a value of that type, in words."""
    return next(str(meta.extra["allowed"]) for meta in reversed(kind.__metadata__) if meta.extra)


def descriptions(table: type[msgspec.Struct]) -> dict[str, str]:
    """What each key of a table sets."""
    return {
        key: next(str(meta.description) for meta in reversed(kind.__metadata__) if meta.description)
        for key, kind in value_types(table).items()
    }
