"""The command ``preflight fake-service``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from preflight.cli import CLEARED, COULD_NOT_RUN, cli, complain, write

if TYPE_CHECKING:
    from submit.testing.service import Settings

__all__ = ["fake_service_"]

_LOOK_S = 1.0


@cli.command("fake-service")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="Where to listen.  [default: a free one]"
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option(
    "--training-s", type=click.FloatRange(min=0), metavar="S", help="How long a training takes.  [default: 3]"
)
@click.option("--voices", metavar="NAMES", help="The voices that there are, separated by commas.")
@click.option(
    "--seed", metavar="TEXT", help="The same seed gives the same ids.  [default: other ids each time]"
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=VALUE][:N][@WHAT]",
    help="Let something go wrong with the next N requests; repeatable. --list-faults shows what there is.",
)
@click.option("--list-faults", is_flag=True, help="Show what can go wrong, and end.")
def fake_service_(
    *,
    port: int,
    host: str,
    training_s: float | None,
    voices: str | None,
    seed: str | None,
    faults: tuple[str, ...],
    list_faults: bool,
) -> int:
    """Run a fake of the replica service on this machine, for tests, until it is interrupted."""
    import secrets

    from submit.errors import SubmitError

    try:
        if list_faults:
            return _list_faults()
        settings: Settings = {"faults": faults, "seed": secrets.token_hex(8) if seed is None else seed}
        if training_s is not None:
            settings["training_s"] = training_s
        if voices is not None:
            settings["voices"] = [name.strip() for name in voices.split(",") if name.strip()]
        _serve(host, port, settings)
    except SubmitError as exc:
        complain(str(exc))
        return COULD_NOT_RUN
    return CLEARED


def _serve(host: str, port: int, settings: Settings) -> None:
    from submit.testing import FakeReplicaService, serving

    service = FakeReplicaService(**settings)
    with _told_to_end() as told, serving(service, host=host, port=port):
        write(
            f"{service.url}  use it: TAVUS_BASE_URL={service.url} TAVUS_API_KEY=test preflight submit ...\n"
        )
        while not told.wait(_LOOK_S):
            pass


def _list_faults() -> int:
    from submit.testing.faults import FAULTS

    width = max(map(len, FAULTS))
    for name, kind in FAULTS.items():
        shown = f"{kind.default:g}" if isinstance(kind.default, float) else kind.default
        default = "" if shown is None else f", else {shown}"
        value = f" (VALUE: {kind.value}{default})" if kind.value else ""
        write(f"{name:{width}}  {kind.help}{value}\n")
    return CLEARED


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Interrupting it is how this command ends, so that is no failure."""
    told = threading.Event()
    # one that is ignored stays so: shells ask for that in the background
    numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = [signal.signal(number, lambda *_: told.set()) for number in numbers]
    try:
        yield told
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
