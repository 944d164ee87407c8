"""One row as what it says of a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.people.domain.profile import Contract, Skill, Wish
from services.people.domain.reading.mapping import MANAGERS, Matched
from services.people.domain.roles import Role


class Record(NamedTuple):  # no dataclass: a tuple is made five times as fast, and a file has tens of thousands
    """What a good row says of a person; what its file has no column for has its default here.

    ``key`` is the employee number or external id that links it to the next roster. ``manager`` is what the row says
    of the manager: the field it stands in and its text; subsidiaries stand under their names as written.
    """

    line: int
    key: str
    employee_number: str | None = None
    external_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    subsidiary: str | None = None
    manager: tuple[str, str] | None = None
    birth_date: date | None = None
    hire_date: date | None = None
    termination_date: date | None = None
    active: bool = True
    on_leave: bool = False
    executive: bool = False
    job_level: str | None = None
    contract: Contract | None = None
    login: str | None = None
    roles: tuple[Role, ...] = ()
    language: str = "en"
    zone: str = "UTC"
    languages: tuple[str, ...] = ()
    place: str = ""
    capacity: int = 1
    skills: tuple[Skill, ...] = ()
    wishes: tuple[Wish, ...] = ()

    @property
    def name(self) -> str:
        """Given name and surname as one is addressed."""
        return f"{self.first_name} {self.last_name}".strip()


_DERIVED: Mapping[str, tuple[str, ...]] = {
    "full_name": ("first_name", "last_name"),
    "status": ("active", "on_leave"),
    "termination_date": ("active", "termination_date"),
    **dict.fromkeys(MANAGERS, ("manager",)),
}


def said(matched: Matched, *, subsidiary: str | None, whole: bool) -> frozenset[str]:
    """The fields of ``Record`` of which a file says something.

    In a ``whole`` file everybody is employed unless a column says otherwise.
    """
    found = {name for field in matched.places for name in _DERIVED.get(field, (field,))}
    if subsidiary:
        found.add("subsidiary")
    if whole:
        found.add("active")
    return frozenset(found)
