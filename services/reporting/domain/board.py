"""The programme board: per edition and subsidiary who takes part, who is paired, what was held.

It is computed at read from the documents of the source aggregates, so its totals cannot drift.
The subsidiary of a pair and of a session is the executive's, that of an application the applicant's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
)

_Dated = Edition | Application | Participation | Pair | Workspace


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

    ``obliged`` are the executives in scope without an exemption; the ``paired`` are among them.
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

    ``as_of`` is the latest instant that any event counted here names.
    """

    edition: Edition
    rows: dict[str, Counts]
    as_of: datetime | None

    @property
    def totals(self) -> Counts:
        """The sum of the rows."""
        return sum(self.rows.values(), Counts())

    def narrowed(self, subsidiary: str) -> Board:
        """The board with the row of one subsidiary, without a row where it has none."""
        rows = {name: counts for name, counts in self.rows.items() if name == subsidiary}
        return replace(self, rows=rows)


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
    return Board(sources.edition, rows, _as_of(sources))


def follow(pair: Pair, workspace: Workspace | None) -> Follow:
    """How this pair follows through; a workspace that was not heard of yet has no sessions."""
    sessions = workspace.sessions if workspace else ()
    held = [one for one in sessions if one.progress is Progress.HELD and one.held_at]
    planned = [one for one in sessions if one.progress is Progress.PLANNED and one.planned_for]
    return Follow(
        pair,
        len(held),
        max(held, key=lambda one: (one.held_at, one.number), default=None),
        min(planned, key=lambda one: (one.planned_for, one.number), default=None),
    )


def _marks(sources: Sources) -> Iterator[tuple[str, str]]:
    """A mark (subsidiary, name of the count) for each thing that counts."""
    paired = {pair.mentee_id for pair in sources.pairs}
    for one in sources.participations:
        yield one.subsidiary, "exempt" if one.duty is Duty.EXEMPT else "obliged"
        if one.duty is Duty.OBLIGED and one.mentee_id in paired:
            yield one.subsidiary, "paired"
    for application in sources.applications:
        yield application.subsidiary, "applications"
        if application.answer is Answer.SELECTED:
            yield application.subsidiary, "selected"
    for workspace in sources.workspaces:
        for session in workspace.sessions:
            if session.progress is Progress.HELD and session.subsidiary:
                yield session.subsidiary, "sessions_held"


def _as_of(sources: Sources) -> datetime | None:
    heard: Iterable[_Dated] = chain(
        [sources.edition], sources.applications, sources.participations, sources.pairs, sources.workspaces
    )
    return max((one.as_of for one in heard if one.as_of), default=None)
