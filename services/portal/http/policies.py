"""Policies: all of them, one in words and figures, and a trial of it on an edition."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Change, Refusal
from services.portal.clients.editions import Editions
from services.portal.clients.matching_records import Policy
from services.portal.http import policy_forms
from services.portal.http.forms import Form
from services.portal.http.matching_shown import Content, contradicted, known, matching
from services.portal.http.page import Signed
from services.portal.pages import matching_words, policy_words, words

_MATCHED = frozenset({"matching", "running"})


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/policies", include_in_schema=False)

    @router.get("")
    async def all_policies(page: Signed) -> Response:
        found = sorted(await matching(page).policies(), key=_order)
        who = await known(page, [one.created_by for one in found])
        return page.show("policies/list.html", found=found, who=who, as_of=page.now())

    router.include_router(policy_forms.making())
    router.include_router(_one())
    router.include_router(policy_forms.changing())
    return router


def _one() -> APIRouter:
    router, template = APIRouter(prefix="/{id}"), "policies/policy.html"

    @router.get("")
    async def policy(page: Signed, id: str) -> Response:
        return page.show(template, **await _content(page, id))

    @router.post("/trial")
    async def trial(page: Signed, id: str) -> Response:
        form, content = await page.form(), await _content(page, id)
        if form["edition"] not in dict(content["editions"]):
            return page.again(template, form, {"edition": page.text("Choose an edition")}, **content)
        try:
            path = await _tried(page, form, id)
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, await contradicted(page, refusal, "edition"), **content)
        return page.go(path)

    return router


async def _tried(page: Signed, form: Form, id: str) -> str:
    """Have the trial computed; the page that will show it beside the newest proposal of the edition."""
    edition, client = form["edition"], matching(page)
    before = [run for run in await client.runs(edition) if run.coverage is not None and not (run.trial or run.unchosen)]
    said = {"edition_id": edition, "policy_id": id, "trial": True}
    made = (await client.request(Change(form.command_id), said)).value
    beside = before[-1].run_id if before else ""
    return f"/editions/{edition}/matching/comparison?a={beside}&b={made.run_id}"


async def _content(page: Signed, id: str) -> Content:
    """What the page of a policy shows. Raises ``Refusal`` 404."""
    seen = await matching(page).policy(id)
    one: Policy = seen.value
    versions = [each for each in await matching(page).policies() if each.family == one.family]
    editions = [each for each in await Editions(page.applications).all() if each.stage in _MATCHED]
    who = await known(page, [one.created_by])
    counted = policy_words.counted(one.weights, one.priority_weights)
    return {
        "one": one,
        "version": seen.version,
        "versions": sorted(versions, key=lambda each: -each.version),
        "editions": [(each.edition_id, each.name) for each in editions],
        "companies": [who.company(id) for id in one.subsidiaries if who.company(id)],
        "counted": counted,
        "together": sum(each.example for each in counted),
        "who": who,
        "criteria": matching_words.CRITERIA,
        "words": policy_words,
        "cefr": dict(words.CEFR),
        "as_of": page.now(),
    }


def _order(one: Policy) -> tuple[bool, str, int]:
    return not one.built_in, one.name.casefold(), -one.version
