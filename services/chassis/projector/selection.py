"""Which of a subject's records are next in order, and which must wait: pure, per subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis.candidates import Candidate, event_id
from services.chassis.parking import NOTHING, Given


@dataclass(slots=True)
class Head:
    """How far a subject has been applied: the last sequence, that event's id, and the folded state.

    ``skipped`` are the sequences that an operator gave up: passed over without folding.
    """

    sequence: int
    last: str | None
    state: Any
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """A step over a sequence that was given up; ``event_id`` is that of the event it would have been."""

    sequence: int
    event_id: str | None


Step = Candidate | Skip


@dataclass(slots=True)
class Selection:
    """``steps`` follow the head without a hole; ``waiting`` are to be parked, each with its reason.

    ``others`` are further copies of an event with other content, and forks, by sequence, as they came: where one is
    refused, the next is tried.
    ``forked_at`` is the sequence behind which the subject stands still, ``fork_found`` says that what has just arrived
    is to blame.
    """

    steps: list[Step] = field(default_factory=list)
    others: dict[int, list[Candidate]] = field(default_factory=dict)
    waiting: list[Candidate] = field(default_factory=list)
    forked_at: int | None = None
    fork_found: bool = False


def select(
    head: Head, queued: Sequence[Candidate], arrived: Iterable[Candidate], given_up: Given = NOTHING
) -> Selection:
    """Order what is parked and what has arrived behind ``head``.

    Whatever is at or before the head was seen before and is dropped, unless it bears another id than
    the event applied there: that is a fork, which stops the subject. A good copy of a sequence beats a
    bad one. The steps end at the first hole or bad copy; all beyond waits, but for what only bears a wrong
    sequence and is the very event that the head or a step is. What an operator gave up is passed over.
    """
    come = 0
    if given_up is not NOTHING:
        arrived = list(arrived)
        come = max((one.sequence or 0 for one in (*queued, *arrived)), default=0)
        queued, arrived = _kept(queued, given_up), _kept(arrived, given_up)
    selection = Selection()
    pool: dict[int, Candidate] = {}
    unplaced: list[Candidate] = []
    for candidate in sorted(queued, key=lambda one: one.parked_as == "copy"):
        if candidate.parked_as == "fork":
            _stand_behind(candidate, selection)
        elif candidate.sequence is not None and candidate.sequence > head.sequence:
            _admit(pool, candidate, selection)
    for candidate in arrived:
        if candidate.sequence is None:
            unplaced.append(candidate)
        elif candidate.sequence > head.sequence:
            _admit(pool, candidate, selection)
        elif _forks(candidate, head):
            _fork(candidate, selection)
    for copies in selection.others.values():
        copies.sort(key=lambda copy: copy.record.offset)
    _walk(head.sequence, pool, selection, {n: id for n, id in given_up.sequences.items() if n <= come})
    if pool or unplaced:
        _wait(head, [*unplaced, *pool.values()], selection)
    return selection


def _kept(candidates: Iterable[Candidate], given_up: Given) -> list[Candidate]:
    """Those whose sequence was not given up, nor they themselves as a copy."""
    return [one for one in candidates if not _is_given_up(one, given_up)]


def _is_given_up(candidate: Candidate, given_up: Given) -> bool:
    copy = (candidate.sequence, event_id(candidate))
    return candidate.sequence in given_up.sequences or copy in given_up.copies


def _forks(candidate: Candidate, head: Head) -> bool:
    if candidate.sequence != head.sequence or candidate.event is None or candidate.sequence in head.skipped:
        return False
    return candidate.event.id != head.last


def _admit(pool: dict[int, Candidate], candidate: Candidate, selection: Selection) -> None:
    sequence: int = candidate.sequence  # type: ignore[assignment]
    rival = pool.setdefault(sequence, candidate)
    if rival is candidate:
        return
    if rival.event is None or (_failed_before(rival) and candidate.parked_as != "copy"):
        pool[sequence] = candidate if candidate.event else rival
    elif candidate.event and candidate.event.id != rival.event.id:
        _fork(candidate, selection)
    elif candidate.event and candidate.record.value != rival.record.value:
        _keep(candidate, selection)


def _keep(copy: Candidate, selection: Selection) -> None:
    others = selection.others.setdefault(copy.sequence, [])  # type: ignore[arg-type]
    if all(_content(other) != _content(copy) for other in others):
        others.append(copy)


def _lies_there(fork: Candidate, selection: Selection) -> bool:
    others = selection.others.get(fork.sequence, ())  # type: ignore[arg-type]
    return any(other.parked_as == "fork" and _content(other) == _content(fork) for other in others)


def _content(candidate: Candidate) -> tuple[str | None, bytes | None]:
    return event_id(candidate), candidate.record.value


def _failed_before(rival: Candidate) -> bool:
    """Whether a parked record could be read but not applied; a repaired one takes its place."""
    return rival.row is not None and rival.parked_as != "gap"


def _fork(candidate: Candidate, selection: Selection) -> None:
    if _lies_there(candidate, selection):
        return  # parked once more, it would stand behind copies that came after it
    candidate.reason = "fork"
    candidate.detail = "another event with this sequence was seen before"
    selection.waiting.append(candidate)
    selection.fork_found = True
    _stand_behind(candidate, selection)


def _stand_behind(fork: Candidate, selection: Selection) -> None:
    """The first event of that sequence is applied, nothing behind it; where that one is refused, the fork is."""
    sequence: int = fork.sequence  # type: ignore[assignment]
    selection.forked_at = sequence if selection.forked_at is None else min(sequence, selection.forked_at)
    if fork.event:
        selection.others.setdefault(sequence, []).append(fork)


def put_in(selection: Selection, copy: Candidate) -> set[str | None]:
    """Another copy is applied in place of an event that is refused; the ids that are settled by that.

    As in a log that is read record by record: copies before it were refused too, so that none of them is a fork any
    more, and those behind it that bear another id are.
    """
    copies = selection.others[copy.sequence]  # type: ignore[index]
    place = next(n for n, one in enumerate(copies) if one is copy)
    settled = {event_id(copy), *(event_id(one) for one in copies[:place] if _is_fork(one))}
    selection.waiting = [one for one in selection.waiting if event_id(one) not in settled]
    for late in copies[place + 1 :]:
        if event_id(late) not in settled and not _is_fork(late):
            _fork(late, selection)
    return settled


def _is_fork(candidate: Candidate) -> bool:
    return "fork" in (candidate.reason, candidate.parked_as)


def copies_beyond(selection: Selection, applied_up_to: int) -> list[Candidate]:
    """The copies that have just arrived of events that wait: they are wanted, should their event be refused."""
    copies = [copy for n, others in selection.others.items() if n > applied_up_to for copy in others]
    wanted = [copy for copy in copies if copy.row is None and not _is_fork(copy)]
    for copy in wanted:
        copy.reason, copy.detail = "copy", "another content of an event that waits"
    return wanted


def _walk(applied: int, pool: dict[int, Candidate], selection: Selection, given_up: Mapping[int, str | None]) -> None:
    """Steps without a hole; what was given up is passed over once it has come, or something behind it has."""
    following = applied + 1
    while selection.forked_at is None or following <= selection.forked_at:
        if following in given_up:
            selection.steps.append(Skip(following, given_up[following]))
        elif (candidate := pool.get(following)) and candidate.event:
            selection.steps.append(candidate)
            del pool[following]
        else:
            return
        following += 1


def _wait(head: Head, left: Iterable[Candidate], selection: Selection) -> None:
    placed = {head.last, *(step_id(step) for step in selection.steps)} - {None}
    for candidate in left:
        if event_id(candidate) not in placed:
            candidate.reason = candidate.reason or candidate.parked_as or "gap"
            selection.waiting.append(candidate)


def step_id(step: Step) -> str | None:
    """The id of the event that a step applies or passes over."""
    if isinstance(step, Skip):
        return step.event_id
    return step.event.id if step.event else None


def drained(
    queued: Iterable[Candidate], applied_up_to: int, applied_ids: set[str | None], given_up: Given = NOTHING
) -> list[str]:
    """Parked rows that are settled: their sequence is applied or passed over, or the event they tried to be is.

    A fork stays until it is given up, or was applied in place of an event that was refused.
    """
    return [
        candidate.row
        for candidate in queued
        if candidate.row
        and _settled(candidate, applied_up_to, applied_ids)
        and (
            candidate.parked_as != "fork"
            or _is_given_up(candidate, given_up)
            or (candidate.event is not None and candidate.event.id in applied_ids)
        )
    ]


def _settled(candidate: Candidate, applied_up_to: int, applied_ids: set[str | None]) -> bool:
    if candidate.sequence is not None and candidate.sequence <= applied_up_to:
        return True
    id = event_id(candidate)
    return id is not None and id in applied_ids
