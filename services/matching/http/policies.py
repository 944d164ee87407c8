"""The routes of policies: making one, wording it until a run has used it, and its versions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import Changing, Creating, Paged, Permitted, page_of, tagged
from services.matching import access
from services.matching.domain.policies import BY_ID, KeptPolicy, Owner
from services.matching.domain.policy import STANDARD
from services.matching.handlers import Handlers
from services.matching.http.policy_bodies import AddVersion, ChangePolicy, MakePolicy
from services.matching.http.policy_views import PolicyView, of_built_in, of_policy


def routes(handlers: Handlers) -> APIRouter:
    """The router over policies."""
    router = APIRouter(prefix="/policies", tags=["policies"])
    _looking(router, handlers)
    _making(router, handlers)
    return router


def _looking(router: APIRouter, handlers: Handlers) -> None:
    kept = handlers.policies.policies

    @router.get("")
    async def list_policies(request: Request, response: Response, page: Paged, permit: Permitted) -> list[PolicyView]:
        """The policies of the caller's scope; the standard one stands before the first page, beyond its limit."""
        documents = await page_of(kept.collection, access.policies(permit), page, request, response)
        found = [_view(permit, kept.loaded(document).state) for document in documents]
        return found if page.after else [of_built_in(STANDARD), *found]

    @router.get("/{policy_id}")
    async def show_policy(policy_id: str, permit: Permitted, response: Response) -> PolicyView:
        """One policy; its id is one version's."""
        if built_in := BY_ID.get(policy_id):
            response.headers["ETag"] = '"1"'  # it never changes
            return of_built_in(built_in)
        loaded = await kept.get(policy_id)
        access.show_policy(permit, loaded.state)
        return _tagged(permit, response, loaded)


def _making(router: APIRouter, handlers: Handlers) -> None:
    @router.post("", status_code=201)
    async def make_policy(body: MakePolicy, creating: Creating, permit: Permitted, response: Response) -> PolicyView:
        """Make a policy; until a run that is no trial has used it, it can be worded anew."""
        owner = _owner(body, permit)
        access.make_policy(permit, owner)
        await _seen(handlers, permit, body.based_on)
        loaded = await handlers.policies.create(
            creating.id, creating.command, body.said(), based_on=body.based_on, owner=owner
        )
        return _made(permit, response, loaded)

    @router.put("/{policy_id}")
    async def change_policy(
        policy_id: str, body: ChangePolicy, command: Changing, permit: Permitted, response: Response
    ) -> PolicyView:
        """Word a policy anew that no run has used."""
        await _must_be_mine(handlers, permit, policy_id)
        return _tagged(permit, response, await handlers.policies.change(policy_id, command, body.said()))

    @router.post("/{policy_id}/versions", status_code=201)
    async def add_version(
        policy_id: str, body: AddVersion, creating: Creating, permit: Permitted, response: Response
    ) -> PolicyView:
        """Make a new version of a policy, of the same name and for the same programmes."""
        await _must_be_mine(handlers, permit, policy_id)
        loaded = await handlers.policies.add_version(policy_id, creating.id, creating.command, body.said())
        return _made(permit, response, loaded)


def _owner(body: MakePolicy, permit: Permit) -> Owner:
    """For whom the policy is made; where nobody is named, for all whose programmes the caller manages."""
    if body.group_wide or body.subsidiaries:
        return Owner(body.subsidiaries or (), bool(body.group_wide))
    return Owner(tuple(sorted(permit.scope.subsidiaries)), permit.scope.everything)


async def _seen(handlers: Handlers, permit: Permit, policy_id: str) -> None:
    if policy_id not in BY_ID:
        access.show_policy(permit, (await handlers.policies.policies.get(policy_id)).state)


async def _must_be_mine(handlers: Handlers, permit: Permit, policy_id: str) -> None:
    access.change_policy(permit, (await handlers.policies.kept(policy_id)).state)


def _made(permit: Permit, response: Response, loaded: Loaded[KeptPolicy]) -> PolicyView:
    response.headers["Location"] = f"/v1/policies/{loaded.id}"
    return _tagged(permit, response, loaded)


def _tagged(permit: Permit, response: Response, loaded: Loaded[KeptPolicy]) -> PolicyView:
    return _view(permit, tagged(response, loaded).state)


def _view(permit: Permit, kept: KeptPolicy) -> PolicyView:
    return of_policy(kept, permit.scope.narrowed)
