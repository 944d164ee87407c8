"""Promises of the ranking, held against a naive one in fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from statistics import median as fractions_median
from statistics import pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.ranking import (
    POINT,
    Contender,
    Counted,
    Cut,
    Departure,
    Ranked,
    Status,
    Vacancy,
    Weighing,
    cut,
    median,
    normalised,
    rank,
    total,
    vacancies,
)

WEIGHING = {"fit": Weighing(40, 4), "skill": Weighing(35, 7), "words": Weighing(25, 5)}


@st.composite
def weighings(draw: st.DrawFn) -> dict[str, Weighing]:
    """Any rubric: one to twelve criteria whose weights are 100 together."""
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=11)))
    weights = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    return {f"c{number}": Weighing(weight, draw(st.integers(2, 7))) for number, weight in enumerate(weights)}


@given(weighings(), st.data())
def test_total_is_exact(weighing: dict[str, Weighing], data: st.DataObject) -> None:
    """A total is the sum of weight * level / levels without any rounding, and 100 where all levels are the best."""
    scores = {name: data.draw(st.integers(1, one.levels)) for name, one in weighing.items()}

    exact = sum(Fraction(one.weight * scores[name], one.levels) for name, one in weighing.items())

    assert Fraction(total(weighing, scores), POINT) == exact
    assert total(weighing, {name: one.levels for name, one in weighing.items()}) == 100 * POINT


def test_missing_criterion_adds_nothing() -> None:
    """The total so far of a sheet that is not complete."""
    assert total(WEIGHING, {"fit": 2}) == 20 * POINT


@given(st.lists(st.tuples(*(st.integers(1, one.levels) for one in WEIGHING.values())), min_size=1, max_size=6))
def test_median_is_exact(levels: list[tuple[int, ...]]) -> None:
    """Also of an even number of totals the median is the exact mean of the two in the middle."""
    totals = [total(WEIGHING, dict(zip(WEIGHING, some, strict=True))) for some in levels]

    assert Fraction(median(totals)) == fractions_median([Fraction(one) for one in totals])


SCORED = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.lists(st.integers(0, 8).map(lambda number: number * POINT * 10), min_size=1, max_size=4),
)


@given(SCORED, st.text(max_size=4))
def test_rank_is_one_more_than_the_number_of_better_ones(scored: dict[str, list[int]], seed: str) -> None:
    """Equal medians share a rank and are called tied; the next one's rank leaves as many out."""
    exact = {id: fractions_median([Fraction(one) for one in totals]) for id, totals in scored.items()}

    ranked = rank(scored, seed)

    assert {one.application_id for one in ranked} == set(scored)
    assert [one.rank for one in ranked] == sorted(one.rank for one in ranked)
    for one in ranked:
        mine = exact[one.application_id]
        assert one.rank == 1 + sum(other > mine for other in exact.values())
        assert one.tied == (list(exact.values()).count(mine) > 1)
        assert one.spread == max(scored[one.application_id]) - min(scored[one.application_id])


@given(SCORED, st.text(max_size=4), st.randoms(use_true_random=False))
def test_order_of_sheets_and_applications_decides_nothing(
    scored: dict[str, list[int]], seed: str, shuffler: object
) -> None:
    """The same sheets in another order give the same list, ties in the same order."""
    ids = list(scored)
    shuffler.shuffle(ids)  # type: ignore[attr-defined]

    assert rank({id: list(reversed(scored[id])) for id in ids}, seed) == rank(scored, seed)


def line(*medians: int, **facts: tuple[int, Status]) -> tuple[tuple[Ranked, ...], dict[str, Contender]]:
    """Applications a, b, c … with these medians; ``facts`` are places and status of those that are not plain."""
    ids = "abcdefghij"[: len(medians)]
    ranked = rank({id: [points] for id, points in zip(ids, medians, strict=True)}, "seed")
    return ranked, {id: Contender(*facts.get(id, (1, "applied"))) for id in ids}


def proposals(found: Cut) -> dict[str, str | None]:
    """What is proposed for each application."""
    return {id: one.proposal for id, one in found.placed.items()}


def test_whoever_fills_the_places_is_proposed() -> None:
    """Places count, not heads: the last one needed may bring one too many; the rest is numbered below the line."""
    ranked, contenders = line(90, 80, 70, 60, 50, b=(2, "applied"))

    found = cut(ranked, contenders, needed=3)

    assert proposals(found) == dict(zip("abcde", ["selected"] * 2 + ["reserved"] * 3, strict=True))
    assert [found.placed[id].cumulated for id in "abcde"] == [1, 3, 4, 5, 6]
    assert [found.placed[id].reserve_number for id in "abcde"] == [None, None, 1, 2, 3]
    assert (found.taken, found.proposed, found.tied) == (0, 3, 0)


