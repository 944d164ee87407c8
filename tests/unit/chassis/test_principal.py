"""Where roles hold: bounded ones also below, unbounded ones everywhere, several together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.auth.principal import Principal, Scope, of_account, of_person
from services.chassis.directory import Account, Person, Role, Subsidiary

IDS = ("a", "b", "c", "d", "e", "f")
ids = st.sampled_from(IDS)
scopes = st.builds(Scope, st.frozensets(ids), st.booleans())
parents = st.fixed_dictionaries({id: st.none() | ids for id in IDS})  # circles and companies above themselves too
roles = st.lists(st.builds(Role, role=st.sampled_from(["auditor", "operator"]), subsidiaries=st.lists(ids)))


def tree_of(parents: Mapping[str, str | None]) -> dict[str, Subsidiary]:
    """The companies, each with the one above it."""
    return {id: Subsidiary(subsidiary_id=id, parent_id=above) for id, above in parents.items()}


def person(*roles: Role, **facts: Any) -> Person:
    """A person with these roles."""
    return Person(person_id="p", subsidiary="a", roles=roles, **facts)


def scope_of(tree: Mapping[str, str | None], *bounds: str) -> Scope:
    """Where a role holds that is bounded to these."""
    held = person(Role(role="auditor", subsidiaries=bounds))
    return of_person(held, tree_of(tree)).scope_of(["auditor"])


def test_a_role_holds_in_the_companies_below_and_not_above_or_beside() -> None:
    """Down to the last company, through companies between."""
    tree = {"top": None, "mid": "top", "low": "mid", "side": "top"}
    assert scope_of(tree, "mid") == Scope(frozenset({"mid", "low"}))
    assert scope_of(tree, "top") == Scope(frozenset(tree))
    assert scope_of(tree, "low") == Scope(frozenset({"low"}))


def test_a_role_without_bounds_holds_for_the_whole_group() -> None:
    """Also for companies that nobody has told of, and for what belongs to none."""
    whole = scope_of({"a": None})
    assert whole.everything
    assert whole.covers("unheard of")
    assert whole.covers(None)
    assert whole.query("state.subsidiary") == {}


def test_a_circle_of_companies_ends() -> None:
    """Companies that stand above each other are all below each other."""
    assert scope_of({"a": "b", "b": "c", "c": "a", "d": None}, "b") == Scope(frozenset("abc"))
    assert scope_of({"a": "a"}, "a") == Scope(frozenset("a"))


def test_a_bound_that_no_company_has_covers_itself_and_opens_nothing_else() -> None:
    """A subsidiary whose record has not arrived yet is not the whole group."""
    assert scope_of({"a": None}, "unheard of") == Scope(frozenset({"unheard of"}))


@given(parents, st.frozensets(ids, min_size=1))
def test_what_a_bound_covers_is_who_reaches_it_by_going_up(
    parents: dict[str, str | None], bounds: frozenset[str]
) -> None:
    """The closure downwards equals the walk upwards from each company, whatever the tree looks like."""

    def reaches(id: str | None) -> bool:
        met: set[str] = set()
        while id is not None and id not in met:
            if id in bounds:
                return True
            met.add(id)
            id = parents.get(id)
        return False

    assert scope_of(parents, *bounds).subsidiaries == {id for id in IDS if reaches(id)}


@given(roles, parents)
def test_roles_of_one_name_add_up_and_those_of_another_do_not_count(
    held: list[Role], parents: dict[str, str | None]
) -> None:
    """A role holds where any of its bounds says; other roles change nothing; accounts count alike."""
    principal = of_person(person(*held), tree_of(parents))
    expected = Scope()
    for role in held:
        if role.role == "auditor":
            expected = expected.joined(scope_of(parents, *role.subsidiaries))
    assert principal.scope_of(["auditor"]) == expected
    assert principal.scope_of([]) == Scope()
    assert principal.scope_of(["auditor", "operator"]) == expected.joined(principal.scope_of(["operator"]))
    assert of_account(Account(account_id="p", roles=tuple(held)), tree_of(parents)).scopes == principal.scopes


def test_a_principal_is_who_the_directory_says() -> None:
    """A person has a company, a service account none; an account is never a person."""
    assert of_person(person(executive=True), {}) == Principal("p", "person", "a", executive=True)
    assert of_account(Account(account_id="p", login="idp:p"), {}) == Principal("p", "service_account")


@given(scopes, st.lists(st.none() | ids))
def test_a_scope_answers_alike_whatever_it_is_asked(scope: Scope, asked: list[str | None]) -> None:
    """All, any, which of them, and whether there is anything at all follow from each single answer."""
    named = [id for id in asked if id is not None]
    answers = [scope.covers(id) for id in named]
    assert scope.covers(None) == scope.everything
    assert scope.covers_all(named) == all(answers)
    assert scope.meets(named) == (scope.everything or any(answers))
    assert scope.narrowed(named) == tuple(id for id, covered in zip(named, answers, strict=True) if covered)
    assert bool(scope) == (scope.everything or bool(scope.subsidiaries))


@given(scopes, st.none() | ids, st.none() | ids)
def test_a_query_finds_what_the_scope_covers(scope: Scope, one: str | None, other: str | None) -> None:
    """By one field or by any of several; a document that belongs to nobody is found by those for all only."""
    assert matches(scope.query("one"), {"one": one}) == scope.covers(one)
    both = {"one": one, "other": other}
    assert matches(scope.query("one", "other"), both) == (scope.covers(one) or scope.covers(other))


@given(scopes, scopes, st.none() | ids)
def test_joined_scopes_cover_what_either_does(one: Scope, other: Scope, id: str | None) -> None:
    """No more and no less, in either order."""
    assert one.joined(other).covers(id) == (one.covers(id) or other.covers(id)) == other.joined(one).covers(id)


def test_a_scope_of_nothing_finds_nothing() -> None:
    """Nobody's role is not everybody's."""
    assert not Scope()
    assert not Scope().meets(IDS)
    assert not matches(Scope().query("one"), {"one": "a"})


def matches(query: dict[str, Any], document: dict[str, Any]) -> bool:
    """What the database makes of the few forms of query that a scope has."""
    if "$or" in query:
        return any(matches(part, document) for part in query["$or"])
    for name, condition in query.items():
        assert condition.keys() == {"$in"}, "a form that this test does not know"
        if document[name] not in condition["$in"]:
            return False
    return True


@pytest.mark.parametrize("scope", [Scope(), Scope(frozenset("a")), Scope(everything=True)])
def test_a_query_never_names_what_is_not_covered(scope: Scope) -> None:
    """What a caller may not see does not even reach the database's log."""
    assert "b" not in str(scope.query("x", "y"))
