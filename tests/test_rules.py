"""Every rule as data, and every example of every rule."""

from __future__ import annotations

from typing import Any

import pytest

from preflight.policy import load_policy
from preflight.rule import Doubt, Rule, Violation, all_rules, find_rule
from preflight.rules.consent_words import Heard
from preflight.vendor import vendor_errors

RULES = {rule.code: rule for rule in all_rules()}


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(rule, evidence, id=f"{code}-{label}")
        for code, rule in RULES.items()
        for label, evidence in getattr(rule, kind).items()
    ]


def judged(rule: Rule[Any], example: Any) -> list[Violation | Doubt]:
    policy = load_policy(rule.policy)
    evidence = example.match(policy) if isinstance(example, Heard) else example
    return list(rule.judge(evidence, policy))


@pytest.mark.parametrize(("rule", "example"), examples("passing"))
def test_passing_example(rule: Rule[Any], example: Any) -> None:
    """What a rule calls fine, it lets through."""
    found = judged(rule, example)

    assert [] == found


@pytest.mark.parametrize(("rule", "example"), examples("failing"))
def test_failing_example(rule: Rule[Any], example: Any) -> None:
    """What a rule calls a fault, it finds, once, and says so in one line."""
    found = judged(rule, example)

    assert 1 <= len(found)
    assert all(f.message and "\n" not in f.message for f in found)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_is_complete(rule: Rule[Any]) -> None:
    """A rule has a page, a remedy of one or two sentences, and examples on both sides."""
    assert rule.summary.endswith(".")
    assert rule.remedy.endswith(".")
    assert len(rule.remedy) <= 110
    assert rule.passing
    assert rule.failing


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_prevented_errors_are_published_ones(rule: Rule[Any]) -> None:
    """A rule claims to prevent only errors that the service publishes."""
    assert set() == set(rule.prevents) - set(vendor_errors())


def test_what_is_fine_elsewhere_is_no_fault_there() -> None:
    """A consent clip is what the older route asks for."""
    rule = RULES["SUB006"]
    clip = rule.failing["a consent clip"]

    assert [] == list(rule.judge(clip, load_policy("tavus-replica-phoenix-4")))
    assert 1 == len(list(rule.judge(clip, load_policy("tavus-face-phoenix-4"))))


def test_codes_and_names_are_unique() -> None:
    """No two rules share a code or a name."""
    names = [rule.name for rule in all_rules()]

    assert sorted(set(names)) == sorted(names)
    assert len(RULES) == len(names)


def test_consent_rules_are_the_reasons_of_the_engine() -> None:
    """Every reason the consent engine can give is a rule, so none can be given and lost."""
    from preflight.consent import REASONS

    consent = {rule.name for rule in all_rules() if rule.code.startswith("CON")}

    assert set(REASONS) == consent


@pytest.mark.parametrize("subject", ["VID001", "vid001", "training-video-too-short"])
def test_rule_is_found_by_code_and_name(subject: str) -> None:
    """A rule answers to its code in any case, and to its name."""
    assert find_rule(subject) is RULES["VID001"]


def test_unknown_rule_is_none() -> None:
    """Nothing answers to a name that is no rule's."""
    assert find_rule("training") is None
