"""The routes of subsidiaries: where they stand, and what their works agreements allow."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request, Response

from services.chassis.aggregate import Loaded
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged
from services.people import access
from services.people.domain import subsidiary as domain
from services.people.handlers import SubsidiaryHandlers, id_of_name
from services.people.http.bodies import ChangeSubsidiary, EstablishSubsidiary
from services.people.http.views import ContactsView, RetentionView, SubsidiaryView


def routes(handlers: SubsidiaryHandlers) -> APIRouter:
    """The router over the subsidiaries."""
    router = APIRouter(prefix="/subsidiaries", tags=["subsidiaries"])
    subsidiaries = handlers.subsidiaries

    @router.get("")
    async def list_subsidiaries(
        request: Request, response: Response, page: Paged, permit: Permitted
    ) -> list[SubsidiaryView]:
        """The subsidiaries in the caller's scope, and the caller's own."""
        documents = await page_of(subsidiaries.collection, access.subsidiaries(permit), page, request, response)
        return [_view(subsidiaries.loaded(document)) for document in documents]

    @router.get("/{subsidiary_id}")
    async def show_subsidiary(subsidiary_id: str, permit: Permitted, response: Response) -> SubsidiaryView:
        """One subsidiary."""
        access.show_subsidiary(permit, subsidiary_id)
        return _view(tagged(response, await subsidiaries.get(subsidiary_id)))

    @router.post("", status_code=201)
    async def establish(body: EstablishSubsidiary, creating: Creating, response: Response) -> SubsidiaryView:
        """Make a subsidiary; rosters that name it find it by its name."""
        wanted = domain.Subsidiary(id_of_name(body.name), body.name, body.parent_id)
        loaded = await handlers.establish(wanted, creating.command)
        response.headers["Location"] = f"/v1/subsidiaries/{loaded.id}"
        return _view(tagged(response, loaded))

    @router.patch("/{subsidiary_id}")
    async def change(
        subsidiary_id: str, body: ChangeSubsidiary, permit: Permitted, command: Changing, response: Response
    ) -> SubsidiaryView:
        """Change a subsidiary: its switches, periods and contacts; the group office also renames and moves it."""
        access.change_subsidiary(permit, subsidiary_id, set(body.model_fields_set))
        kept = (await subsidiaries.get(subsidiary_id)).state
        return _view(tagged(response, await handlers.change(subsidiary_id, _said(body, kept), command)))

    return router


def _said(body: ChangeSubsidiary, kept: domain.Subsidiary) -> dict[str, Any]:
    said = {name: getattr(body, name) for name in body.model_fields_set}
    if "retention" in said:
        days = body.retention.model_dump(exclude_none=True)
        said["retention"] = replace(kept.retention, **days)
    if "contacts" in said:
        said["contacts"] = replace(kept.contacts, **body.contacts.said())
    return said


def _view(loaded: Loaded[domain.Subsidiary]) -> SubsidiaryView:
    one = loaded.state
    return SubsidiaryView(
        id=one.subsidiary_id,
        name=one.name,
        parent_id=one.parent_id,
        names_shown=one.names_shown,
        outcomes_counted=one.outcomes_counted,
        retention=RetentionView.model_validate(asdict(one.retention)),
        contacts=ContactsView.model_validate(asdict(one.contacts)),
        language=one.language,
        zone=one.zone,
    )
