"""Promises of what leaves `applications` for its topic."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.applications import contracts
from services.applications.domain import application, edition, participation
from services.chassis import access
from services.chassis.catalog.registry import load
from services.chassis.catalog.schema import faults
from services.chassis.outbox import Outgoing

CONTRACTS = {entry.row.type: entry for entry in load(Path(__file__).parents[3] / "schemas").entries}
AT = datetime(2026, 1, 20, 10, 0, 0, 250_000, tzinfo=UTC)
SUBJECT, EDITION, PERSON, SUBSIDIARY = (str(uuid.uuid5(uuid.NAMESPACE_URL, name)) for name in "sepu")
TEXT = "Free text that people wrote."
GRANTED = application.Waiver("granted", TEXT, TEXT, AT)
DECIDED = application.Decision("declined", TEXT, TEXT, AT)
EXEMPTION = participation.Exemption("leaving", TEXT, TEXT, AT)
ABOUT = (SUBJECT, EDITION, PERSON)

OUTGOING = [
    contracts.of_edition(
        edition.EditionOpened(EDITION, "2026", date(2026, 3, 1), date(2027, 2, 28), (SUBSIDIARY,), AT)
    ),
    contracts.of_edition(edition.CallOpened(EDITION, date(2026, 3, 1), 28, ("de", "pt-BR"), AT, AT)),
    contracts.of_application(application.MentorApplied(*ABOUT, SUBSIDIARY, AT, "unmet", ())),
    contracts.of_application(application.WaiverDecided(*ABOUT, GRANTED)),
    contracts.of_application(application.MentorSelected(*ABOUT, SUBSIDIARY, DECIDED)),
    contracts.of_application(application.MentorDeclined(*ABOUT, SUBSIDIARY, DECIDED)),
    contracts.of_participation(participation.MenteeObliged(*ABOUT, SUBSIDIARY, AT)),
    contracts.of_participation(participation.MenteeExempted(*ABOUT, SUBSIDIARY, EXEMPTION)),
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
