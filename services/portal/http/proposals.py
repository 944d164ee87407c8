"""One's own tandem as it is proposed, before it is published, and objecting to it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Change, Refusal
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.matching import Matching
from services.portal.clients.matching_records import Shown
from services.portal.http.matching_shown import Content
from services.portal.http.page import Signed, SignedPage
from services.portal.http.reasons import reason_wrong
from services.portal.pages.deadlines import Deadlines


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/proposals/{run}/{mentee}", include_in_schema=False)
    template = "proposals/proposal.html"

    @router.get("")
    async def proposal(page: Signed, run: str, mentee: str) -> Response:
        try:
            return page.show(template, **await _content(page, run, mentee))
        except Refusal as refusal:
            return _not_shown(page, refusal)

    @router.post("")
    async def veto(page: Signed, run: str, mentee: str) -> Response:
        form = await page.form()
        try:
            content = await _content(page, run, mentee)
        except Refusal as refusal:
            return _not_shown(page, refusal)
        if errors := reason_wrong(page, form):
            return page.again(template, form, errors, **content)
        try:
            await Matching(page.matching).veto(run, Change(form.command_id), mentee, form["reason"])
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, refusal, **content)
        said = page.text("Your objection is noted. This tandem will not be published.")
        return page.go(f"/proposals/{run}/{mentee}", said=said)

    return router


def _not_shown(page: Signed, refusal: Refusal) -> Response:
    """Back to the overview, where what is shown now stands; the same for one that was never shown to the reader."""
    if refusal.status != 404:
        raise refusal
    return page.go("/", said=page.text("This proposal is not shown, or not any more. What is shown now stands here."))


async def shown(page: SignedPage) -> list[Shown]:
    """One's own tandems that are shown at present."""
    return list(await Matching(page.matching).proposals())


def partner_of(page: SignedPage, one: Shown) -> tuple[str, str]:
    """The other one of the two, and what the company of the other one is called."""
    if page.me.id == one.mentor_id:
        return one.mentee_id, one.mentee_company or ""
    return one.mentor_id, one.mentor_company or ""


async def _content(page: SignedPage, run: str, mentee: str) -> Content:
    """What the page shows. Raises ``Refusal`` 404 where this is not shown to the reader, or not any more."""
    one = next((each for each in await shown(page) if (each.run_id, each.mentee_id) == (run, mentee)), None)
    if one is None:
        raise Refusal(404, "not-found", "")
    partner, company = partner_of(page, one)
    edition = await _edition(page, one.edition_id)
    zone = edition.zone if edition else page.me.zone
    days = Deadlines(page.language, page.formats, zone, page.now())
    return {
        "one": one,
        "mentor": page.me.id == one.mentor_id,
        "name": (await page.people.names([partner])).get(partner, ""),
        "company": company,
        "edition": edition.name if edition else "",
        "until": days.until(one.until) if one.until else None,
        "open": bool(one.until and page.now() < one.until),
        "here": f"/proposals/{run}/{mentee}",
        "as_of": page.now(),
    }


async def _edition(page: SignedPage, id: str) -> Edition | None:
    """The edition, as far as a member may know of it."""
    try:
        return (await Editions(page.applications).show(id)).value
    except Refusal:
        return None
