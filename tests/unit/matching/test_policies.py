"""Promises of policies as they are kept: worded freely until a run has used one, and never again from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pydantic import TypeAdapter

from services.matching.domain import policies
from services.matching.domain.hard_rules import broken
from services.matching.domain.people import Mentee, Mentor
from services.matching.domain.policies import (
    LENIENT,
    KeptPolicy,
    NameFixed,
    NameReserved,
    Owner,
    PolicyExists,
    PolicyUsedBefore,
    Terms,
    terms_of,
)
from services.matching.domain.policy import STANDARD, MalformedPolicy, Policy, Rules, Weights
from services.matching.domain.rules import RuleBroken
from tests.support.pairing import mentees, mentors
from tests.support.pairing import policies as any_policies

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
NORTH = Owner(("north",), group_wide=False)
WORDED = Terms("Nord 2026")
OTHER_WEIGHTS = Weights(80, 0, 0, 0, 10, 10)
KEPT = TypeAdapter(KeptPolicy)


def after(state: KeptPolicy | None, events: list[policies.Event]) -> KeptPolicy:
    """The policy after these events."""
    for event in events:
        state = policies.evolve(state, event)
    assert state is not None
    return state


def made(terms: Terms = WORDED) -> KeptPolicy:
    """A policy of the north."""
    return after(None, policies.create(None, "p-1", terms, owner=NORTH, based_on="standard", by="pm", at=AT))


def test_a_policy_begins_as_version_one_of_its_own_family() -> None:
    """What is not said is as in the standard policy; the label is what pairs will carry."""
    kept = made()

    assert (kept.family, kept.label, kept.policy.version, kept.owner) == ("p-1", "nord-2026.1", 1, NORTH)
    assert replace(terms_of(kept.policy), name="standard") == terms_of(STANDARD)
    with pytest.raises(PolicyExists):
        policies.create(kept, "p-1", WORDED, owner=NORTH, based_on="standard", by="pm", at=AT)


@pytest.mark.parametrize("name", ["standard", "Standard", " STANDARD! ", "2026"])
def test_no_policy_reads_like_one_that_comes_with_the_product(name: str) -> None:
    """Neither at its making nor by a change: a pair's label says which rules were applied."""
    with pytest.raises(NameReserved):
        made(Terms(name))
    with pytest.raises(NameReserved):
        policies.change(made(), Terms(name), at=AT, has_versions=False)


def test_what_cannot_be_counted_by_is_refused_with_its_fields() -> None:
    """At its making and at every change."""
    wrong = replace(WORDED, weights=replace(OTHER_WEIGHTS, place=11), veto_days=31)
    for attempt in (lambda: made(wrong), lambda: policies.change(made(), wrong, at=AT, has_versions=False)):
        with pytest.raises(MalformedPolicy) as caught:
            attempt()
        assert [field for field, _ in caught.value.faults] == ["/weights", "/veto_days"]


def test_a_change_names_its_parts_and_saying_the_same_changes_nothing() -> None:
    """The audit trail tells which parts were changed."""
    kept, anew = made(), replace(WORDED, weights=OTHER_WEIGHTS, rules=Rules(meeting="same_place"))

    (event,) = policies.change(kept, anew, at=AT, has_versions=False)

    assert isinstance(event, policies.PolicyChanged)
    assert event.changed == ("rules", "weights")
    assert policies.change(after(kept, [event]), anew, at=AT, has_versions=False) == []


def test_a_used_policy_stays_as_it_is_and_goes_on_in_a_new_version() -> None:
    """What pairs were counted by can be counted again; the new version has the old words, name and owner."""
    used = after(made(), policies.use(made(), "run-1", AT))

    with pytest.raises(PolicyUsedBefore):
        policies.change(used, replace(WORDED, veto_days=5), at=AT, has_versions=False)
    anew = replace(terms_of(used.policy), name="Another", weights=OTHER_WEIGHTS)
    following = after(None, policies.add_version(None, "p-2", anew, before=used, version=2, by="pm", at=AT))

    assert (following.label, following.family, following.based_on) == ("nord-2026.2", "p-1", "p-1")
    assert (following.owner, following.used_by, following.policy.weights) == (NORTH, None, OTHER_WEIGHTS)
    assert policies.use(used, "run-2", AT) == []


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("st\u0430ndard", False),
        ("Nord \u03bd\u043erd", False),
        ("\u0421\u0435\u0432\u0435\u0440", True),
        ("Nord \u0421\u0435\u0432\u0435\u0440 2027", True),
        ("N\u00f8rd-\u00df", True),
        ("\u65b0\u4eba A", True),
    ],
)
def test_a_name_is_written_in_one_script_word_by_word(name: str, fits: bool) -> None:
    """A letter of another script would let a policy look like another one; those that have such a name go on."""
    before = made()
    for decide in (
        lambda: policies.create(None, "p", replace(WORDED, name=name), owner=NORTH, based_on="x", by="pm", at=AT),
        lambda: policies.change(before, replace(WORDED, name=name), at=AT, has_versions=False),
    ):
        if fits:
            assert decide()
            continue
        with pytest.raises(MalformedPolicy) as caught:
            decide()
        assert [field for field, _ in caught.value.faults] == ["/name"]
    old = replace(before, policy=replace(before.policy, name=name))
    assert policies.change(old, replace(terms_of(old.policy), veto_days=9), at=AT, has_versions=False)


