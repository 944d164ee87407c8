"""Showing the tandems of a proposal to their members before anything is published."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.matching_records import Report
from services.portal.http.matching_apart import apart
from services.portal.http.matching_shown import Content, contradicted, matching, people_of, shown_run
from services.portal.http.page import Elsewhere, Signed
from services.portal.pages.refusals import told


def routes() -> APIRouter:
    """The router, below one run."""
    router, template = APIRouter(prefix="/preview"), "matching/preview.html"

    @router.get("")
    async def ask(page: Signed, id: str, run: str) -> Response:
        return page.show(template, **await _content(page, id, run))

    @router.post("")
    async def preview(page: Signed, id: str, run: str) -> Response:
        form, content = await page.form(), await _content(page, id, run)
        try:
            await matching(page).do(run, "preview", form.change)
        except Refusal as refusal:
            if refusal.status == LOST:
                return page.go(content["there"], said=told(refusal, page.language))
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, await contradicted(page, refusal), **content)
        return page.go(content["there"], said=page.text("The tandems are shown to their members now."))

    return router


async def _content(page: Signed, id: str, run: str) -> Content:
    """What showing would do. Raises ``Elsewhere`` where the proposal cannot be shown, or not yet."""
    content = await shown_run(page, id, run)
    one: Report = content["one"]
    if one.state != "proposed" or one.trial or not one.pairs:
        raise Elsewhere(content["there"])
    if one.kind == "rematch" and one.chosen is None:
        raise Elsewhere(f"{content['there']}/rematch")
    sides = await apart(page, one)
    shown = [*sides.others, *sides.impossible]
    return {
        **content,
        "shown": len(shown),
        "members": len(set(people_of(shown))),
        "days": one.policy.veto_days if one.policy else 0,
        "stopped": len(sides.objected) + len(sides.ruled_out),
        "impossible": len(sides.impossible),
    }
