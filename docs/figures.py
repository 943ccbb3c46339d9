"""The measured figures of the proof and of the costs as Markdown tables, from what the last runs recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["with_figures"]

_MEASURED = Path(__file__).resolve().parent.parent / "tests" / "proof" / "measured.json"
_BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end of figures -->)$", re.MULTILINE | re.DOTALL)


def with_figures(text: str) -> str:
    """The page with every block of figures as they were recorded last."""
    measured = json.loads(_MEASURED.read_text("utf-8"))

    def block(found: re.Match[str]) -> str:
        part = found[2]
        lines = _PARTS[part](measured[part]) if part in measured else ["Not measured yet."]
        return found[1] + "\n" + "\n".join(lines) + "\n\n" + found[3]

    return _BLOCK.sub(block, text)


def _table(head: list[str], rows: list[list[Any]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def _per_cent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _counts(title: str, kinds: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    rows: list[list[Any]] = [
        [kind, one["count"], one["passed"], one["reviewed"], one["failed"]] for kind, one in kinds.items()
    ]
    rows.append(["all", *(sum(int(row[at]) for row in rows) for at in range(1, 5))])
    return _table([title, "texts", "pass", "review", "fail"], rows)


def _text(figures: dict[str, Any]) -> Iterator[str]:
    yield from _counts("attacks", figures["attacks_by_kind"])
    yield ""
    bound = _per_cent(figures["false_accept_bound_95"])
    yield (
        f"{figures['false_accepts']} of {figures['attacks']} attacks pass. Were they a random sample, "
        f"fewer than {bound} would, with 95 % confidence. They are lists that the engine was developed "
        "with: other wordings, above all beside the statement, may pass."
    )
    yield ""
    yield from _counts("honest readings", figures["honest_by_kind"])
    yield ""
    yield (
        f"{figures['not_passed']} of {figures['honest']} honest readings do not pass "
        f"({_per_cent(figures['not_passed'] / figures['honest'])}; as a random sample, with 95 % confidence "
        f"fewer than {_per_cent(figures['not_passed_bound_95'])}). These are:"
    )
    yield ""
    for one in figures["exceptions"]:
        yield f"- {one['verdict']}: {'; '.join(one['because'])}"


def _spoken(figures: dict[str, Any]) -> Iterator[str]:
    head = ["voice and condition", "readings", "pass", "review", "fail", "critical words misheard"]
    rows = []
    for one in figures["honest"]["by_voice"]:
        wrong = f"{one['critical_wrong']} of {one['critical_words']}"
        rows.append([one["group"], one["recordings"], one["passed"], one["reviewed"], one["failed"], wrong])
    yield from _table(["honest readings: " + head[0], *head[1:]], rows)
    yield ""
    attacks = figures["attacks"]
    rows = [
        [one["group"], one["recordings"], one["passed"], one["reviewed"], one["failed"]]
        for one in attacks["by_voice"]
    ]
    yield from _table(["attacks: voice and condition", "readings", "pass", "review", "fail"], rows)
    yield ""
    yield (
        f"{attacks['passed']} of {attacks['count']} attacks pass (with 95 % confidence fewer than "
        f"{_per_cent(attacks['passed_bound_95'])} of speech like this); "
        f"{attacks['heard_as_said_and_passed']} of them were heard as they were said. The rest are words "
        "that the fixture recogniser lost, each listed in `tests/proof/measured.json`:"
    )
    yield ""
    losses: dict[str, int] = {}
    for loss in figures["losses"]:
        losses[loss["kind"]] = losses.get(loss["kind"], 0) + 1
    kinds = figures["wrong_by_kind"]
    yield from _table(
        ["lost", "readings of this kind", "passed"],
        [[kind, kinds[kind]["count"], count] for kind, count in losses.items()],
    )


def _no_speech(figures: dict[str, Any]) -> Iterator[str]:
    rows = [
        [kind, sum(one.values()), one["pass"], one["review"], one["fail"]]
        for kind, one in figures["by_kind"].items()
    ]
    yield from _table(["sound", "clips", "pass", "review", "fail"], rows)
    yield ""
    yield (
        f"{figures['false_accepts']} of {figures['clips']} clips pass under any of {figures['settings']} "
        f"pairs of a recogniser and a decode setting: with 95 % confidence fewer than "
        f"{_per_cent(figures['bound_95'])}. Counted is the mildest verdict under any of them."
    )


def _mutations(figures: dict[str, Any]) -> Iterator[str]:
    yield from _table(
        ["switched off or turned round", "the first test that fails"],
        [
            [name, f"`{test.removeprefix('tests/')}`" if test else "**none**"]
            for name, test in figures["noticed_by"].items()
        ],
    )


def _media(figures: dict[str, Any]) -> Iterator[str]:
    day, machine, rounds = (figures[key] for key in ("day", "machine", "rounds"))
    yield (
        f"Measured on {day} on {machine}, the cheapest of {rounds} runs in turn. The clip has 60 s of 1080p "
        "at 30 fps and 8 Mbit/s, with a key frame every 2 s. The recogniser is not counted: how long it "
        "takes depends on its model."
    )
    yield ""
    rows: list[list[Any]] = [
        [
            f"`preflight check --depth {depth}`",
            f"{one['cpu_s']:.1f} s",
            f"{one['speech_s']:.1f} s",
            f"{one['faces_s']:.1f} s",
            f"{one['cpu_s'] - one['speech_s'] - one['faces_s']:.1f} s",
        ]
        for depth, one in figures["checks"].items()
    ]
    rows += [
        ["ffmpeg decodes the key frames and the sound", f"{figures['key_frames_s']:.1f} s", "", "", ""],
        ["ffmpeg decodes everything", f"{figures['every_frame_s']:.1f} s", "", "", ""],
        [
            "ffmpeg decodes everything, with six filters at full size" + _scaled(figures["naive_measured_s"]),
            f"{figures['naive_s']:.0f} s",
            "",
            "",
            "",
        ],
    ]
    yield from _table(
        ["processor time, one thread", "all", "detection of speech", "of faces, an extra", "besides"], rows
    )
    yield ""
    yield (
        f"Without faces `deep` takes {figures['deep_to_every_frame']:.2f} times as long as a decode that "
        "looks at nothing; "
        f"the filters take {figures['naive_to_deep']:.1f} times as long as `deep`, and "
        f"{figures['naive_to_standard']:.0f} times as long as `standard`."
    )
    yield ""
    yield from _table(
        ["peak memory", "depth", "preflight", "ffmpeg, at most", "both, at most"],
        [
            [one["clip"], f"`{one['depth']}`", *(f"{one[key]:.0f} MiB" for key in _PEAKS)]
            for one in figures["memory"]
        ],
    )
    yield ""
    yield (
        f"**A check of half an hour of H.264 up to 2160p takes less than {figures['memory_bound_mib']} "
        "MiB**, ffmpeg included and the recogniser not. Memory grows with length all the same, by a line for "
        "each packet and by the numbers of each frame. Tests hold short clips to the bound "
        "(`tests/test_costs.py`)."
    )


_PEAKS = ("own_mib", "tool_mib", "peak_mib")


def _scaled(measured_s: float) -> str:
    return "" if measured_s == 60 else f" ({measured_s:g} s of the clip, times {60 / measured_s:g})"


def _remote(figures: dict[str, Any]) -> Iterator[str]:
    yield (
        f"Measured on {figures['day']}, from a server on the same machine: the first "
        f"{figures['opening_s']:g} s of sound of a video of {figures['bytes'] / 1e6:.0f} MB, 60 s of "
        "1080p. Nothing limits how fast that server sends, so a download takes no time; what it transfers is "
        "what counts."
    )
    yield ""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in figures["costs"]:
        rows.setdefault((one["layout"], one["way"]), []).append(one)
    yield from _table(
        ["layout", "read by", "MB", "requests", "seconds", "with 50 ms more a request"],
        [
            [layout, way, f"{near['sent'] / 1e6:.2f}", near["requests"], near["seconds"], far["seconds"]]
            for (layout, way), (near, far) in rows.items()
        ],
    )


_PARTS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "text": _text,
    "spoken": _spoken,
    "no_speech": _no_speech,
    "mutations": _mutations,
    "media": _media,
    "remote": _remote,
}
