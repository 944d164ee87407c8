"""An assessor's sheets: the queue, one application beside its rubric, declaring a conflict, handing in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.edition_records import Rubric
from services.portal.clients.editions import Editions
from services.portal.clients.records import Seen
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import LOCKED, Scored, Sheet
from services.portal.http.assessing_queue import Queue, queues
from services.portal.http.forms import Form
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.pages import selection_words as words
from services.portal.pages import words as plain

_CRITERION = "criterion-"


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/assessments", include_in_schema=False)

    @router.get("")
    async def assessments(page: Signed) -> Response:
        editions = await Editions(page.applications).all()
        found = [queue for edition in editions for queue in await queues(page, edition)]
        waiting = [one for one in editions if one.stage == "call_open"]
        begun = [one for one in editions if one.stage == "selection"]
        content: dict[str, Any] = {"queues": found, "waiting": waiting, "begun": begun, "words": words}
        return page.show("assessing/queue.html", as_of=page.now(), names=await _names(page, found), **content)

    router.include_router(_handing_in())
    router.include_router(_scoring())
    router.include_router(_conflict())
    return router


def _scoring() -> APIRouter:
    router = APIRouter(prefix="/{sheet}")

    @router.get("")
    async def one(page: Signed, sheet: str) -> Response:
        return page.show("assessing/sheet.html", **await _sheet(page, sheet))

    @router.post("")
    async def save(page: Signed, sheet: str) -> Response:
        form, selection = await page.form(), _selection(page)
        try:
            saved = await selection.score(sheet, form.change, _scores(form), form["comment"])
        except Refusal as refusal:
            return await _not_saved(page, form, refusal, sheet)
        queue = await _queue(page, saved.value)
        following = queue.after(sheet) if queue else None
        number = page.formats.number(queue.number(sheet)) if queue else ""
        said = _said(page, number, saved.value)
        if form["then"] == "stay":
            return page.go(f"/assessments/{sheet}", said=said)
        return page.go(f"/assessments/{following.sheet_id}" if following else "/assessments", said=said)

    return router


def _conflict() -> APIRouter:
    router, template = APIRouter(prefix="/{sheet}/conflict"), "assessing/conflict.html"

    @router.get("")
    async def ask(page: Signed, sheet: str) -> Response:
        return page.show(template, **await _sheet(page, sheet))

    @router.post("")
    async def declare(page: Signed, sheet: str) -> Response:
        form = await page.form()
        if errors := reason_wrong(page, form):
            return page.again(template, form, errors, **await _sheet(page, sheet))
        try:
            await _selection(page).declare_conflict(sheet, form.change, form["reason"])
        except Refusal as refusal:
            if refusal.status in {409, LOST}:
                return _moved_on(page, sheet)
            if refusal.status != 422:
                raise
            return page.again(template, form, refusal, **await _sheet(page, sheet))
        return page.go("/assessments", said=page.text("Somebody else reads this application now. Thank you."))

    return router


def _handing_in() -> APIRouter:
    router = APIRouter(prefix="/hand-in")

    @router.get("")
    async def ask(page: Signed, round: str = "") -> Response:
        queue = await _open_queue(page, round)
        if queue is None:
            return page.go("/assessments", said=page.text("There is nothing to hand in."))
        return page.show("assessing/hand_in.html", queue=queue)

    @router.post("")
    async def hand_in(page: Signed) -> Response:
        form = await page.form()
        try:
            done = await _selection(page).hand_in(form["round"], Change(form.command_id))
        except Refusal as refusal:
            if refusal.status != 409:
                raise
            return page.go("/assessments", said=page.text("This round has moved on meanwhile. Nothing was handed in."))
        ngettext = page.language.texts.ngettext
        said = ngettext("%(num)s sheet is handed in.", "%(num)s sheets are handed in.", done.locked)
        left = ngettext("%(num)s is not complete yet.", "%(num)s are not complete yet.", len(done.incomplete))
        told = [(said, done.locked), *([(left, len(done.incomplete))] if done.incomplete else [])]
        return page.go(
            "/assessments", said=" ".join(text % {"num": page.formats.number(count)} for text, count in told)
        )

    return router


def _selection(page: Signed) -> Selection:
    return Selection(page.applications)


async def _names(page: Signed, found: Sequence[Queue]) -> dict[str, str]:
    """What the applicants are called whose names the calls show."""
    applications = [sheet.application for queue in found for sheet in queue.sheets]
    ids = sorted({one.mentor_id for one in applications if one and one.mentor_id})
    names: dict[str, str] = {}
    for start in range(0, len(ids), 100):
        names |= await page.people.names(ids[start : start + 100])
    return names


async def _queue(page: Signed, sheet: Sheet) -> Queue | None:
    """The queue that a sheet stands in."""
    edition = (await Editions(page.applications).show(sheet.edition_id)).value
    return next((one for one in await queues(page, edition) if one.round.round_id == sheet.round_id), None)


async def _open_queue(page: Signed, round: str) -> Queue | None:
    """The queue of an open round, of which something can be handed in."""
    editions = await Editions(page.applications).all()
    found = [queue for edition in editions for queue in await queues(page, edition)]
    return next((one for one in found if one.round.round_id == round and one.round.state == "open" and one.open), None)


async def _sheet(page: Signed, id: str) -> dict[str, Any]:
    """What the pages about one sheet show."""
    seen: Seen[Sheet] = await _selection(page).sheet(id)
    sheet, queue = seen.value, await _queue(page, seen.value)
    rubric = sheet.rubric or Rubric()
    others = await _others(page, sheet) if queue and queue.round.closed and sheet.state == LOCKED else []
    mentor = sheet.application.mentor_id if sheet.application else None
    ids = [one.assessor_id for one in others] + ([mentor] if mentor else [])
    return {
        "sheet": sheet,
        "version": seen.version,
        "queue": queue,
        "number": queue.number(id) if queue else 0,
        "following": queue.after(id) if queue else None,
        "rubric": rubric,
        "scored": [one for one in rubric.criteria if one.criterion_id not in sheet.missing],
        "missing": _missing(page, sheet),
        "side_by_side": others,
        "names": await page.people.names(ids),
        "platforms": await _platforms(page),
        "words": words,
        "plain": plain,
        "own": page.me.id,
    }


async def _platforms(page: Signed) -> dict[str, str]:
    return {term.code: term.name for term in await page.people.catalogue("platforms", page.language.locale.language)}


async def _others(page: Signed, sheet: Sheet) -> Sequence[Scored]:
    """All sheets of the same application, once nothing of one's own is open any more; none where names are hidden."""
    if sheet.application_id is None:
        return []
    try:
        return await _selection(page).sheets_of(sheet.application_id)
    except Refusal:
        return []


