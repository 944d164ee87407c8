"""One ordinary delivery, for tests of what may become of it and how it reads."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.domain import PAIR_PUBLISHED, Delivery

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
DELIVERY = Delivery(
    delivery_id="d",
    event_id="e",
    template=PAIR_PUBLISHED,
    recipient_id="m",
    partner_id="x",
    role="mentor",
    pair_id="p",
    edition_id="2026",
    happened_at=NOW,
    intended_at=NOW,
)
