"""What is set from outside."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Self

POLICY = "tavus-replica-phoenix-4"
BASE_URL = "https://tavusapi.com"


@dataclass(frozen=True)
class Settings:
    """``places`` is how many uploads may be on the disk at a time, in all states.

    ``public_url`` is where the service reaches this application; without it no callbacks are asked for.
    Trainings are asked for every ``ask_again_s`` as well: callbacks get lost, and are not sent again.
    """

    api_key: str = field(repr=False)
    bucket: str
    base_url: str = BASE_URL
    public_url: str | None = None
    callback_token: str | None = field(default=None, repr=False)
    allow_hosts: tuple[str, ...] = ()
    places: int = 8
    max_file_bytes: int = 750 * 1024 * 1024  # the policy's container.max_size
    upload_s: float = 3600.0
    ask_again_s: float = 300.0

    @classmethod
    def of_environment(cls) -> Self:
        """Raises KeyError for what must be set; README.md has the list."""
        public_url = os.environ.get("PUBLIC_URL", "").rstrip("/") or None
        hosts = os.environ.get("PREFLIGHT_ALLOW_HOSTS", "").split(",")
        return cls(
            api_key=os.environ["TAVUS_API_KEY"],
            bucket=os.environ["UPLOAD_BUCKET"],
            base_url=os.environ.get("TAVUS_BASE_URL", BASE_URL),
            public_url=public_url,
            callback_token=os.environ["CALLBACK_TOKEN"] if public_url else None,
            allow_hosts=tuple(host.strip() for host in hosts if host.strip()),
        )

    @property
    def callback_url(self) -> str | None:
        return f"{self.public_url}/callbacks/{self.callback_token}" if self.public_url else None
