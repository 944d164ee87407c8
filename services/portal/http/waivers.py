"""Requests for a waiver: which wait, one with what was decided before, and the decision with its reason."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.application_records import Application, WaiverCase
from services.portal.clients.editions import Editions
from services.portal.clients.records import Seen
from services.portal.http.applying_case import applying, rules_of
from services.portal.http.forms import Form
from services.portal.http.page import Signed, SignedPage
from services.portal.http.reasons import reason_wrong
from services.portal.http.selection_board import names_of
from services.portal.pages import applying_words

_DECIDED = frozenset({"selected", "reserved", "declined", "accepted", "withdrawn"})  # no waiver changes these any more


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/editions/{edition}/waivers", include_in_schema=False)

    @router.get("")
    async def waivers(page: Signed, edition: str) -> Response:
        return page.show("waivers/list.html", as_of=page.now(), **await _waivers(page, edition))

    @router.get("/{application}")
    async def one(page: Signed, edition: str, application: str) -> Response:
        return page.show("waivers/one.html", **await _waiver(page, edition, application))

    @router.post("/{application}")
    async def decide(page: Signed, edition: str, application: str) -> Response:
        form = await page.form()
        content = await _waiver(page, edition, application)
        if errors := _wrong(page, form):
            return page.again("waivers/one.html", form, errors, **content)
        said = {"decision": form["decision"], "reason": form["reason"]}
        try:
            await applying(page).act(application, "waiver", form.change, said)
        except Refusal as refusal:
            return _refused(page, form, refusal, content)
        return page.go(
            f"/editions/{edition}/waivers",
            said=page.text("Decided. The applicant sees it on the overview and in the application."),
        )

    return router


async def _waivers(page: SignedPage, edition: str) -> dict[str, Any]:
    """The edition, all requests and decisions, and what people and companies are called."""
    one = (await Editions(page.applications).show(edition)).value
    found = await applying(page).waivers(edition)
    people = [id for case in found for id in (case.mentor_id, case.waiver.decided_by if case.waiver else "") if id]
    companies = {company.id: company.name for company in await page.people.companies()}
    return {
        "edition": one,
        "here": f"/editions/{one.edition_id}/waivers",
        "cases": found,
        "waiting": [case for case in found if case.waiver is None and case.status not in _DECIDED],
        "decided": [case for case in found if case.waiver],
        "names": await names_of(page, people),
        "company": companies,
        "rules": await rules_of(page),
        "applying": applying_words,
        "stated": {rule.kind: rule for rule in (one.call.rules if one.call else ())},
    }


async def _waiver(page: SignedPage, edition: str, id: str) -> dict[str, Any]:
    """One request, and the earlier decisions of its edition. Raises ``Refusal`` 404 where there is none."""
    content = await _waivers(page, edition)
    found: list[WaiverCase] = content["cases"]
    one = next((case for case in found if case.application_id == id), None)
    if one is None:
        raise Refusal(404, "not-found", "")
    seen: Seen[Application] = await applying(page).application(id)
    before = [case for case in content["decided"] if case.application_id != id]
    return {**content, "one": one, "version": seen.version, "before": before}


def _wrong(page: SignedPage, form: Form) -> dict[str, str]:
    unknown = form["decision"] not in applying_words.WAIVERS
    errors = {"decision": page.text("Grant or refuse it")} if unknown else {}
    return errors | reason_wrong(page, form)


def _refused(page: SignedPage, form: Form, refusal: Refusal, content: dict[str, Any]) -> Response:
    if refusal.status == LOST:
        one: WaiverCase = content["one"]
        stored = one.waiver.decision if one.waiver else ""
        words = {code: page.text(text) for code, (_, text) in applying_words.WAIVERS.items()}
        rows = [
            (page.text("Decision"), words[form["decision"]], words.get(stored, page.text("none"))),
            (page.text("Reason"), form["reason"], one.waiver.reason if one.waiver else page.text("none")),
        ]
        return page.conflict(form, rows, content["version"], back=(content["here"], page.text("Waivers")))
    if refusal.status not in {409, 422} and refusal.kind != "own-case":
        raise refusal
    return page.again("waivers/one.html", form, refusal, **content)
