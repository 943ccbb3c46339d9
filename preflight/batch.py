"""Many submissions, listed in a manifest: checked side by side, none of them twice, none at another's cost.

Each is checked in a process of its own kind: what crashes one does not stop the rest. What is finished is
written down at once, so that a run which was stopped goes on where it was.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import hashlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

import msgspec

from preflight.consent import ConsentMatch
from preflight.errors import PreflightError, SourceError, UsageError
from preflight.evidence.file import display_name
from preflight.manifest import read_lines
from preflight.network.url import is_address
from preflight.policy import load_policy
from preflight.report import AssetReport, Finding, ListedAt, Report
from preflight.rule import Severity
from preflight.submission import DEFAULT_POLICY, Options, Role, Submission
from preflight.text import printable
from preflight.verdict import Verdict
from preflight.version import __version__

__all__ = ["Item", "Outcome", "Results", "check_all", "read_submissions", "worst"]

_SOURCES = ("train_video", "consent_video", "train_image")
_PR_SET_PDEATHSIG = 1  # of linux/prctl.h
_ENDED = 130


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a manifest: the fields of a Submission, and a name for the reports.

    ``expect`` is the verdict that a test of it expects; a check itself expects nothing.
    """

    expect: Verdict = Verdict.PASS

    id: str | None = None
    train_video: str | None = None
    consent_video: str | None = None
    train_image: str | None = None
    full_name: str | None = None
    accepted_names: tuple[str, ...] = ()
    voice_name: str | None = None
    model_name: str | None = None
    auto_fix_training_image: bool = False
    replica_name: str | None = None
    callback_url: str | None = None
    train_video_url: str | None = None
    consent_video_url: str | None = None
    train_image_url: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One submission of a manifest. ``problem`` is set where its line is none."""

    file: str
    line: int
    name: str
    submission: Submission | None
    problem: str | None = None
    expect: Verdict = Verdict.PASS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: a report, or the reason why there is none. ``resumed``: of an earlier run."""

    item: Item
    report: Report | None
    problem: str | None = None
    resumed: bool = False

    @property
    def verdict(self) -> Verdict | None:
        return None if self.report is None else self.report.verdict

    def to_report(self) -> Report:
        """The report, with its place in the manifest; for what was not checked, one that says no more."""
        report = self.report
        if report is None:
            report = Report(
                submission=self.item.submission or Submission(),
                policy=load_policy(DEFAULT_POLICY),
                assets=(),
                findings=(_not_checked(self.problem or ""),),
                passed=(),
                consent=None,
                consent_asset=None,
                environment={},
            )
        return replace(report, listed_at=ListedAt(self.item.file, self.item.line))

    def to_dict(self) -> dict[str, Any]:
        return {
            "line": self.item.line,
            "name": self.item.name,
            "verdict": None if self.verdict is None else str(self.verdict),
            "problem": self.problem,
            "report": None if self.report is None else self.report.to_dict(),
        }


def _not_checked(problem: str) -> Finding:
    return Finding(
        code="RUN000",
        rule="not-checked",
        severity=Severity.ERROR,
        assessed=False,
        asset=None,
        message=printable(problem, limit=500),
        remedy="Correct the line of the manifest, or what it names, and check again.",
    )


def read_submissions(
    name: str | os.PathLike[str], *, model_name: str, voice_name: str | None = None
) -> list[Item]:
    """The submissions of a manifest, in its order; paths are relative to it, ``-`` is standard input.

    ``model_name`` and ``voice_name`` are those of lines that name none.
    A line that is none becomes an item with a problem: it does not keep the others from being checked.
    Raises UsageError or SourceError for a file that is no manifest, and for an empty one.
    """
    lines, _ = read_lines(name, Line, lists=("accepted_names",), flags=("auto_fix_training_image",))
    defaults = {"model_name": model_name, "voice_name": voice_name}
    file = os.fspath(name)
    folder = Path() if file == "-" else Path(file).parent  # as it was named, and so reports show it
    items = [_item(file, number, read, folder, defaults) for number, read in lines]
    if not items:
        raise UsageError(f"{os.fspath(name)}: lists no submission")
    return items


