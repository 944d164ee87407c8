"""A mapping: how the export of one HR system is read. Which one fits is told by the headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.people.domain.profile import Contract
from services.people.domain.reading.dates import Order
from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.table import Head

Key = Literal["employee_number", "external_id"]
FIELDS = (
    *("employee_number", "external_id", "first_name", "last_name", "full_name", "email", "subsidiary"),
    *("manager_number", "manager_external_id", "manager_email", "manager_name"),
    *("birth_date", "hire_date", "termination_date", "active", "status", "on_leave", "executive", "job_level"),
    *("contract", "login", "roles", "language", "zone", "languages", "place", "capacity", "skills", "wishes"),
)
MANAGERS = ("manager_number", "manager_external_id", "manager_email", "manager_name")
_NAMES = ("last_name", "full_name", "first_name")
_DROPPED = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Statuses:
    """The words of a status column: who works here, who does and is away for long, who has left."""

    active: tuple[str, ...] = ()
    on_leave: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rows that are no employees: those with one of ``words`` in a column, or with ``part`` in it, in any case."""

    column: str
    reason: str
    words: tuple[str, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One mapping. ``columns`` has for each field the headers under which it may stand, the first found counts.

    ``key`` is what links a row to the next roster's; ``needs`` are fields without which a file is not of this kind.
    ``full_name`` says how a name in one cell is written where no comma tells; ``executive`` are words that mean
    yes besides the usual ones, ``nobody`` words that mean no manager. ``contracts`` has for each kind of contract the
    words of its column. ``labels`` says that the row below the header repeats it in words. ``subsidiary`` is the
    company of everybody where no column says one.
    """

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    key: Key = "employee_number"
    needs: tuple[str, ...] = ()
    dates: Order = "unsaid"
    serials: bool = True
    full_name: Literal["first-last", "last-first"] = "first-last"
    statuses: Statuses = field(default_factory=Statuses)
    contracts: Mapping[Contract, tuple[str, ...]] = field(default_factory=dict)
    executive: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    refuse: tuple[Refusal, ...] = ()
    nameless: str = "no name"
    labels: bool = False
    subsidiary: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """A mapping on a file: the place of each field's column in a row."""

    layout: Layout
    head: Head
    places: Mapping[str, int]

    def header(self, field: str) -> str:
        """The name of a field's column in the file, the field's own name where it has none."""
        return self.head.cells[self.places[field]] if field in self.places else field


def recognised(found: Iterable[Head], layouts: Sequence[Layout]) -> Matched:
    """The one mapping that fits the header best, and the header among the first lines that one fits.

    Raises ``RosterUnusable``, which says what was found and what each mapping needs.
    """
    first: Head | None = None
    for head in found:
        first = first or head
        if fitting := [matched for layout in layouts if (matched := _matched(head, layout))]:
            return _best(fitting)
    if first is None:
        raise RosterUnusable("body", "The file is empty; send it with a header and the people in it.")
    raise RosterUnusable("header", f"{_shown(first)} {' '.join(_missing(first, layouts))}")


def _best(fitting: Sequence[Matched]) -> Matched:
    ranked = sorted(fitting, key=_rank, reverse=True)
    best = ranked[0]
    if len(ranked) > 1 and _rank(ranked[1]) == _rank(best):
        names = " and ".join(matched.layout.name for matched in ranked if _rank(matched) == _rank(best))
        raise RosterUnusable("mapping", f"The header fits {names} alike; name the mapping.")
    if twice := _twice(best):
        raise RosterUnusable(twice, f"The column {twice} stands in the header twice; keep one.")
    return best


def _rank(matched: Matched) -> tuple[int, int]:
    """How many fields have a column, and for how many of them it is written just so."""
    wanted = {name for names in matched.layout.columns.values() for name in names}
    return len(matched.places), sum(matched.head.cells[place] in wanted for place in matched.places.values())


def _matched(head: Head, layout: Layout) -> Matched | None:
    there = {alike(cell): index for index, cell in reversed(list(enumerate(head.cells))) if cell}
    places: dict[str, int] = {}
    for field_, names in layout.columns.items():
        for name in names:
            if (place := there.get(alike(name))) is not None:
                places[field_] = place
                break
    if "last_name" in places and not places.keys() & {"first_name", "full_name"}:
        places["full_name"] = places.pop("last_name")  # a lonely "Name" holds the whole name
    return Matched(layout, head, places) if not list(_lacking(places, layout)) else None


def _lacking(places: Iterable[str], layout: Layout) -> Iterator[str]:
    for needed in dict.fromkeys((layout.key, *layout.needs)):
        if needed not in places:
            yield needed
    if not any(name in places for name in _NAMES):
        yield next((name for name in _NAMES if name in layout.columns), "full_name")


def _twice(matched: Matched) -> str | None:
    spelled = [alike(cell) for cell in matched.head.cells]
    used = (matched.head.cells[place] for place in matched.places.values())
    return next((cell for cell in used if spelled.count(alike(cell)) > 1), None)


def _shown(head: Head) -> str:
    shown = ", ".join(cell or "(no name)" for cell in head.cells[:30])
    return f"No mapping knows this header: {shown}."


def _missing(head: Head, layouts: Sequence[Layout]) -> Iterator[str]:
    for layout in layouts:
        names = [layout.columns[name][0] for name in _wanted(head, layout) if layout.columns.get(name)]
        yield f"{layout.name} needs {', '.join(names)} besides."


def _wanted(head: Head, layout: Layout) -> list[str]:
    there = {alike(cell) for cell in head.cells}
    places = [name for name, ways in layout.columns.items() if any(alike(way) in there for way in ways)]
    return list(_lacking(places, layout))


def alike(header: str) -> str:
    """What two ways of writing one header have in common; ``#`` counts, case, spaces and signs do not."""
    return _DROPPED.sub("", header.replace("#", "number")).casefold()
