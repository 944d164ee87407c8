"""Promises of a pair: made once, ended once, and what goes out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching import contracts
from services.matching.domain import pair
from services.matching.domain.ending import Standing, Together, Whereabouts, why_over
from services.matching.store import PAIRS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MADE = pair.Pair("p", "e", "r", "mentor", "mentee", "north", "south", "standard.1", NOW, slot=2)
LEFT = pair.End("mentor_left", NOW + timedelta(days=80), by="matching")
SAID = pair.End("by_agreement", NOW + timedelta(days=90), by="manager", note="Both asked for it.")
TWO = Together("p", "mentor", "mentee")
HERE = Whereabouts("north", active=True)


def after(state: pair.Pair | None, events: list[pair.Event]) -> pair.Pair:
    """The pair after these events."""
    for event in events:
        state = pair.evolve(state, event)
    assert state is not None
    return state


def test_pair_ends_once() -> None:
    """It frees its slot; who ends it later, for whatever reason, changes nothing."""
    ended = after(MADE, pair.end(MADE, LEFT))

    assert (ended.active, ended.end) == (False, LEFT)
    assert pair.end(ended, SAID) == []
    assert pair.match(ended, MADE) == []


def test_nobody_ends_by_hand_what_has_ended() -> None:
    """They are told when it ended and why."""
    ended = after(MADE, pair.end(MADE, LEFT))

    with pytest.raises(pair.AlreadyEnded, match="2026-05-21: mentor_left"):
        pair.end_by_hand(ended, SAID)
    assert after(MADE, pair.end_by_hand(MADE, SAID)).end == SAID


@pytest.mark.parametrize("note", [None, "", "  "])
def test_reason_that_says_nothing_needs_a_note(note: str | None) -> None:
    """Any other reason speaks for itself."""
    with pytest.raises(pair.Unexplained):
        pair.end_by_hand(MADE, pair.End("other", NOW, "manager", note))
    assert pair.end_by_hand(MADE, pair.End("mentor_withdrawn", NOW, "manager", note))


def test_what_goes_out_of_an_end_has_no_word_of_its_note() -> None:
    """Ids, companies, reason and instant; who ended it is the event's actor."""
    out = contracts.of_pair(pair.PairEnded(MADE, SAID))

    assert (out.topic, out.type, out.edition, out.subsidiary) == (contracts.TOPIC, contracts.ENDED, "e", "south")
    people = {"mentor_id": "mentor", "mentee_id": "mentee"}
    houses = {"mentor_subsidiary": "north", "mentee_subsidiary": "south"}
    said = {"reason": "by_agreement", "ended_at": "2026-05-31T09:00:00.000Z"}
    assert out.data.model_dump() == {"pair_id": "p", "edition_id": "e", **people, **houses, **said}


def test_pair_of_an_earlier_release_is_read_as_one_that_goes_on() -> None:
    """Its document says nothing of an end."""
    kept = PAIRS.state.dump_python(MADE, mode="json")
    del kept["end"]

    assert PAIRS.state.validate_python(kept) == MADE


def test_reasons_that_people_give_are_all_but_that_of_a_rematch() -> None:
    """A pair gives way to another one by a run alone."""
    assert set(pair.REASONS) - set(pair.GIVEN) == {"rematched"}


# Which pairs cannot go on


def standing(**known: object) -> Standing:
    """Both are where they were, but for what is named."""
    return Standing(**{"persons": {"mentor": HERE, "mentee": HERE}, "companies": frozenset({"north"}), **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, None),
        ({"persons": {}}, None),
        ({"persons": {"mentor": Whereabouts("north", active=False)}}, "mentor_left"),
        ({"persons": {"mentee": Whereabouts("north", active=False)}}, "mentee_left"),
        ({"persons": {"mentor": Whereabouts("south", active=True)}}, "mentor_moved_out"),
        ({"persons": {"mentor": Whereabouts("south", active=True)}, "companies": frozenset()}, None),
        ({"persons": {"mentor": Whereabouts("north", active=True, executive=True)}}, "mentor_moved_out"),
        ({"persons": {"mentee": Whereabouts("south", active=True, executive=True)}}, None),
        ({"withdrawn": frozenset({"mentor"})}, "mentor_withdrawn"),
        ({"withdrawn": frozenset({"mentee"})}, None),
        ({"exempted": frozenset({"mentee"})}, "mentee_exempted"),
        ({"out_of_scope": frozenset({"mentee"})}, "mentee_moved_out"),
        ({"out_of_scope": frozenset({"mentor"}), "exempted": frozenset({"mentor"})}, None),
    ],
)
def test_pair_ends_by_what_became_of_one_of_the_two(known: dict[str, object], reason: str | None) -> None:
    """An executive's company is judged by whoever says who is in scope; of whom nothing is known goes on."""
    assert why_over(TWO, standing(**known)) == reason


def test_whoever_left_counts_before_all_else() -> None:
    """The reason is the one that people would give first."""
    gone = {"mentor": Whereabouts("south", active=False), "mentee": Whereabouts("south", active=False)}
    everything = frozenset({"mentor", "mentee"})

    found = why_over(TWO, standing(persons=gone, withdrawn=everything, exempted=everything, out_of_scope=everything))

    assert found == "mentor_left"


@given(
    *(st.frozensets(st.sampled_from(("a", "b", "c"))) for _ in range(4)),
)
def test_pair_goes_on_exactly_where_nothing_is_known_against_it(
    left: frozenset[str], withdrawn: frozenset[str], exempted: frozenset[str], out: frozenset[str]
) -> None:
    """Whoever else left, withdrew or was exempted has nothing to do with it."""
    persons = {id: Whereabouts("north", active=id not in left) for id in ("a", "b", "c")}
    known = Standing(persons, withdrawn, exempted, out)

    for mentor, mentee in product(("a", "b", "c"), repeat=2):
        against = {mentor, mentee} & left or mentor in withdrawn or mentee in exempted | out
        assert (why_over(Together("p", mentor, mentee), known) is not None) == bool(against)
