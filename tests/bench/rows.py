"""The rows of a bench run: each a value, where it makes sense beside a baseline of the same run and a target."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``ratio`` is value / baseline; ``target`` is what the ratio must reach at least."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value in units of its baseline, which was measured in the same run."""
        return round(self.value / self.baseline, 3) if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the ratio reaches its target; None where there is none."""
        return None if self.target is None or self.ratio is None else self.ratio >= self.target


def write(rows: Sequence[Row], file: Path) -> None:
    """Write all rows as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    listed = [{**asdict(row), "ratio": row.ratio, "met": row.met} for row in rows]
    file.write_text(json.dumps(listed, indent=2) + "\n")


def show(rows: Sequence[Row], console: Console) -> None:
    """Print all rows as a table; a missed target prints MISSED."""
    table = Table("figure", "value", "unit", "baseline", "ratio", "target", "")
    for row in rows:
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        table.add_row(
            row.name, _number(row.value), row.unit, *map(_number, (row.baseline, row.ratio, row.target)), verdict
        )
    console.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
