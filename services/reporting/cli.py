"""``tandem audit``: the audit trail at the terminal, read from the database of `reporting`; reading it is on record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.chassis.access import Resource
from services.chassis.aggregate import Command
from services.chassis.operations import terminal
from services.chassis.operations.rebuilding import opened
from services.chassis.operations.terminal import Actor, AsJson
from services.reporting.audit import trail

app = typer.Typer(help="The audit trail: who did what to what, when, with which reason.", no_args_is_help=True)
SERVICE = "reporting"
Id = Annotated[str | None, typer.Option(help="Only what names this id.")]


@app.callback()
def audit() -> None:
    """Keep ``list`` a command of its own."""


@app.command("list")
def list_entries(
    *,
    by: Annotated[str | None, typer.Option("--by", help="Only what this person or service did.")] = None,
    subject: Id = None,
    pair: Id = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind of event, e.g. PairMatched.")] = None,
    edition: Id = None,
    since: Annotated[str | None, typer.Option("--from", help="The first instant, e.g. 2026-04-01T00:00Z.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The first instant that counts no more.")] = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest entries first instead of the newest.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many entries.")] = 50,
    as_json: AsJson = False,
    actor: Actor = None,
) -> None:
    """List entries of the audit trail, the newest first; all filters must match."""
    wanted = trail.Wanted(by, subject, pair, kind, edition, _instant(since), _instant(until))
    entries = terminal.run(_found(wanted, terminal.command(actor), newest_first=not oldest, limit=limit))
    if as_json:
        terminal.print_json(entries)
    elif entries:
        terminal.print_table(map(_cells, entries), "when", "who", "what", "to what", "reason", "where")
    else:
        typer.echo("no entry matches")


async def _found(wanted: trail.Wanted, reader: Command, *, newest_first: bool, limit: int) -> list[dict[str, Any]]:
    async with opened(SERVICE) as models:
        await models.runtime.access.read(reader, Resource("audit"))
        entries = trail.collection(models.runtime.database)
        return await trail.found(entries, wanted, newest_first=newest_first, limit=limit)


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    when = one["time"].isoformat(timespec="seconds").replace("+00:00", "Z")
    where = f"{one['topic']}/{one['partition']}@{one['offset']}"
    return (when, one["who"] or "?", one["what"], one["target"] or one["subject"], one["reason"] or "", where)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            terminal.fail(f"{text}: say the offset, e.g. {instant.isoformat()}Z")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        terminal.fail(f"{text} is no instant; write e.g. 2026-04-01T09:00:00Z")
