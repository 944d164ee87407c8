"""A delivery: one message to one person because of one event. Pure; time and ids come in as arguments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

PAIR_PUBLISHED = "pair_published"  # the one template so far
GIVE_UP_AFTER = timedelta(days=3)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
_UNCONFIRMED_PAUSE = timedelta(minutes=15)
FIRST_SESSION_WITHIN = timedelta(days=14)  # the date by which a new pair should have agreed on a session


class State(StrEnum):
    """Of a delivery: to be sent, sent, given up, or never to be sent."""

    INTENDED = "intended"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Reason(StrEnum):
    """Why a message was not sent."""

    OLDER_THAN_START = "older_than_start"  # suppressed: it happened before this service first started
    PERSON_GONE = "person_gone"  # suppressed: the recipient has left or was erased
    PARTNER_GONE = "partner_gone"  # suppressed: the one it is about has left or was erased
    PAIR_ENDED = "pair_ended"  # suppressed: the pair it tells of has ended before it could be sent
    REFUSED = "refused"  # failed: the mail server refuses it for good
    NO_ADDRESS = "no_address"  # failed: the roster knows no address of the recipient
    UNUSABLE_ADDRESS = "unusable_address"  # failed: no mail server could take it
    UNWRITABLE = "unwritable"  # failed: no message can be made of what is known
    UNCONFIRMED = "unconfirmed"  # failed: the mail server took it twice without saying so; it may have arrived
    GIVEN_UP = "given_up"  # failed: temporary failures for too long


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to ``recipient_id`` about ``partner_id``; ``last_code`` is the mail server's last answer.

    ``unconfirmed`` counts attempts of which nobody knows whether the message arrived.
    ``happened_at`` is when the event happened, ``next_attempt_at`` when a deferred message is tried again.
    """

    delivery_id: str
    event_id: str
    template: str
    recipient_id: str
    partner_id: str
    role: str
    pair_id: str
    edition_id: str
    happened_at: datetime
    intended_at: datetime
    state: State = State.INTENDED
    reason: Reason | None = None
    attempts: int = 0
    last_code: int | None = None
    unconfirmed: int = 0
    next_attempt_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be sent."""
        return self.state is State.INTENDED


@dataclass(frozen=True, slots=True)
class DeliveryIntended:
    """The message is to be sent."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class DeliverySuppressed:
    """The message is not to be sent, ever."""

    delivery: Delivery
    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class DeliverySent:
    """The mail server took the message over."""

    delivery: Delivery
    code: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryDeferred:
    """The mail server asks to try again later; without a code it left open whether it took the message over."""

    delivery: Delivery
    code: int | None
    next_attempt_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """The message was given up; somebody should look."""

    delivery: Delivery
    reason: Reason
    code: int | None
    at: datetime


Event = DeliveryIntended | DeliverySuppressed | DeliverySent | DeliveryDeferred | DeliveryFailed


def intend(state: Delivery | None, delivery: Delivery, *, mailing_since: datetime) -> list[Event]:
    """The message is to be sent; the same delivery again changes nothing.

    What happened before ``mailing_since`` is recorded as suppressed: nobody is mailed about the past.
    """
    if state:
        return []
    if delivery.happened_at < mailing_since:
        return [DeliverySuppressed(delivery, Reason.OLDER_THAN_START, delivery.intended_at)]
    return [DeliveryIntended(delivery)]


def suppress(state: Delivery, reason: Reason, *, now: datetime) -> list[Event]:
    """Whoever has left, or is a pair no more, gets no mail; what is settled stays."""
    return [DeliverySuppressed(state, reason, now)] if state.is_open else []


def sent(state: Delivery, code: int, *, now: datetime) -> list[Event]:
    """The mail server took it over; that counts, whatever another attempt came to."""
    return [] if state.state is State.SENT else [DeliverySent(state, code, now)]


def deferred(state: Delivery, code: int, *, attempt: int, now: datetime) -> list[Event]:
    """Attempt number ``attempt`` (from 1) was put off: again after a growing pause, until it is given up.

    An attempt that is recorded already changes nothing.
    """
    if not state.is_open or attempt != state.attempts + 1:
        return []
    if is_given_up(state, now):
        return [DeliveryFailed(state, Reason.GIVEN_UP, code, now)]
    pause = min(_FIRST_PAUSE * 2 ** min(state.attempts, 20), _LONGEST_PAUSE)
    return [DeliveryDeferred(state, code, now + pause)]


def unconfirmed(state: Delivery, *, attempt: int, now: datetime) -> list[Event]:
    """The mail server got the whole message and did not say what became of it: once more, and not a third time.

    It may be slow to answer, and each attempt may arrive.
    """
    if not state.is_open or attempt != state.attempts + 1:
        return []
    if state.unconfirmed:
        return [DeliveryFailed(state, Reason.UNCONFIRMED, None, now)]
    return [DeliveryDeferred(state, None, now + _UNCONFIRMED_PAUSE)]


def fail(state: Delivery, reason: Reason, code: int | None, *, now: datetime) -> list[Event]:
    """The message cannot be delivered; what is settled stays."""
    return [DeliveryFailed(state, reason, code, now)] if state.is_open else []


def is_given_up(state: Delivery, now: datetime) -> bool:
    """Whether a message that failed once more has been tried for long enough."""
    return now - state.intended_at >= GIVE_UP_AFTER


def evolve(state: Delivery | None, event: Event) -> Delivery:
    """The delivery after an event."""
    now = state or event.delivery
    match event:
        case DeliveryIntended(delivery):
            return delivery
        case DeliverySuppressed(_, reason, at):
            return replace(now, state=State.SUPPRESSED, reason=reason, next_attempt_at=None, settled_at=at)
        case DeliverySent(_, code, at):
            tried = replace(now, attempts=now.attempts + 1, last_code=code, next_attempt_at=None)
            return replace(tried, state=State.SENT, reason=None, settled_at=at)
        case DeliveryDeferred(_, code, again):
            doubtful = now.unconfirmed + (code is None)
            tried = replace(now, attempts=now.attempts + 1, last_code=code or now.last_code, next_attempt_at=again)
            return replace(tried, unconfirmed=doubtful)
        case DeliveryFailed(_, reason, code, at):
            tried = replace(now, attempts=now.attempts + (code is not None), last_code=code or now.last_code)
            return replace(tried, state=State.FAILED, reason=reason, next_attempt_at=None, settled_at=at)
