"""Where things are in the figures of a page: times as shares of a width, levels as paths of an SVG.

Widths are in per cent and paths are stretched, so that a figure fits a telephone and its labels stay legible.
What is made here consists of numbers alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from preflight.consent import ConsentMatch, WordMatch, WordStatus
from preflight.exhibit import Exhibit, Sound
from preflight.report import Finding
from preflight.text import clock

__all__ = ["Lane", "Line", "Mark", "Scale", "Statement", "Tick", "Timeline", "Wave", "statement", "timeline"]

_MINUTE_S, _HOUR_S = 60, 3600
_TICK_STEPS_S = (
    *(0.5, 1, 2, 3, 5, 10, 15, 20, 30),
    *(_MINUTE_S * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(_HOUR_S * hours for hours in (1, 2, 4, 12, 24)),
)
_MOST_TICKS = 6  # as many labels as fit beside each other on a telephone
_LEAST_WIDTH = 0.4  # per cent: what is shorter is shown all the same
_LEAST_FINDING = 1.2  # three pixels on a telephone
_MOST_LANES = 12
_MOST_MARKS = 200  # in a lane
_FLOOR_DBFS = -70.0  # what is quieter is drawn as silence
_LABEL = 14.0  # per cent of the narrowest figure that a label of a few letters takes
_LABEL_ROWS = 3
_LETTER = 3.0  # per cent of it for each
_LONGEST_LABEL = 28
_HEARD_ALL_S = 1.0  # a sound may end that much before the picture
_AROUND_STATEMENT_S = 0.5
_AGREE = {WordStatus.MATCH, WordStatus.ALIAS, WordStatus.TOLERATED, WordStatus.FILLER}


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of time: left edge and width in per cent, and what is said of it. ``at`` names a word."""

    x: str
    width: str
    says: str
    kind: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    x: str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The findings of one rule in time; ``at`` is the place of the first among the findings."""

    code: str
    severity: str
    at: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """A waveform: where it is, and two paths in a box that is ``steps`` wide and 200 high."""

    x: str
    width: str
    steps: int
    outer: Markup
    inner: Markup


@dataclass(frozen=True, slots=True)
class Line:
    """A curve of levels: where it is, a path in a box that is ``steps`` wide and 70 high, and its range."""

    x: str
    width: str
    steps: int
    path: Markup
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Label:
    """What was heard otherwise, written above the words; ``row`` counts from the top."""

    x: str
    anchor: str
    row: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One file from its beginning to its end.

    ``heard_to`` says how far it was listened to, if not to the end; ``left_out`` counts further lanes.
    """

    length: str
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    left_out: int
    statement: Mark | None
    speech: tuple[Mark, ...]
    heard_to: str | None
    wave: Wave | None
    level: Line | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of the statement in time."""

    ticks: tuple[Tick, ...]
    words: tuple[Mark, ...]
    labels: tuple[Label, ...]
    speech: tuple[Mark, ...]
    wave: Wave | None


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time that fills a width."""

    start_s: float
    end_s: float

    def share(self, time_s: float) -> float:
        """Where a time is, in per cent; what is outside is at the edge."""
        length = self.end_s - self.start_s
        share = 100 * (time_s - self.start_s) / length if length > 0 else 0.0
        return min(100.0, max(0.0, share))

    def mark(
        self,
        start_s: float,
        end_s: float,
        says: str,
        kind: str = "",
        at: int = 0,
        *,
        least: float = _LEAST_WIDTH,
    ) -> Mark:
        left, right = self.share(start_s), self.share(end_s)
        width = max(least, right - left)
        return Mark(_per_cent(min(left, 100 - width)), _per_cent(width), says, kind, at)

    def ticks(self) -> tuple[Tick, ...]:
        length = self.end_s - self.start_s
        step = next((s for s in _TICK_STEPS_S if length / s <= _MOST_TICKS), length)
        if step <= 0:
            return ()
        first, last = math.ceil(self.start_s / step - 1e-9), math.floor(self.end_s / step + 1e-9)
        return tuple(self._tick(at * step, step) for at in range(first, last + 1))

    def _tick(self, time_s: float, step_s: float) -> Tick:
        share = self.share(time_s)
        anchor = "start" if share < 4 else "end" if share > 94 else "middle"
        label = clock(time_s) if step_s < 1 else clock(time_s).partition(".")[0]
        return Tick(_per_cent(share), label, anchor)


def timeline(
    duration_s: float | None,
    exhibit: Exhibit | None,
    findings: Sequence[tuple[int, Finding]],
    match: ConsentMatch | None,
) -> Timeline | None:
    """A file in time; ``None`` where nobody knows how long it is. ``findings`` come with their places."""
    sound = None if exhibit is None else exhibit.sound
    length = duration_s or (None if sound is None else sound.end_s)
    if not length or not math.isfinite(length):
        return None
    scale = Scale(0.0, max(length, 0.0 if sound is None else sound.end_s))
    lanes = list(_lanes(scale, findings))
    stated = None
    if match is not None and match.start_s is not None and match.end_s is not None:
        says = f"the statement, {_stretch(match.start_s, match.end_s)}"
        stated = scale.mark(match.start_s, match.end_s, says)
    return Timeline(
        length=clock(length),
        ticks=scale.ticks(),
        lanes=tuple(lanes[:_MOST_LANES]),
        left_out=max(0, len(lanes) - _MOST_LANES),
        statement=stated,
        speech=_speech(scale, sound),
        heard_to=clock(sound.end_s) if sound is not None and length - sound.end_s > _HEARD_ALL_S else None,
        wave=None if sound is None else _wave(scale, sound),
        level=None if sound is None else _line(scale, sound),
    )


