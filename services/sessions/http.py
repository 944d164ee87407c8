"""The routes of `sessions`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import Body, Changing, Creating, Paged, Permitted, page_of, tagged
from services.chassis.wire import GivenInstant, Instant, Strict
from services.sessions import access, domain
from services.sessions.handlers import Handlers

Minutes = Annotated[int, Field(ge=domain.MINUTES.start, lt=domain.MINUTES.stop, description="Minutes")]


class PlanSession(Body):
    """A date for a session."""

    planned_for: GivenInstant
    minutes: Minutes = 60


class HoldSession(Body):
    """A session that took place."""

    held_at: GivenInstant
    minutes: Minutes = 60


class CancelSession(Body):
    """Nothing is asked of whoever cancels."""


class SessionView(Strict):
    """One session."""

    session_id: str
    number: int
    planned_for: Instant
    minutes: int
    state: domain.State
    held_at: Instant | None
    cancelled_by: str | None


class WorkspaceView(Strict):
    """The workspace of a pair; ``ended_at`` is when the pair ended, null while it goes on."""

    pair_id: str
    edition_id: str
    mentor_id: str
    mentee_id: str
    mentor_subsidiary: str
    mentee_subsidiary: str
    sessions: tuple[SessionView, ...]
    ended_at: Instant | None


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1/workspaces", tags=["workspaces"])

    @router.get("")
    async def list_workspaces(
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        edition_id: Annotated[str | None, Query()] = None,
    ) -> list[WorkspaceView]:
        """The workspaces, of one edition if it is named."""
        query = access.workspaces(permit)
        if edition_id:
            query = {"state.edition_id": edition_id, **query}
        documents = await page_of(handlers.workspaces.collection, query, page, request, response)
        return [_view(handlers.workspaces.loaded(document)) for document in documents]

    @router.get("/{pair_id}")
    async def show_workspace(pair_id: str, permit: Permitted, response: Response) -> WorkspaceView:
        """The workspace of one pair."""
        return _view(tagged(response, await _seen(handlers, permit, pair_id)))

    @router.post("/{pair_id}/sessions", status_code=201)
    async def plan_session(
        pair_id: str, body: PlanSession, creating: Creating, permit: Permitted, response: Response
    ) -> SessionView:
        """Plan a session."""
        await _seen(handlers, permit, pair_id)
        loaded = await handlers.plan(
            pair_id, creating.command, session_id=creating.id, planned_for=body.planned_for, minutes=body.minutes
        )
        response.headers["Location"] = f"/v1/workspaces/{pair_id}"
        return _session(tagged(response, loaded), creating.id)

    @router.post("/{pair_id}/sessions/{session_id}/cancellation")
    async def cancel_session(
        pair_id: str, session_id: str, body: CancelSession, command: Changing, permit: Permitted, response: Response
    ) -> SessionView:
        """Cancel a planned session."""
        await _seen(handlers, permit, pair_id)
        loaded = await handlers.cancel(pair_id, command, session_id=session_id)
        return _session(tagged(response, loaded), session_id)

    @router.post("/{pair_id}/sessions/{session_id}/holding")
    async def hold_session(
        pair_id: str, session_id: str, body: HoldSession, command: Changing, permit: Permitted, response: Response
    ) -> SessionView:
        """Record that a planned session took place."""
        await _seen(handlers, permit, pair_id)
        loaded = await handlers.hold(
            pair_id, command, session_id=session_id, held_at=body.held_at, minutes=body.minutes
        )
        return _session(tagged(response, loaded), session_id)

    return router


async def _seen(handlers: Handlers, permit: Permit, pair_id: str) -> Loaded[domain.Workspace]:
    """The workspace, if the route's rule lets the caller near it."""
    loaded = await handlers.workspaces.get(pair_id)
    access.show(permit, loaded.state)
    return loaded


def _view(loaded: Loaded[domain.Workspace]) -> WorkspaceView:
    return WorkspaceView.model_validate(loaded.state, from_attributes=True)


def _session(loaded: Loaded[domain.Workspace], session_id: str) -> SessionView:
    session = next(one for one in loaded.state.sessions if one.session_id == session_id)
    return SessionView.model_validate(session, from_attributes=True)
