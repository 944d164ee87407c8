"""Promises of overrides against each other and the facts: refused with names and codes before anything is solved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.matching.domain import explanations, overrides
from services.matching.domain.contradictions import (
    ContradictoryOverrides,
    admit,
    contradictions,
    moot,
    refuse_contradictions,
    unopposed,
)
from services.matching.domain.inputs import Facts, Inputs, Taken, inputs
from services.matching.domain.overrides import Override, Overrides
from services.matching.domain.policy import STANDARD, Policy, Rules
from tests.support.matching_facts import FACTS, KNOWING, LENA, WINTER, WISHING, with_person, with_profile
from tests.support.pairing import override, stated

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)


def edition(places: int = 1) -> Inputs:
    """Mentors lena and max, executives winter and sommer; everybody may be a pair with everybody."""
    facts = replace(FACTS, mentors=frozenset({"lena", "max"}), mentees=frozenset({"winter", "sommer"}))
    facts = with_person(facts, replace(LENA, person_id="max", manager_id="other"))
    facts = with_person(facts, replace(WINTER, person_id="sommer"))
    facts = with_profile(with_profile(facts, "max", KNOWING), "sommer", WISHING)
    return inputs(with_profile(facts, "lena", replace(KNOWING, capacity=places)))


FORCE, BLOCK = override("force", "lena", "winter"), override("block", "lena", "winter")
CONFLICT = override("conflict", "lena", "winter")


def told(now: Inputs, *items: Override, policy: Policy = STANDARD) -> list[tuple[str, str, str | None]]:
    found = contradictions(stated(*items), now, policy)
    return [(one.code, one.mentor_id, one.mentee_id) for one in found]


def refused(
    state: Overrides | None, wanted: Override, now: Inputs, policy: Policy = STANDARD
) -> ContradictoryOverrides:
    with pytest.raises(ContradictoryOverrides) as caught:
        admit(state, "edition", wanted, now, policy)
    return caught.value


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ((), []),
        ((FORCE, override("force", "max", "sommer")), []),
        ((BLOCK, CONFLICT, override("place", "lena", places=0)), []),
        ((FORCE, BLOCK), [("forced_and_blocked", "lena", "winter")]),
        ((FORCE, CONFLICT), [("forced_and_conflict", "lena", "winter")]),
        ((FORCE, override("force", "max", "winter")), [("forced_twice", "max", "winter")]),
        ((FORCE, override("force", "lena", "sommer")), [("beyond_places", "lena", None)]),
        ((FORCE, override("place", "lena", places=0)), [("below_forced", "lena", None)]),
        ((FORCE, override("force", "lena", "sommer"), override("place", "lena", places=2)), []),
    ],
)
def test_contradictions_are_found_with_codes_and_names(
    items: tuple[Override, ...], found: list[tuple[str, str, str | None]]
) -> None:
    """Each names the mentor, of pairs the executive, and the overrides that say it."""
    assert told(edition(), *items) == found
    if found:
        with pytest.raises(ContradictoryOverrides):
            refuse_contradictions(stated(*items), edition(), STANDARD)
    else:
        refuse_contradictions(stated(*items), edition(), STANDARD)


def test_forced_pair_against_the_own_reporting_line_is_refused() -> None:
    """No reason opens a hard rule; the code of each broken one is named."""
    facts = with_person(FACTS, replace(WINTER, person_id="boss"))
    facts = replace(facts, mentees=frozenset({"boss"}))
    strict = replace(STANDARD, rules=Rules(subsidiary="must_be_same"))

    error = refused(None, override("force", "lena", "boss"), inputs(facts), strict)

    assert [one.code for one in error.contradictions] == ["reporting_line", "subsidiary_rule"]
    assert [field for field, _ in error.faults] == ["/mentee_id", "/mentee_id"]
    assert error.members == {
        "contradictions": [
            {"code": code, "mentor_id": "lena", "mentee_id": "boss", "override_ids": ["force-lena-boss"]}
            for code in ("reporting_line", "subsidiary_rule")
        ]
    }


def test_places_below_active_pairs_are_refused() -> None:
    """Who has two executives cannot have one place."""
    taken = (Taken("lena", "one", 1), Taken("lena", "two", 2))
    facts = replace(with_profile(FACTS, "lena", replace(KNOWING, capacity=3)), taken=taken)

    error = refused(None, override("place", "lena", places=1), inputs(facts))

    assert [one.code for one in error.contradictions] == ["below_taken"]
    assert [field for field, _ in error.faults] == ["/places"]
    assert told(inputs(facts), override("place", "lena", places=2)) == []


def test_active_pairs_leave_fewer_places_to_force() -> None:
    """A mentor whose only place is taken has none for a forced pair."""
    facts = replace(FACTS, taken=(Taken("lena", "other", 1),))
    error = refused(None, FORCE, inputs(facts))
    assert [(one.code, one.mentor_id) for one in error.contradictions] == [("beyond_places", "lena")]


def test_lowered_profile_is_found_before_solving() -> None:
    """Two pairs were forced while the mentor offered two places."""
    forced = (FORCE, override("force", "lena", "sommer"))
    assert told(edition(places=2), *forced) == []
    assert told(edition(places=1), *forced) == [("beyond_places", "lena", None)]


def test_forced_pair_that_became_one_is_carried_out() -> None:
    """It contradicts nothing any more, nor does it use a place a second time."""
    facts = replace(FACTS, taken=(Taken("lena", "winter", 1),))
    assert told(inputs(facts), FORCE) == []
    assert moot(stated(FORCE), inputs(facts)) == ()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (with_person(FACTS, replace(LENA, active=False)), "mentor_left"),
        (replace(FACTS, mentors=frozenset()), "mentor_not_selected"),
        (with_person(FACTS, replace(WINTER, active=False)), "mentee_left"),
        (replace(FACTS, mentees=frozenset()), "mentee_exempt"),
        (replace(FACTS, taken=(Taken("max", "winter", 1),)), "mentee_already_paired"),
    ],
)
def test_forced_pair_of_whom_is_gone_holds_nobody_up(facts: Facts, code: str) -> None:
    """It is told apart from contradictions; to lay it down now is refused with the reason."""
    now = inputs(facts)

    assert contradictions(stated(FORCE), now, STANDARD) == ()
    assert [one.code for one in moot(stated(FORCE), now)] == [code]
    error = refused(None, FORCE, now)
    assert [one.code for one in error.contradictions] == [code]
    assert {"lena", "winter"} & set(error.detail.rstrip(".").replace(";", "").split())


def test_block_names_people_of_the_edition() -> None:
    """A slip in an id is told at once; who cannot be matched at the moment may still be blocked."""
    now = inputs(with_person(FACTS, replace(LENA, active=False)))
    assert admit(None, "edition", BLOCK, now, STANDARD) == [overrides.OverrideSet("edition", BLOCK)]
    error = refused(None, override("block", "lenna", "wintter"), now)
    assert [one.code for one in error.contradictions] == ["mentor_not_selected", "mentee_exempt"]


@pytest.mark.parametrize("wanted", [FORCE, BLOCK, override("place", "lena", places=1)])
def test_what_stands_already_is_not_laid_down_again(wanted: Override) -> None:
    """Under another id it says nothing new."""
    again = replace(wanted, override_id="another")
    error = refused(stated(wanted), again, edition())
    assert [one.code for one in error.contradictions] == ["already_set"]


def test_block_and_force_of_one_pair_exclude_each_other_in_either_order() -> None:
    """Whichever came first stands; the second is refused and names it."""
    for first, second in ((FORCE, BLOCK), (BLOCK, FORCE)):
        error = refused(stated(first), second, edition())
        assert [one.code for one in error.contradictions] == ["forced_and_blocked"]
        assert set(error.contradictions[0].override_ids) == {FORCE.override_id, BLOCK.override_id}


def test_declared_conflict_is_heard_against_a_forced_pair() -> None:
    """Who is to be in the pair may always object; nothing is solved until one of the two is withdrawn."""
    state = overrides.evolve(stated(FORCE), admit(stated(FORCE), "edition", CONFLICT, edition(), STANDARD)[0])
    with pytest.raises(ContradictoryOverrides, match="declared a conflict"):
        refuse_contradictions(state, edition(), STANDARD)


def test_each_of_two_declares_a_conflict_and_both_stand_against_a_forced_pair() -> None:
    """The pair is free again when both are withdrawn; until then all that stands against it is named."""
    other = replace(CONFLICT, override_id="of-the-other", by="winter")
    assert admit(stated(CONFLICT), "edition", other, edition(), STANDARD) == [overrides.OverrideSet("edition", other)]
    [found] = contradictions(stated(FORCE, CONFLICT, other), edition(), STANDARD)
    assert found.override_ids == (FORCE.override_id, CONFLICT.override_id, "of-the-other")
    [error] = refused(stated(CONFLICT, other), FORCE, edition()).contradictions
    assert error.override_ids == found.override_ids


def test_declared_conflict_is_heard_of_whoever_declares_it() -> None:
    """Also while one of the two cannot be matched: they may be able to again."""
    gone = inputs(replace(FACTS, mentors=frozenset(), mentees=frozenset()))
    assert admit(None, "edition", CONFLICT, gone, STANDARD) == [overrides.OverrideSet("edition", CONFLICT)]


def test_places_that_a_forced_pair_needs_cannot_be_withdrawn() -> None:
    """Neither by withdrawing them nor by undoing, unless the contradiction was there before."""
    place, second = override("place", "lena", places=2), override("force", "lena", "sommer")
    state = stated(place, FORCE, second)
    events = overrides.withdraw(state, place.override_id, by="kurz", at=AT)

    with pytest.raises(ContradictoryOverrides) as caught:
        unopposed(state, events, edition(), STANDARD)

    assert [one.code for one in caught.value.contradictions] == ["beyond_places"]
    assert unopposed(state, events, edition(places=2), STANDARD) == events


def test_places_that_active_pairs_take_cannot_be_withdrawn() -> None:
    """Neither by withdrawing them nor by undoing; what was given may go where the profile offers enough."""
    taken = tuple(Taken("lena", f"e{slot}", slot) for slot in (1, 2, 3))
    offered = with_profile(FACTS, "lena", replace(KNOWING, capacity=1))
    now, place = inputs(replace(offered, taken=taken)), override("place", "lena", places=3)
    state = overrides.evolve(None, overrides.OverrideSet("edition", place))
    for events in (
        overrides.withdraw(state, place.override_id, by="kurz", at=AT),
        overrides.undo(state, by="kurz", at=AT),
    ):
        with pytest.raises(ContradictoryOverrides) as caught:
            unopposed(state, events, now, STANDARD)
        [found] = caught.value.contradictions
        assert (found.code, found.mentor_id, found.override_ids) == ("below_taken", "lena", (place.override_id,))
        enough = inputs(replace(with_profile(offered, "lena", replace(KNOWING, capacity=3)), taken=taken))
        assert unopposed(state, events, enough, STANDARD) == events


def test_profile_below_what_is_taken_stands_in_nobodys_way() -> None:
    """A mentor may offer less than there is already: it is no override's fault, and more may be given back."""
    taken = (Taken("lena", "one", 1), Taken("lena", "two", 2))
    now = inputs(replace(with_profile(FACTS, "lena", replace(KNOWING, capacity=1)), taken=taken))
    refuse_contradictions(stated(), now, STANDARD)
    for wanted in (override("place", "lena", places=2), override("block", "lena", "winter")):
        assert admit(None, "edition", wanted, now, STANDARD) == [overrides.OverrideSet("edition", wanted)]
    assert told(now, FORCE) == [("beyond_places", "lena", None)]
    none = override("place", "lena", places=0)  # laid down just before the pairs were made
    events = overrides.withdraw(stated(none), none.override_id, by="kurz", at=AT)
    assert unopposed(stated(none), events, now, STANDARD) == events


def test_contradiction_that_was_there_before_does_not_stand_in_the_way_of_another_change() -> None:
    """Else nothing could be repaired step by step."""
    state = stated(FORCE, CONFLICT)
    wanted = override("block", "max", "winter")
    assert admit(state, "edition", wanted, edition(), STANDARD) == [overrides.OverrideSet("edition", wanted)]


def test_every_contradiction_has_its_sentence() -> None:
    """People are named, and the sentence says what to do."""
    codes = [
        "forced_and_blocked",
        "forced_and_conflict",
        "forced_twice",
        "beyond_places",
        "below_forced",
        "below_taken",
    ]
    codes += ["already_set", "mentor_executive", "mentor_moved_out", "mentor_unknown_person", "mentor_no_profile"]
    codes += ["mentee_out_of_scope", "mentee_unknown_person"]
    for code in codes:
        sentence = explanations.of_contradiction(code, "m-1", "e-1")
        assert sentence != code
        assert sentence.endswith(".")
        assert "{" not in sentence
