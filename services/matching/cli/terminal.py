"""What the commands have in common: text from a file or standard input, progress on standard error, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.chassis import collector
from services.matching.files import BYTES, Unreadable, decoded, text_of

REFUSED = 1  # exit code: a proof does not hold
UNUSABLE = 2  # exit code: a file cannot be read or written
_STDIN = "-"


class Step(Protocol):
    """Says what is being done now."""

    def __call__(self, what: str) -> None:
        """The steps before are done."""


def fail(message: str, code: int = UNUSABLE) -> NoReturn:
    """End the program with this on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def text(file: Path) -> str:
    """The text of a file, or of standard input for ``-``. Raises ``Unreadable``."""
    if str(file) != _STDIN:
        return text_of(file)
    if sys.stdin is None:
        raise Unreadable("", "Standard input is closed; give a file, or pipe the text in.")
    return decoded(sys.stdin.buffer.read(BYTES + 1), "standard input")


@contextmanager
def steps(number: int, *, quiet: bool) -> Iterator[Step]:
    """A bar of so many steps on standard error while the block runs, on terminals only.

    A file that turns out unusable ends the program with its message.
    """
    collector.relax()  # millions of numbers are read, and none of them is garbage
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    try:
        with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
            task = progress.add_task("", total=number)

            def step(what: str) -> None:
                begun = bool(progress.tasks[0].description)
                progress.update(task, description=what, advance=int(begun))

            yield step
    except Unreadable as error:
        fail(str(error))
    except MemoryError:
        fail("There is not enough memory for this file; list allowed pairs only, as edges.")
