"""Checks uploads one at a time, and submits what is cleared. Nothing else leaves this machine."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import preflight
from preflight import Options, PreflightError, Report, Role, Submission
from submit import AsyncReplicaClient, NotRecorded, OutcomeUnknown, Replica, SubmitError

from .bucket import Bucket, StorageError
from .settings import POLICY, Settings

_log = logging.getLogger(__name__)
_REMEMBERED = 1000
_LAST_WORDS_S = 120.0


class State(StrEnum):
    QUEUED = "queued"
    CHECKING = "checking"
    NOT_CLEARED = "not-cleared"
    NEEDS_PERSON = "needs-person"
    SUBMITTING = "submitting"
    TRAINING = "training"
    COMPLETED = "completed"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class Full(Exception):  # noqa: N818 - what it is
    """Every place is taken."""


@dataclass(eq=False)
class Job:
    """One upload. ``files`` are its files by the field of a Submission, each with its SHA-256."""

    folder: Path = field(repr=False)
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    files: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    state: State = State.QUEUED
    progress: Mapping[str, Any] | None = None
    report: Mapping[str, Any] | None = None
    replica: Replica | None = None
    error: str | None = None
    resolve: tuple[str, ...] = ()

    def path(self, name: str) -> Path:
        """Named by us: what a user calls a file is never a path."""
        return self.folder / name

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": str(self.state),
            "progress": self.progress,
            "report": self.report,
            "replica": None if self.replica is None else self.replica.to_dict(),
            "error": self.error,
            "resolve": list(self.resolve),
        }

    def fail(self, why: str) -> None:
        self.state, self.error = State.FAILED, why


class Uploads:
    """The jobs of this process, in memory. What was submitted outlasts it, in the ledger."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = Bucket(settings.bucket)
        self._jobs: dict[str, Job] = {}
        self._on_disk: set[Job] = set()
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._folder = Path()
        self._at_work: Job | None = None
        self._stopping = False
        self.client = AsyncReplicaClient(
            api_key=settings.api_key,
            base_url=settings.base_url,
            allow_hosts=settings.allow_hosts,
            progress=self._compared,
        )

    def __getitem__(self, job_id: str) -> Job:
        return self._jobs[job_id]

    # ---- taking in

    def admit(self) -> Job:
        """A place for an upload, before a byte of it is read. Raises Full."""
        if len(self._on_disk) >= self._settings.places:
            raise Full
        job = Job(Path(tempfile.mkdtemp(dir=self._folder)))
        self._on_disk.add(job)
        return job

    def enqueue(self, job: Job) -> None:
        """It has been uploaded."""
        self._jobs[job.id] = job
        ended = [old.id for old in self._jobs.values() if old not in self._on_disk]
        for old in ended[: max(0, len(self._jobs) - _REMEMBERED)]:
            del self._jobs[old]
        self._queue.put_nowait(job)

    def discard(self, job: Job) -> None:
        """Delete its files."""
        shutil.rmtree(job.folder, ignore_errors=True)
        self._on_disk.discard(job)

    # ---- running

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work through the queue. At the end files are deleted, and a request that is out is waited for."""
        with tempfile.TemporaryDirectory(prefix="uploads-", ignore_cleanup_errors=True) as folder:
            self._folder = Path(folder)
            worker = asyncio.create_task(self._work())
            asking = asyncio.create_task(self._keep_asking())
            try:
                yield
            finally:
                self._stopping = True
                if self._at_work is not None and self._at_work.state is State.SUBMITTING:
                    await asyncio.wait({worker}, timeout=_LAST_WORDS_S)  # answered is better than doubtful
                worker.cancel()
                asking.cancel()
                await asyncio.gather(worker, asking, return_exceptions=True)
                await self.client.aclose()

    async def _work(self) -> None:
        while not self._stopping:
            self._at_work = job = await self._queue.get()
            try:
                await self._process(job)
            except PreflightError as exc:
                job.fail(f"the check could not be made: {exc}")
            except OutcomeUnknown as exc:
                job.state, job.error = State.DOUBTFUL, str(exc)
                key = (exc.key or "KEY")[:12]
                job.resolve = (
                    f"preflight ledger show {key}",
                    f"preflight ledger resolve {key} --created ID",
                    f"preflight ledger resolve {key} --not-created",
                )
            except NotRecorded as exc:  # there is a replica, and the ledger does not know it
                job.state, job.error = State.DOUBTFUL, str(exc)
            except SubmitError as exc:
                job.fail(str(exc))
            except StorageError as exc:  # its text names the bucket and its endpoint
                _log.error("upload %s could not be stored: %s", job.id, type(exc).__name__)
                job.fail("the file could not be stored")
            except Exception:
                _log.exception("upload %s", job.id)
                job.fail("something went wrong here")
            finally:
                self._at_work, job.progress = None, None
                self.discard(job)

    async def _process(self, job: Job) -> None:
        job.state = State.CHECKING
        # signed before they are stored, so that the check judges the very request that will be sent
        keys = {name: f"{name}/{digest}" for name, digest in job.files.items()}
        wanted: dict[str, Any] = {name: job.path(name) for name in job.files}
        wanted |= {f"{name}_url": self._bucket.address(key) for name, key in keys.items()}
        wanted |= job.texts
        submission = Submission(**wanted, callback_url=self._settings.callback_url)
        options = Options(policy=POLICY, allow_hosts=self._settings.allow_hosts)
        report = await preflight.acheck(submission, options)
        job.report = _without(job.folder, report)
        if report.verdict != "pass":
            job.state = State.NOT_CLEARED if report.verdict == "fail" else State.NEEDS_PERSON
            return
        job.state = State.SUBMITTING
        await self._stored(job, keys, report)
        job.replica = await self.client.create(report.clear())
        job.state = State.TRAINING
        await self._ask(job)  # it may have ended before we knew whose it is

    async def _stored(self, job: Job, keys: Mapping[str, str], report: Report) -> None:
        for asset in report.assets:
            name = _FIELDS[asset.role]
            progress = _Progress(job, f"storing {name}", asset.size_bytes)
            kind = "image" if name == "train_image" else "video"
            content_type = f"{kind}/{asset.facts['container']}"
            await asyncio.to_thread(
                self._bucket.store, job.path(name), keys[name], content_type, progress.more
            )

    def _compared(self, name: str, done: int, total: int | None) -> None:
        """The client compares what the bucket serves with what was checked."""
        if self._at_work is not None:
            self._at_work.progress = {"step": f"comparing {name}", "done": done, "total": total}

    # ---- following

    def ended(self, replica: Replica) -> None:
        """The end of a training. One replica may be that of several uploads of the same file."""
        for job in self._jobs.values():
            if job.replica is not None and job.replica.replica_id == replica.replica_id:
                job.replica = replica
                if replica.done:
                    job.state = State.COMPLETED
                else:
                    job.fail(replica.error_message or "the training failed")

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(self._settings.ask_again_s)
            for job in [job for job in self._jobs.values() if job.state is State.TRAINING]:
                await self._ask(job)

    async def _ask(self, job: Job) -> None:
        assert job.replica is not None  # noqa: S101 - what the state means
        try:
            confirmed = await self.client.confirm(job.replica.replica_id)
        except SubmitError as exc:
            _log.warning("replica %s could not be asked about: %s", job.replica.replica_id, exc)
            return
        if confirmed is not None and confirmed.replica.ended:
            self.ended(confirmed.replica)
        elif confirmed is not None:
            job.replica = confirmed.replica


_FIELDS = {
    Role.TRAINING_VIDEO: "train_video",
    Role.CONSENT_VIDEO: "consent_video",
    Role.TRAINING_IMAGE: "train_image",
}


class _Progress:
    """Adds up what is stored; told from several threads."""

    def __init__(self, job: Job, step: str, total: int | None) -> None:
        self._job, self._step, self._total = job, step, total
        self._done, self._lock = 0, threading.Lock()

    def more(self, size: int) -> None:
        with self._lock:
            self._done += size
            self._job.progress = {"step": self._step, "done": self._done, "total": self._total}


def _without(folder: Path, report: Report) -> dict[str, Any]:
    """The JSON report, in which files are called as we call them, wherever they lie here."""
    shown: dict[str, Any] = json.loads(json.dumps(report.to_dict()).replace(f"{folder}/", ""))
    return shown
