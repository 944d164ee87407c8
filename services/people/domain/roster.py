"""A roster file: CSV in UTF-8 with a header row. Faulty rows are told apart from good ones, line by line."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.people.domain import cells
from services.people.domain.person import Role, Skill, Wish


class RuleBroken(Exception):
    """A rule says no; ``kind`` is stable, ``detail`` says what to do."""

    kind = "rule-broken"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class RosterUnusable(RuleBroken):
    """The file as a whole cannot be read, so nothing of it is applied; ``field`` is where to look."""

    kind = "roster-unusable"
    status = 422

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was refused: its line in the file, the column where one is to blame, and what to do."""

    line: int
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One good row. ``manager`` is an employee number; subsidiaries stand under their names as written.

    Columns outside ``said`` are not in the file and have their defaults here.
    """

    line: int
    said: frozenset[str]
    employee_number: str
    name: str
    email: str
    subsidiary: str
    birth_date: date
    entry_date: date
    manager: str | None
    executive: bool
    active: bool
    language: str
    zone: str
    languages: tuple[str, ...]
    place: str
    capacity: int
    skills: tuple[Skill, ...]
    wishes: tuple[Wish, ...]
    login: str | None
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The good rows of a file, how many others were ``refused``, and the first ``FAULTS`` faults of those."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is read, and what an empty cell stands for; an empty cell of a required one is a fault."""

    read: Callable[[str], Any]
    required: bool = False
    default: Any = None


COLUMNS: Mapping[str, Column] = {
    "employee_number": Column(cells.text(64), required=True),
    "name": Column(cells.text(200), required=True),
    "email": Column(cells.email, required=True),
    "subsidiary": Column(cells.text(120), required=True),
    "birth_date": Column(cells.day, required=True),
    "entry_date": Column(cells.day, required=True),
    "manager": Column(cells.text(64)),
    "executive": Column(cells.truth, default=False),
    "active": Column(cells.truth, default=True),
    "language": Column(cells.language, default="en"),
    "zone": Column(cells.zone, default="UTC"),
    "languages": Column(cells.languages, default=()),
    "place": Column(cells.text(120), default=""),
    "capacity": Column(cells.number(0, 3), default=1),
    "skills": Column(cells.skills, default=()),
    "wishes": Column(cells.wishes, default=()),
    "login": Column(cells.text(255)),
    "roles": Column(cells.roles, default=()),
}
ROWS = 20_000  # of one file, blank ones left out
FAULTS = 1_000  # that are listed
REQUIRED = tuple(name for name, column in COLUMNS.items() if column.required)


def parse(body: bytes) -> Roster:
    """Read a roster file. Raises ``RosterUnusable`` where the file as a whole is at fault, one too long included.

    Where two rows claim one employee number or login, the later one is refused.
    """
    records = _records(_lines(body))
    header = _header(next(records, (1, []))[1])
    rows: list[Row] = []
    faults: list[Fault] = []
    refused = 0
    taken: dict[tuple[str, str], int] = {}
    for line, record in records:
        row, found = _row(line, header, record)
        found += _repeated(line, header, record, taken)
        if row and not found:
            rows.append(row)
            continue
        refused += 1
        faults += found[: FAULTS - len(faults)]
    if not rows and not refused:
        raise RosterUnusable("body", "The file has no rows below its header; send it with the people in it.")
    return Roster(tuple(rows), tuple(faults), refused)


def _lines(body: bytes) -> Iterator[str]:
    """The lines of a file, decoded as they are asked for, so that a large one is not held a second time."""
    try:
        for line in io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline=""):
            yield unicodedata.normalize("NFC", line)
    except UnicodeDecodeError:
        number = _first_broken(body)
        raise RosterUnusable(f"line {number}", f"Line {number} is not UTF-8; save the file as CSV UTF-8.") from None


def _first_broken(body: bytes) -> int:
    """The line of the first byte that is not UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return body.count(b"\n", 0, error.start) + 1
    return 1


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, each with the line on which it begins: a header and up to ``ROWS`` others."""
    reader = csv.reader(lines, strict=True)
    ended = found = 0
    try:
        for record in reader:
            line, ended = ended + 1, reader.line_num
            if any(cell.strip() for cell in record):
                if found > ROWS:
                    raise RosterUnusable("body", f"The file has more than {ROWS:,} rows; split it, managers first.")
                found += 1
                yield line, record
    except csv.Error as error:
        where = f"line {ended + 1}"
        raise RosterUnusable(where, f"The record from {where} on is not CSV: {error}; mind its quotes.") from None


def _header(record: Sequence[str]) -> list[str]:
    names = [name.strip().lower() for name in record]
    for name in names:
        if names.count(name) > 1:
            raise RosterUnusable(name, f"The column {name or 'without a name'} stands in the header twice; keep one.")
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise RosterUnusable(name, f"There is no column {name!r}; remove it or choose a name out of {known}.")
    if missing := [name for name in REQUIRED if name not in names]:
        raise RosterUnusable(missing[0], f"The header lacks {', '.join(missing)}; separate columns by commas.")
    return names


def _row(line: int, header: Sequence[str], record: Sequence[str]) -> tuple[Row | None, list[Fault]]:
    if len(record) != len(header):
        column = header[len(record)] if len(record) < len(header) else None
        message = f"the row has {len(record)} cells, the header {len(header)}; an empty cell needs its comma too"
        return None, [Fault(line, column, message)]
    values = {name: column.default for name, column in COLUMNS.items()}
    faults: list[Fault] = []
    for name, cell in zip(header, record, strict=True):
        try:
            values[name] = _value(COLUMNS[name], cell)
        except cells.BadCell as error:
            faults.append(Fault(line, name, str(error)))
    if faults:
        return None, faults
    values["languages"] = values["languages"] or (values["language"],)
    row = Row(line=line, said=frozenset(header), **values)
    return row, list(_contradictions(row))


def _value(column: Column, cell: str) -> Any:
    text = cells.cleaned(cell)
    if text:
        return column.read(text)
    if column.required:
        raise cells.BadCell("fill this in")
    return column.default


def _contradictions(row: Row) -> Iterable[Fault]:
    if row.birth_date >= row.entry_date:
        yield Fault(row.line, "birth_date", "write a date of birth before the entry_date")


def _repeated(
    line: int, header: Sequence[str], record: Sequence[str], taken: dict[tuple[str, str], int]
) -> list[Fault]:
    faults = []
    for name, cell in zip(header, record, strict=False):
        value = " ".join(cell.split()) if name in ("employee_number", "login") else ""
        if value and (first := taken.setdefault((name, value), line)) != line:
            faults.append(Fault(line, name, f"line {first} has the same {name}; keep one of the two"))
    return faults