def _scores(form: Form) -> dict[str, int]:
    """The levels that were chosen, by criterion; which ones there are, `applications` knows."""
    chosen = {name.removeprefix(_CRITERION): form[name] for name in form.data if name.startswith(_CRITERION)}
    return {name: int(text) for name, text in chosen.items() if text.isascii() and text.isdigit() and len(text) < 3}


def _said(page: Signed, number: str, sheet: Sheet) -> str:
    """What was saved, how far that is, and what is missing."""
    if not sheet.missing:
        return page.text("Application %(number)s is saved and complete.", number=number)
    left = _missing(page, sheet)
    return page.text("Application %(number)s is saved. Not scored yet: %(criteria)s.", number=number, criteria=left)


def _missing(page: Signed, sheet: Sheet) -> str:
    """The titles of the criteria that are not scored."""
    criteria = sheet.rubric.criteria if sheet.rubric else ()
    missing = [one.title for one in criteria if one.criterion_id in sheet.missing]
    return ", ".join(words.worded(title, page.language.code).text for title in missing)


def _moved_on(page: Signed, sheet: str) -> Response:
    said = page.text("This sheet has moved on meanwhile. Nothing of this step was saved.")
    return page.go(f"/assessments/{sheet}", said=said)


async def _not_saved(page: Signed, form: Form, refusal: Refusal, id: str) -> Response:
    if refusal.status == 409:
        return _moved_on(page, id)
    if refusal.status not in {LOST, 422}:
        raise refusal
    content = await _sheet(page, id)
    if refusal.status == 422:
        return page.again("assessing/sheet.html", form, refusal, **content)
    sheet: Sheet = content["sheet"]
    mine = _scores(form)
    rows = [
        (
            words.worded(one.title, page.language.code).text,
            _level(page, mine.get(one.criterion_id)),
            _level(page, sheet.scores.get(one.criterion_id)),
        )
        for one in content["rubric"].criteria
    ]
    rows.append((page.text("Comment"), form["comment"], sheet.comment or page.text("none")))
    back = (f"/assessments/{id}", page.text("Application %(number)s", number=content["number"]))
    return page.conflict(form, rows, content["version"], back=back)


def _level(page: Signed, level: int | None) -> str:
    return page.formats.number(level) if level else page.text("not scored")
