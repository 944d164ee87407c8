"""What roster imports look like over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from services.chassis.http import Body
from services.chassis.wire import Instant, Strict
from services.people.domain.listing import Kind
from services.people.domain.roster_import import Job, State

MappingName = Annotated[str | None, Query(max_length=60, description="Name of a mapping; else the header tells")]
Partial = Annotated[bool, Query(description="The file has not everybody, so nobody leaves by it")]
AsOf = Annotated[date | None, Query(description="The day for which the file speaks; today")]
Encoding = Annotated[str | None, Query(max_length=40, description="E.g. cp1250; else a rule tells")]
Subsidiary = Annotated[str | None, Query(max_length=120, description="Of everybody, where no column has it")]
Source = Annotated[
    str | None, Query(max_length=60, pattern=r"^[\w.-]+$", description="Which feed this is; else the mapping's name")
]
FileName = Annotated[str | None, Query(max_length=200, description="To find it again")]


class MappingView(Strict):
    """A mapping: how the export of one HR system is read."""

    name: str
    title: str


class AskedView(Strict):
    """What the caller said of the file."""

    mapping: str | None
    partial: bool
    as_of: date | None
    encoding: str | None
    subsidiary: str | None
    source: str | None


class ProgressView(Strict):
    """How many people or rows of this step are done; ``total`` is 0 while nobody knows."""

    done: int
    total: int


class MissingView(Strict):
    """Somebody whose manager nobody knows."""

    key: str
    manager: str


class LettersView(Strict):
    """A name with letters that a wrong encoding would spoil."""

    line: int
    name: str


class ReadingView(Strict):
    """What was read. Of cycles and managers the first 100 are listed."""

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
    missing_managers: tuple[MissingView, ...]
    letters_to_check: tuple[LettersView, ...]


class PlanView(Strict):
    """What would change, in numbers; ``held`` says why the number of leavers must be stated."""

    joiners: int
    movers: int
    leavers: int
    conflicts: int
    unchanged: int
    left_before: int
    employed: int
    held: str | None


class ProblemView(Strict):
    """Why a file was refused as a whole, or why its dry run must be looked at again."""

    field: str | None
    detail: str


class OutcomeView(Strict):
    """How many people were to join, move and leave, and how many of them could not, since others were faster."""

    joined: int
    moved: int
    left: int
    failed: int


class ImportView(Strict):
    """A roster import: read, shown, applied."""

    id: str
    state: State
    by: str
    at: Instant
    file_name: str | None
    asked: AskedView
    progress: ProgressView
    reading: ReadingView | None
    plan: PlanView | None
    problem: ProblemView | None
    outcome: OutcomeView | None


class FieldView(Strict):
    """One field that changes."""

    field: str
    before: str | None
    after: str | None


class ChangeView(Strict):
    """One person who joins, moves, leaves or failed, or one row with a fault, a conflict or a warning.

    ``key`` is the number or id that the file calls the person, ``subsidiary`` a name for joiners, an id for others.
    """

    id: str
    kind: Kind
    line: int | None
    key: str | None
    name: str | None
    subsidiary: str | None
    person_id: str | None
    fields: tuple[FieldView, ...]
    reason: str | None
    column: str | None


class Application(Body):
    """The word to apply a dry run; ``leavers`` states how many people leave, which many leavers need."""

    leavers: Annotated[int, Field(ge=0, strict=True)] | None = None


def view(job: Job, progress: tuple[int, int]) -> ImportView:
    """An import as its caller sees it, and how much of what there is to do is done."""
    done, total = progress

    def part(model: type[Any], value: object) -> Any:
        return None if value is None else model.model_validate(value, from_attributes=True)

    return ImportView(
        id=job.import_id,
        state=job.state,
        by=job.by,
        at=job.at,
        file_name=job.file_name,
        asked=part(AskedView, job.asked),
        progress=ProgressView(done=done, total=total),
        reading=part(ReadingView, job.reading),
        plan=part(PlanView, job.plan),
        problem=part(ProblemView, job.problem),
        outcome=part(OutcomeView, job.outcome),
    )


def change_view(document: dict[str, Any]) -> ChangeView:
    """A change as its caller sees it."""
    told = {name: document[name] for name in ChangeView.model_fields if name not in ("id", "fields")}
    fields = tuple(FieldView(**one) for one in document["fields"])
    return ChangeView(id=document["_id"], fields=fields, **told)
