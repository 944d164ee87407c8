"""What a service says of itself, so that provisioning, serving and checking need not import its rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI

if TYPE_CHECKING:
    from services.chassis.auth.rules import Rule

TopicKind = Literal["event", "state"]


class CannotStart(Exception):
    """Something that a service needs before it can start is missing; the message says what, and how to get it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the service that owns it.

    ``event`` topics are kept for ever and never compacted; ``state`` topics hold the newest state per key.
    """

    name: str
    kind: TopicKind
    partitions: int = 6


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a collection needs; ``partial`` is MongoDB's partialFilterExpression.

    ``expires_after`` are the seconds after its date at which a document is swept away, within a minute or so.
    """

    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    partial: Mapping[str, Any] | None = None
    expires_after: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service's manifest, found through the entry-point group ``tandem.services``.

    ``owns`` are the topics it publishes to; ``consumes`` the names of those it subscribes to.
    ``indexes`` maps a collection to its indexes. ``aggregates`` are the collections whose documents
    carry ``sequence`` and ``outbox``. ``projections`` are the collections that carry fences,
    ``folds`` the topics that are folded into them.
    ``rules`` say of each of its routes who may use it.
    ``app`` makes the ASGI application; calling it reads the settings.
    """

    name: str
    app: Callable[[], FastAPI]
    owns: Sequence[Topic] = ()
    consumes: Sequence[str] = ()
    indexes: Mapping[str, Sequence[Index]] = field(default_factory=dict)
    aggregates: Sequence[str] = ()
    projections: Sequence[str] = ()
    folds: Sequence[str] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)

    @property
    def topics(self) -> tuple[str, ...]:
        """The names of all topics the service publishes or subscribes to."""
        return (*(topic.name for topic in self.owns), *self.consumes)
