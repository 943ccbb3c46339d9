"""A bucket of an S3-compatible store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

__all__ = ["Bucket"]

_VALID_S = 48 * 3600  # the service needs 24 h from the submission on; the check itself takes some of it


class Bucket:
    """Blocking, like boto3 itself: to be called from threads."""

    def __init__(self, name: str, endpoint: str | None) -> None:
        bounds = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 3}}
        self._name = name
        self._client: Any = boto3.client(
            "s3", endpoint_url=endpoint, config=Config(signature_version="s3v4", **bounds)
        )

    def address(self, key: str) -> str:
        """Where the service will find that object, for 48 hours. It need not be there yet."""
        parameters = {"Bucket": self._name, "Key": key}
        return str(self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=_VALID_S))

    def store(self, file: Path, key: str) -> None:
        self._client.upload_file(str(file), self._name, key)
