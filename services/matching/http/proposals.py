"""The routes for members of proposed pairs: seeing the own one before it is published, and objecting to it."""

from __future__ import annotations

from fastapi import APIRouter

from services.chassis import mongo
from services.chassis.http import Creating, Permitted
from services.matching import access, store
from services.matching.handlers import Handlers
from services.matching.http.proposed_views import ShownPairView, own_pairs, shown_to
from services.matching.http.run_bodies import RaiseVeto


def routes(handlers: Handlers) -> APIRouter:
    """The router over what members see and say."""
    router = APIRouter(tags=["proposals"])
    runs = handlers.runs.runs

    @router.get("/proposals")
    async def list_proposals(permit: Permitted) -> list[ShownPairView]:
        """The caller's own pairs that are shown before they are published: of an edition those shown last.

        Nobody is shown a pair that was ruled out, or objected to before it was shown.
        """
        with mongo.unavailable():
            found = await runs.collection.find(store.shown_to(permit.id)).to_list(None)
        states = [runs.loaded(document).state for document in found]
        newest = await store.previewed(runs.collection, sorted({state.edition_id for state in states}))
        states = [one for one in states if newest.get(one.edition_id, ())[:1] == (one.run_id,)]
        companies = await handlers.candidates.companies()
        stated = {id: await handlers.overrides.of_edition(id) for id in {state.edition_id for state in states}}
        return [pair for one in states for pair in shown_to(one, permit.id, companies, stated[one.edition_id])]

    @router.post("/runs/{run_id}/vetoes", status_code=201)
    async def raise_veto(run_id: str, body: RaiseVeto, creating: Creating, permit: Permitted) -> ShownPairView:
        """Object to the own pair, with a reason that those read who match; it will not be published."""
        access.shown_run(permit, (await runs.get(run_id)).state, body.mentee_id)
        loaded = await handlers.runs.veto(run_id, body.mentee_id, body.reason, creating.command)
        stated = await handlers.overrides.of_edition(loaded.state.edition_id)
        own = own_pairs(loaded.state, permit.id, await handlers.candidates.companies(), stated)
        return next(one for one in own if one.mentee_id == body.mentee_id)

    return router
