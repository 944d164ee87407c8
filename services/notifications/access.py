"""Who may do what in `notifications`: a rule for each route, and what a rule leaves to the record.

A delivery says of one person when what was mailed to them; its text is nowhere.
"""

from __future__ import annotations

from typing import Any

from services.chassis.auth.rules import Permit, Rules, roles
from services.notifications.domain import Delivery

_WHOLE_GROUP = roles("group_office", "operator", group_wide=True, also="the recipient")
RULES: Rules = {
    "GET /v1/deliveries": _WHOLE_GROUP,
    "GET /v1/deliveries/{delivery_id}": _WHOLE_GROUP,
}


def deliveries(permit: Permit) -> dict[str, Any]:
    """The query for the deliveries that the caller may see."""
    return {} if permit.scope.everything else {"state.recipient_id": permit.id}


def show(permit: Permit, delivery: Delivery) -> None:
    """Let pass the recipient and those responsible for the whole group. Raises ``Hidden``."""
    permit.show("delivery", delivery.delivery_id, [None], own=[delivery.recipient_id])
