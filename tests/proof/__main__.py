"""``python -m tests.proof PART``: one part of the proof, from the repository root."""

from __future__ import annotations

import sys
from importlib import import_module

PARTS = {
    "text": "attacks and honest readings as texts",
    "spoken": "attacks and honest readings in synthetic voices (needs flite and espeak-ng; minutes)",
    "no_speech": "sound in which nobody says the statement (minutes)",
    "benchmark": "statements a second, beside a plain similarity score",
    "mutations": "each rule switched off in turn, and the test that notices",
}
USAGE = "usage: python -m tests.proof PART\n" + "".join(
    f"  {part:<10} {what}\n" for part, what in PARTS.items()
)


def main(arguments: list[str]) -> int:
    """Run one part; 2 for a part that there is not."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        sys.stderr.write(USAGE)
        return 2
    code: int = import_module(f"tests.proof.{arguments[0]}").main()
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
