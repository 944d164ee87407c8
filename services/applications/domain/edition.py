"""Editions: a year's programme for a circle of subsidiaries, and its one call for mentors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.applications.domain.rules import RuleBroken


class EditionExists(RuleBroken):
    """The edition was opened before."""

    kind = "edition-exists"


class DatesContradict(RuleBroken):
    """A date that cannot hold together with the others; ``field`` names it."""

    kind = "dates-contradict"
    status = 422

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class EditionOver(RuleBroken):
    """The last day of the edition has passed."""

    kind = "edition-over"


class CallExists(RuleBroken):
    """An edition has one call, which was opened before."""

    kind = "call-exists"


@dataclass(frozen=True, slots=True)
class Call:
    """The call for mentors; open until ``closes_at``, that instant excluded."""

    reference_date: date
    maximum_age: int
    languages: tuple[str, ...]
    closes_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Edition:
    """A year's programme; ``ends_on`` is its last day."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    opened_at: datetime
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class OpenEdition:
    """Open an edition for these subsidiaries."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenCall:
    """Open the call: who has completed at most ``maximum_age`` years on ``reference_date`` may apply."""

    reference_date: date
    maximum_age: int
    languages: tuple[str, ...]
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class EditionOpened:
    """An edition was opened."""

    edition_id: str
    name: str
    starts_on: date
    ends_on: date
    subsidiaries: tuple[str, ...]
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class CallOpened:
    """The call of an edition was opened."""

    edition_id: str
    reference_date: date
    maximum_age: int
    languages: tuple[str, ...]
    closes_at: datetime
    opened_at: datetime


Event = EditionOpened | CallOpened


def is_over(ends_on: date, at: datetime) -> bool:
    """Whether an edition's last day has passed, counted in UTC."""
    return at.date() > ends_on


def open_edition(state: Edition | None, command: OpenEdition, *, at: datetime) -> list[Event]:
    """Open an edition. Raises ``EditionExists``, ``DatesContradict``, ``EditionOver``."""
    if state:
        raise EditionExists(f"This edition was opened at {_told(state.opened_at)}.")
    if command.ends_on < command.starts_on:
        raise DatesContradict("/ends_on", "The edition ends before it starts; correct starts_on or ends_on.")
    if is_over(command.ends_on, at):
        raise EditionOver(f"The last day, {command.ends_on}, has passed; open an edition that is still to come.")
    return [
        EditionOpened(
            command.edition_id, command.name, command.starts_on, command.ends_on, command.subsidiaries, opened_at=at
        )
    ]


def open_call(state: Edition, command: OpenCall, *, at: datetime) -> list[Event]:
    """Open the call of an edition, once. Raises ``CallExists``, ``EditionOver``, ``DatesContradict``."""
    if state.call:
        raise CallExists(f"The call was opened at {_told(state.call.opened_at)}; an edition has one call.")
    if is_over(state.ends_on, at):
        raise EditionOver(f"The edition ended on {state.ends_on}; open a new one.")
    if command.closes_at <= at:
        raise DatesContradict("/closes_at", "The call would be closed at once; closes_at must lie ahead.")
    if is_over(state.ends_on, command.closes_at):
        detail = f"The call would close after the edition's last day, {state.ends_on}; set it earlier."
        raise DatesContradict("/closes_at", detail)
    return [
        CallOpened(
            state.edition_id,
            command.reference_date,
            command.maximum_age,
            command.languages,
            command.closes_at,
            opened_at=at,
        )
    ]


def evolve(state: Edition | None, event: Event) -> Edition:
    """The edition after an event."""
    match event:
        case EditionOpened():
            return Edition(
                event.edition_id, event.name, event.starts_on, event.ends_on, event.subsidiaries, event.opened_at
            )
        case CallOpened():
            assert state is not None
            call = Call(
                event.reference_date, event.maximum_age, event.languages, event.closes_at, opened_at=event.opened_at
            )
            return replace(state, call=call)


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
