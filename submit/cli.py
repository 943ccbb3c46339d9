"""The whole command line: the commands that check, and the two that talk to the service."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from preflight.cli import (
    CHECK_OPTIONS,
    CLEARED,
    EXIT,
    REFUSED,
    REPORT_OPTIONS,
    asked_for,
    checked,
    cli,
    deliver,
    hosts,
    run,
    shown,
    stopped_by_signals,
    watched,
    with_options,
    write,
)
from preflight.configured import Configured
from submit import ledger_cli as ledger_cli  # its commands join the others
from submit.console import base_url, complain_of_training, reporting
from submit.console import client as client_of_environment
from submit.testing import cli as _fake_service  # noqa: F401 - adds its command

if TYPE_CHECKING:
    from preflight.report import Report
    from submit.answers import Replica
    from submit.client import ReplicaClient

__all__ = ["main"]


def main() -> NoReturn:
    """The console command ``preflight``."""
    run(cli)


@cli.command("submit", cls=Configured, reports=True)
@with_options([*CHECK_OPTIONS, *REPORT_OPTIONS])
@click.option("--replica-name", metavar="NAME", help="A label for the replica.")
@click.option("--callback-url", metavar="URL", help="Where the service reports the end of training.")
@click.option("--train-video-url", metavar="URL", help="Where the checked training video is served.")
@click.option("--consent-video-url", metavar="URL", help="Where the checked consent clip is served.")
@click.option("--train-image-url", metavar="URL", help="Where the checked training image is served.")
@click.option("--wait", is_flag=True, help="Wait until training ends.")
@click.option("--dry-run", is_flag=True, help="Print the request instead of sending it.")
def submit_(
    *,
    forms: tuple[str, ...],
    embed_media: bool,
    output: Path | None,
    wait: bool,
    dry_run: bool,
    **options: Any,
) -> int:
    """Check, and create the replica if the check passes. The API key comes from TAVUS_API_KEY."""
    targets = asked_for(forms, output, **options)
    report = checked(**options, shown=shown(targets, embed_media=embed_media))
    if report.verdict != "pass":
        deliver(report, targets)
        return EXIT[report.verdict]
    allowed = hosts(options["allow_hosts"])
    deliver(report, (target for target in targets if target.path is not None))
    # standard output has the answer of the service then, as JSON where the report would be that
    form = "json" if {one.partition("=")[0] for one in forms} == {"json"} else "text"
    if dry_run:
        return reporting(lambda: _show_request(report, allowed, form=form))
    return reporting(lambda: _create(report, allowed, form=form, wait=wait, quiet=options["quiet"]))


@cli.command()
@click.argument("replica_id", metavar="ID")
@click.option("--watch", is_flag=True, help="Keep looking until training ends.")
def status(replica_id: str, *, watch: bool) -> int:
    """Show how the training of a replica is going."""

    def show() -> int:
        with client_of_environment() as client:
            if watch:
                return _followed(client, replica_id, "text")
            replica = client.get(replica_id)
        _shown(replica)
        return _ended(replica)

    return reporting(show)


def _show_request(report: Report, allowed: tuple[str, ...], *, form: str) -> int:
    from preflight.render.json import render_json
    from submit.request import redacted, sending

    what = sending(report.clear(), service=base_url(), allow_hosts=allowed)
    body = redacted(what.request.body)
    if form == "json":
        write(render_json({"method": "POST", "path": what.request.route, "body": body}))
    else:
        write(f"POST {what.request.route}\n{render_json(body)}")
    return CLEARED


def _create(report: Report, allowed: tuple[str, ...], *, form: str, wait: bool, quiet: bool) -> int:
    """Create, say the id at once so that it is never lost, and follow the training if asked to."""
    # told to end, it still writes down that the outcome is unknown, and says so
    about = "Comparing what is served with what was checked …"
    with stopped_by_signals(), watched(about, quiet=quiet) as progress:
        client = client_of_environment(allowed, progress)
        with client:
            replica = client.create(report.clear())
    _shown(replica, form, "created " if replica.known_since is None else "already created ")
    if not wait or replica.done or replica.failed:
        return _ended(replica)
    with client_of_environment(allowed) as client:
        return _followed(client, replica.replica_id, form, quiet=quiet)


def _followed(client: ReplicaClient, replica_id: str, form: str, *, quiet: bool = False) -> int:
    """Wait for the end of the training, and say what it was."""
    with nullcontext() if quiet else training_bar(replica_id) as watcher:
        replica = client.wait(replica_id, watcher=watcher)
    _shown(replica, form)
    return CLEARED


def _shown(replica: Replica, form: str = "text", lead: str = "") -> None:
    """A line for people, or a line of JSON."""
    if form == "json":
        write(json.dumps(replica.to_dict(), ensure_ascii=False) + "\n")
        return
    facts = [replica.progress, replica.error_message]
    if replica.known_since is not None:
        facts.append(f"submitted on {replica.known_since:%Y-%m-%d %H:%M} UTC; nothing was sent now")
    detail = "; ".join(text for text in facts if text)
    write(f"{lead}{replica.replica_id}: {replica.status}{f' ({detail})' if detail else ''}\n")


def _ended(replica: Replica) -> int:
    """The exit code for a state, with what an error means."""
    if not replica.failed:
        return CLEARED
    complain_of_training(replica.error_message or "the service gives no reason")
    return REFUSED


@contextmanager
def training_bar(replica_id: str) -> Iterator[Callable[[Replica], None] | None]:
    """A bar on standard error that follows a training; none where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from submit.progress import fraction, progress_text

    columns = (BarColumn(20), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task, began = bars.add_task(replica_id, total=None), time.monotonic()
        told, told_at = None, began

        def watcher(replica: Replica) -> None:
            nonlocal told, told_at
            now = time.monotonic()
            if replica.progress != told:
                told, told_at = replica.progress, now
            since_s = now - began
            if replica.created_at is not None:
                since_s = (dt.datetime.now(dt.UTC) - replica.created_at).total_seconds()
            line = progress_text(
                replica.progress or replica.status, since_s=since_s, unchanged_s=now - told_at
            )
            done = fraction(replica.progress)
            bars.update(
                task,
                description=f"{replica_id} {line}",
                total=None if done is None else 1.0,
                completed=done or 0.0,
            )

        yield watcher
