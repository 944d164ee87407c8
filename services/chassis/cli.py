"""The ``tandem`` program: serves one service, provisions for all, and carries the services' own commands."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import pydantic
import typer
from typer.core import TyperGroup

from services.chassis import mongo
from services.chassis import provision as provisioning
from services.chassis.errors import Transient
from services.chassis.manifests import UnknownService, manifest, manifests
from services.chassis.patience import patiently
from services.chassis.service import CannotStart, Service
from services.chassis.settings import Settings

COMMANDS = "tandem.commands"
_GRACE = 15  # seconds for requests under way when the process is asked to end


class _Commands(TyperGroup):
    """Adds the commands of the entry-point group, each imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *sorted(_points())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        point = _points().get(cmd_name)
        if own is not None or point is None:
            return own
        command = typer.main.get_command(_loaded(point))
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Commands,
    help="Tandem's services and their operators' commands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def serve(
    name: Annotated[str, typer.Argument(help="The service's name.")],
    host: Annotated[str | None, typer.Option(help="Address to listen on, loopback only.", envvar="TANDEM_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", envvar="TANDEM_PORT")] = None,
) -> None:
    """Run one service until it is asked to end (SIGTERM, Ctrl-C); then exit with code 0."""
    import uvicorn

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    with _told_plainly():
        service = manifest(name)
        settings = _settings(host=host, port=port)
        config = uvicorn.Config(
            service.app(),
            host=settings.host,
            port=settings.port,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
    server = uvicorn.Server(config)
    server.run()
    raise typer.Exit(0 if server.started else 1)


@app.command()
def provision(
    services: Annotated[str | None, typer.Option(help="Names, separated by commas; all where it is not given.")] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for servers that are still starting.")] = 0,
) -> None:
    """Create the topics and indexes that are missing, and say of each whether it was created or present."""
    chosen = None if services is None else [name.strip() for name in services.split(",") if name.strip()]
    with _told_plainly():
        chosen_services, settings = manifests(chosen), _settings()
        done = asyncio.run(patiently(lambda: _provision(chosen_services, settings), wait))
    for thing in done:
        typer.echo(str(thing))
    typer.echo(f"{sum(thing.outcome == 'created' for thing in done)} created, {len(done)} in all")


async def _provision(services: Sequence[Service], settings: Settings) -> list[provisioning.Provisioned]:
    client = mongo.connect(settings.mongodb)
    try:
        return await provisioning.provision(
            services, kafka=settings.kafka, client=client, prefix=settings.database_prefix
        )
    finally:
        await mongo.close(client)


def _settings(**given: str | int | None) -> Settings:
    """The settings of the environment, overruled by what the command line gives."""
    overruled: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Settings(**overruled)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Failures that a person can mend end the program with their message and code 1, without a traceback."""
    try:
        yield
    except pydantic.ValidationError as error:
        for problem in error.errors():
            typer.echo(f"setting {'.'.join(map(str, problem['loc']))}: {problem['msg']}", err=True)
        raise typer.Exit(1) from error
    except (UnknownService, CannotStart, provisioning.Mismatch, Transient) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _end(number: int, frame: object) -> None:
    """Being asked to end is no failure; uvicorn raises the signal again after its own orderly stop."""
    raise SystemExit(0)


def _loaded(point: EntryPoint) -> typer.Typer:
    """The commands behind an entry point; where they cannot be loaded, one that says why instead of hiding it."""
    try:
        loaded = point.load()
    except (ImportError, AttributeError) as error:
        reason = f"cannot be loaded: {error}"
    else:
        if isinstance(loaded, typer.Typer):
            return loaded
        reason = f"is no typer.Typer but {type(loaded).__name__}"
    broken = typer.Typer()

    @broken.command(help=f"(entry point {point.value} {reason})")
    def say() -> None:
        typer.echo(f"{point.name}: entry point {point.value} {reason}", err=True)
        raise typer.Exit(1)

    return broken


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMANDS)}


def main() -> None:
    """Run the ``tandem`` program."""
    app(prog_name="tandem")


if __name__ == "__main__":
    main()
