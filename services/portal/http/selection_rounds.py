"""Rounds of assessing: open one, choose its assessors, close it before everything is in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.editions import Editions
from services.portal.clients.records import Listed
from services.portal.clients.selection import Selection
from services.portal.http.editions_shown import whole_number
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import by_name, companies_of, names_of

_FEWEST, _MOST = 1, 5  # sheets of one application in a round
_LAST_MINUTE = time(23, 59)
_PEOPLE = 500  # assessors offered
_NAMED = 30  # applications without enough assessors that are named


def routes() -> APIRouter:
    """The router, below the selection of an edition."""
    router = APIRouter(prefix="/rounds")
    router.include_router(_opening())
    router.include_router(_closing())
    return router


def _opening() -> APIRouter:
    router, template = APIRouter(prefix="/new"), "selection/round_new.html"

    @router.get("")
    async def ask(page: Signed, id: str, ask: str = "") -> Response:
        return page.show(template, **await _new(page, id, again=ask == "disagreement"))

    @router.post("")
    async def open_round(page: Signed, id: str) -> Response:
        form = await page.form()
        content = await _new(page, id, again=form["again"] == "yes")
        if errors := _wrong(page, form, content["zone"]):
            return page.again(template, form, errors, **content)
        try:
            await Selection(page.applications).open_round(id, Change(form.command_id), _said(form, content))
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            if refusal.kind == "too-few-assessors":
                content["alone"] = await _alone(page, refusal)
            if refusal.kind == "unknown-assessors":
                return page.again(template, form, _unable(page, form, refusal, content), **content)
            return page.again(template, form, refusal, **content)
        said = page.text("The round is open. Sheets reach the assessors within seconds.")
        return page.go(f"/editions/{id}/selection", said=said)

    return router


def _closing() -> APIRouter:
    router, template = APIRouter(prefix="/{round}/close"), "selection/round_close.html"

    @router.get("")
    async def ask(page: Signed, id: str, round: str) -> Response:
        content = await _closing_content(page, id, round)
        if content["one"].closed:
            return page.go(f"/editions/{id}/selection", said=page.text("This round is closed already."))
        return page.show(template, **content)

    @router.post("")
    async def close(page: Signed, id: str, round: str) -> Response:
        form, content = await page.form(), await _closing_content(page, id, round)
        if errors := reason_wrong(page, form):
            return page.again(template, form, errors, **content)
        try:
            await Selection(page.applications).close_round(round, form.change, form["reason"])
        except Refusal as refusal:
            if refusal.status in {409, LOST}:
                return page.go(f"/editions/{id}/selection", said=page.text("This round has moved on meanwhile."))
            if refusal.status != 422:
                raise
            return page.again(template, form, refusal, **content)
        return page.go(f"/editions/{id}/selection", said=page.text("The round is closed. Its scores can be seen now."))

    return router


async def _closing_content(page: Signed, id: str, round: str) -> dict[str, Any]:
    edition = (await Editions(page.applications).show(id)).value
    seen = await Selection(page.applications).round(round)
    progress = seen.value.progress
    names = await names_of(page, [one.assessor_id for one in progress.open_by] if progress else [])
    waiting = by_name(progress.open_by, names) if progress else []
    content = {"edition": edition, "one": seen.value, "version": seen.version, "names": names}
    return {**content, "progress": progress, "waiting": waiting}


async def _new(page: Signed, id: str, *, again: bool) -> dict[str, Any]:
    """What the page for opening a round shows; ``again``: one more sheet for those where assessors disagree."""
    edition = (await Editions(page.applications).show(id)).value
    board = await Selection(page.applications).board(id)
    offered = await _assessors(page)
    companies = await companies_of(page)
    apart = [entry for entry in board.entries if "disagreement" in entry.flags and entry.assessable]
    disagreeing = apart if again else []
    names = await names_of(page, [entry.mentor_id for entry in disagreeing])
    unknown = page.text("Somebody you do not see")
    named = [(one.application_id, names.get(one.mentor_id, unknown)) for one in disagreeing]
    rubric = edition.rubric
    return {
        "edition": edition,
        "zone": edition.zone,
        "again": again,
        "first": not board.rounds,
        "running": next((one for one in board.rounds if not one.closed), None),
        "offered": [(one.id, one.name, companies.get(one.subsidiary, "")) for one in offered],
        "all_assessors": [one.id for one in offered],
        "disagreeing": sorted(named, key=lambda pair: pair[1].casefold()),
        "all_disagreeing": [one.application_id for one in disagreeing],
        "spread": board.spread,
        "per_application": 1 if again else rubric.sheets if rubric else 3,
        "fewest": _FEWEST if board.rounds else 2,
        "most": _MOST,
        "alone": [],
    }


async def _assessors(page: Signed) -> list[Listed]:
    """Everybody with the role of an assessor whom one may see."""
    found: list[Listed] = []
    cursor: str | None = None
    while len(found) < _PEOPLE:
        part = await page.people.search(cursor, role="assessor", active="true")
        found += part.items
        cursor = part.next
        if cursor is None:
            break
    return sorted(found, key=lambda one: one.name.casefold())


def _wrong(page: Signed, form: Form, zone: str) -> dict[str, str]:
    errors = {}
    if form["again"] == "yes" and not form.all("applications"):
        errors["applications"] = page.text("Choose at least one application")
    if not form.all("assessors"):
        errors["assessors"] = page.text("Choose assessors")
    if whole_number(form["per_application"], _FEWEST, _MOST) is None:
        errors["per_application"] = page.text("Write a number of sheets from 1 to 5")
    if form["due_on"] and _due(form, zone) is None:
        errors["due_on"] = page.text("Write a day, such as 2026-11-25")
    elif (due := _due(form, zone)) and due <= page.now():
        errors["due_on"] = page.text("This day is over. Choose a later one.")
    if form["again"] == "yes":
        errors |= reason_wrong(page, form)
    return errors


def _due(form: Form, zone: str) -> datetime | None:
    """The last minute of the day, by the edition's clocks."""
    try:
        return datetime.combine(date.fromisoformat(form["due_on"]), _LAST_MINUTE, ZoneInfo(zone))
    except (ValueError, OSError, KeyError):
        return None


