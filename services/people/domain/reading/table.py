"""From text to rows: the delimiter, the header, and every row apart from its neighbours' faults."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from services.people.domain.reading.faults import Fault, RosterUnusable

ROWS = 100_000  # of one file, blank ones left out
_DELIMITERS = ";,\t|"
_QUOTED = re.compile('"[^"]*"?')
_SEPARATOR = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)
_TITLES = 10  # lines among which the header is looked for; reports may have titles above it
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = "control or direction characters, which nobody sees: remove them"
_BROKEN = "this is no row of a CSV file: {}; mind its quotes"
Row = tuple[int, list[str]]
Spoilt = tuple[Fault, list[str]]


@dataclass(frozen=True, slots=True)
class Head:
    """The header as it stands in the file, the line it begins on, and the delimiter."""

    cells: tuple[str, ...]
    line: int
    delimiter: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the header that have its length, each with its line; ``spoilt`` the others with their faults.

    Of a row that is no row of a CSV file there are no cells.
    """

    head: Head
    rows: tuple[Row, ...]
    spoilt: tuple[Spoilt, ...]
    blank: int


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; only line feed and carriage return end one."""
    return io.StringIO(text, newline="").readlines()


def heads(lines: Sequence[str]) -> Iterator[Head]:
    """What may be the header: each of the first lines that is not blank, with the delimiter it would mean."""
    said: str | None = None
    for index, line in enumerate(lines[:_TITLES]):
        if found := _SEPARATOR.fullmatch(line):
            said = found[1]
            continue
        delimiter = said or _delimiter(line)
        try:
            cells = next(csv.reader(lines[index:], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if any(cell.strip() for cell in cells):
            yield Head(tuple(" ".join(cell.split()) for cell in cells), index + 1, delimiter)


def table(lines: Sequence[str], head: Head) -> Table:
    """All rows below the header. Raises ``RosterUnusable`` for more than ``ROWS``."""
    if (regular := _regular(lines, head)) is not None:
        return Table(head, regular, (), 0)
    rows: list[Row] = []
    spoilt: list[Spoilt] = []
    width, blank = len(head.cells), 0
    suspicious = any(_HIDDEN.search(line) for line in lines if not line.rstrip().isprintable())
    for line, cells in _records(lines, head, spoilt.append):
        if not any(cells) or not any(map(str.strip, cells)):
            blank += 1
            continue
        if suspicious and (hidden := _hidden(head, cells)):
            spoilt.append((Fault(line, _UNSEEN, field=hidden), cells))
        elif len(cells) == width or _padded(cells, width):
            rows.append((line, cells))
        else:
            spoilt.append((_length(line, head, cells), cells))
        if len(rows) + len(spoilt) > ROWS:
            raise RosterUnusable("body", f"The file has more than {ROWS:,} rows; split it.")
    return Table(head, tuple(rows), tuple(spoilt), blank)


def _regular(lines: Sequence[str], head: Head) -> tuple[Row, ...] | None:
    """The rows of a file without a fault, a blank row or a line break in a cell, in a fraction of the time."""
    reader = csv.reader(lines[head.line - 1 :], delimiter=head.delimiter, strict=True)
    try:
        records = list(islice(reader, ROWS + 2))
    except csv.Error:
        return None
    if reader.line_num != len(records) or len(records) > ROWS + 1 or set(map(len, records)) != {len(head.cells)}:
        return None
    if not all(map(str.strip, map("".join, records))) or not all(line.rstrip().isprintable() for line in lines):
        return None
    return tuple(enumerate(records[1:], head.line + 1))


def _delimiter(line: str) -> str:
    """The most frequent of the delimiters outside quotes; of two as frequent the rarer in names."""
    bare = _QUOTED.sub("", line)
    return max(_DELIMITERS, key=bare.count) if any(one in bare for one in _DELIMITERS) else ","


def _records(lines: Sequence[str], head: Head, refuse: Callable[[Spoilt], None]) -> Iterator[Row]:
    """Each record with the line on which it begins; after a broken one it goes on with the line below its first."""
    start = head.line - 1
    passed = False
    while start < len(lines):
        feed = (lines[index] for index in range(start, len(lines))) if passed else lines[start:]  # no second long copy
        reader = csv.reader(feed, delimiter=head.delimiter, strict=True)
        began = 0
        try:
            for cells in reader:
                if passed:
                    yield start + began + 1, cells
                passed, began = True, reader.line_num
            return
        except csv.Error as error:
            refuse((Fault(start + began + 1, _BROKEN.format(error)), []))
            start += began + 1


def _padded(cells: list[str], width: int) -> bool:
    """Whether a row is too long by empty cells only, as spreadsheet programs write them; they are cut off."""
    if len(cells) < width or any(map(str.strip, cells[width:])):
        return False
    del cells[width:]
    return True


def _length(line: int, head: Head, cells: Sequence[str]) -> Fault:
    reason = f"the row has {len(cells)} cells, the header {len(head.cells)}; an empty cell needs its delimiter too"
    return Fault(line, reason, field=head.cells[len(cells)] if len(cells) < len(head.cells) else None)


def _hidden(head: Head, cells: Sequence[str]) -> str | None:
    """The column of the first cell with hidden characters."""
    for index, cell in enumerate(cells):
        if _HIDDEN.search(cell):
            return head.cells[index] if index < len(head.cells) else "?"
    return None
