"""Promises of publishing some pairs, where others hold the places these need; and of previews, of which one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.matching.domain import run
from services.matching.domain.inputs import Facts, Profile, Taken
from services.matching.domain.proposal import Proposal, ProposedPair

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOTHING = Profile(skills=(), wishes=(), languages=(), place="", capacity=2)


def move(mentee_id: str, mentor_id: str, ends: str | None = None) -> ProposedPair:
    """A pair of a re-match; ``ends`` is the executive's pair that gives way."""
    return ProposedPair(mentor_id, mentee_id, "north", "north", 50, (), ends=ends)


CHAIN = (move("a", "z", "a-y"), move("b", "y", "b-x"), move("c", "x"))
"""One takes the free mentor, the second that one's old mentor, and who has none the second's."""
HELD = {"a-y": "y", "b-x": "x"}


def places(free: Mapping[str, int], held: Mapping[str, str] = HELD) -> run.Places:
    return run.Places({"x": 0, "y": 0, "z": 0, **free}, held)


@pytest.mark.parametrize(
    ("named", "free", "along"),
    [
        ({"c"}, {"z": 1}, ("a", "b")),
        ({"b"}, {"z": 1}, ("a",)),
        ({"a"}, {"z": 1}, ()),
        ({"b", "c"}, {"z": 1}, ("a",)),
        ({"c"}, {"x": 1, "z": 1}, ()),
        ({"c"}, {"y": 1, "z": 1}, ("b",)),
        ({"a", "b", "c"}, {"z": 1}, ()),
    ],
)
def test_who_holds_a_place_that_is_needed_goes_along(
    named: set[str], free: Mapping[str, int], along: tuple[str, ...]
) -> None:
    """Through as many as it takes, and nobody more; naming them as well is enough."""
    assert run.going_along(CHAIN, named, places(free)) == along
    assert run.going_along(CHAIN, named | set(along), places(free)) == ()


def test_nobody_goes_along_for_a_place_that_is_not_freed() -> None:
    """Where others took the place, or its pair has ended meanwhile, the pair is a conflict when it is published."""
    taken = places({"x": 0, "z": 1}, held={"somebody-x": "x"})

    assert run.going_along(CHAIN, {"c"}, taken) == ()


def test_of_several_who_would_do_only_as_many_are_asked_for_as_are_needed() -> None:
    """One place is needed, two pairs would free one each; and where places were lowered it takes both."""
    both = (move("a", "y", "a-x"), move("b", "z", "b-x"), move("c", "x"))
    held = {"a-x": "x", "b-x": "x"}

    assert run.going_along(both, {"c"}, places({"y": 1, "z": 1}, held)) == ("a",)
    assert run.going_along(both, {"c"}, places({"x": -1, "y": 1, "z": 1}, held)) == ("a", "b")


def test_places_are_those_given_less_those_taken() -> None:
    """What people gave counts before what the profile says; whoever is no mentor of the edition has none to count."""
    facts = Facts(
        mentors=frozenset({"x", "y"}),
        mentees=frozenset({"a"}),
        persons={},
        profiles={"x": NOTHING, "y": NOTHING, "a": NOTHING},
        taken=(Taken("x", "a", 1, "a-x"), Taken("x", "b", 2, "b-x")),
        places={"x": 1},
    )

    assert run.Places.at(facts) == run.Places({"x": -1, "y": 2}, {"a-x": "x", "b-x": "x"})


def approved(pairs: tuple[ProposedPair, ...] = CHAIN) -> run.Run:
    """A re-match that somebody approved."""
    proposal = Proposal("test", 1, executives=3, worst=50, total=150, pairs=pairs)
    return run.Run("r-1", "e-1", "manager", NOW, run.State.APPROVED, kind="rematch", proposal=proposal)


def test_part_that_needs_others_is_refused_with_their_names() -> None:
    """A person reads how many they are, a program which ones."""
    with pytest.raises(run.NeedsOthers, match="with the pairs of a, b only; publish these too") as refused:
        run.publish(approved(), "manager", NOW, ["c"], places=places({"z": 1}))

    assert (refused.value.status, refused.value.members) == (422, {"mentee_ids": ["a", "b"]})
    assert run.publish(approved(), "manager", NOW, None, places=places({"z": 1}))
    assert run.publish(approved(), "manager", NOW, ["a", "b", "c"], places=places({"z": 1}))