def _item(
    file: str, number: int, read: Callable[[], Line], folder: Path, defaults: Mapping[str, Any]
) -> Item:
    try:
        line = read()
        given = {source: getattr(line, source) for source in _SOURCES if getattr(line, source)}
        if not given:
            raise ValueError("names no file: give train_video or train_image")
    except ValueError as exc:
        return Item(file, number, f"line {number}", None, printable(str(exc), limit=300))
    fields = {
        name: value
        for name in Line.__struct_fields__
        if name not in ("id", "expect", *_SOURCES) and (value := getattr(line, name)) is not None
    }
    sources = {name: text if is_address(text) else str(folder / text) for name, text in given.items()}
    submission = Submission(**(dict(defaults) | fields | sources))
    shown = line.id or ", ".join(display_name(text) for text in given.values())
    return Item(file, number, printable(shown, limit=200), submission, expect=line.expect)


def worst(outcomes: Iterable[Outcome]) -> Verdict | None:
    """The verdict on all: ``fail`` before one that could not be checked (``None``) before ``review``."""
    verdicts = {outcome.verdict for outcome in outcomes}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    if None in verdicts:
        return None
    return Verdict.REVIEW if Verdict.REVIEW in verdicts else Verdict.PASS


def check_all(
    items: Sequence[Item],
    options: Options,
    *,
    jobs: int,
    results: Results | None = None,
    done: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Check all of them, ``jobs`` at a time. The outcomes, in the order of the items.

    ``results`` holds those that an earlier run finished, and is told of each that this one does; ``done`` is
    called with every outcome as it comes. Raises PreflightError where none could be checked: no such policy.
    """
    load_policy(options.policy)
    found: dict[int, Outcome] = {}

    def take(at: int, outcome: Outcome, key: str | None = None) -> None:
        found[at] = outcome
        if results is not None and key is not None:
            results.add(key, outcome)
        done(outcome)

    waiting: list[tuple[int, str]] = []
    for at, item in enumerate(items):
        if item.submission is None:
            take(at, Outcome(item, None, item.problem))
            continue
        key = _key(item.submission, options)
        known = None if results is None else results.find(key, item, options)
        if known is not None:
            take(at, known)
        else:
            waiting.append((at, key))
    for at, key, outcome in _checked(items, waiting, options, jobs):
        take(at, outcome, key)
    return [found[at] for at in range(len(items))]


def _checked(
    items: Sequence[Item], waiting: Sequence[tuple[int, str]], options: Options, jobs: int
) -> Iterator[tuple[int, str, Outcome]]:
    """Check what waits, in processes. One that dies takes those with it that ran beside it: they are begun
    again, one at a time, so that only the one whose fault it was is given up."""
    left, suspects = list(waiting), list[tuple[int, str]]()
    while left or suspects:
        batch, count = (left, jobs) if left else ([suspects.pop(0)], 1)
        broken: list[tuple[int, str]] = []
        with _pool(min(count, len(batch))) as pool:
            running: dict[Future[Outcome], tuple[int, str]] = {}
            queue = list(batch)
            while queue or running:
                while queue and len(running) < count:
                    at, key = queue.pop(0)
                    try:
                        running[pool.submit(_one, items[at], options)] = (at, key)
                    except BrokenProcessPool:
                        queue.insert(0, (at, key))
                        break
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    at, key = running.pop(future)
                    try:
                        yield at, key, future.result()
                    except BrokenProcessPool:
                        broken.append((at, key))
        if left:
            left, suspects = queue, suspects + broken
        else:
            for at, key in broken:
                yield at, key, Outcome(items[at], None, "the process that checked it was ended")


@contextmanager
def _pool(count: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes, since forking one that has threads is not safe; none outlives the run."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_prepared) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise


class _Work:
    """Whether this process of the pool is checking something that has to be cleared away."""

    busy = False


def _prepared() -> None:
    """End when told to, with nothing left behind; and with whoever began this."""

    def end(number: int, frame: object) -> None:
        if _Work.busy:
            raise KeyboardInterrupt
        os._exit(_ENDED)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _one(item: Item, options: Options) -> Outcome:
    """Check one, in a process of the pool. Whatever goes wrong is its outcome."""
    from preflight.engine import check

    assert item.submission is not None  # noqa: S101 - others are not handed on
    _Work.busy = True
    try:
        return Outcome(item, check(item.submission, options))
    except PreflightError as exc:
        return Outcome(item, None, str(exc))
    except Exception as exc:
        return Outcome(item, None, f"internal error: {type(exc).__name__}: {exc}")
    except KeyboardInterrupt:
        os._exit(_ENDED)  # the pool would take it for an answer, and go on
    finally:
        _Work.busy = False


# ---- what is finished


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One finished submission, as it is written down. What mends its files is left out."""

    key: str
    assets: tuple[AssetReport, ...]
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    consent: ConsentMatch | None
    consent_asset: Role | None
    environment: dict[str, Any]
    waived: tuple[str, ...]


class Results:
    """A file of finished submissions, one a line; a context manager.

    A line that was cut short, by a power cut for one, is as none. It is trusted like the reports themselves:
    whoever can write it can write those.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._known: dict[str, bytes] = {}
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise SourceError(f"{self._path}: {exc.strerror or 'cannot be written'}") from exc
        self._file = os.fdopen(descriptor, "r+b")
        ended = True
        for line in self._file:
            ended = line.endswith(b"\n")
            with suppress(msgspec.MsgspecError):
                self._known[msgspec.json.decode(line, type=_Keyed).key] = line
        if not ended:
            self._file.write(b"\n")

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def find(self, key: str, item: Item, options: Options) -> Outcome | None:
        """What an earlier run made of the same submission: of the same files, policy and version."""
        line = self._known.get(key)
        if line is None or item.submission is None:
            return None
        try:
            kept = msgspec.json.decode(line, type=_Kept)
        except msgspec.MsgspecError:
            return None
        report = Report(
            submission=item.submission,
            policy=load_policy(options.policy),
            assets=kept.assets,
            findings=kept.findings,
            passed=kept.passed,
            consent=kept.consent,
            consent_asset=kept.consent_asset,
            environment=kept.environment,
            waived=kept.waived,
            waivers=options.waivers,
        )
        return Outcome(item, report, resumed=True)

    def add(self, key: str, outcome: Outcome) -> None:
        """Write down a finished one; what could not be checked is tried again the next time."""
        report = outcome.report
        if report is None:
            return
        kept = _Kept(
            key=key,
            assets=tuple(replace(asset, fix=None) for asset in report.assets),
            findings=report.findings,
            passed=report.passed,
            consent=report.consent,
            consent_asset=report.consent_asset,
            environment=dict(report.environment),
            waived=report.waived,
        )
        self._file.write(msgspec.json.encode(kept) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class _Keyed(msgspec.Struct, frozen=True):
    key: str


def _key(submission: Submission, options: Options) -> str:
    """What decides the outcome: what is asked, by which policy and version, of which files."""
    policy = load_policy(options.policy)
    told = {
        "version": __version__,
        "policy": hashlib.sha256(msgspec.json.encode(policy)).hexdigest(),
        "models": [options.asr_model_or_default, options.asr_second_model_or_default],
        "depth": str(options.depth),
        "hosts": sorted(options.allow_hosts),
        "waivers": [[waiver.rule, waiver.reason, str(waiver.until)] for waiver in options.waivers],
        "day": str(dt.datetime.now(dt.UTC).date()) if options.waivers or policy.waivers else None,
        "fields": {name: str(getattr(submission, name)) for name in sorted(Submission.__slots__)},
        "files": [_stamp(source) for _, source in submission.sources()],
    }
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _stamp(source: str | os.PathLike[str]) -> list[int] | None:
    """Size and time of change of a file; an address is what it says."""
    with suppress(OSError, ValueError):
        found = Path(source).stat()
        return [found.st_size, found.st_mtime_ns]
    return None
