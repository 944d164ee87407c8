"""Tables on a terminal; what stands in cells is text, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

ROWS = 100  # of each table on a terminal


def show(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table with every cell in full; nothing where it has no rows."""
    table = Table(*(Column(name, overflow="fold") for name in columns), title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    if table.rows:
        Console().print(table)


def first(rows: Iterable[Sequence[object]]) -> list[Sequence[object]]:
    """As many rows as fit on a terminal, and a last one that says so."""
    listed = list(rows)
    more = [(f"and {len(listed) - ROWS} more",)] if len(listed) > ROWS else []
    return [*listed[:ROWS], *more]


def show_gaps(cycles: Iterable[Sequence[str]], own: Iterable[str], missing: Iterable[tuple[str, str]]) -> None:
    """Print which reporting lines are not set, and why: cycles and keys of people, then keys with a manager's."""
    show(("cycles of managers",), first((" → ".join(cycle),) for cycle in cycles))
    show(("own managers",), first((key,) for key in own))
    show(("person", "manager whom nobody knows"), first(missing))