def _said(form: Form, content: Mapping[str, Any]) -> dict[str, Any]:
    """The round as `applications` is asked for it; where everybody is chosen, it finds out who that is."""
    said: dict[str, Any] = {"per_application": int(form["per_application"])}
    if set(form.all("assessors")) != set(content["all_assessors"]):
        said["assessors"] = form.all("assessors")
    if due := _due(form, content["zone"]):
        said["due_at"] = due.astimezone(UTC).isoformat()
    if form["again"] == "yes":
        said["applications"] = form.all("applications")
    if form["reason"]:
        said["reason"] = form["reason"]
    return said


def _unable(page: Signed, form: Form, refusal: Refusal, content: Mapping[str, Any]) -> dict[str, str]:
    """Who of the chosen cannot assess here, by name."""
    chosen, names = form.all("assessors"), {id: name for id, name, _ in content["offered"]}
    places = [pointer.rpartition("/")[2] for pointer in refusal.fields if pointer.startswith("/assessors/")]
    unable = [
        names.get(chosen[int(one)], "") for one in places if one.isascii() and one.isdigit() and int(one) < len(chosen)
    ]
    told = page.text("They cannot assess here, or applied themselves: %(names)s", names=", ".join(sorted(unable)))
    return {"assessors": told}


async def _alone(page: Signed, refusal: Refusal) -> list[str]:
    """The applicants whose applications a refusal names."""
    ids = [pointer.rpartition("/")[2] for pointer in refusal.fields if pointer.startswith("/applications/")]
    selection = Selection(page.applications)
    mentors = [(await selection.application(id)).value.mentor_id for id in ids[:_NAMED]]
    names = await names_of(page, mentors)
    return sorted((names.get(one, page.text("Somebody you do not see")) for one in mentors), key=str.casefold)
