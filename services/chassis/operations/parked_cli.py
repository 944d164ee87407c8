"""``tandem parked``: the records that could not be applied, and what to do about them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from services.chassis import mongo
from services.chassis.access import Resource
from services.chassis.aggregate import Command
from services.chassis.operations import terminal
from services.chassis.operations.parked import NotParked, ParkedRecords, Wanted
from services.chassis.operations.rebuilding import opened
from services.chassis.operations.terminal import Actor, AsJson, ServiceName
from services.chassis.operations.views import facts, shown

app = typer.Typer(
    help="Records that could not be applied: list, show, retry, drop; resume after the park limit.",
    no_args_is_help=True,
    add_completion=False,
)
_LOOK = 0.3  # seconds
_WAITS = "was tried and still waits for itself or for what is parked before it"
Ask = Callable[[ParkedRecords, str], Awaitable[None]]
Refs = Annotated[list[str] | None, typer.Argument(help="References; --all instead takes many.")]
Every = Annotated[bool, typer.Option("--all", help="All of the service, narrowed by the other options.")]
Ref = Annotated[str, typer.Argument(help="The record's reference, from tandem parked list.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes on record.", show_default=False)]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait until it was carried out.")]
Consumer = Annotated[str | None, typer.Option("--consumer", help="Only those of this consumer.")]
Because = Annotated[str | None, typer.Option("--parked-for", help="Only those parked for this reason, e.g. gap.")]


@app.command("list")
def list_parked(
    *,
    service: Annotated[str | None, typer.Option("--service", help="Only those of this service.")] = None,
    consumer: Consumer = None,
    subject: Annotated[str | None, typer.Option("--subject", help="Only those of this subject.")] = None,
    reason: Because = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many of each service.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the parked records of all services, or of one."""
    wanted = Wanted(consumer=consumer, subject=subject, reason=reason)
    rows = terminal.run(_rows(terminal.services(service), wanted, limit))
    if as_json:
        terminal.print_json(rows)
        return
    if not rows:
        typer.echo("nothing that matches is parked" if wanted.query else "nothing is parked")
        return
    names = ("ref", "service", "consumer", "subject", "sequence", "reason", "detail", "wanted")
    terminal.print_table((_cells(row) for row in rows), *names, whole=3)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    place = (row["subject"] or f"{row['topic']}/{row['partition']}@{row['offset']}", str(row["sequence"] or ""))
    flag = row["flag"]["action"] if row["flag"] else ""
    return (row["ref"], row["service"], row["consumer"], *place, row["reason"], row["detail"], flag)


@app.command("show")
def show(service: ServiceName, ref: Ref, actor: Actor = None) -> None:
    """Show one parked record with its bytes, as JSON; reading it goes on record."""
    terminal.print_json(terminal.run(_shown(service, ref, terminal.command(actor))))


@app.command("retry")
def retry(
    *,
    service: ServiceName,
    refs: Refs = None,
    every: Every = False,
    consumer: Consumer = None,
    parked_for: Because = None,
    wait: Wait = 15,
    actor: Actor = None,
) -> None:
    """Have parked records tried again, e.g. after the code or the data they wait for were repaired."""
    chosen = _chosen(refs, every, Wanted(consumer=consumer, reason=parked_for))

    async def ask(records: ParkedRecords, ref: str) -> None:
        await records.retry(ref, command)

    command = terminal.command(actor)
    _told(terminal.run(_carried_out(service, chosen, ask, wait)))


@app.command("drop")
def drop(
    *,
    service: ServiceName,
    refs: Refs = None,
    every: Every = False,
    consumer: Consumer = None,
    parked_for: Because = None,
    reason: Reason,
    missing: Annotated[
        bool, typer.Option("--missing", help="Give up what it waits for and what never came; it is applied itself.")
    ] = False,
    wait: Wait = 15,
    actor: Actor = None,
) -> None:
    """Give parked records up for good: their sequences are passed over, now and in every rebuild."""
    chosen = _chosen(refs, every, Wanted(consumer=consumer, reason=parked_for))

    async def ask(records: ParkedRecords, ref: str) -> None:
        await records.drop(ref, command, reason=reason, missing=missing)

    command = terminal.command(actor)
    _told(terminal.run(_carried_out(service, chosen, ask, wait)))


@app.command("resume")
def resume(
    service: ServiceName,
    consumer: Annotated[str, typer.Argument(help="The consumer, from tandem projections list.", show_default=False)],
    reason: Reason,
    actor: Actor = None,
) -> None:
    """Let a consumer go on that stopped at the park limit."""
    terminal.run(_resumed(service, consumer, reason, terminal.command(actor)))
    typer.echo(f"{consumer} goes on within a second or two, in every process that runs")


async def _rows(services: list[str], wanted: Wanted, limit: int) -> list[dict[str, Any]]:
    rows = []
    for service in services:
        async with opened(service) as models:
            records = _records(models.runtime)
            rows += [{"service": service, **facts(row)} for row in await records.listed(wanted, limit)]
    return rows


def _records(runtime: Any) -> ParkedRecords:
    return ParkedRecords(runtime.database, runtime.access, runtime.clock)


async def _shown(service: str, ref: str, command: Command) -> dict[str, Any]:
    async with opened(service) as models:
        row = await _records(models.runtime).get(ref)
        await models.runtime.access.read(command, Resource("parked_record", ref))
        return shown(row)


Outcome = tuple[int, list[mongo.Document]]  # how many were settled, and those that still wait


def _chosen(refs: list[str] | None, every: bool, wanted: Wanted) -> list[str] | Wanted:
    """The references that were named, or which records all of the service are to be."""
    if bool(refs) == every:
        terminal.fail("name references, or --all")
    return refs or wanted


async def _carried_out(service: str, chosen: list[str] | Wanted, ask: Ask, wait: float) -> Outcome:
    async with opened(service) as models:
        records = _records(models.runtime)
        refs = chosen if isinstance(chosen, list) else await _all(records, chosen)
        if not refs:
            raise NotParked(f"{service} has no parked record that matches.")
        for ref in refs:
            await ask(records, ref)
        return await _settled(records, refs, wait)


async def _all(records: ParkedRecords, wanted: Wanted) -> list[str]:
    return [row["ref"] for row in await records.listed(wanted, 100_000)]


async def _resumed(service: str, consumer: str, reason: str, command: Command) -> None:
    async with opened(service) as models:
        live = (await models.line(consumer)).live
        await _records(models.runtime).resume(live, command, reason=reason)


async def _settled(records: ParkedRecords, refs: list[str], wait: float) -> Outcome:
    """Wait until the consumer has carried out what was asked."""
    deadline = time.monotonic() + wait
    while True:
        rows = [row for ref in refs if (row := await records.still_there(ref))]
        if not any(row.get("flag") for row in rows) or time.monotonic() > deadline:
            return len(refs) - len(rows), rows
        await asyncio.sleep(_LOOK)


def _told(outcome: Outcome) -> None:
    settled, waiting = outcome
    typer.echo(f"{settled} settled, {len(waiting)} still parked")
    for row in waiting:
        asked = "is not carried out yet: is the service running?" if row.get("flag") else _WAITS
        typer.echo(f"  {row['ref']} {asked} ({row['reason']}: {row['detail']})")
    raise typer.Exit(1 if waiting else 0)
