"""The routes of `notifications`. Until there is a log-in every caller on this machine may use them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.chassis.aggregate import Loaded
from services.chassis.http import Paged, Permitted, page_of, tagged
from services.chassis.wire import Instant, Strict
from services.notifications import access, domain
from services.notifications.handlers import Deliveries


class DeliveryView(Strict):
    """What became of a message: neither its text nor an address; ``last_code`` is the mail relay's."""

    delivery_id: str
    event_id: str
    template: str
    recipient_id: str
    role: str
    pair_id: str
    edition_id: str
    state: domain.State
    reason: domain.Reason | None
    attempts: int
    last_code: int | None
    intended_at: Instant
    next_attempt_at: Instant | None
    settled_at: Instant | None


def routes(deliveries: Deliveries) -> APIRouter:
    """The router over these deliveries."""
    router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])

    @router.get("")
    async def list_deliveries(
        request: Request,
        response: Response,
        page: Paged,
        permit: Permitted,
        state: Annotated[domain.State | None, Query(description="Only those in this state")] = None,
        pair_id: Annotated[str | None, Query(description="Only those about this pair")] = None,
    ) -> list[DeliveryView]:
        """The deliveries, of a state or a pair if one is named."""
        wanted = {"state.state": state, "state.pair_id": pair_id}
        query = {**{name: value for name, value in wanted.items() if value}, **access.deliveries(permit)}
        documents = await page_of(deliveries.collection, query, page, request, response)
        return [_view(deliveries.loaded(document)) for document in documents]

    @router.get("/{delivery_id}")
    async def show_delivery(delivery_id: str, permit: Permitted, response: Response) -> DeliveryView:
        """One delivery."""
        loaded = await deliveries.get(delivery_id)
        access.show(permit, loaded.state)
        return _view(tagged(response, loaded))

    return router


def _view(loaded: Loaded[domain.Delivery]) -> DeliveryView:
    fields = {name: getattr(loaded.state, name) for name in DeliveryView.model_fields}
    return DeliveryView.model_validate(fields)
