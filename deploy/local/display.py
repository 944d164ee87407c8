"""Shows a line per process: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

_COLOURS = {"ready": "green", "done": "green", "failed": "red", "stopped": "dim"}


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown of one process: its state, where it listens, where it logs."""

    name: str
    state: str
    address: str = ""
    log: str = ""


class Display:
    """The rows by name; each change is shown at once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[str, Row] = {}
        self._note = ""
        self._live = (
            Live(console=console, auto_refresh=False, get_renderable=self._table) if console.is_terminal else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._note = ""
        if self._live:
            self._live.update(self._table(), refresh=True)
            self._live.stop()

    def show(self, name: str, state: str, *, address: str = "", log: Path | None = None) -> None:
        """Set the row of ``name``; address and log stay as they were where they are not given."""
        before = self._rows.get(name, Row(name, ""))
        row = replace(before, state=state, address=address or before.address, log=short(log) if log else before.log)
        if row == before:
            return
        self._rows[name] = row
        if self._live:
            self._live.refresh()
        else:
            self._print(f"{row.name:14} {row.state:9} {row.address:28} {row.log}".rstrip())

    def progress(self, line: str) -> None:
        """Show what is being done now, in place of what was shown so before."""
        self._note = line
        if self._live:
            self._live.refresh()
        else:
            self._print(line)

    def say(self, lines: Sequence[str]) -> None:
        """Print lines that stay."""
        self._note = ""
        for line in lines:
            self._print(line)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, caption=self._note or None, caption_justify="left")
        for heading in ("process", "state", "address", "log"):
            table.add_column(heading, no_wrap=heading != "log")
        for row in self._rows.values():
            colour = _COLOURS.get(row.state, "yellow")
            table.add_row(row.name, f"[{colour}]{row.state}[/]", row.address, row.log)
        return table


def short(path: Path) -> str:
    """The path as a person in the current folder would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
