"""``tandem projections``: the read models of the services, and how to build, compare, switch and refill them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from services.chassis.aggregate import Command
from services.chassis.operations import feeding, terminal
from services.chassis.operations.comparing import Comparison
from services.chassis.operations.rebuilding import Line, Rebuilt, opened
from services.chassis.operations.terminal import Actor, AsJson, ServiceName
from services.chassis.projector.builds import Alias, Build

app = typer.Typer(
    help="Read models: list, rebuild, compare, switch, refill.", no_args_is_help=True, add_completion=False
)
Name = Annotated[str, typer.Argument(help="The projection, from tandem projections list.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes on record.", show_default=False)]
To = Annotated[str | None, typer.Option("--build", help="The build's collection; the newest by default.")]


@app.command("list")
def list_projections(
    service: Annotated[str | None, typer.Option("--service", help="Only those of this service.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every consumer with its live build, its lag, and what lies in its parking."""
    lines = terminal.run(_lines(terminal.services(service)))
    if as_json:
        terminal.print_json([asdict(line) for line in lines])
        return
    names = ("service", "name", "kind", "live build", "documents", "lag", "parked", "other builds", "state")
    terminal.print_table((_cells(line) for line in lines), *names, whole=2)


def _cells(line: Line) -> tuple[str, ...]:
    others = ", ".join(_other(line, build) for build in line.builds if build.collection != line.live)
    lag = "?" if line.lag is None else str(line.lag)
    state = f"stopped: {line.stopped}" if line.stopped else ""
    numbers = ("" if line.documents is None else str(line.documents), lag, str(line.parked))
    return (line.service, line.consumer, line.kind, line.live, *numbers, others, state)


@app.command("rebuild")
def rebuild(
    service: ServiceName,
    name: Name,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on with what was begun.")] = False,
    actor: Actor = None,
) -> None:
    """Build a projection anew from its topic, beside the live one; repeated after a crash it goes on.

    Nothing changes for readers until tandem projections switch.
    """
    with _bar(f"{service} {name}") as progress:
        done = terminal.run(_rebuilt(service, name, terminal.command(actor), fresh=fresh, progress=progress))
    rate = f", {done.records / done.seconds:,.0f} a second" if done.seconds and done.records else ""
    typer.echo(f"{done.build.collection}: {done.records:,} records in {done.seconds:.1f} s{rate}; {done.parked} parked")
    typer.echo(f"next: tandem projections compare {service} {name}, then tandem projections switch {service} {name}")


@app.command("compare")
def compare(service: ServiceName, name: Name, build: To = None, as_json: AsJson = False) -> None:
    """Compare a build with the live one, document by document; exit code 1 where they differ."""
    found, other = terminal.run(_compared(service, name, build))
    if as_json:
        terminal.print_json({"build": other.collection, "agrees": found.agrees, **asdict(found)})
    else:
        _tell(found, other)
    raise typer.Exit(0 if found.agrees else 1)


@app.command("switch")
def switch(
    *,
    service: ServiceName,
    name: Name,
    reason: Reason,
    build: To = None,
    back: Annotated[bool, typer.Option("--back", help="Return to the build that was live before.")] = False,
    actor: Actor = None,
) -> None:
    """Make another build live: one write, which every process follows within a second or two."""
    alias = terminal.run(_switched(service, name, terminal.command(actor), reason=reason, build=build, back=back))
    typer.echo(f"{alias.live} is live; the way back is tandem projections switch {service} {name} --back")


@app.command("refill")
def refill(service: ServiceName, name: Name, reason: Reason, actor: Actor = None) -> None:
    """Deliver the whole topic once more through the consumer's own handler, as after restoring a backup.

    What was applied is dropped there; what was missing is applied; what waited for it drains.
    """
    with _bar(f"{service} {name}") as progress:
        records = terminal.run(_refilled(service, name, terminal.command(actor), reason, progress))
    typer.echo(f"{records:,} records were delivered once more")


async def _lines(services: list[str]) -> list[Line]:
    lines: list[Line] = []
    for service in services:
        async with opened(service) as models:
            lines += await models.listed()
    return lines


async def _rebuilt(service: str, name: str, command: Command, *, fresh: bool, progress: feeding.Progress) -> Rebuilt:
    async with opened(service) as models:
        return await models.rebuild(name, command, fresh=fresh, progress=progress)


async def _compared(service: str, name: str, build: str | None) -> tuple[Comparison, Build]:
    async with opened(service) as models:
        return await models.compare(name, build)


async def _switched(service: str, name: str, command: Command, **how: Any) -> Alias:
    async with opened(service) as models:
        return await models.switch(name, command, reason=how["reason"], to=how["build"], back=how["back"])


async def _refilled(service: str, name: str, command: Command, reason: str, progress: feeding.Progress) -> int:
    async with opened(service) as models:
        return await models.refill(name, command, reason=reason, progress=progress)


def _other(line: Line, build: Build) -> str:
    if build.collection == line.previous:
        return f"{build.collection} (the way back)"
    return f"{build.collection} ({'ready' if build.ready_at else 'begun'})"


def _tell(found: Comparison, other: Build) -> None:
    typer.echo(f"{other.collection}: {found.equal} equal, {found.different} different")
    if found.only_live or found.only_build:
        typer.echo(f"only live: {found.only_live}, only in the build: {found.only_build}")
    if found.moving:
        typer.echo(f"{len(found.moving)} did not come to the same sequence in time: is the service running?")
    for subject in found.named:
        typer.echo(f"  different: {subject}")


@contextmanager
def _bar(what: str) -> Iterator[feeding.Progress]:
    """A progress bar with an estimate; on standard error, so that what is printed can be used."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
