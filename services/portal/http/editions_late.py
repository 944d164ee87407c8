"""Late admission: somebody may apply, or change what was sent, after the deadline; people decide so, with a reason."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.http.editions_shown import Content, Errors, editions, filled, refused, shown
from services.portal.http.editions_times import doubled, read_instant
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.http.reasons import reason_wrong

_LONGEST_NAME = 100
_ADMITTING = frozenset({"call_open", "selection"})


def routes() -> APIRouter:
    """The routes below one edition."""
    router = APIRouter(prefix="/{id}/late")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        content = await _late(page, id, page.request.query_params.get("q", ""))
        return page.show("editions/late.html", given=filled([]), **content)

    @router.post("")
    async def admit(page: Signed, id: str) -> Response:
        form = await page.form()
        content = await _late(page, id, form["q"])
        said, errors = _read(page, form, content)
        content |= {"doubled": doubled(page, form, "until", content["zone"]), "given": form}
        if errors:
            return page.again("editions/late.html", form, errors, **content)
        try:
            await editions(page).admit(id, form.change, said)
        except Refusal as refusal:
            return refused(page, form, refusal, "editions/late.html", content)
        return page.go(content["here"], said=page.text("Admitted. The application is open again for this one person."))

    return router


async def _late(page: SignedPage, id: str, sought: str) -> Content:
    """The edition and whoever is found. Raises ``Refusal`` 404 where nobody can be admitted any more."""
    content = await shown(page, id)
    one: Edition = content["one"]
    if one.stage not in _ADMITTING or not content["may_decide"]:
        raise Refusal(404, "not-found", "")
    q = sought.strip()[:_LONGEST_NAME]
    found = (await page.people.search(None, q=q, active="true")).items if q else ()
    company = content["company"]
    people = [(one.id, one.name, company.get(one.subsidiary, "")) for one in found if not one.executive]
    return {**content, "q": q, "people": people, "doubled": []}


def _read(page: SignedPage, form: Form, content: Content) -> tuple[dict[str, Any], Errors]:
    errors: Errors = {}
    if not form["person_id"]:
        errors["person_id"] = page.text("Choose the person")
    until = read_instant(page, form, "until", content["zone"], errors)
    if until is None and not errors.keys() & {"until-day", "until-time", "until-which"}:
        errors["until-day"] = page.text("Say until when")
    errors |= reason_wrong(page, form)
    return {"person_id": form["person_id"], "until": until, "reason": form["reason"]}, errors
