"""The commands that show the ledger of submissions, and settle what is in doubt.

Where the ledger is comes from PREFLIGHT_LEDGER alone: the address of a database may hold a password, and
everybody on a machine sees the options of a command.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from preflight.cli import CLEARED, cli, complain, write
from preflight.text import printable
from submit.console import client, has_key, reporting

if TYPE_CHECKING:
    from submit.ledger import Entry, Event, Ledger

__all__ = ["ledger"]

_STATES = ("claimed", "sending", "created", "refused", "unknown", "released")
_SHOWN = 1000
_WIDTH = 80
_KEY = 10
_GAP = "  "
_HEADS = ("key", "state", "changed (UTC)", "name", "replica", "training")
_LONGEST = {"replica": 20, "training": 10}
"""Longer ids and states are cut in the list; ``show`` has all of them."""

_form = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it."
)


@cli.group()
def ledger() -> None:
    """Look at the ledger of submissions, and settle what is in doubt.

    The ledger keeps what was submitted, so that nothing is submitted twice. It is a file of this user, or
    what PREFLIGHT_LEDGER names: a file, or a PostgreSQL database as postgresql://user@host/database.
    """


@ledger.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only submissions in this state.")
@_form
def list_(state: str | None, form: str) -> int:
    """List submissions, the one that changed last first."""

    def show(opened: Ledger) -> None:
        from submit.ledger import State

        states = None if state is None else [State(state)]
        found = opened.entries(states=states, limit=_SHOWN + 1)
        shown = found[:_SHOWN]
        if form == "json":
            write(_json({"submissions": [_facts(entry) for entry in shown]}))
        elif shown:
            write("".join(line + "\n" for line in _table(shown)))
        else:
            write(f"no submission{f' is {state}' if state else ''} in the ledger {opened.place}\n")
        if len(found) > _SHOWN:
            complain(f"these are the {_SHOWN} that changed last; there are more")

    return _with_ledger(show)


@ledger.command("show")
@click.argument("key", metavar="KEY")
@_form
def show_(key: str, form: str) -> int:
    """Show one submission and its history. KEY is its key, or the first 6 or more digits of it."""

    def show(opened: Ledger) -> None:
        entry = opened.find(key)
        history = opened.history(entry.key)
        if form == "json":
            write(_json({**_facts(entry), "history": [_event_facts(event) for event in history]}))
        else:
            write("".join(line + "\n" for line in _page(entry, history)))

    return _with_ledger(show)


@ledger.command()
@click.argument("key", metavar="KEY")
@click.option("--created", "replica_id", metavar="ID", help="It was created: as this replica.")
@click.option("--not-created", is_flag=True, help="It was not created; it may be submitted again.")
@click.option("--again", is_flag=True, help="It was created, and may be submitted once more all the same.")
def resolve(key: str, replica_id: str | None, *, not_created: bool, again: bool) -> int:
    """Settle a submission that is in doubt: by the service's list, or by what a person says.

    Without an option, it is looked for in the service's list of replicas. Look there yourself before you use
    one: what is said is believed, but that the replica of --created exists is asked of the service where
    TAVUS_API_KEY is set. KEY is the key of the submission, or the first 6 or more digits of it.
    """
    given = (replica_id is not None) + not_created + again
    if given > 1:
        raise click.UsageError("Give one of --created ID, --not-created and --again, or none.")
    if not given:
        return reporting(lambda: _found(key))

    def settle(opened: Ledger) -> None:
        entry = opened.find(key)
        if replica_id is not None and has_key():
            with client() as service:
                service.get(replica_id)
        said = f"created as {replica_id}" if replica_id is not None else "not created"
        note = "a person: may be submitted again" if again else f"a person: {said}"
        done = opened.settle(
            entry.key, replica_id=replica_id, not_created=not_created, again=again, note=note
        )
        write(_settled(entry, done))

    return _with_ledger(settle)


def _settled(before: Entry, now: Entry) -> str:
    """What was done, and what may be done next."""
    name = f"submission {now.key[:_KEY]}"
    if now.state == "created":
        return (
            f"{name} is now created, as replica {now.replica_id}. It will not be sent again; its training: "
            f"preflight status {now.replica_id}\n"
        )
    if before.state == "created":
        return (
            f"{name} is now released: the next preflight submit of it creates a second replica. "
            f"Replica {before.replica_id} stays as it is.\n"
        )
    return f"{name} is now released: nothing was created, and preflight submit may send it again.\n"


def _found(key: str) -> int:
    """Look for it in the service's list."""
    with client() as service:
        replica = service.reconcile(key)
    write(f"found: replica {replica.replica_id}, {replica.status}; it will not be sent again\n")
    return CLEARED


