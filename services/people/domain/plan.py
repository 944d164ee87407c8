"""What a roster would change: the words of a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.people.domain.profile import Contract, Skill, Wish
from services.people.domain.reading.faults import Fault
from services.people.domain.reading.records import Record
from services.people.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Known:
    """A person known before a roster, with what rosters may say; fields are called as in ``Record``.

    ``subsidiary`` is an id, ``manager`` the manager's person id, ``roles`` those that a roster gave and ``held`` all
    in force, both as ``in_order``. ``source`` is the roster that feeds the person, "" where none does; ``declared``
    are fields that the person filled in.
    """

    person_id: str
    source: str = ""
    employee_number: str | None = None
    external_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    subsidiary: str = ""
    manager: str | None = None
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
    held: tuple[Role, ...] = ()
    declared: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Given name and surname as one is addressed."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a roster changes."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Joiner:
    """Somebody new."""

    record: Record


@dataclass(frozen=True, slots=True)
class Mover:
    """Somebody known of whom the roster says something else than what is known."""

    known: Known
    record: Record
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who leaves: their row says so, or (``record`` None) a whole file has no row of them."""

    known: Known
    record: Record | None = None
    changes: tuple[Change, ...] = (Change("active", True, False),)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the plan is made against: companies by the keys of their names and ids, and what the caller may do.

    ``companies`` has an id for every name that the file has. ``within`` are the companies whose people the caller may
    import, ``granting`` those in which the caller may give and take roles, ``linking`` those in which the caller may
    change the login of somebody known; None is everywhere. ``caller`` is the caller's person id.
    ``taken`` are logins of programs, which no person gets: whom two share, that opens nothing.
    """

    companies: Mapping[str, str] = field(default_factory=dict)
    within: frozenset[str] | None = None
    granting: frozenset[str] | None = None
    linking: frozenset[str] | None = None
    caller: str | None = None
    taken: frozenset[str] = frozenset()

    def may_grant(self, roles: Iterable[Role]) -> bool:
        """Whether the caller may give or take all of these."""
        within = self.granting
        return within is None or all(role.subsidiaries and within.issuperset(role.subsidiaries) for role in roles)

    def may_link(self, company: str) -> bool:
        """Whether the caller may say with which login somebody known of this company signs in."""
        return self.linking is None or company in self.linking


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. ``gone`` are people whom the file names though they left before anybody knew them.

    ``employed`` counts the active people of this source, ``held`` says why nothing may be applied until somebody
    states the number of leavers. ``released`` has, by person id, the logins that their holders must give up before
    others get them.
    """

    joiners: tuple[Joiner, ...]
    movers: tuple[Mover, ...]
    leavers: tuple[Leaver, ...]
    conflicts: tuple[Fault, ...]
    unchanged: int
    gone: int
    employed: int
    held: str | None
    released: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, stated: int | None) -> str | None:
        """Why this plan may not be applied, None where it may; ``stated`` is the confirmed number of leavers."""
        if stated is not None and stated != len(self.leavers):
            return f"{stated} leavers were stated, but {len(self.leavers)} would leave; look at them and state that"
        return self.held if stated is None else None


def in_order(roles: Iterable[Role]) -> tuple[Role, ...]:
    """The same roles in one order, so that two ways of listing them are alike."""
    return tuple(sorted((replace(role, subsidiaries=tuple(sorted(role.subsidiaries))) for role in roles), key=_rank))


def _rank(role: Role) -> str:
    return role.role


def company_key(name: str) -> str:
    """What two ways of writing one subsidiary's name have in common."""
    return " ".join(name.split()).casefold()
