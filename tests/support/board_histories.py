"""Made-up programmes for tests of the board: what they put on the topics, how it may arrive, and what must come out.

A programme is drawn without ids; ``lives`` writes it down under a salt, so that each example can have ids of its own.
The counts expected of it are taken from the drawing, not from the events.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from hypothesis import strategies as st

from services.chassis import envelope
from services.chassis.ids import derived_id
from services.chassis.wire import rfc3339
from services.reporting import contracts
from services.reporting.domain.board import Counts

BEGAN = datetime(2025, 11, 3, 8, tzinfo=UTC)
SUBSIDIARIES = ("holding", "north", "south")
Answer = Literal["open", "selected", "waived and selected", "declined", "reserved", "accepted", "withdrawn"]
Duty = Literal["obliged", "exempt", "escalated", "left", "back"]
Progress = Literal["planned", "held", "cancelled"]
Pairing = Literal["going on", "ended", "matched again"]


@dataclass(slots=True)
class Record:
    """What a consumer sees of a record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Executive:
    """An executive who was in scope; one who is paired may have sessions, one who is ``back`` had left.

    ``pairing`` is what became of the pair: it goes on, has ended, or has ended and another one came.
    """

    subsidiary: str
    duty: Duty
    paired: bool
    sessions: tuple[Progress, ...]
    pairing: Pairing = "going on"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who applied to be a mentor."""

    subsidiary: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Programme:
    """One edition and all that comes of it."""

    called: bool
    executives: tuple[Executive, ...]
    applicants: tuple[Applicant, ...]

    def counts(self) -> dict[str, Counts]:
        """What the board must show per subsidiary."""
        marks: Counter[tuple[str, str]] = Counter()
        for one in self.executives:
            takes_part = one.duty not in ("exempt", "left")
            marks[one.subsidiary, "exempt"] += one.duty == "exempt"
            marks[one.subsidiary, "obliged"] += takes_part
            marks[one.subsidiary, "paired"] += one.paired and takes_part and one.pairing != "ended"
            marks[one.subsidiary, "sessions_held"] += one.sessions.count("held") if one.paired else 0
        for applicant in self.applicants:
            marks[applicant.subsidiary, "applications"] += applicant.answer != "withdrawn"
            marks[applicant.subsidiary, "selected"] += applicant.answer.endswith(("selected", "accepted"))
        names = ("obliged", "paired", "exempt", "applications", "selected", "sessions_held")
        return {subsidiary: Counts(*(marks[subsidiary, name] for name in names)) for subsidiary in SUBSIDIARIES}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One batch: positions in the log, and which of two consumers gets it, or both at the same time."""

    positions: tuple[int, ...]
    consumers: tuple[int, ...]


@dataclass(slots=True)
class Life:
    """The events of one aggregate, in order."""

    topic: str
    subject: str
    records: list[Record] = field(default_factory=list)

    def then(self, type_: str, **data: Any) -> Life:
        """One more event, an hour after the one before."""
        sequence = len(self.records) + 1
        event = envelope.Event(
            id=derived_id(self.subject, str(sequence)),
            source="/tandem/tests",
            type=f"org.tandem.{type_}.v1",
            subject=self.subject,
            sequence=sequence,
            time=rfc3339(BEGAN + timedelta(hours=sequence)),
            data=json.dumps(data).encode(),
        )
        value, headers = envelope.write(event)
        partition = int(self.subject[:8], 16) % 6
        self.records.append(Record(self.topic, partition, sequence, self.subject.encode(), value, list(headers)))
        return self


def lives(programme: Programme, salt: str) -> list[Life]:
    """The aggregates of a programme under ids that only this salt has."""
    edition_id = edition_of(salt)
    edition = Life(contracts.APPLICATIONS, edition_id).then("edition.changed", changed=["drafted"])
    edition.then(
        "edition.opened", name="A year", starts_on="2026-01-01", ends_on="2026-12-31", subsidiaries=SUBSIDIARIES[:1]
    )
    edition.then("edition.changed", changed=["scope"], subsidiaries=SUBSIDIARIES)
    if programme.called:
        edition.then("call.opened", closes_at="2025-12-01T17:00:00Z", reference_date="2026-01-01", maximum_age=28)
        edition.then("edition.changed", changed=["escalation"]).then("edition.staged", stage="selection")
        edition.then("edition.closed", edition_id=edition_id)
    told = [edition]
    for n, applicant in enumerate(programme.applicants):
        told.append(_application(applicant, edition_id, derived_id(salt, "application", str(n))))
    for n, executive in enumerate(programme.executives):
        told += _executive(executive, edition_id, derived_id(salt, "executive", str(n)))
    return told


def edition_of(salt: str) -> str:
    """The id of the edition of a programme under this salt."""
    return derived_id(salt, "edition")


def _application(applicant: Applicant, edition_id: str, id: str) -> Life:
    common = {"edition_id": edition_id, "subsidiary": applicant.subsidiary}
    life = Life(contracts.APPLICATIONS, id).then("mentor.applied", **common, eligibility="met")
    if applicant.answer.startswith("waived"):
        life.then("waiver.decided", edition_id=edition_id, decision="granted")
    for type_ in _DECISIONS[applicant.answer]:
        life.then(type_, **common)
    return life


