"""Roster imports: send a file, look at what would change, have it applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.roster_records import Change, Field, Import
from services.portal.clients.rosters import Rosters, Seen
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.pages import roster_words as words
from services.portal.pages.rule_words import CONTRACTS

_PREVIEW, _PAGE = 10, 100  # people or rows of a kind on the page of an import, and on a page of their own
_STALE = frozenset({409, 412})
_MOVED_ON = frozenset({"import-not-planned", "import-has-ended"})


@dataclass(frozen=True, slots=True)
class Line:
    """One person or row of an import as the page shows it; ``changes`` are field, before and after in words."""

    name: str
    key: str
    company: str
    changes: list[tuple[str, str, str]]
    row: str
    column: str
    reason: str


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/roster", include_in_schema=False)

    @router.get("")
    async def imports(page: Signed, after: str | None = None) -> Response:
        found = await _rosters(page).imports(after)
        names = await page.people.names([one.by for one in found.items])
        content: dict[str, Any] = {"found": found.items, "more": found.next, "names": names, "words": words}
        return page.show("roster/list.html", as_of=page.now(), **content)

    router.include_router(_sending())

    @router.get("/{id}")
    async def one(page: Signed, id: str) -> Response:
        seen = await _rosters(page).show(id)
        if page.request.headers.get("hx-request") and not seen.value.busy:
            return Response(headers={"HX-Refresh": "true"})  # what was waited for is there: the page as a whole changes
        return page.show("roster/import.html", **await _import(page, seen))

    router.include_router(_looking())
    router.include_router(_deciding())
    return router


def _sending() -> APIRouter:
    router = APIRouter(prefix="/new")

    @router.get("")
    async def ask(page: Signed) -> Response:
        given = page.request.query_params
        filled = {name: given.get(name, "")[:120] for name in ("mapping", "encoding", "company", "source", "holds")}
        return page.show("roster/new.html", filled=filled, **await _new(page))

    @router.post("")
    async def send(page: Signed) -> Response:
        form = await page.form()
        file = form.file("roster")
        errors = _wrong(page, form)
        if errors or file is None:
            return page.again("roster/new.html", form, errors, filled=form, **await _new(page))
        try:
            seen = await _rosters(page).submit(form.change, file.body, _said(form, file.name))
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return page.again("roster/new.html", form, refusal, filled=form, **await _new(page))
        return page.go(f"/roster/{seen.value.id}")

    return router


def _looking() -> APIRouter:
    router = APIRouter(prefix="/{id}")

    @router.get("/changes/{kind}")
    async def changes(page: Signed, id: str, kind: str, after: str | None = None) -> Response:
        rosters = _rosters(page)
        seen = await rosters.show(id)
        found = await rosters.changes(id, kind, after, most=_PAGE)
        lines = list(_lines(page, found.items, await _companies(page)))
        content: dict[str, Any] = {"one": seen.value, "kind": kind, "lines": lines, "more": found.next}
        return page.show("roster/changes.html", words=words, as_of=page.now(), **content)

    @router.get("/faults.csv")
    async def faults(page: Signed, id: str) -> Response:
        named = {"Content-Disposition": 'attachment; filename="roster-faults.csv"'}
        return Response(await _rosters(page).faults(id), media_type="text/csv; charset=utf-8", headers=named)

    return router


def _deciding() -> APIRouter:
    router = APIRouter(prefix="/{id}")

    @router.get("/apply")
    async def ask(page: Signed, id: str) -> Response:
        seen = await _rosters(page).show(id)
        if seen.value.state != "planned":
            return page.go(f"/roster/{id}")
        return page.show("roster/apply.html", one=seen.value, version=seen.version)

    @router.post("/apply")
    async def apply(page: Signed, id: str) -> Response:
        form, rosters = await page.form(), _rosters(page)
        stated = form["leavers"].replace(".", "").replace(",", "")
        leavers = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 10 else None
        try:
            await rosters.apply(id, form.change, leavers)
        except Refusal as refusal:
            if _moved_on(refusal):
                return _elsewhere(page, id)
            if refusal.kind != "leavers-not-stated":
                raise
            seen = await rosters.show(id)
            told = page.text("Write how many people leave, as the first line says")
            return page.again("roster/apply.html", form, {"leavers": told}, one=seen.value, version=seen.version)
        return page.go(f"/roster/{id}")

    @router.post("/discard")
    async def discard(page: Signed, id: str) -> Response:
        form = await page.form()
        try:
            await _rosters(page).cancel(id, form.change)
        except Refusal as refusal:
            if not _moved_on(refusal):
                raise
            return _elsewhere(page, id)
        return page.go("/roster", said=page.text("The import is discarded. Nothing has changed."))

    return router


def _rosters(page: Signed) -> Rosters:
    return Rosters(page.people.caller)


def _moved_on(refusal: Refusal) -> bool:
    """Whether somebody else has decided on this import meanwhile."""
    return refusal.status in _STALE and (refusal.status == 412 or refusal.kind in _MOVED_ON)


def _elsewhere(page: Signed, id: str) -> Response:
    return page.go(f"/roster/{id}", said=page.text("This import has moved on meanwhile. Nothing was done by you."))


async def _new(page: Signed) -> dict[str, Any]:
    mappings = [(one.name, one.title) for one in await _rosters(page).mappings()]
    companies = [(one.name, one.name) for one in await page.people.companies()]
    return {"mappings": mappings, "companies": companies, "words": words}


def _wrong(page: Signed, form: Form) -> dict[str, str]:
    errors = {}
    if form.file("roster") is None:
        errors["roster"] = page.text("Choose the file")
    if form["holds"] not in {words.EVERYBODY, words.SOME}:
        errors["holds"] = page.text("Say whether the file holds everybody")
    if form["as_of"] and not _day(form["as_of"]):
        errors["as_of"] = page.text("Write a day, such as 2026-11-25")
    return errors


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _said(form: Form, file_name: str) -> dict[str, Any]:
    """What the sender says of the file, as `people` asks for it."""
    return {
        "mapping": form["mapping"],
        "partial": "true" if form["holds"] == words.SOME else "false",
        "as_of": form["as_of"],
        "encoding": form["encoding"],
        "subsidiary": form["company"],
        "source": form["source"],
        "file_name": file_name[-200:],
    }


async def _import(page: Signed, seen: Seen) -> dict[str, Any]:
    """What the page of an import shows: the beginnings of all lists that it has."""
    one, companies = seen.value, await _companies(page)
    lists = {}
    for kind in _kinds(one):
        found = await _rosters(page).changes(one.id, kind, most=_PREVIEW)
        lists[kind] = (list(_lines(page, found.items, companies)), found.next)
    return {"one": one, "version": seen.version, "lists_of": lists, "words": words, "as_of": page.now()}


def _kinds(one: Import) -> Iterator[str]:
    """The lists that have something to show at this stage."""
    if one.state == "applied" and one.outcome and one.outcome.failed:
        yield "failed"
    if one.state == "planned" and one.plan and one.reading:
        counts = {"rejected": one.reading.rejected_rows, "warnings": one.reading.warnings}
        counts |= {kind: getattr(one.plan, kind) for kind in ("conflicts", "leavers", "movers", "joiners")}
        yield from (
            kind for kind in ("rejected", "conflicts", "leavers", "movers", "joiners", "warnings") if counts[kind]
        )


async def _companies(page: Signed) -> dict[str, str]:
    return {company.id: company.name for company in await page.people.companies()}


def _lines(page: Signed, found: tuple[Change, ...], companies: Mapping[str, str]) -> Iterator[Line]:
    for one in found:
        changes = [_change(page, field, companies) for field in one.fields if field.field != "active"]
        yield Line(
            name=one.name or one.key or "",
            key=one.key or "",
            company=companies.get(one.subsidiary or "", one.subsidiary or ""),
            changes=changes,
            row=page.formats.number(one.line) if one.line else "",
            column=one.column or "",
            reason=one.reason or "",
        )


def _change(page: Signed, change: Field, companies: Mapping[str, str]) -> tuple[str, str, str]:
    label = page.text(words.FIELDS.get(change.field, change.field))
    before, after = (_value(page, change.field, text, companies) for text in (change.before, change.after))
    return label, before, after


def _value(page: Signed, field: str, text: str | None, companies: Mapping[str, str]) -> str:
    """A value in words: companies by name, days as the language writes them."""
    if text is None:
        return page.text("none")
    if field == "subsidiary":
        return companies.get(text, text)
    if field == "contract":
        return page.text(CONTRACTS.get(text, text))
    if field in {"on_leave", "executive"}:
        return page.text("yes") if text == "yes" else page.text("no")
    if field.endswith("_date") and _day(text):
        return page.formats.day(text)
    return text
