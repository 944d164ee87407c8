"""The dispatch: what is due is written, sent and recorded, in this order.

A crash between the relay's acceptance and the record sends the message once more, under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis import metrics
from services.chassis.errors import Transient
from services.chassis.logging import get_logger
from services.chassis.timers import Timer, TimerWorker
from services.notifications import domain, store
from services.notifications.handlers import Handlers
from services.notifications.mail import (
    Answer,
    Composer,
    Letter,
    Mailer,
    MailRelayAway,
    Unconfirmed,
    Unwritable,
    Verdict,
    is_usable,
)

log = get_logger(__name__)
LOOP = "dispatch"
_OUTCOMES = ("sent", "deferred", "failed", "suppressed", "waiting")
SECONDS = 1.0  # between two looks that nothing asked for
AT_ONCE = 4  # deliveries


class StillUnknown(Transient):
    """Name, address or language of one of the two has not arrived yet; topics come in any order."""

    kind = "person-unknown"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Attempts deliveries; several processes doing so share them by their timers' claims."""

    handlers: Handlers
    people: store.People
    composer: Composer
    mailer: Mailer

    def __post_init__(self) -> None:
        for outcome in _OUTCOMES:
            metrics.DELIVERIES.labels(outcome)

    async def turn(self, worker: TimerWorker) -> None:
        """Attempt what is due. From the first turn on this service mails."""
        await self.handlers.beginning.noted()
        try:
            await worker.work()
        finally:
            await self.mailer.rest()

    async def attempt(self, timer: Timer) -> None:
        """Attempt one delivery; one that is settled is left alone.

        Raises ``StillUnknown`` and ``MailRelayAway``, which mean later again, until it is given up.
        """
        delivery = (await self.handlers.deliveries.get(timer.subject)).state
        if not delivery.is_open:
            return
        if delivery.next_attempt_at and delivery.next_attempt_at > self.handlers.clock.now():
            await self.handlers.attempt_at(delivery, delivery.next_attempt_at)  # a crash came before this
            return
        try:
            outcome = await self._settled(delivery)
        except (StillUnknown, MailRelayAway):
            if not domain.is_given_up(delivery, self.handlers.clock.now()):
                metrics.DELIVERIES.labels("waiting").inc()
                raise
            outcome = (await self.handlers.fail(delivery.delivery_id, domain.Reason.GIVEN_UP)).state
        _tell(outcome)

    async def _settled(self, delivery: domain.Delivery) -> domain.Delivery:
        """The delivery after this attempt."""
        recipient = await self.people.known(delivery.recipient_id)
        partner = await self.people.known(delivery.partner_id)
        for known, reason in ((recipient, domain.Reason.PERSON_GONE), (partner, domain.Reason.PARTNER_GONE)):
            if known.gone:
                return (await self.handlers.suppress(delivery.delivery_id, reason)).state
        letter = _letter(recipient, partner)
        if unreachable := _why_unreachable(letter.address):
            return (await self.handlers.fail(delivery.delivery_id, unreachable)).state
        try:
            answer = await self.mailer.send(self.composer.compose(delivery, letter), letter.address)
        except Unwritable:
            return (await self.handlers.fail(delivery.delivery_id, domain.Reason.UNWRITABLE)).state
        except Unconfirmed:
            attempt = delivery.attempts + 1
            return (await self.handlers.unconfirmed(delivery.delivery_id, attempt=attempt)).state
        return await self._recorded(delivery, answer)

    async def _recorded(self, delivery: domain.Delivery, answer: Answer) -> domain.Delivery:
        id = delivery.delivery_id
        match answer.verdict:
            case Verdict.TAKEN:
                return (await self.handlers.sent(id, answer.code)).state
            case Verdict.LATER:
                return (await self.handlers.deferred(id, answer.code, attempt=delivery.attempts + 1)).state
            case Verdict.NEVER:
                return (await self.handlers.fail(id, domain.Reason.REFUSED, answer.code)).state


def _why_unreachable(address: str) -> domain.Reason | None:
    if not address:
        return domain.Reason.NO_ADDRESS
    return None if is_usable(address) else domain.Reason.UNUSABLE_ADDRESS


def _letter(recipient: store.Known, partner: store.Known) -> Letter:
    """What the message needs of both. Raises ``StillUnknown``."""
    if not (recipient.person and recipient.contact and partner.contact):
        raise StillUnknown("name, address or language of a person has not arrived yet")
    return Letter(
        name=recipient.contact.name,
        address=recipient.contact.email or "",
        language=recipient.person.language,
        zone=recipient.person.zone,
        partner=partner.contact.name,
    )


def _tell(delivery: domain.Delivery) -> None:
    outcome = "deferred" if delivery.is_open else str(delivery.state)
    metrics.DELIVERIES.labels(outcome).inc()
    said: Mapping[str, object] = {"delivery_id": delivery.delivery_id, "attempts": delivery.attempts}
    log.info(f"delivery_{outcome}", reason=delivery.reason, code=delivery.last_code, **said)
