"""Who may do what in `people`: a rule for each route, and what a rule leaves to the record."""

from __future__ import annotations

from typing import Any

from services.chassis.auth import rules
from services.chassis.auth.principal import Scope
from services.chassis.auth.rules import OutsideScope, Permit, RoleMissing, Rules, everyone, roles
from services.people.domain.person import Person
from services.people.domain.roles import Role, RoleName
from services.people.domain.roster_import import Powers

_SEEING: tuple[rules.RoleName, ...] = (
    "programme_manager",
    "group_office",
    "hr_integrator",
    "data_protection",
    "auditor",
)
_ONESELF = everyone("a person about themselves")
_GRANTING = roles("group_office", "programme_manager")
_OFFICE = roles("group_office", group_wide=True)
_ENDING = roles("group_office", "operator", group_wide=True)
_CODES = everyone("codes and their names, nothing about anybody")
_COMPANIES = everyone("those in scope and one's own company")
_FEEDING = roles("hr_integrator", "programme_manager", "group_office")
RULES: Rules = {
    "GET /v1/roster-mappings": _FEEDING,
    "POST /v1/roster-imports": _FEEDING,
    "GET /v1/roster-imports": _FEEDING,
    "GET /v1/roster-imports/{import_id}": _FEEDING,
    "GET /v1/roster-imports/{import_id}/changes": _FEEDING,
    "GET /v1/roster-imports/{import_id}/faults.csv": _FEEDING,
    "POST /v1/roster-imports/{import_id}/application": _FEEDING,
    "POST /v1/roster-imports/{import_id}/cancellation": _FEEDING,
    "GET /v1/people": roles(*_SEEING),
    "GET /v1/people/{person_id}": roles(*_SEEING, also="oneself"),
    "GET /v1/names": everyone("names of oneself, of people in scope, and of companies that show them to the group"),
    "POST /v1/people/{person_id}/roles": _GRANTING,
    "POST /v1/people/{person_id}/roles/{role}/revocation": _GRANTING,
    "GET /v1/me": _ONESELF,
    "PATCH /v1/me/profile": _ONESELF,
    "PATCH /v1/me/preferences": _ONESELF,
    "GET /v1/subsidiaries": _COMPANIES,
    "POST /v1/subsidiaries": _OFFICE,
    "GET /v1/subsidiaries/{subsidiary_id}": _COMPANIES,
    "PATCH /v1/subsidiaries/{subsidiary_id}": roles("group_office", "programme_manager", "data_protection"),
    "GET /v1/service-accounts": _ENDING,
    "POST /v1/service-accounts": _OFFICE,
    "GET /v1/service-accounts/{account_id}": _ENDING,
    "POST /v1/service-accounts/{account_id}/keys": _OFFICE,
    "POST /v1/service-accounts/{account_id}/keys/{key_id}/revocation": _ENDING,
    "POST /v1/service-accounts/{account_id}/deactivation": _ENDING,
    "GET /v1/catalogues": _CODES,
    "GET /v1/catalogues/{catalogue}": _CODES,
}
_OFFICERS, _LINKING = ("group_office",), ("group_office", "hr_integrator")
_BY_MANAGERS = frozenset({RoleName.ASSESSOR})  # all that a programme manager grants


def powers(permit: Permit) -> Powers:
    """Where the caller may import people, give roles by a roster, and change the logins of people known.

    A login opens what is its holder's alone, so a programme manager gives none to somebody who is known already.
    """
    office, feeding = (permit.principal.scope_of(names) for names in (_OFFICERS, _LINKING))
    return Powers(_bounds(permit.scope), _bounds(office), _bounds(feeding))


def _bounds(scope: Scope) -> tuple[str, ...] | None:
    return None if scope.everything else tuple(sorted(scope.subsidiaries))


def imports(permit: Permit) -> dict[str, Any]:
    """The query for the roster imports that the caller may see: all for the whole group's roles, else their own."""
    return {} if permit.scope.everything else {"state.by": permit.id}


def show_import(permit: Permit, id: str, by: str) -> None:
    """Let pass whoever uploaded it, and the whole group's roles. Raises ``Hidden``."""
    if not permit.scope.everything and permit.id != by:
        raise permit.hidden("roster import", id)


def people(permit: Permit) -> dict[str, Any]:
    """The query for the people whom the caller may see."""
    return permit.scope.query("state.directory.subsidiary")


def show_person(permit: Permit, person: Person) -> None:
    """Let pass those responsible and the person. Raises ``Hidden``."""
    permit.show("person", person.person_id, [person.directory.subsidiary], own=[person.person_id])


def may_be_named(permit: Permit, person_id: str, subsidiary: str, showing: set[str]) -> bool:
    """Whether the caller may know the name of this person; ``showing`` are the companies that show names to all."""
    seen = permit.principal.scope_of(_SEEING)
    return permit.is_one_of(person_id) or subsidiary in showing or seen.covers(subsidiary)


def decide_on_role(permit: Permit, person: Person, role: Role, places: tuple[str, ...]) -> None:
    """Let pass who may give or take this role in these subsidiaries (none: the whole group), to whom they see.

    A programme manager gives and takes the role of assessor within the own companies; the group office all roles
    within its scope. Raises ``Hidden``, ``RoleMissing``, ``OutsideScope``.
    """
    permit.show("person", person.person_id, [person.directory.subsidiary])
    office = permit.principal.scope_of(["group_office"])
    if office.everything or (places and office.covers_all(places)):
        return
    if role.role not in _BY_MANAGERS:
        detail = f"The role {role.role} is given and taken by the group office; ask there."
        raise RoleMissing(detail, resource_kind="role", resource_id=role.role, rule=RoleMissing.kind)
    if not places:
        detail = "Only the group office gives and takes roles that hold for the whole group; name subsidiaries."
        raise OutsideScope(detail, resource_kind="role", resource_id=role.role, rule=OutsideScope.kind)
    permit.within("role", places)


def subsidiaries(permit: Permit) -> dict[str, Any]:
    """The query for the companies that the caller may know of: those in scope and their own."""
    scope = _known(permit)
    if scope.everything:
        return {}
    return {"_id": {"$in": sorted({*scope.subsidiaries, permit.principal.subsidiary or ""})}}


def show_subsidiary(permit: Permit, id: str) -> None:
    """Let pass whoever may know of this company. Raises ``Hidden``."""
    if id != permit.principal.subsidiary and not _known(permit).covers(id):
        raise permit.hidden("subsidiary", id)


def change_subsidiary(permit: Permit, id: str, fields: set[str]) -> None:
    """Let pass changes by those responsible; the group office alone renames and moves. Raises ``Denied``."""
    permit.show("subsidiary", id, [id])
    if fields & {"name", "parent_id"} and not permit.principal.scope_of(["group_office"]).everything:
        detail = "Only the group office, for the whole group, renames and moves companies."
        raise RoleMissing(detail, resource_kind="subsidiary", resource_id=id, rule=RoleMissing.kind)


def _known(permit: Permit) -> Scope:
    return permit.principal.scope_of(RoleName)
