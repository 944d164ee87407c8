"""``tandem restored``: after a service's database was restored from a backup, before the service is started."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from services.chassis.aggregate import Command
from services.chassis.operations import terminal
from services.chassis.operations.rebuilding import opened
from services.chassis.operations.restored import Behind, advance, behind
from services.chassis.operations.terminal import Actor, AsJson, ServiceName

app = typer.Typer(
    help="After restoring a service's database, before starting it: check, advance.", add_completion=False
)
_SHOWN = 50


@app.command("check")
def check(service: ServiceName, as_json: AsJson = False) -> None:
    """Name the aggregates that are older than what they had published; exit code 1 where there are any."""
    found = terminal.run(_behind(service))
    if as_json:
        terminal.print_json([asdict(one) for one in found])
    else:
        _tell(found)
    raise typer.Exit(1 if found else 0)


@app.command("advance")
def advance_all(
    service: ServiceName,
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes on record.", show_default=False)],
    actor: Actor = None,
) -> None:
    """Move their sequences up, so that no sequence is given twice; look at what is named: its state is older."""
    found, left = terminal.run(_advanced(service, terminal.command(actor), reason))
    _tell(found)
    typer.echo(f"{len(found) - len(left)} were moved up, {len(left)} were not")
    if left:
        typer.echo("an aggregate without a document is lost with the backup: enter it anew under a new key")
    raise typer.Exit(1 if left else 0)


async def _behind(service: str) -> list[Behind]:
    async with opened(service) as models:
        return await behind(models.runtime)


async def _advanced(service: str, command: Command, reason: str) -> tuple[list[Behind], list[Behind]]:
    async with opened(service) as models:
        found = await behind(models.runtime)
        return found, [one for one in found if not await advance(models.runtime, one, command, reason=reason)]


def _tell(found: list[Behind]) -> None:
    if not found:
        typer.echo("every aggregate knows all that it published")
    for one in found[:_SHOWN]:
        where = f"{one.collection} {one.subject}" if one.collection else f"{one.subject} (no document)"
        typer.echo(f"  {one.topic}: {where} stands at {one.stored}, its topic at {one.published}")
    if len(found) > _SHOWN:
        typer.echo(f"  … and {len(found) - _SHOWN} more (--json has all)")
