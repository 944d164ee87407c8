"""Promises of access in `people`: who decides on whose roles, who may be named, who changes a company."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.chassis.auth.principal import Principal, Scope
from services.chassis.auth.rules import Hidden, OutsideScope, Permit, RoleMissing, permit
from services.chassis.errors import Denied
from services.people import access
from services.people.domain.person import Contact, Directory, Person, Profile
from services.people.domain.roles import Role, RoleName

GRANTING = "POST /v1/people/{person_id}/roles"
EVERYWHERE = Scope(everything=True)
NORTH = Scope(frozenset({"north"}))


def asking(route: str, home: str = "north", **scopes: Scope) -> Permit:
    return permit(access.RULES[route], Principal("ada", "person", home, scopes=scopes), route)


def person(subsidiary: str) -> Person:
    return Person("bo", "1", Directory(subsidiary), Contact("Bo"), Profile())


def refusal(act: Callable[[], object]) -> type[Denied] | None:
    try:
        act()
    except Denied as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("scopes", "whose", "role", "places", "refused"),
    [
        ({"group_office": EVERYWHERE}, "south", RoleName.GROUP_OFFICE, (), None),
        ({"group_office": NORTH}, "north", RoleName.AUDITOR, ("north",), None),
        ({"group_office": NORTH}, "north", RoleName.AUDITOR, (), RoleMissing),
        ({"group_office": NORTH}, "north", RoleName.AUDITOR, ("north", "south"), RoleMissing),
        ({"group_office": NORTH}, "south", RoleName.AUDITOR, ("north",), Hidden),
        ({"programme_manager": NORTH}, "north", RoleName.ASSESSOR, ("north",), None),
        ({"programme_manager": NORTH}, "north", RoleName.ASSESSOR, ("south",), OutsideScope),
        ({"programme_manager": NORTH}, "north", RoleName.ASSESSOR, (), OutsideScope),
        ({"programme_manager": NORTH}, "south", RoleName.ASSESSOR, ("north",), Hidden),
        ({"programme_manager": NORTH}, "north", RoleName.PROGRAMME_MANAGER, ("north",), RoleMissing),
        ({"programme_manager": EVERYWHERE}, "north", RoleName.ASSESSOR, (), OutsideScope),
        ({"programme_manager": EVERYWHERE}, "north", RoleName.OPERATOR, (), RoleMissing),
    ],
    ids=str,
)
def test_roles_are_given_by_those_who_answer_for_them(
    scopes: dict[str, Scope], whose: str, role: RoleName, places: tuple[str, ...], refused: type[Denied] | None
) -> None:
    """The group office all within its scope, a programme manager assessors in the own companies, to whom they see."""
    allowed = asking(GRANTING, **scopes)

    assert refusal(lambda: access.decide_on_role(allowed, person(whose), Role(role, places), places)) is refused


def test_names_are_shown_as_the_works_agreement_allows() -> None:
    """Oneself, people in scope, and those of companies that show names; colleagues are no exception."""
    nobody, manager = asking("GET /v1/names"), asking("GET /v1/names", programme_manager=NORTH)

    assert access.may_be_named(nobody, "ada", "north", set())
    assert not access.may_be_named(nobody, "bo", "north", set())
    assert access.may_be_named(nobody, "bo", "north", {"north"})
    assert access.may_be_named(manager, "bo", "north", set())
    assert not access.may_be_named(manager, "cem", "south", set())


@pytest.mark.parametrize(
    ("scopes", "id", "fields", "refused"),
    [
        ({"programme_manager": NORTH}, "north", ["names_shown"], None),
        ({"data_protection": NORTH}, "north", ["retention", "contacts"], None),
        ({"programme_manager": NORTH}, "north", ["name"], RoleMissing),
        ({"programme_manager": EVERYWHERE}, "north", ["parent_id"], RoleMissing),
        ({"group_office": NORTH}, "north", ["parent_id"], RoleMissing),
        ({"group_office": EVERYWHERE}, "south", ["parent_id", "name"], None),
        ({"programme_manager": NORTH}, "south", ["names_shown"], Hidden),
    ],
    ids=str,
)
def test_company_is_changed_by_its_own_and_moved_by_the_group(
    scopes: dict[str, Scope], id: str, fields: list[str], refused: type[Denied] | None
) -> None:
    """Switches belong to the company, its name and place to the group office; others do not even see it."""
    allowed = asking("PATCH /v1/subsidiaries/{subsidiary_id}", **scopes)

    assert refusal(lambda: access.change_subsidiary(allowed, id, set(fields))) is refused


def test_company_is_known_to_its_people_and_to_those_responsible() -> None:
    """The own company and those in scope, by any role; others look as if there were none."""
    own = asking("GET /v1/subsidiaries/{subsidiary_id}", home="south", assessor=NORTH)

    assert refusal(lambda: access.show_subsidiary(own, "south")) is None
    assert refusal(lambda: access.show_subsidiary(own, "north")) is None
    assert refusal(lambda: access.show_subsidiary(own, "asia")) is Hidden
    assert access.subsidiaries(own) == {"_id": {"$in": ["north", "south"]}}
