"""One record of each kind that `applications` keeps, of one company or across two."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.applications import store
from services.applications.domain import application, edition, participation
from services.applications.domain import round as rounds
from services.applications.domain import sheet as sheets
from services.applications.domain.eligibility import RuleChecked
from services.chassis.aggregate import Command
from services.chassis.runtime import Runtime
from tests.support.editions import edition as an_edition

if TYPE_CHECKING:
    from tests.support.access_records import Records

_LAST_DAY = date(2099, 2, 28)
_OFFER = application.Offer(1, (application.Platform("tiktok", 3),), ("de",), ("mon_am",))
_CONTENT = application.Content(_OFFER, {"why": "Because I like to."}, form_version=1, manager_informed=True)
_SEED = Command(actor="a-seed")
_MISSED = (RuleChecked("age", met=False, calculation="29 on 2026-03-01"),)


async def write_programme(runtime: Runtime, one: Records) -> None:
    """Write an edition in its selection, an application, its sheet in an open round, and a participation."""
    if not one.joining:
        name = f"Edition {one.edition[:4]}"
        drafted = edition.EditionDrafted(
            an_edition("selection", edition_id=one.edition, name=name, subsidiaries=one.subsidiaries, ends_on=_LAST_DAY)
        )
        await runtime.repository(store.EDITIONS).handle(one.edition, lambda state: [drafted], _SEED)
        await _write_round(runtime, one)
    named = (one.application, one.edition, one.mentor, one.mentor_company)
    begun = application.ApplicationStarted(*named, rules=_MISSED, standing="in", form_version=1, at=one.at)
    said = application.ContentChanged(*named, content=_CONTENT, told=False, at=one.at)
    applied = application.MentorApplied(*named, applied_at=one.at, eligibility="unmet")
    await runtime.repository(store.APPLICATIONS).handle(one.application, lambda state: [begun, said, applied], _SEED)
    obliged = participation.MenteeObliged(one.participation, one.edition, one.mentee, one.company, obliged_at=one.at)
    await runtime.repository(store.PARTICIPATIONS).handle(one.participation, lambda state: [obliged], _SEED)


async def _write_round(runtime: Runtime, one: Records) -> None:
    opened = rounds.RoundOpened(
        one.round,
        one.edition,
        number=1,
        per_application=2,
        due_at=None,
        assessors=(one.assessor,),
        applications=None,
        seed="a-seed",
        opened_by="a-manager",
        opened_at=one.at,
    )
    assigned = rounds.SheetsAssigned(
        one.round, one.edition, 1, 1, 1, (one.assessor,), due_at=None, assigned_at=one.at, short=()
    )
    await runtime.repository(store.ROUNDS).handle(one.round, lambda state: [opened, assigned], _SEED)
    made = sheets.SheetMade(one.sheet, one.round, one.edition, one.application, one.mentor, one.assessor)
    await runtime.repository(store.SHEETS).handle(one.sheet, lambda state: [made], _SEED)
