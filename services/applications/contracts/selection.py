"""What goes out of a round and of a sheet: never a score, a comment, a reason, or whose application it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.applications.contracts.topics import TOPIC
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.chassis.outbox import Outgoing
from services.chassis.wire import Instant, Strict


class SheetsAssigned(Strict):
    """A round is open: assessors have their sheets."""

    round_id: str
    edition_id: str
    number: int
    applications: int
    sheets: int
    assessors: tuple[str, ...]
    due_at: Instant | None = None
    assigned_at: Instant


class SheetChanged(Strict):
    """An assessor wrote on a sheet, handed it in, or gave it back."""

    sheet_id: str
    round_id: str
    edition_id: str
    change: Literal["saved", "locked", "conflict_declared"]
    at: Instant


class RoundClosed(Strict):
    """A round is closed: its sheets can be seen by those responsible."""

    round_id: str
    edition_id: str
    number: int
    cause: rounds.Cause
    closed_at: Instant


SHEETS_ASSIGNED = "org.tandem.sheets.assigned.v1"
SHEET_CHANGED = "org.tandem.sheet.changed.v1"
ROUND_CLOSED = "org.tandem.round.closed.v1"
PUBLISHES: Mapping[str, type[BaseModel]] = {
    SHEETS_ASSIGNED: SheetsAssigned,
    SHEET_CHANGED: SheetChanged,
    ROUND_CLOSED: RoundClosed,
}


def of_round(event: rounds.Event) -> Outgoing | None:
    """An event of a round as it goes to the topic, if it does."""
    match event:
        case rounds.SheetsAssigned():
            assigned = SheetsAssigned(
                round_id=event.round_id,
                edition_id=event.edition_id,
                number=event.number,
                applications=event.applications,
                sheets=event.sheets,
                assessors=event.assessors,
                due_at=event.due_at,
                assigned_at=event.assigned_at,
            )
            return Outgoing(TOPIC, SHEETS_ASSIGNED, assigned, edition=event.edition_id)
        case rounds.RoundClosed():
            closed = RoundClosed.model_validate(event, from_attributes=True)
            return Outgoing(TOPIC, ROUND_CLOSED, closed, edition=event.edition_id)
        case rounds.RoundOpened() | rounds.ShortageFound() | rounds.ClosingBegun() | rounds.RoundWithdrawn():
            return None


def of_sheet(event: sheets.Event) -> Outgoing | None:
    """An event of a sheet as it goes to the topic, if it does."""
    match event:
        case sheets.SheetSaved():
            return _changed(event.sheet_id, event.round_id, event.edition_id, "saved", event.at)
        case sheets.SheetLocked():
            return _changed(event.sheet_id, event.round_id, event.edition_id, "locked", event.at)
        case sheets.ConflictDeclared():
            return _changed(event.sheet_id, event.round_id, event.edition_id, "conflict_declared", event.at)
        case sheets.SheetMade() | sheets.SheetMissed() | sheets.SheetVoided():
            return None


def _changed(
    sheet_id: str,
    round_id: str,
    edition_id: str,
    change: Literal["saved", "locked", "conflict_declared"],
    at: datetime,
) -> Outgoing:
    changed = SheetChanged(sheet_id=sheet_id, round_id=round_id, edition_id=edition_id, change=change, at=at)
    return Outgoing(TOPIC, SHEET_CHANGED, changed, edition=edition_id)
