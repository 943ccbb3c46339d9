"""A recogniser that was told what to hear."""

from __future__ import annotations

from typing import Any

from preflight.evidence.transcript import DECODE_PROFILE, Transcript
from preflight.rules.consent_words import STATEMENT, Heard

__all__ = ["Listener"]


class Listener:
    """Hears one text after the other, whatever the sound, and keeps count of how it is asked."""

    def __init__(self, *texts: str, language: str = "en", start_s: float = 1.0) -> None:
        self.profiles: list[Any] = []
        self.language = language
        self._heard = [
            Transcript(Heard(text, start_s=start_s, seconds_per_word=0.3)._words(), "en", 0.99)
            for text in texts or (STATEMENT,)
        ]

    @property
    def calls(self) -> int:
        return len(self.profiles)

    def transcribe(self, samples: Any, profile: Any = DECODE_PROFILE) -> Transcript:
        """The first text first, then the second, and the last one from then on."""
        self.profiles.append(profile)
        return self._heard[min(self.calls, len(self._heard)) - 1]

    def language_of(self, samples: Any) -> tuple[str, float] | None:
        return self.language, 0.99

    def describe(self) -> dict[str, str | int | None]:
        return {"asr_model": "listener"}