_DECISIONS: dict[Answer, tuple[str, ...]] = {
    "open": (),
    "selected": ("mentor.selected",),
    "waived and selected": ("mentor.selected",),
    "declined": ("mentor.declined",),
    "reserved": ("mentor.reserved",),
    "accepted": ("mentor.reserved", "mentor.selected", "mentor.accepted"),
    "withdrawn": ("mentor.selected", "application.withdrawn", "mentor.applied", "application.withdrawn"),
}


def _executive(executive: Executive, edition_id: str, id: str) -> Iterator[Life]:
    who = {"edition_id": edition_id, "mentee_id": id, "subsidiary": executive.subsidiary}
    participation = Life(contracts.APPLICATIONS, derived_id(id, "participation")).then("mentee.obliged", **who)
    for type_ in _DUTIES[executive.duty]:
        participation.then(type_, **who)
    yield participation
    if executive.paired:
        pair_id = derived_id(id, "pair")
        yield _pair(pair_id, edition_id, id, executive.subsidiary, ended=executive.pairing != "going on")
        if executive.pairing == "matched again":
            yield _pair(derived_id(id, "another pair"), edition_id, id, executive.subsidiary)
        if executive.sessions:
            yield _workspace(executive, edition_id, pair_id)


_DUTIES: dict[Duty, tuple[str, ...]] = {
    "obliged": (),
    "exempt": ("mentee.exempted",),
    "escalated": ("mentee.escalated",),
    "left": ("mentee.left",),
    "back": ("mentee.exempted", "mentee.left", "mentee.obliged"),
}


def _pair(pair_id: str, edition_id: str, mentee_id: str, subsidiary: str, *, ended: bool = False) -> Life:
    who = {"edition_id": edition_id, "mentor_id": derived_id(pair_id, "mentor"), "mentee_id": mentee_id}
    who |= {"mentor_subsidiary": "north", "mentee_subsidiary": subsidiary}
    life = Life(contracts.PAIRS, pair_id).then("pair.matched", **who)
    return life.then("pair.ended", **who, reason="mentor_left", ended_at=rfc3339(BEGAN)) if ended else life


def _workspace(executive: Executive, edition_id: str, pair_id: str) -> Life:
    life = Life(contracts.SESSIONS, pair_id)
    for number, progress in enumerate(executive.sessions, 1):
        session = {"edition_id": edition_id, "session_id": derived_id(pair_id, str(number)), "number": number}
        begins = rfc3339(BEGAN + timedelta(days=30 * number))
        life.then("session.planned", **session, planned_for=begins, minutes=60)
        if progress == "cancelled":
            life.then("session.cancelled", **session, cancelled_by="mentor")
        elif progress == "held":
            sides = {"mentor_subsidiary": "north", "mentee_subsidiary": executive.subsidiary}
            life.then("session.held", **session, held_at=begins, minutes=55, **sides)
    return life


_subsidiaries = st.sampled_from(SUBSIDIARIES)
_sessions = st.lists(st.sampled_from(("planned", "held", "cancelled")), max_size=6).map(tuple)
_pairings = st.sampled_from(("going on", "ended", "matched again"))
_executives = st.builds(
    Executive,
    _subsidiaries,
    st.sampled_from(tuple(_DUTIES)),
    st.sampled_from((True, True, False)),
    _sessions,
    _pairings,
)
_applicants = st.builds(Applicant, _subsidiaries, st.sampled_from(tuple(_DECISIONS)))
programmes = st.builds(
    Programme,
    called=st.booleans(),
    executives=st.lists(_executives, min_size=1, max_size=3).map(tuple),
    applicants=st.lists(_applicants, max_size=3).map(tuple),
)


@st.composite
def logs(draw: st.DrawFn, told: Sequence[Life]) -> list[Record]:
    """The records of these lives, interleaved in any way that keeps each life's order."""
    turns = [n for n, life in enumerate(told) for _ in life.records]
    following = [iter(life.records) for life in told]
    return [next(following[n]) for n in draw(st.permutations(turns))]


_consumers = st.sampled_from(((0,), (1,), (0, 1)))
_runs = st.tuples(
    st.integers(0, 9), st.integers(1, 9), st.integers(2, 9), st.sampled_from((True, True, False)), _consumers
)


@st.composite
def deliveries(draw: st.DrawFn, length: int) -> list[Delivery]:
    """Batches that bring a log of this length to its end, and go on to repeat parts of it.

    Each run of records goes back some places from the furthest one reached and on by some, perhaps less
    far than it went back; some records come twice at once. A batch holds one run or several.
    """
    batches: list[Delivery] = []
    furthest, batch = 0, list[int]()
    rest = (0, length, length + 1, True, draw(_consumers))
    for back, on, doubled, closes, consumers in [
        *draw(st.lists(_runs, min_size=8, max_size=16)),
        rest,
        *draw(st.lists(_runs, max_size=3)),
    ]:
        start = max(0, furthest - back)
        end = min(length, start + on)
        furthest = max(furthest, end)
        batch += [n for n in range(start, end) for _ in range(1 + (n % doubled == 0))]
        if closes:
            batches.append(Delivery(tuple(batch), consumers))
            batch = []
    return batches
