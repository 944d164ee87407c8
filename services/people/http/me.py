"""The routes of oneself: what is known of one, what one says, and how one wants to be written to."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.http import Changing, Permitted, tagged
from services.people.handlers import PersonHandlers
from services.people.http.bodies import DeclareProfile, Prefer
from services.people.http.views import MeView, me


def routes(handlers: PersonHandlers) -> APIRouter:
    """The router over the caller's own person."""
    router = APIRouter(prefix="/me", tags=["me"])

    @router.get("")
    async def show_me(permit: Permitted, response: Response) -> MeView:
        """Oneself; 404 for a service account, which is no person."""
        return me(tagged(response, await handlers.persons.get(permit.id)))

    @router.patch("/profile")
    async def declare_profile(body: DeclareProfile, command: Changing, response: Response) -> MeView:
        """Say of oneself what one knows, wishes, speaks; from then on no roster overwrites it."""
        return me(tagged(response, await handlers.declare_profile(body.said(), command)))

    @router.patch("/preferences")
    async def prefer(body: Prefer, command: Changing, response: Response) -> MeView:
        """Choose the language and the hours of messages."""
        return me(tagged(response, await handlers.prefer(body.said(), command)))

    return router
