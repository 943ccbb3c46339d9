"""Each rule of the engine switched off in turn: the tests of the engine have to notice every time.

A mutation replaces one function or one value of the engine in a process of its own, in which the tests of the
engine then run up to the first failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from preflight.consent import align, around, beside, everyday, faults, fold, gates, name, opinions
from preflight.consent.lexicon import lexicon
from tests.proof.tables import record, say

__all__ = ["MUTATIONS", "apply", "main"]

judging: Any = import_module("preflight.consent.judge")  # the package has a function of the same name
ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 180
Mutation = Callable[[], None]
_ALL_SPEECH = ((0.0, 1e9),)


# ---- how a rule is switched off


def _everywhere(old: object, new: object) -> None:
    """One object of the engine replaced in every module that holds it."""
    for module in [m for key, m in sys.modules.items() if key.startswith("preflight.consent")]:
        for attribute, value in list(vars(module).items()):
            if value is old:
                setattr(module, attribute, new)


def _nothing(old: object) -> Mutation:
    """A rule that finds nothing."""
    return lambda: _everywhere(old, lambda *_, **__: [])


def _always(old: object, answer: object) -> Mutation:
    return lambda: _everywhere(old, lambda *_, **__: answer)


def _without(old: Callable[..., Any], reason: str) -> Mutation:
    """A rule that finds everything but one reason."""

    def filtered(*args: Any, **options: Any) -> list[Any]:
        return [fault for fault in old(*args, **options) if fault.reason != reason]

    return lambda: _everywhere(old, filtered)


def _value(module: object, attribute: str, value: object) -> Mutation:
    return lambda: setattr(module, attribute, value)


def _data(**changes: object) -> Mutation:
    """The word lists changed, before anything has read them; ``table__key`` names a list in a table."""

    def changed() -> None:
        data = lexicon()
        aliases = data.aliases
        for key, value in changes.items():
            table, _, inner = key.rpartition("__")
            if table:
                value = msgspec.structs.replace(getattr(aliases, table), **{inner: value})
            aliases = msgspec.structs.replace(aliases, **{table or key: value})
        silent = aliases.fillers | (data.silent - data.aliases.fillers)
        confusable = {ord(look): latin for latin, looks in aliases.confusables.items() for look in looks}
        changed_data = replace(data, aliases=aliases, silent=silent, confusable=confusable)
        _everywhere(lexicon, lambda: changed_data)

    return changed


def _classes(**changes: object) -> Mutation:
    def changed() -> None:
        data = replace(lexicon(), classes=msgspec.structs.replace(lexicon().classes, **changes))
        _everywhere(lexicon, lambda: data)

    return changed


def _one_attempt_alone() -> None:
    """The other attempts are not looked at: neither their negations nor their names nor their companies."""
    judged = judging._word_faults
    _everywhere(judged, lambda case, attempt, body, found: judged(case, attempt, body, [attempt]))


def _last_attempt_counts() -> None:
    chosen = judging._chosen
    _everywhere(chosen, lambda case, found: chosen(case, found[-1:]))


def _first_attempt_counts() -> None:
    chosen = judging._chosen
    _everywhere(chosen, lambda case, found: chosen(case, found[:1]))


def _unmeasured_speech_is_speech() -> None:
    decide = judging._decide

    def trusting(case: Any, hearing: Any, limits: Any) -> Any:
        if hearing is not None and hearing.speech is None:
            hearing = replace(hearing, speech=_ALL_SPEECH)
        return decide(case, hearing, limits)

    _everywhere(decide, trusting)


def _limits(**changes: float) -> Mutation:
    """A limit of the policy that nothing reaches."""

    def changed() -> None:
        decide = judging._decide
        _everywhere(decide, lambda c, h, limits: decide(c, h, limits and replace(limits, **changes)))

    return changed


def _unfolded_case() -> None:
    tokens = fold._tokens
    _everywhere(tokens, lambda piece: [replace(token, key=piece) for token in tokens(piece)[:1]])


def _listless(old: Callable[..., Iterator[Any]]) -> Mutation:
    return lambda: _everywhere(old, lambda *_: iter(()))


# ---- the rules, by name

MUTATIONS: dict[str, Mutation] = {
    "negations inside": _nothing(faults.veto_faults),
    "veto words": _data(veto=msgspec.structs.replace(lexicon().aliases.veto, words=frozenset({"not"}))),
    "veto symbols": _data(veto__symbols=""),
    **{
        f"the body: {reason}": _without(faults.body_faults, reason)
        for reason in (
            "consent-clause-missing",
            "consent-word-order",
            "consent-word-changed",
            "consent-word-missing",
            "consent-words-added",
            "consent-wrong-party",
        )
    },
    "a brand that is only close": _without(faults.body_faults, "consent-uncertain"),
    "how close a brand is": _data(brand_close_edits=0),
    "small words that may be lost": _nothing(faults._budget),
    "long small words that may be lost": _classes(max_weighty_misses=9),
    "what a lost give costs": _classes(costs={}),
    "words that are no stutter": _data(not_stutters=frozenset()),
    "a restart repeats the statement": _always(align._is_restart, answer=True),
    "an attempt is recognisable": _always(judging._is_attempt, answer=False),
    "refused wordings": _always(judging._refused_wording, answer=None),
    "the name: mismatch": _without(faults.name_faults, "consent-name-mismatch"),
    "the name: alike": _without(faults.name_faults, "consent-name-alike"),
    "the name: missing": _without(faults.name_faults, "consent-name-missing"),
    "the name: only a name": _without(faults.name_faults, "consent-words-added"),
    "the name: placeholders": _always(name.is_placeholder, answer=False),
    "the name: possessives": _always(name.is_possessive, answer=False),
    "the name: a sound is not a spelling": _always(name.is_exact, answer=True),
    "the name: likeness": _always(name._is_alike, answer=False),
    "refusals by phrase": _listless(around._phrase_faults),
    "refusals in full": _data(around__refusals=("no such phrase",)),
    "short refusals": _data(around__near_refusals=("no such phrase",)),
    "phrases of doubt": _data(around__doubt_phrases=("no such phrase",)),
    "refusals by word": _listless(around._word_faults),
    "words of doubt": _always(around._casts_doubt, answer=False),
    "talk of the consent after it": _listless(around._speaks_of_consent),
    "limits around the statement": _listless(around._limits),
    "a clip for the statement alone": _listless(around.added_speech),
    "what a negation negates": _always(around._refuses, answer=False),
    "before the statement": _listless(beside._before),
    "short remarks before": _always(beside._is_strange_before, answer=False),
    "after the statement": _listless(beside._after),
    "fragments": _always(beside._is_fragment, answer=False),
    "sentences of doubt": _always(beside._is_doubtful, answer=False),
    "a sentence that goes on": _always(beside._goes_on, answer=False),
    "sentences about the matter": _always(everyday.is_about_the_matter, answer=False),
    "everything is everyday": _always(everyday.is_everyday, answer=True),
    "nothing is everyday": _always(everyday.is_everyday, answer=False),
    "everyday speech: what is at stake": _always(everyday._is_stake, answer=False),
    "everyday speech: a subject of its own": _always(everyday._has_own_subject, answer=True),
    "a condition of its own": _always(beside.goes_its_own_way, answer=True),
    "another speaker": _listless(beside._other_speakers),
    "another speaker: a name alone": _always(beside._is_name_alone, answer=False),
    "another speaker: names and here": _always(beside._introduces_itself, answer=False),
    "another speaker: a relation": _always(beside._is_relation, answer=False),
    "other companies": _listless(beside._companies),
    "a child's age": _listless(beside._ages),
    "other letters": _listless(beside._scripts),
    "curly quotes": _value(fold, "_QUOTES", {}),
    "invisible characters": _value(fold, "_visible", str),
    "accents": _value(fold, "_unmarked", str),
    "contractions": _data(contractions={}),
    "a negation in pieces": _value(fold, "_rejoin", lambda tokens, words: (tokens, words)),
    "look-alike letters": _data(confusables={}),
    "capitals": _unfolded_case,
    "the opening": _nothing(judging._position_faults),
    "more than is read": _always(judging._unread_fault, answer=None),
    "other attempts": _one_attempt_alone,
    "other names in other attempts": _nothing(judging._other_names),
    "other companies in other attempts": _listless(judging._other_parties),
    "a broken-off other name": _always(judging._broken_off_name, answer=None),
    "a claimed other name": _listless(judging._claimed_names),
    "the first complete attempt opens": _last_attempt_counts,
    "the last complete attempt closes": _first_attempt_counts,
    "gate: speech at all": _always(gates.has_speech, answer=True),
    "gate: speech not measured": _unmeasured_speech_is_speech,
    "gate: language": _always(gates.language_fault, answer=None),
    "gate: words outside the speech": _listless(gates._region_faults),
    "gate: words without duration": _value(gates, "SQUEEZED_SHARE", 2.0),
    "gate: words without times": _always(gates._is_timed, answer=True),
    "gate: rate and gaps": _listless(gates._rate_faults),
    "gate: highest rate": _limits(max_rate_wps=1e9),
    "gate: lowest rate": _limits(min_rate_wps=0.0),
    "gate: gaps": _limits(max_gap_s=1e9),
    "gate: words backwards": _value(gates, "BACKWARDS_S", 1e9),
    "gate: hidden speech": _listless(gates.hidden_speech_faults),
    "gate: hidden speech between words": _value(gates, "UNHEARD_SPEECH_S", 1e9),
    "gate: hidden speech in a word": _value(gates, "LONGEST_WORD_S", 1e9),
    "gate: unsure words": _listless(gates.uncertain_faults),
    "gate: start in seconds": _limits(max_start_s=1e9),
    "gate: the sound under the words": _listless(gates.sound_faults),
    "gate: sound that stays even": _value(gates, "LEAST_SPREAD_DB", -1e9),
    "gate: hollow words": _value(gates, "HOLLOW_SHARE", 1e9),
    "several decodes: any may veto": _value(opinions, "_VETOES", frozenset()),
    "several decodes: all need speech and the language": _value(opinions, "_EVERY", frozenset()),
    "several decodes: other words were said": _listless(opinions._held_against),
    "several decodes: they confirm each other": _always(opinions._confirm_each_other, answer=True),
    "several decodes: they never confirm each other": _always(opinions._confirm_each_other, answer=False),
    "several decodes: names that differ": _always(opinions._names_differ, answer=False),
    "several decodes: any word may be misheard": _always(faults._same_sound, answer=True),
    "several decodes: no word is misheard": _always(faults._same_sound, answer=False),
    "several decodes: any name may be misheard": _value(faults, "same_parts", lambda *_: True),
    "several decodes: a part said elsewhere": _always(faults._said_elsewhere, answer=False),
    "several decodes: something else was said": _value(judging, "_FEW_WORDS", 10**6),
    "several decodes: the best one is shown": _always(opinions._badness, answer=0),
    "several decodes: never another": _always(opinions.needs_another, answer=False),
    "a late statement hides no refusal": lambda: _everywhere(opinions.found_later, lambda _, later: later),
    "several decodes: the language": lambda: _everywhere(opinions.spoken_in, lambda match, *_: match),
}


def apply(mutation: str) -> None:
    """Switch one rule off in this process."""
    MUTATIONS[mutation]()


# ---- running the tests


_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
TESTS = tuple(
    f"tests/test_consent{part}.py"
    for part in (
        "",
        "_beside",
        "_everyday",
        "_gates",
        "_names",
        "_data",
        "_opinions",
        "_properties",
        "_proof",
    )
)
RECORDED = "tests/test_consent_proof.py::test_the_recorded_figures_are_the_present_ones"
OWN = "tests/test_consent_proof.py::test_every_mutation_was_noticed_by_a_test"


def noticed_by(mutation: str | None) -> str | None:
    """The first test that fails with a rule switched off, or None where all of them pass."""
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.proof.mutate_plugin"]
    unheeded = ["--deselect", RECORDED, "--deselect", OWN]  # they would notice without knowing what is wrong
    environment = os.environ | {"PROOF_MUTATION": mutation or "", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", *options, *unheeded, *TESTS]
    try:
        run = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "(out of time)"
    if run.returncode == 0:
        return None
    found = _FAILED.search(run.stdout)
    if found is None:
        raise RuntimeError(f"{mutation}: the tests did not run:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return found.group(1)


def main() -> int:
    """Every mutation in turn, printed and recorded; 1 where one of them survives."""
    unaltered = noticed_by(None)
    if unaltered is not None:
        say(f"with every rule in force, {unaltered} fails; mutations would show nothing")
        return 1
    width = max(map(len, MUTATIONS))
    found: dict[str, str | None] = {}
    with ThreadPoolExecutor(max_workers=int(os.environ.get("PROOF_WORKERS", "1"))) as pool:
        for mutation, test in zip(MUTATIONS, pool.map(noticed_by, MUTATIONS), strict=True):
            found[mutation] = test
            say(f"{mutation.ljust(width)}  {test or 'SURVIVES'}")
    survivors = [mutation for mutation, test in found.items() if test is None]
    record("mutations", {"count": len(found), "survivors": survivors, "noticed_by": found})
    say("", f"{len(found)} mutations, {len(survivors)} of them unnoticed")
    return 1 if survivors else 0
