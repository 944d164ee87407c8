"""When not everybody can get a mentor: who competes for whom, what would help, and applying one of these changes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Change, Refusal
from services.portal.clients.editions import Editions
from services.portal.clients.matching_records import BUILT_IN, PolicyText, Relaxation, Report
from services.portal.http.editions_shown import whole_number
from services.portal.http.forms import Form
from services.portal.http.matching_run import asked_again
from services.portal.http.matching_shown import Content, Known, barred_by, contradicted, known, matching, shown_run
from services.portal.http.page import Signed
from services.portal.http.reasons import reason_wrong
from services.portal.pages import matching_words as words

_NAMED = 100  # executives and mentors of a proposal without a tandem that are named
_MOST = 999  # changes or places that a number can mean


def routes() -> APIRouter:
    """The router, below the matching of an edition."""
    router = APIRouter(prefix="/runs/{run}")

    @router.get("/without")
    async def without(page: Signed, id: str, run: str) -> Response:
        content = await _content(page, id, run)
        one: Report = content["one"]
        if not one.uncovered:
            return page.go(content["there"], said=page.text("Everybody has a tandem in this proposal."))
        return page.show("matching/without.html", **content)

    router.include_router(_applying())
    return router


def _applying() -> APIRouter:
    router, template = APIRouter(prefix="/relax"), "matching/relax.html"

    @router.get("")
    async def ask(page: Signed, id: str, run: str, number: int = 1) -> Response:
        return page.show(template, **await _chosen(page, id, run, number))

    @router.post("")
    async def apply(page: Signed, id: str, run: str) -> Response:
        form = await page.form()
        which = whole_number(form["number"], 1, _MOST) or 0
        content = await _chosen(page, id, run, which)
        errors = {} if content["change"].kind in words.OF_POLICY else reason_wrong(page, form)
        if errors:
            return page.again(template, form, errors, **content)
        try:
            policy = await _changed(page, form, content)
            said = asked_again(content["one"]) | ({"policy_id": policy} if policy else {})
            new = await matching(page).request(Change(f"{form.command_id[:60]}-run"), said)
        except Refusal as refusal:
            if refusal.status not in {409, 422} and refusal.kind != "own-case":
                raise
            return page.again(template, form, await contradicted(page, refusal), **content)
        return page.go(f"{content['here']}/runs/{new.value.run_id}")

    return router


async def _changed(page: Signed, form: Form, content: Content) -> str | None:
    """Make the change; the policy that says so where it is one of the rules."""
    change: Relaxation = content["change"]
    one: Report = content["one"]
    command = Change(form.command_id)
    if change.kind in words.OF_POLICY:
        return await _relaxed(page, command, one.policy or PolicyText(), change, content["name"])
    places = content["places"]
    said = {"kind": "place", "mentor_id": change.mentor_id, "places": places, "reason": form["reason"]}
    await matching(page).lay_down(one.edition_id, command, said)
    return None


async def _relaxed(page: Signed, command: Change, policy: PolicyText, change: Relaxation, name: str) -> str:
    """A version of the policy in which the rule gives way, or a policy of one's own where it came with Tandem."""
    rules = policy.rules.model_dump() | _given_way(change)
    if policy.policy_id == BUILT_IN:
        made = await matching(page).make_policy(command, {"name": name, "based_on": BUILT_IN, "rules": rules})
    else:
        made = await matching(page).add_version(policy.policy_id, command, {"rules": rules})
    return made.value.policy_id


def _given_way(change: Relaxation) -> dict[str, Any]:
    """The rule of a policy as the change words it."""
    if change.kind == "language_level":
        return {"language_level": change.value}
    if change.kind in {"subsidiary_rule", "meeting"}:
        return {"subsidiary" if change.kind == "subsidiary_rule" else "meeting": change.value or "any"}
    return {"same_manager" if change.kind == "same_manager" else "earlier_pairs": False}


async def _content(page: Signed, id: str, run: str) -> Content:
    """Who goes without, and why; the changes that would help, the best first."""
    content = await shown_run(page, id, run)
    one: Report = content["one"]
    ids = [id for each in one.shortages for id in (*each.executives[:_NAMED], *each.mentors[:_NAMED])]
    changed = [each.mentor_id for each in one.relaxations]
    who = await known(page, [*ids, *changed, *(each.mentee_id for each in one.uncovered[:_NAMED])])
    places = await _companies_of(page, id)
    return {
        **content,
        "who": who,
        "of": {id: who.company(company) for id, company in places.items()},
        "most": _NAMED,
        "relaxations": [(each, _said(page, who, each)) for each in one.relaxations],
        "barred": [barred_by(page, each.barred) for each in one.shortages],
        "as_of": page.now(),
    }


async def _companies_of(page: Signed, id: str) -> dict[str, str]:
    """The companies of all executives of an edition, by executive, as far as one may know them."""
    try:
        return {each.mentee_id: each.subsidiary for each in await Editions(page.applications).participations(id)}
    except Refusal:
        return {}


async def _chosen(page: Signed, id: str, run: str, number: int) -> Content:
    """The page of one change. Raises ``Refusal`` 404 where the proposal has none of this number."""
    content = await _content(page, id, run)
    one: Report = content["one"]
    if not 1 <= number <= len(one.relaxations) or not one.draft:
        raise Refusal(404, "not-found", "")
    change, said = content["relaxations"][number - 1]
    name = page.text(
        "Loosened %(day)s, %(time)s", day=page.formats.day(page.now().date()), time=page.formats.clock(page.now())
    )
    more: Content = {"change": change, "said_of": said, "at": number, "places": None, "name": name}
    if change.kind not in words.OF_POLICY:
        more["places"] = whole_number(change.value or "", 1, _MOST) or await _places(page, id, change)
    return {**content, **more}


async def _places(page: Signed, id: str, change: Relaxation) -> int:
    """One place more than is laid down for the mentor, or than the one that everybody offers."""
    laid_down = (await matching(page).overrides(id)).value
    given = [
        one.places for one in laid_down if one.stands and one.places is not None and one.mentor_id == change.mentor_id
    ]
    return (given[-1] if given else 1) + 1


def _said(page: Signed, who: Known, change: Relaxation) -> str:
    text = words.RELAXATIONS.get(change.kind)
    return page.text(text, mentor=who.name(change.mentor_id), value=change.value or "") if text else change.kind
