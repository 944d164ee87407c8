"""Who can be matched, who cannot and why; and what a run proposes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.chassis.envelope import Event
from services.matching import contracts
from services.matching.assignment import solve
from services.matching.domain import explanations
from services.matching.domain.candidates import Candidate, Edition, Obliged, Selected
from services.matching.domain.inputs import Facts, Person, Profile, Taken, inputs, obstacle
from services.matching.domain.proposal import LeftOut, Proposal, Uncovered, propose
from services.matching.domain.scoring import DEFAULT_POLICY, Skill, Wish, table
from services.matching.projections import Known, fold

LENA = Person("lena", "services", active=True, language="de", manager_id="chief")
CHIEF = Person("chief", "services", active=True, language="de", manager_id="boss")
BOSS = Person("boss", "holding", active=True, language="de", manager_id=None)
WINTER = Person("winter", "holding", active=True, language="de", manager_id=None)
KNOWING = Profile((Skill("tiktok", 4),), (), ("de",), "Hamburg", capacity=1)
WISHING = Profile((), (Wish("tiktok", 1),), ("de",), "Hamburg", capacity=0)
FACTS = Facts(
    mentors=frozenset({"lena"}),
    mentees=frozenset({"winter"}),
    persons={one.person_id: one for one in (LENA, CHIEF, BOSS, WINTER)},
    profiles={"lena": KNOWING, "winter": WISHING},
    taken=(),
)


def with_person(facts: Facts, person: Person) -> Facts:
    return replace(facts, persons={**facts.persons, person.person_id: person})


def with_profile(facts: Facts, person_id: str, profile: Profile) -> Facts:
    return replace(facts, profiles={**facts.profiles, person_id: profile})


def without(facts: Facts, person_id: str) -> Facts:
    """The facts after a person's profile and entry in the directory are gone."""
    return replace(
        facts,
        persons={id: one for id, one in facts.persons.items() if id != person_id},
        profiles={id: one for id, one in facts.profiles.items() if id != person_id},
    )


def barred(facts: Facts) -> str | None:
    """Why lena and winter can not be a pair."""
    return obstacle(inputs(facts), mentor_id="lena", mentee_id="winter", policy=DEFAULT_POLICY)


def proposal(facts: Facts) -> Proposal:
    """What a run over these facts proposes."""
    considered = inputs(facts)
    rated = table(considered.mentors.values(), considered.mentees.values(), DEFAULT_POLICY)
    return propose(rated, solve(rated.scores(), rated.capacities()).pairs, considered, DEFAULT_POLICY)


# Who can be matched


def test_candidates_are_taken_with_their_profile_and_line() -> None:
    """Whoever is selected or obliged, and works here, is matched."""
    found = inputs(FACTS)

    assert (found.mentors["lena"].skills, found.mentors["lena"].capacity) == (KNOWING.skills, 1)
    assert found.mentors["lena"].manager_line == {"chief", "boss"}
    assert (found.mentees["winter"].wishes, found.mentees["winter"].subsidiary) == (WISHING.wishes, "holding")
    assert (found.mentors_out, found.mentees_out) == ({}, {})


def test_who_names_no_language_speaks_that_of_the_directory() -> None:
    """An empty list would forbid every pair."""
    facts = with_profile(FACTS, "winter", replace(WISHING, languages=()))
    facts = with_profile(facts, "lena", replace(KNOWING, languages=()))

    assert inputs(facts).mentees["winter"].languages == ("de",)
    assert inputs(facts).mentors["lena"].languages == ("de",)


def test_executive_without_a_profile_takes_part_without_wishes() -> None:
    """Nobody stays without a mentor because a form was not filled in."""
    facts = replace(FACTS, profiles={"lena": KNOWING})

    assert (inputs(facts).mentees["winter"].wishes, inputs(facts).without_profile) == ((), {"winter"})
    assert inputs(FACTS).without_profile == frozenset()
    assert proposal(facts).pairs[0].mentee_id == "winter"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (with_person(FACTS, replace(LENA, active=False)), "left"),
        (without(FACTS, "lena"), "unknown_person"),
        (replace(FACTS, companies=frozenset({"holding", "north"})), "moved_out"),
        (with_person(FACTS, replace(LENA, executive=True)), "executive"),
        (replace(FACTS, profiles={"winter": WISHING}), "no_profile"),
        (with_profile(FACTS, "lena", replace(KNOWING, capacity=0)), "full"),
        (replace(FACTS, taken=(Taken("lena", "other", 1),)), "full"),
    ],
)
def test_mentor_who_cannot_be_matched_is_out_with_a_reason(facts: Facts, reason: str) -> None:
    """The run names such mentors, and a proposed pair with one is in conflict."""
    assert inputs(facts).mentors == {}
    assert inputs(facts).mentors_out == {"lena": reason}
    assert proposal(facts).mentors_left_out == (LeftOut("lena", reason),)
    assert barred(facts) == f"mentor_{reason}"
    assert explanations.of_left_out(reason) != reason
    assert explanations.of_conflict(f"mentor_{reason}") != f"mentor_{reason}"


