"""Promises of subsidiaries: a tree without circles, switches that are off until somebody turns them on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.domain import subsidiary as domain
from services.people.domain.subsidiary import Subsidiary

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TREE = {"holding": None, "fairs": "holding", "north": "fairs", "asia": "holding"}


def after(state: Subsidiary | None, events: list[domain.Event]) -> Subsidiary:
    for event in events:
        state = domain.evolve(state, event)
    assert state is not None
    return state


def test_subsidiary_that_a_roster_names_allows_nothing() -> None:
    """What a works agreement must allow is off; the first name stays."""
    made = after(None, domain.name_once(None, "north", "North", NOW))

    assert (made.names_shown, made.outcomes_counted, made.parent_id) == (False, False, None)
    assert domain.name_once(made, "north", "NORTH", NOW) == []


def test_change_names_the_fields_that_changed() -> None:
    """What stays the same is no change, and a change that changes nothing makes no record."""
    state = Subsidiary("north", "North", names_shown=True)

    changed, noted = domain.change(state, {"names_shown": True, "outcomes_counted": True}, NOW, TREE)

    assert isinstance(noted, domain.ChangeNoted)
    assert noted.changed == ("outcomes_counted",)
    assert changed.subsidiary == replace(state, outcomes_counted=True)
    assert domain.change(state, {"name": "North", "parent_id": None}, NOW, TREE) == []


@pytest.mark.parametrize(
    ("id", "parent", "rule"),
    [
        ("fairs", "fairs", domain.CircleOfCompanies),
        ("fairs", "north", domain.CircleOfCompanies),
        ("holding", "asia", domain.CircleOfCompanies),
        ("asia", "nowhere", domain.ParentUnknown),
    ],
)
def test_no_company_stands_above_itself(id: str, parent: str, rule: type[Exception]) -> None:
    """Directly, by others, or at the top; and the company above exists."""
    with pytest.raises(rule):
        domain.change(Subsidiary(id, id, TREE[id]), {"parent_id": parent}, NOW, TREE)


def test_company_moves_to_where_it_may() -> None:
    """To another branch, and to the top."""
    north = Subsidiary("north", "North", "fairs")

    assert after(north, domain.change(north, {"parent_id": "asia"}, NOW, TREE)).parent_id == "asia"
    assert after(north, domain.change(north, {"parent_id": None}, NOW, TREE)).parent_id is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=20))
def test_no_history_of_moves_makes_a_circle(moves: list[tuple[str, str]]) -> None:
    """Whatever is asked for, the tree stays one."""
    parents: dict[str, str | None] = dict.fromkeys("abcdef")
    for id, parent in moves:
        try:
            events = domain.change(Subsidiary(id, id, parents[id]), {"parent_id": parent}, NOW, parents)
        except domain.RuleBroken:
            continue
        parents[id] = parent if events else parents[id]

    assert not any(domain.in_circle(id, parents) for id in parents)


def test_a_name_is_established_once() -> None:
    """Whoever wants to make a company that exists is told to change it."""
    with pytest.raises(domain.SubsidiaryExists):
        domain.establish(Subsidiary("north", "North"), Subsidiary("north", "North"), NOW)
    with pytest.raises(domain.ParentUnknown):
        domain.establish(None, Subsidiary("west", "West", "nowhere"), NOW, TREE)
