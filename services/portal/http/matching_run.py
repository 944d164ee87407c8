"""One run of the matching: how far it is, what came of it, its proposal; cancelling, computing anew, undoing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Change, Refusal
from services.portal.clients.matching_questions import Changed
from services.portal.clients.matching_records import Report, Run
from services.portal.http.matching_apart import apart
from services.portal.http.matching_comparison import other_of
from services.portal.http.matching_kept import kept_of
from services.portal.http.matching_shown import (
    Content,
    contradicted,
    known,
    last_change,
    matching,
    people_of,
    rows,
    shown_run,
)
from services.portal.http.page import Signed
from services.portal.pages.refusals import told

_PAGE = 20  # pairs on one page of a proposal
_NAMED = 5  # changes that are named
_STALE = frozenset({409, LOST})
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def routes() -> APIRouter:
    """The router, below the matching of an edition."""
    router = APIRouter()
    router.include_router(_showing())
    router.include_router(_doing())
    router.include_router(_undoing())
    return router


def _showing() -> APIRouter:
    router = APIRouter(prefix="/runs/{run}")

    @router.get("")
    async def one(page: Signed, id: str, run: str, start: int = 0) -> Response:
        content = await shown_run(page, id, run)
        found: Report = content["one"]
        if page.request.headers.get("hx-request") and not found.busy:
            return Response(headers={"HX-Refresh": "true"})  # what was waited for is there: the page changes as a whole
        if found.kind == "rematch" and found.state == "proposed" and found.chosen is None:
            return page.go(f"{content['there']}/rematch")
        return page.show("matching/run.html", **await _shown(page, id, content, max(start, 0)))

    return router


def _doing() -> APIRouter:
    router = APIRouter(prefix="/runs/{run}")

    @router.post("/cancel")
    async def cancel(page: Signed, id: str, run: str) -> Response:
        form = await page.form()
        try:
            await matching(page).do(run, "cancellation", form.change)
        except Refusal as refusal:
            return _moved_on(page, id, run, refusal)
        return page.go(f"/editions/{id}/matching", said=page.text("The computation is cancelled. Nothing has changed."))

    @router.post("/discard")
    async def discard(page: Signed, id: str, run: str) -> Response:
        form = await page.form()
        try:
            await matching(page).do(run, "review", form.change, {"decision": "rejected"})
        except Refusal as refusal:
            return _moved_on(page, id, run, refusal)
        return page.go(f"/editions/{id}/matching", said=page.text("The proposal is discarded. Others stay."))

    @router.post("/again")
    async def again(page: Signed, id: str, run: str) -> Response:
        form, before = await page.form(), (await shown_run(page, id, run))["one"]
        try:
            new = (await matching(page).request(Change(form.command_id), asked_again(before))).value
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return page.go(f"/editions/{id}/matching", said=(await contradicted(page, refusal))["main"])
        here = f"/editions/{id}/matching"
        beside = before.draft and before.kind == "full"
        return page.go(f"{here}/comparison?a={run}&b={new.run_id}" if beside else f"{here}/runs/{new.run_id}")

    return router


def _undoing() -> APIRouter:
    router = APIRouter()

    @router.post("/undo")
    async def undo(page: Signed, id: str) -> Response:
        form = await page.form()
        back = f"/editions/{id}/matching" + (f"/runs/{form['run']}" if _ID.fullmatch(form["run"]) else "")
        try:
            await matching(page).undo(id, form.change)
        except Refusal as refusal:
            if refusal.status not in _STALE and refusal.kind != "own-case":
                raise
            if refusal.status == LOST:
                return page.go(back, said=page.text("Somebody laid down something else meanwhile. Nothing was done."))
            return page.go(back, said=(await contradicted(page, refusal))["main"])
        return page.go(back, said=page.text("The last change is taken back. Compute anew to see what it brings."))

    return router


async def _shown(page: Signed, id: str, content: Content, start: int) -> Content:
    """What the page of a run shows: its proposal, a part of the pairs, and what is new since."""
    one: Report = content["one"]
    changes = await _changes(page, one)
    laid = await matching(page).overrides(id)
    undoable = next((each for each in laid.value if each.undone_next), None)
    sides = await apart(page, one)
    part = one.pairs[start : start + _PAGE]
    staff = [one.requested_by, one.published_by, one.preview.by if one.preview else None]
    reviewed = [one.review.reviewed_by] if one.review else []
    ids = [*people_of(part), *staff, *reviewed, *(each.person_id for each in changes[:_NAMED])]
    about = [undoable.mentor_id, undoable.mentee_id, undoable.changed_by] if undoable else []
    who = await known(page, [*ids, *about, *(each.mentor_id for each in one.mentors_left_out)])
    return {
        **content,
        "who": who,
        "rows": rows(page, one, part, who),
        "start": start,
        "following": start + _PAGE if start + _PAGE < len(one.pairs) else None,
        "objections": len(sides.objected),
        "vetoed": {veto.mentee_id for veto in one.objections} | {pair.mentee_id for pair in sides.objected},
        "ruled_out": {pair.mentee_id for pair in sides.ruled_out},
        "impossible": {pair.mentee_id: sides.why(page, who, pair) for pair in sides.impossible},
        "unpublished": sum(pair.outcome == "conflict" for pair in one.pairs),
        "changes": changes,
        "named": _NAMED,
        "concerned": len({mentee for each in changes for mentee in each.mentee_ids}),
        "undoable": last_change(page, who, undoable) if undoable else "",
        "laid_down_version": laid.version,
        "kept": kept_of(one, sides),
        "other": other_of(content["runs"], one),
        "as_of": page.now(),
    }


async def _changes(page: Signed, one: Report) -> Sequence[Changed]:
    """What is known otherwise since a draft was computed; those come first whose pairs it concerns."""
    if not one.draft or one.certificate is None:
        return ()
    found = await matching(page).changes(one.run_id)
    return sorted(found, key=lambda each: not each.mentee_ids)


def _moved_on(page: Signed, id: str, run: str, refusal: Refusal) -> Response:
    """Back to a run on which something else happened meanwhile."""
    if refusal.status not in _STALE:
        raise refusal
    said = page.text("This proposal has moved on meanwhile. Nothing was done by you.")
    back = f"/editions/{id}/matching/runs/{run}"
    return page.go(back, said=said if refusal.status == LOST else told(refusal, page.language))


def asked_again(before: Run) -> dict[str, object]:
    """What is asked of a run that is to be like another one, on what is known by now."""
    policy = before.policy.policy_id if before.policy else "standard"
    return {"edition_id": before.edition_id, "policy_id": policy, "seed": before.seed, "kind": before.kind}
