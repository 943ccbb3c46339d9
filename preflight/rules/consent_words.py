"""What the consent rules share: how a reason becomes a finding, and spoken examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preflight.consent import ConsentMatch, Hearing, Limits, Placement, Word, judge
from preflight.errors import Unavailable
from preflight.policy import Policy
from preflight.rule import Doubt, Violation
from preflight.submission import Role

__all__ = ["SPOKEN", "STATEMENT", "Heard", "found", "heard_or_refused"]

SPOKEN = frozenset({Role.TRAINING_VIDEO, Role.CONSENT_VIDEO})

STATEMENT = (
    "I, Maria Lopez, am currently speaking and consent Tavus to create an AI clone of me by using the audio "
    "and video samples I provide. I understand that this AI clone can be used to create videos that look and "
    "sound like me."
)


def found(match: ConsentMatch, reason: str) -> Iterator[Violation | Doubt]:
    """The findings that carry this reason, wherever the judgement got that far."""
    for cause in match.because(reason):
        yield Doubt(cause.message, at=cause.at) if cause.review else Violation(cause.message, at=cause.at)


def heard_or_refused(match: ConsentMatch, reason: str) -> Iterator[Violation | Doubt]:
    """The same, for what can only be judged in a statement. Raises Unavailable where none was found."""
    if not match.words and not match.because(reason):
        raise Unavailable("no statement was found to judge")
    yield from found(match, reason)


@dataclass(frozen=True, slots=True)
class Heard:
    """An example: words spoken at an even pace, as the recogniser would give them. Times in seconds."""

    text: str = STATEMENT
    name: str | None = "Maria Lopez"
    start_s: float = 1.0
    seconds_per_word: float = 0.35
    pause_before: str | None = None
    pause_s: float = 0.0
    unsure_of: str | None = None
    speech: bool = True
    language: str | None = "en"
    alone: bool = False

    def match(self, policy: Policy) -> ConsentMatch:
        """What the engine makes of it under a policy."""
        words = self._words()
        end = words[-1].end_s if words else None
        return judge(
            Hearing(
                words=words,
                speech=((self.start_s - 0.2, (end or 0.0) + 0.2),) if self.speech and words else (),
                language=self.language,
                language_probability=None if self.language is None else 0.98,
            ),
            full_name=self.name,
            placement=Placement.ALONE if self.alone else Placement.OPENING,
            limits=Limits.of(policy.consent),
        )

    def _words(self) -> tuple[Word, ...]:
        words, time = [], self.start_s
        for text in self.text.split():
            if text == self.pause_before:
                time += self.pause_s
            probability = 0.05 if text == self.unsure_of else 0.98
            words.append(Word(f" {text}", time, time + 0.8 * self.seconds_per_word, probability))
            time += self.seconds_per_word
        return tuple(words)
