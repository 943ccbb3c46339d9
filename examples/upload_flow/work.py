"""Checks what was uploaded, stores what passed, and has it trained."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from examples.upload_flow.bucket import Bucket
from examples.upload_flow.jobs import Job, State
from examples.upload_flow.settings import Settings
from preflight import NotCleared, Options, PreflightError, Submission, acheck
from submit import (
    AsyncReplicaClient,
    NotRecorded,
    OutcomeUnknown,
    Replica,
    StillTraining,
    SubmitError,
    TrainingFailed,
)

__all__ = ["Work"]

_log = logging.getLogger(__name__)


class Work:
    """One upload after the other: a check keeps a processor busy by itself."""

    def __init__(self, settings: Settings, client: AsyncReplicaClient, bucket: Bucket) -> None:
        self.settings, self.client, self.bucket = settings, client, bucket
        self.jobs: dict[str, Job] = {}
        self._waiting: asyncio.Queue[Job] = asyncio.Queue(settings.max_waiting)
        self._followed: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        return self._waiting.full()

    def add(self, job: Job) -> None:
        """Raises asyncio.QueueFull."""
        self._waiting.put_nowait(job)
        self.jobs[job.id] = job

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            job = await self._waiting.get()
            try:
                await self._do(job)
            except Exception:  # whatever it is, the next upload is not to suffer for it
                _log.exception("upload %s", job.id)
                job.state, job.message = State.REFUSED, "a fault of ours; try again later"
            finally:
                job.folder.cleanup()

    async def stop(self) -> None:
        """Let go of everything that waits."""
        for task in self._followed:
            task.cancel()
        await asyncio.gather(*self._followed, return_exceptions=True)
        for job in self.jobs.values():
            job.folder.cleanup()

    def ended(self, replica: Replica) -> None:
        """A training has ended: every upload that led to that replica is told."""
        for job in self.jobs.values():
            if job.replica_id == replica.replica_id:
                job.state = State.FAILED if replica.failed else State.COMPLETED
                job.message, job.progress = replica.error_message, 1.0

    async def _do(self, job: Job) -> None:
        job.state = State.CHECKING
        keys = {name: f"{job.id}/{file.name}" for name, file in job.files.items()}
        given: dict[str, Any] = {f"{name}_url": self.bucket.address(key) for name, key in keys.items()}
        submission = Submission(**(given | job.files | job.fields), callback_url=self._callback_url)
        settings = self.settings
        options = Options(settings.policy, settings.asr_model, allow_hosts=settings.allow_hosts)
        try:
            report = await acheck(submission, options)
        except PreflightError as exc:
            job.state, job.message = State.REFUSED, str(exc)
            return
        job.report = report.to_dict()
        try:
            clearance = report.clear()
        except NotCleared as exc:
            job.state = State.NEEDS_PERSON if report.verdict == "review" else State.NOT_CLEARED
            job.message = str(exc)
            return
        job.state = State.SUBMITTING
        for name, key in keys.items():
            await asyncio.to_thread(self.bucket.store, job.files[name], key)
        await self._submit(job, self.client.create(clearance))

    async def _submit(self, job: Job, creation: Awaitable[Replica]) -> None:
        try:
            replica = await creation
        except (OutcomeUnknown, NotRecorded) as exc:
            job.state, job.message = State.DOUBTFUL, str(exc)
        except SubmitError as exc:
            job.state, job.message = State.REFUSED, str(exc)
        else:
            job.state, job.replica_id = State.TRAINING, replica.replica_id
            if replica.done or replica.failed:
                self.ended(replica)
            elif self._callback_url is None:
                task = asyncio.create_task(self._follow(job))
                self._followed.add(task)
                task.add_done_callback(self._followed.discard)

    async def _follow(self, job: Job) -> None:
        """Ask until the training ends, where nobody calls."""
        replica_id = job.replica_id or ""
        try:
            self.ended(await self.client.wait(replica_id, poll_s=self.settings.poll_s))
        except TrainingFailed as exc:
            self.ended(replace(Replica(replica_id, "error"), error_message=str(exc)))
        except (SubmitError, StillTraining) as exc:
            job.message = str(exc)

    @property
    def _callback_url(self) -> str | None:
        settings = self.settings
        if settings.public_url is None or settings.callback_token is None:
            return None
        return f"{settings.public_url}/callbacks/{settings.callback_token}"
