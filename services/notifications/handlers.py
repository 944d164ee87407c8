"""One function per event and result of `notifications`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.clock import Clock
from services.chassis.envelope import Event
from services.chassis.errors import Poison
from services.chassis.ids import derived_id
from services.chassis.logging import get_logger
from services.chassis.timers import Timers
from services.notifications import contracts, domain, store

log = get_logger(__name__)
Deliveries = Repository[domain.Delivery, domain.Event]
KIND = "delivery"  # of the timers: a delivery is to be attempted
_ACTOR = "notifications"


@dataclass(frozen=True, slots=True)
class Handlers:
    """What `notifications` does, over its deliveries and their timers."""

    deliveries: Deliveries
    timers: Timers
    beginning: store.Beginning
    clock: Clock

    async def follow_pair(self, event: Event, data: contracts.PairMatched | contracts.PairEnded) -> None:
        """Tell of a pair, or stop telling of it. Raises ``Poison``."""
        match data:
            case contracts.PairMatched():
                await self.tell_pair(event, data)
            case contracts.PairEnded():
                await self.forget_pair(event, data)

    async def tell_pair(self, event: Event, matched: contracts.PairMatched) -> None:
        """Mentor and executive each get a message about the other; once, however often the event is delivered.

        Raises ``Poison`` for a pair that names itself otherwise than its subject does.
        """
        if matched.pair_id != event.subject:
            raise Poison("invalid_data", "pair_id is not the subject")
        roles = {"mentor": (matched.mentor_id, matched.mentee_id), "mentee": (matched.mentee_id, matched.mentor_id)}
        for role, (recipient_id, partner_id) in roles.items():
            await self._intend(event, matched, role, recipient_id, partner_id)

    async def forget_pair(self, event: Event, ended: contracts.PairEnded) -> None:
        """Of a pair that has ended nobody is told any more: what waits to be sent is not sent.

        A message that is being sent at this moment goes out. Raises ``Poison`` as ``tell_pair`` does.
        """
        if ended.pair_id != event.subject:
            raise Poison("invalid_data", "pair_id is not the subject")
        for delivery_id in await store.waiting(self.deliveries.collection, ended.pair_id):
            delivery = (await self.suppress(delivery_id, domain.Reason.PAIR_ENDED)).state
            log.info("delivery_suppressed", delivery_id=delivery_id, reason=delivery.reason)

    async def _intend(
        self, event: Event, matched: contracts.PairMatched, role: str, recipient_id: str, partner_id: str
    ) -> None:
        template = domain.PAIR_PUBLISHED
        delivery = domain.Delivery(
            delivery_id=derived_id("delivery", event.id, recipient_id, template),
            event_id=event.id,
            template=template,
            recipient_id=recipient_id,
            partner_id=partner_id,
            role=role,
            pair_id=matched.pair_id,
            edition_id=matched.edition_id,
            happened_at=_happened_at(event, matched),
            intended_at=self.clock.now(),
        )
        since = await self.beginning.noted()

        def decide(state: domain.Delivery | None) -> Sequence[domain.Event]:
            return domain.intend(state, delivery, mailing_since=since)

        command = Command(actor=event.actor, traceparent=event.traceparent)
        loaded = await self.deliveries.handle(delivery.delivery_id, decide, command)
        if loaded.state.is_open:  # also where a crash came between the delivery and its timer
            await self.attempt_at(loaded.state, loaded.state.next_attempt_at or loaded.state.intended_at)

    async def attempt_at(self, delivery: domain.Delivery, due: datetime) -> None:
        """Have a delivery attempted at that instant."""
        await self.timers.schedule(delivery.delivery_id, kind=KIND, subject=delivery.delivery_id, due=due)

    async def suppress(self, delivery_id: str, reason: domain.Reason) -> Loaded[domain.Delivery]:
        """Record that the message is not to be sent."""
        now = self.clock.now()
        return await self._record(delivery_id, lambda state: domain.suppress(state, reason, now=now))

    async def sent(self, delivery_id: str, code: int) -> Loaded[domain.Delivery]:
        """Record that the mail server took the message over."""
        now = self.clock.now()
        return await self._record(delivery_id, lambda state: domain.sent(state, code, now=now))

    async def deferred(self, delivery_id: str, code: int, *, attempt: int) -> Loaded[domain.Delivery]:
        """Record that attempt number ``attempt`` was put off, and have the next one made."""
        now = self.clock.now()
        loaded = await self._record(delivery_id, lambda state: domain.deferred(state, code, attempt=attempt, now=now))
        if loaded.state.next_attempt_at:
            await self.attempt_at(loaded.state, loaded.state.next_attempt_at)
        return loaded

    async def unconfirmed(self, delivery_id: str, *, attempt: int) -> Loaded[domain.Delivery]:
        """Record that the relay left it open whether it took the message over; one more attempt is made."""
        now = self.clock.now()
        loaded = await self._record(delivery_id, lambda state: domain.unconfirmed(state, attempt=attempt, now=now))
        if loaded.state.next_attempt_at:
            await self.attempt_at(loaded.state, loaded.state.next_attempt_at)
        return loaded

    async def fail(self, delivery_id: str, reason: domain.Reason, code: int | None = None) -> Loaded[domain.Delivery]:
        """Record that the message was given up."""
        now = self.clock.now()
        return await self._record(delivery_id, lambda state: domain.fail(state, reason, code, now=now))

    async def _record(
        self, delivery_id: str, decide: Callable[[domain.Delivery], Sequence[domain.Event]]
    ) -> Loaded[domain.Delivery]:
        return await self.deliveries.change(delivery_id, decide, Command(actor=_ACTOR))


def _happened_at(event: Event, matched: contracts.PairMatched) -> datetime:
    """The event's own time; the data's where it has none, or one that only RFC 3339 knows (a leap second)."""
    try:
        return datetime.fromisoformat(event.time or "")
    except ValueError:
        return matched.matched_at
