"""The proof on texts, in full: thousands of attacks and honest readings, and the recorded figures."""

from collections import Counter

import pytest

from preflight.consent import Placement, Verdict
from tests.proof.attacks import attacks
from tests.proof.mutations import MUTATIONS
from tests.proof.positives import CONTINUATIONS, NAMES, positives
from tests.proof.tables import Counts, measured, table
from tests.proof.text import MOST_STOPPED, judged, prove

whole = pytest.mark.media  # needs no media: the whole proof takes too long for the fast loop


def test_no_attack_of_a_sample_passes() -> None:
    """Every sixth of all attacks, in the fast loop."""
    assert [] == [one.case.text for one in judged(attacks()[::6]) if one.verdict is Verdict.PASS]


@whole
def test_no_attack_passes() -> None:
    """Not one of several thousand altered, limited or imitated statements is cleared."""
    assert [] == [one.case.text for one in prove().accepted]


@whole
def test_honest_readings_pass() -> None:
    """Of those that hesitation, recognisers and everyday speech make, at most one in a hundred is stopped."""
    proof = prove()
    honest = sum(one.count for one in proof.honest.values())

    assert len(proof.stopped) <= MOST_STOPPED * honest


def test_the_proof_is_not_empty() -> None:
    """A generator that yields nothing would prove nothing."""
    hostile, honest = attacks(), positives()

    assert len(hostile) >= 3_000
    assert len(honest) >= 1_000
    assert len({name.partition("|")[0] for name in NAMES}) >= 80
    assert len(CONTINUATIONS) >= 60
    assert set(Placement) == {one.placement for one in hostile} == {one.placement for one in honest}
    assert min(Counter(one.kind for one in hostile).values()) >= 16
    assert len(set(hostile)) == len(hostile)


@whole
def test_the_recorded_figures_are_the_present_ones() -> None:
    """After a change to the engine or the texts: ``python -m tests.proof text``."""
    assert prove().figures() == measured()["text"]


def test_every_mutation_was_noticed_by_a_test() -> None:
    """After a change to the rules or their tests: ``python -m tests.proof mutations``."""
    noticed = measured()["mutations"]["noticed_by"]

    assert list(MUTATIONS) == list(noticed)
    assert all(noticed.values())


def test_the_table_counts_what_is_wrong() -> None:
    """For attacks a pass is the error; for honest readings everything else is."""
    counts = {"one": Counts(10, 1, 2, 7)}

    assert table("t", "errors", counts, wanted="not pass")[-1].split()[:6] == [
        "all",
        "10",
        "1",
        "2",
        "7",
        "1",
    ]
    assert table("t", "errors", counts, wanted="pass")[-1].split()[:6] == ["all", "10", "1", "2", "7", "9"]
