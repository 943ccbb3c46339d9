"""The web application. ``uvicorn examples.upload_flow.app:of_environment --factory`` serves it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, UploadFile
from fastapi.responses import FileResponse

from examples.upload_flow.bucket import Bucket
from examples.upload_flow.jobs import Job
from examples.upload_flow.limits import LimitedBody
from examples.upload_flow.settings import Settings
from examples.upload_flow.work import Work
from submit import AsyncReplicaClient, callback_app

__all__ = ["create_app", "of_environment"]

_PAGE = Path(__file__).with_name("page.html")
_NAMES = {"train_video": "video.mp4", "consent_video": "consent.mp4", "train_image": "photo"}


def of_environment() -> FastAPI:
    return create_app(Settings.of_environment())


def create_app(settings: Settings) -> FastAPI:
    client = AsyncReplicaClient(
        api_key=settings.api_key,
        base_url=settings.base_url,
        allow_hosts=settings.allow_hosts,
        ledger=settings.ledger,
    )
    work = Work(settings, client, Bucket(settings.bucket, settings.bucket_endpoint))

    @contextlib.asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(work.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await work.stop()
            await client.aclose()

    app = FastAPI(title="Upload flow", lifespan=running)
    app.add_middleware(LimitedBody, max_bytes=settings.max_bytes)
    if settings.callback_token is not None:
        app.mount("/callbacks", callback_app(client, token=settings.callback_token, on_end=work.ended))

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE)

    @app.post("/uploads", status_code=202)
    async def upload(
        train_video: UploadFile | None = None,
        consent_video: UploadFile | None = None,
        train_image: UploadFile | None = None,
        full_name: Annotated[str | None, Form(max_length=200)] = None,
        voice_name: Annotated[str | None, Form(max_length=100)] = None,
        replica_name: Annotated[str | None, Form(max_length=60)] = None,
    ) -> dict[str, Any]:
        """Take a training video and the speaker's name, or a training image and a voice."""
        given = {"train_video": train_video, "consent_video": consent_video, "train_image": train_image}
        files = {name: file for name, file in given.items() if file is not None}
        if ("train_video" in files) == ("train_image" in files):
            raise HTTPException(422, "give a training video, or a training image")
        if "train_video" in files and not (full_name or "").strip():
            raise HTTPException(422, "give the name of the person who speaks")
        if work.is_full:
            raise HTTPException(503, "too many uploads are waiting; try again later")
        folder = TemporaryDirectory(prefix="upload-", dir=settings.folder, ignore_cleanup_errors=True)
        paths = {name: Path(folder.name, _NAMES[name]) for name in files}
        for name, file in files.items():
            await asyncio.to_thread(_save, file, paths[name])
        fields = {"full_name": full_name, "voice_name": voice_name, "replica_name": replica_name}
        job = Job(folder, fields, paths)
        try:
            work.add(job)
        except asyncio.QueueFull:
            folder.cleanup()
            raise HTTPException(503, "too many uploads are waiting; try again later") from None
        return job.to_dict()

    @app.get("/uploads/{job_id}")
    async def show(job_id: str) -> dict[str, Any]:
        job = work.jobs.get(job_id)
        if job is None:
            raise HTTPException(404, "there is no such upload")
        return job.to_dict()

    return app


def _save(file: UploadFile, path: Path) -> None:
    """Under a name of our own: the user's is text, and no path."""
    with path.open("xb") as target:
        shutil.copyfileobj(file.file, target)
