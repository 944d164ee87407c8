"""Selection: whatever arrives in whatever order, records are applied without a hole, and nothing good is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.candidates import Candidate
from services.chassis.envelope import Event
from services.chassis.parking import ParkedRecord
from services.chassis.projector.selection import Head, drained, select

Makes = list[Callable[[], Candidate]]
LAST = 6  # sequences of a history
BAD = "bad_json"


def good(sequence: int, id: str | None = None) -> Candidate:
    """The event with this sequence, as it was published, or another one that claims the same."""
    event = Event(
        id=id or f"event-{sequence}",
        source="/tandem/tests",
        type="org.tandem.note.written.v1",
        subject="a",
        sequence=sequence,
        time="2026-01-01T00:00:00.000Z",
        data=b"{}",
    )
    return Candidate(_record(), "a", sequence, event)


def bad(sequence: int | None, id: str | None = None) -> Candidate:
    """A record that cannot be read, and what it claims to be."""
    return Candidate(_record(id), "a", sequence, reason=BAD)


def parked(candidate: Candidate, reason: str = "gap") -> Candidate:
    """A candidate as it comes back from parking."""
    candidate.row, candidate.parked_as = f"row-{candidate.sequence}", reason
    return candidate


def _record(id: str | None = None) -> ParkedRecord:
    return ParkedRecord("tandem.notes.v1", 0, 0, b"a", b"{}", [("ce_id", id.encode())] if id else [])


def sequences(candidates: Sequence[Candidate]) -> list[int | None]:
    return [candidate.sequence for candidate in candidates]


copies = st.integers(1, LAST).flatmap(
    lambda n: st.sampled_from([lambda: good(n), lambda: bad(n), lambda: bad(n, f"event-{n}")])
)
heads = st.integers(0, LAST).map(lambda n: Head(n, f"event-{n}" if n else None, n))


@given(heads, st.lists(copies), st.lists(copies))
def test_steps_follow_the_head_without_a_hole(head: Head, queue: Makes, batch: Makes) -> None:
    """The steps are exactly the good records from the head to the first sequence of which there is none."""
    queued, arrived = [parked(make()) for make in queue], [make() for make in batch]
    known = {candidate.sequence for candidate in (*queued, *arrived) if candidate.event}
    selection = select(head, queued, arrived)

    hole = next(n for n in range(head.sequence + 1, LAST + 2) if n not in known)
    assert sequences(selection.steps) == list(range(head.sequence + 1, hole))
    assert all(step.event and not step.reason for step in selection.steps)


@given(heads, st.lists(copies), st.lists(copies))
def test_every_record_beyond_the_head_is_a_step_or_waits(head: Head, queue: Makes, batch: Makes) -> None:
    """Nothing good is lost, nothing at or before the head comes back, and what waits says why."""
    queued, arrived = [parked(make()) for make in queue], [make() for make in batch]
    selection = select(head, queued, arrived)

    kept = {candidate.sequence for candidate in (*selection.steps, *selection.waiting)}
    offered = {candidate.sequence for candidate in (*queued, *arrived)}
    assert kept == {sequence for sequence in offered if sequence and sequence > head.sequence}
    assert not set(sequences(selection.steps)) & set(sequences(selection.waiting))
    assert len(selection.waiting) == len(set(sequences(selection.waiting)))
    assert {candidate.reason for candidate in selection.waiting} <= {BAD, "gap"}
    assert selection.forked_at is None


@given(heads, st.lists(copies), st.lists(copies))
def test_a_good_copy_beats_a_bad_one_wherever_it_comes_from(head: Head, queue: Makes, batch: Makes) -> None:
    """Where one copy can be read, no unreadable one waits in its place."""
    queued, arrived = [parked(make()) for make in queue], [make() for make in batch]
    readable = {candidate.sequence for candidate in (*queued, *arrived) if candidate.event}
    selection = select(head, queued, arrived)
    assert all(candidate.sequence not in readable for candidate in selection.waiting if candidate.event is None)


@given(heads, st.lists(copies), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(head: Head, batch: Makes, random: Random) -> None:
    """A shuffled batch gives the same steps, and makes the same sequences wait."""
    shuffled = list(batch)
    random.shuffle(shuffled)
    one, other = select(head, [], [make() for make in batch]), select(head, [], [make() for make in shuffled])
    assert sequences(one.steps) == sequences(other.steps)
    assert set(sequences(one.waiting)) == set(sequences(other.waiting))


@dataclass(slots=True)
class Subject:
    """What a projector and its parking keep of one subject."""

    head: Head = field(default_factory=lambda: Head(0, None, None))
    rows: dict[str, Candidate] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)

    def deliver(self, batch: list[Candidate]) -> None:
        """Apply one batch, as the projector does."""
        queued = [_read_again(row, candidate) for row, candidate in self.rows.items()]
        queued.sort(key=lambda candidate: candidate.sequence or 0)
        selection = select(self.head, queued, batch)
        ids = [step.event.id for step in selection.steps if step.event]
        if ids:
            self.head = Head(self.head.sequence + len(ids), ids[-1], None)
        self.applied += ids
        for candidate in selection.waiting:
            row = f"{candidate.sequence}|{candidate.event.id if candidate.event else ''}"
            self.rows[row if candidate.reason == "fork" else f"{candidate.sequence}"] = candidate
        for row in drained(queued, self.head.sequence, {self.head.last, *ids}):
            self.rows.pop(row, None)


def _read_again(row: str, candidate: Candidate) -> Candidate:
    reason = "" if candidate.event else candidate.reason
    fresh = Candidate(candidate.record, "a", candidate.sequence, candidate.event, reason=reason)
    fresh.row, fresh.parked_as = row, candidate.reason
    return fresh


@given(st.lists(st.lists(copies, max_size=5), max_size=8), st.permutations(range(1, LAST + 1)))
def test_any_interleaving_ends_with_everything_applied_once_and_no_row(batches: list[Makes], order: list[int]) -> None:
    """Duplicates, holes and unreadable copies in any batches: once each good record was seen, all are applied."""
    subject = Subject()
    for batch in batches:
        subject.deliver([make() for make in batch])
        assert subject.applied == [f"event-{n}" for n in range(1, subject.head.sequence + 1)]
    for sequence in order:
        subject.deliver([good(sequence)])
    assert subject.applied == [f"event-{n}" for n in range(1, LAST + 1)]
    assert subject.rows == {}


@given(st.lists(copies), st.integers(1, LAST), st.lists(st.lists(copies, max_size=4), max_size=4))
def test_a_fork_stops_its_subject_and_stays(before: Makes, sequence: int, after: list[Makes]) -> None:
    """Two events under one sequence: neither is guessed, nothing is applied from there on, and the evidence stays."""
    subject = Subject()
    subject.deliver([make() for make in before])
    subject.deliver([good(n) for n in range(1, sequence + 1)])
    applied = list(subject.applied)
    reached = subject.head.sequence
    subject.deliver([good(reached, "another")])
    for batch in (*([make() for make in batch] for batch in after), [good(n) for n in range(1, LAST + 1)]):
        subject.deliver(batch)
    assert subject.applied == applied
    assert [candidate.reason for candidate in subject.rows.values()].count("fork") == 1


@given(st.integers(2, LAST), st.booleans())
def test_a_fork_within_a_batch_is_found(sequence: int, first: bool) -> None:
    """Whichever of the two comes first, also beyond a hole; nothing behind it is applied."""
    pair = [good(sequence), good(sequence, "another")]
    behind = good(sequence + 1)
    selection = select(Head(0, None, None), [], [good(1), *(pair if first else reversed(pair)), behind])
    assert (selection.forked_at, selection.fork_found) == (sequence, True)
    assert len(selection.steps) == (2 if sequence == 2 else 1)
    assert behind in selection.waiting
    assert [candidate.reason for candidate in selection.waiting].count("fork") == 1


def test_the_same_event_again_is_no_fork() -> None:
    """A redelivery bears the same id, at the head and within a batch."""
    selection = select(Head(2, "event-2", None), [], [good(1), good(2), good(3), good(3), good(2)])
    assert sequences(selection.steps) == [3]
    assert (selection.waiting, selection.forked_at) == ([], None)


def test_a_copy_without_its_sequence_waits_until_its_event_is_applied() -> None:
    """It holds nobody up, and its row is drained by the event it tried to be."""
    lost = bad(None, "event-1")
    waiting = select(Head(0, None, None), [], [lost]).waiting
    assert sequences(waiting) == [None]
    assert drained([parked(lost, BAD)], 1, {"event-1"}) == ["row-None"]
    assert drained([parked(lost, BAD)], 1, {"event-2"}) == []