def test_tie_across_the_cut_is_left_to_people() -> None:
    """Of two with the same median and one place nobody is proposed for anything, nor is anybody below for a place."""
    ranked, contenders = line(90, 80, 80, 70)

    found = cut(ranked, contenders, needed=2)

    assert proposals(found) == {"a": "selected", "b": None, "c": None, "d": "reserved"}
    assert [found.placed[id].tie_at_cut for id in "abcd"] == [False, True, True, False]
    assert found.placed["d"].reserve_number == 2
    assert (found.proposed, found.tied) == (1, 1)


def test_numbers_below_a_tie_stay_when_people_decide_it() -> None:
    """Of three with one median one was noted as a reserve, and two compete for a place: either way two are reserves."""
    ranked, contenders = line(80, 80, 80, 70)
    contenders["a"] = Contender(1, "applied", noted="reserved")

    tied = cut(ranked, contenders, needed=1)
    decided = cut(ranked, contenders | {"b": Contender(1, "selected"), "c": Contender(1, "reserved")}, needed=1)

    assert (tied.placed["d"].reserve_number, decided.placed["d"].reserve_number) == (3, 3)


def test_reserves_are_numbered_from_one_when_all_places_are_given() -> None:
    """Those who were selected count for nothing in the numbers of those who wait."""
    ranked = rank({"a": [90], "b": [80], "c": [70], "d": [60]}, "seed")
    there: dict[str, Contender] = {id: Contender(1, "selected") for id in "ab"} | {
        id: Contender(1, "reserved") for id in "cd"
    }

    placed = cut(ranked, there, 2).placed

    assert [placed[id].reserve_number for id in "abcd"] == [None, None, 1, 2]


def test_who_is_proposed_for_a_place_that_is_free_again_stays_first_of_the_reserves() -> None:
    """Nobody's number changes before people decide."""
    reserved: tuple[int, Status] = (1, "reserved")
    ranked, contenders = line(90, 80, 70, 70, 60, a=(1, "withdrawn"), b=reserved, c=reserved, d=reserved, e=reserved)
    for needed, proposal in ((1, "selected"), (0, "reserved")):
        found = cut(ranked, contenders, needed)
        assert found.placed["b"].proposal == proposal
        assert [found.placed[id].reserve_number for id in "abcde"] == [None, 1, 2, 2, 4]
    assert [one.reserve_number for one in cut(ranked, contenders, 2).placed.values()] == [None, 1, 2, 2, 4]


def test_tie_that_fits_needs_no_decision() -> None:
    """Two with the same median and two places are both proposed."""
    ranked, contenders = line(90, 80, 80, 70)

    found = cut(ranked, contenders, needed=3)

    assert proposals(found) == {"a": "selected", "b": "selected", "c": "selected", "d": "reserved"}
    assert not any(one.tie_at_cut for one in found.placed.values())


def test_tied_reserves_share_a_number() -> None:
    """Below the line equal medians have the same number, and the next one's leaves one out."""
    ranked, contenders = line(90, 80, 80, 70)

    found = cut(ranked, contenders, needed=1)

    assert [found.placed[id].reserve_number for id in "abcd"] == [None, 1, 1, 3]


def test_released_decisions_take_their_places_first() -> None:
    """Who was selected or accepted by people stays so wherever they rank; who was declined takes no place."""
    ranked, contenders = line(90, 80, 70, 60, a=(1, "declined"), d=(1, "accepted"))

    found = cut(ranked, contenders, needed=2)

    assert proposals(found) == {"a": None, "b": "selected", "c": "reserved", "d": None}
    assert [found.placed[id].cumulated for id in "abcd"] == [0, 1, 2, 3]
    assert (found.taken, found.proposed) == (1, 1)


def test_noted_decisions_take_their_places_before_they_are_released() -> None:
    """What is noted is proposed no more; its places count, and whoever is noted to be declined leaves theirs."""
    ranked, contenders = line(90, 80, 70, 60, 50)
    for id, noted in (("a", "declined"), ("d", "selected")):
        contenders[id] = replace(contenders[id], noted=noted)

    found = cut(ranked, contenders, needed=2)

    assert proposals(found) == {"a": None, "b": "selected", "c": "reserved", "d": None, "e": "reserved"}
    assert [found.placed[id].cumulated for id in "abcde"] == [0, 1, 2, 3, 4]
    assert [found.placed[id].reserve_number for id in "abcde"] == [None, None, 1, None, 2]
    assert (found.taken, found.proposed) == (1, 1)


