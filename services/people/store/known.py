"""Everybody as a roster sees them: what it may say of a person, for tens of thousands at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.chassis import mongo
from services.people.domain.plan import Known, in_order
from services.people.domain.profile import Contract, Skill, Wish
from services.people.domain.roles import Origin, Role, RoleName, Standing
from services.people.store.accounts import ACCOUNTS
from services.people.store.persons import PERSONS

_WANTED = {"_id": 1, "state": 1}
_GIVEN = frozenset({Standing.HELD, Standing.REVOKED})


async def known_people(database: mongo.Database) -> list[Known]:
    """Everybody, those who left too. Raises ``Unavailable``."""
    with mongo.unavailable():
        return [
            _known(document["_id"], document["state"])
            async for document in database[PERSONS.collection].find({}, _WANTED)
        ]


async def account_logins(database: mongo.Database) -> frozenset[str]:
    """The logins of all service accounts, the ended ones too: they are nobody else's. Raises ``Unavailable``."""
    with mongo.unavailable():
        found = database[ACCOUNTS.collection].find({"state.login": {"$type": "string"}}, {"state.login": 1})
        return frozenset([document["state"]["login"] async for document in found])


def _known(id: str, state: Mapping[str, Any]) -> Known:
    """No validation here: it would take as long as all the rest of a plan, and the document was written by us."""
    directory, contact, profile = state["directory"], state["contact"], state["profile"]
    held = _roles(directory["roles"])
    return Known(
        person_id=id,
        source=state.get("source", ""),
        employee_number=state["employee_number"],
        external_id=state.get("external_id"),
        first_name=contact.get("first_name", ""),
        last_name=contact.get("last_name", ""),
        email=contact["email"],
        subsidiary=directory["subsidiary"],
        manager=directory["manager_id"],
        birth_date=_day(profile["birth_date"]),
        hire_date=_day(profile["entry_date"]),
        termination_date=_day(state.get("leaves_on")),
        active=directory["active"],
        on_leave=state.get("on_leave", False),
        executive=directory["executive"],
        job_level=directory.get("job_level"),
        contract=Contract(profile["contract"]) if profile.get("contract") else None,
        login=directory["login"],
        roles=_of_roster(state["holdings"], active=directory["active"]) if state.get("holdings") else held,
        language=directory["language"],
        zone=directory["zone"],
        languages=tuple(profile["languages"]),
        place=profile["place"],
        capacity=profile["capacity"],
        skills=tuple(Skill(one["platform"], one["level"]) for one in profile["skills"]),
        wishes=tuple(Wish(one["platform"], one["priority"]) for one in profile["wishes"]),
        held=held,
        declared=frozenset(state.get("declared", ())),
    )


def _of_roster(holdings: Iterable[Mapping[str, Any]], *, active: bool) -> tuple[Role, ...]:
    """What the roster gave: also what Tandem took back since, which a roster that goes on saying so does not change."""
    found: dict[RoleName, list[str]] = defaultdict(list)
    for one in holdings:
        if one["origin"] == Origin.ROSTER and (one["standing"] in _GIVEN or not active):
            found[RoleName(one["role"])] += [one["subsidiary"]] if one["subsidiary"] else []
    return in_order(Role(role, tuple(where)) for role, where in found.items())


def _roles(roles: Iterable[Mapping[str, Any]]) -> tuple[Role, ...]:
    return in_order(Role(RoleName(one["role"]), tuple(one["subsidiaries"])) for one in roles)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
