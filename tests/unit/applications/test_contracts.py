"""Promises of what leaves `applications` for its topic."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.applications import contracts
from services.applications.domain import application, edition, participation, round, sheet
from services.chassis import access
from services.chassis.catalog.registry import load
from services.chassis.catalog.schema import faults
from services.chassis.outbox import Outgoing
from tests.support.editions import CALL, PREPARED, WORDING

CONTRACTS = {entry.row.type: entry for entry in load(Path(__file__).parents[3] / "schemas").entries}
AT = datetime(2026, 1, 20, 10, 0, 0, 250_000, tzinfo=UTC)
SUBJECT, EDITION, PERSON, SUBSIDIARY, ROUND = (str(uuid.uuid5(uuid.NAMESPACE_URL, name)) for name in "sepur")
TEXT = "Free text that people wrote."
GRANTED = application.Waiver("granted", TEXT, TEXT, AT)
RELEASED = application.Decision("declined", TEXT, TEXT, AT - timedelta(days=1), released_at=AT)
EXEMPTION = participation.Exemption("leaving", TEXT, TEXT, AT - timedelta(days=1), date(2026, 6, 30))
ESCALATION = participation.Escalation(PERSON, AT - timedelta(days=1), by=TEXT, reason=TEXT)
ABOUT = (SUBJECT, EDITION, PERSON)
SAID = application.Content(answers={"why": TEXT})


def of_application(event: application.Event) -> Outgoing:
    """What goes out of an application's event, which must be something."""
    outgoing = contracts.of_application(event)
    assert outgoing
    return outgoing


OF_APPLICATIONS = [
    of_application(application.MentorApplied(*ABOUT, SUBSIDIARY, AT, "unmet")),
    of_application(application.ApplicationWithdrawn(*ABOUT, SUBSIDIARY, application.Withdrawal(TEXT, AT), told=True)),
    of_application(application.ContentChanged(*ABOUT, SUBSIDIARY, SAID, told=True, at=AT)),
    of_application(application.WaiverDecided(*ABOUT, SUBSIDIARY, GRANTED)),
    of_application(application.MentorSelected(*ABOUT, SUBSIDIARY, RELEASED)),
    of_application(application.MentorReserved(*ABOUT, SUBSIDIARY, RELEASED)),
    of_application(application.MentorDeclined(*ABOUT, SUBSIDIARY, RELEASED)),
    of_application(application.MentorAccepted(*ABOUT, SUBSIDIARY, AT)),
]


def of_participation(event: participation.Event) -> Outgoing:
    """What goes out of a participation's event, which must be something."""
    outgoing = contracts.of_participation(event)
    assert outgoing
    return outgoing


OF_PARTICIPATIONS = [
    of_participation(participation.MenteeObliged(*ABOUT, SUBSIDIARY, AT, participation.Lift(TEXT, TEXT, AT))),
    of_participation(participation.MenteeExempted(*ABOUT, SUBSIDIARY, EXEMPTION, AT)),
    of_participation(participation.MenteeEscalated(*ABOUT, SUBSIDIARY, ESCALATION, AT)),
    of_participation(participation.MenteeLeft(*ABOUT, SUBSIDIARY, participation.Left("moved_out", AT))),
]
OUTGOING = [
    contracts.of_edition(
        edition.EditionOpened(EDITION, "2026", date(2026, 3, 1), date(2027, 2, 28), (SUBSIDIARY,), AT)
    ),
    *[
        contracts.of_edition(
            edition.CallOpened(EDITION, replace(CALL, closes_at=AT, opens_at=opens_at, wording=wording), AT)
        )
        for opens_at, wording in ((AT, WORDING), (None, replace(WORDING, rules=())))
    ],
    contracts.of_edition(edition.EditionAmended(EDITION, PREPARED.terms, ("dates", "deadlines"), AT)),
    contracts.of_edition(edition.StageReached(EDITION, "selection", AT)),
    contracts.of_edition(edition.EditionClosed(EDITION, edition.Closing(PERSON, AT, TEXT))),
    *OF_APPLICATIONS,
    *OF_PARTICIPATIONS,
    contracts.of_round(
        round.SheetsAssigned(SUBJECT, EDITION, 1, 4, 12, assessors=(PERSON,), due_at=AT, assigned_at=AT, short=())
    ),
    contracts.of_round(round.RoundClosed(SUBJECT, EDITION, 1, "closed_early", AT)),
    contracts.of_sheet(sheet.SheetSaved(SUBJECT, ROUND, EDITION, {"fit": 1}, TEXT, AT)),
]
each = pytest.mark.parametrize("outgoing", OUTGOING, ids=lambda one: one.type)


