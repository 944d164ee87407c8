"""Which of a subject's records are next in order, and which must wait: pure, per subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis.candidates import Candidate, event_id


@dataclass(slots=True)
class Head:
    """How far a subject has been applied: the last sequence, that event's id, and the folded state."""

    sequence: int
    last: str | None
    state: Any


@dataclass(slots=True)
class Selection:
    """``steps`` follow the head without a hole; ``waiting`` are to be parked, each with its reason."""

    steps: list[Candidate] = field(default_factory=list)
    waiting: list[Candidate] = field(default_factory=list)
    forked: bool = False


def select(head: Head, queued: Sequence[Candidate], arrived: Iterable[Candidate]) -> Selection:
    """Order what is parked and what has arrived behind ``head``.

    Whatever is at or before the head was seen before and is dropped, unless it bears another id than
    the event applied there: that is a fork, which stops the subject. A good copy of a sequence beats a
    bad one. The steps end at the first hole or bad copy; all beyond waits, but for what only bears a wrong
    sequence and is the very event that the head or a step is.
    """
    selection = Selection(forked=any(candidate.parked_as == "fork" for candidate in queued))
    pool: dict[int, Candidate] = {}
    unplaced: list[Candidate] = []
    for candidate in queued:
        if candidate.parked_as != "fork" and candidate.sequence is not None and candidate.sequence > head.sequence:
            _admit(pool, candidate, selection)
    for candidate in arrived:
        if candidate.sequence is None:
            unplaced.append(candidate)
        elif candidate.sequence > head.sequence:
            _admit(pool, candidate, selection)
        elif candidate.sequence == head.sequence and candidate.event and candidate.event.id != head.last:
            _fork(candidate, selection)
    _walk(head.sequence, pool, selection)
    if pool or unplaced:
        _wait(head, [*unplaced, *pool.values()], selection)
    return selection


def _admit(pool: dict[int, Candidate], candidate: Candidate, selection: Selection) -> None:
    sequence: int = candidate.sequence  # type: ignore[assignment]
    rival = pool.setdefault(sequence, candidate)
    if rival is candidate:
        return
    if rival.event is None or _failed_before(rival):
        pool[sequence] = candidate if candidate.event else rival
    elif candidate.event and candidate.event.id != rival.event.id:
        _fork(candidate, selection)


def _failed_before(rival: Candidate) -> bool:
    """Whether a parked record could be read but not applied; a repaired one takes its place."""
    return rival.row is not None and rival.parked_as != "gap"


def _fork(candidate: Candidate, selection: Selection) -> None:
    candidate.reason = "fork"
    candidate.detail = "another event with this sequence was seen before"
    selection.waiting.append(candidate)
    selection.forked = True


def _walk(applied: int, pool: dict[int, Candidate], selection: Selection) -> None:
    following = applied + 1
    if not selection.forked:
        while (candidate := pool.get(following)) and candidate.event:
            selection.steps.append(candidate)
            del pool[following]
            following += 1


def _wait(head: Head, left: Iterable[Candidate], selection: Selection) -> None:
    placed = {head.last, *(step.event.id for step in selection.steps if step.event)} - {None}
    for candidate in left:
        if event_id(candidate) not in placed:
            candidate.reason = candidate.reason or "gap"
            selection.waiting.append(candidate)


def drained(queued: Iterable[Candidate], applied_up_to: int, applied_ids: set[str | None]) -> list[str]:
    """Parked rows that are settled: their sequence is applied, or the event they tried to be is."""
    return [
        candidate.row
        for candidate in queued
        if candidate.row and candidate.parked_as != "fork" and _settled(candidate, applied_up_to, applied_ids)
    ]


def _settled(candidate: Candidate, applied_up_to: int, applied_ids: set[str | None]) -> bool:
    if candidate.sequence is not None and candidate.sequence <= applied_up_to:
        return True
    id = event_id(candidate)
    return id is not None and id in applied_ids
