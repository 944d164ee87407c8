"""The programme board: per edition and subsidiary who takes part, who is paired, what was held.

It is computed at read from the documents of the source aggregates, so its totals cannot drift.
The subsidiary of a pair and of a session is the executive's, that of an application the applicant's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import chain

from services.reporting.domain.sources import (
    Answer,
    Application,
    Duty,
    Edition,
    Pair,
    Participation,
    Progress,
    Session,
    Workspace,
    later,
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that was heard of one edition."""

    edition: Edition
    applications: Sequence[Application] = ()
    participations: Sequence[Participation] = ()
    pairs: Sequence[Pair] = ()
    workspaces: Sequence[Workspace] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a subsidiary or of the whole edition.

    ``obliged`` are the executives in scope without an exemption, escalated ones too; the ``paired`` are among them,
    and a pair that has ended counts no more, but for the sessions that it held.
    ``applications`` are those that were not withdrawn, ``selected`` those of mentors, whether they accepted yet or not.
    """

    obliged: int = 0
    paired: int = 0
    exempt: int = 0
    applications: int = 0
    selected: int = 0
    sessions_held: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Board:
    """The counts per subsidiary: first those of the edition in its order, then others that occur.

    ``heard`` is the latest instant that an event of a subsidiary names; None stands for those of nobody known yet.
    """

    edition: Edition
    rows: dict[str, Counts]
    heard: Mapping[str | None, datetime]

    @property
    def as_of(self) -> datetime | None:
        """The latest instant that the edition or any event counted here names."""
        return max((at for at in (self.edition.as_of, *self.heard.values()) if at), default=None)

    @property
    def totals(self) -> Counts:
        """The sum of the rows."""
        return sum(self.rows.values(), Counts())

    def narrowed(self, subsidiaries: Sequence[str]) -> Board:
        """The board as if there were these subsidiaries only."""
        rows = {name: counts for name, counts in self.rows.items() if name in subsidiaries}
        return replace(self, rows=rows, heard={name: self.heard[name] for name in rows if name in self.heard})


@dataclass(frozen=True, slots=True)
class Follow:
    """How a pair follows through: ``last`` is the session held last, ``next`` the earliest still planned."""

    pair: Pair
    sessions_held: int
    last: Session | None
    next: Session | None


def board(sources: Sources) -> Board:
    """The board of an edition."""
    marks = Counter(_marks(sources))
    others = sorted({subsidiary for subsidiary, _ in marks} - set(sources.edition.subsidiaries))
    names = [one.name for one in fields(Counts)]
    rows = {
        subsidiary: Counts(*(marks[subsidiary, name] for name in names))
        for subsidiary in (*sources.edition.subsidiaries, *others)
    }
    return Board(sources.edition, rows, _heard(sources))


def follow(pair: Pair, workspace: Workspace | None) -> Follow:
    """How this pair follows through; a workspace that was not heard of yet has no sessions.

    What a pair that has ended left planned is not its next session.
    """
    sessions = workspace.sessions if workspace else ()
    held = [one for one in sessions if one.progress is Progress.HELD and one.held_at]
    goes_on = pair.ended_at is None
    planned = [one for one in sessions if goes_on and one.progress is Progress.PLANNED and one.planned_for]
    return Follow(
        pair,
        len(held),
        max(held, key=lambda one: (one.held_at, one.number), default=None),
        min(planned, key=lambda one: (one.planned_for, one.number), default=None),
    )


def _marks(sources: Sources) -> Iterator[tuple[str, str]]:
    """A mark (subsidiary, name of the count) for each thing that counts."""
    paired = {pair.mentee_id for pair in sources.pairs if pair.ended_at is None}
    for one in sources.participations:
        match one.duty:
            case Duty.EXEMPT:
                yield one.subsidiary, "exempt"
            case Duty.OBLIGED | Duty.ESCALATED:
                yield one.subsidiary, "obliged"
                if one.mentee_id in paired:
                    yield one.subsidiary, "paired"
    for application in sources.applications:
        if application.answer is not Answer.WITHDRAWN:
            yield application.subsidiary, "applications"
        if application.answer in (Answer.SELECTED, Answer.ACCEPTED):
            yield application.subsidiary, "selected"
    for workspace in sources.workspaces:
        for session in workspace.sessions:
            if session.progress is Progress.HELD and session.subsidiary:
                yield session.subsidiary, "sessions_held"


def _heard(sources: Sources) -> dict[str | None, datetime]:
    heard: dict[str | None, datetime] = {}
    for subsidiary, at in _dated(sources):
        if at and (latest := later(heard.get(subsidiary), at)):
            heard[subsidiary] = latest
    return heard


def _dated(sources: Sources) -> Iterator[tuple[str | None, datetime | None]]:
    people: Iterator[Application | Participation] = chain(sources.applications, sources.participations)
    for one in people:
        yield one.subsidiary, one.as_of
    homes = {pair.pair_id: pair.mentee_subsidiary for pair in sources.pairs}
    for pair in sources.pairs:
        yield pair.mentee_subsidiary, pair.as_of
    for workspace in sources.workspaces:
        held = (session.subsidiary for session in workspace.sessions if session.subsidiary)
        yield homes.get(workspace.pair_id) or next(held, None), workspace.as_of
