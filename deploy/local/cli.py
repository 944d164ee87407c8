"""``python -m deploy.local``: Tandem on one machine."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.local import check
from deploy.local.addresses import Addresses, NotRunning, running
from deploy.local.display import Display, short
from deploy.local.issuer.minting import Minter, NoIssuer
from deploy.local.jars import JARS, JarsDiffer, JarsUnavailable, kafka_jars
from deploy.local.process import ChildFailed
from deploy.local.running import run
from deploy.local.shell import settings
from deploy.local.story.calendar import Stage
from deploy.local.supervisor import Plan, Supervisor

DATA = Path(".local")

app = typer.Typer(
    help="Kafka, the database, all of Tandem's services and the demo story, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Data = Annotated[Path, typer.Option("--data", help="Folder that keeps all data, logs and addresses.json.")]


@app.command()
def up(
    data: Data = DATA,
    no_story: Annotated[bool, typer.Option("--no-story", help="Start without playing the demo story.")] = False,
    services: Annotated[str | None, typer.Option(help="Names, separated by commas; all by default.")] = None,
) -> None:
    """Start everything and stay until Ctrl-C."""
    chosen = None if services is None else [name.strip() for name in services.split(",") if name.strip()]
    plan = Plan(data.resolve(), chosen, story=not no_story)
    raise typer.Exit(run(plan, Console(), _announce_and_watch))


@app.command()
def demo(
    data: Data = DATA,
    stage: Annotated[Stage | None, typer.Option(help="Stop the story there, over a data folder of its own.")] = None,
) -> None:
    """Start everything, play the demo story where it was not played yet, and stay until Ctrl-C."""
    folder = data.resolve() / stage if stage else data.resolve()
    raise typer.Exit(run(Plan(folder, until=stage), Console(), _announce_and_watch))


@app.command("demo-check")
def demo_check(data: Data = DATA) -> None:
    """Play the whole story over fresh data and print one line of counts; exit code 1 where they disagree."""
    if used := asyncio.run(check.databases_in_use()):
        typer.echo(f"the servers named by the environment hold Tandem's data already: {', '.join(used)}", err=True)
        typer.echo("demo-check counts a story over fresh data; give it fresh servers, or none.", err=True)
        raise typer.Exit(1)
    parent = data.resolve() / "check"
    parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    told = Console(stderr=True)
    code = run(Plan(fresh), told, _count)
    if code == 0:
        shutil.rmtree(fresh, ignore_errors=True)
    else:
        told.print(f"what was left for a look: {fresh}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


@app.command()
def jars() -> None:
    """Download Kafka's jars where they are not there yet."""
    try:
        kafka_jars(JARS, typer.echo)
    except (JarsDiffer, JarsUnavailable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command()
def play(
    data: Data = DATA,
    until: Annotated[Stage | None, typer.Option(help="Stop there; without it, play to the end.")] = None,
) -> None:
    """Play the demo story through the HTTP APIs of what runs."""
    _call("story.year", "play", _running(data), until)


@app.command()
def env(data: Data = DATA) -> None:
    """Print the settings of what runs, for a shell: eval "$(python -m deploy.local env)"."""
    for name, value in settings(_running(data)).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def token(
    login: Annotated[str, typer.Argument(help="A person of the story: kurz, winter, …; of all others the surname.")],
    data: Data = DATA,
) -> None:
    """Print an access token of this login, good for five minutes: curl -H "Authorization: Bearer $(…)"."""
    try:
        typer.echo(Minter.of(_running(data)).token(login))
    except NoIssuer as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command()
def spoil(data: Data = DATA) -> None:
    """Publish a record that cannot be applied, to rehearse its repair; a rehearsal's data are thrown away."""
    typer.echo(f"pair {_call('rehearsal', 'spoil', _running(data))} cannot be applied; see tandem parked list")


@app.command()
def count(data: Data = DATA) -> None:
    """Compare what was accepted, published, projected and parked; exit code 1 where it disagrees."""
    counts = _call("check", "count", _running(data))
    typer.echo(str(counts))
    raise typer.Exit(0 if counts.agree else 1)


def _announce_and_watch(supervisor: Supervisor, where: Addresses, display: Display) -> None:
    told = f"Ready: {len(where.services)} services; all addresses are in {short(supervisor.plan.addresses)}."
    front = [f"Open {where.portal}"] if where.portal else []
    display.say(["", told, "Ctrl-C ends all of it; data and logs stay.", *front])
    supervisor.watch()


def _count(supervisor: Supervisor, where: Addresses, display: Display) -> None:
    try:
        lines = supervisor.run_local("count", where).last_lines(1)
    except ChildFailed as failure:
        typer.echo("\n".join(failure.lines[-1:]))
        raise
    typer.echo("\n".join(lines))


def _running(data: Path) -> Addresses:
    logging.basicConfig(level=logging.WARNING)
    try:
        return running(data.resolve())
    except NotRunning as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _call(module: str, function: str, where: Addresses, *more: Any) -> Any:
    """Call a function of a module that is imported only now, and wait for it where it is asynchronous."""
    answer = getattr(importlib.import_module(f"deploy.local.{module}"), function)(where, *more)
    return asyncio.run(_waited(answer)) if inspect.isawaitable(answer) else answer


async def _waited(answer: Any) -> Any:
    return await answer


def main() -> None:
    """Run the program; libraries' logs go to nobody, since every process has a log of its own."""
    logging.getLogger().addHandler(logging.NullHandler())
    app(prog_name="python -m deploy.local")
