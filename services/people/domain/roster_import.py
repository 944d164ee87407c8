"""A roster import as a job: what was asked, how far it is, what it found. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from services.people.domain.plan import Plan
from services.people.domain.reading.reading import Reading
from services.people.domain.rules import RuleBroken

SHOWN = 100  # cycles and people without a manager that a summary lists


class State(StrEnum):
    """How far an import is: it reads, waits for somebody's word, applies; or it has ended in one of three ways."""

    READING = "reading"
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    CANCELLED = "cancelled"


ENDED = frozenset({State.APPLIED, State.REFUSED, State.CANCELLED})
BUSY = frozenset({State.READING, State.APPLYING})


class NotPlanned(RuleBroken):
    """Only a dry run that was shown can be applied."""

    kind = "import-not-planned"


class HasEnded(RuleBroken):
    """It is applied, refused or cancelled, or somebody is applying it."""

    kind = "import-has-ended"


class LeaversNotStated(RuleBroken):
    """So many people would leave that somebody must state their number."""

    kind = "leavers-not-stated"
    field = "/leavers"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller says of the file; ``own_mapping`` is the text of a mapping file of theirs."""

    mapping: str | None = None
    partial: bool = False
    as_of: date | None = None
    encoding: str | None = None
    subsidiary: str | None = None
    source: str | None = None
    own_mapping: str | None = None


@dataclass(frozen=True, slots=True)
class Powers:
    """Where the caller may import people, give roles and change logins; None is everywhere."""

    within: tuple[str, ...] | None = None
    granting: tuple[str, ...] | None = None
    linking: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody whose manager nobody knows."""

    key: str
    manager: str


@dataclass(frozen=True, slots=True)
class Letters:
    """A name with letters that a wrong encoding would spoil."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class ReadingSummary:
    """What was read; of cycles and managers the first ``SHOWN``, of letters some."""

    mapping: str
    source: str
    key: str
    encoding: str
    encoding_guessed: bool
    delimiter: str
    records: int
    accepted: int
    rejected_rows: int
    ignored_blank_rows: int
    warnings: int
    cycles: tuple[tuple[str, ...], ...]
    self_managers: tuple[str, ...]
    missing_managers: tuple[Missing, ...]
    letters_to_check: tuple[Letters, ...]


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What would change, in numbers; ``held`` says why the number of leavers must be stated."""

    joiners: int
    movers: int
    leavers: int
    conflicts: int
    unchanged: int
    left_before: int
    employed: int
    held: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file was refused as a whole, or why an import goes back to its dry run."""

    field: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many people joined, moved and left, and how many could not, since others were faster."""

    joined: int
    moved: int
    left: int
    failed: int


@dataclass(frozen=True, slots=True)
class Job:
    """One import. ``by`` is who uploaded it, ``applier`` who had it applied; ``digest`` tells one plan from another.

    ``started``: something of it may have been written already since this dry run.
    """

    import_id: str
    by: str
    at: datetime
    file_name: str | None
    asked: Asked
    powers: Powers
    state: State = State.READING
    reading: ReadingSummary | None = None
    plan: PlanSummary | None = None
    problem: Problem | None = None
    outcome: Outcome | None = None
    digest: str | None = None
    applier: str | None = None
    started: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who had an import applied, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ImportMoved:
    """The import went on, or the work on it did (``step`` None); ``job`` is as it stands afterwards."""

    job: Job
    at: datetime
    step: Step | None = None


Step = Literal["uploaded", "confirmed", "applied", "refused", "cancelled"]


def evolve(state: Job | None, event: ImportMoved) -> Job:
    """The import after an event."""
    return event.job


def upload(state: Job | None, job: Job) -> list[ImportMoved]:
    """Keep a file, once."""
    return [ImportMoved(job, job.at, "uploaded")] if state is None else []


def confirm(job: Job, stated: int | None, powers: Powers, who: Confirmed) -> list[ImportMoved]:
    """Have a dry run applied that was shown. Raises ``NotPlanned``, ``LeaversNotStated``."""
    _may_apply(job, stated)
    confirmed = replace(job, state=State.APPLYING, applier=who.by, powers=powers, problem=None)
    return [ImportMoved(confirmed, who.at, "confirmed")]


def cancel(job: Job, at: datetime) -> list[ImportMoved]:
    """Give an import up of which nothing was written. Raises ``HasEnded``."""
    if job.state not in (State.READING, State.PLANNED):
        raise HasEnded(f"This import is {job.state}; it cannot be cancelled any more.")
    return [ImportMoved(replace(job, state=State.CANCELLED), at, "cancelled")]


def _may_apply(job: Job, stated: int | None) -> None:
    if job.state is not State.PLANNED or job.plan is None:
        raise NotPlanned(f"This import is {job.state}; only a planned one can be applied.")
    leavers = job.plan.leavers
    if stated is not None and stated != leavers:
        raise LeaversNotStated(f"{stated} leavers were stated, but {leavers} would leave; look at them and state that.")
    if stated is None and job.plan.held:
        raise LeaversNotStated(f"Look at the leavers and state that {leavers} leave: {job.plan.held}.")


def summary_of(reading: Reading) -> ReadingSummary:
    """The numbers of a reading."""
    lines = reading.hierarchy
    return ReadingSummary(
        mapping=reading.layout.name,
        source=reading.source,
        key=reading.key,
        encoding=reading.encoding,
        encoding_guessed=reading.guessed,
        delimiter=reading.delimiter,
        records=len(reading.records) + reading.refused,
        accepted=len(reading.records),
        rejected_rows=reading.refused,
        ignored_blank_rows=reading.blank,
        warnings=len(reading.warnings),
        cycles=_first(tuple(_first(cycle) for cycle in lines.cycles)),
        self_managers=_first(lines.own),
        missing_managers=tuple(Missing(key, manager) for key, manager in _first(lines.missing)),
        letters_to_check=tuple(Letters(record.line, record.name) for record in reading.letters),
    )


def numbers_of(plan: Plan) -> PlanSummary:
    """The numbers of a plan."""
    return PlanSummary(
        joiners=len(plan.joiners),
        movers=len(plan.movers),
        leavers=len(plan.leavers),
        conflicts=len(plan.conflicts),
        unchanged=plan.unchanged,
        left_before=plan.gone,
        employed=plan.employed,
        held=plan.held,
    )


def _first(items: Sequence[object]) -> tuple:  # type: ignore[type-arg]
    return tuple(items[:SHOWN])
