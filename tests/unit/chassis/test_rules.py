"""What a rule lets somebody do, and how what it does not let them do looks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.aggregate import AggregateKind, Repository
from services.chassis.auth.principal import Principal, Scope
from services.chassis.auth.rules import (
    OPERATIONS,
    Hidden,
    OutsideScope,
    OwnCase,
    Permit,
    RoleMissing,
    everyone,
    permit,
    roles,
)
from services.chassis.errors import Denied, NotFound
from services.chassis.http.problems import problem, refusal

ROUTE = "GET /v1/things/{thing_id}"
NOWHERE, NORTH, ALL = Scope(), Scope(frozenset({"north"})), Scope(everything=True)


def who(kind: Any = "person", id: str = "p", **scopes: Scope) -> Principal:
    """Somebody who holds these roles there."""
    return Principal(id, kind, "home", scopes=scopes)


def allowed(scope: Scope, principal: Principal | None = None) -> Permit:
    """A permit for this scope."""
    return Permit(principal or who(), scope, ROUTE)


def denied(error: type[Denied], call: Any, *args: Any, **named: Any) -> Denied:
    """The denial that a call ends in."""
    with pytest.raises(error) as caught:
        call(*args, **named)
    assert type(caught.value) is error
    return caught.value


def test_a_rule_lets_in_where_one_of_its_roles_holds() -> None:
    """Several roles add up; others do not count."""
    rule = roles("programme_manager", "auditor")
    south = Scope(frozenset({"south"}))
    let_in = permit(rule, who(programme_manager=NORTH, auditor=south, operator=ALL), ROUTE)
    assert let_in.scope == NORTH.joined(south)
    assert let_in.id == "p"


def test_whoever_has_none_of_the_roles_is_told_which_it_takes() -> None:
    """403 that names the roles, and is about the route."""
    error = denied(RoleMissing, permit, roles("operator", "auditor"), who(assessor=ALL), ROUTE)
    assert (error.status, error.kind) == (403, "role-missing")
    assert "auditor, operator" in error.detail
    assert (error.resource_kind, error.resource_id) == ("route", "GET:/v1/things/{thing_id}")


@pytest.mark.parametrize("scope", [NOWHERE, NORTH])
def test_a_role_for_the_whole_group_does_not_count_in_a_part_of_it(scope: Scope) -> None:
    """Operators of one company operate nothing."""
    error = denied(RoleMissing, permit, OPERATIONS, who(operator=scope), ROUTE)
    assert "for the whole group" in error.detail
    assert permit(OPERATIONS, who(operator=ALL), ROUTE).scope == ALL


def test_where_others_may_too_the_route_decides_and_a_role_gives_its_scope_only() -> None:
    """Nobody is sent away at the door, and nobody gets a scope by it."""
    rule = roles("group_office", also="oneself", group_wide=True)
    assert permit(rule, who(), ROUTE).scope == NOWHERE
    assert permit(rule, who(group_office=NORTH), ROUTE).scope == NOWHERE
    assert permit(rule, who(group_office=ALL), ROUTE).scope == ALL
    assert permit(everyone("all of it"), who(group_office=ALL), ROUTE).scope == NOWHERE


def test_what_is_shown_lies_in_scope_or_is_ones_own() -> None:
    """One subsidiary of several is enough; nothing in common is hidden."""
    allowed(NORTH).show("thing", "t", ["south", "north"])
    allowed(NORTH).show("thing", "t", ["south"], own=["p"])
    allowed(ALL).show("thing", "t", [None])
    denied(Hidden, allowed(NORTH).show, "thing", "t", ["south", None], own=["q", None])
    denied(Hidden, allowed(NORTH).show, "thing", "t", [])
    denied(Hidden, allowed(NOWHERE).show, "thing", "t", ["north"])


def test_a_program_is_nobodys_mentor() -> None:
    """What is a person's own is not a service account's of the same id."""
    program = who("service_account")
    denied(Hidden, allowed(NOWHERE, program).show, "thing", "t", ["north"], own=["p"])
    assert not allowed(NOWHERE, program).is_one_of("p")
    allowed(NOWHERE, program).not_own("thing", "t", "p")


def test_what_belongs_to_several_is_shown_as_a_whole_to_those_responsible_for_all() -> None:
    """One subsidiary outside is enough to hide it; no scope sees nothing."""
    allowed(NORTH).show_all("thing", "t", ["north"])
    allowed(ALL).show_all("thing", "t", ["north", "south"])
    denied(Hidden, allowed(NORTH).show_all, "thing", "t", ["north", "south"])
    denied(Hidden, allowed(NOWHERE).show_all, "thing", "t", [])


def test_a_command_names_only_subsidiaries_in_scope() -> None:
    """403, since the caller named them; it does not say which of them there are."""
    allowed(NORTH).within("big thing", ["north"])
    error = denied(OutsideScope, allowed(NORTH).within, "big thing", ["north", "south"])
    assert (error.status, error.resource_kind, error.resource_id) == (403, "big_thing", "*")
    assert "south" not in error.detail
    denied(OutsideScope, allowed(NOWHERE).within, "thing", [])


def test_nobody_decides_on_what_concerns_themselves() -> None:
    """Whatever their roles; others go on."""
    allowed(ALL).not_own("thing", "t", "q", None)
    error = denied(OwnCase, allowed(ALL).not_own, "big thing", "t", "q", "p")
    assert (error.status, error.kind, error.resource_kind, error.resource_id) == (403, "own-case", "big_thing", "t")


def test_a_list_holds_what_is_in_scope_and_ones_own() -> None:
    """Nothing in scope and nothing one's own is nothing, not everything."""
    assert allowed(ALL).query("sub", own=["owner"]) == {}
    assert allowed(NORTH).query("sub") == {"sub": {"$in": ["north"]}}
    assert allowed(NOWHERE).query("sub", own=["owner"]) == {"owner": "p"}
    assert allowed(NORTH).query("sub", own=["owner"]) == {"$or": [{"sub": {"$in": ["north"]}}, {"owner": "p"}]}
    assert allowed(NOWHERE).query("sub") == {"_id": {"$in": []}}


@pytest.mark.parametrize("name", ["thing", "service account"])
@given(id=st.text(max_size=30))
def test_what_is_hidden_looks_word_for_word_as_if_it_were_not_there(name: str, id: str) -> None:
    """Status, type, title, detail and headers are those of the aggregate's own answer."""
    hidden = allowed(NORTH).hidden(name, id)
    missing = NotFound(_words_of_the_aggregate(name, id))
    answers = [refusal(missing), problem(hidden.status, hidden.kind, hidden.title, hidden.detail)]
    assert answers[0].body == answers[1].body
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].raw_headers == answers[1].raw_headers


def _words_of_the_aggregate(name: str, id: str) -> str:
    kind: AggregateKind[Any, Any] = AggregateKind(name, "", "", None, None, None)  # type: ignore[arg-type]
    nothing: Any = {"": None}
    return Repository(nothing, kind, clock=nothing)._not_found(id).detail
