"""More time to accept a place, for one person who was selected."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.editions import Editions
from services.portal.clients.selection import Selection
from services.portal.http.editions_shown import Errors
from services.portal.http.editions_times import read_day
from services.portal.http.forms import Form
from services.portal.http.page import Elsewhere, Signed
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import names_of
from services.portal.pages import selection_words as words


def routes() -> APIRouter:
    """The router, below the selection of an edition."""
    router, template = APIRouter(prefix="/{application}/more-time"), "selection/more_time.html"

    @router.get("")
    async def ask(page: Signed, id: str, application: str) -> Response:
        return page.show(template, **await _selected(page, id, application))

    @router.post("")
    async def extend(page: Signed, id: str, application: str) -> Response:
        form, content = await page.form(), await _selected(page, id, application)
        errors = Errors()
        until = read_day(page, form, "until", errors, needed=True)
        errors |= reason_wrong(page, form)
        if until is None or errors:
            return page.again(template, form, errors, **content)
        try:
            await Selection(page.applications).extend_acceptance(application, form.change, until, form["reason"])
        except Refusal as refusal:
            if refusal.status == LOST:
                return _overtaken(page, form, content)
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, refusal, **content)
        return page.go(content["here"], said=page.text("There is more time now. The new day stands with the place."))

    return router


async def _selected(page: Signed, id: str, application: str) -> dict[str, Any]:
    """Whose place it is and until when it can be accepted now. Raises ``Elsewhere`` where no such day runs."""
    edition = (await Editions(page.applications).show(id)).value
    seen = await Selection(page.applications).application(application)
    here = f"/editions/{id}/selection/{application}"
    if seen.value.status != words.SELECTED or seen.value.accept_by is None or edition.stage == "closed":
        raise Elsewhere(here)
    names = await names_of(page, [seen.value.mentor_id])
    return {
        "edition": edition,
        "one": seen.value,
        "version": seen.version,
        "name": names.get(seen.value.mentor_id, page.text("Somebody you do not see")),
        "here": here,
    }


def _overtaken(page: Signed, form: Form, content: dict[str, Any]) -> Response:
    """The conflict page: the day that was written beside the one that is stored now."""
    row = (page.text("Last day to accept"), form["until"], page.formats.day(content["one"].accept_by))
    return page.conflict(form, [row], content["version"], back=(content["here"], content["name"]))
