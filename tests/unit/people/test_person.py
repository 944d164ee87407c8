"""Promises of a person: a roster changes exactly the parts it contradicts, and is silent where it agrees."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.people.domain import person as domain
from services.people.domain.person import Contact, Directory, Entry, Person, Profile, Skill, Wish

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
