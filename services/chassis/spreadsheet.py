"""Cells on their way to a spreadsheet program: text stays text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_LATER = re.compile(r"([;,|\t\r\n][ \"']*)([=+\-@])")


def defused(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet program would evaluate.

    So is what a program that goes by another delimiter, as German ones go by the semicolon, would take for a cell.
    """
    return _LATER.sub(r"\1'\2", f"'{text}" if text.startswith(_STARTS) else text)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with every text defused; None is an empty cell, numbers are written as programs read them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([defused(name) for name in header])
    writer.writerows([defused(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()
