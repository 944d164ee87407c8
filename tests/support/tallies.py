"""A small aggregate for tests of the chassis: a tally that grows by amounts, its events and their projection.

The projection keeps the amounts in order, so that anything lost, doubled or out of order shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from services.chassis import envelope
from services.chassis.aggregate import AggregateKind
from services.chassis.errors import Poison, Refused
from services.chassis.ids import derived_id
from services.chassis.outbox import Outgoing
from services.chassis.parking import ParkedRecord as Record
from services.chassis.projector import Projection
from services.chassis.projector.projection import React
from services.chassis.wire import Incoming, Strict

COLLECTION = "tallies"
SOURCE = "/tandem/tests"
TYPE = "org.tandem.tally.raised.v1"
STRANGE = "org.tandem.tally.framed.v1"  # a type that no reader here knows
LIMIT = 1_000  # the most that an amount may be where the projection is concerned


@dataclass(frozen=True, slots=True)
class Tally:
    """What has come together, and the place it holds, which others may want too."""

    total: int = 0
    entries: int = 0
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The tally grew; ``note`` is there to make an event large."""

    amount: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """The tally took a place, which is nobody else's business."""

    place: str


TallyEvent = Raised | Placed
Decide = Callable[[Tally | None], Sequence[TallyEvent]]


def evolve(state: Tally | None, event: TallyEvent) -> Tally:
    """The tally after an event."""
    state = state or Tally()
    if isinstance(event, Placed):
        return replace(state, place=event.place)
    return replace(state, total=state.total + event.amount, entries=state.entries + 1)


def raised(*amounts: int, note: str = "") -> Decide:
    """The command that raises a tally by these amounts, one event each."""
    return lambda state: [Raised(amount, note) for amount in amounts]


def placed(place: str) -> Decide:
    """The command that takes a place."""
    return lambda state: [Placed(place)]


class RaisedOut(Strict):
    """The event on its way out."""

    amount: int
    note: str


class RaisedIn(Incoming):
    """The event on its way in."""

    amount: int


def kind(topic: str) -> AggregateKind[Tally, TallyEvent]:
    """Tallies whose growth goes to this topic."""

    def outgoing(event: TallyEvent) -> Outgoing | None:
        if isinstance(event, Placed):
            return None
        return Outgoing(topic, TYPE, RaisedOut(amount=event.amount, note=event.note))

    return AggregateKind("tally", COLLECTION, SOURCE, TypeAdapter(Tally), evolve, outgoing)


@dataclass(frozen=True, slots=True)
class Amounts:
    """A tally as the projection sees it."""

    amounts: tuple[int, ...] = ()


def fold(state: Amounts | None, event: envelope.Event, data: RaisedIn) -> Amounts:
    """Note one more amount; refuses one that is too large, and takes one of zero for poison."""
    if data.amount > LIMIT:
        raise Refused(f"an amount may be {LIMIT} at most")
    if data.amount == 0:
        raise Poison("invalid_data", "an amount of nothing")
    return Amounts((*(state.amounts if state else ()), data.amount))


def projection(topic: str = "tandem.tallies.v1", *, name: str = "seen", react: React | None = None) -> Projection[Any]:
    """The amounts of each tally, from this topic."""
    return Projection(name, 1, topic, {TYPE: RaisedIn}, TypeAdapter(Amounts), fold, react)


def record(
    subject: str,
    sequence: int,
    *,
    amount: int | None = None,
    type: str = TYPE,
    id: str = "",
    offset: int | None = None,
) -> Record:
    """The record of a tally's event; its amount is its sequence where none is given.

    Another ``id`` makes it another event. All records of a subject lie in one partition.
    """
    event = envelope.Event(
        id=id or derived_id(subject, str(sequence)),
        source=SOURCE,
        type=type,
        subject=subject,
        sequence=sequence,
        time="2026-01-05T09:00:00.000Z",
        data=json.dumps({"amount": sequence if amount is None else amount}).encode(),
    )
    value, headers = envelope.write(event)
    place = sequence if offset is None else offset
    return Record("tandem.tallies.v1", len(subject) % 6, place, subject.encode(), value, list(headers))


def records(subject: str, *sequences: int) -> list[Record]:
    """The records of a tally with these sequences."""
    return [record(subject, sequence) for sequence in sequences]


def broken(record: Record, value: bytes | None = b'{"amount":') -> Record:
    """The same record with a value that is no JSON, or another one."""
    return replace(record, value=value)
