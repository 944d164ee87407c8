"""What a run proposes: pairs from the worst to the best, and of everybody else why not."""

from __future__ import annotations

import time
from dataclasses import replace

from services.matching.assignment import solve
from services.matching.domain import explanations
from services.matching.domain.inputs import Facts, Person, Taken, inputs
from services.matching.domain.people import Wish
from services.matching.domain.policy import STANDARD
from services.matching.domain.proposal import LeftOut, Proposal, Uncovered, propose
from services.matching.tables import build
from tests.support.matching_facts import FACTS, KNOWING, WISHING, with_person, with_profile
from tests.support.pairing import LENA, WINTER, considered


def proposal(facts: Facts) -> Proposal:
    """What a run over these facts proposes."""
    considered = inputs(facts)
    table = build(considered, STANDARD)
    partner = solve(table.instance).partner.tolist()
    paired = [(column, row) for row, column in enumerate(partner) if column >= 0]
    chosen = [(table.mentor_ids[column], table.mentee_ids[row]) for column, row in paired]
    return propose(chosen, considered, STANDARD)


def crowd() -> Facts:
    """Five executives, two mentors: lena takes two mentees, max nobody above him."""
    people = [Person(f"e-{n}", "holding", active=n != 4, language="de", manager_id=None) for n in range(5)]
    max_ = Person("max", "holding", active=True, language="de", manager_id="e-0")
    facts = replace(
        FACTS,
        mentors=frozenset({"lena", "max"}),
        mentees=frozenset(one.person_id for one in people),
        profiles={"lena": replace(KNOWING, capacity=2), "max": KNOWING, "e-3": replace(WISHING, languages=("fr",))},
    )
    for person in (*people, max_):
        facts = with_person(facts, person)
    return facts


def test_proposal_covers_whom_it_can_and_tells_of_all_others_why() -> None:
    """Every obliged executive without a mentor is either in a pair or uncovered with a reason."""
    found = proposal(crowd())

    mentor_of = {one.mentee_id: one.mentor_id for one in found.pairs}
    assert (mentor_of.keys(), mentor_of["e-0"]) == ({"e-0", "e-1", "e-2"}, "lena")
    assert found.uncovered == (
        Uncovered("e-3", "no_mentor_allowed", (("no_common_language", 2),)),
        Uncovered("e-4", "left"),
    )
    assert found.executives == 5
    assert found.policy_version == STANDARD.label


def test_executive_is_told_that_others_need_the_mentors() -> None:
    """With one mentor for two, the reason counts also who could not be the mentor anyway."""
    facts = replace(crowd(), mentors=frozenset({"max"}), mentees=frozenset({"e-1", "e-2"}))

    [one] = proposal(facts).uncovered

    assert (one.reason, one.barred) == ("no_mentor_free", ())


def test_pairs_are_listed_from_the_worst_to_the_best() -> None:
    """The pair to look at first comes first; worst and total are those of the pairs, each explained."""
    facts = with_profile(crowd(), "e-1", replace(WISHING, wishes=(Wish("youtube", 1),)))

    found = proposal(facts)

    points = [one.points for one in found.pairs]
    assert points == sorted(points)
    assert found.pairs[0].mentee_id == "e-1"
    assert (found.worst, found.total) == (points[0], sum(points))
    assert all(one.points == sum(part.points for part in one.criteria) for one in found.pairs)


def test_who_has_a_mentor_is_not_counted_again() -> None:
    """A second run of an edition goes over those who are left."""
    facts = replace(crowd(), taken=(Taken("lena", "e-0", 1), Taken("lena", "e-1", 2)))

    found = proposal(facts)

    assert found.executives == 3
    assert [one.mentee_id for one in found.pairs] == ["e-2"]


def test_without_anybody_the_proposal_is_empty() -> None:
    """No candidates are no error."""
    found = proposal(replace(FACTS, mentors=frozenset(), mentees=frozenset()))

    assert (found.executives, found.pairs, found.worst, found.total) == (0, (), None, 0)


def test_reasons_are_told_in_sentences() -> None:
    """Each reason says what to do; barred mentors are counted by rule."""
    told = explanations.of_uncovered("no_mentor_allowed", (("no_common_language", 2), ("reporting_line", 1)))

    assert "2 because the mentor shares no language" in told
    assert "1 because the mentor stands in one reporting line" in told
    assert "no mentor with a free place" in explanations.of_uncovered("no_mentor_allowed", ())
    for reason in ("unknown_person", "left", "no_mentor_free"):
        assert explanations.of_uncovered(reason, ()) != reason


def test_mentors_who_were_not_considered_are_named() -> None:
    """With the reason."""
    facts = with_profile(FACTS, "lena", replace(KNOWING, capacity=0))

    assert proposal(facts).mentors_left_out == (LeftOut("lena", "full"),)


def test_reasons_of_a_thousand_executives_are_counted_at_once() -> None:
    """Not pair by pair: a re-match in which few have a mentor asks for them three times; of processor time."""
    mentors = [replace(LENA, person_id=f"m{number}", capacity=0) for number in range(1200)]
    now = considered(mentors, [replace(WINTER, person_id=f"e{number}") for number in range(1000)])
    began = time.process_time()

    found = propose([], now, STANDARD)

    assert time.process_time() - began < 0.5
    assert {one.reason for one in found.uncovered} == {"no_mentor_free"}
    assert len(found.uncovered) == 1000
