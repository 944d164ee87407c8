"""A new order after changes: proposals that leave all, all but one or all but three tandems alone, to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.matching_records import Alternative, Report
from services.portal.http.editions_shown import whole_number
from services.portal.http.matching_shown import Content, Known, contradicted, known, matching, shown_run
from services.portal.http.page import Elsewhere, Signed
from services.portal.pages.refusals import told

_NAMED = 20  # tandems of an alternative that are named
_MOST = 1_000_000  # changes that anybody could ask for


@dataclass(frozen=True, slots=True)
class Way:
    """One alternative: its tandems that are new as (executive, mentor now or empty, mentor then), and how many more."""

    one: Alternative
    rows: tuple[tuple[str, str, str], ...]
    more: int


def routes() -> APIRouter:
    """The router, below one run."""
    router, template = APIRouter(prefix="/rematch"), "matching/rematch.html"

    @router.get("")
    async def ask(page: Signed, id: str, run: str) -> Response:
        return page.show(template, **await _content(page, id, run))

    @router.post("")
    async def choose(page: Signed, id: str, run: str) -> Response:
        form, content = await page.form(), await _content(page, id, run)
        changes = whole_number(form["changes"], 0, _MOST)
        if changes is None:
            return page.again(template, form, {"main": page.text("Choose one of the proposals")}, **content)
        try:
            await matching(page).do(run, "choice", form.change, {"changes": changes})
        except Refusal as refusal:
            if refusal.status == LOST:
                return page.go(f"{content['there']}/rematch", said=told(refusal, page.language))
            if refusal.status not in {409, 422}:
                raise
            return page.again(template, form, await contradicted(page, refusal), **content)
        said = page.text("Chosen. Until you show or publish it, you can choose another one.")
        return page.go(content["there"], said=said)

    return router


async def _content(page: Signed, id: str, run: str) -> Content:
    """The alternatives. Raises ``Elsewhere`` where there is nothing to choose, or not any more."""
    content = await shown_run(page, id, run)
    one: Report = content["one"]
    if one.kind != "rematch" or one.state != "proposed":
        raise Elsewhere(content["there"])
    standing = await _standing(page, id, one)
    pairs = [pair for way in one.alternatives for pair in way.changed[:_NAMED]]
    ids = [id for pair in pairs for id in (pair.mentee_id, pair.mentor_id, standing.get(pair.ends or ""))]
    who = await known(page, ids)
    return {**content, "ways": [_way(way, standing, who) for way in one.alternatives], "as_of": page.now()}


async def _standing(page: Signed, id: str, one: Report) -> Mapping[str, str]:
    """The mentors of the tandems that would give way, by the tandem's id."""
    ending = {pair.ends for way in one.alternatives for pair in way.changed[:_NAMED] if pair.ends}
    if not ending:
        return {}
    return {pair.pair_id: pair.mentor_id for pair in await matching(page).pairs(id) if pair.pair_id in ending}


def _way(one: Alternative, standing: Mapping[str, str], who: Known) -> Way:
    shown = one.changed[:_NAMED]
    rows = [(who.name(pair.mentee_id), _now(standing, pair.ends, who), who.name(pair.mentor_id)) for pair in shown]
    return Way(one, tuple(rows), len(one.changed) - len(shown))


def _now(standing: Mapping[str, str], pair_id: str | None, who: Known) -> str:
    return who.name(standing.get(pair_id)) if pair_id else ""