def test_mentor_of_one_of_the_editions_companies_is_matched() -> None:
    """Whatever the company of the executive."""
    assert "lena" in inputs(replace(FACTS, companies=frozenset({"services"}))).mentors


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (with_person(FACTS, replace(WINTER, active=False)), "left"),
        (without(FACTS, "winter"), "unknown_person"),
        (replace(FACTS, taken=(Taken("other", "winter", 1),)), "already_paired"),
    ],
)
def test_executive_who_cannot_be_matched_is_out_with_a_reason(facts: Facts, reason: str) -> None:
    """A proposed pair with one is in conflict."""
    assert inputs(facts).mentees == {}
    assert inputs(facts).mentees_out == {"winter": reason}
    assert barred(facts) == f"mentee_{reason}"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (FACTS, None),
        (replace(FACTS, mentees=frozenset()), "mentee_exempt"),
        (replace(FACTS, mentees=frozenset(), out_of_scope=frozenset({"winter"})), "mentee_out_of_scope"),
        (replace(FACTS, mentors=frozenset()), "mentor_not_selected"),
        (with_person(FACTS, replace(BOSS, manager_id="winter")), "reporting_line"),
        (with_profile(FACTS, "lena", replace(KNOWING, languages=("fr",))), "no_common_language"),
    ],
)
def test_pair_is_looked_at_once_more_before_it_is_published(facts: Facts, reason: str | None) -> None:
    """What changed since the proposal is found, rules included."""
    assert barred(facts) == reason
    assert reason is None or explanations.of_conflict(reason) != reason


def test_used_slots_count_against_the_capacity() -> None:
    """A mentor's free places are numbered, the lowest first."""
    facts = with_profile(FACTS, "lena", replace(KNOWING, capacity=3))
    facts = replace(facts, taken=(Taken("lena", "other", 2),))

    assert inputs(facts).slots["lena"] == (1, 3)
    assert inputs(facts).mentors["lena"].capacity == 2


def test_a_lowered_capacity_is_never_exceeded() -> None:
    """One mentee in slot 2 is enough for a mentor who now takes one, though slot 1 is free."""
    facts = replace(FACTS, taken=(Taken("lena", "other", 2),))

    assert inputs(facts).slots["lena"] == ()
    assert inputs(facts).mentors_out == {"lena": "full"}


# What a run proposes


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
    assert found.policy_version == DEFAULT_POLICY.version


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
    assert "1 because the mentor reports to the executive" in told
    assert "no mentor with a free place" in explanations.of_uncovered("no_mentor_allowed", ())
    for reason in ("unknown_person", "left", "no_mentor_free"):
        assert explanations.of_uncovered(reason, ()) != reason


# What is kept of the events of `applications`

_EDITION = contracts.EditionOpened(ends_on=date(2027, 2, 28))
_MENTOR = contracts.MentorSelected(edition_id="e-1", mentor_id="lena")
_EXECUTIVE = contracts.MenteeObliged(edition_id="e-1", mentee_id="winter")
_EXEMPT = contracts.MenteeExempted(edition_id="e-1", mentee_id="winter")
_LEFT = contracts.MenteeLeft(edition_id="e-1", mentee_id="winter")
_RESERVED = contracts.MentorReserved(edition_id="e-1", mentor_id="lena")
_DECLINED = contracts.MentorDeclined(edition_id="e-1", mentor_id="lena")
_WITHDRAWN = contracts.ApplicationWithdrawn(edition_id="e-1", mentor_id="lena")
_NEW_SCOPE = contracts.EditionChanged(subsidiaries=("north", "south"))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([_EDITION], Edition("s-1", date(2027, 2, 28))),
        ([_MENTOR], Selected("e-1", "lena")),
        ([_EXECUTIVE], Obliged("e-1", "winter", exempt=False)),
        ([_EXECUTIVE, _EXEMPT], Obliged("e-1", "winter", exempt=True)),
        ([_EXECUTIVE, _LEFT], Obliged("e-1", "winter", exempt=False, left=True)),
        ([_EXECUTIVE, _LEFT, _EXECUTIVE], Obliged("e-1", "winter", exempt=False)),
        ([_MENTOR, _WITHDRAWN], Selected("e-1", "lena", stands=False)),
        ([_MENTOR, _WITHDRAWN, _MENTOR], Selected("e-1", "lena")),
        ([_RESERVED], Selected("e-1", "lena", stands=False)),
        ([_RESERVED, _MENTOR], Selected("e-1", "lena")),
        ([_DECLINED], Selected("e-1", "lena", stands=False)),
        ([contracts.EditionChanged()], None),
        ([contracts.EditionChanged(), _EDITION], Edition("s-1", date(2027, 2, 28))),
        ([_EDITION, contracts.EditionChanged()], Edition("s-1", date(2027, 2, 28))),
        ([_EDITION, _NEW_SCOPE], Edition("s-1", date(2027, 2, 28), ("north", "south"))),
        ([_EDITION, contracts.EditionClosed()], Edition("s-1", date(2027, 2, 28), closed=True)),
    ],
)
def test_the_last_event_says_what_is_kept(told: list[Known], kept: Candidate | None) -> None:
    """A candidate is what its newest event says."""
    state: Candidate | None = None
    for number, data in enumerate(told, 1):
        state = fold(state, Event("id", "/tandem/applications", "type", "s-1", number, None, b""), data)

    assert state == kept


def test_edition_is_over_after_its_last_day() -> None:
    """The last day belongs to it, unless people closed it before."""
    edition = Edition("e-1", date(2026, 6, 30))

    assert not edition.is_over(datetime(2026, 6, 30, 23, 59, tzinfo=UTC))
    assert edition.is_over(datetime(2026, 7, 1, tzinfo=UTC))
    assert replace(edition, closed=True).is_over(datetime(2026, 3, 1, tzinfo=UTC))
