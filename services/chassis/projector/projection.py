"""What a service says of one projection: its topic, its readers and its fold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter

from services.chassis.envelope import Event

S = TypeVar("S")
Fold = Callable[[S | None, Event, Any], S]
React = Callable[[Event, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Projection(Generic[S]):
    """One document per source aggregate, folded from one topic.

    ``readers`` maps a CloudEvents type to the tolerant model of its data; a type that is missing there
    advances the fence and is counted. ``fold`` is pure and uses event data only, so that a rebuild
    equals the live projection. ``react`` is called for each event, in order and at least once, before
    the fence moves; what it does must be idempotent (an aggregate's ``seen``).
    A changed fold needs a new ``version``. ``before_refill`` is called before the whole topic is delivered once
    more, for a reaction with effects outside that must not be repeated.
    """

    name: str
    version: int
    topic: str
    readers: Mapping[str, type[BaseModel]]
    state: TypeAdapter[S]
    fold: Fold[S]
    react: React | None = None
    before_refill: Callable[[], Awaitable[None]] | None = None

    @property
    def collection(self) -> str:
        """Where the first build of this version lies; another build's collection has a number behind that."""
        return f"{self.name}_v{self.version}"

    @property
    def rebuildable(self) -> bool:
        """Whether it can be built anew beside the live one: a reaction would be carried out twice."""
        return self.react is None


def only_react(name: str, topic: str, readers: Mapping[str, type[BaseModel]], react: React) -> Projection[None]:
    """A projection without a state: it keeps the fence and carries out a reaction."""
    return Projection(name, 1, topic, readers, TypeAdapter(None), lambda state, event, data: None, react)
