"""What `people` tells of roster imports; tolerant, so that new fields and kinds break nothing."""

from __future__ import annotations

from datetime import date, datetime

from services.portal.clients.records import Read


class Mapping(Read):
    """How the export of one HR system is read."""

    name: str
    title: str = ""


class Asked(Read):
    """What the sender said of the file."""

    mapping: str | None = None
    partial: bool = False
    as_of: date | None = None
    encoding: str | None = None
    subsidiary: str | None = None
    source: str | None = None


class Progress(Read):
    """How many people or rows are done; ``total`` is 0 while nobody knows."""

    done: int = 0
    total: int = 0


class Missing(Read):
    """Somebody whose manager nobody knows."""

    key: str
    manager: str


class Letters(Read):
    """A name that a wrong encoding would spoil."""

    line: int
    name: str


class Reading(Read):
    """What was read."""

    mapping: str = ""
    source: str = ""
    encoding: str = ""
    encoding_guessed: bool = False
    records: int = 0
    accepted: int = 0
    rejected_rows: int = 0
    ignored_blank_rows: int = 0
    warnings: int = 0
    cycles: tuple[tuple[str, ...], ...] = ()
    self_managers: tuple[str, ...] = ()
    missing_managers: tuple[Missing, ...] = ()
    letters_to_check: tuple[Letters, ...] = ()


class Plan(Read):
    """What would change, in numbers; ``held`` says why the number of leavers must be stated."""

    joiners: int = 0
    movers: int = 0
    leavers: int = 0
    conflicts: int = 0
    unchanged: int = 0
    left_before: int = 0
    employed: int = 0
    held: str | None = None

    @property
    def changes(self) -> int:
        """How many people change."""
        return self.joiners + self.movers + self.leavers


class Problem(Read):
    """Why a file was refused as a whole, or why its dry run must be looked at again."""

    field: str | None = None
    detail: str = ""


class Outcome(Read):
    """What came of it, in people."""

    joined: int = 0
    moved: int = 0
    left: int = 0
    failed: int = 0


class Import(Read):
    """A roster import and how far it is."""

    id: str
    state: str
    by: str = ""
    at: datetime
    file_name: str | None = None
    asked: Asked = Asked()
    progress: Progress = Progress()
    reading: Reading | None = None
    plan: Plan | None = None
    problem: Problem | None = None
    outcome: Outcome | None = None

    @property
    def busy(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in {"reading", "applying"}


class Field(Read):
    """One field that changes."""

    field: str
    before: str | None = None
    after: str | None = None


class Change(Read):
    """Somebody who joins, moves, leaves or failed, or one row with a fault."""

    id: str
    line: int | None = None
    key: str | None = None
    name: str | None = None
    subsidiary: str | None = None
    person_id: str | None = None
    fields: tuple[Field, ...] = ()
    reason: str | None = None
    column: str | None = None
