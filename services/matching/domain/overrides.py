"""What people lay down for one edition's matching: pairs blocked, forced or in conflict, and places of mentors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.matching.domain.hard_rules import Barred
from services.matching.domain.people import PairKey
from services.matching.domain.rules import Fault, RuleBroken

OverrideKind = Literal["block", "force", "conflict", "place"]
MOST_PLACES = 3
LONGEST_REASON = 1000
_STEPS_KEPT = 50  # changes that can be undone


class MalformedOverride(RuleBroken):
    """An override lacks what its kind needs or has what it cannot have."""

    kind = "override-malformed"
    status = 422


class OverrideUnknown(RuleBroken):
    """The edition has no such override."""

    kind = "not-found"


class OverrideWithdrawnAlready(RuleBroken):
    """It was withdrawn before."""

    kind = "override-withdrawn"


class NothingToUndo(RuleBroken):
    """No change is left that could be undone."""

    kind = "nothing-to-undo"


@dataclass(frozen=True, slots=True)
class Override:
    """What one person laid down, with a reason; it stands until it is withdrawn.

    ``block`` and ``conflict`` forbid the pair of ``mentor_id`` and ``mentee_id``; a conflict is declared by one of the
    two. ``force`` makes them a pair. ``place`` gives the mentor ``places`` places in this edition, 0 to 3, whatever
    the profile says. Raises ``MalformedOverride``.
    """

    override_id: str
    kind: OverrideKind
    mentor_id: str
    mentee_id: str | None
    places: int | None
    reason: str
    by: str
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str | None = None

    def __post_init__(self) -> None:
        if faults := tuple(_faults(self)):
            raise MalformedOverride(" ".join(message for _, message in faults), faults=faults)

    @property
    def pair(self) -> PairKey | None:
        """Mentor and executive, of all kinds but ``place``."""
        return (self.mentor_id, self.mentee_id) if self.mentee_id is not None else None

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Overrides:
    """All overrides of an edition, oldest first, and those that ``undo`` would take back, the newest last."""

    edition_id: str
    items: tuple[Override, ...] = ()
    undoable: tuple[str, ...] = ()

    @property
    def standing(self) -> tuple[Override, ...]:
        """Those that count."""
        return tuple(one for one in self.items if one.stands)

    @property
    def blocked(self) -> frozenset[PairKey]:
        """Pairs that somebody forbade."""
        return self._pairs("block")

    @property
    def conflicts(self) -> frozenset[PairKey]:
        """Pairs that one of the two declared a conflict with."""
        return self._pairs("conflict")

    @property
    def forced(self) -> frozenset[PairKey]:
        """Pairs that somebody laid down."""
        return self._pairs("force")

    @property
    def barred(self) -> Barred:
        """The pairs that people forbade, as the rules take them."""
        return Barred(blocked=self.blocked, conflicts=self.conflicts)

    @property
    def places(self) -> Mapping[str, int]:
        """Places by mentor; of several for one mentor the newest counts."""
        return {one.mentor_id: one.places for one in self.standing if one.places is not None}

    @property
    def counting(self) -> frozenset[str]:
        """The ids of those that have an effect: of several places of one mentor the newest alone."""
        newest = {(one.mentor_id if one.kind == "place" else one.override_id): one for one in self.standing}
        return frozenset(one.override_id for one in newest.values())

    def one(self, override_id: str) -> Override:
        """The override of this id. Raises ``OverrideUnknown``."""
        for one in self.items:
            if one.override_id == override_id:
                return one
        raise OverrideUnknown(f"This edition has no override {override_id}.")

    def conflicts_of(self, mentor_id: str, mentee_id: str) -> tuple[Override, ...]:
        """The conflicts that these two declared about their pair, each while it stands."""
        pair = (mentor_id, mentee_id)
        return tuple(one for one in self.standing if (one.kind, one.pair) == ("conflict", pair) and one.by in pair)

    def _pairs(self, kind: OverrideKind) -> frozenset[PairKey]:
        return frozenset(one.pair for one in self.standing if one.kind == kind and one.pair is not None)


NO_OVERRIDES = Overrides(edition_id="")


@dataclass(frozen=True, slots=True)
class OverrideSet:
    """Somebody laid an override down; with ``undo`` it is one whose withdrawal was undone."""

    edition_id: str
    override: Override
    undo: bool = False


@dataclass(frozen=True, slots=True)
class OverrideWithdrawn:
    """Somebody withdrew an override; with ``undo`` by undoing the last change."""

    edition_id: str
    override: Override
    undo: bool = False


Event = OverrideSet | OverrideWithdrawn


def add(state: Overrides | None, edition_id: str, wanted: Override) -> list[Event]:
    """Lay an override down, once; whether it contradicts others or the facts ``contradictions.admit`` looks at."""
    if state and any(one.override_id == wanted.override_id for one in state.items):
        return []
    return [OverrideSet(edition_id, wanted)]


def withdraw(
    state: Overrides | None, override_id: str, *, by: str, at: datetime, reason: str | None = None
) -> list[Event]:
    """Withdraw an override; a conflict only with a reason, since one of the pair declared it.

    Raises ``OverrideUnknown``, ``OverrideWithdrawnAlready``, ``MalformedOverride``.
    """
    known = state or NO_OVERRIDES
    one = known.one(override_id)
    if not one.stands:
        raise OverrideWithdrawnAlready("This override was withdrawn already.")
    if one.kind == "conflict" and not (reason or "").strip():
        detail = "Say why the declared conflict does not count any more."
        raise MalformedOverride(detail, faults=[("/reason", detail)])
    return [OverrideWithdrawn(known.edition_id, _withdrawn(one, by=by, at=at, reason=reason))]


def undo(state: Overrides | None, *, by: str, at: datetime) -> list[Event]:
    """Take the last change back: what was laid down is withdrawn, what was withdrawn stands again.

    A declared conflict is nobody else's to undo, and is passed over. Raises ``NothingToUndo``.
    """
    known = state or NO_OVERRIDES
    if not known.undoable:
        raise NothingToUndo("Nothing was laid down or withdrawn that could be undone.")
    one = known.one(known.undoable[-1])
    if one.stands:
        return [OverrideWithdrawn(known.edition_id, _withdrawn(one, by=by, at=at, reason=None), undo=True)]
    again = replace(one, withdrawn_at=None, withdrawn_by=None, withdrawn_because=None)
    return [OverrideSet(known.edition_id, again, undo=True)]


def evolve(state: Overrides | None, event: Event) -> Overrides:
    """The overrides after an event."""
    known = state or Overrides(event.edition_id)
    one = event.override
    kept = tuple(one if each.override_id == one.override_id else each for each in known.items)
    new = all(each.override_id != one.override_id for each in known.items)
    return replace(known, items=(*kept, one) if new else kept, undoable=_undoable(known, event))


def _undoable(known: Overrides, event: Event) -> tuple[str, ...]:
    """Of each change that is left to undo the id of its override: whether it stands tells what the change was."""
    if event.undo:
        return known.undoable[:-1]
    if event.override.kind == "conflict":
        return known.undoable
    return (*known.undoable, event.override.override_id)[-_STEPS_KEPT:]


def _withdrawn(one: Override, *, by: str, at: datetime, reason: str | None) -> Override:
    return replace(one, withdrawn_at=at, withdrawn_by=by, withdrawn_because=reason)


def _faults(one: Override) -> Iterator[Fault]:
    if not one.reason.strip() or len(one.reason) > LONGEST_REASON:
        yield "/reason", f"Give a reason of 1 to {LONGEST_REASON} characters."
    if one.kind == "place":
        if one.places is None or not 0 <= one.places <= MOST_PLACES:
            yield "/places", f"Say how many places the mentor has in this edition, 0 to {MOST_PLACES}."
        if one.mentee_id is not None:
            yield "/mentee_id", "Places are the mentor's alone; name no executive."
        return
    if one.mentee_id is None:
        yield "/mentee_id", "Name the executive of the pair."
    if one.places is not None:
        yield "/places", "Only a place override says how many places a mentor has."
