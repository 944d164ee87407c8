"""Cells on their way to a spreadsheet program: text stays text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_LATER = re.compile(r"([;,|\t\r\n][ \"']*)([=+\-@])")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program would take this text for a formula."""
    return text.startswith(_STARTS)


def defused(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet program would evaluate."""
    return f"'{text}" if is_formula(text) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with every cell defused; None is an empty cell.

    What a program that goes by another delimiter would take for a cell of its own is defused too.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([defused(name) for name in header])
    writer.writerows(["" if cell is None else _LATER.sub(r"\1'\2", defused(str(cell))) for cell in row] for row in rows)
    return out.getvalue()
