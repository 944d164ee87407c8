"""The access log of a service: who was denied what, who read what is protected, what operators did, which keys open.

A few aggregates per actor and day, so that each stays small and many accesses at once get by one another;
its events go to ``tandem.access.<service>.v1``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from services.chassis import mongo
from services.chassis.aggregate import AggregateKind, Command, Repository
from services.chassis.clock import Clock
from services.chassis.errors import FieldError, Invalid
from services.chassis.ids import derived_id, random_id
from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict, Text

COLLECTION = "access"
_PARTS = 16  # aggregates per actor and day
LONGEST_REASON = 300  # characters
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Named = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.,:;|/*?=-]{1,200}$")]
Reason = Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_REASON)]


class AccessDenied(Strict):
    """Somebody wanted something that a rule denies them."""

    access_id: str
    resource_kind: Word
    resource_id: Named
    rule: Word
    at: Instant


class AccessRead(Strict):
    """Somebody read a protected record."""

    access_id: str
    resource_kind: Word
    resource_id: Named
    at: Instant


class AccessOperated(Strict):
    """An operator intervened; the reason is the operator's own words."""

    access_id: str
    action: Word
    target: Named
    reason: Reason
    at: Instant


class AccessKeyUsed(Strict):
    """An API key of this account opened the service; told at most once in a quarter of an hour by each process."""

    access_id: str
    account_id: str
    key_id: Word
    at: Instant


DENIED = "org.tandem.access.denied.v1"
READ = "org.tandem.access.read.v1"
OPERATED = "org.tandem.access.operated.v1"
KEY_USED = "org.tandem.access.key-used.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    DENIED: AccessDenied,
    READ: AccessRead,
    OPERATED: AccessOperated,
    KEY_USED: AccessKeyUsed,
}
_TYPES: Mapping[type[BaseModel], str] = {model: type_ for type_, model in PUBLISHES.items()}


@dataclass(frozen=True, slots=True)
class Resource:
    """What somebody wanted: its kind, a lower-case word, and its id; a kind as a whole has the id ``*``."""

    kind: str
    id: str = "*"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often an actor was denied, read and operated on a day, and was seen to use a key."""

    denied: int = 0
    read: int = 0
    operated: int = 0
    keys_used: int = 0


Event = AccessDenied | AccessRead | AccessOperated | AccessKeyUsed


def topic(service: str) -> str:
    """The topic of a service's access log."""
    return f"tandem.access.{service}.v1"


def kind(service: str) -> AggregateKind[Tally, Event]:
    """The access log's aggregates of a service."""

    def outgoing(event: Event) -> Outgoing:
        return Outgoing(topic(service), _TYPES[type(event)], event)

    return AggregateKind("access log", COLLECTION, f"/tandem/{service}", TypeAdapter(Tally), _evolve, outgoing)


def _evolve(state: Tally | None, event: Event) -> Tally:
    tally = state or Tally()
    match event:
        case AccessDenied():
            return replace(tally, denied=tally.denied + 1)
        case AccessRead():
            return replace(tally, read=tally.read + 1)
        case AccessOperated():
            return replace(tally, operated=tally.operated + 1)
        case AccessKeyUsed():
            return replace(tally, keys_used=tally.keys_used + 1)


class AccessLog:
    """Records accesses; under a command's idempotency key the same access once.

    Each method raises ``Unavailable``, ``BacklogFull`` or ``Contended`` where it cannot be recorded: what must be
    on record must not happen then.
    """

    def __init__(
        self, database: mongo.Database, service: str, clock: Clock, *, accepted: Callable[[], None] = lambda: None
    ) -> None:
        self._service = service
        self._clock = clock
        self._log = Repository(database, kind(service), clock=clock, accepted=accepted)

    async def denied(self, command: Command, resource: Resource, rule: str) -> None:
        """Record that a rule denied this to the command's actor."""

        def event(id: str, at: datetime) -> Event:
            return AccessDenied(
                access_id=id, resource_kind=resource.kind, resource_id=_named(resource.id), rule=rule, at=at
            )

        await self._record(command, event)

    async def read(self, command: Command, resource: Resource) -> None:
        """Record that the command's actor reads this; to be called before it is served."""

        def event(id: str, at: datetime) -> Event:
            return AccessRead(access_id=id, resource_kind=resource.kind, resource_id=_named(resource.id), at=at)

        await self._record(command, event)

    async def operated(self, command: Command, action: str, target: str, reason: str) -> None:
        """Record what the command's actor, an operator, does to what, and why (1 to 300 characters).

        Raises ``Invalid`` where the reason is missing, longer or not printable.
        """
        said = _reason(reason)

        def event(id: str, at: datetime) -> Event:
            return AccessOperated(access_id=id, action=action, target=_named(target), reason=said, at=at)

        await self._record(command, event)

    async def key_used(self, account_id: str, key_id: str) -> None:
        """Record that a key of this account, the actor, opened the service."""

        def event(id: str, at: datetime) -> Event:
            return AccessKeyUsed(access_id=id, account_id=account_id, key_id=key_id, at=at)

        await self._record(Command(actor=account_id), event)

    async def _record(self, command: Command, event: Callable[[str, datetime], Event]) -> None:
        if command.actor is None:
            raise ValueError("an access without an actor cannot be recorded")
        now = self._clock.now()
        part = str(int(hashlib.sha256((command.key or random_id()).encode()).hexdigest(), 16) % _PARTS)
        id = derived_id("access", self._service, command.actor, now.date().isoformat(), part)
        made = event(id, now)
        await self._log.handle(id, lambda state: [made], _bare(command, made))


def _named(id: str) -> str:
    """An id in the form in which it goes on record; of an odd one what can be shown, so that it is on record too."""
    return _ODD.sub("?", id)[:200] or "?"


def _reason(text: str) -> str:
    try:
        return _REASON.validate_python(text.strip())
    except ValidationError as error:
        detail = f"Give a reason of 1 to {LONGEST_REASON} printable characters."
        raise Invalid(detail, fields=[FieldError("/reason", detail)]) from error


_ODD = re.compile(r"[^A-Za-z0-9_.,:;|/*?=-]")
_REASON: TypeAdapter[str] = TypeAdapter(Reason)


def _bare(command: Command, made: Event) -> Command:
    """The circumstances without what belongs to the aggregate that was asked for: its version, its fence.

    The key stands for one access in one request, whatever other request came under it.
    """
    what = (_TYPES[type(made)], made.model_dump_json(exclude={"at"}))
    key = derived_id(command.key, command.fingerprint or "", *what) if command.key else None
    return Command(command.actor, key=key, fingerprint=key, traceparent=command.traceparent)
