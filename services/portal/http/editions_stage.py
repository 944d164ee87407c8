"""The next stage: a page of its own that says what stands from then on and who sees what, or what is in the way."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.edition_records import Edition
from services.portal.http.editions_shown import Content, compared, editions, refused, shown
from services.portal.http.editions_steps import in_the_way, worth_a_thought
from services.portal.http.page import Signed, SignedPage
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_tasks import places_open
from services.portal.pages import edition_words as words

_BLOCKED = "edition-blocked"


def routes() -> APIRouter:
    """The routes below one edition."""
    router = APIRouter(prefix="/{id}/stage")

    @router.get("")
    async def ask(page: Signed, id: str) -> Response:
        content = await _step(page, id)
        if content["step"] is None:
            return page.go(content["here"])
        return page.show("editions/stage.html", **content)

    @router.post("")
    async def move(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _step(page, id)
        to = form["to"]
        if content["early"] and (errors := reason_wrong(page, form)):
            return page.again("editions/stage.html", form, errors, **content)
        try:
            await editions(page).move(id, form.change, to, form["reason"])
        except Refusal as refusal:
            if refusal.kind == _BLOCKED:  # something came in the way since the page was shown, which says what
                told = page.text("This is not possible yet. Nothing has changed.")
                return page.go(f"/editions/{id}/stage", said=told)
            mine, stored = (page.text(words.STAGES.get(stage, ("", stage))[1]) for stage in (to, content["one"].stage))
            label = page.text("Stage")
            rows = compared(page, [(label, mine)], [(label, stored)])
            return refused(page, form, refusal, "editions/stage.html", content, rows=rows)
        stage = page.text(words.STAGES.get(to, ("", to))[1])
        return page.go(f"/editions/{id}", said=page.text("The edition is in its next stage: %(stage)s.", stage=stage))

    return router


async def _step(page: SignedPage, id: str) -> Content:
    """The edition and its next step, None where there is none for whoever looks."""
    content = await shown(page, id)
    one: Edition = content["one"]
    to = one.next.stage if one.next and content["may_change"] else ""
    today = page.now().astimezone(content["zone"]).date()
    return {
        **content,
        "to": to,
        "step": words.STEPS.get(to),
        "steps": list(in_the_way(page, one)),
        "warnings": [*worth_a_thought(page, one), *(await places_open(page, one) if to == "matching" else ())],
        "early": to == "closed" and today <= one.ends_on,
    }
