"""Reading a roster: everything that a file says, with every fault of it, before anything is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.people.domain.reading.duplicates import each_once
from services.people.domain.reading.faults import Fault
from services.people.domain.reading.hierarchy import Before, Hierarchy, hierarchy
from services.people.domain.reading.mapping import MANAGERS, Layout, Matched, recognised
from services.people.domain.reading.records import Record, said
from services.people.domain.reading.rows import RowReader, Rows
from services.people.domain.reading.table import Table, heads, lines_of, table
from services.people.domain.reading.text import Decoded, decoded

_LETTERS = 200  # rows with letters worth a look that are listed


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read.

    ``as_of`` is the day for which it speaks: who has left by then, and which years are past. ``encoding`` and
    ``subsidiary`` go before the mapping's. ``whole``: the file names everybody of its source, so whoever is not in it
    has left. ``source`` is which feed it is, the mapping's name where nobody says. ``issuers`` are the names of the
    log-in issuers; a login without one of them belongs to the first.
    """

    as_of: date
    encoding: str | None = None
    subsidiary: str | None = None
    whole: bool = True
    source: str | None = None
    issuers: tuple[str, ...] = ("idp",)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. Faults and warnings are in the order of lines.

    ``refused`` counts rows, ``unknown_rows`` those of them of which not even the key could be read, ``named`` are
    the keys of the others. ``letters`` are rows with letters beyond ASCII, where the encoding was guessed.
    """

    layout: Layout
    wanted: Wanted
    source: str
    key: str
    encoding: str
    guessed: bool
    delimiter: str
    said: frozenset[str]
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    hierarchy: Hierarchy
    blank: int
    refused: int
    unknown_rows: int
    named: frozenset[str]
    letters: tuple[Record, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nobody in the file, neither readable nor not."""
        return not self.records and not self.refused


def read(
    body: bytes, layouts: Sequence[Layout], wanted: Wanted, before: Callable[[Layout], Before] | None = None
) -> Reading:
    """Read a roster file under the one of ``layouts`` that knows its header; nothing raises for a row.

    ``before`` has the people known so far by the keys of that mapping.
    Raises ``RosterUnusable`` where the file as a whole is at fault.
    """
    named = layouts[0].encoding if len(layouts) == 1 else None
    text = decoded(body, wanted.encoding or named)
    lines = lines_of(text.text)
    matched = recognised(heads(lines), layouts)
    layout = matched.layout
    if layout.encoding and not (wanted.encoding or named) and text.guessed:
        text = decoded(body, layout.encoding)
        lines = lines_of(text.text)
    cells = table(lines, matched.head)
    rows = _rows(cells, matched, wanted)
    return _composed(_File(text, cells, matched, rows), wanted, before(layout) if before else Before())


@dataclass(frozen=True, slots=True)
class _File:
    text: Decoded
    cells: Table
    matched: Matched
    rows: Rows


def _rows(cells: Table, matched: Matched, wanted: Wanted) -> Rows:
    reader = RowReader(matched, wanted.as_of, wanted.issuers, wanted.subsidiary or matched.layout.subsidiary)
    rows = cells.rows
    if matched.layout.labels and rows and reader.is_labels(rows[0][1]):
        rows = rows[1:]
    found = reader.read(rows)
    found.faults += [replace(fault, key=reader.key(row) if row else None) for fault, row in cells.spoilt]
    found.refused += len(cells.spoilt)
    return found


def _composed(file: _File, wanted: Wanted, before: Before) -> Reading:
    rows, matched = file.rows, file.matched
    refused = {fault.key: fault.line for fault in rows.faults if fault.key}
    records, twice = each_once(rows.records, refused, matched)
    lines, unclear = hierarchy(records, before, matched)
    faults = sorted((*rows.faults, *twice), key=lambda fault: fault.line)
    layout = matched.layout
    return Reading(
        layout=layout,
        wanted=wanted,
        source=wanted.source or layout.name,
        key=matched.header(layout.key),
        encoding=file.text.encoding,
        guessed=file.text.guessed,
        delimiter=matched.head.delimiter,
        said=said(matched, subsidiary=wanted.subsidiary or layout.subsidiary, whole=wanted.whole),
        records=tuple(records),
        faults=tuple(faults),
        warnings=tuple(_warnings(file, records, unclear)),
        hierarchy=lines,
        blank=file.cells.blank,
        refused=rows.refused + len(twice),
        unknown_rows=len({fault.line for fault in faults} - {fault.line for fault in faults if fault.key}),
        named=frozenset(fault.key for fault in faults if fault.key),
        letters=tuple(_letters(records)) if file.text.guessed else (),
    )


def _warnings(file: _File, records: Iterable[Record], unclear: Iterable[Fault]) -> list[Fault]:
    standing = {record.line for record in records}
    listed = (warning for warning in (*file.rows.warnings, *unclear) if warning.line in standing)
    return sorted((*_of_layout(file.matched), *listed), key=lambda fault: fault.line)


def _of_layout(matched: Matched) -> Iterator[Fault]:
    """What no file with this header can tell."""
    births = "birth_date" not in matched.places
    managers = not any(field in matched.places for field in MANAGERS)
    what = [name for name, lacks in (("birth date", births), ("manager", managers)) if lacks]
    rules = [name for name, lacks in (("age rule", births), ("reporting-line rule", managers)) if lacks]
    if what:
        lacks = " and ".join(f"no {name}" for name in what)
        reason = f"layout has {lacks}: {' and '.join(rules)} cannot be checked from this file"
        yield Fault(matched.head.line, reason)


def _letters(records: Iterable[Record]) -> Iterator[Record]:
    found = (record for record in records if not f"{record.name}{record.subsidiary}{record.place}".isascii())
    yield from (record for record, _ in zip(found, range(_LETTERS), strict=False))
