"""The command ``preflight fake-service``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from preflight.cli import CLEARED, COULD_NOT_RUN, cli, complain, write

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
    from submit.errors import SubmitError

    settings = {
        "seed": seed,
        "training_s": training_s,
        "voices": None if voices is None else [name.strip() for name in voices.split(",") if name.strip()],
    }
    try:
        if list_faults:
            return _list_faults()
        _serve(host, port, faults, {name: value for name, value in settings.items() if value is not None})
    except SubmitError as exc:
        complain(str(exc))
        return COULD_NOT_RUN
    return CLEARED


def _serve(host: str, port: int, faults: tuple[str, ...], settings: dict[str, object]) -> None:
    import secrets

    from submit.testing import FakeReplicaService
    from submit.testing.server import serving

    service = FakeReplicaService(faults=faults, **({"seed": secrets.token_hex(8)} | settings))  # type: ignore[arg-type]
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
        value = (
            f" (value: {kind.value}{'' if kind.default is None else f', {kind.default}'})"
            if kind.value
            else ""
        )
        write(f"{name:{width}}  {kind.help}{value}\n")
    return CLEARED


@contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Interrupting it is how this command ends, so that is no failure."""
    told = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: told.set()) for number in numbers]
    try:
        yield told
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
