"""Promises of a person: a roster changes exactly the parts it contradicts, and is silent where it agrees."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.domain import deciding
from services.people.domain import person as domain
from services.people.domain.person import (
    Contact,
    Directory,
    Entry,
    Hours,
    Person,
    Profile,
    Role,
    RoleName,
    Skill,
    Wish,
)
from services.people.domain.profile import Cefr, LanguageLevel, PlatformUnknown
from services.people.domain.roles import Decided, Standing

NOW = datetime(2026, 3, 1, tzinfo=UTC)

EVERYTHING = frozenset(field.name for part in (Directory, Contact, Profile) for field in fields(part))
ENTRY = Entry(
    "000412",
    Directory(subsidiary="north", manager_id="boss"),
    Contact("Adaeze Okafor", "ada@example.com"),
    Profile(date(1999, 3, 14), date(2021, 9, 1), skills=(Skill("tiktok", 4),), languages=("en",)),
    EVERYTHING,
)

entries = st.builds(
    Entry,
    employee_number=st.just("000412"),
    directory=st.builds(Directory, subsidiary=st.sampled_from("ns"), executive=st.booleans(), active=st.booleans()),
    contact=st.builds(Contact, name=st.sampled_from(["Ada", "Bo"]), email=st.sampled_from(["a@x.org", "b@x.org"])),
    profile=st.builds(
        Profile,
        birth_date=st.sampled_from([date(1999, 3, 14), date(1999, 3, 15)]),
        entry_date=st.just(date(2021, 9, 1)),
        wishes=st.sampled_from([(), (Wish("tiktok", 1),)]),
        capacity=st.integers(0, 3),
    ),
    said=st.frozensets(st.sampled_from(sorted(EVERYTHING))),
)


def after(state: Person | None, entry: Entry) -> Person:
    for event in domain.take_over(state, "id", entry):
        state = domain.evolve(state, event)
    assert state is not None
    return state


def test_new_person_is_announced_on_all_three_topics() -> None:
    """Directory, contact and profile of somebody new all go out, and make up the person."""
    events = domain.take_over(None, "id", ENTRY)

    assert [type(event) for event in events] == [
        domain.DirectoryChanged,
        domain.ContactChanged,
        domain.ProfileChanged,
    ]
    assert after(None, ENTRY) == Person("id", "000412", ENTRY.directory, ENTRY.contact, ENTRY.profile)


def test_only_what_changed_goes_out() -> None:
    """A new name is nothing for the directory, somebody leaving nothing for the profiles."""
    ada = after(None, ENTRY)
    renamed = replace(ENTRY, contact=Contact("Adaeze Brandt", "ada@example.com"))
    leaver = replace(ENTRY, directory=replace(ENTRY.directory, active=False))

    assert [type(event) for event in domain.take_over(ada, "id", renamed)] == [domain.ContactChanged]
    assert [type(event) for event in domain.take_over(ada, "id", leaver)] == [domain.DirectoryChanged]
    assert after(ada, leaver).directory.active is False


def test_roster_without_a_column_leaves_that_field_alone() -> None:
    """What a person or an earlier roster said is not wiped out by a file that does not speak of it."""
    ada = after(None, ENTRY)
    silent = replace(
        ENTRY,
        directory=Directory(subsidiary="south"),
        profile=replace(ENTRY.profile, skills=(), capacity=2),
        said=frozenset({"subsidiary", "name", "email", "birth_date", "entry_date"}),
    )

    person = after(ada, silent)

    assert person.directory == Directory(subsidiary="south", manager_id="boss")
    assert person.profile == ada.profile


@given(st.lists(entries, min_size=1, max_size=5))
def test_taking_over_the_same_entry_again_changes_nothing(history: list[Entry]) -> None:
    """After any history the last entry, sent again, makes no event; said fields are as it says."""
    state: Person | None = None
    for entry in history:
        state = after(state, entry) if domain.take_over(state, "id", entry) else state

    assert state is not None
    assert domain.take_over(state, "id", history[-1]) == []
    for part, said in ((state.directory, history[-1].directory), (state.profile, history[-1].profile)):
        for name in history[-1].said & {field.name for field in fields(part)}:
            assert getattr(part, name) == getattr(said, name)


def test_login_is_let_go_of_once_and_nothing_else_changes() -> None:
    """Whoever has another login by now keeps it; the rest of the person stays."""
    [event] = domain.take_over(None, "id", ENTRY)[:1]
    state = domain.evolve(None, event)
    with_login = replace(state, directory=replace(state.directory, login="a"))

    [gone] = domain.let_go(with_login, "a")

    assert domain.evolve(with_login, gone) == state
    assert domain.let_go(with_login, "b") == domain.let_go(state, "a") == []


def ada(**said: Any) -> Person:
    """Ada after a roster, as she then says of herself."""
    state = after(None, replace(ENTRY, directory=replace(ENTRY.directory, roles=(Role(RoleName.AUDITOR),))))
    for event in deciding.declare(state, said, frozenset({"tiktok", "linkedin"})):
        state = domain.evolve(state, event)
    return state


def test_roster_does_not_overwrite_what_a_person_said() -> None:
    """What she declared stays and is named; what she left empty, or never spoke of, the roster fills."""
    state = ada(skills=(Skill("linkedin", 2),), wishes=(), place="Kiel")
    entry = replace(
        ENTRY,
        profile=replace(ENTRY.profile, wishes=(Wish("tiktok", 2),), place="Bonn", capacity=0),
    )

    person = after(state, entry)

    assert domain.kept_back(state, entry) == ("place", "skills")
    assert (person.profile.skills, person.profile.place) == ((Skill("linkedin", 2),), "Kiel")
    assert (person.profile.wishes, person.profile.capacity) == ((Wish("tiktok", 2),), 0)
    assert domain.kept_back(person, replace(entry, profile=person.profile)) == ()


def test_languages_are_spoken_from_b2_on() -> None:
    """The levels are kept; a session needs more than a few words."""
    state = ada(languages=(LanguageLevel("de", Cefr.C2), LanguageLevel("en", Cefr.B2), LanguageLevel("fr", Cefr.B1)))

    assert state.profile.languages == ("de", "en")
    assert [one.language for one in state.profile.levels] == ["de", "en", "fr"]
    assert after(state, ENTRY).profile == state.profile


def test_unknown_platform_is_refused_with_its_place_and_an_old_one_may_stay() -> None:
    """Nobody invents a platform; what a roster said before stays sayable."""
    with pytest.raises(PlatformUnknown) as refused:
        ada(wishes=(Wish("linkedin", 1), Wish("telegraph", 2)))

    assert refused.value.field == "/wishes/1/platform"
    state = after(None, ENTRY)
    assert deciding.declare(state, {"skills": (Skill("tiktok", 1),)}, frozenset())


def test_saying_the_same_again_changes_nothing() -> None:
    """No event, hence no record, once it is declared."""
    state = ada(skills=(Skill("tiktok", 4),))

    assert deciding.declare(state, {"skills": (Skill("tiktok", 4),)}, frozenset({"tiktok"})) == []


def test_preferences_change_directory_and_contact_alone() -> None:
    """The chosen language outlives the next roster; hours go with the address."""
    state = ada()
    hours = Hours(time(8), time(17, 30))

    events = deciding.prefer(state, {"language": "de", "hours": hours})

    assert [type(event) for event in events] == [domain.DirectoryChanged, domain.ContactChanged]
    for event in events:
        state = domain.evolve(state, event)
    assert after(state, ENTRY).directory.language == "de"
    assert state.contact.hours == hours
    assert deciding.prefer(state, {}) == []


def test_leaver_holds_no_role_from_that_change_on() -> None:
    """The very event that says that somebody left takes the roles; who comes back has none."""
    state = ada()
    assert state.directory.roles == (Role(RoleName.AUDITOR),)
    gone = replace(ENTRY, directory=replace(ENTRY.directory, active=False), said=frozenset({"active"}))

    [event] = domain.take_over(state, "id", gone)

    assert isinstance(event, domain.DirectoryChanged)
    assert (event.person.directory.active, event.person.directory.roles) == (False, ())
    back = replace(gone, directory=replace(ENTRY.directory, active=True))
    returned = after(domain.evolve(state, event), back)
    assert (returned.directory.active, returned.directory.roles) == (True, ())
    assert [one.standing for one in returned.holdings] == [Standing.ENDED]


def test_nobody_decides_on_the_own_roles_and_leavers_get_none() -> None:
    """Two people for each role; a role needs somebody who works here."""
    state = ada()
    own, other = Decided("id", NOW, "I need it badly"), Decided("bo", NOW, "stands in for Cem")
    for decide in (deciding.grant, deciding.revoke):
        with pytest.raises(deciding.OwnRole):
            decide(state, Role(RoleName.AUDITOR), own)

    changed, noted = deciding.grant(state, Role(RoleName.ASSESSOR, ("north",)), other)

    assert isinstance(noted, domain.RoleGranted)
    assert changed.person.directory.roles == (Role(RoleName.AUDITOR), Role(RoleName.ASSESSOR, ("north",)))
    left = after(state, replace(ENTRY, directory=replace(ENTRY.directory, active=False)))
    with pytest.raises(deciding.HasLeft):
        deciding.grant(left, Role(RoleName.ASSESSOR), other)


def test_numbers_and_leaves_are_changes_that_no_topic_carries() -> None:
    """HR's numbers stay in `people`; that they changed is on record."""
    state = ada()
    moved = replace(ENTRY, external_id="e-1", on_leave=True, leaves_on=date(2027, 1, 31))
    said = frozenset({"external_id", "on_leave", "leaves_on"})

    events = domain.noted(domain.take_over(state, "id", replace(moved, said=said)), NOW)

    assert [type(event) for event in events] == [domain.EmploymentChanged, domain.PersonChanged]
    person = domain.evolve(state, events[0])
    assert (person.external_id, person.on_leave, person.leaves_on) == ("e-1", True, date(2027, 1, 31))


def test_person_without_number_and_id_is_refused() -> None:
    """The next roster could not find them."""
    with pytest.raises(domain.Unidentified):
        domain.take_over(None, "id", replace(ENTRY, employee_number=None))

    assert domain.take_over(None, "id", replace(ENTRY, employee_number=None, external_id="e-1"))


def test_first_officer_is_somebody_new_or_known() -> None:
    """A known person keeps everything but the login; both get the two roles for the whole group."""
    decided = Decided("bootstrap-officer", NOW, "The group has no officer yet.")
    entry = replace(ENTRY, directory=replace(ENTRY.directory, login="idp:ada"), said=frozenset({"login"}))
    state = ada(place="Kiel")

    for before in (None, state):
        person = before
        for event in deciding.appoint(before, "id", entry, decided):
            person = domain.evolve(person, event)
        assert person is not None
        assert person.directory.login == "idp:ada"
        assert {Role(RoleName.GROUP_OFFICE), Role(RoleName.OPERATOR)} <= set(person.directory.roles)

    assert person.profile == state.profile
