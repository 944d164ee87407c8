"""The routes of what people lay down for an edition's pairs: blocked, forced, and how many places a mentor has."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.errors import NotFound
from services.chassis.http import Changing, Creating, Permitted, tagged
from services.chassis.rules import refusing
from services.matching import access
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.rules import RuleBroken
from services.matching.handlers import Handlers
from services.matching.http.override_bodies import LayDown, Undo, Withdraw
from services.matching.http.override_views import OverridesView, OverrideView, of_override


def routes(handlers: Handlers) -> APIRouter:
    """The router over overrides."""
    router = APIRouter(prefix="/editions/{edition_id}/overrides", tags=["overrides"])
    _laying_down(router, handlers)
    _taking_back(router, handlers)
    return router


def _laying_down(router: APIRouter, handlers: Handlers) -> None:
    @router.get("")
    async def list_overrides(edition_id: str, permit: Permitted, response: Response) -> list[OverrideView]:
        """All overrides of an edition, oldest first, those withdrawn included; the ETag is of all of them."""
        await _must_run(handlers, permit, edition_id)
        loaded = await handlers.overrides.overrides.find(edition_id)
        if loaded is None and await handlers.candidates.edition(edition_id) is None:
            raise NotFound(f"There is no edition {edition_id}.")
        return _all(response, permit, loaded) if loaded else []

    @router.post("", status_code=201)
    async def lay_down_override(
        edition_id: str, body: LayDown, creating: Creating, permit: Permitted, response: Response
    ) -> OverrideView:
        """Block or force a pair, or say how many places a mentor has; refused where it contradicts what stands."""
        await _must_run(handlers, permit, edition_id)
        access.set_override(permit, edition_id, body.mentor_id, body.mentee_id)
        with refusing(RuleBroken):
            wanted = body.override(creating.id, by=permit.id, at=handlers.clock.now())
        loaded = await handlers.overrides.lay_down(edition_id, wanted, creating.command)
        response.headers["Location"] = f"/v1/editions/{edition_id}/overrides"
        return _one(response, permit, loaded, creating.id)


def _taking_back(router: APIRouter, handlers: Handlers) -> None:
    @router.post("/undo")
    async def undo_override(
        edition_id: str, body: Undo, command: Changing, permit: Permitted, response: Response
    ) -> OverridesView:
        """Take the last change of these overrides back; again, the one before; declared conflicts are passed over."""
        await _must_run(handlers, permit, edition_id)
        known = await handlers.overrides.of_edition(edition_id)
        _must_not_concern(permit, known, known.undoable[-1:])
        now = _all(response, permit, await handlers.overrides.undo(edition_id, command))
        return OverridesView(edition_id=edition_id, overrides=tuple(now))

    @router.post("/{override_id}/withdrawal")
    async def withdraw_override(
        edition_id: str, override_id: str, body: Withdraw, command: Changing, permit: Permitted, response: Response
    ) -> OverrideView:
        """Withdraw an override: from then on it does not hold."""
        await _must_run(handlers, permit, edition_id)
        _must_not_concern(permit, await handlers.overrides.of_edition(edition_id), (override_id,))
        loaded = await handlers.overrides.withdraw(edition_id, override_id, command, reason=body.reason)
        return _one(response, permit, loaded, override_id)


async def _must_run(handlers: Handlers, permit: Permit, edition_id: str) -> None:
    await access.run_edition(permit, handlers.candidates, edition_id, what="edition", id=edition_id)


def _must_not_concern(permit: Permit, known: Overrides, ids: tuple[str, ...]) -> None:
    for one in known.items:
        if one.override_id in ids:
            access.set_override(permit, known.edition_id, one.mentor_id, one.mentee_id)


def _all(response: Response, permit: Permit, loaded: Loaded[Overrides]) -> list[OverrideView]:
    state = tagged(response, loaded).state
    return [_shown(permit, state, one) for one in state.items]


def _one(response: Response, permit: Permit, loaded: Loaded[Overrides], override_id: str) -> OverrideView:
    state = tagged(response, loaded).state
    return _shown(permit, state, state.one(override_id))


def _shown(permit: Permit, state: Overrides, one: Override) -> OverrideView:
    return of_override(state, one, why=access.sees_why_not(permit, one))