def test_a_policy_with_versions_keeps_its_name() -> None:
    """One name for all versions; the rest can still be changed."""
    with pytest.raises(NameFixed):
        policies.change(made(), replace(WORDED, name="Nord"), at=AT, has_versions=True)
    assert policies.change(made(), replace(WORDED, veto_days=1), at=AT, has_versions=True)


@given(mentor=mentors(), mentee=mentees(), policy=any_policies())
def test_the_lenient_policy_forbids_only_what_every_policy_does(mentor: Mentor, mentee: Mentee, policy: Policy) -> None:
    """What is refused at adding a forced pair can never be solved, under whatever policy."""
    assert set(broken(mentor, mentee, LENIENT.rules)) <= set(broken(mentor, mentee, policy.rules))


class AnyOrder(RuleBasedStateMachine):
    """Commands in any order; what was used once reads the same for ever, and what is stored is read back."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, KeptPolicy] = {}
        self.fixed: dict[str, KeptPolicy] = {}
        self.now = AT

    def attempt(self, policy_id: str, decide: Callable[[KeptPolicy | None], list[policies.Event]]) -> None:
        """Carry out a command, which may be refused."""
        self.now += timedelta(minutes=1)
        state = self.kept.get(policy_id)
        try:
            events = decide(state)
        except RuleBroken:
            assert self.kept.get(policy_id) == state
            return
        if events:
            self.kept[policy_id] = after(state, events)

    @rule(policy_id=st.sampled_from("ab"), name=st.sampled_from(["Nord", "Süd", "standard", " "]))
    def somebody_makes_one(self, policy_id: str, name: str) -> None:
        """Perhaps again, or under a name that cannot be."""
        self.attempt(
            policy_id,
            lambda state: policies.create(
                state, policy_id, Terms(name), owner=NORTH, based_on="standard", by="pm", at=self.now
            ),
        )

    @rule(policy_id=st.sampled_from("abcd"), days=st.integers(-1, 31), share=st.integers(0, 100))
    def somebody_words_it_anew(self, policy_id: str, days: int, share: int) -> None:
        """With what can be counted by, or not."""
        weights = Weights(share, 100 - share, 0, 0, 0, 0)
        anew = Terms("Nord", weights=weights, veto_days=days)
        if policy_id in self.kept:
            self.attempt(policy_id, lambda state: policies.change(state, anew, at=self.now, has_versions=False))  # type: ignore[arg-type]

    @rule(policy_id=st.sampled_from("abcd"), run_id=st.sampled_from(["run-1", "run-2"]))
    def a_run_uses_it(self, policy_id: str, run_id: str) -> None:
        """The first one fixes it."""
        if policy_id in self.kept:
            self.attempt(policy_id, lambda state: policies.use(state, run_id, self.now))  # type: ignore[arg-type]
            self.fixed.setdefault(policy_id, self.kept[policy_id])

    @rule(before=st.sampled_from("ab"), policy_id=st.sampled_from("cd"))
    def somebody_makes_a_version(self, before: str, policy_id: str) -> None:
        """Of one that is there."""
        if first := self.kept.get(before):
            terms = terms_of(first.policy)
            self.attempt(
                policy_id,
                lambda state: policies.add_version(
                    state, policy_id, terms, before=first, version=2, by="pm", at=self.now
                ),
            )

    @invariant()
    def what_was_used_stays(self) -> None:
        """Its words, its label and the first run that used it."""
        for policy_id, kept in self.fixed.items():
            assert self.kept[policy_id] == kept

    @invariant()
    def what_is_kept_is_sound(self) -> None:
        """The label is the policy's own, and a document of it is read back as the same."""
        for policy_id, kept in self.kept.items():
            assert (kept.policy_id, kept.label) == (policy_id, kept.policy.label)
            assert KEPT.validate_python(KEPT.dump_python(kept, mode="json")) == kept


TestPoliciesInAnyOrder = AnyOrder.TestCase
TestPoliciesInAnyOrder.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
