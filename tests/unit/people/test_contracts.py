"""Promises of what leaves `people` for its topics."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from services.chassis import access
from services.chassis.catalog.registry import load
from services.chassis.catalog.schema import faults
from services.chassis.outbox import Outgoing
from services.people import contracts
from services.people.contracts import group, persons
from services.people.domain import person, roster_import, service_account, subsidiary
from services.people.domain.profile import Cefr, Contract, HalfDay, LanguageLevel
from services.people.domain.roles import Role, RoleName

CONTRACTS = {entry.row.type: entry for entry in load(Path(__file__).parents[3] / "schemas").entries}
AT = datetime(2026, 1, 20, 10, 0, 0, 250_000, tzinfo=UTC)
WHO, HOME, BOSS = (str(uuid5(NAMESPACE_URL, name)) for name in "phb")
ADA = person.Person(
    WHO,
    "000412",
    person.Directory(HOME, "idp:ada", (Role(RoleName.ASSESSOR, (HOME,)),), BOSS, job_level="L2"),
    person.Contact("Adaeze Okafor", "ada@example.com", hours=person.Hours(time(7, 30), time(18))),
    person.Profile(
        date(1999, 3, 14),
        date(2021, 9, 1),
        skills=(person.Skill("tiktok", 4),),
        wishes=(person.Wish("linkedin", 1),),
        languages=("de",),
        levels=(LanguageLevel("de", Cefr.C2),),
        remote=True,
        availability=(HalfDay.TUE_AM,),
        contract=Contract.WORKING_STUDENT,
    ),
)
BARE = replace(ADA, contact=replace(ADA.contact, email=None, hours=None), profile=person.Profile(entry_date=None))
ROLE = Role(RoleName.AUDITOR)
NORTH = subsidiary.Subsidiary(HOME, "North", BOSS, names_shown=True)
KEY = service_account.Key("0f1e2d3c4b5a", "9f" * 32, 1, AT, AT + timedelta(days=90), "request")
FEED = service_account.Account(WHO, "HR feed", "Ms Kurz", (ROLE,), "idp:feed", (KEY,))
IMPORT = roster_import.Job(WHO, BOSS, AT, "staff.csv", roster_import.Asked(), roster_import.Powers())
OUTGOING: list[Any] = [
    contracts.of_person(person.DirectoryChanged(ADA)),
    contracts.of_person(person.ContactChanged(ADA)),
    contracts.of_person(person.ContactChanged(BARE)),
    contracts.of_person(person.ProfileChanged(ADA)),
    contracts.of_person(person.ProfileChanged(BARE)),
    contracts.of_person(person.PersonChanged(ADA, ("directory", "employment"), AT)),
    contracts.of_person(person.RoleGranted(ADA, ROLE, AT)),
    contracts.of_person(person.RoleRevoked(ADA, ROLE, AT)),
    contracts.of_subsidiary(subsidiary.SubsidiaryChanged(NORTH)),
    contracts.of_subsidiary(subsidiary.ChangeNoted(NORTH, ("names_shown",), AT)),
    contracts.of_account(service_account.AccountChanged(FEED)),
    contracts.of_account(service_account.ChangeNoted(FEED, "key_added", KEY.key_id, AT)),
    contracts.of_import(roster_import.ImportMoved(IMPORT, AT, "uploaded")),
    Outgoing(contracts.DIRECTORY_TOPIC, contracts.HEARTBEAT, contracts.heartbeat(WHO, AT, 6)),
]
each = pytest.mark.parametrize("outgoing", OUTGOING, ids=lambda one: one.type)


def test_every_type_that_is_published_is_looked_at_here() -> None:
    """No record can be added without these tests seeing it; the access log's are the chassis' own."""
    assert sorted(one.type for one in OUTGOING) == sorted(contracts.PUBLISHES.keys() - access.PUBLISHES.keys())


@each
def test_record_keeps_its_contract(outgoing: Outgoing) -> None:
    """Data and attributes are what schema and registry promise."""
    entry = CONTRACTS[outgoing.type]
    data = json.loads(outgoing.data.model_dump_json())
    attributes = entry.row.attributes

    assert isinstance(outgoing.data, contracts.PUBLISHES[outgoing.type])
    assert faults(entry.contract.producer, data) == []
    assert outgoing.topic == entry.topic.name
    assert outgoing.subsidiary == (HOME if attributes.subsidiary else None)
    assert attributes.time is None or data[attributes.time] == "2026-01-20T10:00:00.250Z"


@pytest.mark.parametrize("missing", ["birth_date", "entry_date"])
def test_second_version_is_for_those_alone_of_whom_the_first_cannot_be_said(missing: str) -> None:
    """Earlier readers go on reading everybody else."""
    undated = replace(ADA, profile=replace(ADA.profile, **{missing: None}))

    types = [contracts.of_person(person.ProfileChanged(one)) for one in (ADA, undated)]

    assert [one.type for one in types if one] == [contracts.PROFILES, persons.PROFILES_UNDATED]


def test_numbers_of_hr_go_to_no_topic() -> None:
    """Who wants an employee number asks `people`."""
    assert contracts.of_person(person.EmploymentChanged(ADA)) is None
    assert all("000412" not in one.data.model_dump_json() for one in OUTGOING)


def test_what_is_on_record_of_an_account_tells_no_digest() -> None:
    """The directory needs it; the audit trail, which is kept for ever, does not."""
    noted = contracts.of_account(service_account.ChangeNoted(FEED, "key_added", KEY.key_id, AT))

    assert noted.topic == contracts.ACCESS_TOPIC
    assert KEY.digest not in noted.data.model_dump_json()
    assert noted.type == group.ACCOUNT_CHANGED
