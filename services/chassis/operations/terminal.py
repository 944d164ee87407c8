"""What the operators' commands have in common: who asks, clear failures, one event loop."""

from __future__ import annotations

import asyncio
import getpass
import json
import re
import sys
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Annotated, Any, NoReturn, TypeVar

import pydantic
import typer
from rich.console import Console
from rich.table import Table

from services.chassis.aggregate import Command
from services.chassis.errors import Refused, Transient
from services.chassis.manifests import UnknownService, manifests

R = TypeVar("R")
_ODD = re.compile(r"[^a-z0-9-]+")
_PIPED = 240  # columns where nobody's terminal says how wide it is
Actor = Annotated[str | None, typer.Option("--actor", help="Who does so; your name on this machine by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ServiceName = Annotated[str, typer.Argument(help="The service's name, e.g. reporting.", show_default=False)]


def run(work: Coroutine[Any, Any, R]) -> R:
    """Run one command to its end; what a person can mend ends it with a message and code 1."""
    try:
        return asyncio.run(work)
    except (Refused, Transient) as error:
        fail(error.detail)
    except UnicodeError:
        fail("an argument is not UTF-8")
    except UnknownService as error:
        fail(str(error))
    except pydantic.ValidationError as error:
        fail("; ".join(f"setting {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(message: str) -> NoReturn:
    """End with a message on standard error and code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def command(actor: str | None) -> Command:
    """The circumstances of a command given at a terminal."""
    name = actor
    with suppress(OSError, KeyError):
        name = name or getpass.getuser()
    return Command(actor=_ODD.sub("-", (name or "operator").lower()).strip("-")[:64] or "operator")


def services(chosen: str | None) -> list[str]:
    """The service that was named, or all that consume anything: what others need to run is not asked for."""
    return [chosen] if chosen else [one.name for one in manifests() if one.consumes]


def print_table(rows: Iterable[Sequence[str]], *names: str, whole: int = 1) -> None:
    """Print a table; its first ``whole`` columns are never cut, so that they can be copied."""
    table = Table(box=None)
    for number, name in enumerate(names):
        table.add_column(name, no_wrap=number < whole, overflow="fold")
    for row in rows:
        table.add_row(*map(_harmless, row))
    piped = not sys.stdout.isatty()
    Console(highlight=False, markup=False, width=_PIPED if piped else None).print(table)


def _harmless(text: str) -> str:
    """A text without what a terminal would obey: records may hold anything."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def print_json(value: Any) -> None:
    """Print a value as JSON; instants as RFC 3339."""
    typer.echo(json.dumps(value, default=lambda one: one.isoformat(), indent=2))
