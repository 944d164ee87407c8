"""The routes of roster imports: upload, look, apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.chassis import mongo
from services.chassis.aggregate import Loaded
from services.chassis.errors import Invalid, Refused
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged, timed_page_of
from services.chassis.spreadsheet import csv_text
from services.people import access
from services.people.domain.listing import Kind
from services.people.domain.roster_import import Asked, Job
from services.people.handlers import ImportHandlers, Upload
from services.people.http import import_views as views
from services.people.store import changes_of, progress_of

BODY_LIMIT = 16 * 1024 * 1024  # bytes
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_PARTS = {"type": "object", "required": ["file"], "properties": {"file": _FILE, "mapping": _FILE}}
_CONTENT = {"text/csv": {"schema": _FILE}, "multipart/form-data": {"schema": _PARTS}}
_BODY = {"requestBody": {"required": True, "content": _CONTENT}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_FAULTS = ("rejected", "conflicts", "failed")
_LARGEST_MAPPING = 64 * 1024  # bytes


class NotCsv(Refused):
    """The roster says of itself that it is something else."""

    status = 415
    kind = "not-csv"
    title = "A roster is a CSV file"


def _asked(
    *,
    mapping: views.MappingName = None,
    partial: views.Partial = False,
    as_of: views.AsOf = None,
    encoding: views.Encoding = None,
    subsidiary: views.Subsidiary = None,
    source: views.Source = None,
) -> Asked:
    return Asked(mapping, partial, as_of, encoding, subsidiary, source)


def routes(handlers: ImportHandlers) -> APIRouter:
    """The router over roster imports."""
    router = APIRouter(tags=["rosters"])
    imports = handlers.imports

    async def answer(response: Response, found: Loaded[Job]) -> views.ImportView:
        response.headers["Location"] = f"/v1/roster-imports/{found.id}"
        return views.view(tagged(response, found).state, await imports.progress(found.id))

    @router.get("/roster-mappings")
    async def list_mappings(permit: Permitted) -> list[views.MappingView]:
        """The mappings that are shipped; a file of another kind brings its own."""
        return [views.MappingView(name=one.name, title=one.title) for one in handlers.mappings()]

    @router.post("/roster-imports", status_code=202, openapi_extra=_BODY)
    async def submit(
        request: Request,
        response: Response,
        permit: Permitted,
        creating: Creating,
        asked: Annotated[Asked, Depends(_asked)],
        file_name: views.FileName = None,
    ) -> views.ImportView:
        """Send a roster. It is read in the background, and nothing changes until its dry run is applied.

        The body is the file, or a form with the parts ``file`` and ``mapping`` (a mapping file of one's own).
        """
        upload = Upload(*await _sent(request, asked), access.powers(permit), file_name)
        return await answer(response, await handlers.submit(creating.id, upload, creating.command))

    @router.get("/roster-imports")
    async def list_imports(
        request: Request, response: Response, page: Paged, permit: Permitted
    ) -> list[views.ImportView]:
        """The imports of the last 30 days, newest first: all of them for the whole group's roles, else one's own."""
        query = access.imports(permit)
        found = await timed_page_of(imports.jobs, query, page, request, response, newest_first=True)
        return [views.view(handlers.jobs.loaded(document).state, progress_of(document)) for document in found]

    @router.get("/roster-imports/{import_id}")
    async def show_import(import_id: str, response: Response, permit: Permitted) -> views.ImportView:
        """One import, and how far it is."""
        return await answer(response, await _seen(handlers, import_id, permit))

    @router.get("/roster-imports/{import_id}/changes")
    async def list_changes(
        import_id: str,
        kind: Annotated[Kind, Query()],
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
    ) -> list[views.ChangeView]:
        """What the import would change, or what is wrong with it, in the order of the file."""
        await _seen(handlers, import_id, permit)
        found = await page_of(imports.changes, changes_of(import_id, kind), page, request, response)
        return [views.change_view(one) for one in found]

    @router.get("/roster-imports/{import_id}/faults.csv", responses=_CSV, response_class=Response)
    async def download_faults(import_id: str, permit: Permitted) -> Response:
        """The rows that are refused, as a file; no cell of it is a formula."""
        await _seen(handlers, import_id, permit)
        rows = [_fault(one) async for one in imports.faults(import_id, _FAULTS)]
        text = "\ufeff" + csv_text(("row", "key", "column", "reason"), rows)
        return Response(text, media_type="text/csv; charset=utf-8", headers=_attached(import_id))

    @router.post("/roster-imports/{import_id}/application", status_code=202)
    async def apply(
        import_id: str, body: views.Application, response: Response, permit: Permitted, command: Changing
    ) -> views.ImportView:
        """Have a dry run applied. Where many would leave, their number must be stated."""
        await _seen(handlers, import_id, permit)
        return await answer(response, await handlers.confirm(import_id, body.leavers, access.powers(permit), command))

    @router.post("/roster-imports/{import_id}/cancellation")
    async def cancel(import_id: str, response: Response, permit: Permitted, command: Changing) -> views.ImportView:
        """Give an import up; nothing of it was applied."""
        await _seen(handlers, import_id, permit)
        return await answer(response, await handlers.cancel(import_id, command))

    return router


async def _seen(handlers: ImportHandlers, id: str, permit: Permitted) -> Loaded[Job]:
    found = await handlers.jobs.get(id)
    access.show_import(permit, found.id, found.state.by)
    return found


async def _sent(request: Request, asked: Asked) -> tuple[bytes, Asked]:
    """The file and, with a mapping of the caller's own, what is asked of it. Raises ``NotCsv``, ``Invalid``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/csv":
        return await request.body(), asked
    if kind != "multipart/form-data":
        raise NotCsv("Send the roster with Content-Type: text/csv, or as a form with the parts file and mapping.")
    return await _parts(request, asked)


async def _parts(request: Request, asked: Asked) -> tuple[bytes, Asked]:
    async with request.form(max_files=2, max_fields=0) as form:
        file, mapping = form.get("file"), form.get("mapping")
        if file is None or isinstance(file, str):
            raise Invalid("The form has no part file; send the roster in it.")
        body = await file.read()
        if mapping is None:
            return body, asked
        text = await mapping.read(_LARGEST_MAPPING + 1) if not isinstance(mapping, str) else mapping.encode()
    if len(text) > _LARGEST_MAPPING:
        raise Invalid("A mapping has 64 KiB at most.")
    return body, replace(asked, own_mapping=text.decode(errors="replace"))


def _fault(document: mongo.Document) -> tuple[Any, ...]:
    return document["line"], document["key"] or document["person_id"], document["column"], document["reason"]


def _attached(id: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="faults-{id}.csv"'}
