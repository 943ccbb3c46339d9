"""The page and the figures of the notches, from what docs/notches.py recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preflight.policy import load_policy, policy_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FIGURES", "PAGE", "RECORD", "digest", "draw", "notches_page", "read", "write_page"]

DOCS = Path(__file__).resolve().parent
RECORD, PAGE = DOCS / "notches.json", DOCS / "notches.md"
FIGURES = {"video": DOCS / "notches.svg", "photo": DOCS / "notches-photos.svg"}

Notch = Mapping[str, Any]


def read() -> dict[str, Any]:
    record: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return record


def digest() -> str:
    """What the figure says it was drawn from. Its bytes vary with the version of matplotlib."""
    return hashlib.sha256(RECORD.read_bytes()).hexdigest()


def _level(notch: Notch, codes: Sequence[str] | None = None) -> str:
    """The worst that any rule, or any of these, says at a notch."""
    said = [severity for code, severity in notch["found"].items() if codes is None or code in codes]
    return next((level for level in ("error", "warning", "advice") if level in said), "none")


# ---- the page


def write_page() -> None:
    PAGE.write_text(notches_page(), encoding="utf-8")


def notches_page() -> str:
    """The whole of docs/notches.md."""
    return "\n".join(_lines(read())) + "\n"


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    ladders = record["ladders"]
    days = sorted({ladder["measured"] for ladder in ladders})
    yield "# Notches"
    yield ""
    yield "<!-- Written by docs/notches.py from docs/notches.json. Do not edit: run `make notches`. -->"
    yield ""
    yield (
        "How bad does a recording have to be before a rule speaks? A good clip and a good photo are spoiled "
        f"here one notch at a time, and what comes of it is checked under the policy `{record['policy']}`. "
        f"Measured {' to '.join(days[:1] + days[1:][-1:])} with ffmpeg {record['ffmpeg']}; `make notches` "
        "does it again."
    )
    yield ""
    for asset, figure in FIGURES.items():
        of = [ladder for ladder in ladders if ladder["asset"] == asset]
        yield f"## {asset.title()}s"
        yield ""
        yield f"{len(of)} ways to spoil one, {sum(len(one['notches']) for one in of)} {asset}s."
        yield ""
        yield f"![{_PICTURED.format(asset)}]({figure.name})"
        yield ""
    yield from _HOW_TO_READ
    yield from _WHAT_IT_DOES_NOT_SAY
    yield "## Figures"
    yield ""
    yield (
        "What the rule measured at each notch: plain where nothing is found, *slanted* where something is a "
        "warning at most, **bold** where something is an error. Below it, the rules that speak there."
    )
    yield ""
    limits = policy_limits(load_policy(record["policy"]))
    for ladder in ladders:
        yield from _ladder(ladder, limits)


_PICTURED = "A row for each way to spoil a {}, a cell for each notch, with the rules that speak there"
_HOW_TO_READ = (
    "## How to read it",
    "",
    "- A row starts with a good clip or photo, which gets worse to the right. Its cells name what was done, "
    "and below that every rule that was broken.",
    "- The rule that the row is about is in bold. Others fire across: the same fault looks like theirs as "
    "well, or they are wrong. Both are meant to be seen.",
    "- An estimate speaks twice: from its first limit on it suspects (a warning), from the second on it is "
    "certain (an error). [Rules](rules.md) lists both limits.",
    "- A code with a question mark could not be assessed: the fault hides what the rule looks at.",
    "- Left out are the rules that every short and small clip breaks, those on the consent, and the shorter "
    "side of a clip except in the row about it.",
    "",
)
_WHAT_IT_DOES_NOT_SAY = (
    "## What it does not say",
    "",
    "- How people fare. Clip and photo show **one** portrait. In the clip it sways before a plain wall, with "
    "noise from a generator and a synthetic voice; it does not breathe, blink or turn its head.",
    "- How the service judges. It does not publish that; the limits are this project's.",
    "- How faults add up. Each row spoils one thing and leaves the rest good.",
    "- How often a rule is wrong. What is spoiled here passed all of them first; good recordings of people "
    "may not.",
    "",
)


def _ladder(ladder: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {ladder['title']}"
    yield ""
    rules = ", ".join(_linked(code) for code in ladder["rules"]) or "none"
    made = [ladder["size"], f"{ladder['depth']} depth" if ladder["asset"] == "video" else None]
    shown = ", ".join(part for part in made if part) or "as said"
    yield f"Notches: {ladder['about']}. Rules: {rules}. {ladder['asset'].title()}s: {shown}."
    compared = [
        f"{word} from `{key}` ({limits[key].value:g} {limits[key].unit})"
        for word, key in (("speaks", ladder["warns_at"]), ("an error", ladder["fails_at"]))
        if key
    ]
    if ladder["unit"]:
        yield f"Measured in {ladder['unit']}" + (f"; {', '.join(compared)} on." if compared else ".")
    yield ""
    if ladder["note"]:
        yield ladder["note"]
        yield ""
    notches = ladder["notches"]
    yield _row(*(" ".join(notch["at"].split()) for notch in notches))
    yield _row(*("---" for _ in notches))
    yield _row(*(_marked(_shown(notch["value"]), _level(notch)) for notch in notches))
    yield _row(
        *(" ".join([*notch["found"], *(f"{code}?" for code in notch["not_assessed"])]) for notch in notches)
    )
    yield ""


def _linked(code: str) -> str:
    from preflight.rule import find_rule

    rule = find_rule(code)
    return f"[{code}](rules.md#{code.lower()}-{rule.name})" if rule else code


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _marked(text: str, level: str) -> str:
    return {"error": f"**{text}**", "warning": f"*{text}*", "advice": f"*{text}*"}.get(level, text)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell or " " for cell in cells) + " |"


# ---- the figure

_INK, _FAINT = "#1f2933", "#616e7c"
_FILL = {"none": "#e9eef2", "advice": "#fdf0c4", "warning": "#f7c95c", "error": "#b42318"}
_TEXT = {"none": "#52606d", "advice": "#4a3500", "warning": "#3b2a00", "error": "#ffffff"}
_WIDTH, _LABELS, _EDGE = 680.0, 136.0, 10.0  # points
_COLUMNS = 9
_LINE, _PAD, _GAP = 11.0, 4.5, 3.0
_SIZE = 8.0  # points: as large as it can be and legible at the width of a page
_MOST_CODES = 3


def draw() -> None:
    """Draw the figures. The same record and matplotlib give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    settings: dict[Any, Any] = {
        "svg.hashsalt": "notches",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
    }
    ladders = read()["ladders"]
    with mpl.rc_context({**settings, "font.size": _SIZE}):
        for asset, figure in FIGURES.items():
            _draw([ladder for ladder in ladders if ladder["asset"] == asset], figure)


