"""The documents of persons, and queries over all of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind
from services.chassis.service import Index
from services.people import contracts
from services.people.domain import person as domain
from services.people.domain.roles import Origin, RoleName
from services.people.domain.rules import RuleBroken

_LETTERS = range(0x00C0, 0x0250)  # Latin letters with marks


def _with_holdings(state: Any) -> Any:
    """Documents of before roles were granted in Tandem know only the roster's."""
    if not isinstance(state, dict) or "holdings" in state:
        return state
    roles = state["directory"].get("roles", ())
    holdings = [
        {"role": role["role"], "subsidiary": where, "origin": Origin.ROSTER}
        for role in roles
        for where in (role["subsidiaries"] or [None])
    ]
    return {**state, "holdings": holdings}


_PERSON: TypeAdapter[domain.Person] = TypeAdapter(Annotated[domain.Person, BeforeValidator(_with_holdings)])
PERSONS: AggregateKind[domain.Person, domain.Event] = AggregateKind(
    name="person",
    collection="persons",
    source="/tandem/people",
    state=_PERSON,
    evolve=domain.evolve,
    outgoing=contracts.of_person,
    rules=(RuleBroken,),
)


def _unique(field: str) -> Index:
    """Nobody shares what they have; many have none."""
    return Index(((field, 1),), unique=True, partial={field: {"$type": "string"}})


INDEXES = (
    _unique("state.employee_number"),
    _unique("state.external_id"),
    _unique("state.directory.login"),
    Index((("state.directory.subsidiary", 1), ("_id", 1))),
    Index((("state.directory.roles.role", 1), ("_id", 1))),
)


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a person to others: the manager, and the login that nobody else may have."""

    person_id: str
    manager_id: str | None
    login: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What people are looked for by; each field that is set must match.

    ``text`` are beginnings of names, whatever their case and accents.
    """

    employee_number: str | None = None
    external_id: str | None = None
    subsidiary: str | None = None
    role: RoleName | None = None
    active: bool | None = None
    text: str | None = None
    ids: Sequence[str] | None = None

    def query(self) -> dict[str, Any]:
        """The database query."""
        exact = {
            "state.employee_number": self.employee_number,
            "state.external_id": self.external_id,
            "state.directory.subsidiary": self.subsidiary,
            "state.directory.roles.role": self.role,
            "state.directory.active": self.active,
        }
        wanted: list[dict[str, Any]] = [{name: value} for name, value in exact.items() if value is not None]
        wanted += [{"state.contact.name": {"$regex": beginning(word)}} for word in (self.text or "").split()]
        if self.ids is not None:
            wanted.append({"_id": {"$in": list(self.ids)}})
        return {"$and": wanted} if wanted else {}


class People:
    """Queries over all persons. All raise ``Unavailable``."""

    def __init__(self, database: mongo.Database) -> None:
        self.persons: mongo.Collection = database[PERSONS.collection]

    async def links(self) -> dict[str, Link]:
        """The ties of everybody who has an employee number, by that number."""
        wanted = {"state.employee_number": 1, "state.directory.manager_id": 1, "state.directory.login": 1}
        found: dict[str, Link] = {}
        with mongo.unavailable():
            async for document in self.persons.find({"state.employee_number": {"$type": "string"}}, wanted):
                state = document["state"]
                ties = state["directory"]
                found[state["employee_number"]] = Link(document["_id"], ties["manager_id"], ties["login"])
        return found

    async def id_of(self, employee_number: str) -> str | None:
        """The person with this employee number."""
        return await self._id_by({"state.employee_number": employee_number})

    async def id_of_login(self, login: str) -> str | None:
        """The person with this login."""
        return await self._id_by({"state.directory.login": login})

    async def holder_of(self, role: RoleName) -> str | None:
        """Somebody active who holds this role, wherever it holds."""
        return await self._id_by({"state.directory.roles.role": role, "state.directory.active": True})

    async def named(self, ids: Sequence[str]) -> list[mongo.Document]:
        """Of those of these persons who exist, the documents' ids with name and subsidiary."""
        wanted = {"state.contact.name": 1, "state.directory.subsidiary": 1}
        with mongo.unavailable():
            found: list[mongo.Document] = await self.persons.find({"_id": {"$in": list(ids)}}, wanted).to_list(None)
        return found

    async def _id_by(self, query: dict[str, Any]) -> str | None:
        with mongo.unavailable():
            document = await self.persons.find_one(query, {"_id": 1})
        return str(document["_id"]) if document else None


def beginning(word: str) -> str:
    """A regular expression for names of which a part begins with this word, whatever the case and the accents."""
    letters = (_alike(letter) for letter in unicodedata.normalize("NFC", word))
    return r"(^|[\s'\u2019.-])" + "".join(letters)


@cache
def _alike(letter: str) -> str:
    """A class of all letters that are this one with another case or other marks."""
    base = _plain(letter)
    alike = {letter, *(one for one in (base, base.lower(), base.upper()) if len(one) == 1)}
    alike |= {chr(code) for code in _LETTERS if _plain(chr(code)) == base}
    return "[" + "".join(map(re.escape, sorted(alike))) + "]"


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[:1].lower()