APPROVAL = run.Review("approved", None, reviewed_by="manager", reviewed_at=NOW)


def test_proposal_is_approved_by_its_publication_where_that_can_be() -> None:
    """Both by one command, so that a part that needs others leaves the proposal as it was."""
    state = replace(approved(), state=run.State.PROPOSED, chosen=1)
    with pytest.raises(run.NeedsOthers):
        run.publish(state, "manager", NOW, ["c"], places=places({"z": 1}), approval=APPROVAL)
    events = run.publish(state, "manager", NOW, ["a"], places=places({"z": 1}), approval=APPROVAL)
    for event in events:
        state = run.evolve(state, event)

    assert [type(one) for one in events] == [run.RunReviewed, run.PublicationBegun]
    assert (state.state, state.review) == (run.State.PUBLISHING, APPROVAL)


def test_publication_approves_nothing_that_a_review_could_not() -> None:
    """Neither while members may object, nor a trial, nor what nobody has chosen; who approved before is kept."""
    days = run.Preview("manager", NOW, NOW + timedelta(days=3))
    shown = replace(approved(), state=run.State.PREVIEWED, chosen=1, preview=days)
    for state, refusal in (
        (shown, run.VetoDaysLeft),
        (replace(shown, preview=None, trial=True), run.IsTrial),
        (replace(shown, preview=None, chosen=None), run.NothingChosen),
    ):
        with pytest.raises(refusal):
            run.publish(state, "manager", NOW, approval=APPROVAL)

    [begun] = run.publish(approved(), "manager", NOW, approval=APPROVAL)
    assert isinstance(begun, run.PublicationBegun)


def test_trace_of_the_request_is_kept_until_the_next_one() -> None:
    """The rest, published later, belongs to the later request."""
    [begun] = run.publish(approved(), "manager", NOW, ["a"], traceparent="first")
    first = run.evolve(approved(), begun)
    state = replace(first, state=run.State.PUBLISHED)
    [again] = run.publish(state, "manager", NOW, traceparent="second")

    assert (first.traceparent, run.evolve(state, again).traceparent) == ("first", "second")


def test_pair_that_could_not_be_made_yet_is_kept_back() -> None:
    """It is published later; that another process has made it is the truth all the same."""
    [begun] = run.publish(approved(), "manager", NOW, ["c"])
    state = run.evolve(approved(), begun)
    for event in run.settle(state, [run.Settled("c")], NOW):
        state = run.evolve(state, event)

    assert (state.state, [one.mentee_id for one in state.kept_back]) == (run.State.PUBLISHED, ["a", "b", "c"])
    assert run.settle(state, [run.Settled("c", conflict="mentor_full")], NOW) == []
    [late] = run.settle(state, [run.Settled("c", pair_id="p")], NOW)
    assert [one.pair_id for one in run.evolve(state, late).proposal.pairs] == [None, None, "p"]  # type: ignore[union-attr]


def shown(run_id: str, at: datetime) -> run.Run:
    """A draft that is shown to its members since then."""
    preview = run.Preview("manager", at, at + timedelta(days=3))
    return replace(approved(), run_id=run_id, state=run.State.PREVIEWED, preview=preview)


def test_draft_that_is_shown_takes_the_place_of_the_one_shown_before() -> None:
    """Never of one shown later, of itself, or of what is decided; once it is shown no more it takes nobody's."""
    old, new = shown("r-1", NOW), shown("r-2", NOW + timedelta(hours=1))

    [aside] = run.withdraw_preview(old, new, NOW)
    assert run.evolve(old, aside).state is run.State.SUPERSEDED
    assert run.withdraw_preview(old, shown("r-2", NOW), NOW)
    assert run.withdraw_preview(new, old, NOW) == []
    assert run.withdraw_preview(new, new, NOW) == []
    assert run.withdraw_preview(approved(), new, NOW) == []
    assert run.withdraw_preview(old, replace(new, state=run.State.SUPERSEDED), NOW) == []