def _draw(ladders: Sequence[Mapping[str, Any]], target: Path) -> None:
    from matplotlib import pyplot

    height = _height(ladders)
    figure = pyplot.figure(figsize=(_WIDTH / 72, height / 72), facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    _everything(axes, ladders)
    source = f"drawn from notches.json, sha256 {digest()}"
    figure.savefig(target, metadata={"Date": None, "Description": source}, facecolor="white")
    pyplot.close(figure)


_HEAD, _GROUP = 30.0, 25.0
_LEGEND = {"none": "nothing found", "advice": "advice", "warning": "warning", "error": "error"}


def _height(ladders: Sequence[Mapping[str, Any]]) -> float:
    groups = len({ladder["group"] for ladder in ladders})
    return _HEAD + groups * _GROUP + sum(_row_height(one) + _GAP for one in ladders) + _EDGE


def _row_height(ladder: Mapping[str, Any]) -> float:
    lines: int = max(notch["at"].count("\n") + 1 + len(_labels(ladder, notch)) for notch in ladder["notches"])
    return max(2, lines) * _LINE + 2 * _PAD


def _labels(ladder: Mapping[str, Any], notch: Notch) -> list[tuple[str, bool]]:
    """The codes of a cell, those that the row is about first, and whether they are."""
    found = sorted(notch["found"], key=lambda code: (code not in ladder["rules"], code))
    labels = [(code, code in ladder["rules"]) for code in found]
    labels += [(f"{code}?", False) for code in notch["not_assessed"]]
    more = len(labels) - _MOST_CODES
    return [*labels[: _MOST_CODES - 1], (f"+ {more + 1} more", False)] if more > 0 else labels


def _everything(axes: Axes, ladders: Sequence[Mapping[str, Any]]) -> None:
    _legend(axes)
    top, group = _HEAD, ""
    for ladder in ladders:
        if ladder["group"] != group:
            group = ladder["group"]
            axes.text(_EDGE, top + _GROUP - 8, group, size=10, weight="bold", color=_INK, va="baseline")
            axes.plot((_EDGE, _WIDTH - _EDGE), (top + _GROUP - 3.5,) * 2, color="#cbd2d9", linewidth=0.8)
            top += _GROUP
        height = _row_height(ladder)
        _draw_row(axes, ladder, top, height)
        top += height + _GAP


def _legend(axes: Axes) -> None:
    left = _EDGE
    for level, words in _LEGEND.items():
        _box(axes, left, 10, 16, 12, _FILL[level])
        axes.text(left + 21, 16, words, color=_INK, va="center")
        left += 36 + 4.6 * len(words)
    axes.text(
        left + 4, 16, "bold: what the row is about;  ?: could not be assessed", color=_FAINT, va="center"
    )
    axes.text(_WIDTH - _EDGE, 16, "worse  →", color=_FAINT, va="center", ha="right")


def _draw_row(axes: Axes, ladder: Mapping[str, Any], top: float, height: float) -> None:
    middle = top + height / 2
    axes.text(_EDGE, middle - _LINE / 2, ladder["title"], size=9, color=_INK, va="center")
    axes.text(_EDGE, middle + _LINE / 2 + 0.5, ladder["about"], color=_FAINT, va="center")
    width = (_WIDTH - _LABELS - 2 * _EDGE) / _COLUMNS
    for at, notch in enumerate(ladder["notches"]):
        left, level = _EDGE + _LABELS + at * width, _level(notch)
        _box(axes, left, top, width - 2.5, height, _FILL[level])
        lines = [(line, False) for line in notch["at"].split("\n")] + _labels(ladder, notch)
        first = middle - (len(lines) - 1) * _LINE / 2
        named = notch["at"].count("\n") + 1
        for place, (text, bold) in enumerate(lines):
            axes.text(
                left + (width - 2.5) / 2,
                first + place * _LINE,
                text,
                color=_TEXT[level],
                weight="bold" if bold else "normal",
                alpha=1.0 if place >= named or level == "none" else 0.85,
                ha="center",
                va="center",
            )


def _box(axes: Axes, left: float, top: float, width: float, height: float, colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=2.5"
    axes.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=style, facecolor=colour, linewidth=0))