def test_every_type_that_is_published_is_looked_at_here() -> None:
    """No event can be added without these tests seeing it; the access log's are the chassis' own."""
    assert sorted(one.type for one in OUTGOING) == sorted(contracts.PUBLISHES.keys() - access.PUBLISHES.keys())


@each
def test_event_keeps_its_contract(outgoing: Outgoing) -> None:
    """Data and attributes are what schema and registry promise to consumers."""
    entry = CONTRACTS[outgoing.type]
    data = json.loads(outgoing.data.model_dump_json())
    attributes = entry.row.attributes

    assert isinstance(outgoing.data, contracts.PUBLISHES[outgoing.type])
    assert faults(entry.contract.producer, data) == []
    assert outgoing.topic == entry.topic.name
    assert outgoing.edition == EDITION
    assert outgoing.subsidiary == (SUBSIDIARY if attributes.subsidiary else None)
    assert attributes.time is None or data[attributes.time] == "2026-01-20T10:00:00.250Z"


@each
def test_no_event_carries_what_people_wrote(outgoing: Outgoing) -> None:
    """Reasons, explanations and the names of those who decided stay in the service."""
    assert TEXT not in outgoing.data.model_dump_json()


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (application.ContentChanged(*ABOUT, SUBSIDIARY, SAID, told=True, at=AT), "content"),
        (application.Recounted(*ABOUT, SUBSIDIARY, (), "left", told=True, at=AT), "eligibility"),
        (application.WaiverRequested(*ABOUT, SUBSIDIARY, application.WaiverRequest(TEXT, AT)), "waiver_request"),
        (application.Admitted(*ABOUT, SUBSIDIARY, application.Admission(AT, TEXT, TEXT, AT)), "admission"),
        (application.DecisionPrepared(*ABOUT, SUBSIDIARY, replace(RELEASED, decided_at=AT)), "decision"),
        (
            application.AcceptanceExtended(*ABOUT, SUBSIDIARY, application.Extension(AT.date(), TEXT, TEXT, AT)),
            "extension",
        ),
    ],
)
def test_change_of_an_application_says_what_of_it_changed(event: application.Event, changed: str) -> None:
    """What has no event of its own goes out as a change, without what it says."""
    data = json.loads(of_application(event).data.model_dump_json())
    about = {"application_id": SUBJECT, "edition_id": EDITION, "mentor_id": PERSON}

    assert data == {**about, "changed": [changed], "at": "2026-01-20T10:00:00.250Z"}


@pytest.mark.parametrize(
    "event",
    [
        application.ApplicationStarted(*ABOUT, SUBSIDIARY, (), "in", 1, AT),
        application.BegunAgain(*ABOUT, SUBSIDIARY, AT),
        application.ContentChanged(*ABOUT, SUBSIDIARY, SAID, told=False, at=AT),
        application.Recounted(*ABOUT, SUBSIDIARY, (), "left", told=False, at=AT),
        application.ApplicationWithdrawn(*ABOUT, SUBSIDIARY, application.Withdrawal(TEXT, AT), told=False),
    ],
)
def test_what_was_not_handed_in_stays_private(event: application.Event) -> None:
    """Nobody learns of a draft from the topic."""
    assert contracts.of_application(event) is None


def test_pairs_are_told_of_by_matching_alone() -> None:
    """What a participation takes over of pairs changes its state and is not published a second time."""
    paired = participation.MenteePaired(*ABOUT, SUBSIDIARY, "pair-1")
    unpaired = participation.MenteeUnpaired(*ABOUT, SUBSIDIARY, "pair-1", AT)

    assert [contracts.of_participation(event) for event in (paired, unpaired)] == [None, None]


def test_companies_that_an_edition_takes_in_are_named() -> None:
    """Readers of a group-wide edition learn of its new scope from the event itself."""
    outgoing = contracts.of_edition(edition.ScopeExtended(EDITION, (SUBSIDIARY, PERSON), AT))
    data = json.loads(outgoing.data.model_dump_json())

    assert (data["changed"], data["subsidiaries"]) == (["scope"], [SUBSIDIARY, PERSON])
    assert faults(CONTRACTS[outgoing.type].contract.producer, data) == []