def statement(match: ConsentMatch, exhibit: Exhibit | None) -> Statement | None:
    """The words in time; ``None`` where no word has one."""
    times = [time for word in match.words for time in (word.start_s, word.end_s) if time is not None] + [
        time for time in (match.start_s, match.end_s) if time is not None
    ]
    if not times:
        return None
    sound = None if exhibit is None else exhibit.statement
    scale = Scale(max(0.0, min(times) - _AROUND_STATEMENT_S), max(times) + _AROUND_STATEMENT_S)
    return Statement(
        ticks=scale.ticks(),
        words=tuple(_words(scale, match.words)),
        labels=tuple(_labels(scale, match.words)),
        speech=_speech(scale, sound),
        wave=None if sound is None else _wave(scale, sound),
    )


def _lanes(scale: Scale, findings: Sequence[tuple[int, Finding]]) -> Iterator[Lane]:
    by_code: dict[str, list[tuple[int, Finding]]] = {}
    for at, finding in findings:
        if finding.at is not None:
            by_code.setdefault(finding.code, []).append((at, finding))
    for code, group in by_code.items():
        marks = tuple(
            scale.mark(*finding.at, f"{code}, {_stretch(*finding.at)}", least=_LEAST_FINDING)
            for _, finding in group[:_MOST_MARKS]
            if finding.at is not None
        )
        yield Lane(code, str(group[0][1].severity), group[0][0], marks)


def _speech(scale: Scale, sound: Sound | None) -> tuple[Mark, ...]:
    regions = () if sound is None else sound.regions
    return tuple(scale.mark(start, end, f"speech, {_stretch(start, end)}") for start, end in regions)


def _words(scale: Scale, words: Sequence[WordMatch]) -> Iterator[Mark]:
    """A block for each word that was heard; a line where one is missing, after the one before it."""
    last = scale.start_s
    for at, word in enumerate(words):
        if word.start_s is None or word.end_s is None:
            if word.status is WordStatus.MISSING:
                yield scale.mark(
                    last, last, f"“{(word.expected or '')[:_LONGEST_LABEL]}” is missing", "missing", at
                )
            continue
        last = word.end_s
        says = f"“{(word.heard or '')[:_LONGEST_LABEL]}”, {_stretch(word.start_s, word.end_s)}"
        yield scale.mark(word.start_s, word.end_s, says, str(word.status), at)


def _labels(scale: Scale, words: Sequence[WordMatch]) -> Iterator[Label]:
    """What differs, written as in a word diff, a run of words together, in rows that do not overlap."""
    ends = [0.0] * _LABEL_ROWS
    last = scale.start_s
    run: list[WordMatch] = []
    begin = last
    for word in [*words, None]:
        if word is not None and word.status not in _AGREE:
            begin = (last if word.start_s is None else word.start_s) if not run else begin
            run.append(word)
        elif run:
            share, text = scale.share(begin), _difference(run)
            width = max(_LABEL, _LETTER * len(text))
            anchor = "end" if share + width > 100 else "start"
            left = max(0.0, share - width) if anchor == "end" else share
            row = next((at for at, end in enumerate(ends) if end <= left), None)
            if row is not None:
                ends[row] = left + width
                yield Label(_per_cent(share), anchor, row, text, _kind(run))
            run = []
        if word is not None and word.end_s is not None:
            last = word.end_s


def _difference(run: Sequence[WordMatch]) -> str:
    gone = " ".join(word.expected or "" for word in run if word.status is not WordStatus.INSERTED)
    heard = " ".join(word.heard or "" for word in run if word.status is not WordStatus.MISSING)
    shown = f"−{gone} +{heard}" if gone and heard else f"−{gone}" if gone else f"+{heard}"
    return shown if len(shown) <= _LONGEST_LABEL else f"{shown[: _LONGEST_LABEL - 1]}…"


def _kind(run: Sequence[WordMatch]) -> str:
    kinds = {str(word.status) for word in run}
    return kinds.pop() if len(kinds) == 1 else str(WordStatus.SUBSTITUTED)


def _wave(scale: Scale, sound: Sound) -> Wave:
    """As loud as it is beside its own loudest part; the numbers are in the curve of levels."""
    loudest = max(sound.loud)
    place = scale.mark(sound.start_s, sound.end_s, "")
    return Wave(
        place.x, place.width, len(sound.loud), _outline(sound.loud, loudest), _outline(sound.quiet, loudest)
    )


def _outline(levels: Sequence[float], loudest: float) -> Markup:
    heights = [0 if level < _FLOOR_DBFS else round(100 * 10 ** ((level - loudest) / 20)) for level in levels]
    above = "".join(f"V{100 - height}H{at}" for at, height in enumerate(heights, 1))
    below = "".join(f"V{100 + heights[at]}H{at}" for at in reversed(range(len(heights))))
    return Markup(f"M0 100{above}{below}Z")  # noqa: S704 - numbers alone


def _line(scale: Scale, sound: Sound) -> Line:
    place = scale.mark(sound.start_s, sound.end_s, "")
    drawn = [round(min(-_FLOOR_DBFS, max(0.0, -level)), 1) for level in sound.level]
    points = "".join(f"L{at + 0.5:g} {y:g}" for at, y in enumerate(drawn))
    path = Markup(f"M0 {drawn[0]:g}{points}L{len(drawn)} {drawn[-1]:g}")  # noqa: S704 - numbers alone
    return Line(place.x, place.width, len(drawn), path, min(sound.level), max(sound.level))


def _per_cent(share: float) -> str:
    return f"{share:.2f}%"


def _stretch(start_s: float, end_s: float) -> str:
    return f"{clock(start_s)} to {clock(end_s)}"
