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
    A changed fold needs a new ``version``.
    """

    name: str
    version: int
    topic: str
    readers: Mapping[str, type[BaseModel]]
    state: TypeAdapter[S]
    fold: Fold[S]
    react: React | None = None

    @property
    def collection(self) -> str:
        """Where its documents lie: per version its own collection."""
        return f"{self.name}_v{self.version}"


def only_react(name: str, topic: str, readers: Mapping[str, type[BaseModel]], react: React) -> Projection[None]:
    """A projection without a state: it keeps the fence and carries out a reaction."""
    return Projection(name, 1, topic, readers, TypeAdapter(None), lambda state, event, data: None, react)
