"""The whole command line: the commands that check, and the two that talk to the service."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from preflight.cli import (
    CHECK_OPTIONS,
    CLEARED,
    COULD_NOT_RUN,
    EXIT,
    REFUSED,
    REPORT_OPTIONS,
    UNKNOWN,
    checked,
    cli,
    complain,
    deliver,
    hosts,
    rendered,
    run,
    with_options,
    write,
)
from submit import ledger_cli as ledger_cli  # its commands join the others

if TYPE_CHECKING:
    from preflight.report import Report
    from submit.client import ReplicaClient
    from submit.errors import SubmitError
    from submit.replica import Replica

__all__ = ["main"]


def main() -> NoReturn:
    """The console command ``preflight``."""
    run(cli)


@cli.command("submit")
@with_options([*CHECK_OPTIONS, *REPORT_OPTIONS])
@click.option("--replica-name", metavar="NAME", help="A label for the replica.")
@click.option("--callback-url", metavar="URL", help="Where the service reports the end of training.")
@click.option("--train-video-url", metavar="URL", help="Where the checked training video is served.")
@click.option("--consent-video-url", metavar="URL", help="Where the checked consent clip is served.")
@click.option("--train-image-url", metavar="URL", help="Where the checked training image is served.")
@click.option("--wait", is_flag=True, help="Wait until training ends.")
@click.option("--dry-run", is_flag=True, help="Print the request instead of sending it.")
def submit_(*, form: str, output: Path | None, wait: bool, dry_run: bool, **options: Any) -> int:
    """Check, and create the replica if the check passes. The API key comes from TAVUS_API_KEY."""
    report = checked(**options)
    if report.verdict != "pass":
        deliver(rendered(report, form, to_file=output is not None), output)
        return EXIT[report.verdict]
    allowed = hosts(options["allow_hosts"])
    if output is not None:
        deliver(rendered(report, form, to_file=True), output)
    if dry_run:
        return _reporting(lambda: _show_request(report, allowed, form=form))
    return _reporting(lambda: _create(report, allowed, form=form, wait=wait))


@cli.command()
@click.argument("replica_id", metavar="ID")
@click.option("--watch", is_flag=True, help="Keep looking until training ends.")
def status(replica_id: str, *, watch: bool) -> int:
    """Show how the training of a replica is going."""

    def show() -> int:
        with _client() as client:
            replica = client.wait(replica_id) if watch else client.get(replica_id)
        return _shown(replica)

    return _reporting(show)


def _show_request(report: Report, allowed: tuple[str, ...], *, form: str) -> int:
    from preflight.render.json import render_json
    from submit.replica import create_request, redacted

    clearance = report.clear()
    body = redacted(create_request(clearance, allow_hosts=allowed))
    if form == "json":
        write(render_json({"method": "POST", "path": clearance.policy_endpoint, "body": body}))
    else:
        write(f"POST {clearance.policy_endpoint}\n{render_json(body)}")
    return CLEARED


def _create(report: Report, allowed: tuple[str, ...], *, form: str, wait: bool) -> int:
    """Create, say the id at once so that it is never lost, and follow the training if asked to."""
    with _client(allowed) as client:
        replica = client.create(report.clear())
        _shown(replica, form, "created ")
        return _shown(client.wait(replica.replica_id), form) if wait else CLEARED


def _client(allowed: tuple[str, ...] = ()) -> ReplicaClient:
    from submit.client import DEFAULT_BASE_URL, ReplicaClient

    return ReplicaClient(
        api_key=os.environ.get("TAVUS_API_KEY", ""),
        base_url=os.environ.get("TAVUS_BASE_URL") or DEFAULT_BASE_URL,
        allow_hosts=allowed,
    )


def _shown(replica: Replica, form: str = "text", lead: str = "") -> int:
    """A line for people, or a line of JSON."""
    if form == "json":
        facts = {
            "replica_id": replica.replica_id,
            "status": replica.status,
            "training_progress": replica.progress,
            "error_message": replica.error_message,
        }
        write(json.dumps(facts, ensure_ascii=False) + "\n")
    else:
        detail = "; ".join(text for text in (replica.progress, replica.error_message) if text)
        write(f"{lead}{replica.replica_id}: {replica.status}{f' ({detail})' if detail else ''}\n")
    return REFUSED if replica.failed else CLEARED


def _reporting(action: Callable[[], int]) -> int:
    """Run, and turn what the service did into a line and an exit code."""
    from submit.errors import SubmitError

    try:
        return action()
    except SubmitError as exc:
        complain(_explained(exc))
        return _exit_code(exc)


def _explained(exc: SubmitError) -> str:
    from submit.errors import TrainingFailed

    if not isinstance(exc, TrainingFailed):
        return str(exc)
    return f'training ended in error: {exc} (see: preflight explain "<that message>")'


def _exit_code(exc: SubmitError) -> int:
    from submit.errors import OutcomeUnknown, Refused, TrainingFailed

    if isinstance(exc, OutcomeUnknown):
        return UNKNOWN
    return REFUSED if isinstance(exc, (Refused, TrainingFailed)) else COULD_NOT_RUN
