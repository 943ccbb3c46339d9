"""The proof on texts: no attack passes, and of the honest readings at most one in a hundred does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from preflight.consent import ConsentMatch, Verdict, match_consent
from tests.proof.attacks import Attack, attacks
from tests.proof.positives import Honest, positives
from tests.proof.tables import Counts, as_figures, count, record, say, table, total, upper_bound

__all__ = ["MOST_STOPPED", "Outcome", "TextProof", "judged", "main", "prove"]

MOST_STOPPED = 0.01  # of the honest readings


@dataclass(frozen=True, slots=True)
class Outcome:
    """One text and what became of it."""

    case: Attack | Honest
    verdict: Verdict
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextProof:
    """Both halves: attacks and honest readings."""

    attacks: dict[str, Counts]
    honest: dict[str, Counts]
    accepted: tuple[Outcome, ...]
    stopped: tuple[Outcome, ...]

    @property
    def holds(self) -> bool:
        """No attack passed, and few honest readings were stopped."""
        return not self.accepted and len(self.stopped) <= MOST_STOPPED * total(self.honest.values()).count

    def figures(self) -> dict[str, Any]:
        """The figures that are recorded."""
        tried, honest = total(self.attacks.values()).count, total(self.honest.values()).count
        return {
            "attacks": tried,
            "false_accepts": len(self.accepted),
            "false_accept_bound_95": round(upper_bound(len(self.accepted), tried), 6),
            "honest": honest,
            "not_passed": len(self.stopped),
            "not_passed_bound_95": round(upper_bound(len(self.stopped), honest), 6),
            "attacks_by_kind": as_figures(self.attacks),
            "honest_by_kind": as_figures(self.honest),
            "exceptions": [
                {"text": one.case.text, "verdict": one.verdict.value, "because": list(one.causes)}
                for one in self.stopped
            ],
        }


def match(case: Attack | Honest) -> ConsentMatch:
    """The engine's answer to one text."""
    return match_consent(
        case.text, full_name=case.full_name, accepted_names=case.accepted_names, placement=case.placement
    )


def judged(cases: Iterable[Attack | Honest]) -> list[Outcome]:
    """What becomes of each text."""
    found = []
    for case in cases:
        answer = match(case)
        found.append(Outcome(case, answer.verdict, tuple(cause.message for cause in answer.causes)))
    return found


@cache
def prove() -> TextProof:
    """All attacks and all honest readings, judged once."""
    hostile, honest = judged(attacks()), judged(positives())
    return TextProof(
        count((one.case.kind, one.verdict.value) for one in hostile),
        count((one.case.kind, one.verdict.value) for one in honest),
        tuple(one for one in hostile if one.verdict is Verdict.PASS),
        tuple(one for one in honest if one.verdict is not Verdict.PASS),
    )


def main() -> int:
    """Judge, print and record; 1 where the proof does not hold."""
    proof = prove()
    say(*table("attacks", "false accepts", proof.attacks, wanted="not pass"), "")
    say(*table("honest readings", "not passed", proof.honest, wanted="pass"), "")
    for one in proof.accepted:
        say(f"passes although it should not ({one.case.kind}, {one.case.placement}): {one.case.text}")
    for one in proof.stopped:
        say(f"{one.verdict} ({one.case.kind}, {one.case.placement}): {one.causes[0]}", f"    {one.case.text}")
    record("text", proof.figures())
    say("", "the proof holds" if proof.holds else "the proof does not hold")
    return 0 if proof.holds else 1
