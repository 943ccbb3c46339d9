"""What the application is told by its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Settings"]

_MB = 1_000_000


@dataclass(frozen=True)
class Settings:
    """Credentials of the bucket are read by boto3 itself: AWS_ACCESS_KEY_ID and so on."""

    api_key: str = field(repr=False)
    bucket: str
    bucket_endpoint: str | None = None
    """Of an S3-compatible store; None for Amazon's own."""
    base_url: str = "https://tavusapi.com"
    public_url: str | None = None
    """Where this application is reached from outside; without it, trainings are asked about."""
    callback_token: str | None = field(default=None, repr=False)
    policy: str = "tavus-replica-phoenix-4"
    asr_model: str | None = None
    allow_hosts: tuple[str, ...] = ()
    ledger: str | None = field(default=None, repr=False)
    folder: Path | None = None
    """For uploads that are being checked; the system's temporary folder by default."""
    max_bytes: int = 800 * _MB
    """Of one upload, with all of its files. The service takes videos of up to 750 MB."""
    max_waiting: int = 20
    poll_s: float = 30.0

    @classmethod
    def of_environment(cls) -> Settings:
        """Raises KeyError for what is missing."""
        given = os.environ
        hosts = given.get("PREFLIGHT_ALLOW_HOSTS", "").split(",")
        return cls(
            api_key=given["TAVUS_API_KEY"],
            bucket=given["BUCKET"],
            bucket_endpoint=given.get("BUCKET_ENDPOINT"),
            base_url=given.get("TAVUS_BASE_URL") or cls.base_url,
            public_url=given.get("PUBLIC_URL"),
            callback_token=given.get("CALLBACK_TOKEN"),
            asr_model=given.get("PREFLIGHT_ASR_MODEL"),
            allow_hosts=tuple(host.strip() for host in hosts if host.strip()),
        )
