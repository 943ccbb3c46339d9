"""What is installed, what is missing, and how to get it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from preflight.errors import PreflightError, Unavailable
from preflight.submission import Options
from preflight.text import printable, redacted

if TYPE_CHECKING:
    from preflight.configuration import Configuration

__all__ = ["Diagnosis", "diagnose", "render"]

_PACKAGES = (
    *("faster-whisper", "ctranslate2", "av", "ffmpeg-python", "rapidfuzz", "Pillow", "httpx"),
    *("pydantic", "sqlalchemy"),
)
_EXTRAS = {
    "postgres": ("psycopg", "a ledger that several hosts share"),
    "web": ("starlette", "receiving callbacks, and the fake service"),
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing a check needs: whether it is there, and its version or the remedy.

    What is ``optional`` may be missing: a check then says what it did not look at.
    """

    subject: str
    present: bool
    detail: str
    optional: bool = False

    @property
    def fine(self) -> bool:
        return self.present or self.optional

    @property
    def mark(self) -> str:
        return "ok" if self.present else "without" if self.optional else "MISSING"


def diagnose(load: Callable[[], Configuration] | None = None) -> tuple[Diagnosis, ...]:
    """Look at Python, ffmpeg, the libraries, the extras, the file of settings, the recogniser's model and the
    policy. ``load`` reads the file; without it no file counts."""
    options, files = Options(), list[Diagnosis]()
    try:
        if load is not None:
            configuration = load()
            files.append(Diagnosis("configuration", True, _configured(configuration)))
            options = configuration.options()
    except PreflightError as exc:
        files.append(Diagnosis("configuration", False, str(exc)))
    return (
        *files,
        Diagnosis("Python", sys.version_info >= (3, 11), platform.python_version()),
        _look("ffmpeg", _ffmpeg),
        *_packages(),
        _faces(),
        *_extras(),
        _look("recogniser model", lambda: _model(options)),
        _look("policy", lambda: _policy(options)),
    )


def render(findings: tuple[Diagnosis, ...]) -> str:
    """One line each; what is missing comes with the remedy."""
    return "".join(f"{f.mark:7}  {f.subject}: {printable(redacted(f.detail))}\n" for f in findings)


def _look(subject: str, look: Callable[[], str]) -> Diagnosis:
    try:
        return Diagnosis(subject, True, look())
    except PreflightError as exc:
        return Diagnosis(subject, False, str(exc))


def _packages() -> Iterator[Diagnosis]:
    for name in _PACKAGES:
        try:
            yield Diagnosis(name, True, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Diagnosis(name, False, "not installed; install replica-preflight again")


def _faces() -> Diagnosis:
    """The extra as a check would use it: the cascades are there, or the model that is named can be loaded."""
    from preflight.evidence.faces import load_finder

    try:
        return Diagnosis("faces", True, load_finder().name)
    except Unavailable as exc:
        return Diagnosis("faces", False, str(exc), optional=True)
    except PreflightError as exc:
        return Diagnosis("faces", False, str(exc))


def _extras() -> Iterator[Diagnosis]:
    """Those that only sending needs."""
    for extra, (package, purpose) in _EXTRAS.items():
        try:
            yield Diagnosis(extra, True, f"{package} {metadata.version(package)}", optional=True)
        except metadata.PackageNotFoundError:
            how = f"not installed; for {purpose}: pip install 'replica-preflight[{extra}]'"
            yield Diagnosis(extra, False, how, optional=True)


def _ffmpeg() -> str:
    from preflight.evidence.ffmpeg import Ffmpeg

    found = Ffmpeg.locate()
    return f"{found.version} ({found.ffmpeg}, {found.ffprobe})"


def _configured(configuration: Configuration) -> str:
    if configuration.path is None:
        return "no file makes settings"
    made = [*configuration.in_force(), *(["waivers"] if configuration.waivers else [])]
    return f"{configuration.path} sets {', '.join(made).replace('_', '-') or 'nothing'}"


def _model(options: Options) -> str:
    from preflight.evidence.model import find_model

    folder = find_model(options.asr_model_or_default)
    notice = "" if folder.notice is None else f"; {folder.notice}"
    return f"{folder.name} ({folder.path}){notice}"


def _policy(options: Options) -> str:
    from preflight.policy import load_policy

    policy = load_policy(options.policy)
    return f"{policy.id}, read {policy.read}"
