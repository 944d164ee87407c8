"""Promises about the story's people: who they are, under which logins, and what the sign-in page says of them."""

from __future__ import annotations

from datetime import date
from typing import get_args

from deploy.local.story import calendar, roster, stages
from deploy.local.story.personas import STAGES, personas
from services.people.domain.roles import RoleName

ROWS = roster.rows()


def test_everybody_has_a_login_of_their_own() -> None:
    """So each person of the story acts under the own name, and nobody is let in for two."""
    assert len(set(roster.logins().values())) == len(ROWS)
    assert all(login and ":" not in login for login in roster.logins().values())


def test_the_cast_is_as_the_calendar_counts_it() -> None:
    """Applicants are those whose number begins with M; executives are marked."""
    executives = [number for number, row in ROWS.items() if row["executive"] == "true"]
    applicants = [number for number in ROWS if number.startswith("M")]

    assert len(executives) == calendar.EXECUTIVES
    assert len(applicants) == calendar.APPLICANTS
    assert not any(ROWS[number]["executive"] == "true" for number in applicants)


def test_every_role_has_somebody_to_sign_in_as() -> None:
    """The officer's roles come from the bootstrap, so they stand in no roster."""
    logins = roster.logins()
    told = {
        role.partition("@")[0]: logins[number]
        for number, row in ROWS.items()
        for role in row["roles"].split(";")
        if role
    }

    assert set(told) == set(RoleName) - {RoleName.GROUP_OFFICE}
    assert {*told.values(), logins[roster.OFFICER]} <= set(STAGES)
    assert ROWS[roster.OFFICER]["roles"] == ""


def test_the_sign_in_page_tells_what_each_persona_does_in_both_languages() -> None:
    """Everybody on it is in the roster and has a line and a stage in German and English."""
    shown = personas()

    assert list(shown) == list(STAGES)
    for persona in shown.values():
        assert set(persona.line) == set(persona.stage) == {"en", "de"}
        assert persona.name in {row["name"] for row in ROWS.values()}


def test_hr_reports_nobody_but_the_leaver() -> None:
    """One row with the last day; nothing else of the person changes, and nobody else leaves."""
    header, row = roster.leavers(date(2026, 7, 28)).decode().splitlines()
    told = dict(zip(header.split(","), row.split(","), strict=True))

    assert told.pop("leaving_date") == "2026-07-28"
    assert told.items() <= ROWS[roster.LEAVER].items()
    assert told["employee_number"] == roster.LEAVER
    assert ROWS[roster.HR]["roles"] == "hr_integrator"


def test_every_stage_says_where_the_story_stops() -> None:
    """Whoever stops there is told what is left to be done by hand."""
    assert set(stages.TOLD) == set(get_args(calendar.Stage))


def test_nobody_meets_twice_in_a_month() -> None:
    """Of each executive a month has one meeting at most; eight of them go on until the end."""
    for month in range(len(calendar.MONTHS)):
        met = [meeting.executive for meeting in calendar.meetings(month)]
        assert len(met) == len(set(met))
        assert set(range(calendar.STAYED)) <= set(met) <= set(range(calendar.EXECUTIVES))
    assert met == list(range(calendar.STAYED))
