"""The bucket that the service fetches from. boto3 finds its endpoint and its keys in the environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

StorageError = (Boto3Error, BotoCoreError, ClientError)
VALID_S = 48 * 3600
"""The service needs an address for 24 hours, and a check may have to wait its turn."""


class Bucket:
    def __init__(self, name: str) -> None:
        self._name = name
        self._s3 = boto3.client(
            "s3",
            config=Config(
                signature_version="s3v4",
                connect_timeout=10,
                read_timeout=60,
                request_checksum_calculation="when_required",  # not every store knows the newest
            ),
        )

    def address(self, key: str) -> str:
        """Where an object can be fetched by whoever has this address. It need not be stored yet."""
        address: str = self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": self._name, "Key": key}, ExpiresIn=VALID_S
        )
        return address

    def store(self, path: Path, key: str, content_type: str, stored: Callable[[int], None]) -> None:
        """Raises StorageError. ``stored`` is told the bytes of each part, from other threads."""
        self._s3.upload_file(
            str(path), self._name, key, ExtraArgs={"ContentType": content_type}, Callback=stored
        )
