"""Examples of reports, made of a real photo: ``<!-- report: junit -->``, and a block below it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from preflight import Options, Report, Submission, check
from preflight.render.formats import FORMATS

__all__ = ["with_reports"]

_PHOTO = "fixtures/training_image/too-small-error/portrait.jpg"
_BLOCK = re.compile(r"(<!-- report: (\w+) -->\n\n```\w+\n).*?^```$", re.MULTILINE | re.DOTALL)


def with_reports(text: str) -> str:
    """The page with every example as it is written now; long lists are cut short."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_example(found[2])}```", text)


def _example(form: str) -> str:
    shown = FORMATS[form]([_report()], False, 80)
    return _SHORTENED.get(form, str)(shown)


@cache
def _report() -> Report:
    """Of a file in the repository, named as it is seen from there."""
    root = Path(__file__).resolve().parent.parent
    report = check(Submission(train_image=root / _PHOTO, voice_name="anna"), Options())
    (asset,) = report.assets
    return replace(report, assets=(replace(asset, source=_PHOTO),))


def _fewer_cases(text: str) -> str:
    """The first of the rules that passed one after the other."""
    passed = r"^    <testcase [^>]* />\n"
    return re.sub(rf"({passed})(?:{passed})+", r"\1    <!-- … -->\n", text, flags=re.MULTILINE)


def _fewer_codes(text: str) -> str:
    return re.sub(r'("passed": \[\n +"\w+",\n)(?: +"\w+",?\n)+', r"\1              …\n", text)


_SHORTENED: dict[str, Callable[[str], str]] = {"junit": _fewer_cases, "sarif": _fewer_codes}
