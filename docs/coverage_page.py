"""The page docs/coverage.md: which errors are predicted, by which rules, and what proves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fixtures import faces, photos
from fixtures.cases import Case, load_cases
from fixtures.spoiled import TAKES
from preflight.evidence.download import DownloadFacts
from preflight.evidence.faces import FaceFacts
from preflight.evidence.link import LinkFacts
from preflight.evidence.photo import PhotoFacts
from preflight.evidence.portrait import PortraitFacts
from preflight.render.rules import rules_for
from preflight.rule import Rule, all_rules
from preflight.submission import Depth
from preflight.vendor import VendorError, vendor_errors

__all__ = ["coverage_page", "firing", "silent"]

Table = Callable[..., Iterator[str]]
Row = Callable[..., str]
_SHOWN = 2  # fixtures of a kind in a cell of the table


def coverage_page(table: Table, row: Row, anchor: Callable[[str], str]) -> str:
    """The whole page; how tables and anchors are written is the caller's."""
    return "\n".join(_lines(table, row, anchor)) + "\n"


def firing(rule: Rule[Any]) -> tuple[str, ...]:
    """The fixtures on which the rule speaks: cases, takes, sequences of faces, photos."""
    code = rule.code
    return (
        *(f"case `{case.name}`" for case in _CASES if code in _said(case)),
        *(
            f'take "{name}"'
            for name, take in TAKES.items()
            if code in take.errors | take.warnings | take.asks
        ),
        *(f'faces "{name}"' for name, (fault, _) in faces.FAULTS.items() if fault == code),
        *(f'photo "{name}"' for name, (fault, _) in photos.FAULTS.items() if fault == code),
    )


def silent(rule: Rule[Any]) -> tuple[str, ...]:
    """The fixtures on which the rule is assessed and silent: those made for that, or else the good cases."""
    made = tuple(
        f'take "{name}"' for name, take in TAKES.items() if take.rule == rule.code and not take.fires
    )
    if rule.needs is FaceFacts:
        made = tuple(f'faces "{name}"' for name in faces.GOOD)
    elif rule.needs in (PortraitFacts, PhotoFacts):
        made = tuple(f'photo "{name}"' for name in photos.GOOD)
    if made or rule.depth is Depth.DEEP or rule.needs in (LinkFacts, DownloadFacts):
        return made  # the cases are local files, of which rules on addresses say nothing
    roles = {str(role) for role in rule.roles}
    good = [case for case in _CASES if case.role in roles and not _said(case)]
    return tuple(f"case `{case.name}`" for case in good)


_CASES = load_cases()


def _said(case: Case) -> frozenset[str]:
    return case.expect.violations | case.expect.warnings


def _lines(table: Table, row: Row, anchor: Callable[[str], str]) -> Iterator[str]:
    yield "# Coverage"
    yield ""
    yield (
        "<!-- Written by docs/generate.py. Do not edit: change preflight/data/vendor_errors.toml, the rules "
        "or the fixtures, then run it. -->"
    )
    yield ""
    videos, images = (
        [e for e in vendor_errors().values() if e.asset == asset] for asset in ("video", "image")
    )
    counts = {kind: sum(error.predicted == kind for error in videos) for kind in ("yes", "partly")}
    yield (
        f"**{counts['yes'] + counts['partly']} of {len(videos)} published errors about videos are predicted "
        f"fully or partly** ({counts['yes']} fully, {counts['partly']} partly), and "
        f"{sum(e.is_predicted for e in images)} of {len(images)} about images."
    )
    yield ""
    yield (
        "*yes*: a rule reads the fact that the message names off the file. *partly*: rules estimate it, or "
        "look for some of its causes, and may be wrong either way. *no*: nothing here predicts it. "
        "That the rules pass does not mean that the service cannot send the error: it does "
        "not publish how it judges. `preflight explain` takes an error's type or message and gives the same "
        "answer."
    )
    yield ""
    for title, asset in (("Errors about videos", "video"), ("Errors about images", "image")):
        yield f"## {title}"
        yield ""
        yield from table("error", "message", "predicted", "by rules, or why not")
        for key, error in vendor_errors().items():
            if error.asset == asset:
                by = ", ".join(_link(rule, anchor) for rule in rules_for(key)) or error.why_not or ""
                yield row(f"`{error.type}`", _message(error), error.predicted, by)
        yield ""
    yield from _proof(table, row, anchor)


def _message(error: VendorError) -> str:
    return " / ".join(" ".join(message.split()) for message in error.messages)


def _proof(table: Table, row: Row, anchor: Callable[[str], str]) -> Iterator[str]:
    claimed = [rule for rule in all_rules() if rule.prevents]
    proved = [rule for rule in claimed if firing(rule) and silent(rule)]
    yield "## What proves the rules"
    yield ""
    yield (
        f"{len(claimed)} rules claim to predict an error. {len(proved)} of them are proved by media: at "
        f"least "
        "one fixture on which the rule speaks and one on which it is silent, both through the whole checker "
        "(faces and photos: through what measures them). The other "
        f"{len(claimed) - len(proved)} are proved by their examples alone, which `preflight explain CODE` "
        f"lists; "
        "all rules have those on both sides. *Cases* are the folders of `fixtures`, *takes* are made by "
        "`fixtures/spoiled.py` on either side of a limit, *faces* are sequences of pictures made by "
        "`fixtures/faces.py`, *photos* are made by `fixtures/photos.py`. All are "
        "synthetic: they prove that a fault is seen, and say little about how often real recordings have it."
    )
    yield ""
    yield from table("rule", "from depth", "speaks on", "silent on")
    for rule in claimed:
        name = f"{_link(rule, anchor)} {rule.name}"
        on = (_few(fixtures) or "its examples alone" for fixtures in (firing(rule), silent(rule)))
        yield row(name, rule.depth, *on)


def _few(names: tuple[str, ...]) -> str:
    more = f", {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _link(rule: Rule[Any], anchor: Callable[[str], str]) -> str:
    return f"[{rule.code}](rules.md#{anchor(f'{rule.code} {rule.name}')})"