def test_who_is_noted_as_a_reserve_is_numbered_among_them() -> None:
    """Their place goes to the next in rank, and the list below counts on from them."""
    ranked, contenders = line(90, 80, 70)
    contenders["a"] = replace(contenders["a"], noted="reserved")

    found = cut(ranked, contenders, needed=1)

    assert proposals(found) == {"a": None, "b": "selected", "c": "reserved"}
    assert [found.placed[id].reserve_number for id in "abc"] == [1, None, 2]


def test_tie_is_none_any_more_once_one_of_it_is_noted() -> None:
    """Of two with the same median one was preferred by people: the other one is the first reserve."""
    ranked, contenders = line(90, 80, 80)
    contenders["c"] = replace(contenders["c"], noted="selected")

    found = cut(ranked, contenders, needed=2)

    assert proposals(found) == {"a": "selected", "b": "reserved", "c": None}
    assert (found.taken, found.proposed, found.tied) == (1, 1, 0)


def test_places_of_who_was_selected_without_a_rank_are_taken_too() -> None:
    """People may select somebody of whom no sheet counts; nobody is proposed for that place."""
    ranked, contenders = line(90, 80)

    found = cut(ranked, {**contenders, "unranked": Contender(1, "selected")}, needed=2)

    assert proposals(found) == {"a": "selected", "b": "reserved"}
    assert (found.taken, found.proposed) == (1, 1)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.sampled_from(["applied", "reserved"])), max_size=9),
    st.integers(0, 12),
)
def test_cut_is_fair(given_: list[tuple[int, int, Status]], needed: int) -> None:
    """Nobody is proposed beside somebody better who is not; equal medians are treated alike; enough, not more."""
    ids = [f"a{number}" for number in range(len(given_))]
    ranked = rank({id: [points] for id, (points, _, _) in zip(ids, given_, strict=True)}, "seed")
    contenders = {id: Contender(places, status) for id, (_, places, status) in zip(ids, given_, strict=True)}

    found = cut(ranked, contenders, needed)

    order = {"selected": 0, None: 1, "reserved": 2}
    assert [order[found.placed[one.application_id].proposal] for one in ranked] == sorted(
        order[found.placed[one.application_id].proposal] for one in ranked
    )
    for number in {one.rank for one in ranked}:
        assert len({found.placed[one.application_id].proposal for one in ranked if one.rank == number}) == 1
    reserves = [one for one in found.placed.values() if one.proposal == "reserved"]
    ties = [id for id, one in found.placed.items() if one.tie_at_cut]
    assert found.proposed >= needed or not reserves or ties
    assert sum(contenders[id].places for id in ties) + found.proposed >= needed or not reserves
    assert found.tied == (max(0, needed - found.proposed) if ties else 0)


def test_stricter_assessor_is_lifted() -> None:
    """Normalised totals have, per assessor, the mean and the deviation of all; a single sheet is only shifted."""
    points = {"strict": [20, 30, 40], "kind": [80, 90, 100], "new": [55]}
    counted = [
        Counted(f"{assessor}{n}", f"a{n}", assessor, one * POINT)
        for assessor, some in points.items()
        for n, one in enumerate(some)
    ]
    everybody = [one for some in points.values() for one in some]
    mean, deviation = sum(everybody) / 7, pstdev(everybody)

    found = normalised(counted)

    for assessor in ("strict", "kind"):
        assert found[f"{assessor}1"] == pytest.approx(mean)
        assert found[f"{assessor}2"] == pytest.approx(mean + 10 * deviation / pstdev([20, 30, 40]))
    assert found["new0"] == pytest.approx(mean)


def test_equal_totals_are_only_shifted() -> None:
    """An assessor who gives everybody the same has no spread to scale by."""
    counted = [Counted(f"s{n}", f"a{n}", "flat", 50 * POINT) for n in range(4)]
    counted += [Counted(f"t{n}", f"a{n}", "wide", n * 20 * POINT) for n in range(4)]

    assert normalised(counted)["s0"] == pytest.approx(40)
    assert normalised([]) == {}


def test_vacancy_names_the_next_reserve() -> None:
    """The newest departures are open while places are short, each with the next reserve in rank order."""
    reserves, _ = line(70, 60, 50)
    departed = [Departure("old", 1), Departure("newer", 2), Departure("newest", 1)]

    assert vacancies(departed, reserves, short=2) == (Vacancy("newer", "a"), Vacancy("newest", "b"))
    assert vacancies(departed, reserves, short=0) == ()


def test_tied_reserves_are_left_to_people() -> None:
    """Where two reserves are equally good the system names neither."""
    reserves, _ = line(70, 70)

    assert vacancies([Departure("gone", 1)], reserves, short=1) == (Vacancy("gone", None),)
