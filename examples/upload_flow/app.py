"""The routes: take in an upload, and say how it is doing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import FormData, UploadFile
from starlette.types import Message, Receive

from submit import callback_app

from .jobs import Full, Job, Uploads
from .settings import Settings

FILES = ("train_video", "consent_video", "train_image")
TEXTS = ("full_name", "voice_name", "replica_name")
MAX_FILES = 2
MAX_TEXT_BYTES = 1000
_REST_BYTES = 65_536  # what a request has beside its files
_CHUNK = 1 << 20


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings.of_environment()
    uploads = Uploads(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with uploads.running():
            yield

    app = FastAPI(title="Upload flow", lifespan=lifespan)
    if settings.callback_token is not None:
        app.mount(
            "/callbacks", callback_app(uploads.client, token=settings.callback_token, on_end=uploads.ended)
        )

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(Path(__file__).with_name("page.html"))

    @app.post("/uploads", status_code=202)
    async def upload(request: Request, response: Response) -> dict[str, Any]:
        try:
            job = uploads.admit()
        except Full:
            raise HTTPException(503, "too many uploads at a time", {"retry-after": "60"}) from None
        try:
            async with asyncio.timeout(settings.upload_s):
                await _take_in(job, request, settings.max_file_bytes)
            uploads.enqueue(job)
        except TimeoutError:
            uploads.discard(job)
            raise HTTPException(408, "the upload took too long") from None
        except BaseException:
            uploads.discard(job)
            raise
        response.headers["location"] = request.url_for("show", job_id=job.id).path
        return job.to_dict()

    @app.get("/uploads/{job_id}")
    async def show(job_id: str) -> dict[str, Any]:
        try:
            return uploads[job_id].to_dict()
        except KeyError:
            raise HTTPException(404, "no such upload") from None

    return app


async def _take_in(job: Job, request: Request, max_file_bytes: int) -> None:
    """Write the files of a form into the folder of the job. Raises HTTPException for one that will not do."""
    capped = Request(request.scope, _capped(request.receive, MAX_FILES * max_file_bytes + _REST_BYTES))
    async with capped.form(max_files=MAX_FILES, max_fields=len(TEXTS), max_part_size=MAX_TEXT_BYTES) as form:
        files = _files(form)
        for name, file in files.items():
            if (file.size or 0) > max_file_bytes:
                raise HTTPException(413, f"{name} is larger than {max_file_bytes} bytes")
        for name, file in files.items():
            job.files[name] = await asyncio.to_thread(_write, file, job.path(name))
        job.texts = {name: text for name in TEXTS if isinstance(text := form.get(name), str) and text}


def _capped(receive: Receive, limit: int) -> Receive:
    """Reads no more of a request than that, whatever length it declares."""
    read = 0

    async def receive_capped() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413, "the upload is too large", {"connection": "close"})
        return message

    return receive_capped


def _files(form: FormData) -> dict[str, UploadFile]:
    files = {name: value for name in FILES if isinstance(value := form.get(name), UploadFile) and value.size}
    if ("train_video" in files) == ("train_image" in files):
        raise HTTPException(422, "send one of train_video and train_image, as multipart/form-data")
    return files


def _write(file: UploadFile, path: Path) -> str:
    """The SHA-256 of what was written."""
    digest = hashlib.sha256()
    with path.open("xb") as target:
        while chunk := file.file.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()
