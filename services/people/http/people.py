"""The routes of persons: who is who, and their roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.chassis.errors import FieldError, Invalid
from services.chassis.http import Changing, Paged, Permitted, page_of, protected_read, tagged
from services.people import access
from services.people.domain.roles import Role, RoleName
from services.people.handlers import PersonHandlers
from services.people.http.bodies import GrantRole, RevokeRole
from services.people.http.views import NameView, PersonSummary, PersonView, summary, view
from services.people.store import People, Sought

_MOST = 100  # ids in one request
_Key = Annotated[str | None, Query(max_length=64)]
_Ids = Annotated[str | None, Query(max_length=_MOST * 101, description="Up to 100 ids, separated by commas")]


def routes(handlers: PersonHandlers, people: People) -> APIRouter:
    """The router over the persons."""
    router = APIRouter(tags=["people"])
    persons = handlers.persons

    @router.get("/people")
    async def list_people(
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        employee_number: _Key = None,
        external_id: Annotated[str | None, Query(max_length=255)] = None,
        subsidiary: Annotated[str | None, Query(max_length=64, description="Id of a subsidiary")] = None,
        role: Annotated[RoleName | None, Query(description="A role in force, wherever it holds")] = None,
        active: Annotated[bool | None, Query(description="Whether they work here at present")] = None,
        q: Annotated[str | None, Query(max_length=100, description="Beginnings of names")] = None,
        ids: _Ids = None,
    ) -> list[PersonSummary]:
        """The people in the caller's scope, those who left too; each parameter narrows the list."""
        sought = Sought(employee_number, external_id, subsidiary, role, active, text=q, ids=_split(ids))
        query = {"$and": [sought.query(), access.people(permit)]}
        documents = await page_of(people.persons, query, page, request, response)
        return [summary(persons.loaded(document).state) for document in documents]

    @router.get("/people/{person_id}", dependencies=[Depends(protected_read("person", "person_id"))])
    async def show_person(person_id: str, permit: Permitted, response: Response) -> PersonView:
        """One person: HR systems resolve ids to numbers here. The read goes on record."""
        loaded = await persons.get(person_id)
        access.show_person(permit, loaded.state)
        return view(tagged(response, loaded))

    @router.get("/names")
    async def names(permit: Permitted, ids: Annotated[str, Query(max_length=_MOST * 101)]) -> list[NameView]:
        """What the people with these ids are called, as far as the caller may know; up to 100, separated by commas.

        Whoever may not be named is left out, as is whoever does not exist.
        """
        showing = await handlers.companies.that_show_names()
        found = [
            (one["_id"], one["state"]["contact"]["name"], one["state"]["directory"]["subsidiary"])
            for one in await people.named(_split(ids) or [])
        ]
        return [
            NameView(id=id, name=name, subsidiary=where)
            for id, name, where in found
            if access.may_be_named(permit, id, where, showing)
        ]

    router.include_router(_roles(handlers))
    return router


def _roles(handlers: PersonHandlers) -> APIRouter:
    router = APIRouter(prefix="/people/{person_id}/roles")

    @router.post("")
    async def grant_role(
        person_id: str, body: GrantRole, permit: Permitted, command: Changing, response: Response
    ) -> PersonView:
        """Give somebody a role; where they hold it already, nothing changes. Nobody gives roles to themselves."""
        role = body.as_role()
        await _must_be_allowed(permit, person_id, role)
        return view(tagged(response, await handlers.grant_role(person_id, role, body.reason, command)))

    @router.post("/{role}/revocation")
    async def revoke_role(
        person_id: str,
        role: Annotated[RoleName, Path()],
        body: RevokeRole,
        permit: Permitted,
        command: Changing,
        response: Response,
    ) -> PersonView:
        """Take a role away; a roster that goes on naming it does not bring it back."""
        taken = Role(role, body.subsidiaries)
        await _must_be_allowed(permit, person_id, taken)
        return view(tagged(response, await handlers.revoke_role(person_id, taken, body.reason, command)))

    async def _must_be_allowed(permit: Permitted, person_id: str, role: Role) -> None:
        loaded = await handlers.persons.get(person_id)
        access.decide_on_role(permit, loaded.state, role, role.subsidiaries)

    return router


def _split(ids: str | None) -> list[str] | None:
    """The ids, each once. Raises ``Invalid`` where there are too many."""
    if ids is None:
        return None
    found = list(dict.fromkeys(id.strip() for id in ids.split(",") if id.strip()))
    if len(found) > _MOST:
        raise Invalid(f"Ask for at most {_MOST} at once.", fields=[FieldError("query ids", f"at most {_MOST}")])
    return found
