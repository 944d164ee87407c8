"""The routes of `people`. Until there is a log-in every caller on this machine may use them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.chassis import mongo
from services.chassis.aggregate import Loaded
from services.chassis.errors import Refused
from services.chassis.http import Caller, Paged, page_of, tagged
from services.chassis.wire import Strict
from services.people.domain import person as domain
from services.people.handlers import Handlers

BODY_LIMIT = 16 * 1024 * 1024  # bytes
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class NotCsv(Refused):
    """The roster says of itself that it is something else."""

    status = 415
    kind = "not-csv"
    title = "A roster is a CSV file"


class FaultView(Strict):
    """Why a row was refused."""

    line: int
    column: str | None
    message: str


class ReportView(Strict):
    """What became of a roster: rows per outcome, and the faults of the refused ones in order of their lines.

    ``refused`` lists the first 1,000 faults; ``refused_rows`` counts all rows that were refused.
    """

    created: int
    changed: int
    unchanged: int
    refused: tuple[FaultView, ...]
    refused_rows: int


class PersonSummary(Strict):
    """A person in a list."""

    id: str
    employee_number: str
    subsidiary: str
    executive: bool
    active: bool


class RoleView(Strict):
    """A role and the ids of its subsidiaries."""

    role: domain.RoleName
    subsidiaries: tuple[str, ...]


class PersonView(PersonSummary):
    """A person, without what only matching and HR need to know."""

    name: str
    manager_id: str | None
    roles: tuple[RoleView, ...]
    language: str
    zone: str


class SubsidiaryView(Strict):
    """A subsidiary under the name that rosters give it."""

    id: str
    name: str


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1", tags=["people"])

    @router.post("/roster", openapi_extra=_CSV)
    async def take_over_roster(request: Request, command: Caller) -> ReportView:
        """Take over a roster, a CSV file in UTF-8. Good rows are applied, faulty ones reported by line."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise NotCsv("Send the roster as CSV in UTF-8 with Content-Type: text/csv.")
        report = await handlers.take_over_roster(await request.body(), command)
        return ReportView.model_validate(report, from_attributes=True)

    @router.get("/people")
    async def list_people(
        request: Request,
        response: Response,
        page: Paged,
        employee_number: Annotated[str | None, Query(max_length=64)] = None,
        subsidiary: Annotated[str | None, Query(max_length=64, description="Id of a subsidiary")] = None,
    ) -> list[PersonSummary]:
        """The people, those who left too; of one subsidiary or with one employee number if that is named."""
        named = {"state.employee_number": employee_number, "state.directory.subsidiary": subsidiary}
        query = {field: value for field, value in named.items() if value is not None}
        documents = await page_of(handlers.people.persons, query, page, request, response)
        return [_summary(handlers.persons.loaded(document)) for document in documents]

    @router.get("/people/{person_id}")
    async def show_person(person_id: str, response: Response) -> PersonView:
        """One person."""
        return _view(tagged(response, await handlers.persons.get(person_id)))

    @router.get("/subsidiaries")
    async def list_subsidiaries(request: Request, response: Response, page: Paged) -> list[SubsidiaryView]:
        """The subsidiaries that rosters have named."""
        documents: list[mongo.Document] = await page_of(handlers.people.subsidiaries, {}, page, request, response)
        return [SubsidiaryView(id=document["_id"], name=document["name"]) for document in documents]

    return router


def _summary(loaded: Loaded[domain.Person]) -> PersonSummary:
    person = loaded.state
    return PersonSummary(
        id=person.person_id,
        employee_number=person.employee_number,
        subsidiary=person.directory.subsidiary,
        executive=person.directory.executive,
        active=person.directory.active,
    )


def _view(loaded: Loaded[domain.Person]) -> PersonView:
    directory = loaded.state.directory
    return PersonView(
        **_summary(loaded).model_dump(),
        name=loaded.state.contact.name,
        manager_id=directory.manager_id,
        roles=tuple(RoleView(role=role.role, subsidiaries=role.subsidiaries) for role in directory.roles),
        language=directory.language,
        zone=directory.zone,
    )
