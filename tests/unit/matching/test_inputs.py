"""Who can be matched, who cannot and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.chassis.envelope import Event
from services.matching import contracts
from services.matching.domain import explanations
from services.matching.domain.candidates import Candidate, Edition, Obliged, Selected
from services.matching.domain.hard_rules import Barred
from services.matching.domain.inputs import Facts, Taken, inputs, obstacle
from services.matching.domain.members import clock_of, languages, line_above
from services.matching.domain.people import LanguageLevel
from services.matching.domain.policy import STANDARD
from services.matching.projections import Known, fold
from tests.support.matching_facts import BOSS, FACTS, KNOWING, LENA, WINTER, WISHING, with_person, with_profile, without


def barred(facts: Facts) -> str | None:
    """Why lena and winter can not be a pair."""
    return obstacle(inputs(facts), mentor_id="lena", mentee_id="winter", policy=STANDARD)


# Who can be matched


def test_candidates_are_taken_with_their_profile_and_line() -> None:
    """Whoever is selected or obliged, and works here, is matched."""
    found = inputs(FACTS)

    assert (found.mentors["lena"].skills, found.mentors["lena"].capacity) == (KNOWING.skills, 1)
    assert found.mentors["lena"].superiors == ("chief", "boss")
    assert (found.mentees["winter"].wishes, found.mentees["winter"].subsidiary) == (WISHING.wishes, "holding")
    assert (found.mentors_out, found.mentees_out) == ({}, {})


def test_who_names_no_language_speaks_that_of_the_directory() -> None:
    """An empty list would forbid every pair."""
    facts = with_profile(FACTS, "winter", replace(WISHING, languages=()))
    facts = with_profile(facts, "lena", replace(KNOWING, languages=()))

    assert inputs(facts).mentees["winter"].languages == {"de": 6}
    assert inputs(facts).mentors["lena"].languages == {"de": 6}


def test_executive_without_a_profile_takes_part_without_wishes() -> None:
    """Nobody stays without a mentor because a form was not filled in."""
    facts = replace(FACTS, profiles={"lena": KNOWING})

    assert (inputs(facts).mentees["winter"].wishes, inputs(facts).without_profile) == ((), {"winter"})
    assert inputs(FACTS).without_profile == frozenset()


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
        (
            with_person(
                replace(FACTS, mentees=frozenset(), out_of_scope=frozenset({"winter"})), replace(WINTER, active=False)
            ),
            "mentee_left",
        ),
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


def test_who_is_full_could_be_matched_with_a_place_more() -> None:
    """With nothing but that in the way: neither one who left, nor one who offers no place and has nobody."""
    facts = replace(FACTS, taken=(Taken("lena", "other", 1),))
    gone = replace(facts, persons={**facts.persons, "lena": replace(facts.persons["lena"], active=False)})

    assert inputs(facts).full == {"lena": replace(inputs(FACTS).mentors["lena"], capacity=0)}
    assert inputs(FACTS).full == inputs(gone).full == inputs(replace(FACTS, places={"lena": 0})).full == {}


def test_places_that_people_gave_count_instead_of_the_profile() -> None:
    """More or fewer; those that are taken are gone."""
    facts = replace(FACTS, taken=(Taken("lena", "other", 1),))

    assert inputs(replace(facts, places={"lena": 3})).slots["lena"] == (2, 3)
    assert inputs(replace(facts, places={"lena": 1})).mentors_out == {"lena": "full"}
    assert inputs(replace(FACTS, places={"lena": 0})).mentors_out == {"lena": "full"}
    assert inputs(replace(facts, places={"lena": 3})).own_places == {"lena": 1}


def test_pairs_of_people_and_of_other_editions_are_told_apart() -> None:
    """An active pair takes the executive; one of another edition only forbids itself."""
    facts = replace(
        FACTS, taken=(Taken("max", "other", 1),), earlier=frozenset({("lena", "winter"), ("max", "winter")})
    )

    assert inputs(facts).taken == {"other": "max"}
    assert inputs(facts).mentors["lena"].earlier == {"winter"}
    assert barred(facts) == "earlier_pair"


def test_pair_that_people_forbade_meanwhile_cannot_be_published() -> None:
    """An objection to a proposed pair counts as much as a change of the directory."""
    blocked = Barred(blocked=frozenset({("lena", "winter")}))
    found = obstacle(inputs(FACTS), mentor_id="lena", mentee_id="winter", policy=STANDARD, barred=blocked)

    assert found == "blocked"


# How facts are read


def test_what_both_say_of_themselves_is_taken() -> None:
    """Places are compared without regard to capitals and blanks; half days by the clock of the place of work."""
    said = replace(KNOWING, place=" Hamburg ", remote=False, availability=("mon_am", "tue_pm"))
    facts = with_person(with_profile(FACTS, "lena", said), replace(LENA, zone="Europe/Berlin"))

    lena = inputs(facts).mentors["lena"]

    assert (lena.place, lena.remote, lena.availability) == ("hamburg", False, {"mon_am", "tue_pm"})
    assert lena.clock == "+0100/+0200"


def test_declared_levels_count_and_named_languages_are_taken_for_b2() -> None:
    """The language of the directory is the own one, and counts as C2 unless its level was declared."""
    declared = [LanguageLevel("en-GB", "C1"), LanguageLevel("FR", "A2")]
    assert languages(["en", "it"], declared, own="de") == {"en": 5, "fr": 2, "it": 4}
    assert languages(["de-AT"], [], own="de") == {"de": 6}
    assert languages([], [], own="de-CH") == {"de": 6}
    assert languages([], declared, own="de") == {"en": 5, "fr": 2, "de": 6}
    assert languages(["de"], [LanguageLevel("de", "B1")], own="de") == {"de": 3}
    assert languages(["", "de"], [], own="") == {"de": 4}


def test_of_two_levels_of_one_language_the_better_counts() -> None:
    """In whatever order they were declared."""
    levels = [LanguageLevel("en-GB", "C1"), LanguageLevel("en-US", "B1")]
    assert languages([], levels, own="en") == languages([], levels[::-1], own="en") == {"en": 5}


def test_zones_with_the_same_clock_are_told_from_others() -> None:
    """Berlin and Vienna have mornings together, Singapore has its own; what no zone is called is not known."""
    assert clock_of("Europe/Berlin") == clock_of("Europe/Vienna") != clock_of("Asia/Singapore")
    assert clock_of("Africa/Lagos") != clock_of("Europe/Berlin")
    assert [clock_of(zone) for zone in ("", "Nowhere/At all", "../etc")] == ["", "", ""]


def test_line_above_reaches_the_top_and_survives_a_circle() -> None:
    """Everybody above is found, the nearest first; a circle in the roster ends the walk without the person in it."""
    assert line_above("a", {"a": "b", "b": "c", "c": None}) == ("b", "c")
    assert line_above("a", {"a": "b", "b": "c", "c": "b"}) == ("b", "c")
    assert line_above("a", {"a": "b", "b": "a"}) == ("b",)
    assert line_above("a", {"a": "a"}) == ()
    assert line_above("a", {}) == ()


# What is kept of the events of `applications`

_EDITION = contracts.EditionOpened(ends_on=date(2027, 2, 28))
_WHOLE_GROUP = contracts.EditionOpened(ends_on=date(2027, 2, 28), subsidiaries=("north",), group_wide=True)
_MENTOR = contracts.MentorSelected(edition_id="e-1", mentor_id="lena")
_EXECUTIVE = contracts.MenteeObliged(edition_id="e-1", mentee_id="winter")
_EXEMPT = contracts.MenteeExempted(edition_id="e-1", mentee_id="winter")
_AWAY = contracts.MenteeExempted(edition_id="e-1", mentee_id="winter", until=date(2026, 12, 1))
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
        ([_EXECUTIVE, _EXEMPT], Obliged("e-1", "winter", exempt=True, for_good=True)),
        ([_EXECUTIVE, _AWAY], Obliged("e-1", "winter", exempt=True)),
        ([_EXECUTIVE, _LEFT], Obliged("e-1", "winter", exempt=False, left=True)),
        ([_EXECUTIVE, _LEFT, _EXECUTIVE], Obliged("e-1", "winter", exempt=False)),
        ([_MENTOR, _WITHDRAWN], Selected("e-1", "lena", stands=False)),
        ([_MENTOR, _WITHDRAWN, _MENTOR], Selected("e-1", "lena")),
        ([_RESERVED], Selected("e-1", "lena", stands=False, reserve=True)),
        ([_RESERVED, _MENTOR], Selected("e-1", "lena")),
        ([_DECLINED], Selected("e-1", "lena", stands=False)),
        ([contracts.EditionChanged()], None),
        ([contracts.EditionChanged(), _EDITION], Edition("s-1", date(2027, 2, 28))),
        ([_EDITION, contracts.EditionChanged()], Edition("s-1", date(2027, 2, 28))),
        ([_WHOLE_GROUP], Edition("s-1", date(2027, 2, 28), ("north",), group_wide=True)),
        ([_EDITION, _NEW_SCOPE], Edition("s-1", date(2027, 2, 28), ("north", "south"), group_wide=True)),
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