def _with_ledger(action: Callable[[Ledger], None]) -> int:
    from submit.ledger import Ledger

    def with_ledger() -> int:
        with Ledger() as opened:
            action(opened)
        return CLEARED

    return reporting(with_ledger)


def _table(entries: Iterable[Entry]) -> Iterator[str]:
    """One line for each, at most 80 columns wide: what is left of them goes to the name."""
    rows = [_HEADS, *map(_row, entries)]
    widths = [max(_cells(text) for text in column) for column in zip(*rows, strict=True)]
    for head, longest in _LONGEST.items():
        place = _HEADS.index(head)
        widths[place] = min(widths[place], longest)
    name = _HEADS.index("name")
    others = sum(widths) - widths[name] + len(_GAP) * (len(widths) - 1)
    widths[name] = min(widths[name], _WIDTH - others)
    for row in rows:
        yield _GAP.join(_fitted(text, width) for text, width in zip(row, widths, strict=True)).rstrip()


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.key[:_KEY],
        entry.state,
        f"{entry.changed_at:%Y-%m-%d %H:%M}",
        printable(_name(entry.intent) or "-"),
        printable(entry.replica_id or "-"),
        printable(entry.status or "-"),
    )


def _fitted(text: str, width: int) -> str:
    """In so many columns of a terminal; some characters take two."""
    from rich.cells import set_cell_size

    return set_cell_size(text, width) if _cells(text) <= width else set_cell_size(text, width - 1) + "…"


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _page(entry: Entry, history: Iterable[Event]) -> Iterator[str]:
    yield f"submission {entry.key}"
    for name, value in _facts(entry).items():
        if name not in ("key", "intent") and value is not None:
            yield f"  {name + ':':<15}{_said(value)}"
    yield "  intent:"
    for name, value in entry.intent.items():
        yield f"    {printable(str(name))}: {_said(value)}"
    yield "  history:"
    for event in history:
        change = event.after if event.before == event.after else f"{event.before or 'new'} -> {event.after}"
        replica = f"  replica {printable(event.replica_id)}" if event.replica_id else ""
        note = f"  {printable(event.note, limit=1000)}" if event.note else ""
        yield f"    {_instant(event.at)}  {change}{replica}{note}"
    yield from _next_steps(entry)


def _next_steps(entry: Entry) -> Iterator[str]:
    """Of a submission in doubt: how a person settles it."""
    if entry.state == "unknown" or (entry.state == "sending" and entry.expired(dt.datetime.now(dt.UTC))):
        yield "It may have been created, or not. Look for it in the service's list of replicas, then say:"
        yield f"  preflight ledger resolve {entry.key[:_KEY]} --created ID"
        yield f"  preflight ledger resolve {entry.key[:_KEY]} --not-created"


def _said(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text, limit=2000)


def _name(intent: Mapping[str, Any]) -> str | None:
    """The name that was asked for, wherever the request holds it."""
    parts = [intent, *(part for part in intent.values() if isinstance(part, Mapping))]
    names = (part.get(field) for part in parts for field in ("replica_name", "face_name"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "state": str(entry.state),
        "replica_id": entry.replica_id,
        "status": entry.status,
        "error_message": entry.error_message,
        "note": entry.note,
        "attempts": entry.attempts,
        "claimed_at": _instant(entry.claimed_at),
        "sent_at": _instant(entry.sent_at),
        "changed_at": _instant(entry.changed_at),
        "lease_until": _instant(entry.lease_until),
        "intent": dict(entry.intent),
    }


def _event_facts(event: Event) -> dict[str, Any]:
    return {
        "at": _instant(event.at),
        "before": None if event.before is None else str(event.before),
        "after": str(event.after),
        "owner": event.owner,
        "replica_id": event.replica_id,
        "note": event.note,
    }


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(document: Mapping[str, Any]) -> str:
    from preflight.render.json import render_json

    return render_json(document)
